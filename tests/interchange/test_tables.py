"""Tables: what stands in them is what the run has, and no name can break their syntax."""

import csv
import io
import re
from dataclasses import asdict, replace

import pyarrow
import pyarrow.parquet
import pytest

from evalkit.interchange.finished import Finished
from evalkit.interchange.tables import as_csv, as_latex, as_markdown, as_parquet


def text(exported: object) -> str:
    (content,) = exported.files.values()  # type: ignore[attr-defined]
    assert isinstance(content, str)
    return content


def test_csv_has_every_number_with_all_its_fields(run: Finished) -> None:
    rows = list(csv.DictReader(io.StringIO(text(as_csv(run)))))
    for result, row in zip(run.results, rows, strict=True):
        assert row == {
            "model": "evalkit-demo",
            "model_version": run.manifest.model["version"],
            "dtype": "float32",
            **{key: "" if value is None else str(value) for key, value in asdict(result).items()},
        }


def test_csv_keeps_commas_quotes_and_breaks(run: Finished) -> None:
    odd = replace(run.results[0], subset='a="b",\nc')
    (row,) = csv.DictReader(io.StringIO(text(as_csv(replace(run, results=(odd,))))))
    assert row["subset"] == 'a="b",\nc'


def test_parquet_has_the_same_rows(run: Finished) -> None:
    (content,) = as_parquet(run).files.values()
    assert isinstance(content, bytes)
    rows = pyarrow.parquet.read_table(pyarrow.BufferReader(content)).to_pylist()
    assert [{key: row[key] for key in asdict(run.results[0])} for row in rows] == [asdict(one) for one in run.results]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)&", line.strip().removesuffix(r"\\"))]


def test_latex_is_a_booktabs_table_with_intervals(run: Finished) -> None:
    odd = replace(run.results[0], value=0.5, low=0.4, high=0.61, metric="accuracy", task="a_b/50%&{x}~$#^\\", n=1277)
    lines = text(as_latex(replace(run, results=(odd, *run.results[1:])))).splitlines()
    rules = [place for place, line in enumerate(lines) if line.strip() in (r"\toprule", r"\midrule", r"\bottomrule")]
    assert len(rules) == 3
    columns = next(line for line in lines if r"\begin{tabular}" in line).partition("}{")[2].strip("}")
    body = lines[rules[1] + 1 : rules[2]]
    for line in (lines[rules[0] + 1], *body):
        assert len(cells(line)) == len(columns)
        assert line.endswith(r"\\")
        assert line.isascii()
    first = cells(body[0])
    assert first[0] == r"a\_b/50\%\&\{x\}\textasciitilde{}\$\#\textasciicircum{}\textbackslash{}"
    assert first[2:4] == ["1,277", "50.0 (40--61)"]
    assert sum(line.count("{") - line.count(r"\{") - line.count("}") + line.count(r"\}") for line in lines) == 0


def test_a_negative_number_has_a_minus_sign(run: Finished) -> None:
    negative = replace(run.results[0], metric="matthews", value=-0.25, low=-0.5, high=0.1)
    table = text(as_latex(replace(run, results=(negative,))))
    assert "$-$25.0 ($-$50--10)" in table


def test_markdown_has_one_column_for_each_number_of_shots(run: Finished) -> None:
    odd = replace(run.results[0], task="a|b")
    lines = text(as_markdown(replace(run, results=(odd, *run.results[1:])))).splitlines()[2:]
    assert lines[0] == "| task | metric | n | 0 shots | 1 shot |"
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {6}
    assert any(line.startswith(r"| a\|b |") for line in lines)


@pytest.mark.parametrize("write", [as_latex, as_markdown])
def test_many_numbers_of_shots_stand_in_rows(run: Finished, write) -> None:
    results = tuple(replace(run.results[0], shots=shots) for shots in range(7))
    table = text(write(replace(run, results=results)))
    assert len([line for line in table.splitlines() if "rte" in line]) == 7
