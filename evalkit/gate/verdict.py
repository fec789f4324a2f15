"""The verdict on a candidate: two baselines in, a line for every number and one for the mean of tasks out.

What is held against each other, item by item, is the first metric of every setting (task, prompt, shots, seed) of the
baseline. `statistics/noninferiority.py` has the rule and its reasons. Here is what it is asked of:

- A mean of items: its change has a cluster-robust standard error and an exact p-value. Any other metric (F1, Matthews,
  BLEU, a perplexity) is resampled. A number whose ideal lies in the middle (a bias) changes by how much nearer to it
  the candidate is.
- The margin is in points for a share (0.01 is one point of accuracy) and a part of the baseline's number for what is
  none (0.01 of a perplexity of 20 is 0.2).
- The overall change is the mean over tasks of the mean over each task's settings, of shares alone. Tasks are
  independent; settings of one task are of the same items, and are added up item by item.
- Outcomes that are the same in every item pass, however few they are: nothing was lost on these items.
- The gate fails where a line is a regression, passes where every line does (or, if asked so, where the overall one
  does), and is inconclusive otherwise.
"""

import math
from collections.abc import Sequence

from evalkit.errors import RunError, UsageError
from evalkit.gate.baseline import Baseline
from evalkit.gate.different import differences, left_out, only_candidate
from evalkit.gate.lines import Gate, Line, Terms
from evalkit.gate.measure import Measured, measure, overall
from evalkit.runs.outcomes import Outcomes
from evalkit.runs.pairs import pair
from evalkit.statistics import INCONCLUSIVE, PASS, REGRESSION, holm, items_needed, verdict

_SHOWN = 12  # differences, where a gate refuses


def gate(baseline: Baseline, candidate: Baseline, terms: Terms, allow_different: bool = False) -> Gate:
    """Hold a candidate against a baseline.

    Raises:
        RunError: they were not asked alike and that is not allowed, or have nothing in common.
        UsageError: the baseline has no such metric.
    """
    wanted = _wanted(baseline, terms.metric)
    theirs = {one.key: one for one in candidate.outcomes}
    apart = differences(wanted, theirs)
    if apart and not allow_different:
        raise RunError(_refusal(apart))
    pairs = [pair(one, theirs[one.key]) for one in wanted if one.key in theirs]
    if not pairs:
        raise RunError(f"{candidate.name}: the candidate has none of the baseline's numbers")
    uneven = [text for own in pairs if (text := left_out(own))]
    if uneven and not allow_different:
        raise RunError(_refusal(uneven))
    measured = [measure(own, terms.max_drop) for own in pairs]
    mean = overall(measured)
    judged = _judge([*measured, *([mean] if mean is not None else [])], terms)
    lines, last = (judged[:-1], judged[-1]) if mean is not None else (judged, None)
    notes = [*apart, *uneven, *only_candidate(wanted, candidate), *baseline.notes, *candidate.notes]
    return Gate(_together(lines, last, terms), terms, baseline, candidate, lines, last, tuple(dict.fromkeys(notes)))


def _wanted(baseline: Baseline, metric: str) -> list[Outcomes]:
    if not metric:
        wanted = [one for one in baseline.outcomes if one.key in baseline.first]
        if not wanted:
            raise RunError(f"{baseline.name}: the baseline has no number that can be held against another")
        return wanted
    wanted = [one for one in baseline.outcomes if one.key.metric == metric]
    if not wanted:
        known = ", ".join(dict.fromkeys(one.key.metric for one in baseline.outcomes))
        raise UsageError(f"--metric {metric}: the baseline has no such number. It has: {known}")
    return wanted


def _refusal(apart: Sequence[str]) -> str:
    shown = "".join(f"\n  {one}" for one in apart[:_SHOWN])
    more = f"\n  and {len(apart) - _SHOWN} more" if len(apart) > _SHOWN else ""
    return (
        f"baseline and candidate were not asked the same, so nothing is concluded:{shown}{more}\n"
        "Run the candidate as the baseline was, or write the baseline anew; --allow-different gates what both have"
    )


def _judge(measured: Sequence[Measured], terms: Terms) -> tuple[Line, ...]:
    """The lines with their bounds and verdicts, p-values adjusted over all of them."""
    adjusted = holm([one.change.p for one in measured])
    return tuple(_line(one, p, terms) for one, p in zip(measured, adjusted, strict=True))


def _line(one: Measured, p: float, terms: Terms) -> Line:
    low, high = one.change.bounds(terms.alpha)
    found = verdict(one.change, p, terms.max_drop, terms.alpha)
    return Line(
        key=one.key,
        n=one.n,
        groups=one.groups,
        baseline=one.baseline,
        candidate=one.candidate,
        change=one.change.value,
        low=low if math.isfinite(low) else None,
        high=high if math.isfinite(high) else None,
        p=p,
        verdict=found,
        needed=items_needed(one.change, one.n, terms.max_drop, terms.alpha) if found == INCONCLUSIVE else None,
        moved=one.moved,
        better=one.better,
        worse=one.worse,
        relative=one.relative,
    )


def _together(lines: Sequence[Line], last: Line | None, terms: Terms) -> str:
    """The gate's verdict."""
    every = [*lines, *([last] if last is not None else [])]
    if any(line.verdict == REGRESSION for line in every):
        return REGRESSION
    decisive = [last] if terms.overall_alone and last is not None else every
    return PASS if all(line.verdict == PASS for line in decisive) else INCONCLUSIVE
