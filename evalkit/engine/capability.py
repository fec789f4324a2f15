"""What a model can do: share tokens by one of the executor's ways, or be run plainly, and why.

Its configuration says what is known beforehand; whether the rest holds is tried, on a handful of tokens whose right
answers the plain runner gives.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from evalkit.engine import plain
from evalkit.engine.budget import ran_out
from evalkit.engine.executor import Executor, Way, prepared, response
from evalkit.engine.plan import Cost, plan
from evalkit.schema import Request, Response

_TRIED: tuple[Way, ...] = ("attention", "mask")
_TOLERANCE = 1e-4  # nats; wrong sharing is off by far more
_STEPS = 1  # or so many steps of the dtype at the largest log-probability, since half precision has few digits
_FULL, _WINDOWED = "full_attention", ("sliding_attention", "chunked_attention")


@dataclass(frozen=True, slots=True)
class Capability:
    """`way` is None where nothing can be shared, `reason` then says why; `reach` is how many tokens a request may have
    to take part (None: any), since beyond it the model's attention forgets the first ones.
    """

    way: Way | None
    reach: int | None
    reason: str | None


def of(model: Any) -> Capability:
    """Find out what a model can do."""
    config = model.config.get_text_config()
    if getattr(model, "_is_stateful", False) or _recurrent(config):
        return Capability(None, None, "it is recurrent, so there is nothing that texts could share")
    if any("local" in layers for layers in getattr(config, "attention_layers", ())):
        return Capability(None, None, "some of its layers count the distance of tokens by their place in the row")
    if _linear_biases(config):
        return Capability(None, None, "its attention knows positions by linear biases (ALiBi), not by their numbers")
    reach = _reach(config)
    reasons: list[str] = []
    for way in _TRIED:
        if way == "attention" and not model._can_set_attn_implementation():
            reasons.append("its attention cannot be replaced")
        elif way == "mask" and reach is not None and not model._can_set_attn_implementation():
            reasons.append("its masks are its own, and windowed")
        elif problem := _problem(model, way):
            reasons.append(problem)
        else:
            return Capability(way, reach, None)
    return Capability(None, None, "; ".join(reasons))


def respond(requests: list[Request], executor: Executor, budget: int, cost: Cost) -> list[Response]:
    """The responses to a few requests, all at once."""
    found: dict[tuple[int, int], tuple[float, bool]] = {}
    for batch in plan(requests, budget, cost):
        for target, answer in zip(batch.targets, executor.run(batch), strict=True):
            found[target.request, target.place] = answer
    return [
        response([found[number, place] for place in range(len(one.completion))]) for number, one in enumerate(requests)
    ]


def _recurrent(config: Any) -> bool:
    kinds = set(getattr(config, "layer_types", None) or ())
    return bool(kinds - {_FULL, *_WINDOWED})


def _linear_biases(config: Any) -> bool:
    inner = getattr(config, "attn_config", None)
    return bool(config.model_type == "bloom" or getattr(config, "alibi", False) or getattr(inner, "alibi", False))


def _reach(config: Any) -> int | None:
    """The shortest window of a layer's attention, None where each sees all."""
    kinds = getattr(config, "layer_types", None)
    if getattr(config, "use_sliding_window", None) is False or (kinds and not set(kinds) & set(_WINDOWED)):
        return None
    windows = (getattr(config, name, None) for name in ("sliding_window", "attention_chunk_size"))
    return min((window for window in windows if isinstance(window, int) and window > 0), default=None)


def _problem(model: Any, way: Way) -> str | None:
    """What is wrong with a model's answers that way; None if nothing is."""
    known = model.get_input_embeddings().weight.shape[0]
    ids = itertools.cycle(range(1, max(2, min(known, 97))))
    trunk, one, other = (tuple(itertools.islice(ids, count)) for count in (4, 2, 2))
    requests = [Request(trunk, one), Request((*trunk, *other[:1]), one), Request((*trunk, *other), one)]
    try:
        right = plain.run(model, requests)
        with prepared(model, way):  # two batches: a trunk that is kept, with a chain after it; then a tree after it
            shared = respond(requests, Executor(model, way, 2), 5, Cost(4, 2))
    except Exception as error:  # whatever a model's own code raises when it meets what it does not expect
        if ran_out(error):
            raise
        first = next(iter(str(error).splitlines()), type(error).__name__)
        return f"it does not take the engine's {way} ({first})"
    largest = max(-min(response.token_logprobs) for response in right)
    tolerance = max(_TOLERANCE, _STEPS * torch.finfo(model.dtype).eps * largest)
    worst = _distance(shared, right)
    return None if worst <= tolerance else f"with the engine's {way} its answers change by {worst:.2g}"


def _distance(some: Sequence[Response], others: Sequence[Response]) -> float:
    """The largest difference of a token's log-probability, in nats; NaN if one is."""
    differences = [
        abs(ours - theirs)
        for one, other in zip(some, others, strict=True)
        for ours, theirs in zip(one.token_logprobs, other.token_logprobs, strict=True)
    ]
    return float(torch.tensor(differences).max())  # `max` would pass over a NaN
