"""evalkit: a zero- and few-shot evaluation harness for language models.

import evalkit

results = evalkit.evaluate("demo", "superglue", shots=(0, 1, 4), data_dir="samples")
results.to_pandas()
scanned = evalkit.decontaminate("superglue", "books/*.jsonl.zst", "overlaps", data_dir="samples")
compared = evalkit.compare("runs/before", "runs/after")
"""

from typing import TYPE_CHECKING, Any

from evalkit.version import __version__

if TYPE_CHECKING:
    from evalkit import published
    from evalkit.comparison.compare import compare
    from evalkit.comparison.record import Comparison
    from evalkit.evaluation.decontaminate import Scanned, decontaminate, merge
    from evalkit.evaluation.evaluate import Results, evaluate
    from evalkit.evaluation.forecast import Forecast, forecast
    from evalkit.models.load import load_model
    from evalkit.scaling.fit import fit_scaling
    from evalkit.scaling.record import Scaling

__all__ = [
    "Comparison",
    "Forecast",
    "Results",
    "Scaling",
    "Scanned",
    "__version__",
    "compare",
    "decontaminate",
    "evaluate",
    "fit_scaling",
    "forecast",
    "load_model",
    "merge",
    "published",
]

_HOMES = {
    "Comparison": "evalkit.comparison.record",
    "Forecast": "evalkit.evaluation.forecast",
    "Results": "evalkit.evaluation.evaluate",
    "Scaling": "evalkit.scaling.record",
    "Scanned": "evalkit.evaluation.decontaminate",
    "compare": "evalkit.comparison.compare",
    "decontaminate": "evalkit.evaluation.decontaminate",
    "evaluate": "evalkit.evaluation.evaluate",
    "fit_scaling": "evalkit.scaling.fit",
    "forecast": "evalkit.evaluation.forecast",
    "load_model": "evalkit.models.load",
    "merge": "evalkit.evaluation.decontaminate",
}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that `import evalkit` costs nothing."""
    import importlib

    if name == "published":
        return importlib.import_module("evalkit.published")
    if name not in _HOMES:
        raise AttributeError(f"module 'evalkit' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
