"""What models can do: known kinds, and models that do other than their configuration says."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from transformers import PreTrainedModel

from evalkit.engine import capability, plain
from evalkit.engine.capability import Capability
from evalkit.engine.executor import Executor, Way, prepared
from evalkit.engine.plan import Cost
from evalkit.schema import Request
from tests.models import tiny

VOCABULARY = 64
Kind = tuple[str, dict[str, Any]]
GOOD: list[tuple[Kind, Way, int | None]] = [
    (("gpt2", {}), "attention", None),
    (("gpt_neox", {}), "attention", None),
    (("llama", {}), "attention", None),
    (("opt", {}), "attention", None),
    (("mistral", {"sliding_window": 16}), "attention", 16),
    (("mistral", {"sliding_window": None}), "attention", None),
    (("qwen2", {}), "attention", None),  # it has a window, and does not use it
    (("qwen2", {"use_sliding_window": True, "sliding_window": 32, "max_window_layers": 1}), "attention", 32),
    (("gemma2", {"sliding_window": 16}), "mask", 16),  # its scores are capped
    (("codegen", {}), "mask", None),
    (("gptj", {}), "mask", None),
    (("falcon", {"alibi": False}), "mask", None),
    (("gpt_neo", {"attention_types": [[["global"], 2]]}), "mask", None),
]
BAD: list[tuple[Kind, str]] = [
    (("bloom", {}), "linear biases (ALiBi)"),
    (("falcon", {}), "linear biases (ALiBi)"),
    (("mpt", {}), "linear biases (ALiBi)"),
    (("openai-gpt", {}), "cannot be replaced; it does not take the engine's mask"),
    (("gptj", {"sliding_window": 16}), "cannot be replaced; its masks are its own, and windowed"),
    (("gpt_neo", {}), "some of its layers count the distance of tokens by their place in the row"),
    (("mamba", {}), "it is recurrent"),
    (("rwkv", {}), "it is recurrent"),
    (("lfm2", {}), "it is recurrent"),  # by half: convolutions beside attention
]


def name(value: Any) -> str | None:
    return "-".join([value[0], *map(str, value[1])]) if isinstance(value, tuple) else None


def made(kind: Kind, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    return tiny.model(kind[0], VOCABULARY, **kind[1]).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize(("kind", "way", "reach"), GOOD, ids=name)
def test_kinds_that_share(kind: Kind, way: Way, reach: int | None, dtype: torch.dtype) -> None:
    assert capability.of(made(kind, dtype)) == Capability(way, reach, None)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("kind", "words"), BAD, ids=name)
def test_kinds_that_do_not(kind: Kind, words: str, dtype: torch.dtype) -> None:
    found = capability.of(made(kind, dtype))
    assert (found.way, found.reach) == (None, None)
    assert words in str(found.reason)
    assert "\n" not in str(found.reason)


def without_positions(model: PreTrainedModel) -> None:
    """It counts positions by the place in the row."""

    def drop(_: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        return args, {key: value for key, value in kwargs.items() if key != "position_ids"}

    model.register_forward_pre_hook(drop, with_kwargs=True)


def without_masks(model: PreTrainedModel) -> None:
    """It takes a mask of four dimensions, and then every token sees all before it in the row."""

    def drop(_: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        mask = kwargs.get("attention_mask")
        return args, kwargs if mask is None or mask.dim() == 2 else {**kwargs, "attention_mask": None}

    model.register_forward_pre_hook(drop, with_kwargs=True)


def sees_all(model: PreTrainedModel) -> None:
    """Beside its attention, every token sees the mean of the row, what comes later included."""
    model.transformer.h[0].register_forward_hook(lambda _, __, hidden: hidden + hidden.mean(dim=1, keepdim=True))


def mixes(model: PreTrainedModel) -> None:
    """Beside its attention, every token sees the one before it in the row: causal in a text, and wrong in a batch."""
    model.transformer.h[0].register_forward_hook(
        lambda _, __, hidden: hidden + torch.nn.functional.pad(hidden, (0, 0, 1, 0))[:, :-1]
    )


def forgets_numbers(model: PreTrainedModel) -> None:
    """It has no number for the last token of a row that it was given positions for, and right ones for all others."""

    def damage(_: Any, __: Any, kwargs: dict[str, Any], output: Any) -> None:
        if kwargs.get("position_ids") is not None:
            output.logits[:, -1] = torch.nan

    model.register_forward_hook(damage, with_kwargs=True)


def refuses(model: PreTrainedModel) -> None:
    """It takes no positions."""

    def fail(_: Any, __: Any, kwargs: dict[str, Any]) -> None:
        if "position_ids" in kwargs:
            raise TypeError("no positions here\nnor anywhere")

    model.register_forward_pre_hook(fail, with_kwargs=True)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    ("kind", "damage", "words"),
    [
        ("gpt2", without_positions, "with the engine's attention its answers change by"),
        ("llama", without_positions, "with the engine's attention its answers change by"),
        ("gptj", without_positions, "with the engine's mask its answers change by"),
        ("gptj", without_masks, "with the engine's mask its answers change by"),
        ("gpt2", sees_all, "with the engine's attention its answers change by"),
        ("gpt2", mixes, "with the engine's attention its answers change by"),
        ("gpt2", forgets_numbers, "with the engine's attention its answers change by nan"),
        ("gpt2", refuses, "it does not take the engine's attention (no positions here)"),
    ],
)
def test_a_model_that_does_other_than_its_kind_is_found_out(
    kind: str, damage: Callable[[PreTrainedModel], None], words: str, dtype: torch.dtype
) -> None:
    model = made((kind, {}), dtype)
    damage(model)
    found = capability.of(model)
    assert found.way is None
    assert words in str(found.reason)


def test_a_model_that_is_found_out_one_way_may_still_take_the_other() -> None:
    """A replaced attention that never gets called: what the row sees is the model's own affair."""
    model = made(("gpt2", {}))
    model.set_attn_implementation = lambda _: None
    assert capability.of(model) == Capability("mask", None, None)


def test_the_models_own_attention_comes_back() -> None:
    for kind, _, _ in GOOD:
        model = made(kind)
        own, before = model.config._attn_implementation, plain.run(model, [Request((1, 2, 3), (4,))])
        capability.of(model)
        assert model.config._attn_implementation == own
        assert plain.run(model, [Request((1, 2, 3), (4,))]) == before


def test_respond_keeps_the_order_of_requests_and_places() -> None:
    model = made(("gpt2", {}))
    asked = [Request((5, 6, 7), (9, 2)), Request((5,), (6, 7, 8)), Request((5, 6), (4, 1)), Request((1,), (5,))]
    alone = [plain.run(model, [request])[0] for request in asked]
    with prepared(model, "attention"):
        found = capability.respond(asked, Executor(model, "attention", 2), 3, Cost(0, 2))
    for one, other in zip(found, alone, strict=True):
        assert one.token_logprobs == pytest.approx(other.token_logprobs, abs=1e-5)
