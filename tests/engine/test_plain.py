"""The plain runner against one request at a time: no batch, no padding, the whole log-softmax in float32."""

import random
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedModel

from evalkit.engine import plain
from evalkit.schema import Request, Response
from tests.models import tiny

VOCABULARY = 64


class Whole(torch.nn.Module):
    """A model that has never heard of `logits_to_keep`."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model, self.device = model, model.device

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, use_cache: bool) -> Any:
        return self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=use_cache)


@pytest.fixture(scope="module")
def models() -> dict[str, PreTrainedModel]:
    return {}


@pytest.fixture
def model(models: dict[str, PreTrainedModel], request: pytest.FixtureRequest) -> PreTrainedModel:
    """The model of a kind, made once."""
    kind = getattr(request, "param", "gpt2")
    if kind not in models:
        models[kind] = tiny.model(kind, VOCABULARY)
    return models[kind]


def requests(count: int = 21, seed: int = 0) -> list[Request]:
    """Contexts of 1 to 30 and completions of 1 to 8 tokens, in no order; the last two share contexts."""
    generator = random.Random(seed)

    def ids(most: int) -> tuple[int, ...]:
        return tuple(generator.randrange(VOCABULARY) for _ in range(generator.randint(1, most)))

    made = [Request(ids(30), ids(8)) for _ in range(count)]
    return [*made, Request(made[0].context, ids(8)), Request(made[1].context[:1], ids(1))]


@torch.inference_mode()
def by_hand(model: Any, request: Request) -> Response:
    ids = torch.tensor([[*request.context, *request.completion]])
    logprobs = torch.log_softmax(model(input_ids=ids).logits[0].float(), dim=-1)
    places = range(len(request.context) - 1, len(request.context) + len(request.completion) - 1)
    chosen = [float(logprobs[place, token]) for place, token in zip(places, request.completion, strict=True)]
    best = [int(logprobs[place].argmax()) for place in places]
    return Response(tuple(chosen), best == list(request.completion))


def score(model: Any, asked: Sequence[Request], budget: int = 64) -> list[Response]:
    """The responses in order, by way of the batches."""
    found: dict[int, Response] = {}
    for numbers in plain.batches(asked, budget):
        found.update(zip(numbers, plain.run(model, [asked[number] for number in numbers]), strict=True))
    return [found[number] for number in range(len(asked))]


@pytest.mark.parametrize("model", tiny.SIZES, indirect=True)
def test_equals_one_request_at_a_time(model: PreTrainedModel) -> None:
    asked = requests()
    expected = [by_hand(model, request) for request in asked]
    assert max(-number for response in expected for number in response.token_logprobs) > 6  # far from uniform: 4.2
    answers = [score(model, asked, budget) for budget in (1, 64, 512)]
    answers.append(plain.run(model, asked))  # far more padding than any of the batches
    for responses in answers:
        for response, alone in zip(responses, expected, strict=True):
            assert response.token_logprobs == pytest.approx(alone.token_logprobs, abs=1e-5)
            assert response.greedy is alone.greedy


@pytest.mark.parametrize("model", ["gpt2", "llama", "gemma2"], indirect=True)
def test_padding_reaches_nothing(model: PreTrainedModel) -> None:
    short, long = Request((5,), (6,)), Request(tuple(range(60)), tuple(range(4)))
    (alone,) = plain.run(model, [short])
    beside, _ = plain.run(model, [short, long])
    assert beside.token_logprobs == pytest.approx(alone.token_logprobs, abs=1e-5)


def test_without_logits_to_keep(model: PreTrainedModel) -> None:
    asked = requests()
    for ours, theirs in zip(plain.run(model, asked), plain.run(Whole(model), asked), strict=True):
        assert ours.token_logprobs == pytest.approx(theirs.token_logprobs, abs=1e-5)
        assert ours.greedy is theirs.greedy


def test_logits_only_where_something_is_scored(model: PreTrainedModel) -> None:
    shapes: list[tuple[int, ...]] = []
    hook = model.register_forward_hook(lambda _, __, output: shapes.append(tuple(output.logits.shape)))
    plain.run(model, [Request(tuple(range(20)), (1, 2, 3)), Request(tuple(range(18)), (4,))])
    hook.remove()
    assert shapes == [(2, 5, VOCABULARY)]  # 22 tokens are read; the first that is scored stands behind the 18th


@pytest.mark.parametrize(
    ("lengths", "budget", "expected"),
    [
        ([], 100, []),
        ([7], 1, [[0]]),  # always one request, however long
        ([3, 9, 5], 1, [[1], [2], [0]]),  # the longest first
        ([10, 10, 10, 10], 30, [[0, 1, 2], [3]]),  # 3 rows of 10 are 30
        ([10, 10, 10, 10], 29, [[0, 1], [2, 3]]),
        ([20, 19, 19], 100, [[0, 1, 2]]),  # 2 of 60 are padding
        ([20, 18, 18], 100, [[0], [1, 2]]),  # 2 of 40 would be the twentieth that is too much
        ([18, 20, 20], 100, [[1, 2, 0]]),  # 2 of 60 are less
        ([20, 20, 17], 100, [[0, 1], [2]]),  # 3 of 60, which 0.05 * 3 * 20 is not exactly
        ([100, 99, 98, 50, 49], 500, [[0, 1, 2], [3, 4]]),
    ],
)
def test_batches(lengths: Sequence[int], budget: int, expected: list[list[int]]) -> None:
    assert plain.batches([Request((0,) * length, (0,)) for length in lengths], budget) == expected


@given(lengths=st.lists(st.integers(1, 60), max_size=40), budget=st.integers(1, 400))
def test_every_batch_keeps_to_its_budget_with_little_padding(lengths: list[int], budget: int) -> None:
    found = plain.batches([Request((0,) * length, (0,)) for length in lengths], budget)
    assert sorted(number for batch in found for number in batch) == list(range(len(lengths)))
    widest = [max(lengths[number] for number in batch) for batch in found]
    assert widest == sorted(widest, reverse=True)
    for batch, width in zip(found, widest, strict=True):
        whole = len(batch) * width
        assert whole <= budget or len(batch) == 1
        assert 20 * (whole - sum(lengths[number] for number in batch)) < whole


@torch.inference_mode()
def test_greedy_is_what_greedy_decoding_would_write(model: PreTrainedModel) -> None:
    context, written = (3, 1, 4, 1, 5), ()
    for _ in range(4):
        logits = model(input_ids=torch.tensor([[*context, *written]])).logits[0, -1]
        written = (*written, int(logits.argmax()))
    other = (written[-1] + 1) % VOCABULARY
    asked = [Request(context, completion) for completion in (written, (*written[:-1], other), (other, *written[1:]))]
    asked.append(Request((9,) * 12, (7,)))  # longer than the others, so that they stand in padding
    assert [response.greedy for response in plain.run(model, asked)[:3]] == [True, False, False]


@pytest.mark.parametrize("model", ["gpt2", "llama", "gemma2", "opt"], indirect=True)
def test_bfloat16(model: PreTrainedModel) -> None:
    half = tiny.model(model.config.model_type, VOCABULARY).to(torch.bfloat16)
    asked = requests()
    expected = [(by_hand(half, request).token_logprobs, by_hand(model, request).token_logprobs) for request in asked]
    for responses in (score(half, asked, 1), plain.run(half, asked)):
        for response, (alone, exact) in zip(responses, expected, strict=True):
            assert response.token_logprobs == pytest.approx(alone, abs=tiny.BFLOAT16_BOUND)
            assert response.token_logprobs == pytest.approx(exact, abs=4 * tiny.BFLOAT16_BOUND)


def test_log_softmax_is_taken_in_float32() -> None:
    """Logits of a model in half precision, through `log_softmax` in float32, give probabilities that add up to one."""
    half = tiny.model("gpt2", VOCABULARY).to(torch.bfloat16)
    responses = plain.run(half, [Request((1, 2, 3), (token,)) for token in range(VOCABULARY)])
    numbers = torch.tensor([response.logprob for response in responses], dtype=torch.float64)
    assert float(numbers.exp().sum()) == pytest.approx(1, abs=1e-6)
    assert float(numbers.to(torch.bfloat16).double().exp().sum()) != pytest.approx(1, abs=1e-6)


def test_training_is_not_touched(model: PreTrainedModel) -> None:
    """No gradients are kept, and none are wanted of a caller."""
    plain.run(model, requests(2))
    assert all(weight.grad is None for weight in model.parameters())
    assert torch.is_grad_enabled()


def test_a_device_is_asked_for_by_the_model_alone() -> None:
    """Token ids go where the model says it is: anything that has `device` and logits will do."""
    logits = torch.zeros(1, 2, 3)
    logits[0, 1] = torch.tensor([0.0, 1.0, 2.0])

    class Fixed:
        device = torch.device("cpu")

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, use_cache: bool) -> Any:
            assert input_ids.tolist() == [[1, 2]]
            assert attention_mask.tolist() == [[1, 1]]
            assert not use_cache
            return SimpleNamespace(logits=logits)

        __call__ = forward

    (response,) = plain.run(Fixed(), [Request((1, 2), (0,))])
    assert response.token_logprobs == pytest.approx((-2.407606,), abs=1e-6)  # -log(1 + e + e**2)
    assert not response.greedy
