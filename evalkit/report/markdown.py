"""Markdown for pull requests: of a whole run, and the pieces that other pages are made of.

In: a run. Out: a comment that GitHub takes (65,536 characters).
"""

import re
from collections.abc import Iterator, Sequence

from evalkit.contamination.join import Contamination
from evalkit.report import listing
from evalkit.report.contamination import coverage, gain, main_scores
from evalkit.report.diagnostics import flag_lines
from evalkit.report.grid import Cell, Grid, settled
from evalkit.report.loaded import Loaded
from evalkit.report.plain import one_line
from evalkit.report.summary import UNITS, notes
from evalkit.report.verdict import verdict
from evalkit.runs.diagnostics import Diagnosis
from evalkit.schema import Result

MOST = 65_536  # characters of a comment on GitHub
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#!|~&$@])")
_MANY = 12  # lines of one kind, before the others are folded away
_MOST_LINES = 100
_ROOM = 200  # characters for what says how much was left out
_TICKS = re.compile(r"`+")
_LINKED = re.compile(r"(?<=[@#])(?=\w)|(?<=\w)(?=://)|(?<=\bwww)(?=\.)", re.IGNORECASE)
_NOTHING = "&#8203;"  # GitHub looks for mentions, issues and links in what Markdown leaves; a backslash hides none


def escaped(text: str) -> str:
    """A text that means nothing to Markdown, on one line."""
    return _LINKED.sub(_NOTHING, _SPECIAL.sub(r"\\\1", one_line(text)))


def html(text: str) -> str:
    """A text that means nothing to HTML, and to GitHub."""
    return _LINKED.sub(_NOTHING, text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def folded(head: str, lines: Sequence[str]) -> Iterator[str]:
    """Lines that open under a head."""
    yield from ("", f"<details><summary>{html(head)}</summary>", "", *lines, "", "</details>")


def table_row(cells: Sequence[str]) -> str:
    """A row of a table, of cells that are Markdown."""
    return f"| {' | '.join(cells)} |"


def table_rule(right: Sequence[bool]) -> str:
    """The line below a table's head; numbers stand at the right."""
    return table_row(["--:" if one else "---" for one in right])


def fenced(text: str, language: str = "") -> list[str]:
    """Text as it is, in a fence that it cannot close."""
    ticks = "`" * max(3, 1 + max(map(len, _TICKS.findall(text)), default=0))
    return [f"{ticks}{language}", text, ticks]


def table(grid: Grid) -> list[str]:
    """A grid as a table; what is equal in every row stands above."""
    kept, above = settled(grid)
    head = [
        table_row([escaped(column.title) for column in kept.columns]),
        table_rule([one.is_number for one in kept.columns]),
    ]
    body = [table_row([_cell(one, place in kept.strong) for one in cells]) for place, cells in enumerate(kept.rows)]
    return [*([f"<sub>{escaped(above)}</sub>", ""] if above else []), *head, *body]


def summary(run: Loaded, most: int = MOST) -> str:
    """The run in at most so many characters: what does not fit is left out, the signatures first, and that is said."""
    manifest, results, diagnoses = run.manifest, run.results, run.diagnoses
    status = "" if manifest.status == "complete" else f" The run is {manifest.status}."
    head = [
        f"## evalkit: {escaped(str(manifest.model['name']))}",
        "",
        f"**{escaped(verdict(run) + status)}**",
        "",
    ]
    grids = listing.scores(results, diagnoses, short=True)
    scores = table(grids[0]) if grids else []
    below = [
        "",
        f"<sub>{escaped(_reading(results, diagnoses))}</sub>",
        *_points("Notes", notes(results)),
        *_points("Flags", flag_lines(diagnoses)),
        *_points("Left out", [f"{task}: {reason}" for task, reason in manifest.skipped.items()]),
        *_contamination(run.contamination),
    ]
    command = [*folded("The command that repeats it", fenced(one_line(manifest.command), "sh")), ""]
    if _length([*head, *below, *command]) + _ROOM > most:  # nothing is cut in two that has to be closed
        below, command = ["", "*Notes, flags and the command are in the report.*"], [""]
    signatures = list(dict.fromkeys(one_line(one.signature) for one in results))
    kept, cut = _fitting(scores, most - _length([*head, *below, *command]) - _ROOM)
    if cut:
        kept, cut = _fitting(_averages_first(scores), most - _length([*head, *below, *command]) - _ROOM)
    if cut:
        below = [f"*{cut:,} more rows are in the report.*", *below]
    room = most - _length([*head, *kept, *below, *command]) - _ROOM
    told, left = _fitting(signatures, room)
    shown = "\n".join([*told, *([f"and {left:,} more in results.json"] if left else [])])
    parts = [*folded("Signatures", fenced(shown, "text"))] if told else []
    return "\n".join([*head, *kept, *below, *parts, *command])[:most]


def _cell(one: Cell, strong: bool) -> str:
    """A cell's parts; what stands back behind a number (its interval) is in brackets."""
    parts = [(text.strip(), style) for text, style in one if text.strip()]
    told = " ".join(
        escaped(f"[{text}]" if place and style == "dim" else text) for place, (text, style) in enumerate(parts)
    )
    return f"**{told}**" if strong and told else told


def _reading(results: Sequence[Result], diagnoses: Sequence[Diagnosis]) -> str:
    told = [UNITS]
    if legend := listing.legend(results, diagnoses):
        told.append(f"{legend}.")
    if judged := listing.judged(results):
        told.append(f"Judged by {judged}.")
    return " ".join(told)


def _points(head: str, lines: Sequence[str]) -> list[str]:
    """Lines as a list; many of them below a head that opens."""
    if not lines:
        return []
    items = [f"- {escaped(line)}" for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        items.append(f"- and {len(lines) - _MOST_LINES:,} more, which the report has")
    return list(folded(f"{head}: {len(lines):,}", items)) if len(items) > _MANY else ["", *items]


def _contamination(joined: Contamination | None) -> list[str]:
    """One line: how many of the tasks' first numbers change by how much without the dirty examples."""
    if joined is None:
        return []
    main = [one for one in main_scores(joined.scores) if one.epg is not None]
    told = [f"{one.task} {gain(one)}" for one in sorted(main, key=lambda one: -abs(one.epg or 0.0))[:3]]
    gains = f" Score of all less the clean ones, the largest: {'; '.join(told)}." if told else ""
    return ["", escaped(f"Contamination: {coverage(joined.manifest)}{gains}")]


def _averages_first(rows: Sequence[str]) -> list[str]:
    """A table's lines with those that stand out, which come last, at the top."""
    head = 1 + next(place for place, line in enumerate(rows) if line.startswith("| --"))
    return [*rows[:head], *sorted(rows[head:], key=lambda line: not line.startswith("| **"))]


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _fitting(lines: Sequence[str], room: int) -> tuple[list[str], int]:
    """The first lines that have room, and how many there are besides."""
    kept: list[str] = []
    for place, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return kept, len(lines) - place
        kept.append(line)
    return kept, 0
