"""Batches, run by a small interpreter that knows only what their docstrings promise, against one text at a time."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.engine.plan import Batch, Cost, Piece, needed, plan
from evalkit.engine.tree import Tokens
from evalkit.models.fake import FakeModel
from evalkit.schema import Request, Response

DEAR = Cost(call=1e12, block=1)  # a call costs more than any attention
FREE = Cost(call=0, block=1)

TEXTS = st.lists(st.integers(0, 2), min_size=1, max_size=7).map(tuple)
STEMS = st.lists(TEXTS, min_size=1, max_size=3)
COSTS = st.builds(
    Cost, st.sampled_from([0.0, 1.0, 6.0, 40.0, 1e12]) | st.floats(0, 200), st.sampled_from([1, 2, 5, 1 << 30])
)
BUDGETS = st.integers(1, 60)


@st.composite
def requests_of_few_stems(draw: st.DrawFn) -> list[Request]:
    """Whose contexts begin alike, of three tokens, so that the trees branch much; some are equal."""
    stem = st.sampled_from(draw(STEMS))
    contexts = st.builds(lambda one, other, more: one + other * more, stem, TEXTS, st.booleans())
    return draw(st.lists(st.builds(Request, contexts, TEXTS.map(lambda text: text[:4])), max_size=12))


REQUESTS = requests_of_few_stems()


@dataclass(slots=True)
class Interpreter:
    """Runs batches without a model: reads which text stands at each slot, and holds what is kept."""

    kept: dict[int, Tokens] = field(default_factory=dict)  # by trunk: the text from its beginning to the trunk's end

    def run(self, batch: Batch) -> list[Tokens]:
        """For each slot the tokens that it sees, its own the last."""
        fresh: dict[int, Tokens] = {}
        seen: list[Tokens] = []
        for piece in batch.pieces:
            before = self._follow(piece, fresh)
            assert piece.start == len(seen) < piece.stop
            assert len(piece.parents) == piece.stop - piece.start
            for parent, token in zip(piece.parents, batch.tokens[piece.start : piece.stop], strict=True):
                assert -1 <= parent < len(seen) - piece.start
                seen.append((*(seen[piece.start + parent] if parent >= 0 else before), token))
            own = seen[piece.start : piece.stop]
            assert piece.is_chain is all(one == other[:-1] for one, other in pairwise([before, *own]))
            if piece.trunk is not None:
                assert piece.is_chain
                assert piece.trunk not in fresh | self.kept
                fresh[piece.trunk] = seen[-1]
        assert len(seen) == len(batch.tokens)
        assert batch.positions == tuple(len(text) - 1 for text in seen)
        self._keep(batch, fresh)
        return seen

    def _follow(self, piece: Piece, fresh: dict[int, Tokens]) -> Tokens:
        """The text of a piece's path. A trunk's keys and values are those behind its own path, so the texts to the
        ends of the trunks have to go on from one to the next.
        """
        texts = [(fresh if trunk in fresh else self.kept)[trunk] for trunk in piece.path]
        for one, other in pairwise([(), *texts]):
            assert other[: len(one)] == one
            assert len(other) > len(one)
        return texts[-1] if texts else ()

    def _keep(self, batch: Batch, fresh: dict[int, Tokens]) -> None:
        followed = {trunk for piece in batch.pieces for trunk in piece.path}
        assert batch.keep <= set(fresh)
        assert batch.drop <= set(self.kept) & followed
        self.kept = {trunk: text for trunk, text in self.kept.items() if trunk not in batch.drop}
        self.kept.update((trunk, fresh[trunk]) for trunk in batch.keep)


def run(batches: Sequence[Batch], budget: int) -> tuple[list[Tokens], dict[tuple[int, int], float]]:
    """The text at every slot of all batches, and the log-probability of every target (by request and place)."""
    interpreter = Interpreter()
    texts: list[Tokens] = []
    answers: dict[tuple[int, int], float] = {}
    for batch in batches:
        assert 0 < len(batch.tokens) <= budget
        seen = interpreter.run(batch)
        slots = [target.depth for target in batch.targets]
        assert slots == sorted(slots)
        for target in batch.targets:
            assert (target.request, target.place) not in answers
            answers[target.request, target.place] = logprob(seen[target.depth], target.token, target.place)
        texts.extend(seen)
    assert not interpreter.kept
    return texts, answers


def logprob(text: Tokens, token: int, place: int) -> float:
    """Of a token after a text, whose last `place` tokens belong to the completion."""
    cut = len(text) - place
    (response,) = FakeModel().score([Request(text[:cut], (*text[cut:], token))], lambda *_: None)
    return response.token_logprobs[-1]


def expected(requests: Sequence[Request]) -> dict[tuple[int, int], float]:
    responses: list[Response] = FakeModel().score(requests, lambda *_: None)
    return {
        (number, place): each
        for number, response in enumerate(responses)
        for place, each in enumerate(response.token_logprobs)
    }


def prefixes(requests: Sequence[Request]) -> set[Tokens]:
    """Of all that is read."""
    reads = [(*request.context, *request.completion[:-1]) for request in requests]
    return {text[:stop] for text in reads for stop in range(1, len(text) + 1)}


@settings(deadline=None, max_examples=200)
@given(REQUESTS, BUDGETS, COSTS)
def test_batches_give_every_answer_and_read_every_prefix_once(requests: list[Request], budget: int, cost: Cost) -> None:
    texts, answers = run(plan(requests, budget, cost), budget)
    assert sorted(texts) == sorted(prefixes(requests))
    assert answers == expected(requests)


@settings(deadline=None, max_examples=100)
@given(REQUESTS, BUDGETS, COSTS, st.randoms(use_true_random=False))
def test_what_is_wanted_is_answered_in_the_same_batches(
    requests: list[Request], budget: int, cost: Cost, generator: random.Random
) -> None:
    wanted = {number for number in range(len(requests)) if generator.random() < 0.3}
    batches = plan(requests, budget, cost)
    chosen = needed(batches, wanted)
    _, answers = run(chosen, budget)
    assert {pair: answers.get(pair) for pair in expected(requests) if pair[0] in wanted} == {
        pair: each for pair, each in expected(requests).items() if pair[0] in wanted
    }
    assert answers.items() <= expected(requests).items()
    whole = iter([unbounded(batch) for batch in batches])
    assert all(unbounded(batch) in whole for batch in chosen)  # the same ones, in the same order


@settings(deadline=None, max_examples=100)
@given(REQUESTS, BUDGETS, COSTS, st.integers(0, 11))
def test_no_more_runs_than_is_needed(requests: list[Request], budget: int, cost: Cost, number: int) -> None:
    """Every batch answers what is wanted, or a later one follows a trunk of it."""
    chosen = needed(plan(requests, budget, cost), {number})
    for index, batch in enumerate(chosen):
        answers = any(target.request == number for target in batch.targets)
        own = {piece.trunk for piece in batch.pieces}
        followed = {trunk for later in chosen[index + 1 :] for piece in later.pieces for trunk in piece.path}
        assert answers or own & followed
        assert batch.keep == own & followed


def unbounded(batch: Batch) -> Batch:
    """A batch without what the others follow."""
    return replace(batch, keep=frozenset(), drop=frozenset())


@settings(deadline=None, max_examples=100)
@given(REQUESTS, BUDGETS, COSTS)
def test_all_are_needed_for_all_and_none_for_none(requests: list[Request], budget: int, cost: Cost) -> None:
    batches = plan(requests, budget, cost)
    assert needed(batches, set(range(len(requests)))) == batches
    assert needed(batches, set()) == []
    assert needed(batches, {len(requests)}) == []


@settings(deadline=None, max_examples=100)
@given(REQUESTS, BUDGETS, COSTS, st.randoms(use_true_random=False))
def test_a_plan_does_not_depend_on_the_order_of_requests(
    requests: list[Request], budget: int, cost: Cost, generator: random.Random
) -> None:
    other = generator.sample(requests, len(requests))
    first, second = (plan(order, budget, cost) for order in (requests, other))
    assert first == plan(requests, budget, cost)
    assert [(one.tokens, one.positions, one.pieces, one.keep, one.drop) for one in first] == [
        (one.tokens, one.positions, one.pieces, one.keep, one.drop) for one in second
    ]
    for one, two in zip(first, second, strict=True):
        assert sorted((target.depth, target.token, target.place) for target in one.targets) == sorted(
            (target.depth, target.token, target.place) for target in two.targets
        )


def lengths(batches: Sequence[Batch]) -> list[list[int]]:
    """Of the pieces of every batch."""
    return [[piece.stop - piece.start for piece in batch.pieces] for batch in batches]


def test_nothing_to_plan() -> None:
    assert plan([], 1, FREE) == []
    assert needed([], {0}) == []


def test_choices_share_their_context() -> None:
    context = tuple(range(10, 20))
    (batch,) = plan([Request(context, (choice,)) for choice in range(4)], 100, FREE)
    assert batch.tokens == context
    assert sorted((target.depth, target.token, target.request) for target in batch.targets) == [
        (9, choice, choice) for choice in range(4)
    ]


@pytest.mark.parametrize("cost", [FREE, DEAR])
@pytest.mark.parametrize("budget", [7, 50, 1000])
def test_a_fixed_prefix_is_read_once(budget: int, cost: Cost) -> None:
    shots = tuple(range(100, 140))
    requests = [Request((*shots, 0, example), (choice, 7)) for example in range(5) for choice in range(3)]
    texts, answers = run(plan(requests, budget, cost), budget)
    assert len(texts) == 40 + 1 + 5 + 5 * 3
    assert answers == expected(requests)


PREFIX, SUFFIXES = tuple(range(20)), [(30, 1), (31, 1, 2), (32, 1, 2, 3)]
PIECES = [
    ("calls are free: each text follows the trunk", 100, FREE, [[20, 2, 3, 4]]),
    ("calls are dear: one mask over all", 100, DEAR, [[29]]),
    ("a call is dearer than 2 x 3 pairs, and cheaper than 5 x 4", 100, Cost(call=8, block=1), [[20, 5, 4]]),
    ("a call is cheaper than 2 x 3 pairs", 100, Cost(call=5, block=1), [[20, 2, 3, 4]]),
    ("what does not fit one row is not one piece", 28, DEAR, [[20], [9]]),
    ("nor are siblings that do not", 8, DEAR, [[8], [8], [4], [5], [4]]),
]


@pytest.mark.parametrize(("budget", "cost", "pieces"), [case[1:] for case in PIECES], ids=[case[0] for case in PIECES])
def test_the_cost_decides_what_is_one_piece(budget: int, cost: Cost, pieces: list[list[int]]) -> None:
    requests = [Request((*PREFIX, *suffix), (5,)) for suffix in SUFFIXES]
    batches = plan(requests, budget, cost)
    assert lengths(batches) == pieces
    assert run(batches, budget)[1] == expected(requests)


def test_what_is_dear_under_one_mask_is_not_put_beside_others() -> None:
    """Two long texts that share one token are two leaves; a short one beside them would be cheap with both."""
    requests = [Request((1,) + (example,) * 10, (0,)) for example in (2, 3)] + [Request((2,), (0,))]
    assert lengths(plan(requests, 100, Cost(call=30, block=1))) == [[1, 10, 10, 1]]


@pytest.mark.parametrize(
    ("cost", "before", "tokens", "number"),
    [
        (Cost(call=0, block=1), 0, 1, 1),  # a token sees itself
        (Cost(call=0, block=1), 0, 4, 1 + 2 + 3 + 4),
        (Cost(call=0, block=1), 10, 4, 11 + 12 + 13 + 14),
        (Cost(call=0, block=2), 10, 4, 12 + 12 + 14 + 14),
        (Cost(call=0, block=4), 10, 4, 14 * 4),
        (Cost(call=0, block=99), 10, 4, 14 * 4),
        (Cost(call=7, block=99, prediction=3), 10, 4, 7 + 14 * 4),
    ],
)
def test_cost_counts_pairs_of_a_query_and_a_key(cost: Cost, before: int, tokens: int, number: float) -> None:
    assert cost.of(before, tokens) == number


def spent(batches: Sequence[Batch], cost: Cost) -> float:
    """What the pieces of batches cost."""
    return sum(
        cost.of(batch.positions[piece.start], piece.stop - piece.start) for batch in batches for piece in batch.pieces
    )


@pytest.mark.parametrize("block", [1, 128, 1 << 30])
def test_a_plan_costs_no_more_than_either_extreme(block: int) -> None:
    """Every text by itself behind what it shares, or as much as fits under one mask."""
    requests = [
        Request((*range(40), question, *range(question % 5)), (choice, *range(3)))
        for question in range(50, 70)
        for choice in range(4)
    ]
    apart, together = (plan(requests, 500, Cost(call, block)) for call in (0, 1e12))
    assert lengths(apart) != lengths(together)
    for call in (0, 10, 100, 1_000, 10_000, 100_000):
        cost = Cost(call, block)
        assert spent(plan(requests, 500, cost), cost) <= min(spent(apart, cost), spent(together, cost))


def test_a_long_text_is_cut_into_trunks() -> None:
    request = Request(tuple(range(100)), (7, 8))
    batches = plan([request], 30, DEAR)
    assert lengths(batches) == [[30], [30], [30], [11]]
    assert [batch.pieces[0].path for batch in batches] == [(), (0,), (0, 1), (0, 1, 2)]
    assert [batch.keep for batch in batches] == [{0}, {1}, {2}, set()]
    assert [batch.drop for batch in batches] == [set(), set(), set(), {0, 1, 2}]
    assert run(batches, 30)[1] == expected([request])


@pytest.mark.parametrize(
    ("first", "second", "pieces"),
    [
        (27, 40, [[27], [30], [10]]),  # 3 of 30 are not worth a cut
        (22, 40, [[22, 8], [30], [2]]),
        (26, 3, [[26, 3]]),
        (30, 31, [[30], [30], [1]]),
    ],
)
def test_a_long_text_begins_in_what_a_row_has_left(first: int, second: int, pieces: list[list[int]]) -> None:
    requests = [Request((0,) * first, (5,)), Request((1,) * second, (5,))]
    batches = plan(requests, 30, FREE)
    assert lengths(batches) == pieces
    assert run(batches, 30)[1] == expected(requests)


def test_a_short_trunk_needs_no_more_than_its_own_room() -> None:
    requests = [Request((0,) * 27, (0,)), *(Request((1, 1) + (example,) * 20, (0,)) for example in (2, 3))]
    assert lengths(plan(requests, 30, FREE)) == [[27, 2], [20], [20]]


ROW_BY_ROW = [  # prefixes with two examples each, all of which fill rows of 4
    Request((prefix,) * 4 + (example,) * 4, (0,)) for prefix in range(4) for example in (8, 9)
]


def test_a_trunk_is_dropped_with_the_last_that_follow_it() -> None:
    batches = plan(ROW_BY_ROW, 4, FREE)
    assert lengths(batches) == [[4]] * 12
    assert [set(batch.keep) for batch in batches[:6]] == [{0}, set(), set(), {1}, set(), set()]
    assert [set(batch.drop) for batch in batches[:6]] == [set(), set(), {0}, set(), set(), {1}]


@pytest.mark.parametrize(
    ("wanted", "chosen"), [({0}, [0, 1]), ({1}, [0, 2]), ({5}, [6, 8]), ({0, 7}, [0, 1, 9, 11]), ({8}, [])]
)
def test_what_is_wanted_runs_its_own_batches_and_its_trunks(wanted: set[int], chosen: list[int]) -> None:
    batches = plan(ROW_BY_ROW, 4, FREE)
    found = needed(batches, wanted)
    assert [batch.tokens for batch in found] == [batches[index].tokens for index in chosen]
    assert [bool(batch.keep) for batch in found] == [True, False] * (len(chosen) // 2)
    assert [bool(batch.drop) for batch in found] == [False, True] * (len(chosen) // 2)


@pytest.mark.parametrize("cost", [FREE, DEAR, Cost(call=1000, block=128)])
@pytest.mark.parametrize("budget", [50, 10_000])
def test_a_tree_may_be_deeper_than_recursion(budget: int, cost: Cost) -> None:
    requests = [Request((7,) * length, (7,)) for length in range(1, 1501)]
    batches = plan(requests, budget, cost)
    assert sum(len(batch.tokens) for batch in batches) == 1500
    assert sum(len(batch.targets) for batch in batches) == 1500
    assert needed(batches, set(range(1500))) == batches
