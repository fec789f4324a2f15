"""Parts of equal cost for several processes."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.engine.plan import Cost
from evalkit.engine.split import overlap, split
from evalkit.engine.tree import Tokens, in_order
from evalkit.schema import Request

READING = Cost(call=0, block=1)  # predictions cost nothing
SLACK = 0.05  # of a part: how far a cut may be from an even one

TEXTS = st.lists(st.integers(0, 2), min_size=1, max_size=7).map(tuple)
REQUESTS = st.lists(st.builds(Request, TEXTS, TEXTS), max_size=20)
PARTS = st.integers(1, 8)
COSTS = st.builds(Cost, st.just(0.0), st.just(1), st.sampled_from([0.0, 0.5, 10.0]))


def read(requests: Sequence[Request]) -> set[Tokens]:
    """Every prefix of what is read."""
    texts = [(*request.context, *request.completion[:-1]) for request in requests]
    return {text[:stop] for text in texts for stop in range(1, len(text) + 1)}


def costs(requests: Sequence[Request], parts: Sequence[Sequence[int]], cost: Cost) -> list[float]:
    """What every part takes that the parts before it have not read yet."""
    known: set[Tokens] = set()
    found = []
    for part in parts:
        chosen = [requests[number] for number in part]
        asked = sum(len(request.completion) for request in chosen)
        found.append(len(read(chosen) - known) + cost.prediction * asked)
        known |= read(chosen)
    return found


@settings(deadline=None, max_examples=100)
@given(REQUESTS, PARTS, COSTS)
def test_nothing_is_lost_or_doubled(requests: list[Request], parts: int, cost: Cost) -> None:
    found = split(requests, parts, cost)
    assert len(found) == parts
    assert sorted(number for part in found for number in part) == list(range(len(requests)))
    assert split(requests, parts, cost) == found


@settings(deadline=None, max_examples=100)
@given(REQUESTS, PARTS, COSTS)
def test_parts_are_stretches_of_the_trees_order(requests: list[Request], parts: int, cost: Cost) -> None:
    assert [number for part in split(requests, parts, cost) for number in part] == [
        number for number, _ in in_order(requests)
    ]


@settings(deadline=None, max_examples=100)
@given(REQUESTS, PARTS, COSTS)
def test_parts_cost_the_same_but_for_one_request(requests: list[Request], parts: int, cost: Cost) -> None:
    """No cut is farther from an even one than half of what it would have to cut through, or than the slack."""
    found = costs(requests, split(requests, parts, cost), cost)
    one_by_one = [[number] for number, _ in in_order(requests)]
    largest = max(costs(requests, one_by_one, cost), default=0)
    even = sum(found) / parts
    assert all(abs(each - even) <= max(largest, 2 * SLACK * even) + 1e-9 for each in found)


@settings(deadline=None, max_examples=100)
@given(REQUESTS, PARTS, st.randoms(use_true_random=False))
def test_the_order_of_requests_does_not_matter(requests: list[Request], parts: int, generator: random.Random) -> None:
    other = generator.sample(requests, len(requests))
    first, second = (
        [sorted((*order[number].context, *order[number].completion[:-1]) for number in part) for part in found]
        for order, found in ((requests, split(requests, parts, READING)), (other, split(other, parts, READING)))
    )
    assert first == second


def apart(*tokens: int) -> list[Request]:
    """Requests that share nothing and read so many tokens."""
    return [Request((number,) * count, (0,)) for number, count in enumerate(tokens, start=1)]


PARTED = [
    ("nothing", [], 1, [[]]),
    ("nothing for several", [], 3, [[], [], []]),
    ("one part", apart(1, 2, 3), 1, [[0, 1, 2]]),
    ("equal requests", apart(5, 5, 5, 5), 2, [[0, 1], [2, 3]]),
    ("one long and many short ones", apart(80, *[10] * 8), 2, [[0], [1, 2, 3, 4, 5, 6, 7, 8]]),
    ("many short ones and one long", apart(*[10] * 8, 80), 2, [[0, 1, 2, 3, 4, 5, 6, 7], [8]]),
    ("one that is longer than a part", apart(10, 300, 10), 3, [[0], [1], [2]]),
    ("one request for several", apart(9), 2, [[], [0]]),
    ("more parts than requests", apart(5, 5), 4, [[], [0], [1], []]),
]


@pytest.mark.parametrize(
    ("requests", "parts", "expected"), [case[1:] for case in PARTED], ids=[case[0] for case in PARTED]
)
def test_parts(requests: list[Request], parts: int, expected: list[list[int]]) -> None:
    found = split(requests, parts, READING)
    assert sorted(sorted(part) for part in found) == sorted(expected)  # which process has which is nobody's concern
    assert [number for part in found for number in part] == list(range(len(requests)))


def test_thousands_of_requests_are_parted_evenly() -> None:
    generator = random.Random(0)
    requests = [
        Request((0,) * 50 + (example,) * generator.randint(1, 100), (choice,))
        for example in range(1000)
        for choice in range(3)
    ]
    parts = split(requests, 8, READING)
    found = costs(requests, parts, READING)
    assert max(found) / min(found) < 1 + 4 * SLACK
    assert max(map(len, parts)) > min(map(len, parts))  # by cost, not by count


@pytest.mark.parametrize(
    ("length", "counts", "expected"),
    [
        (500, (96, 104), [96, 104]),  # the even cut would be through the second passage
        (500, (104, 96), [104, 96]),
        (500, (20, 180), [50, 150]),  # the passages' boundary is too far from even
        (100, (80, 120), [90, 110]),  # by a tenth of the whole
    ],
)
def test_a_cut_goes_where_little_is_shared(length: int, counts: tuple[int, int], expected: list[int]) -> None:
    """Between the questions about two passages."""
    requests = [Request((passage,) * length + (question,) * 10, (0,)) for passage, question in pairs(*counts)]
    assert [len(part) for part in split(requests, 2, READING)] == expected


def pairs(*counts: int) -> list[tuple[int, int]]:
    """The passage and the question of so many questions per passage."""
    return [(passage, 100 + question) for passage, count in enumerate(counts, 1) for question in range(count)]


def test_the_choices_of_one_example_stay_together() -> None:
    requests = [Request((example,) * 20, (choice, 9, 9)) for example in range(1, 101) for choice in range(4)]
    for part in split(requests, 3, READING):
        contexts = [requests[number].context for number in part]
        assert all(contexts.count(context) == 4 for context in contexts)


def test_predictions_count_as_what_they_cost() -> None:
    """Forty choices of one token after a short context, and one long text."""
    requests = [*(Request((1, 1), (choice,)) for choice in range(40)), Request((2,) * 46, (0,))]
    cheap, dear = (split(requests, 2, Cost(call=0, block=1, prediction=each)) for each in (0.01, 10))
    assert [len(part) for part in cheap] == [40, 1]
    assert [len(part) for part in dear] == [23, 18]  # 2 + 23 * 10 is 232 of 458


def test_every_token_of_a_completion_is_a_prediction() -> None:
    requests = [Request((number,) * 10, (0,) * (7 if number == 4 else 1)) for number in range(5)]
    assert split(requests, 2, Cost(call=0, block=1, prediction=10)) == [[0, 1, 2, 3], [4]]


OVERLAPS = [
    ([], []),
    ([(1, 2)], [0]),
    ([(1, 2), (1, 2)], [0, 2]),
    ([(1,), (1, 2, 3), (1, 2, 4), (5,)], [0, 1, 2, 0]),
]


@pytest.mark.parametrize(("texts", "expected"), OVERLAPS)
def test_overlap(texts: list[Tokens], expected: list[int]) -> None:
    assert overlap(list(enumerate(texts))) == expected
