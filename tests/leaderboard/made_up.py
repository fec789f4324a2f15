"""Run folders made up for tests of the leaderboard: a model, a time, and a value for each column."""

import json
from pathlib import Path
from typing import Any

from evalkit.runs.manifest import FORMAT

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}\"'\u202egnp."


def number(task="superglue/copa", value=0.5, half=0.05, **more) -> dict[str, Any]:
    """A row of `results.json`; `half` is half the width of the interval, None for no interval."""
    row = {"task": task, "prompt": "gpt3", "shots": 0, "seed": 0, "metric": "accuracy", "value": value}
    row |= {"low": None, "high": None} if half is None else {"low": value - half, "high": value + half}
    row |= {"n": 100, "groups": 100, "effective_shots": 0.0, "truncated": 0, "ties": 0, "subset": "", "scorer": ""}
    return row | more


def make_run(
    folder: Path,
    numbers,
    model="m",
    version="v1",
    day=1,
    *,
    dtype="float32",
    evalkit="0.1.0",
    status="complete",
    asked="data:d@1",
) -> Path:
    """A finished run with a report."""
    folder.mkdir(parents=True, exist_ok=True)
    ending = f"model:{model}@{version}|dtype:{dtype}|evalkit:{evalkit}"
    rows = []
    for one in numbers:
        signature = (
            f"{one['task']}@1f|prompt:{one['prompt']}@2e|shots:{one['shots']}|seed:{one['seed']}|{asked}|{ending}"
        )
        rows.append({"signature": signature, **one})
    manifest = {
        "format": FORMAT,
        "status": status,
        "model": {"name": model, "version": version, "kind": "causal", "dtype": dtype, "parameters": 1_336_704},
        "versions": {"evalkit": evalkit},
        "started": f"2026-11-{day:02d}T10:00:00+00:00",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "results.json").write_text(json.dumps({"format": FORMAT, "results": rows, "beside": []}))
    (folder / "report.html").write_text("<!doctype html><title>a report</title>")
    return folder
