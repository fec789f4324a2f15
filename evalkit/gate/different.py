"""What baseline and candidate were asked differently, in words: settings that one lacks, and signatures that differ in
more than the model.
"""

from collections.abc import Mapping, Sequence

from evalkit.gate.baseline import Baseline
from evalkit.report.summary import measured_by, shots_text
from evalkit.runs.outcomes import Key, Outcomes
from evalkit.runs.pairs import Pair

_FREE = ("model", "dtype", "evalkit")  # parts of a signature in which the two may differ


def differences(wanted: Sequence[Outcomes], theirs: Mapping[Key, Outcomes]) -> list[str]:
    """What differs, one line each: tasks and settings that the candidate has not, and parts of a signature. What is so
    at several settings of a task is said once.
    """
    tasks = {key.task for key in theirs}
    none = dict.fromkeys(one.key.task for one in wanted if one.key.task not in tasks)
    said = [f"not in the candidate: {', '.join(none)}"] if none else []
    for one in wanted:
        if one.key in theirs:
            own, other = _parts(one.result.signature), _parts(theirs[one.key].result.signature)
            said.extend(
                f"{one.key.task}: {part} is {own.get(part, 'not there')} in the baseline, and "
                f"{other.get(part, 'not there')} in the candidate"
                for part in dict.fromkeys([*own, *other])
                if own.get(part) != other.get(part)
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


def setting_text(key: Key) -> str:
    """`superglue/rte (gpt3, 0 shots)`, with the seed where it is not 0."""
    return f"{key.task} ({key.prompt}, {shots_text(key.shots)}{f', seed {key.seed}' if key.seed else ''})"


def _setting(key: Key) -> tuple[str, str, int, int]:
    return key.task, key.prompt, key.shots, key.seed


def _instead(key: Key, theirs: Mapping[Key, Outcomes]) -> str:
    """What the candidate has of the task instead."""
    same = [other for other in theirs if _setting(other) == _setting(key)]
    if same:
        return f" by {measured_by(key.metric, key.scorer)}"
    others = dict.fromkeys(setting_text(other).partition(" ")[2] for other in theirs if other.task == key.task)
    return f", which has it with {', '.join(others)}" if others else ""


def _parts(signature: str) -> dict[str, str]:
    """A signature's parts by their names; the first is the task with the hash of its definition."""
    task, *others = signature.split("|")
    parts = {"task": task}
    for other in others:
        name, colon, value = other.partition(":")
        if name not in _FREE:
            parts[name] = value if colon else name
    return parts
