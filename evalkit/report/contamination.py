"""Contamination on the page and on a terminal: what a run keeps of it in; words, numbers and figures out."""

from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.contamination.join import Contamination
from evalkit.contamination.overlaps import DIRTY
from evalkit.contamination.scores import CLAIM, SplitScore
from evalkit.report.curves import MOST, curves_drawing, relative_drawing
from evalkit.report.drawing import on_page
from evalkit.report.summary import number
from evalkit.runs.manifest import Manifest

CAVEAT = (
    "What this means: clean examples are no random draw from all of them, and may be easier or harder for reasons of "
    "their own, so a difference is a sign and no proof. What was scanned is what was given to be scanned: of a part of "
    "a training corpus the dirty share is a lower bound. A threshold chosen for the largest gain makes the gain look "
    "larger than it is. Unscored examples are too short to tell; they are never counted as clean."
)
_UNITS = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def panel(joined: Contamination | None, manifest: Manifest) -> dict[str, Any] | None:
    """Everything that the panel shows; None where the run was not held against a corpus."""
    if joined is None:
        return None
    main = main_scores(joined.scores)
    relative = relative_drawing(main)
    curves = [drawing for of in ("longest", "share") if (drawing := curves_drawing(main, of, most=MOST))]
    offensive = {one["task"] for one in manifest.tasks if one["offensive"]}
    return {
        "manifest": joined.manifest,
        "scores": joined.scores,
        "splits": {one["task"]: one["split"] for one in manifest.tasks},
        "several": {key: len({getattr(one, key) for one in joined.scores}) > 1 for key in ("prompt", "seed", "shots")},
        "subsets": [one for one in joined.scores if one.subsets],
        "claims": [one for one in joined.scores if one.claim],
        "least": CLAIM,
        "figure": on_page(relative) if relative else None,
        "curves": [on_page(one) for one in curves],
        "matches": _matches(joined, offensive),
        "lower": sorted({one.metric for one in joined.scores if one.better == "lower"}),
        "notes": joined.notes,
        "coverage": coverage(joined.manifest),
        "left": _left(joined.manifest),
        "caveat": CAVEAT,
        "gain": gain,
        "p_text": p_text,
        "signed": signed,
        "size": size,
    }


def main_scores(scores: Sequence[SplitScore]) -> list[SplitScore]:
    """The first metric of every task, under its first prompt and seed, at its highest number of shots."""
    chosen: dict[str, SplitScore] = {}
    for one in scores:
        best = chosen.setdefault(one.task, one)
        alike = (one.prompt, one.metric, one.scorer) == (best.prompt, best.metric, best.scorer)
        if alike and one.shots > best.shots:
            chosen[one.task] = one
    return list(chosen.values())


def coverage(manifest: Mapping[str, Any]) -> str:
    """How much of the corpus was read, in words."""
    sources = manifest["sources"]
    documents, read, bad = (sum(int(one[key]) for one in sources) for key in ("documents", "bytes", "bad"))
    several = "source" if len(sources) == 1 else "sources"
    told = f"{documents:,} documents, {size(read)}, of {len(sources):,} {several}"
    records = f"; {bad:,} bad records" if bad else ""
    return f"{told}{records}; {'read to the end' if manifest['complete'] else 'not read to the end'}."


def gain(one: SplitScore) -> str:
    """The estimated performance gain with its interval, empty where there is none."""
    if one.epg is None:
        return ""
    if one.epg_low is None or one.epg_high is None:
        return points(one.metric, one.epg)
    return f"{points(one.metric, one.epg)} [{points(one.metric, one.epg_low)}, {points(one.metric, one.epg_high)}]"


def signed(value: float) -> str:
    """A number with its sign, which 0 has not."""
    text = f"{value:+.1f}"
    return text[1:] if not float(text) else text.replace("-", "−")


def p_text(p: float | None) -> str:
    """A p-value as it is shown."""
    return "" if p is None else "<.001" if p < 0.001 else f"{p:.3f}".lstrip("0") if p < 1 else "1"


def size(count: float) -> str:
    """Bytes as one says them: `512 kB`, `1.2 GB`."""
    for unit, worth in _UNITS:
        if count >= worth:
            return f"{count / worth:.1f} {unit}"
    return f"{count:.0f} bytes"


def points(metric: str, value: float) -> str:
    """A difference in points, or in the metric's own unit."""
    shown = number(metric, value)
    if not float(shown.replace("−", "-")):
        return shown.lstrip("−")
    return shown if value < 0 else f"+{shown}"


def _left(manifest: Mapping[str, Any]) -> list[str]:
    """What was not read, each with the reason, in whatever form the scan told it."""
    left = manifest.get("left") or []
    if isinstance(left, Mapping):
        return [f"{source}: {reason}" for source, reason in left.items()]
    return [": ".join(map(str, one.values())) if isinstance(one, Mapping) else str(one) for one in left]


def _matches(joined: Contamination, offensive: set[str]) -> list[dict[str, Any]]:
    """The matches that are kept, by task; how many examples are dirty; and whether they had better be folded away."""
    groups: dict[str, dict[str, Any]] = {}
    for match in joined.matches:
        dirty = sum(mark == DIRTY for mark in joined.marked[match.task].values())
        group = groups.setdefault(
            match.task, {"task": match.task, "dirty": dirty, "is_offensive": match.task in offensive, "matches": []}
        )
        group["matches"].append(match)
    for group in groups.values():
        group["examples"] = len({match.id for match in group["matches"]})
    return list(groups.values())
