"""Is one model no worse than another on the same items? What each item, or group of items, changed in; how large the
change is, how well it is known, and a verdict out. Pure functions over arrays.

Everywhere a change is the candidate's number less the baseline's, turned so that positive is better; the margin is the
largest loss that is allowed, as a positive number.

The rule, for a change d with standard error s and its one-sided bounds at 1 - alpha:

- **pass** where the lower bound is not below -margin: the loss, if there is one, is shown to be within what is allowed
  (non-inferiority: Blackwelder 1982; Schuirmann 1987). Every number has to pass by itself for all to pass, which needs
  no correction: the chance to pass all wrongly is at most alpha (the intersection-union test: Berger 1982). A loss that
  is certain and shown to be smaller than the margin passes.
- **regression** where a loss is certain (the p-value of "no loss", adjusted by Holm 1979 over all numbers of the gate,
  is at most alpha) and d itself is below -margin. Without any loss the whole gate says so in at most alpha of all
  cases, however many numbers it has and however they hang together.
- **inconclusive** otherwise: too few items to tell.

The test against no loss, rather than against the margin, is what gives it its power; asking for d below -margin besides
keeps a loss that is certain, but probably allowed, from failing. The two claims cannot both hold.

Why p-values and standard errors are of two kinds: under "no loss" a group's change may as well have had the other sign,
so the p-value needs no model of the spread (exactly McNemar's test for single items that are right or wrong), while a
bound on the loss does. With few changed items the usual standard error is too small for such a bound: none lost of 100
says little about 1 in 100. A true loss of the margin, of items that are 0 or 1, has a variance of at least
margin (1 - margin) / n, so no smaller one is used (the idea of the score tests of Nam 1997 and Tango 1998).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from evalkit.statistics.intervals import replicates
from evalkit.statistics.paired import swapped

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    from evalkit.statistics.intervals import Floats

PASS, REGRESSION, INCONCLUSIVE = "pass", "regression", "inconclusive"
SETTLED = 0.9  # the probability with which the n that is told would settle a verdict
_ENUMERATED = 12  # the largest changes of unequal size, of which all signs are tried


@dataclass(frozen=True, slots=True)
class Change:
    """A change and how well it is known: its standard error (infinite where nothing is known of it), the standard error
    that it would have at least under a loss of the margin, the degrees of freedom of the first, and the one-sided
    p-value of "there is no loss".
    """

    value: float
    error: float
    least: float
    freedom: float
    p: float

    def bounds(self, alpha: float) -> tuple[float, float]:
        """The one-sided lower and upper confidence bounds at 1 - alpha, by Student's t."""
        from scipy.special import stdtrit

        if not math.isfinite(self.error):
            return -math.inf, math.inf
        t = float(stdtrit(self.freedom, 1 - alpha))
        return self.value - t * max(self.error, self.least), self.value + t * self.error


NO_CHANGE = Change(0.0, 0.0, 0.0, 1.0, 1.0)


def changes(first: "Floats", second: "Floats") -> "tuple[Floats, Floats]":
    """What each group adds to the difference of two means (their sum is the difference), and the group's share of all
    items: the linear terms of a ratio of sums (Miller 2024, section 4.2, for clusters).

    Args:
        first, second: shape [G, 2]: of each group, the sum of its items and their number.

    Returns:
        Both of shape [G].
    """
    totals = first.sum(axis=0), second.sum(axis=0)
    shares = first[:, 1] / totals[0][1]
    own = (first[:, 0] - totals[0][0] / totals[0][1] * first[:, 1]) / totals[0][1]
    other = (second[:, 0] - totals[1][0] / totals[1][1] * second[:, 1]) / totals[1][1]
    difference = totals[1][0] / totals[1][1] - totals[0][0] / totals[0][1]
    return other - own + difference * shares, shares


def mean_change(added: "Floats", shares: "Floats", least: float = 0.0) -> Change:
    """The change of a mean, from what `changes` gives. The standard error is cluster-robust, with G / (G - 1) for few
    groups (Cameron and Miller 2015, section II.B), on G - 1 degrees of freedom.
    """
    value, count = float(added.sum()), len(added)
    if count < 2:
        return Change(value, math.inf, least, 1.0, loss_p(added))
    spread = float(((added - value * shares) ** 2).sum())
    return Change(value, math.sqrt(spread * count / (count - 1)), least, count - 1.0, loss_p(added))


