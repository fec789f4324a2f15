"""What has to be known to read a fit: points and what was found in, sentences out."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from evalkit.scaling.amounts import short
from evalkit.scaling.foresee import Fit
from evalkit.scaling.law import CHINCHILLA, POWER, log_loss
from evalkit.scaling.papers import Paper
from evalkit.scaling.points import BITS, ERROR, LOSS, PARAMETERS, UNITS, Points
from evalkit.scaling.record import Forecast, Frontier

_FEW = 10  # points
_NOTHING = 1e-3  # of the smallest loss
_FAR = 10.0  # times the largest or smallest of the points


def notes(
    points: Points, fit: Fit, forecasts: Sequence[Forecast], frontier: Frontier | None, papers: Sequence[Paper]
) -> Iterator[str]:
    """The notes, those on the points first."""
    yield from points.notes
    if any(point.low is not None for point in points.points):
        yield "how sure each point is has no part in the fit: points count alike, and are drawn as they are"
    if points.dropped:
        yield f"{points.dropped} lines were left out, as was asked"
    if points.measure.kind == ERROR:
        yield (
            f"it is error ({points.measure.unit}) with chance not removed: a model that guesses has an error too, the "
            "law does not know where that is, and the papers' laws are of loss"
        )
    yield from _of_range(fit)
    yield from (f"{points.measure.name}: {said}" for said in _of_constants(fit))
    for one in forecasts:
        if one.times > _FAR:
            yield (
                f"the forecast at {at_text(one)} lies {one.times:.3g} times outside of the points: the band is right "
                "only as far as the law is"
            )
        if points.measure.is_share and one.loss.value > 1:
            yield f"{points.measure.name}: the forecast at {at_text(one)} is an error above 1, which there is not"
    if fit.law.name == CHINCHILLA and frontier is None:
        yield "there is no compute-optimal frontier: an exponent is 0"
    if papers:
        yield from _of_papers(points, fit)


def at_text(forecast: Forecast) -> str:
    """Where a forecast is: `70B parameters, 1.4T training tokens`, `1e24 FLOP`."""
    sizes = (("parameters", forecast.parameters), ("training tokens", forecast.tokens))
    said = [f"{short(size)} {name}" for name, size in sizes if size is not None]
    return ", ".join(said) or f"{short(forecast.compute)} FLOP"


def _of_range(fit: Fit) -> Iterator[str]:
    spans = np.exp(np.ptp(fit.sizes, axis=0))
    for size, span in zip(fit.law.sizes, spans, strict=True):
        if span < 10:
            yield f"the {UNITS[size]} span a factor of {span:.3g}, less than a decade: an exponent can hardly be told"
    if len(fit.sizes) < _FEW:
        yield f"{len(fit.sizes)} points are few to draw from: take the intervals as rough, and rather too narrow"


def _of_constants(fit: Fit) -> Iterator[str]:
    exponents = fit.theta[-len(fit.law.sizes) :]
    for size, exponent in zip(fit.law.sizes, exponents, strict=True):
        if exponent <= 1e-6:
            rises = "rises with" if exponent < 0 else "does not fall with"
            yield f"by this fit it {rises} {UNITS[size]}: this is no scaling law"
    least = float(log_loss(fit.law, fit.theta, fit.sizes).min())
    if fit.law.has_floor and fit.theta[0] < least + math.log(_NOTHING):
        yield "E is 0 as far as the points can tell: a power law without it does as well"


def _of_papers(points: Points, fit: Fit) -> Iterator[str]:
    """How far the papers' constants may be held against these."""
    if points.measure.kind == BITS:
        yield (
            "the papers' losses are nats per token of their own data: of bits per byte, exponents may be held against "
            "theirs, scales and E may not"
        )
    elif points.measure.kind == LOSS and not points.measure.is_nats:
        yield f"the papers' losses are nats per token; here it is {points.measure.unit}: scales and E are not theirs"
    else:
        yield (
            "the papers' losses are of their own data and tokenisers: E and scales differ with these, exponents less so"
        )
    if fit.law.name == POWER and fit.law.sizes[0] == PARAMETERS:
        yield "Kaplan's parameters leave embeddings out; a run counts all of them, unless --parameters says otherwise"
