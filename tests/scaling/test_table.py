"""Points from CSV files, and what is wrong with some."""

from pathlib import Path

import pytest

from evalkit.errors import DataError, UsageError
from evalkit.scaling.amounts import amount, short
from evalkit.scaling.table import read_points, read_sizes


def file(folder: Path, text: str) -> Path:
    path = folder / "points.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_sizes_follow_from_each_other(tmp_path) -> None:
    path = file(tmp_path, "\ufeffmodel,parameters,tokens,compute,loss,low,high,more\na,1e8,2e9,,3.5,3.4,3.6,x\n"
                          "b,,2e9,1.2e18,3.4,,,\n\n,1e8,,1.2e18,3.3,,,\n")  # fmt: skip
    found = read_points(path, {}, None)
    assert [(one.parameters, one.tokens, one.compute) for one in found.points] == [(1e8, 2e9, 1.2e18)] * 3
    assert [(one.name, one.value, one.low, one.where) for one in found.points] == [
        ("a", 3.5, 3.4, f"{path}, line 2"),
        ("b", 3.4, None, f"{path}, line 3"),
        ("line 5", 3.3, None, f"{path}, line 5"),
    ]
    assert (found.measure.kind, found.measure.is_nats, found.measure.name) == ("loss", True, "points.csv")


def test_columns_have_names_of_their_own_and_lines_are_left_out(tmp_path) -> None:
    path = file(tmp_path, "N,nll,bad\n1e8,0.5,no\n1e9,0.4,yes\n")
    found = read_points(path, {"parameters": "N", "error": "nll"}, ("bad", "yes"))
    assert (len(found.points), found.dropped, found.measure.kind, found.measure.is_nats) == (1, 1, "error", False)


def test_an_error_may_reach_down_to_0(tmp_path) -> None:
    (point,) = read_points(file(tmp_path, "parameters,error,low\n1e8,0.02,0\n"), {}, None).points
    assert point.low == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parameters,loss,low\n1e8,3,0\n", "line 2: low is '0', expected a number above 0"),
        ("parameters,error,low\n1e8,.3,-1\n", "line 2: low is '-1', expected 0 or a number above it"),
        ("parameters,error\n1e8,0\n", "line 2: error is '0', expected a number above 0"),
        ("parameters,loss\n1e8,abc\n", "line 2: loss is 'abc', expected a number above 0, such as 1.5e9"),
        ("parameters,loss\n1e8,3\n-1,3\n", "line 3: parameters is '-1', expected a number above 0"),
        ("parameters,loss\n1e8,nan\n", "line 2: loss is 'nan'"),
        ("parameters,loss\n1e8,\n", "line 2: loss is empty; every point has one"),
        ("parameters,loss\n1e8,3,4\n", "line 2: 3 cells, and the first line names 2 columns"),
        ("parameters,error\n1e8,43.5\n", "line 2: error is 43.5, expected a share between 0 and 1, not percent"),
        (
            "size,nll\n1,2\n",
            "found the columns size, nll; expected one of loss, bits_per_byte, error, and at least one",
        ),
        ("parameters,loss,error\n1,2,.5\n", "found the columns parameters, loss, error; expected one of"),
        ("", r"found the columns \(none\)"),
        ('parameters,loss\n"1e8,3\n', "is no CSV file in UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, message) -> None:
    with pytest.raises(DataError, match=message) as error:
        read_points(file(tmp_path, text), {}, None)
    assert str(error.value).startswith(str(tmp_path / "points.csv"))


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: cannot be read: No such file"):
        read_points(tmp_path / "none.csv", {}, None)
    (tmp_path / "points.csv").write_bytes(b"parameters,loss\n\xff,1\n")
    with pytest.raises(DataError, match="no CSV file in UTF-8"):
        read_points(tmp_path / "points.csv", {}, None)


@pytest.mark.parametrize(
    ("columns", "drop", "message"),
    [
        ({"params": "N"}, None, "--columns params=N: there is no params; there are model, parameters"),
        ({"loss": "nll"}, None, "--columns loss=nll: .* has no such column. It has parameters, loss"),
        ({}, ("bad", "yes"), "--drop bad=yes: .* has no such column"),
        ({}, ("loss", "7"), "--drop loss=7: no line of .* has that. Found: 3"),
    ],
)
def test_names_that_are_not_there_are_refused(tmp_path, columns, drop, message) -> None:
    with pytest.raises(UsageError, match=message):
        read_points(file(tmp_path, "parameters,loss\n1e8,3\n"), columns, drop)


def test_sizes_of_models(tmp_path) -> None:
    assert read_sizes(file(tmp_path, "model,tokens\na,3e11\nb,\n"), {}) == {
        "a": (None, 3e11, None),
        "b": (None, None, None),
    }
    assert read_sizes(file(tmp_path, "model,parameters,tokens\n a ,1e8,1e9\n"), {}) == {"a": (1e8, 1e9, None)}
    with pytest.raises(DataError, match="line 3: a is listed twice; every model has one line"):
        read_sizes(file(tmp_path, "model,tokens\na,3e11\na ,2e11\n"), {})
    with pytest.raises(DataError, match="line 2: model is empty"):
        read_sizes(file(tmp_path, "model,tokens\n ,3e11\n"), {})
    with pytest.raises(DataError, match="Beside runs, a file gives the sizes of their models"):
        read_sizes(file(tmp_path, "model,tokens,loss\na,3e11,2\n"), {})


@pytest.mark.parametrize(
    ("text", "value"),
    [("70B", 7e10), ("1.4T", 1.4e12), ("70_000", 7e4), ("5.76e23", 5.76e23), (" 3e2K", 3e5), ("7m", 7e6)],
)
def test_amounts(text, value) -> None:
    assert amount(text, "--at") == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "B", "-3", "0", "1e400", "3G", "nan", "1,5"])
def test_what_is_no_amount(text) -> None:
    with pytest.raises(UsageError, match=f"--at: '{text}' is no positive number, such as 70e9, 70B or 1.4T"):
        amount(text, "--at")


@pytest.mark.parametrize(
    ("value", "text"),
    [(7e10, "70B"), (1.4e12, "1.4T"), (999.9e6, "1B"), (5.76e23, "5.76e23"), (1e21, "1e21"), (12, "12"), (None, "-")],
)
def test_sizes_are_said_short(value, text) -> None:
    assert short(value) == text
