"""Whole calls of `Engine.score`: what is shared, kept, told, repeated and given up, and what is known beforehand."""

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import torch
from transformers import PreTrainedModel

from evalkit.engine import budget, plain
from evalkit.engine.cache import Cache
from evalkit.engine.engine import Engine
from evalkit.engine.plan import needed, plan
from evalkit.errors import ModelError
from evalkit.schema import Request, Response, Work
from tests.models import tiny

VOCABULARY = 64
ALONE = ("bloom", {})  # shares nothing
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("gpt2", {}),
    ("gptj", {}),
    ("mistral", {"sliding_window": 16}),
    ALONE,
]
SPEED = f"seconds per token on {budget.machine(torch.device('cpu'))}"
BUDGET = f"budget of {budget.machine(torch.device('cpu'))}"


def made(kind: tuple[str, dict[str, Any]] = KINDS[0]) -> PreTrainedModel:
    return tiny.model(kind[0], VOCABULARY, **kind[1])


def requests(seed: int = 0) -> list[Request]:
    """Questions behind the same shots, each with several completions, and some that share nothing; 12 to 40 tokens of
    the longer ones are more than the windows of `KINDS`, the others less.
    """
    generator = random.Random(seed)

    def ids(least: int, most: int) -> tuple[int, ...]:
        return tuple(generator.randrange(VOCABULARY) for _ in range(generator.randint(least, most)))

    found = [Request(ids(1, 12), ids(1, 4)) for _ in range(6)]
    for shots in (ids(8, 8), ids(20, 30)):
        for _ in range(4):
            context = shots + ids(1, 4)
            found += [Request(context, ids(1, 3)) for _ in range(3)]
    generator.shuffle(found)
    return list(dict.fromkeys(found))


def silent(_: int, __: int) -> None:
    pass


def alone(model: Any, asked: Sequence[Request]) -> list[Response]:
    return [plain.run(model, [request])[0] for request in asked]


def assert_close(ours: Sequence[Response], theirs: Sequence[Response]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert one.token_logprobs == pytest.approx(other.token_logprobs, abs=1e-5, rel=0)
        assert one.greedy is other.greedy


@contextmanager
def watched(model: PreTrainedModel, before: Callable[[int], None] = lambda _: None) -> Iterator[list[int]]:
    """The tokens of every call that the model answered; `before` is told of them first, and may raise."""
    answered: list[int] = []

    def count(_: Any, __: Any, kwargs: dict[str, Any]) -> None:
        before(kwargs["input_ids"].numel())
        answered.append(kwargs["input_ids"].numel())

    hook = model.register_forward_pre_hook(count, with_kwargs=True)
    try:
        yield answered
    finally:
        hook.remove()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0])
@pytest.mark.parametrize("tokens", [None, 1, 16, 512])
def test_answers_are_those_of_each_request_alone(kind: tuple[str, dict[str, Any]], tokens: int | None) -> None:
    model, asked = made(kind), requests()
    mixed = random.Random(tokens).sample(asked, len(asked))
    assert_close(Engine(model, tokens=tokens).score(mixed, silent), alone(model, mixed))


def test_answers_depend_on_nothing_that_is_asked_besides() -> None:
    model, asked = made(), requests()
    engine = Engine(model)
    one_call = engine.score(asked, silent)
    by_parts = [response for first in range(0, len(asked), 5) for response in engine.score(asked[first:][:5], silent)]
    assert_close(by_parts, one_call)


def test_equal_requests_are_read_once() -> None:
    model, asked = made(), requests()
    engine = Engine(model)
    assert engine.runner.capability.way is not None
    with watched(model) as read:
        found = engine.score([*asked, *asked[:5], asked[0]], silent)
    prefixes = {
        (*one.context, *one.completion)[:end] for one in asked for end in range(1, len(one.context + one.completion))
    }
    assert sum(read) == engine.work.read == len(prefixes)  # every run of tokens that requests begin with, once
    assert found[len(asked) :] == [*found[:5], found[0]]
    assert engine.work.requests == len(asked) + 6
    assert engine.work.tokens == sum(one.tokens for one in [*asked, *asked[:5], asked[0]]) == engine.work.computed


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0])
@pytest.mark.parametrize("tokens", [16, 512])
def test_progress_adds_up(kind: tuple[str, dict[str, Any]], tokens: int) -> None:
    asked = [*requests(), *requests()[:3]]
    told: list[tuple[int, int]] = []
    engine = Engine(made(kind), tokens=tokens)
    engine.score(asked, lambda *counts: told.append(counts))
    assert sum(count for count, _ in told) == len(asked)
    assert sum(count for _, count in told) == sum(request.tokens for request in asked) == engine.work.tokens
    assert len(told) > 3 or tokens == 512  # after every batch


