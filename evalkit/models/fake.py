"""A model of known log-probabilities, for tests: one token per character, no weights, no libraries."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence

from evalkit.errors import ModelError
from evalkit.models.base import Identity
from evalkit.schema import Estimate, Request, Response, Work

_BEGIN = 0


class FakeModel:
    """Every character is a token. A token's log-probability is minus a number between 0 and 4 that a hash of the
    whole text up to it gives; completions named in `liked` get -0.001 per token and count as greedy.
    """

    def __init__(self, window: int = 2048, liked: Mapping[str, bool] | None = None) -> None:
        self._identity = Identity("fake", "0", "fake", "float64", "cpu", 0, window)
        self._liked = liked or {}
        self.requests: list[Request] = []
        self.work = Work()

    @property
    def identity(self) -> Identity:
        """See `Model.identity`."""
        return self._identity

    def encode(self, pairs: Sequence[tuple[str, str]]) -> list[Request]:
        """See `Model.encode`."""
        return [Request((_BEGIN, *map(ord, context)), tuple(map(ord, completion))) for context, completion in pairs]

    def shorten(self, request: Request, tokens: int) -> Request:
        """See `Model.shorten`."""
        if 1 + tokens > len(request.context):
            raise ModelError(f"the completion alone is longer than the model's window of {self._identity.window}")
        return Request((_BEGIN, *request.context[1 + tokens :]), request.completion)

    def score(self, requests: Sequence[Request], progress: Callable[[int, int], None]) -> list[Response]:
        """See `Model.score`."""
        self.requests.extend(requests)
        tokens = sum(request.tokens for request in requests)
        progress(len(requests), tokens)
        self.work += Work(requests=len(requests), tokens=tokens, computed=tokens, read=tokens)
        return [self._respond(request) for request in requests]

    def estimate(self, requests: Sequence[Request]) -> Estimate:
        """See `Model.estimate`."""
        tokens = sum(request.tokens for request in requests)
        return Estimate(Work(requests=len(requests), tokens=tokens, computed=tokens, read=tokens), 0)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """See `Model.pieces`."""
        return [chr(token) for token in ids]

    def _respond(self, request: Request) -> Response:
        completion = "".join(map(chr, request.completion))
        if self._liked.get(completion):
            return Response((-0.001,) * len(completion), True)
        return Response(tuple(_logprob(request, place) for place in range(len(completion))), False)


def _logprob(request: Request, place: int) -> float:
    text = repr((request.context, request.completion[: place + 1]))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64
    return -4 * number if not math.isclose(number, 0) else -4.0
