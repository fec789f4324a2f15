"""What every model can do, and what is known of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from evalkit.schema import Estimate, Request, Response, Work

DTYPES = ("auto", "float32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a model is called in signatures and manifests.

    `version` is the hub's commit, or a hash of the weight files; `window` counts the tokens that it can read at once,
    `parameters` its weights.
    """

    name: str
    version: str
    kind: str
    dtype: str
    device: str
    parameters: int
    window: int


class Model(Protocol):
    """Scores completions."""

    @property
    def identity(self) -> Identity:
        """What the model is."""

    def encode(self, pairs: Sequence[tuple[str, str]]) -> list[Request]:
        """Token ids of (context, completion) pairs. A token that straddles the boundary belongs to the completion;
        an empty context becomes what the model's family begins a text with.
        """

    def shorten(self, request: Request, tokens: int) -> Request:
        """The request without the first `tokens` tokens of its text; what a text begins with stays."""

    def score(self, requests: Sequence[Request], progress: Callable[[int, int], None]) -> list[Response]:
        """The responses, in the order of the requests; `progress` is told of requests and tokens done."""

    def estimate(self, requests: Sequence[Request]) -> Estimate:
        """What scoring the requests would take."""

    @property
    def work(self) -> Work:
        """What all scoring so far took."""

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """Each token as one can read it."""
