"""A comparison as files: `compare.html` (one file, no network, every text escaped), `compare.json`, `compare.md`."""

import json
from pathlib import Path
from typing import Any

from evalkit.comparison.links import Links, links
from evalkit.comparison.markdown import markdown
from evalkit.comparison.record import Comparison, Contrast, Difference, as_json
from evalkit.comparison.words import (
    ALIKE,
    READING,
    cells,
    headline,
    heads,
    is_sure,
    lone,
    run_text,
    signature_texts,
    unlike_text,
    whys,
)
from evalkit.errors import RunError
from evalkit.files import put
from evalkit.report.page import asset, dressed, environment
from evalkit.report.summary import is_share

SHOWN = 20  # flips each way of one number that the page carries
_LEAST = 0.05  # the ends of a bar's scale, at least


def write(comparison: Comparison, folder: Path, most: int) -> Path:
    """Write the three files, in the place of older ones, and give the page's path; `most` is as `markdown` has it.

    Raises:
        RunError: they cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        to = links(comparison, folder)
    except OSError as error:
        raise RunError(f"{folder}: the comparison cannot be written: {error.strerror}") from None
    put(folder / "compare.json", json_text(comparison).encode(), RunError)
    put(folder / "compare.md", markdown(comparison, most, to).encode(), RunError)
    put(folder / "compare.html", render(comparison, to).encode(), RunError)
    return folder / "compare.html"


def json_text(comparison: Comparison) -> str:
    """The comparison as a JSON file has it."""
    return json.dumps(as_json(comparison), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def render(comparison: Comparison, to: Links) -> str:
    """The page's HTML."""
    return (
        environment()
        .get_template("compare.html.jinja")
        .render(
            runs=comparison.runs,
            parts=parts(comparison, elsewhere="; compare.json has every flip"),
            reports=to.reports,
            link=to.of,
            run_text=run_text,
            **dressed(asset("report.css")),
        )
    )


def parts(comparison: Comparison, elsewhere: str = "") -> list[dict[str, Any]]:
    """What a page shows of each run against the baseline; `elsewhere` says where else flips are."""
    return [_part(contrast, comparison, elsewhere) for contrast in comparison.contrasts]


def _part(contrast: Contrast, comparison: Comparison, elsewhere: str) -> dict[str, Any]:
    labels = (comparison.baseline.label, contrast.run.label)
    widest = _widest(contrast)
    return {
        "labels": labels,
        "headline": headline(contrast, comparison.baseline),
        "signatures": signature_texts(contrast, comparison.baseline),
        "unlike": unlike_text(contrast),
        "alike": ALIKE,
        "surroundings": contrast.surroundings,
        "heads": [name for name in heads(contrast) if name not in ("task", "metric")],
        "rows": [
            {"of": one, "cells": cells(one), "bar": _bar(one, widest), "is_sure": is_sure(one)}
            for one in contrast.differences
        ],
        "widest": f"{100 * widest:.0f}",
        "reading": READING,
        "told": [*whys(contrast), *contrast.notes],
        "lone": lone(contrast, comparison.baseline),
        "most": SHOWN,
        "elsewhere": elsewhere,
    }


def _widest(contrast: Contrast) -> float:
    """Where the scale of the bars ends on both sides."""
    shares = [one for one in contrast.differences if is_share(one.results[0].metric)]
    ends = [abs(end) for one in shares for end in (one.low, one.high, one.difference) if end is not None]
    return max([_LEAST, *ends])


def _bar(one: Difference, widest: float) -> dict[str, float] | None:
    """Where the interval and the difference stand on a scale, in percent of its width; None of what is no share."""
    if not is_share(one.results[0].metric):
        return None

    def at(value: float) -> float:
        return round(50 + 50 * max(-1.0, min(1.0, value / widest)), 1)

    low, high = (one.difference if end is None else end for end in (one.low, one.high))
    return {"from": at(low), "width": round(at(high) - at(low), 1), "at": at(one.difference)}