def resampled_change(first: "Floats", second: "Floats", value: "Callable[[Floats], Floats]", seed: str) -> Change:
    """The change value(second) - value(first) of any other metric: its standard error is that of the paired cluster
    bootstrap (Efron and Tibshirani 1993, chapter 6), its p-value that of swapping the two models' answers to each group
    (approximate randomisation: Noreen 1989), with what was found among the draws (Phipson and Smyth 2010).

    Args:
        first, second: shape [G, d], the same groups in one order.
        value: shape [..., d] to [...], turned so that more is better.
        seed: any text; equal texts give equal draws.
    """
    import numpy as np

    width = first.shape[1]
    found = float(value(second.sum(axis=0)) - value(first.sum(axis=0)))
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = replicates(
            np.hstack([first, second]), lambda sums: value(sums[..., width:]) - value(sums[..., :width]), seed
        )
    drawn = drawn[np.isfinite(drawn)]
    error = float(drawn.std(ddof=1)) if len(drawn) > 1 else 0.0
    chance = swapped(first, second, value, seed)
    as_low = ~(chance > found + 1e-9 * max(1.0, abs(found)))  # a number that is none counts against the claim
    p = float((1 + as_low.sum()) / (1 + len(chance)))
    if len(first) < 2 or not error > 0:
        return Change(found, math.inf, 0.0, 1.0, p)
    return Change(found, error, 0.0, len(first) - 1.0, p)


def loss_p(added: "Floats") -> float:
    """The one-sided p-value of "no loss": under it, each group's change may as well have had the other sign.

    Exact where all that changed changed by as much (the sign test; for items that are right or wrong, McNemar's: 1947)
    and where few did (all signs are tried). Otherwise all signs of the largest changes are tried, and the sum of the
    others is taken as normal.
    """
    import numpy as np
    from scipy.special import bdtrc, ndtr

    scale = np.abs(added).max(initial=0.0)
    changed = added[np.abs(added) > 1e-9 * scale]
    count = len(changed)
    if not count:
        return 1.0
    if np.ptp(np.abs(changed)) <= 1e-6 * scale:
        losses = int((changed < 0).sum())
        return float(bdtrc(losses - 1, count, 0.5)) if losses else 1.0
    sizes = np.sort(np.abs(changed))[::-1]
    largest, others = sizes[:_ENUMERATED], sizes[_ENUMERATED:]
    sums = _signs(len(largest)) @ largest
    if not len(others):
        return float(np.mean(sums <= changed.sum() + 1e-9 * scale))
    return float(np.mean(ndtr((changed.sum() - sums) / math.sqrt(float((others**2).sum())))))


@cache
def _signs(count: int) -> "Floats":
    """Every row of so many signs."""
    import numpy as np

    bits = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    return (1 - 2 * bits).astype(np.float64)


def least_error(margin: float, items: int) -> float:
    """The least standard error of a mean change of -margin, of so many items that are 0 or 1."""
    return math.sqrt(max(0.0, margin * (1 - margin)) / items)


def mean_of(parts: Sequence[Change], p: float | None = None) -> Change:
    """The mean of changes that are independent of each other, its degrees of freedom by Satterthwaite (1946). `p` is
    its p-value where it is known otherwise.
    """
    count = len(parts)
    value = sum(part.value for part in parts) / count
    variances = [part.error**2 for part in parts]
    error = math.sqrt(sum(variances)) / count
    least = math.sqrt(sum(part.least**2 for part in parts)) / count
    if not math.isfinite(error):
        return Change(value, error, least, 1.0, 1.0 if p is None else p)
    if not error:
        return Change(value, 0.0, least, 1.0, p if p is not None else float(value >= 0))
    under = sum(variance**2 / part.freedom for variance, part in zip(variances, parts, strict=True))
    freedom = sum(variances) ** 2 / under
    return Change(value, error, least, freedom, _tail(value / error, freedom) if p is None else p)


def verdict(change: Change, adjusted: float, margin: float, alpha: float) -> str:
    """Pass, regression or inconclusive: the rule above. `adjusted` is the p-value after Holm."""
    if change.bounds(alpha)[0] >= -margin:
        return PASS
    return REGRESSION if adjusted <= alpha and change.value < -margin else INCONCLUSIVE


def items_needed(change: Change, items: int, margin: float, alpha: float) -> int | None:
    """How many items of this kind would settle an inconclusive change: with so many, a candidate without any loss
    passes with probability `SETTLED`, and one that loses twice the margin fails with more (n = (z_alpha + z_beta)^2
    s^2 / margin^2: Julious 2004, section 3.2, with the variance found here). Where there are as many already, the true
    change is near -margin: then how many would part it from there, if it is what it seems. None where no number would,
    or nothing is known.
    """
    from scipy.special import ndtri

    error = max(change.error, change.least)
    if margin <= 0 or not math.isfinite(error):
        return None
    z = float(ndtri(1 - alpha))
    needed = math.ceil(items * ((z + float(ndtri(SETTLED))) * error / margin) ** 2)
    away = abs(change.value + margin)
    if needed > items or not away:
        return needed if needed > items else None
    return max(items + 1, math.ceil(items * (z * error / away) ** 2))


def _tail(t: float, freedom: float) -> float:
    from scipy.special import stdtr

    return float(stdtr(freedom, t))
