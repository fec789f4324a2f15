"""What a gate says, in words and in files: a `Gate` in; Markdown, JUnit XML and JSON out."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from evalkit.errors import RunError
from evalkit.finite import finite
from evalkit.gate.baseline import Baseline
from evalkit.gate.lines import OVERALL, Gate, Line
from evalkit.report.markdown import escaped, table_row, table_rule
from evalkit.report.summary import measured_by, number, setting_text
from evalkit.statistics import INCONCLUSIVE, PASS, REGRESSION, SETTLED

FORMAT = 1
EXIT_CODES = {PASS: 0, REGRESSION: 3, INCONCLUSIVE: 4}
_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 has no place for
_HEAD = ("verdict", "task", "metric", "n", "baseline", "candidate", "change", "worst", "p", "n to settle it")
_WORDS = ("verdict", "task", "metric")  # the columns that are no numbers


def headline(gate: Gate) -> str:
    """The verdict in one sentence."""
    count = {verdict: sum(line.verdict == verdict for line in gate.all_lines) for verdict in EXIT_CODES}
    several = f"{count[PASS]} of {len(gate.all_lines)} pass"
    others = [f"{count[one]} {_counted(one, count[one])}" for one in (REGRESSION, INCONCLUSIVE) if count[one]]
    return f"{gate.verdict}: {', '.join([several, *others])}; {_who(gate.candidate)} against {_who(gate.baseline)}"


def meanings(gate: Gate) -> list[str]:
    """What each verdict that occurs means."""
    drop, alpha = points(gate.terms.max_drop), f"{100 * gate.terms.alpha:g}"
    sure, likely = f"{100 * (1 - gate.terms.alpha):g}", f"{100 * SETTLED:g}"
    said = {
        PASS: f"pass: shown, at {sure} %, to have lost no more than {drop} (`worst` is the bound), or the same "
        "in every item, which tells nothing of others.",
        REGRESSION: "regression: a loss is certain (if nothing was lost, any line of the gate would say so in at most "
        f"{alpha} of 100 cases), and it is more than {drop} as far as one can see.",
        INCONCLUSIVE: "inconclusive: neither of the two can be shown. With as many items as it needs, a candidate that "
        f"lost nothing passes in {likely} of 100 cases, and one that lost {points(2 * gate.terms.max_drop)} fails in "
        "more. A larger --max-drop needs fewer.",
    }
    found = {line.verdict for line in gate.all_lines}
    text = [said[verdict] for verdict in EXIT_CODES if verdict in found]
    if any(line.relative for line in gate.all_lines):
        text.append("Numbers that are no shares change by parts of the baseline's, in percent; positive is better.")
    if gate.overall is not None:
        text.append("overall: the mean over tasks of their first metric, of shares.")
    return text


def points(part: float) -> str:
    """A share of 1 in points: `1 point`, `0.5 points`."""
    return f"{100 * part:g} point{'' if 100 * part == 1 else 's'}"


def signed(line: Line, value: float | None) -> str:
    """A change in points, or in percent of the baseline's number; with its sign, which 0 has not."""
    if value is None:
        return "unknown"
    text = f"{100 * value:+.2f}"
    text = text[1:] if not float(text) else text.replace("-", "−")
    return f"{text} %" if line.relative else text


def shown(line: Line, value: float) -> str:
    """The baseline's or the candidate's number."""
    return number(line.key.metric, value)


def rounded(needed: int | None) -> str:
    """A number of items as it is worth saying: `950`, `49k`, `1.2M`; empty where there is none."""
    if needed is None:
        return ""
    for unit, worth in (("M", 1e6), ("k", 1e3)):
        if needed >= worth * 0.9995:
            return f"{needed / worth:.{1 if needed < 10 * worth else 0}f}{unit}"
    return str(needed)


