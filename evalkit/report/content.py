"""What the report's page shows, but for the samples: runs in, the names that its template knows out."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evalkit.report.beside import shown
from evalkit.report.contamination import panel as contamination_panel
from evalkit.report.diagnostics import panel as diagnostics_panel
from evalkit.report.diff import Diff
from evalkit.report.drawing import Drawing, on_page
from evalkit.report.efficiency import efficiency, shown_shots
from evalkit.report.facts import facts
from evalkit.report.figures import MOST as MOST_PANELS
from evalkit.report.figures import caption, shots_drawing
from evalkit.report.loaded import Loaded
from evalkit.report.parts import MOST as MOST_PARTS
from evalkit.report.parts import parts_drawings
from evalkit.report.scaling import panel as scaling_panel
from evalkit.report.scores import table
from evalkit.report.series import series_of
from evalkit.report.sizes import parameters_drawing
from evalkit.report.spread import part_of, spreads
from evalkit.report.summary import interval, is_long, main_results, measured_by, notes, number, shots_text
from evalkit.report.verdict import extent, verdict
from evalkit.runs import manifest as manifests
from evalkit.schema import Result
from evalkit.version import __version__

_TITLES = {
    "scores": "Scores",
    "shots": "Shots",
    "scaling": "Scaling",
    "variation": "Prompts and seeds",
    "calibration": "Calibration",
    "efficiency": "Efficiency",
    "beside": "Beside the paper",
    "contamination": "Contamination",
    "samples": "Samples",
    "diff": "Differences",
    "manifest": "Manifest",
}


def content(runs: Sequence[Loaded], diff: Diff | None = None) -> dict[str, Any]:
    """Everything that the sections show, and the functions that word it; `diff` is of several runs."""
    views = [_view(run, len(runs) > 1) for run in runs]
    main, every = _sheet(runs, main_results), _sheet(runs, list)
    figures = _figures(runs)
    scaling = scaling_panel([run.folder.path for run in runs]) if len(runs) > 1 else None
    sections = {
        "scores": True,
        "shots": bool(figures["shots"] or figures["parameters"]),
        "scaling": scaling is not None,
        "variation": any(view["diagnostics"] and view["diagnostics"]["variations"] for view in views),
        "calibration": any(view["diagnostics"] and view["diagnostics"]["calibrations"] for view in views),
        "efficiency": any(view["efficiency"] for view in views),
        "beside": any(run.beside for run in runs),
        "contamination": any(run.contamination is not None for run in runs),
        "samples": True,
        "diff": diff is not None,
        "manifest": True,
    }
    return {
        "runs": views,
        "days": list(dict.fromkeys(run.manifest.started[:10] for run in runs)),
        "sections": [(name, title) for name, title in _TITLES.items() if sections[name]],
        "has": sections,
        "main": main,
        "every": every if len(every["rows"]) > len(main["rows"]) else None,
        "figures": figures,
        "scaling": scaling,
        "efficiency_names": list(dict.fromkeys(name for view in views for name in view["efficiency"])),
        "diff": diff,
        **_words(),
    }


def _view(run: Loaded, is_one_of_several: bool) -> dict[str, Any]:
    """What is shown of one run by itself."""
    manifest = run.manifest
    return {
        "label": run.label,
        "of": f" of {run.label}" if is_one_of_several else "",
        "manifest": manifest,
        "manifest_json": json.dumps(manifests.as_json(manifest), indent=1, ensure_ascii=False),
        "results": run.results,
        "verdict": verdict(run),
        "extent": extent(run),
        "notes": notes(run.results),
        "diagnostics": diagnostics_panel(run.results, run.diagnoses, run.variations),
        "contamination": contamination_panel(run.contamination, manifest),
        "spreads": spreads(run.results),
        "parts": [on_page(drawing) for drawing in parts_drawings(run.results, MOST_PARTS)],
        "efficiency": dict(efficiency(manifest, run.results)),
        "short": [one for one in shown_shots(run.results) if one.is_less],
        "beside": run.beside,
        "facts": facts(manifest),
    }


def _sheet(runs: Sequence[Loaded], of: Callable[[Sequence[Result]], Sequence[Result]]) -> dict[str, Any]:
    """A table of scores, with the columns that it needs."""
    rows, shots = table(runs, of)
    named = {key: len({getattr(row.line, key) for row in rows}) > 1 for key in ("prompt", "seed", "subset")}
    return {
        "rows": rows,
        "shots": shots,
        "is_long": is_long(shots),
        "several": {**named, "label": len(runs) > 1},
        "has_random": any(row.random is not None for row in rows),
        "has_majority": any(row.majority is not None for row in rows),
    }


def _figures(runs: Sequence[Loaded]) -> dict[str, str]:
    series = [series_of(run) for run in runs]
    return {
        "shots": _drawn(shots_drawing(series, most=MOST_PANELS)),
        "parameters": _drawn(parameters_drawing(series, most=MOST_PANELS)),
        "caption": caption(series),
    }


def _drawn(drawing: Drawing | None) -> str:
    return on_page(drawing) if drawing is not None else ""


def _words() -> Mapping[str, Any]:
    """The functions with which the templates word numbers."""
    return {
        "number": number,
        "interval": interval,
        "measured_by": measured_by,
        "shots_text": shots_text,
        "part_of": part_of,
        "shown": shown,
        "at": _place,
        "evalkit": __version__,
    }


def _place(share: float | None) -> float | None:
    """Where a share stands on a bar, in percent of its width."""
    return None if share is None else round(100 * min(1.0, max(0.0, share)), 1)
