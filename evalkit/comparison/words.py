"""How a comparison is told, wherever it is shown: records in, words and numbers out."""

from collections.abc import Mapping, Sequence

from evalkit.comparison.record import (
    BETTER,
    OTHER,
    UNSURE,
    UNTESTED,
    WORSE,
    Change,
    Comparison,
    Contrast,
    Difference,
    Run,
)
from evalkit.report.contamination import p_text, points
from evalkit.report.summary import is_share, measured_by, number

VERDICTS: Mapping[str, str] = {
    BETTER: "better",
    WORSE: "worse",
    OTHER: "differs",
    UNSURE: "not sure",
    UNTESTED: "untested",
}
_ITEMS = (
    "Differences are over the items that both runs have, in points for shares, with 95 % intervals (paired bootstrap "
    "over groups). p: McNemar's exact test where items are right or wrong and independent, else a permutation of whole "
    "groups between the models"
)
_REST = (
    "MDE: the smallest true difference that so many items would have shown with probability .8. Flips: − from right to "
    "wrong, + from wrong to right."
)
READING = (
    f"{_ITEMS}. Holm: p adjusted over the tasks' first metrics, sure below .05; in brackets is "
    f"what other metrics would say, unadjusted. {_REST}"
)
BRIEFLY = (
    f"{_ITEMS}; of each task's first metric adjusted over all of these (Holm), of others in brackets as it is. {_REST}"
)
ALIKE = "Besides the model, nothing in the signatures differs."

_HEADS = ("task", "prompt", "shots", "seed", "metric")
_SETTING = ("prompt", "shots", "seed")
_SAID = {"dtype": "number format", "evalkit": "evalkit's version", "norm": "normalisation"}
_WHERE = 4  # places of a change that are named
_WAYS = 3  # in which a field of signatures may differ, for each to be told
_NARROW = 0.05  # an interval narrower than this is told with a decimal


def heads(contrast: Contrast) -> list[str]:
    """The columns that say what a number is of; prompts and seeds only where there are several."""
    several = [key for key in _SETTING if len({_either(one, key) for one in contrast.differences}) > 1]
    return [name for name in _HEADS if name not in ("prompt", "seed") or name in several]


