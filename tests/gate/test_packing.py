"""What is packed comes back, and what is damaged says so."""

import numpy as np
import pytest

from evalkit.gate.packing import pack_column, pack_groups, pack_names, unpack_column, unpack_groups, unpack_names


@pytest.mark.parametrize(
    "column",
    [
        [1.0],
        [1.0] * 9,
        [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        [0.0, 2 / 3, 1.0, 0.5, 0.8],
        [float(place) for place in range(256)],
        [-3.0, 1e12, 0.1],
    ],
)
def test_a_column_comes_back_exactly(column: list[float]) -> None:
    assert unpack_column(pack_column(np.array(column)), len(column)).tolist() == column


def test_many_different_values_come_back_as_32_bit_floats() -> None:
    column = np.random.default_rng(0).normal(size=300)
    assert unpack_column(pack_column(column), 300).tolist() == column.astype(np.float32).tolist()


@pytest.mark.parametrize("names", [(), ("0", "1", "2"), ("1", "2"), ("00", "01"), ("b", "a"), ("7", "é", '"', "\\")])
def test_names_come_back(names: tuple[str, ...]) -> None:
    assert unpack_names(pack_names(names), len(names)) == names


def test_names_that_count_up_take_no_room() -> None:
    assert pack_names([str(place) for place in range(10_000)]) == {"from": 0}


def test_groups_come_back_as_numbers_in_order_of_appearance() -> None:
    assert unpack_groups(pack_groups(["b", "a", "b", "c"]), 4) == [0, 1, 0, 2]


@pytest.mark.parametrize(
    ("unpack", "n"),
    [
        (lambda n: unpack_column(pack_column(np.arange(5.0)), n), 4),
        (lambda n: unpack_column(pack_column(np.arange(300.0)), n), 301),
        (lambda n: unpack_column({"values": [0, 1], "which": "c-n"}, n), 4),
        (lambda n: unpack_column({"values": [0, 1], "which": "not base 85 ,"}, n), 4),
        (lambda n: unpack_column({"values": [0.5, 1, 2], "which": pack_column(np.arange(4.0))["which"]}, n), 4),
        (lambda n: unpack_names(pack_names(["b", "a"]), n), 3),
        (lambda n: unpack_names(pack_names(["x" * 40] * 1000), n), 2),
        (lambda n: unpack_groups(pack_groups(["b", "a", "c"]), n), 2),
    ],
)
def test_what_is_not_as_long_as_it_has_to_be_is_an_error(unpack, n) -> None:
    with pytest.raises((ValueError, IndexError)):
        unpack(n)
