"""A run as a table: CSV and Parquet have every number with all its fields, Markdown and LaTeX what one prints."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from evalkit.interchange.finished import Exported, Finished
from evalkit.report.markdown import escaped, table_row, table_rule
from evalkit.report.summary import Cell, Line, interval, is_long, lines, main_results, number, short_names, shots_text

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "−": "$-$",
    "–": "--",
    "—": "---",
}


def as_csv(run: Finished) -> Exported:
    """One line for each number, all fields of `Result` behind the model's name, version and number format."""
    rows = _rows(run)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return Exported({"results.csv": text.getvalue()})


def as_parquet(run: Finished) -> Exported:
    """The same rows as a Parquet file."""
    import pyarrow  # heavy: loaded only when a table is written
    import pyarrow.parquet

    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(_rows(run)), sink, compression="zstd")
    return Exported({"results.parquet": sink.getvalue().to_pybytes()})


def as_markdown(run: Finished) -> Exported:
    """A table as GitHub shows it: one row for each task and metric, one column for each number of shots."""
    head, right, rows = _printed(run)
    table = [table_row(head), table_rule(right), *(table_row([escaped(cell) for cell in cells]) for cells in rows)]
    text = "\n".join([f"{escaped(_caption(run))}\n", *table])
    return Exported({"results.md": text + "\n"})


def as_latex(run: Finished) -> Exported:
    """A booktabs table with intervals; what names and metrics hold of LaTeX's own characters is escaped."""
    head, right, rows = _printed(run)

    def line(cells: Sequence[str]) -> str:
        return f"    {' & '.join(_escaped(cell) for cell in cells)} \\\\"

    text = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"  \centering",
        f"  \\caption{{{_escaped(_caption(run))}}}",
        f"  \\begin{{tabular}}{{{''.join('r' if one else 'l' for one in right)}}}",
        r"    \toprule",
        line(head),
        r"    \midrule",
        *(line(row) for row in rows),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return Exported({"results.tex": "\n".join(text) + "\n"})


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in text)


def _rows(run: Finished) -> list[dict[str, Any]]:
    model = run.manifest.model
    head = {"model": model["name"], "model_version": model["version"], "dtype": model["dtype"]}
    return [{**head, **asdict(result)} for result in run.results]


def _caption(run: Finished) -> str:
    return f"{run.manifest.model['name']}: shares in percent, other numbers as they are, with 95 % intervals."


def _printed(run: Finished) -> tuple[list[str], list[bool], list[list[str]]]:
    """Head, which columns stand to the right, and rows; columns that say the same in every row are left out."""
    table, shots = lines(main_results(run.results))
    several = [key for key in ("prompt", "seed", "subset") if len({getattr(row, key) for row in table}) > 1]
    names = short_names(row.task for row in table)
    columns: Sequence[int | None] = [None] if is_long(shots) else shots
    head = ["task", *several, "metric", "n", *(["shots", "score"] if is_long(shots) else map(shots_text, shots))]
    right = [False] * (2 + len(several)) + [True] * (len(head) - 2 - len(several))
    rows: list[list[str]] = []
    for row in table:
        first = [names[row.task], *(str(getattr(row, key)) for key in several), row.measure, f"{row.n:,}"]
        if columns == [None]:
            rows.extend([*first, str(count), _cell(row, cell)] for count, cell in row.cells.items())
        else:
            rows.append([*first, *(_cell(row, row.cells[count]) if count in row.cells else "" for count in shots)])
    return head, right, rows


def _cell(row: Line, cell: Cell) -> str:
    value, low, high = cell
    bounds = interval(row.metric, low, high)
    return f"{number(row.metric, value)} ({bounds})" if bounds else number(row.metric, value)
