"""Examples to requests: draws the shots, renders the texts, encodes them, and makes them fit the model's window."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evalkit.errors import ModelError, PromptError
from evalkit.evaluation.prepare import Prepared
from evalkit.models.base import Model
from evalkit.prompts.compose import shot_text, text_request
from evalkit.schema import Query, Request, Shot, TextRequest
from evalkit.shots import draw

_CHUNK = 64  # queries encoded in one call: enough for a fast tokenizer, little in memory


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with its texts and requests, one of each for every completion that it scores.

    `unconditional` are the requests for the same completions after the bare cue, empty where the normalisation does
    not need them; `truncated` counts the context tokens cut off because not even the bare item fits.
    """

    query: Query
    texts: tuple[TextRequest, ...]
    requests: tuple[Request, ...]
    unconditional: tuple[Request, ...]
    truncated: int

    @property
    def all(self) -> tuple[Request, ...]:
        """Every request, in the order in which responses are expected."""
        return (*self.requests, *self.unconditional)


class Asker:
    """Asks the examples of one task with one prompt; remembers the text of each shot."""

    def __init__(self, prepared: Prepared, model: Model) -> None:
        self._prepared, self._model = prepared, model
        self._shot_texts: dict[str, str] = {}

    def ask(self, shots: int, seed: int) -> list[Asked]:
        """Every example of the task, with so many shots.

        Raises:
            PromptError: the template does not fit a row.
            ModelError: a completion alone is longer than the model's window, or gives no token.
        """
        asked: list[Asked] = []
        examples = self._prepared.examples
        for start in range(0, len(examples), _CHUNK):
            queries = [self.query(place, shots, seed) for place in range(start, min(start + _CHUNK, len(examples)))]
            asked.extend(self._encode(queries))
        return asked

    def ask_one(self, place: int, shots: int, seed: int) -> Asked:
        """The example at one place, with so many shots; raises as `ask` does."""
        return self._encode([self.query(place, shots, seed)])[0]

    def query(self, place: int, shots: int, seed: int) -> Query:
        """The example at a place, with its shots drawn."""
        example = self._prepared.examples[place]
        if shots == 0:
            return Query(example, ())
        assert self._prepared.pool is not None
        return Query(example, draw(self._prepared.pool, self._prepared.mode, seed, example, shots))

    def texts(self, query: Query) -> tuple[TextRequest, ...]:
        """The texts that a query scores."""
        prepared = self._prepared
        shots = [self._shot_text(shot) for shot in query.shots]
        try:
            asked = prepared.kind.ask(query.example, prepared.prompt)
        except PromptError as error:
            raise PromptError(f"{prepared.task.name}, example {query.example.id}: {error}") from None
        return tuple(text_request(parts, shots) for parts in asked)

    def _shot_text(self, shot: Shot) -> str:
        unit = shot[0].unit
        if unit not in self._shot_texts:
            prepared = self._prepared
            shown = [(example, prepared.kind.shown(example) or "") for example in shot]
            self._shot_texts[unit] = shot_text(prepared.prompt, shown, prepared.settings.separator)
        return self._shot_texts[unit]

    def _encode(self, queries: Sequence[Query]) -> list[Asked]:
        texts = [self.texts(query) for query in queries]
        requests = iter(self._requests([text for group in texts for text in group]))
        return [
            self._fit(query, group, tuple(next(requests) for _ in group))
            for query, group in zip(queries, texts, strict=True)
        ]

    def _fit(self, query: Query, texts: tuple[TextRequest, ...], requests: tuple[Request, ...]) -> Asked:
        """Drop whole shots from the far end until the longest request fits; then cut the context from the left."""
        if self._overflow(requests) <= 0:
            return Asked(query, texts, requests, self._unconditional(texts), 0)
        dropped = bisect_left(
            range(len(query.shots)), True, key=lambda count: self._overflow(self._requests(_without(texts, count))) <= 0
        )
        query, texts = Query(query.example, query.shots[dropped:]), _without(texts, dropped)
        requests = self._requests(texts)
        truncated = max(0, self._overflow(requests))
        if truncated:
            requests = self._shortened(query, requests, truncated)
        return Asked(query, texts, requests, self._unconditional(texts), truncated)

    def _shortened(self, query: Query, requests: Sequence[Request], tokens: int) -> tuple[Request, ...]:
        try:
            return tuple(self._model.shorten(request, tokens) for request in requests)
        except ModelError as error:
            raise ModelError(f"{self._prepared.task.name}, example {query.example.id}: {error}") from None

    def _overflow(self, requests: Sequence[Request]) -> int:
        return max(request.tokens for request in requests) - self._model.identity.window

    def _requests(self, texts: Sequence[TextRequest]) -> tuple[Request, ...]:
        return tuple(self._model.encode([(text.prefix, text.completion) for text in texts]))

    def _unconditional(self, texts: Sequence[TextRequest]) -> tuple[Request, ...]:
        if self._prepared.normalisation != "unconditional":
            return ()
        return tuple(self._model.encode([(text.cue, text.completion) for text in texts]))


def _without(texts: Sequence[TextRequest], count: int) -> tuple[TextRequest, ...]:
    """The texts without their first shots."""
    return tuple(replace(text, shots=text.shots[count:]) for text in texts)
