"""The prefix tree: by hand, and against the set of all prefixes."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.engine.tree import Node, Target, Tokens, grow, in_order, shared, walk
from evalkit.schema import Request

DEPTH = 3000  # beyond Python's limit on recursion

TEXTS = st.lists(st.integers(0, 2), max_size=8).map(tuple)
REQUESTS = st.lists(st.builds(Request, TEXTS.filter(len), TEXTS.filter(len)), max_size=12)


def outline(node: Node) -> tuple[Tokens, list[tuple[int, int, int, int]], list[object]]:
    """A node as (tokens, targets as (depth, token, request, place), children)."""
    targets = sorted((target.depth, target.token, target.request, target.place) for target in node.targets)
    return node.tokens, targets, [outline(child) for child in node.children]


TREES = [
    ("nothing", [], []),
    ("one token is read, one is asked", [((7,), (8,))], [((7,), [(0, 8, 0, 0)], [])]),
    (
        "the docstring's example",
        [((5, 6, 7), (8,)), ((5, 6, 7), (9, 2)), ((5, 6), (4, 1))],
        [
            (
                (5, 6),
                [(1, 4, 2, 0)],
                [
                    ((4,), [(2, 1, 2, 1)], []),
                    ((7,), [(2, 8, 0, 0), (2, 9, 1, 0)], [((9,), [(3, 2, 1, 1)], [])]),
                ],
            )
        ],
    ),
    (
        "the same text, whose completion begins elsewhere",
        [((1, 2, 3), (4,)), ((1,), (2, 3, 4))],
        [((1, 2, 3), [(0, 2, 1, 0), (1, 3, 1, 1), (2, 4, 0, 0), (2, 4, 1, 2)], [])],
    ),
    (
        "the same request twice",
        [((1, 2), (3,)), ((1, 2), (3,))],
        [((1, 2), [(1, 3, 0, 0), (1, 3, 1, 0)], [])],
    ),
    (
        "nothing in common",
        [((2,), (9,)), ((1,), (9,))],
        [((1,), [(0, 9, 1, 0)], []), ((2,), [(0, 9, 0, 0)], [])],
    ),
    (
        "a run with targets is cut between them",
        [((1,), (2, 3, 4, 5)), ((1, 2, 9), (8,))],
        [
            (
                (1, 2),
                [(0, 2, 0, 0), (1, 3, 0, 1)],
                [((3, 4), [(2, 4, 0, 2), (3, 5, 0, 3)], []), ((9,), [(2, 8, 1, 0)], [])],
            )
        ],
    ),
    (
        "a run is cut twice",
        [((1, 2, 3, 4), (0,)), ((1, 2, 3, 5), (0,)), ((1, 6), (0,))],
        [
            (
                (1,),
                [],
                [
                    ((2, 3), [], [((4,), [(3, 0, 0, 0)], []), ((5,), [(3, 0, 1, 0)], [])]),
                    ((6,), [(1, 0, 2, 0)], []),
                ],
            )
        ],
    ),
]


@pytest.mark.parametrize(("requests", "expected"), [case[1:] for case in TREES], ids=[case[0] for case in TREES])
def test_trees_by_hand(requests: Sequence[tuple[Tokens, Tokens]], expected: list[object]) -> None:
    root = grow([Request(context, completion) for context, completion in requests])
    assert outline(root) == ((), [], expected)
    assert root.depth == 0


def paths(root: Node) -> Iterator[tuple[Tokens, Node]]:
    """Every node with the tokens from the root to its end."""
    waiting: list[tuple[Tokens, Node]] = [((), root)]
    while waiting:
        before, node = waiting.pop()
        text = (*before, *node.tokens)
        yield text, node
        waiting.extend((text, child) for child in node.children)


def prefixes(requests: Sequence[Request]) -> set[Tokens]:
    """Of all that is read."""
    reads = [(*request.context, *request.completion[:-1]) for request in requests]
    return {text[:stop] for text in reads for stop in range(1, len(text) + 1)}


@settings(deadline=None, max_examples=100)
@given(REQUESTS)
def test_every_prefix_is_there_once(requests: list[Request]) -> None:
    ends = [text[: node.depth + place + 1] for text, node in paths(grow(requests)) for place in range(len(node.tokens))]
    assert sorted(ends) == sorted(prefixes(requests))


@settings(deadline=None, max_examples=100)
@given(REQUESTS)
def test_nodes_fork_where_texts_part(requests: list[Request]) -> None:
    root = grow(requests)
    reads = {(*request.context, *request.completion[:-1]) for request in requests}
    for text, node in paths(root):
        assert node.end == len(text)
        assert bool(node.tokens) is (node is not root)
        assert all(child.depth == node.end for child in node.children)
        first = [child.tokens[0] for child in node.children]
        assert first == sorted(set(first))
        if node is not root and len(node.children) < 2:
            assert text in reads  # else its child would belong to it


@settings(deadline=None, max_examples=100)
@given(REQUESTS)
def test_targets_are_asked_where_they_follow(requests: list[Request]) -> None:
    asked: list[tuple[int, int]] = []
    for text, node in paths(grow(requests)):
        assert [target.depth for target in node.targets] == sorted(target.depth for target in node.targets)
        for target in node.targets:
            assert node.depth <= target.depth < node.end
            request = requests[target.request]
            assert text[: target.depth + 1] == (*request.context, *request.completion[: target.place])
            assert target.token == request.completion[target.place]
            asked.append((target.request, target.place))
    assert sorted(asked) == [
        (number, place) for number, request in enumerate(requests) for place in range(len(request.completion))
    ]


@settings(deadline=None, max_examples=100)
@given(REQUESTS)
def test_in_order_neighbours_share_the_most(requests: list[Request]) -> None:
    order = in_order(requests)
    assert sorted(number for number, _ in order) == list(range(len(requests)))
    for number, text in order:
        assert text == (*requests[number].context, *requests[number].completion[:-1])
    for place, (_, text) in enumerate(order):
        others = [shared(text, other) for _, other in order[:place]]
        assert max(others, default=0) == (others[-1] if others else 0)


SHARED = [
    ((), (), 0),
    ((), (1,), 0),
    ((1,), (1,), 1),
    ((1,), (2,), 0),
    ((1, 2, 3), (1, 2), 2),
    ((1, 2), (1, 2, 3), 2),
    ((1, 2, 3), (1, 2, 4), 2),
    ((1, 2, 3), (4, 2, 3), 0),
    ((0,) * 1000, (0,) * 999 + (1,), 999),
    ((0,) * 1000, (0,) * 500 + (1,) + (0,) * 499, 500),
]


@pytest.mark.parametrize(("one", "other", "count"), SHARED)
def test_shared(one: Tokens, other: Tokens, count: int) -> None:
    assert shared(one, other) == shared(other, one) == count


@settings(deadline=None, max_examples=100)
@given(TEXTS, TEXTS, TEXTS)
def test_shared_is_the_longest_common_beginning(common: Tokens, one: Tokens, other: Tokens) -> None:
    one, other = (*common, *one), (*common, *other)
    count = shared(one, other)
    assert one[:count] == other[:count]
    assert count == min(len(one), len(other)) or one[count] != other[count]


def test_walk_goes_down_first_and_along_the_children_in_order() -> None:
    requests = [Request(tuple(text), (0,)) for text in ([1, 1], [1, 2, 1], [1, 2, 2], [1, 3], [2])]
    assert [node.tokens for node in walk(grow(requests))] == [(), (1,), (1,), (2,), (1,), (2,), (3,), (2,)]


def test_a_tree_may_be_deeper_than_recursion() -> None:
    """The texts a, aa, aaa and so on: every node has one token."""
    requests = [Request((7,) * length, (7,)) for length in range(1, DEPTH + 1)]
    nodes = list(walk(grow(requests)))
    assert [node.depth for node in nodes[1:]] == list(range(DEPTH))
    assert all(node.tokens == (7,) for node in nodes[1:])
    assert [node.targets for node in nodes[1:]] == [[Target(place, 7, place, 0)] for place in range(DEPTH)]
