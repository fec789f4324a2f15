"""Two outcomes side by side."""

from dataclasses import replace

import numpy as np
import pytest

from evalkit.errors import RunError
from evalkit.runs.outcomes import Key, Outcomes
from evalkit.runs.pairs import pair
from evalkit.schema import Result


def outcome(ids, groups, hits, metric="accuracy"):
    result = Result("t", "p", 0, 0, metric, 0.0, None, None, len(groups), len(set(groups)), 0.0, 0, 0, "t@1")
    values = np.array([[hit, 1.0] for hit in hits])
    return Outcomes(Key("t", "p", 0, 0, metric), tuple(ids), tuple(groups), values, result)


def test_items_stand_side_by_side_whatever_their_order():
    first = outcome("abcd", "1122", [1, 0, 1, 0])
    second = outcome("dcbx", "2213", [1, 1, 0, 1])
    paired = pair(first, second)
    assert paired.ids == ("b", "c", "d")
    assert paired.groups == ("1", "2", "2")  # those of the first
    assert paired.first[:, 0].tolist() == [0, 1, 0]
    assert paired.second[:, 0].tolist() == [0, 1, 1]
    assert paired.left_out == (1, 1)
    assert paired.is_by_item
    sums = paired.sums()
    assert sums[0].tolist() == [[0, 1], [1, 2]]
    assert sums[1].tolist() == [[0, 1], [2, 2]]


def test_rows_without_names_are_paired_by_group():
    first = outcome("", "112", [1, 0, 1])
    second = outcome("", "2213", [1, 1, 0, 1])
    paired = pair(first, second)
    assert not paired.is_by_item
    assert paired.groups == ("1", "2")
    assert paired.first.tolist() == [[1, 2], [1, 1]]
    assert paired.second.tolist() == [[0, 1], [2, 2]]
    assert paired.left_out == (0, 1)


def test_names_on_one_side_alone_do_not_pair():
    paired = pair(outcome("ab", "12", [1, 0]), outcome("", "12", [1, 1]))
    assert not paired.is_by_item
    assert paired.second.tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize("ids", [("ab", "xy"), ("", "")])
def test_nothing_in_common(ids):
    with pytest.raises(RunError, match="t: the two runs have no item in common, so nothing can be paired"):
        pair(outcome(ids[0], "12", [1, 0]), outcome(ids[1], "34", [1, 0]))


def test_different_things_are_not_paired():
    first = outcome("ab", "12", [1, 0])
    with pytest.raises(RunError, match="accuracy and matthews count different things"):
        pair(first, outcome("ab", "12", [1, 0], "matthews"))
    with pytest.raises(RunError, match="accuracy and accuracy count different things"):
        pair(first, replace(first, values=np.ones((2, 4))))