def test_nothing_to_score(cache_dir: Any) -> None:
    model = made()
    told: list[tuple[int, int]] = []
    with watched(model) as read:
        for cache in (None, Cache("nothing", "tiny")):
            engine = Engine(model, cache)
            assert engine.score([], lambda *counts: told.append(counts)) == []
            assert engine.work == Work()
    assert not read
    assert {count for counts in told for count in counts} <= {0}


def test_work_adds_up_over_calls() -> None:
    engine, asked = Engine(made()), requests()
    engine.score(asked[:10], silent)
    before = engine.work
    engine.score(asked, silent)
    after = engine.work - before
    assert (after.requests, after.kept) == (len(asked), 0)  # without a cache nothing is kept
    assert after.predictions == len({(*one.context, *one.completion)[:end] for one in asked for end in _scored(one)})
    assert 0 < after.seconds < 60


def _scored(request: Request) -> range:
    """How many tokens stand before each that is scored."""
    return range(len(request.context), len(request.context) + len(request.completion))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0])
def test_what_is_kept_is_not_computed(kind: tuple[str, dict[str, Any]]) -> None:
    model, asked = made(kind), requests()
    first = Engine(model, Cache("kept", "tiny")).score(asked, silent)
    engine = Engine(model, Cache("kept", "tiny"))
    told: list[tuple[int, int]] = []
    with watched(model) as read:
        again = engine.score([*asked, asked[0]], lambda *counts: told.append(counts))
    assert not read  # not even to find out what the model can do
    assert again == [*first, first[0]]
    tokens = sum(request.tokens for request in [*asked, asked[0]])
    assert engine.work == Work(requests=len(asked) + 1, kept=len(asked) + 1, tokens=tokens)
    assert [sum(counts) for counts in zip(*told, strict=True)] == [len(asked) + 1, tokens]


def test_only_what_is_new_is_computed() -> None:
    model, asked = made(), requests()
    known = Engine(model, Cache("new", "tiny")).score(asked[:10], silent)
    engine = Engine(model, Cache("new", "tiny"))
    found = engine.score(asked, silent)
    assert found[:10] == known
    assert_close(found, alone(model, asked))
    assert (engine.work.requests, engine.work.kept) == (len(asked), 10)
    assert engine.work.computed == sum(request.tokens for request in asked[10:])


def test_another_model_has_another_cache() -> None:
    asked = requests()
    Engine(made(), Cache("one", "tiny")).score(asked, silent)
    engine = Engine(made(("llama", {})), Cache("another", "tiny"))
    assert_close(engine.score(asked, silent), alone(made(("llama", {})), asked))
    assert engine.work.kept == 0


@pytest.mark.parametrize("kind", [KINDS[0], ALONE], ids=lambda kind: kind[0])
def test_memory_that_runs_out_halves_the_batches_and_loses_nothing(kind: tuple[str, dict[str, Any]]) -> None:
    """The first two batches fit, and later only 40 tokens do: from 128 tokens to 64, to 32."""
    model, asked, cache = made(kind), [*requests(0), *requests(1), *requests(2)], Cache("memory", "tiny")
    engine = Engine(model, cache, tokens=128)
    engine.runner  # noqa: B018  # it reads a little, to know the model
    finished: list[set[Request]] = []  # each time that memory ran out
    told: list[int] = []
    later: list[int] = []  # the calls after the last time

    def run_out(tokens: int) -> None:
        if len(read) >= 2 and tokens > 40:
            finished.append(set(cache.get(asked)))
            later.clear()
            raise torch.OutOfMemoryError("CUDA out of memory.")
        later.append(tokens)

    with watched(model, run_out) as read:
        found = engine.score(asked, lambda count, _: told.append(count))
    assert_close(found, alone(model, asked))
    assert sum(told) == len(asked)  # nobody was told of anything twice
    assert len(finished) == 2
    assert set() < finished[0] <= finished[1] < set(asked)
    left = [request for request in asked if request not in finished[1]]
    rest = Engine(model, tokens=32).estimate(left).work
    assert sum(later) == rest.read + rest.padding  # of what was finished, nothing was read again
    assert engine.work.read + engine.work.padding == sum(read)
    assert engine.runner.probed.tokens == 32
    assert Engine(model, Cache("memory", "tiny")).runner.probed.tokens == 32
    assert cache.recall(BUDGET)["tokens"] == 32


