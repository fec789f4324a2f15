"""Scaling laws as a page and as a panel: fits, or the runs of a family of models, in; HTML and JSON out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evalkit.errors import RunError, UsageError
from evalkit.files import put
from evalkit.report.drawing import on_page
from evalkit.report.page import asset, dressed, environment
from evalkit.report.scaling_figures import family_figure, frontier_figure, law_figure
from evalkit.runs.folder import RunFolder
from evalkit.scaling import texts
from evalkit.scaling.amounts import short
from evalkit.scaling.fit import Asked, check, fit_each
from evalkit.scaling.gather import Source, gather
from evalkit.scaling.points import ERROR
from evalkit.scaling.record import Scaling, json_text
from evalkit.scaling.words import at_text

_POINTS = 60  # that the page lists
_PANELS = 12  # that are drawn
_JSON = "scaling.json"
_FAMILY = "a law is of models of one family, trained alike: through models of unrelated families a line is none"


def write(scalings: Sequence[Scaling], folder: Path) -> Path:
    """Write `scaling.html` and `scaling.json`, in the place of older ones, and give the page's path.

    Raises:
        RunError: they cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder}: the scaling laws cannot be written: {error.strerror}") from None
    put(folder / _JSON, json_text(scalings).encode(), RunError)
    put(folder / "scaling.html", render(scalings).encode(), RunError)
    return folder / "scaling.html"


def render(scalings: Sequence[Scaling]) -> str:
    """The page's HTML."""
    template = environment().get_template("scaling.html.jinja")
    models = list(dict.fromkeys(point.name for scaling in scalings for point in scaling.points))
    return template.render(models=models, scaling=panel_of(scalings, _JSON), **dressed(asset("report.css")))


def panel(runs: Sequence[Path]) -> dict[str, Any] | None:
    """What `scaling-panel.html.jinja` needs (as `scaling`) for a report of several runs: the error or loss of every
    task that they share against parameters. Runs that do not know their model's parameters are left out, with a note.
    None where the others are of fewer than three sizes, or share no such task.

    Raises:
        RunError: a folder has no run, or it is damaged or unfinished.
    """
    asked = Asked(bootstrap=500)
    models = {path: RunFolder.open(path).read_manifest().model for path in runs}
    sized = [path for path, model in models.items() if model["parameters"]]
    notes = [_FAMILY]
    if unsized := [str(model["name"]) for model in models.values() if not model["parameters"]]:
        notes.append(f"left out, as their parameters are not known: {', '.join(dict.fromkeys(unsized))}")
    try:
        found = gather(Source(runs=sized), check(asked).count + 1)
        scalings, _ = fit_each([replace(one, notes=[*notes, *one.notes]) for one in found], asked)
    except UsageError:
        return None
    return panel_of(scalings)


def panel_of(scalings: Sequence[Scaling], file: str = "") -> dict[str, Any]:
    """What `scaling-panel.html.jinja` shows of fits, as `scaling`; `file` is the one beside it that has them whole. All
    stand in the table; the first dozen are drawn, each with a figure and a part of its own.
    """
    drawn = scalings[:_PANELS]
    return {
        "fits": [_fit(one, is_drawn=place < _PANELS) for place, one in enumerate(scalings)],
        "figure": on_page(family_figure(drawn)) if len(scalings) > 1 else "",
        "notes": list(dict.fromkeys(note for one in scalings for note in one.notes)),
        "drawn": len(drawn),
        "left_out": len(scalings) - len(drawn),
        "most": _POINTS,
        "file": file,
    }


def _fit(scaling: Scaling, *, is_drawn: bool) -> dict[str, Any]:
    """One fit as the panel shows it."""
    return {
        "name": scaling.measure.name,
        "headline": texts.headline(scaling),
        "formula": scaling.formula,
        "symbols": texts.scaled_by(scaling),
        "quality": texts.quality(scaling),
        "figures": _figures(scaling) if is_drawn else [],
        "papers": scaling.papers,
        "compared": [_constant(scaling, name) for name in texts.compared(scaling)],
        "constants": [_constant(scaling, name) for name in scaling.constants],
        "is_error": scaling.measure.kind == ERROR,
        "forecasts": [_forecast(scaling, place) for place in range(len(scaling.forecasts))],
        "frontier": _frontier(scaling),
        "points": [_point(scaling, place) for place in range(len(scaling.points))],
        "notes": scaling.notes,
    }


def _figures(scaling: Scaling) -> list[tuple[str, str]]:
    """The figures of a fit with their captions."""
    frontier = frontier_figure(scaling)
    figures: list[tuple[str, str]] = []
    if scaling.curve:
        figures.append((on_page(law_figure(scaling)), _caption(scaling)))
    if frontier is not None:
        figures.append(
            (on_page(frontier), "Along a grey line the loss is the same; its leftmost place costs the least.")
        )
    return figures


def _constant(scaling: Scaling, name: str) -> dict[str, Any]:
    own = scaling.constants[name]
    return {
        "name": name,
        "value": texts.constant(name, own.value),
        "bounds": texts.constant_bounds(name, own),
        "papers": [
            texts.printed(name, paper.constants[name])
            + (f" ± {texts.printed(name, paper.stderr[name])}" if name in paper.stderr else "")
            for paper in scaling.papers
        ],
    }


def _forecast(scaling: Scaling, place: int) -> dict[str, str]:
    one = scaling.forecasts[place]
    return {
        "at": at_text(one),
        "value": texts.loss(scaling.measure, one.loss.value),
        "law": texts.loss_bounds(scaling.measure, one.loss.low, one.loss.high),
        "model": texts.loss_bounds(scaling.measure, one.low, one.high),
    }


def _frontier(scaling: Scaling) -> dict[str, Any] | None:
    found = scaling.frontier
    if found is None:
        return None
    return {
        "exponents": [
            (name, texts.constant("a", own.value), texts.constant_bounds("a", own), _theirs(scaling, place))
            for place, (name, own) in enumerate((("a", found.a), ("b", found.b)))
        ],
        "scale": texts.constant("G", found.scale.value),
        "papers": list(found.exponents),
        "budgets": [
            {
                "compute": short(one.compute),
                "parameters": (short(one.parameters.value), texts.sizes(one.parameters)),
                "tokens": (short(one.tokens.value), texts.sizes(one.tokens)),
                "ratio": (texts.ratio(one.ratio.value), texts.ratio_bounds(one.ratio)),
                "loss": (
                    texts.loss(scaling.measure, one.loss.value),
                    texts.loss_bounds(scaling.measure, one.loss.low, one.loss.high),
                ),
                "advised": [texts.ratio(value) for value in one.advised.values()],
            }
            for one in found.budgets
        ],
    }


def _theirs(scaling: Scaling, place: int) -> list[str]:
    """The exponent of the frontier at this place, by paper."""
    return (
        [texts.constant("a", both[place]) for both in scaling.frontier.exponents.values()] if scaling.frontier else []
    )


def _point(scaling: Scaling, place: int) -> dict[str, Any]:
    one = scaling.points[place]
    return {
        "name": one.name,
        "sizes": [short(size) for size in (one.parameters, one.tokens, one.compute)],
        "value": texts.loss(scaling.measure, one.value),
        "bounds": texts.loss_bounds(scaling.measure, one.low, one.high),
        "where": one.where,
    }


def _caption(scaling: Scaling) -> str:
    if scaling.frontier is not None:
        return (
            "The line is the loss of operations spent best; points lie above it as far as theirs were not, and scatter."
        )
    return "Both axes are logarithmic; the band holds the law, not every model."
