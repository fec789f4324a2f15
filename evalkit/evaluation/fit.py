"""What has to fit the model's window: texts to token ids, shots dropped, contexts cut, long documents in windows."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evalkit.errors import ModelError
from evalkit.models.base import Model
from evalkit.schema import Decoding, GenerationRequest, Query, Request, TextRequest


@dataclass(frozen=True, slots=True)
class Texts:
    """What is asked of one query, in words: `scored` have completions, `opening` is to be written on from."""

    scored: tuple[TextRequest, ...]
    opening: TextRequest | None

    def without(self, count: int) -> "Texts":
        """The texts without their first shots."""
        opening = replace(self.opening, shots=self.opening.shots[count:]) if self.opening is not None else None
        return Texts(tuple(replace(text, shots=text.shots[count:]) for text in self.scored), opening)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The same in tokens, as it fits: `truncated` counts the context tokens cut off because not even the bare item
    fits. A request that rolls over a long document stands as several, one after the other; `spans` says of each text
    how many requests are its own.
    """

    query: Query
    texts: Texts
    requests: tuple[Request, ...]
    spans: tuple[int, ...]
    writes: tuple[GenerationRequest, ...]
    truncated: int


def fit(model: Model, query: Query, texts: Texts, encoded: "Encoded", decoding: Decoding | None) -> Fitted:
    """Drop whole shots from the far end until the longest request fits; then cut contexts from the left.

    Raises:
        ModelError: a completion alone is longer than the model's window.
    """
    window = model.identity.window
    reserve = room(decoding, window)
    if encoded.overflow(window, reserve) > 0 and query.shots:
        dropped = bisect_left(
            range(len(query.shots)),
            True,
            key=lambda count: encode(model, [texts.without(count)])[0].overflow(window, reserve) <= 0,
        )
        query, texts = Query(query.example, query.shots[dropped:]), texts.without(dropped)
        encoded = encode(model, [texts])[0]
    truncated = max(0, encoded.overflow(window, reserve))
    requests = tuple(_cut(model, request, truncated) for request in encoded.requests)
    writes: tuple[GenerationRequest, ...] = ()
    if decoding is not None and encoded.context:
        context = model.shorten(encoded.context, truncated) if truncated else encoded.context
        limit = min(decoding.max_tokens, window + 1 - len(context))
        writes = (GenerationRequest(context, replace(decoding, samples=1), limit),)
    return Fitted(query, texts, requests, (1,) * len(requests), writes, truncated)


def extent(fitted: Fitted) -> tuple[int, int]:
    """UTF-8 bytes of the texts asked, and the tokens that they became; of a text that is cut neither is counted."""
    if fitted.truncated:
        return 0, 0
    size = sum(len((text.prefix + text.completion).encode()) for text in fitted.texts.scored)
    requests, tokens = iter(fitted.requests), 0
    for span in fitted.spans:
        own = [next(requests) for _ in range(span)]
        tokens += len(own[0].context) + sum(len(request.completion) for request in own)
    if fitted.writes and fitted.texts.opening is not None:
        size += len(fitted.texts.opening.prefix.encode())
        tokens += len(fitted.writes[0].context)
    return size, tokens


def roll(request: Request, window: int, stride: int) -> tuple[Request, ...]:
    """A document as requests that fit the window, which score each of its tokens once: the first as many as it can,
    every other one `stride` tokens after as many of those before them as there is room for.
    """
    text = (*request.context, *request.completion)
    done = min(len(text), window + 1)
    found = [Request(request.context, text[len(request.context) : done])]
    while done < len(text):
        stop = min(done + stride, len(text))
        found.append(Request(text[max(0, stop - window - 1) : done], text[done:stop]))
        done = stop
    return tuple(found)


def advance(stride: int | None, window: int) -> int:
    """By how many tokens windows advance: as asked for, at most a whole window; by default half of it, so that every
    token but the first ones has at least so many before it.
    """
    return min(stride or max(1, window // 2), window)


def room(decoding: Decoding | None, window: int) -> int:
    """The tokens kept free for what the model writes: as many as it may, but never more than half of its window."""
    return min(decoding.max_tokens, window // 2) if decoding is not None else 0


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts as token ids; `context` is that of the opening, empty where nothing is written."""

    requests: tuple[Request, ...]
    context: tuple[int, ...]

    def overflow(self, window: int, reserve: int) -> int:
        """By how many tokens the longest of them is too long for the window (negative: there is room)."""
        lengths = [request.tokens for request in self.requests]
        if self.context:
            lengths.append(len(self.context) + reserve - 1)
        return max(lengths) - window


def encode(model: Model, several: Sequence[Texts]) -> list[Encoded]:
    """The token ids of several queries' texts, all in one call of the tokenizer."""
    pairs = [(text.prefix, text.completion) for texts in several for text in texts.scored]
    requests = iter(model.encode(pairs) if pairs else ())
    openings = [texts.opening.prefix for texts in several if texts.opening is not None]
    contexts = iter(model.encode_contexts(openings) if openings else ())
    return [
        Encoded(
            tuple(next(requests) for _ in texts.scored),
            next(contexts) if texts.opening is not None else (),
        )
        for texts in several
    ]


def _cut(model: Model, request: Request, tokens: int) -> Request:
    """The request without the first tokens of its context's text. All choices of an item lose the same part of what
    they share; a context shorter than that keeps its beginning, as long as the request fits.
    """
    if not tokens:
        return request
    window = model.identity.window
    try:
        return Request(model.shorten(request.context, tokens), request.completion)
    except ModelError:
        if request.tokens <= window:
            return request
        raise ModelError(
            f"the completion alone has {len(request.completion)} tokens, more than the model's window of {window}"
        ) from None
