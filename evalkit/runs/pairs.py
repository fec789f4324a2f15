"""Two outcomes of one number, of two models: the items that both have, side by side."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.errors import RunError
from evalkit.runs.outcomes import Key, Outcomes
from evalkit.statistics import group_sums, paired_sums

if TYPE_CHECKING:
    from evalkit.metrics.base import Floats


@dataclass(frozen=True, slots=True)
class Pair:
    """Row i of `first` and of `second` [n, d] is the same item, `ids[i]`, of the group `groups[i]`. Where the rows of a
    metric have no names, each is a whole group, and `ids` is empty. `left_out` counts the items that only the first has
    and those that only the second has.
    """

    key: Key
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    first: "Floats"
    second: "Floats"
    left_out: tuple[int, int]

    @property
    def is_by_item(self) -> bool:
        """Whether single items are paired, and not only groups."""
        return bool(self.ids)

    def sums(self) -> "tuple[Floats, Floats]":
        """The sums of each group, [G, d], in one order: what a resampling of groups draws from."""
        return group_sums(self.first, self.groups), group_sums(self.second, self.groups)


def pair(first: Outcomes, second: Outcomes) -> Pair:
    """The items that both have. The groups are those of the first.

    Raises:
        RunError: they have none in common, or their metrics count different things.
    """
    if first.key.metric != second.key.metric or first.values.shape[1:] != second.values.shape[1:]:
        raise RunError(f"{first.key.task}: {first.key.metric} and {second.key.metric} count different things")
    if first.ids and second.ids:
        places = {name: place for place, name in enumerate(second.ids)}
        common = [(place, places[name]) for place, name in enumerate(first.ids) if name in places]
        own, other = [place for place, _ in common], [place for _, place in common]
        ids, groups = tuple(first.ids[place] for place in own), tuple(first.groups[place] for place in own)
        rows = first.values[own], second.values[other]
        left_out = len(first.ids) - len(common), len(second.ids) - len(common)
    else:
        both = sorted(set(first.groups) & set(second.groups))
        ids, groups = (), tuple(both)
        sums = paired_sums((first.values, first.groups), (second.values, second.groups))
        order = list(dict.fromkeys([*first.groups, *second.groups]))
        chosen = [order.index(group) for group in both]
        rows = sums[0][chosen], sums[1][chosen]
        left_out = len(set(first.groups)) - len(both), len(set(second.groups)) - len(both)
    if not groups:
        raise RunError(f"{first.key.task}: the two runs have no item in common, so nothing can be paired")
    return Pair(first.key, ids, groups, *rows, left_out)