def markdown(gate: Gate) -> str:
    """The verdict, the table, what the verdicts mean, and what has to be known beside."""
    lines = [
        table_row(_HEAD),
        table_rule([name not in _WORDS for name in _HEAD]),
        *(table_row(_row(line)) for line in gate.all_lines),
    ]
    table = "\n".join(lines)
    notes = "".join(f"- {escaped(text)}\n" for text in [*meanings(gate), *gate.notes])
    return f"## evalkit gate: {gate.verdict}\n\n{escaped(headline(gate))}\n\n{table}\n\n{notes}"


def junit(gate: Gate) -> bytes:
    """A test case for every line: a regression is a failure, what is inconclusive is skipped."""
    count = {verdict: sum(line.verdict == verdict for line in gate.all_lines) for verdict in EXIT_CODES}
    counts = {"tests": len(gate.all_lines), "failures": count[REGRESSION], "errors": 0, "skipped": count[INCONCLUSIVE]}
    root = ElementTree.Element("testsuites", {name: str(value) for name, value in counts.items()})
    suite = ElementTree.SubElement(root, "testsuite", {"name": "evalkit gate", **root.attrib, "time": "0"})
    for line in gate.all_lines:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": _xml(line.key.task), "name": _xml(_name(line)), "time": "0"}
        )
        if line.verdict != PASS:
            kind = "failure" if line.verdict == REGRESSION else "skipped"
            ElementTree.SubElement(case, kind, {"message": _xml(sentence(line))})
        else:
            ElementTree.SubElement(case, "system-out").text = _xml(sentence(line))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def as_json(gate: Gate) -> str:
    """Everything, with the exit code."""
    content = {
        "format": FORMAT,
        "verdict": gate.verdict,
        "exit_code": EXIT_CODES[gate.verdict],
        "terms": asdict(gate.terms),
        "baseline": {"name": gate.baseline.name, "model": dict(gate.baseline.model)},
        "candidate": {"name": gate.candidate.name, "model": dict(gate.candidate.model)},
        "lines": [_line(line) for line in gate.lines],
        "overall": _line(gate.overall) if gate.overall is not None else None,
        "notes": list(gate.notes),
    }
    return json.dumps(finite(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def sentence(line: Line) -> str:
    """One line of the gate in words."""
    ends = f"{shown(line, line.baseline)} to {shown(line, line.candidate)} ({signed(line, line.change)})"
    found = f"{line.verdict}: {ends}, at worst {signed(line, line.low)}, p of no loss {line.p:.3g}, n {line.n:,}"
    return f"{found}; about {rounded(line.needed)} would settle it" if line.needed is not None else found


def save(path: Path, content: str | bytes, append: bool = False) -> None:
    """Write or append to a file.

    Raises:
        RunError: it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab" if append else "wb") as file:
            file.write(data)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror}") from None


def _row(line: Line) -> tuple[str, ...]:
    task = setting_text(line.key) if line.key.task != OVERALL else OVERALL
    metric = measured_by(line.key.metric, line.key.scorer)
    return (
        f"**{line.verdict}**" if line.verdict != PASS else line.verdict,
        *(escaped(text) for text in (task, metric)),
        f"{line.n:,}",
        *(shown(line, line.baseline), shown(line, line.candidate)),
        *(signed(line, line.change), signed(line, line.low)),
        f"{line.p:.3f}",
        rounded(line.needed),
    )


def _line(line: Line) -> dict[str, Any]:
    values = asdict(line)
    values.pop("key")
    return {**line.key._asdict(), **values}


def _name(line: Line) -> str:
    if not line.key.metric:
        return "mean of tasks"
    return f"{measured_by(line.key.metric, line.key.scorer)} {setting_text(line.key).partition(' ')[2]}"


def _who(one: Baseline) -> str:
    return f"{one.name} ({one.model['name']}, {one.model['dtype']})"


def _counted(verdict: str, count: int) -> str:
    return "regressions" if verdict == REGRESSION and count > 1 else verdict


def _xml(text: str) -> str:
    return _XML.sub("?", text)
