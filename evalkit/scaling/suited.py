"""Whether points can tell a law at all: points in, nothing or a refusal that says what is lacking out."""

from evalkit.errors import UsageError
from evalkit.scaling.law import CHINCHILLA, SYMBOLS, Law
from evalkit.scaling.points import TOKENS, UNITS, Points

_LEVELS = 3  # different sizes that a power beside a constant needs


def suited(law: Law, points: Points) -> None:
    """See that every point has the law's sizes, that there is one more than it has constants, and that they differ.

    Raises:
        UsageError: they do not suffice.
    """
    own, name = points.points, points.measure.name
    for size in law.sizes:
        if lacking := [point for point in own if point.size(size) is None]:
            raise UsageError(
                f"{lacking[0].where}: the {UNITS[size]} of {lacking[0].name} are not known"
                f"{f' (nor of {len(lacking) - 1} more)' if len(lacking) > 1 else ''}. "
                f"{_remedy(size, lacking[0].name)}"
            )
    different = {tuple(point.size(size) for size in law.sizes) for point in own}
    if len(different) <= law.count:
        what = " and ".join(UNITS[size] for size in law.sizes)
        raise UsageError(
            f"{name}: {len(own)} points with {len(different)} different {what}; {law.formula} has {law.count} "
            f"constants and needs {law.count + 1}. {_simpler(law)}"
        )
    for size in law.sizes if law.name == CHINCHILLA else ():
        levels = len({point.size(size) for point in own})
        if levels < _LEVELS:
            several = "s" if levels > 1 else ""
            raise UsageError(
                f"{name}: the points have {levels} different number{several} of {UNITS[size]}; to tell the term of "
                f"{SYMBOLS[size]} from E takes at least {_LEVELS}. {_simpler(law)}"
            )


def _remedy(size: str, name: str) -> str:
    flag = "--tokens" if size == TOKENS else "--parameters"
    return f"Give {flag} {name}=300e9 (or one number for all models) for runs, or the column for --points; C is 6 N D"


def _simpler(law: Law) -> str:
    if law.name == CHINCHILLA:
        return "Fit one size: --law irreducible or power"
    return "Give more models, or --law power" if law.has_floor else "Give more models of other sizes"
