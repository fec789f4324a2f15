"""Building reports, and what a browser takes for the samples in them.

    .venv/bin/python tests/benchmarks/report.py [RUN ...] --output tests/benchmarks/results/report-cpu.md

Of each RUN (SuperGLUE at three numbers of shots, say): the seconds of `evalkit report`, a process of its own, and the
size of its page. Then a made-up run of 100,000 samples: the page with all samples, with some, and with all beside it;
and the first of these in Chromium, where there is one. Takes a minute and 1 GB.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow
import pyarrow.parquet

import evalkit
from evalkit.models.fake import FakeModel
from evalkit.report.page import asset
from evalkit.runs.folder import RunFolder

EXAMPLES, SHOTS = 25_000, (0, 1, 2, 3)
SECONDS, BYTES, SCRIPT = 5, 2_000_000, 15_000  # bars for SuperGLUE, and for the page's own script
QUICK = """() => {
    const [select] = document.getElementsByName("shots"), began = performance.now();
    select.value = select.value ? "" : "3";
    select.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.offsetHeight;
    return performance.now() - began;
}"""
SLOWEST = """() => {
    window.slowest = 0;
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) window.slowest = Math.max(window.slowest, one.duration);
    }).observe({ type: "longtask" });
}"""


def made_up(place: Path) -> Path:
    """A run of 100,000 samples: 25,000 examples of two choices and sixty words or more, under four numbers of shots."""
    evalkit.evaluate(
        FakeModel(window=10**6), "superglue/copa", shots=SHOTS, limit=8, data_dir="samples", output=place / "run"
    )
    chance, known = random.Random(0), sorted(set((Path(evalkit.__file__).parents[1] / "README.md").read_text().split()))
    words = [[*chance.choices(known, k=60), f"ends-{number}."] for number in range(EXAMPLES)]
    for file in RunFolder.open(place / "run").sample_files():
        table = pyarrow.parquet.read_table(file)
        many = table.take([number % len(table) for number in range(EXAMPLES)])
        texts = [[f"{own[0]} {' '.join(said)}"] for own, said in zip(many["contexts"].to_pylist(), words, strict=True)]
        for name, values in (("id", [f"item-{number}" for number in range(EXAMPLES)]), ("contexts", texts)):
            many = many.set_column(many.column_names.index(name), name, pyarrow.array(values))
        pyarrow.parquet.write_table(many, file)
    return place / "run"


def built(run: Path, page: Path, samples: str) -> tuple[float, int]:
    """Seconds of one report from start to end, and the bytes of its page."""
    words = [sys.executable, "-m", "evalkit", "report", str(run), "--output", str(page), "--samples", samples]
    began = time.monotonic()
    subprocess.run(words, capture_output=True, check=True)
    return time.monotonic() - began, page.stat().st_size


def opened(page: Path) -> list[tuple[str, str]]:
    """What Chromium takes for a page: until its samples are there, for a filter, for a search of all texts."""
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page()
        began = time.monotonic()
        tab.goto(page.as_uri())
        tab.locator("#sample-title bdi").wait_for()
        ready = time.monotonic() - began
        filtered = sorted(tab.evaluate(QUICK) for _ in range(9))
        tab.evaluate(SLOWEST)
        began = time.monotonic()
        tab.locator("#sample-search").fill(f"ends-{EXAMPLES - 1}.")  # in a text alone, of one sample of those shown
        expect(tab.locator("#sample-status")).to_have_text("1 of 100,000 samples", timeout=60_000)
        expect(tab.locator("#sample-progress")).to_have_text("", timeout=60_000)
        searched, slowest = time.monotonic() - began, tab.evaluate("window.slowest")
        browser.close()
    held = f"the longest task {slowest:.0f} ms" if slowest else "no task of 50 ms or more"
    return [
        ("in Chromium: until the samples are there", f"{ready:.1f} s"),
        ("in Chromium: a filter, median of nine", f"{filtered[4]:.0f} ms"),
        ("in Chromium: a search of all texts", f"{searched:.1f} s, {held}"),
    ]


def main() -> None:
    """Print the figures as a table of Markdown, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", type=Path, metavar="RUN")
    parser.add_argument("--output", type=Path)
    asked = parser.parse_args()
    rows = [("script of the page", f"{len(asset('table.js', 'samples.js').encode()):,} bytes", f"{SCRIPT:,}")]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for run in asked.runs:
            manifest = RunFolder.open(run).read_manifest()
            count = sum(
                table.num_rows for table in map(RunFolder.read_sample_table, RunFolder.open(run).sample_files())
            )
            seconds, size = built(run, place / "one.html", "some")
            name = f"{manifest.model['name']}, {len(manifest.tasks)} tasks, {count:,} samples"
            rows.append((name, f"{seconds:.1f} s, {size / 1e6:.2f} MB", f"{SECONDS} s, {BYTES / 1e6:.0f} MB"))
        run = made_up(place)
        for samples in ("all", "some", "beside"):
            seconds, size = built(run, place / f"{samples}.html", samples)
            rows.append((f"100,000 samples, {samples}", f"{seconds:.1f} s, {size / 1e6:.2f} MB", ""))
        if shutil.which("chromium"):
            rows += [(name, found, "") for name, found in opened(place / "all.html")]
    lines = ["| two cores; a process each | found | bar |", "| --- | --- | --- |"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    print("\n".join(lines))
    if asked.output is not None:
        asked.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
