"""The executor against the plain runner, one request at a time: whatever is shared, and however it is cut."""

import random
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import GPT2LMHeadModel, PreTrainedModel

from evalkit.engine import plain
from evalkit.engine.attention import Unshareable
from evalkit.engine.capability import respond
from evalkit.engine.executor import Executor, Way, answers, can_keep_logits, prepared
from evalkit.engine.plan import Cost, plan
from evalkit.schema import Request, Response
from tests.models import tiny

VOCABULARY = 32
BUDGETS = (1, 7, 64, 4096)
COSTS = tuple(Cost(call, block) for call in (0, 1e9) for block in (2, 128))  # kept keys or masks; cut small or not
BOTH: tuple[tuple[str, Way], ...] = tuple(
    (kind, way) for kind in ("gpt2", "llama", "gpt_neox", "opt") for way in ("attention", "mask")
)
MASKED: tuple[tuple[str, Way], ...] = tuple((kind, "mask") for kind in ("codegen", "falcon", "gemma2", "gptj"))
CHANGES = {"falcon": {"alibi": False}, "gemma2": {"sliding_window": 512}}
DOUBLE: tuple[tuple[str, Way], ...] = (*BOTH[:4], ("falcon", "mask"))  # those that compute all in float64 if told to


@cache
def made(kind: str, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    return tiny.model(kind, VOCABULARY, **CHANGES.get(kind, {})).to(dtype)


class Whole(GPT2LMHeadModel):
    """A model that has never heard of `logits_to_keep`."""

    def forward(
        self,
        input_ids: torch.Tensor,
        position_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        past_key_values: Any = None,
        use_cache: bool | None = None,
    ) -> Any:
        return super().forward(
            input_ids,
            position_ids=position_ids,
            attention_mask=attention_mask,
            past_key_values=past_key_values,
            use_cache=use_cache,
        )


def requests(seed: int) -> list[Request]:
    """Three texts, each with branches that begin somewhere within, and each branch with several completions. Some of
    these begin with others, or end within a text; the longest reads 90 tokens. One context is asked for every token
    of the vocabulary, of which one is greedy.
    """
    generator = random.Random(seed)

    def ids(count: int) -> tuple[int, ...]:
        return tuple(generator.randrange(VOCABULARY) for _ in range(count))

    found = [Request(ids(1), ids(1)), Request(ids(70), ids(21))]
    for _ in range(3):
        text = ids(generator.randint(8, 30))
        for _ in range(2):
            context = text[: generator.randint(1, len(text))] + ids(generator.randint(0, 4))
            completion = ids(generator.randint(2, 5))
            found += [Request(context, completion), Request(context, completion[:-1]), Request(context, ids(1))]
        found.append(Request(text[:3], text[3:7]))
    found += [Request(text, (token,)) for token in range(VOCABULARY)]
    generator.shuffle(found)
    return list(dict.fromkeys(found))


@cache
def alone(kind: str, dtype: torch.dtype, seed: int) -> list[Response]:
    return [plain.run(made(kind, dtype), [request])[0] for request in requests(seed)]


def shared(model: Any, way: Way, asked: Sequence[Request], budget: int, cost: Cost) -> list[Response]:
    with prepared(model, way):
        return respond(list(asked), Executor(model, way, cost.block), budget, cost)


def assert_close(ours: Sequence[Response], theirs: Sequence[Response], bound: float) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert one.token_logprobs == pytest.approx(other.token_logprobs, abs=bound, rel=0)


@pytest.mark.parametrize(
    ("kind", "way", "dtype", "bound"),
    [
        *((kind, way, torch.float32, 1e-5) for kind, way in (*BOTH, *MASKED)),
        *((kind, way, torch.float64, 1e-9) for kind, way in DOUBLE),
    ],
)
def test_equals_each_request_alone(kind: str, way: Way, dtype: torch.dtype, bound: float) -> None:
    for seed, budget in enumerate(BUDGETS):
        expected = alone(kind, dtype, seed)
        assert max(-number for response in expected for number in response.token_logprobs) > 6  # far from uniform: 3.5
        assert {one.greedy for one in expected} == {True, False}
        for cost in COSTS if budget > 1 else COSTS[:1]:  # a budget of 1 leaves nothing to choose
            found = shared(made(kind, dtype), way, requests(seed), budget, cost)
            assert_close(found, expected, bound)
            assert [one.greedy for one in found] == [one.greedy for one in expected]


TEXT = st.lists(st.integers(0, 2), min_size=1, max_size=6).map(tuple)


@settings(max_examples=60, deadline=None)
@given(
    asked=st.lists(st.builds(Request, TEXT, TEXT), min_size=1, max_size=8, unique=True),
    budget=st.integers(1, 30),
    cost=st.builds(Cost, st.sampled_from([0.0, 5.0, 30.0, 1e9]), st.integers(1, 5)),
    case=st.sampled_from([("llama", "attention"), ("llama", "mask"), ("gpt2", "attention"), ("falcon", "mask")]),
)
def test_equals_each_request_alone_whatever_they_share(
    asked: list[Request], budget: int, cost: Cost, case: tuple[str, Way]
) -> None:
    kind, way = case
    model = made(kind, torch.float64)
    expected = [plain.run(model, [request])[0] for request in asked]
    assert_close(shared(model, way, asked, budget, cost), expected, 1e-9)


@pytest.mark.parametrize(("kind", "way"), [*BOTH, *MASKED])
def test_bfloat16(kind: str, way: Way) -> None:
    exact, half = alone(kind, torch.float32, 2), alone(kind, torch.bfloat16, 2)
    for budget in BUDGETS[1:]:
        for cost in COSTS:
            found = shared(made(kind, torch.bfloat16), way, requests(2), budget, cost)
            assert_close(found, half, tiny.BFLOAT16_BOUND)
            assert_close(found, exact, 4 * tiny.BFLOAT16_BOUND)


@pytest.mark.parametrize("way", ["attention", "mask"])
def test_without_logits_to_keep(way: Way) -> None:
    whole = Whole(made("gpt2").config).eval()
    whole.load_state_dict(made("gpt2").state_dict())
    assert can_keep_logits(made("gpt2"))
    assert not can_keep_logits(whole)
    for budget in (7, 64):
        for cost in COSTS:
            assert_close(shared(whole, way, requests(1), budget, cost), alone("gpt2", torch.float32, 1), 1e-5)


@pytest.mark.parametrize(("kind", "way"), [("llama", "attention"), ("llama", "mask"), ("gptj", "mask")])
@pytest.mark.parametrize("budget", BUDGETS)
def test_logits_are_computed_at_scored_positions_only(kind: str, way: Way, budget: int) -> None:
    model, cost = made(kind), COSTS[0]
    shapes: list[tuple[int, ...]] = []
    hook = model.register_forward_hook(lambda _, __, output: shapes.append(tuple(output.logits.shape)))
    try:
        shared(model, way, requests(0), budget, cost)
    finally:
        hook.remove()
    slots = [len({target.depth for target in batch.targets}) for batch in plan(requests(0), budget, cost)]
    assert shapes == [(1, max(1, count), VOCABULARY) for count in slots]  # a row without targets still has one
    texts = {(*one.context, *one.completion)[:end] for one in requests(0) for end in _scored(one)}
    assert sum(slots) == len(texts)


def _scored(request: Request) -> range:
    """How many tokens stand before each that is scored."""
    return range(len(request.context), len(request.context) + len(request.completion))


@pytest.mark.parametrize("way", ["attention", "mask"])
@pytest.mark.parametrize("budget", [1, 7, 64])
def test_keys_are_kept_for_as_long_as_they_are_followed(way: Way, budget: int) -> None:
    model, batches = made("llama"), plan(requests(3), budget, COSTS[0])
    last = {trunk: index for index, batch in enumerate(batches) for piece in batch.pieces for trunk in piece.path}
    first = {piece.trunk: index for index, batch in enumerate(batches) for piece in batch.pieces}
    executor = Executor(model, way, 2)
    most = 0
    with prepared(model, way):
        for index, batch in enumerate(batches):
            executor.run(batch)
            assert set(executor._kept) == {trunk for trunk in last if first[trunk] <= index < last[trunk]}
            most = max(most, len(executor._kept))
    assert most > 0
    assert not executor._kept


@pytest.mark.parametrize("own", ["eager", "sdpa"])
@pytest.mark.parametrize("way", ["attention", "mask"])
def test_the_models_own_attention_comes_back(own: str, way: Way) -> None:
    model = tiny.model("llama", VOCABULARY)
    model.set_attn_implementation(own)
    before, config = plain.run(model, requests(0)), model.config.to_dict()
    shared(model, way, requests(0), 7, COSTS[0])
    assert model.config._attn_implementation == own
    with pytest.raises(KeyError, match="inside"), prepared(model, way):
        raise KeyError("inside")
    assert model.config._attn_implementation == own
    assert model.config.to_dict() == config
    assert plain.run(model, requests(0)) == before


def test_attention_that_is_more_than_a_softmax_is_refused() -> None:
    """Gemma 2 caps its scores; the engine's own attention does not, and says so before it answers anything wrong."""
    model = made("gemma2")
    own = model.config._attn_implementation
    with pytest.raises(Unshareable, match="softcap"):
        shared(model, "attention", requests(0), 64, COSTS[0])
    assert model.config._attn_implementation == own


@pytest.mark.parametrize("way", ["attention", "mask"])
def test_an_exception_within_the_model_leaves_nothing_behind(way: Way) -> None:
    model = made("gpt2")
    expected = shared(model, way, requests(0), 64, COSTS[0])
    calls = iter([None, torch.OutOfMemoryError("second batch")])

    def fail(*_: Any) -> None:
        if (error := next(calls)) is not None:
            raise error

    hook = model.register_forward_pre_hook(fail)
    try:
        with suppress(torch.OutOfMemoryError):
            shared(model, way, requests(0), 64, COSTS[0])
            pytest.fail("it was not called twice")
    finally:
        hook.remove()
    assert plain.run(model, requests(0)[:1])[0].logprob == pytest.approx(expected[0].logprob, abs=1e-5)
    assert shared(model, way, requests(0), 64, COSTS[0]) == expected


@pytest.mark.parametrize("way", ["attention", "mask"])
def test_training_is_not_touched(way: Way) -> None:
    model = tiny.model("gpt2", VOCABULARY)
    weights = {name: weight.clone() for name, weight in model.state_dict().items()}
    shared(model, way, requests(0), 64, COSTS[0])
    assert torch.is_grad_enabled()
    assert not model.training
    assert all(weight.requires_grad and weight.grad is None for weight in model.parameters())
    assert all(torch.equal(weight, weights[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize("rows", [list(range(150)), [0, 0, 63, 64, 64, 64, 127, 128, 149], [149], []])
def test_answers_are_log_softmax_whatever_the_rows(rows: list[int]) -> None:
    """More rows than are turned into log-probabilities at a time, some asked several times and some never."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(150, 5, generator=generator) * 4
    tokens = torch.randint(5, (len(rows),), generator=generator).tolist()
    exact = torch.log_softmax(logits.double(), dim=-1)
    expected = [float(exact[row, token]) for row, token in zip(rows, tokens, strict=True)]
    found = answers(logits, rows, tokens)
    assert [logprob for logprob, _ in found] == pytest.approx(expected, abs=2e-6)
    assert [likeliest for _, likeliest in found] == [
        int(logits[row].argmax()) == token for row, token in zip(rows, tokens, strict=True)
    ]
