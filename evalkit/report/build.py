"""The HTML report: one self-contained file, made from a run folder alone.

In: the path of a run. Out: the path of its `report.html`. Everything that comes from data, models or file names is
escaped by the template engine; the page carries a policy that forbids scripts and requests.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evalkit.contamination.join import Contamination
from evalkit.library import home
from evalkit.metrics import METRICS
from evalkit.report.beside import shown
from evalkit.report.contamination import panel
from evalkit.report.diagnostics import panel as diagnostics_panel
from evalkit.report.figures import shots_figure
from evalkit.report.joined import joined
from evalkit.report.parts import parts_figures
from evalkit.report.samples import SHOWN, clip, groups
from evalkit.report.spread import part_of, spreads
from evalkit.report.summary import interval, is_long, lines, main_results, notes, number, shots_text, work_text
from evalkit.runs import manifest as manifests
from evalkit.runs.diagnostics import Diagnosis, Variation
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import Manifest
from evalkit.schema import Result

_GUESSABLE = ("accuracy", "entity_exact_match")


def build(run: Path, overlaps: Path | None = None) -> Path:
    """Write the report of a run; held against overlaps if these are given, which is then kept in its folder too.

    Raises:
        RunError: there is no run, or it is damaged or unfinished.
        ContaminationError: the overlaps cannot be read, or are of other data than the run.
    """
    folder = RunFolder.open(run)
    manifest, results, samples = folder.read_manifest(), folder.read_results(), folder.read_samples()
    if overlaps is not None:
        folder.write_contamination(joined(manifest, results, samples, overlaps))
    beside, diagnostics = folder.read_beside(), folder.read_diagnostics()
    folder.write_report(render(manifest, results, samples, beside, folder.read_contamination(), diagnostics))
    return folder.report


def render(
    manifest: Manifest,
    results: Sequence[Result],
    samples: Sequence[Mapping[str, Any]],
    beside: Sequence[Mapping[str, Any]] = (),
    contamination: Contamination | None = None,
    diagnostics: tuple[Sequence[Diagnosis], Sequence[Variation]] = ((), ()),
) -> str:
    """The page's HTML; `beside` are the comparisons with a paper's figures, as a run folder keeps them, `diagnostics`
    what else stands beside the numbers.
    """

    def status(row: Mapping[str, Any]) -> str:
        return contamination.status(row["task"], row["id"]) if contamination is not None else ""

    rows, shots = lines(main_results(results))
    every, _ = lines(results)
    environment = Environment(
        loader=FileSystemLoader(home() / "reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.jinja").render(
        manifest=manifest,
        manifest_json=json.dumps(manifests.as_json(manifest), indent=1, ensure_ascii=False),
        style=Markup((home() / "reports" / "report.css").read_text(encoding="utf-8")),
        verdict=_verdict(manifest, results),
        rows=rows,
        shots=shots,
        is_long=is_long(shots),
        every=every if len(every) > len(rows) else [],
        several={key: len({getattr(row, key) for row in rows}) > 1 for key in ("prompt", "seed", "subset")},
        shares={metric for metric in {row.metric for row in every} if _is_bar(metric)},
        spreads=spreads(results),
        parts=parts_figures(results),
        part_of=part_of,
        chance=_chance(manifest),
        notes=notes(results),
        beside=beside,
        shown=shown,
        results=results,
        figure=shots_figure([row for row in rows if not row.subset]) if len(shots) > 1 else "",
        groups=groups(manifest, samples, status) if samples else _described(manifest),
        facts=_facts(manifest),
        number=number,
        clip=clip,
        most=SHOWN,
        contamination=panel(contamination, manifest),
        diagnostics=diagnostics_panel(results, *diagnostics),
        interval=interval,
        shots_text=shots_text,
        at=lambda value: round(100 * min(1.0, max(0.0, value)), 1),
    )


def _verdict(manifest: Manifest, results: Sequence[Result]) -> str:
    averages = [result for result in results if result.metric == "average"]
    asked = len(manifest.tasks)
    requests = manifest.work.requests
    what = f"{asked} task{'s' if asked != 1 else ''}, {requests:,} requests, {manifest.seconds:,.0f} seconds."
    if imported := manifest.arguments.get("imported"):
        what = f"{asked} task{'s' if asked != 1 else ''}, imported: measured by {_programs(imported)}, without samples."
    if not averages:
        return what
    best = max(averages, key=lambda result: result.value)
    bounds = interval(best.metric, best.low, best.high)
    return (
        f"Best average on {best.task}: {number(best.metric, best.value)} ({bounds}) at {shots_text(best.shots)}. {what}"
    )


def _chance(manifest: Manifest) -> dict[tuple[str, str, str], float]:
    """The score of guessing, by task, prompt and metric, for metrics where there is one."""
    known = [one for one in manifest.tasks if one["chance"] is not None]  # of an imported task it is not
    return {(one["task"], one["prompt"], metric): one["chance"] for one in known for metric in _GUESSABLE}


def _is_bar(metric: str) -> bool:
    """Whether a bar from 0 to 1 shows the number."""
    return metric not in METRICS or (
        (METRICS[metric].percent or METRICS[metric].is_mean) and METRICS[metric].better != "zero"
    )


def _facts(manifest: Manifest) -> list[tuple[str, str]]:
    model = manifest.model
    if imported := manifest.arguments.get("imported"):
        return _imported_facts(manifest, imported)
    return [
        ("model", f"{model['name']} at {model['version']}, {model['parameters']:,} parameters, {model['dtype']}"),
        ("window", f"{model['window']:,} tokens"),
        ("device", f"{model['device']} ({manifest.machine['processor']}, {manifest.machine['cores']} cores)"),
        ("started", manifest.started),
        ("took", f"{manifest.seconds:,.1f} s"),
        ("scored", work_text(manifest.work)),
        *((name, version) for name, version in manifest.versions.items()),
    ]


def _imported_facts(manifest: Manifest, imported: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What the files of another tool told, which may be little."""
    model = manifest.model
    size = [f"{model['parameters']:,} parameters"] if model["parameters"] else []
    return [
        ("model", ", ".join([f"{model['name']} at {model['version']}", *size, model["dtype"]])),
        *([("window", f"{model['window']:,} tokens")] if model["window"] else []),
        *(("imported from", f"{one['file']} ({one['format']}, sha256 {one['sha256'][:12]})") for one in imported),
        ("started", manifest.started),
        *((name, version) for name, version in manifest.versions.items()),
    ]


def _described(manifest: Manifest) -> list[dict[str, Any]]:
    """Every task and prompt of a run that has no samples, as `groups` has them."""
    kept = {"is_judged": True, "is_offensive": False, "attributes": {}, "settings": []}
    return [
        {key: one[key] for key in ("task", "prompt", "description")} | {"kind": one["answer"], **kept}
        for one in manifest.tasks
    ]


def _programs(imported: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(sorted({one["format"] for one in imported}))
