"""A comparison as Markdown, for pull requests."""

from collections.abc import Iterator

from evalkit.comparison.links import Links
from evalkit.comparison.record import Comparison, Contrast, Difference, Flip, Run
from evalkit.comparison.words import (
    ALIKE,
    READING,
    cells,
    change_text,
    headline,
    heads,
    is_sure,
    lone,
    run_text,
    signature_texts,
    unlike_text,
    whys,
)
from evalkit.report.markdown import escaped, folded, table_row, table_rule
from evalkit.report.plain import printable


def markdown(comparison: Comparison, most: int, links: Links | None = None) -> str:
    """The page.

    Args:
        most: so many flips each way are told of every number whose difference is sure.
        links: where the runs' reports show samples, if the page can point to them.
    """
    runs = [f"- **{run.label}**: {escaped(run_text(run))}" for run in comparison.runs]
    parts = [
        line for contrast in comparison.contrasts for line in _contrast(contrast, comparison.baseline, most, links)
    ]
    return "\n".join(["## evalkit: comparison", "", *runs, *parts, "", f"<sub>{escaped(READING)}</sub>", ""])


def _contrast(contrast: Contrast, baseline: Run, most: int, links: Links | None) -> Iterator[str]:
    labels = baseline.label, contrast.run.label
    yield from ("", f"### {labels[1]} against {labels[0]}", "", f"**{escaped(headline(contrast, baseline))}**", "")
    if contrast.signatures:
        yield "Besides the model, the signatures differ:"
        yield ""
        yield from (f"- {escaped(told)}" for told in signature_texts(contrast, baseline))
    else:
        yield ALIKE
    if unlike := unlike_text(contrast):
        yield from ("", escaped(unlike))
    yield ""
    yield from _table(contrast, labels)
    for told in (*whys(contrast), *contrast.notes):
        yield f"- {escaped(told)}"
    for one in contrast.differences:
        if is_sure(one) and most:
            yield from _flips(one, labels, most, links)
    for head, names in lone(contrast, baseline):
        yield from folded(head, [f"- {escaped(name)}" for name in names])
    if contrast.surroundings:
        yield from folded(
            "What differs in versions, arguments and machine",
            [f"- {escaped(change_text(change, *labels))}" for change in contrast.surroundings],
        )


def _table(contrast: Contrast, labels: tuple[str, str]) -> Iterator[str]:
    what = heads(contrast)
    columns = [*what, "n", *labels, f"{labels[1]} − {labels[0]} [95 %]", "p", "Holm", "MDE", "flips", ""]
    yield table_row(columns)
    yield table_rule([name not in ("task", "prompt", "metric", "") for name in columns])
    keys = (*what, "n", "first", "second", "gap", "p", "adjusted", "mde", "flips", "verdict")
    for one in contrast.differences:
        shown = {key: escaped(text) for key, text in cells(one).items()}
        if is_sure(one):
            shown["verdict"] = f"**{shown['verdict']}**"
        yield table_row([shown[key] for key in keys])
    yield ""


def _flips(one: Difference, labels: tuple[str, str], most: int, links: Links | None) -> Iterator[str]:
    if one.flips is None or not any(one.flips):
        return
    shown = cells(one)
    lines: list[str] = []
    for way, flips in zip(("From right to wrong", "From wrong to right"), one.flips, strict=True):
        if flips:
            more = f", the first {most} of {len(flips):,}" if len(flips) > most else ""
            lines += ["", f"{way}{more}:", ""]
            lines += [_flip(flip, one.is_offensive, labels, links) for flip in flips[:most]]
    yield from folded(f"{shown['task']}, {shown['shots']} shots, {shown['metric']}: flips {shown['flips']}", lines)


def _flip(flip: Flip, is_offensive: bool, labels: tuple[str, str], links: Links | None) -> str:
    told = [f"`{printable(flip.id).replace('`', ' ')}`"]
    if not is_offensive:
        answers = ", ".join(f"{label}: {said}" for label, said in zip(labels, (flip.first, flip.second), strict=True))
        told.append(escaped(f"{flip.text} ({answers}; right: {flip.target})"))
    if links is not None:
        told += [f"[{label}]({to})" for label, to in links.of(flip, labels)]
    return f"- {' '.join(told)}"
