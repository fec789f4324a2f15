"""JSON has no number that is none."""

import json
import math

from evalkit.finite import finite


def test_what_is_not_finite_is_none_however_deep_it_lies():
    value = {"a": [1.5, math.inf, {"b": (-math.inf, math.nan, "nan", True, None)}], "c": 3}
    assert finite(value) == {"a": [1.5, None, {"b": [None, None, "nan", True, None]}], "c": 3}
    assert json.dumps(finite(value), allow_nan=False)
