"""Which numbers of two runs belong together: results in, pairs out, and what only one of them has."""

from collections.abc import Callable, Sequence
from typing import Any

from evalkit.schema import Result

Pairs = list[tuple[Result, Result]]

_LOOSER: tuple[tuple[str, ...], ...] = (
    ("prompt", "shots", "seed"),
    ("shots", "seed"),
    ("prompt", "shots"),
    ("prompt", "seed"),
    (),
)


def match(first: Sequence[Result], second: Sequence[Result]) -> tuple[Pairs, list[Result], list[Result]]:
    """The numbers of one task, metric and scorer under the same prompt, shots and seed; of those left over, the ones
    that differ in one of these, or in all, if on both sides there is exactly one that could be meant. Numbers of two
    scorers never belong together. In the order of the first run.
    """
    left, right = list(first), list(second)
    pairs: Pairs = []
    for kept in _LOOSER:
        found = _matched(left, right, _keyed(kept))
        pairs += found
        taken = {id(one) for pair in found for one in pair}
        left, right = ([one for one in side if id(one) not in taken] for side in (left, right))
    place = {id(one): index for index, one in enumerate(first)}
    return sorted(pairs, key=lambda pair: place[id(pair[0])]), left, right


def _keyed(fields: Sequence[str]) -> Callable[[Result], tuple[Any, ...]]:
    return lambda one: (one.task, one.metric, one.scorer, *(getattr(one, field) for field in fields))


def _matched(left: Sequence[Result], right: Sequence[Result], key: Callable[[Result], tuple[Any, ...]]) -> Pairs:
    sides: tuple[dict[tuple[Any, ...], list[Result]], ...] = ({}, {})
    for side, results in zip(sides, (left, right), strict=True):
        for one in results:
            side.setdefault(key(one), []).append(one)
    return [
        (ones[0], sides[1][name][0])
        for name, ones in sides[0].items()
        if len(ones) == 1 and len(sides[1].get(name, ())) == 1
    ]
