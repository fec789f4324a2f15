"""Large numbers as one writes them: `70B`, `1.4T`, `5.76e23` in, numbers out; and back."""

import math
import re

from evalkit.errors import UsageError

_UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_AMOUNT = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?([KMBT]?)", re.IGNORECASE)


def amount(text: str, where: str) -> float:
    """A positive number: `300e9`, `300B`, `70_000_000`.

    Raises:
        UsageError: it is none; `where` says what it was given for.
    """
    found = _AMOUNT.fullmatch(text.strip().replace("_", ""))
    value = float(found[1] + (found[2] or "")) * _UNITS[found[3].upper()] if found else 0.0
    if not 0 < value < math.inf:
        raise UsageError(f"{where}: {text.strip()!r} is no positive number, such as 70e9, 70B or 1.4T")
    return value


def short(value: float | None) -> str:
    """A size as one says it: `70B`, `1.4T`, and `5.76e23` beyond."""
    if value is None or not math.isfinite(value):
        return "-"
    for name, worth in reversed(_UNITS.items()):
        if value >= worth * 0.9995 and value < 999.5e12:
            return f"{value / worth:.3g}{name}"
    return f"{value:.2e}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-").replace(".00e", "e")
