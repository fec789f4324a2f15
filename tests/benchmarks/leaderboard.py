"""Building a leaderboard of many runs, and building it again when some of them have changed.

    .venv/bin/python tests/benchmarks/leaderboard.py --output tests/benchmarks/results/leaderboard-cpu.md

The runs are made up: 20 numbers each, of 10 tasks at 0 and 1 shots. Once they are of 400 models at 25 versions each,
once of as many models as runs. Each build is a process of its own, as a user's would be. Takes two minutes and 1 GB.
"""

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from evalkit.runs.manifest import FORMAT

RUNS, CHANGED, TASKS, SHOTS, ITEMS = 10_000, 100, 10, (0, 1), 500
BAR = 30.0  # seconds


def write(folder: Path, model: int, version: int, seed: int) -> None:
    """One finished run."""
    chance = random.Random(seed)
    name, commit, started = f"maker-{model % 23}/model-{model}", f"{version:04x}{model:08x}", version * 86_400
    ending = f"model:{name}@{commit}|dtype:bfloat16|evalkit:0.1.0"
    results = []
    for task in range(TASKS):
        for shots in SHOTS:
            value = min(0.95, max(0.05, chance.gauss(0.3 + 0.0008 * model % 0.4, 0.03)))
            asked = f"suite-{task % 3}/task-{task}@1f3a|prompt:gpt3@3368|shots:{shots}|seed:0|norm:none"
            data = f"data:data/suite-{task % 3}/task-{task}/validation@3cc3b181186a"
            row = {"task": f"suite-{task % 3}/task-{task}", "prompt": "gpt3", "shots": shots, "seed": 0}
            row |= {"metric": "accuracy", "value": value, "low": value - 0.04, "high": value + 0.04, "n": ITEMS}
            row |= {"groups": ITEMS, "effective_shots": float(shots), "truncated": 0, "ties": 0}
            results.append(row | {"signature": f"{asked}|{data}|{ending}", "subset": "", "scorer": ""})
    manifest = {
        "format": FORMAT,
        "status": "complete",
        "model": {"name": name, "version": commit, "kind": "causal", "dtype": "bfloat16", "parameters": 10**9},
        "versions": {"evalkit": "0.1.0", "python": "3.11.7"},
        "started": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(1_700_000_000 + started + model)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "results.json").write_text(json.dumps({"format": 5, "results": results, "beside": []}))
    (folder / "report.html").write_text("a report")


def timed(runs: Path, site: Path) -> tuple[float, float, str]:
    """Seconds of one build from start to end, those of the processor, and what it said."""
    used, before = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    words = [sys.executable, "-m", "evalkit", "leaderboard", str(runs), "--output", str(site)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    seconds, now = time.monotonic() - before, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return seconds, spent, done.stdout.splitlines()[0]


def megabytes(*paths: Path) -> float:
    """Size of files together."""
    return sum(path.stat().st_size for path in paths) / 1e6


def measure(place: Path, models: int) -> list[list[str]]:
    """The table's lines for so many models."""
    runs, site = place / "runs", place / "site"
    for number in range(RUNS):
        write(runs / f"{number // 100:03d}" / f"run-{number}", number % models, number // models, number)
    what = f"{RUNS:,} runs of {models:,} models"
    lines = []
    for told, changed in (("first build", 0), (f"rebuilt, {CHANGED} changed", CHANGED), ("rebuilt, none changed", 0)):
        for number in range(0, changed * 97, 97):
            write(runs / f"{number // 100:03d}" / f"run-{number}", number % models, number // models, -1 - number)
        seconds, spent, said = timed(runs, site)
        found = f"{seconds:.1f} s, of the processor {spent:.1f} s"
        print(f"{what}, {told}: {found}; {said}", flush=True)
        lines.append([f"{what}: {told}", found, f"{BAR:g} s" if changed else ""])
    pages = list((site / "models").iterdir())
    lines.append([f"{what}: first page", f"{megabytes(site / 'index.html'):.1f} MB", ""])
    lines.append([f"{what}: {len(pages):,} model pages", f"{megabytes(*pages):.0f} MB", ""])
    for name in ("csv", "json", "parquet"):
        lines.append([f"{what}: {name}", f"{megabytes(site / 'data' / f'results.{name}'):.1f} MB", ""])
    return lines


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--scratch", type=Path, help="folder for the runs and the site, which are deleted afterwards")
    given = parser.parse_args()
    lines = []
    for models in (400, RUNS):
        place = Path(tempfile.mkdtemp(dir=given.scratch))
        try:
            lines += measure(place, models)
        finally:
            shutil.rmtree(place)
    table = [["two cores, shared with others; a process each", "found", "bar"], ["---"] * 3, *lines]
    text = "".join(f"| {' | '.join(row)} |\n" for row in table)
    print(text)
    if given.output:
        given.output.write_text(text)


if __name__ == "__main__":
    main()
