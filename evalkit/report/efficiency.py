"""What a run took, and how many shots it really showed: a manifest and results in, names and texts out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from evalkit.report.contamination import size
from evalkit.runs.manifest import Manifest
from evalkit.schema import Result


@dataclass(frozen=True, slots=True)
class Shown:
    """The shots that a task's contexts had room for, as a mean over items and seeds, of those `asked`; and how many
    tokens of contexts were cut, over all seeds.
    """

    task: str
    prompt: str
    asked: int
    shown: float
    truncated: int

    @property
    def is_less(self) -> bool:
        """Whether some did not fit."""
        return self.shown < self.asked


def efficiency(manifest: Manifest, results: Sequence[Result]) -> list[tuple[str, str]]:
    """Names and texts of what is known; nothing of a run that was measured elsewhere."""
    return list(_facts(manifest, results)) if manifest.work.requests else []


def shown_shots(results: Sequence[Result]) -> list[Shown]:
    """Every task, prompt and number of shots above 0, in the order of the results."""
    settings: dict[tuple[str, str, int], dict[int, Result]] = {}
    for one in results:  # these are the same for all metrics of a setting
        if one.metric != "average" and not one.subset and one.shots:
            settings.setdefault((one.task, one.prompt, one.shots), {}).setdefault(one.seed, one)
    return [
        Shown(*key, fmean(one.effective_shots for one in own.values()), sum(one.truncated for one in own.values()))
        for key, own in settings.items()
    ]


def _facts(manifest: Manifest, results: Sequence[Result]) -> Iterator[tuple[str, str]]:
    work, usage = manifest.work, manifest.usage
    fresh = work.requests - work.kept
    yield "requests", f"{work.requests:,}" + (f", {work.kept:,} of them answered before" if work.kept else "")
    yield "tokens of these", f"{work.tokens:,}" + (f", {work.computed:,} of them to be computed" if work.kept else "")
    if fresh:
        spared = 100 * (1 - work.read / max(1, work.computed))
        yield "unique tokens, read", f"{work.read:,}" + (f", {spared:.1f} % less by sharing" if spared >= 0.05 else "")
        yield "padding", f"{work.padding:,} tokens, {100 * work.padding / max(1, work.read + work.padding):.1f} %"
        yield "predictions", f"{work.predictions:,}"
        if work.written:
            yield "tokens written", f"{work.written:,}"
        yield from _rates(manifest, fresh)
    yield "whole run", f"{manifest.seconds:,.1f} s, loading the model included"
    of = " by the first process" if usage.processes > 1 else ""
    if usage.memory:
        yield "memory", f"{size(usage.memory)} at most{of}"
    if usage.device_memory:
        yield "memory of the device", f"{size(usage.device_memory)} at most{of}"
    if usage.text_tokens:
        yield "bytes per token", f"{usage.text_bytes / usage.text_tokens:.2f}, of all texts asked"
    if rows := shown_shots(results):
        less = sum(row.is_less for row in rows)
        yield (
            "effective shots",
            f"fewer than asked in {less:,} of {len(rows):,} settings" if less else "as many as asked",
        )


def _rates(manifest: Manifest, fresh: int) -> Iterator[tuple[str, str]]:
    """How fast it was; nothing where no time was taken."""
    work = manifest.work
    if work.seconds > 0:
        yield "computing", f"{work.seconds:,.1f} s"
        read, answered = work.read / work.seconds, work.computed / work.seconds
        yield "tokens per second", f"{_round(read)} read, which answered {_round(answered)} asked"
        yield "requests per second", _round(fresh / work.seconds)


def _round(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"