def cells(one: Difference, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a table shows of a number, by column; `names` are shorter ones for tasks."""
    first, (one_value, other_value) = one.results[0], one.values
    test = one.test
    return {
        "task": (names or {}).get(first.task, first.task) + (" ≠" if one.unlike else ""),
        **{key: _either(one, key) for key in _SETTING},
        "metric": measured_by(first.metric, first.scorer),
        "n": f"{one.n:,}" if one.n else "",
        "first": number(first.metric, one_value),
        "second": number(first.metric, other_value),
        "gap": gap(one),
        "p": "" if test is None else p_text(test.p),
        "adjusted": "" if test is None or test.adjusted is None else p_text(test.adjusted),
        "sure": _sure_text(one),
        "mde": _mde_text(one),
        "flips": f"−{len(one.flips[0]):,} +{len(one.flips[1]):,}" if one.flips is not None else "",
        "verdict": _verdict(one),
        "told": "" if one.verdict == UNSURE else _verdict(one),
    }


def gap(one: Difference) -> str:
    """The difference with its interval."""
    metric = one.results[0].metric
    told = points(metric, one.difference)
    if one.low is None or one.high is None:
        return told
    if is_share(metric) and one.high - one.low >= _NARROW:
        return f"{told} [{_whole(one.low)}, {_whole(one.high)}]"
    return f"{told} [{points(metric, one.low)}, {points(metric, one.high)}]"


def headline(contrast: Contrast, baseline: Run) -> str:
    """The comparison in a sentence: of how many of the tasks' first metrics the difference is sure."""
    first, second = baseline.label, contrast.run.label
    tested = contrast.tested
    if not tested:
        return f"{first} and {second} have no number in common that can be tested."
    counts = {verdict: sum(one.verdict == verdict for one in tested) for verdict in VERDICTS}
    told = [f"{counts[way]} {VERDICTS[way]}" for way in (BETTER, WORSE, OTHER) if counts[way]]
    of = f"{len(tested)} number{'s' if len(tested) != 1 else ''} (each task's first metric)"
    other = " They are of different data." if any("data" in one.unlike for one in tested) else ""
    if not told:
        return f"No sure difference between {first} and {second} on {'any of ' * (len(tested) > 1)}{of}.{other}"
    return f"{second} against {first}: {', '.join(told)}, {counts[UNSURE]} not sure, of {of}.{other}"


def run_text(run: Run) -> str:
    """A run in words."""
    return f"{run.model} at {run.version}, {run.dtype}"


def change_text(change: Change, first: str, second: str) -> str:
    """What differs, in words, and of which numbers; `first` and `second` are the runs' labels."""
    name = _SAID.get(change.name, change.name)
    told = f"{name}: {change.first or 'none'} in {first}, {change.second or 'none'} in {second}"
    return f"{told} ({several(change.where)})" if change.where else told


def signature_texts(contrast: Contrast, baseline: Run) -> list[str]:
    """What differs in signatures besides the model. A field that differs in many ways is told in one line."""
    labels = baseline.label, contrast.run.label
    fields: dict[str, list[Change]] = {}
    for change in contrast.signatures:
        fields.setdefault(change.name, []).append(change)
    told = []
    for changes in fields.values():
        told += [change_text(change, *labels) for change in changes[: len(changes) if len(changes) <= _WAYS else 1]]
        if len(changes) > _WAYS:
            told[-1] += f" and {len(changes) - 1:,} more differences of that kind, on other numbers"
    return told


def several(names: Sequence[str], between: str = ", ") -> str:
    """The first few names, and how many more there are."""
    more = len(names) - _WHERE
    return between.join(names[:_WHERE]) + (f" and {more:,} more" if more > 0 else "")


def unlike_text(contrast: Contrast) -> str:
    """What keeps numbers from being alike; empty where all are."""
    fields = list(dict.fromkeys(field for one in contrast.differences for field in one.unlike))
    marked = sum(bool(one.unlike) for one in contrast.differences)
    if not marked:
        return ""
    differ = f"{', '.join(fields)} differ{'s' * (len(fields) == 1)}"
    return f"≠ {marked:,} of {len(contrast.differences):,} numbers are not alike: {differ}."


def whys(contrast: Contrast) -> list[str]:
    """Why numbers have no interval, each reason once, with what it is of."""
    found: dict[str, list[str]] = {}
    for one in contrast.differences:
        if one.why:
            first = one.results[0]
            found.setdefault(one.why, []).append(f"{first.task} {first.metric}")
    return [f"{several(list(dict.fromkeys(of)))}: {why}" for why, of in found.items()]


def lone(contrast: Contrast, baseline: Run) -> list[tuple[str, Sequence[str]]]:
    """The numbers that only one run has, with a head for each run."""
    labels = (baseline.label, contrast.run.label)
    return [
        (f"Only in {label}: {len(names):,} number{'s' if len(names) != 1 else ''}", names)
        for label, names in zip(labels, contrast.only, strict=True)
        if names
    ]


def tasks(comparison: Comparison) -> list[str]:
    """The tasks of a comparison, each once."""
    return list(dict.fromkeys(one.results[0].task for contrast in comparison.contrasts for one in contrast.differences))


def is_sure(one: Difference) -> bool:
    """Whether a difference is told from chance, with all tasks' tests taken together."""
    return _is_told(one) and one.test is not None and one.test.adjusted is not None


def _is_told(one: Difference) -> bool:
    return one.verdict in (BETTER, WORSE, OTHER)


def _verdict(one: Difference) -> str:
    """In brackets where the p-value is not adjusted."""
    word = VERDICTS[one.verdict]
    return f"({word})" if _is_told(one) and not is_sure(one) else word


def _sure_text(one: Difference) -> str:
    """The p-value that decides: the adjusted one, or in brackets one that is not."""
    if one.test is None:
        return ""
    return p_text(one.test.adjusted) if one.test.adjusted is not None else f"({p_text(one.test.p)})"


def _mde_text(one: Difference) -> str:
    metric = one.results[0].metric
    if one.detectable is None:
        return ""
    return ">100" if is_share(metric) and one.detectable > 1 else number(metric, one.detectable)


def _whole(share: float) -> str:
    """A difference in whole points."""
    text = f"{100 * share:+.0f}"
    return text[1:] if not float(text) else text.replace("-", "−")


def _either(one: Difference, key: str) -> str:
    """A field of the setting; both where they differ."""
    first, second = (str(getattr(result, key)) for result in one.results)
    return first if first == second else f"{first} / {second}"