def test_a_budget_that_was_asked_for_is_not_taken_for_what_the_device_holds() -> None:
    """Memory runs out with more than was probed; half of that may still be too much for a run that asks for nothing."""
    model, cache = made(), Cache("asked", "tiny")
    probed = Engine(model, cache).runner.probed.tokens
    assert probed == 512
    engine = Engine(model, cache, tokens=4 * probed)
    engine.runner  # noqa: B018
    errors = iter([torch.OutOfMemoryError("CUDA out of memory.")])

    def run_out(_: int) -> None:
        if (error := next(errors, None)) is not None:
            raise error

    with watched(model, run_out):
        engine.score(requests(), silent)
    assert engine.runner.probed.tokens == 2 * probed
    assert Engine(model, Cache("asked", "tiny")).runner.probed.tokens == probed


@pytest.mark.parametrize("kind", [KINDS[0], ALONE], ids=lambda kind: kind[0])
def test_memory_that_runs_out_with_the_smallest_batch_says_what_to_do(kind: tuple[str, dict[str, Any]]) -> None:
    model = made(kind)
    engine = Engine(model, tokens=100)
    engine.runner  # noqa: B018

    def run_out(_: int) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory")

    says = r"memory runs out on cpu even with 25 tokens at a time; free some, or try --dtype bfloat16, a smaller model"
    with watched(model, run_out) as read:
        with pytest.raises(ModelError, match=says):
            engine.score(requests(), silent)
        with pytest.raises(ModelError, match=says.replace("25", "16")):
            Engine(model).score(requests(), silent)  # it does not even get to know the model
    assert not read


def test_other_errors_are_not_taken_for_memory() -> None:
    model = made()
    engine = Engine(model)
    engine.runner  # noqa: B018
    calls: list[int] = []

    def fail(tokens: int) -> None:
        calls.append(tokens)
        raise RuntimeError("device-side assert")

    with watched(model, fail), pytest.raises(RuntimeError, match="device-side assert"):
        engine.score(requests(), silent)
    assert len(calls) == 1


