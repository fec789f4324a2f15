"""From the state of a scan to its results: the folder that reports read. Asked again, another n, cap or threshold."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.contamination.base import Unit
from evalkit.contamination.fold import version
from evalkit.contamination.overlaps import CLEAN, DIRTY, UNSCORED, Match, Overlap, Overlaps, write
from evalkit.contamination.profiles import PROFILES, Profile
from evalkit.contamination.spans import write_spans
from evalkit.contamination.state import Plan, State
from evalkit.contamination.tally import Counts, Found, merged, total
from evalkit.contamination.verdict import Rule, judge
from evalkit.errors import ContaminationError
from evalkit.version import __version__


def sizes(plan: Plan, profile: Profile) -> dict[str, int]:
    """The n of each task of a scan, by a profile; by that of the scan, what was looked for.

    Raises:
        ContaminationError: the scan cannot say, since it looked for longer n-grams or for other ones.
    """
    found = {}
    for task in plan.tasks:
        name, scanned = str(task["name"]), int(task["n"])
        is_own = profile == PROFILES[plan.profile]
        found[name] = scanned if is_own else profile.size(name, int(task["length"]))
        if profile.samples and (found[name] != scanned or profile.name != plan.profile):
            raise ContaminationError(f"{profile.name}: its substrings are drawn when a scan begins. Scan again")
        if found[name] < scanned:
            raise ContaminationError(
                f"{name}: {scanned}-grams were looked for, so nothing is known of {found[name]}-grams. Scan again with "
                f"--n {found[name]}: such a scan can be asked for longer ones too"
            )
    return found


def conclude(state: State, path: Path, rule: Rule) -> Overlaps:
    """Write what the units that are done have found to a folder.

    Raises:
        ContaminationError: the scan cannot answer this, or something cannot be read or written.
    """
    plan = state.plan
    if rule.profile.normaliser != plan.normaliser:
        raise ContaminationError(
            f"{rule.profile.name}: is of {rule.profile.normaliser}, and the scan is of {plan.normaliser}. Scan again"
        )
    wanted = sizes(plan, rule.profile)
    counts: dict[Unit, Counts] = {}
    index, names = state.index(), state.names()
    found = merged(_results(state, counts))
    examples, matches = judge(index, names, found, wanted, rule)
    manifest = _manifest(plan, rule, wanted, counts, examples)
    write(path, manifest, examples, matches)
    if plan.spans:
        write_spans(state, path / "spans.parquet")
    return _overlaps(path, manifest, examples, matches)


def _results(state: State, counts: dict[Unit, Counts]) -> Iterator[Found]:
    """What each unit has found; `counts` is told what was read."""
    for unit in state.done():
        found, counts[unit] = state.result(unit)
        yield found


def _manifest(
    plan: Plan,
    rule: Rule,
    wanted: Mapping[str, int],
    counts: Mapping[Unit, Counts],
    examples: Sequence[Overlap],
) -> dict[str, Any]:
    everything, left = total(list(counts.values())), _left(plan, counts)
    least, most = min(wanted.values()), max(wanted.values())
    said = f"n{least}" if least == most else f"n{least}-{most}"
    asked = f"{rule.profile.measure}>={rule.least:g}" if rule.least else "any"
    cap = f"|at most {rule.max_documents} documents" if rule.max_documents is not None else ""
    corpus = f"{everything.digest:016x}{'+' if left else ''}"
    normaliser = version(plan.normaliser)
    statuses: dict[str, dict[str, int]] = {task: {CLEAN: 0, DIRTY: 0, UNSCORED: 0} for task in wanted}
    for example in examples:
        statuses[example.task][example.status] += 1
    return {
        "evalkit": __version__,
        "signature": f"overlaps:{rule.profile.name}|{normaliser}|{said}|{asked}{cap}|corpus:{corpus}",
        "profile": rule.profile.name,
        "source": rule.profile.source,
        "normaliser": normaliser,
        "rule": rule.words,
        "threshold": rule.least,
        "max_documents": rule.max_documents,
        "tasks": [{**task, "n": wanted[str(task["name"])], **statuses[str(task["name"])]} for task in plan.tasks],
        "sources": _sources(counts),
        "complete": not left,
        "left": left,
    }


def _sources(counts: Mapping[Unit, Counts]) -> list[dict[str, Any]]:
    by_source: dict[str, list[Counts]] = {}
    for unit, one in counts.items():
        by_source.setdefault(unit.source, []).append(one)
    return [
        {"source": source, **{key: getattr(total(own), key) for key in ("documents", "bytes", "words", "bad")}}
        for source, own in by_source.items()
    ]


def _left(plan: Plan, counts: Mapping[Unit, Counts]) -> list[dict[str, str]]:
    """What was not read, source by source: units that are not done, and bad records."""
    of_source: dict[str, list[Unit]] = {}
    for unit in plan.units:
        of_source.setdefault(unit.source, []).append(unit)
    left = []
    for source, units in of_source.items():
        if missing := sum(unit not in counts for unit in units):
            several = f"{missing:,} of its {len(units):,} pieces were" if len(units) > 1 else "it was"
            left.append({"source": source, "reason": f"{several} not scanned yet"})
        bad = total([counts[unit] for unit in units if unit in counts])
        if bad.bad:
            left.append({"source": source, "reason": f"{bad.bad:,} bad: {'; '.join(bad.first_bad[:3])}"})
    return left


def _overlaps(
    path: Path, manifest: Mapping[str, Any], examples: Sequence[Overlap], matches: Sequence[Match]
) -> Overlaps:
    by_example: dict[tuple[str, str], tuple[Match, ...]] = {}
    for one in matches:
        by_example[one.task, one.id] = (*by_example.get((one.task, one.id), ()), one)
    return Overlaps(path, manifest, {(one.task, one.id): one for one in examples}, by_example)
