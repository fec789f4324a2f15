"""The signature that stands beside every number: what it takes to get it again.

In the manner of sacreBLEU (Post 2018).
"""

from evalkit.evaluation.prepare import Prepared
from evalkit.models.base import Identity
from evalkit.schema import Setting
from evalkit.version import __version__


def signature(prepared: Prepared, setting: Setting, model: Identity, limit: int | None) -> str:
    """The signature of every number of a setting; the metric stands beside it."""
    shots = f"shots:{setting.shots}"
    if setting.shots:
        shots += f":{prepared.mode}"
    parts = [
        f"{prepared.task.name}@{prepared.task.digest[:4]}",
        f"prompt:{prepared.prompt.name}@{prepared.prompt.digest[:4]}",
        shots,
        f"seed:{setting.seed}",
        f"norm:{prepared.normalisation}",
        f"data:{prepared.data}",
        *([f"limit:{limit}"] if limit is not None else []),
        f"model:{model.name}@{model.version}",
        f"dtype:{model.dtype}",
        f"evalkit:{__version__}",
    ]
    return "|".join(parts)
