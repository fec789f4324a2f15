"""What JSON can say of numbers: values in, the same without infinities and what is no number out."""

import math
from collections.abc import Mapping
from typing import Any


def finite(value: Any) -> Any:
    """The value, with None in the place of every float in it that is not finite, however deep it lies."""
    if isinstance(value, Mapping):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
