"""Requests to a prefix tree: in which every run of tokens that several requests begin with stands once.

A request reads its context and its completion but for the last token, and asks after some of those tokens how likely
a certain next one is. Two requests that read the same tokens for a while share that part of the tree:

    context (5 6 7), completion (8)      ->   5 6 7        asks here for 8
    context (5 6 7), completion (9 2)    ->     |- 9       asks at 7 for 9, here for 2
    context (5 6),   completion (4 1)    ->   splits 5 6 | 7 and asks at 6 for 4

Pure Python on integers: it knows no tensors.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from evalkit.schema import Request

Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A token whose log-probability is asked for: the `place`-th of the completion of request number `request`.

    `depth` is the token after which it is asked, counted from the beginning of the text; in a batch, its slot.
    """

    depth: int
    token: int
    request: int
    place: int


@dataclass(slots=True)
class Node:
    """A run of tokens, the targets asked within it, and the runs that go on from its end; `depth` tokens precede it."""

    depth: int
    tokens: Tokens
    targets: list[Target] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The depth at which its children begin."""
        return self.depth + len(self.tokens)


def grow(requests: Sequence[Request]) -> Node:
    """The tree of all requests: a root without tokens, its children in the lexicographic order of their tokens."""
    root = Node(0, ())
    path = [root]  # the run last added and those above it
    last: Tokens = ()
    for number, tokens in in_order(requests):
        common = shared(last, tokens)
        while len(path) > 1 and path[-1].depth >= common:
            path.pop()
        if path[-1].end > common:
            _split(path[-1], common)
        if len(tokens) > common:
            path[-1].children.append(Node(common, tokens[common:]))
            path.append(path[-1].children[-1])
        _ask(path, requests[number], number)
        last = tokens
    return root


def in_order(requests: Sequence[Request]) -> list[tuple[int, Tokens]]:
    """The requests' numbers with the tokens they read, sorted by these, so that neighbours share the most."""
    reads = [(number, (*request.context, *request.completion[:-1])) for number, request in enumerate(requests)]
    return sorted(reads, key=lambda read: read[1])


def shared(one: Tokens, other: Tokens) -> int:
    """How many tokens two texts begin with in common; by slices, which compare much faster than a loop."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def walk(root: Node) -> Iterator[Node]:
    """Every node, parents first and siblings in order; without recursion, for trees are as deep as texts are long."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def _split(node: Node, depth: int) -> None:
    """Cut a node's run in two: it keeps what stands above the depth, its only child gets the rest."""
    cut = depth - node.depth
    later = bisect_left(node.targets, depth, key=lambda target: target.depth)
    tail = Node(depth, node.tokens[cut:], node.targets[later:], node.children)
    node.tokens, node.targets, node.children = node.tokens[:cut], node.targets[:later], [tail]


def _ask(path: Sequence[Node], request: Request, number: int) -> None:
    """Put a request's targets into the nodes of its path; each node's targets stay sorted by depth."""
    above = len(path) - 1
    for place in range(len(request.completion) - 1, -1, -1):
        depth = len(request.context) + place - 1
        while path[above].depth > depth:
            above -= 1
        targets = path[above].targets
        target = Target(depth, request.completion[place], number, place)
        targets.insert(bisect_left(targets, depth, key=lambda other: other.depth), target)
