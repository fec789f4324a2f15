"""The signature that stands beside every number: what it takes to get it again.

In the manner of sacreBLEU (Post 2018).
"""

import hashlib
from collections.abc import Sequence

from evalkit.answers.decoding import said
from evalkit.evaluation.fit import advance
from evalkit.evaluation.prepare import Prepared
from evalkit.models.base import Identity
from evalkit.schema import Setting
from evalkit.version import __version__


def signature(prepared: Prepared, setting: Setting, model: Identity, limit: int | None) -> str:
    """The signature of every number of a setting; the metric stands beside it."""
    parts = [
        f"{prepared.task.name}@{prepared.task.digest[:4]}",
        f"prompt:{prepared.prompt.name}@{prepared.prompt.digest[:4]}",
        _shots(prepared, setting.shots),
        f"seed:{setting.seed}",
        f"norm:{prepared.normalisation}",
        *([f"decoding:{said(prepared.decoding)}"] if prepared.decoding is not None else []),
        *([f"stride:{advance(prepared.stride, model.window)}"] if prepared.kind.rolls else []),
        f"data:{prepared.data if setting.shots else prepared.scored}",
        *([f"limit:{limit}"] if limit is not None else []),
        *_of_model(model),
    ]
    return "|".join(parts)


def average_signature(setting: Setting, tasks: Sequence[str], model: Identity) -> str:
    """The signature of a suite's average; `tasks` are the signatures of what it is the mean of. Their hash leaves the
    model out, so that two models asked alike have signatures that differ in the model alone.
    """
    ending = "|" + "|".join(_of_model(model))
    asked = hashlib.sha256("\n".join(task.replace(ending, "") for task in tasks).encode()).hexdigest()
    parts = [
        setting.task,
        f"average of {len(tasks)} tasks@{asked[:12]}",
        f"prompt:{setting.prompt}",
        f"shots:{setting.shots}",
        f"seed:{setting.seed}",
        *_of_model(model),
    ]
    return "|".join(parts)


def _shots(prepared: Prepared, count: int) -> str:
    """How many shots and how they are drawn; of those chosen by hand, a hash of which they are."""
    if not count:
        return "shots:0"
    if prepared.mode != "curated" or prepared.pool is None:
        return f"shots:{count}:{prepared.mode}"
    ids = [prepared.pool.shots[place][0].unit for place in prepared.pool.curated[:count]]
    return f"shots:{count}:curated@{hashlib.sha256(chr(10).join(ids).encode()).hexdigest()[:4]}"


def _of_model(model: Identity) -> list[str]:
    return [f"model:{model.name}@{model.version}", f"dtype:{model.dtype}", f"evalkit:{__version__}"]
