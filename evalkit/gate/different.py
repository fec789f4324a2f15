"""What baseline and candidate were asked differently, in words: settings that one lacks, and signatures that differ in
more than the model.
"""

from collections.abc import Mapping, Sequence

from evalkit.gate.baseline import Baseline
from evalkit.report.summary import measured_by, setting_text
from evalkit.runs.outcomes import Key, Outcomes
from evalkit.runs.pairs import Pair
from evalkit.runs.signatures import unlike

_FREE = ("model", "dtype", "evalkit")  # fields of signatures in which the two may differ


def differences(wanted: Sequence[Outcomes], theirs: Mapping[Key, Outcomes]) -> list[str]:
    """What differs, one line each: tasks and settings that the candidate has not, and fields of signatures. What is so
    at several settings of a task is said once.
    """
    tasks = {key.task for key in theirs}
    none = dict.fromkeys(one.key.task for one in wanted if one.key.task not in tasks)
    said = [f"not in the candidate: {', '.join(none)}"] if none else []
    for one in wanted:
        if one.key in theirs:
            apart = unlike(one.result.signature, theirs[one.key].result.signature, _FREE)
            said.extend(
                f"{one.key.task}: {field} is {own or 'not there'} in the baseline, and {other or 'not there'} in the "
                "candidate"
                for field, (own, other) in apart.items()
            )
        elif one.key.task in tasks:
            said.append(f"{setting_text(one.key)}: not in the candidate{_instead(one.key, theirs)}")
    return list(dict.fromkeys(said))


def left_out(own: Pair) -> str:
    """The items that only one of the two has; empty where there are none."""
    first, second = own.left_out
    if not first and not second:
        return ""
    what = "items" if own.is_by_item else "groups"
    return f"{setting_text(own.key)}: {first:,} {what} only in the baseline, {second:,} only in the candidate"


def only_candidate(wanted: Sequence[Outcomes], candidate: Baseline) -> list[str]:
    """The tasks, and settings of common tasks, that only the candidate has: they are not gated."""
    own = {_setting(one.key) for one in wanted}
    more = dict.fromkeys(
        setting_text(key) for key in (one.key for one in candidate.outcomes) if _setting(key) not in own
    )
    return [f"only in the candidate, and not judged: {', '.join(more)}"] if more else []


def _setting(key: Key) -> tuple[str, str, int, int]:
    return key.task, key.prompt, key.shots, key.seed


def _instead(key: Key, theirs: Mapping[Key, Outcomes]) -> str:
    """What the candidate has of the task instead."""
    same = [other for other in theirs if _setting(other) == _setting(key)]
    if same:
        return f" by {measured_by(key.metric, key.scorer)}"
    others = dict.fromkeys(setting_text(other).partition(" ")[2] for other in theirs if other.task == key.task)
    return f", which has it with {', '.join(others)}" if others else ""