class _Cut(BaseException):
    """The power goes."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0])
@pytest.mark.parametrize("where", ["model", "progress"])
def test_an_interrupted_run_goes_on_where_it_was(kind: tuple[str, dict[str, Any]], where: str) -> None:
    model, asked = made(kind), requests()
    whole = Engine(model, Cache("whole", "tiny"), tokens=16)
    expected = whole.score(asked, silent)
    engine = Engine(model, Cache("cut", "tiny"), tokens=16)
    engine.runner  # noqa: B018
    told: list[int] = []

    def cut(_: int) -> None:
        if where == "model" and len(read) == 4:
            raise _Cut

    def progress(count: int, _: int) -> None:
        told.append(count)
        if where == "progress" and sum(told) > 5:
            raise _Cut

    own = model.config._attn_implementation
    with watched(model, cut) as read, pytest.raises(_Cut) as caught:
        engine.score(asked, progress)
    assert model.config._attn_implementation == own  # though the error still knows the frames that it came through
    assert caught.traceback
    again = Engine(model, Cache("cut", "tiny"), tokens=16)
    finished = set(Cache("cut", "tiny").get(asked))
    assert 0 < len(finished) == sum(told) < len(asked)
    assert again.score(asked, silent) == expected
    assert again.runner.capability == whole.runner.capability
    assert again.work.kept == len(finished)
    assert again.work.computed == sum(request.tokens for request in asked if request not in finished)
    assert again.work.read < whole.work.read


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[1], ALONE], ids=lambda kind: kind[0])
def test_an_interrupted_run_goes_on_in_the_same_batches(kind: tuple[str, dict[str, Any]]) -> None:
    """Those that answer what is left and those that these follow, each whole, so that no bit depends on the cut."""
    model, asked = made(kind), requests()
    engine = Engine(model, Cache("cut", "tiny"), tokens=24)
    engine.runner  # noqa: B018
    told: list[int] = []

    def cut(_: int) -> None:
        if len(read) == 3:
            raise _Cut

    with watched(model, cut) as read, pytest.raises(_Cut):
        engine.score(asked, silent)
    finished = set(Cache("cut", "tiny").get(asked))
    left = {number for number, request in enumerate(asked) if request not in finished}
    again = Engine(model, Cache("cut", "tiny"), tokens=24)
    again.score(asked, lambda count, _: told.append(count))
    if engine.runner.capability.way is None:
        batches = [numbers for numbers in plain.batches(asked, 24) if left.intersection(numbers)]
        assert again.work.read == sum(asked[number].tokens for numbers in batches for number in numbers)
    else:
        batches = needed(plan(asked, 24, engine.runner.cost), left)
        assert again.work.read == sum(len(batch.tokens) for batch in batches)
        assert {target.request for batch in batches for target in batch.targets} > left
    assert sum(told) == len(asked)  # nobody was told of anything twice, though some is computed again


def test_a_run_that_was_finished_leaves_no_plan_behind() -> None:
    asked = requests()
    Engine(made(), Cache("plans", "tiny")).score(asked, silent)
    assert Cache("plans", "tiny").begin(asked, asked[:3], "1 processes") == asked[:3]


@pytest.mark.parametrize("tokens", [None, 16])
def test_a_model_with_a_reach_shares_what_is_within_it(tokens: int | None) -> None:
    model, asked = made(("mistral", {"sliding_window": 16})), requests()
    engine = Engine(model, tokens=tokens)
    short = [request for request in asked if request.tokens <= 16]
    long = [request for request in asked if request.tokens > 16]
    assert len(short) > 8
    assert len(long) > 8
    assert all(map(engine.runner.shares, short))
    assert not any(map(engine.runner.shares, long))
    ways: dict[bool, int] = {True: 0, False: 0}

    def count(_: Any, __: Any, kwargs: dict[str, Any]) -> None:
        ways["position_ids" in kwargs] += kwargs["input_ids"].numel()

    hook = model.register_forward_pre_hook(count, with_kwargs=True)
    found = engine.score(asked, silent)
    hook.remove()
    assert ways[True] < sum(request.tokens for request in short)
    assert ways[False] == sum(request.tokens for request in long) + engine.work.padding
    assert_close(found, alone(model, asked))


def test_a_model_that_shares_nothing_is_told_of_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "evalkit"):
        Engine(made(ALONE)).score(requests(), silent)
        Engine(made()).score(requests(), silent)
    (said,) = [record.getMessage() for record in caplog.records if record.name == "evalkit"]
    assert said.startswith(
        "each request is read by itself, nothing is shared: its attention knows positions by linear biases"
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0])
@pytest.mark.parametrize("tokens", [None, 16])
def test_an_estimate_says_what_is_then_done(kind: tuple[str, dict[str, Any]], tokens: int | None) -> None:
    model, asked = made(kind), [*requests(), *requests()[:3]]
    Engine(model, Cache("estimate", "tiny")).score(asked[:7], silent)
    engine = Engine(model, Cache("estimate", "tiny"), tokens=tokens)
    estimate = engine.estimate(asked)
    assert engine.work == Work()
    engine.score(asked, silent)
    exact = replace(engine.work, seconds=0, predictions=0)
    assert replace(estimate.work, seconds=0, predictions=0) == exact
    assert estimate.work.kept == 7 + 3
    assert estimate.work.predictions == pytest.approx(engine.work.predictions, rel=0.2)
    assert 0 < estimate.work.seconds < 60
    weights = sum(weight.nbytes for weight in model.parameters())
    assert weights < estimate.bytes < 2**30


def test_an_estimate_of_what_is_kept() -> None:
    model, asked = made(), requests()
    engine = Engine(model, Cache("all", "tiny"))
    engine.score(asked, silent)
    tokens = sum(request.tokens for request in asked)
    found = Engine(model, Cache("all", "tiny")).estimate(asked)
    assert found.work == Work(requests=len(asked), kept=len(asked), tokens=tokens)
    assert found.bytes == sum(weight.nbytes for weight in model.parameters())


def test_an_estimate_reads_no_more_than_the_models_window() -> None:
    """A batch may have more tokens than the model can read in one text."""
    model = made(("gpt2", {"n_positions": 48}))
    engine = Engine(model, tokens=512)
    assert engine.estimate(requests()).work.seconds > 0


def test_an_estimate_takes_the_speed_of_the_last_run() -> None:
    model, cache = made(), Cache("speed", "tiny")
    many = [Request((one, other, 1, 2), (token,)) for one in range(30) for other in range(30) for token in range(2)]
    engine = Engine(model, cache)
    engine.score(many, silent)
    speed = cache.recall(SPEED)
    units = engine.work.read + engine.runner.cost.prediction * engine.work.predictions
    assert speed == pytest.approx(engine.work.seconds / units)
    cache.note(SPEED, 3.0)
    new = Engine(model, cache)
    new.runner  # noqa: B018
    with watched(model) as read:
        found = new.estimate([Request((50, 51, 52), (1,)), Request((50, 51, 53), (1,))]).work
    assert not read
    assert (found.read, found.predictions) == (4, 2)
    assert found.seconds == pytest.approx(3.0 * (4 + 2 * new.runner.cost.prediction))


def test_too_little_work_says_nothing_of_the_speed() -> None:
    cache = Cache("little", "tiny")
    Engine(made(), cache).score(requests()[:3], silent)
    assert cache.recall(SPEED) is None
