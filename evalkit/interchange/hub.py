"""A run as the Hugging Face hub shows results: `.eval_results/*.yaml`, or a model card's `model-index`.

Both are made by huggingface_hub's own classes, so that what they refuse is never written. Shares are in percent, as on
the hub's leaderboards.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from evalkit.errors import InterchangeError
from evalkit.interchange.finished import Exported, Finished, HubData
from evalkit.report.summary import interval, is_share, measured_by, number, shots_text
from evalkit.schema import Result

_DIGITS = 4  # behind the point, of what is in percent
_TASK_TYPE = "text-generation"


def eval_results(run: Finished) -> Exported:
    """`.eval_results/`: one file for each task and setting, with the task's first metric, as an entry holds one number.

    Raises:
        InterchangeError: this huggingface_hub is too old, or no result is of a data set on the hub.
    """
    import huggingface_hub  # heavy: loaded only when a run is exported to the hub
    from huggingface_hub.utils import yaml_dump

    if not hasattr(huggingface_hub, "EvalResultEntry"):
        raise InterchangeError(
            f"huggingface_hub {huggingface_hub.__version__} does not know .eval_results yet: "
            "pip install -U huggingface_hub, or export --format model-index"
        )
    files: dict[str, str | bytes] = {}
    for result, data in _first(run):
        entry = huggingface_hub.EvalResultEntry(
            dataset_id=data.path,
            task_id=data.name,
            value=_shown(result),
            dataset_revision=data.revision,
            date=run.manifest.started,
            notes=_notes(run, result),
        )
        rows = huggingface_hub.eval_result_entries_to_yaml([entry])
        huggingface_hub.parse_eval_result_entries(rows)
        files[f".eval_results/{_file_name(result)}.yaml"] = yaml_dump(rows)
    return Exported(files, _left_out(run, len(files)))


def model_index(run: Finished) -> Exported:
    """The metadata block of a model card (README.md), with every number of a data set on the hub.

    Raises:
        InterchangeError: there is none.
    """
    from huggingface_hub import EvalResult, ModelCardData  # heavy: loaded only when a run is exported to the hub

    rows = [
        EvalResult(
            task_type=_TASK_TYPE,
            task_name="Text Generation",
            dataset_type=data.path,
            dataset_name=result.task,
            dataset_config=data.name,
            dataset_split=data.split,
            dataset_revision=data.revision,
            metric_type=result.metric,
            metric_name=_metric_name(result),
            metric_value=_shown(result),
            metric_args=_arguments(result),
        )
        for result, data in _known(run)
    ]
    if not rows:
        raise InterchangeError(_NONE)
    card = ModelCardData(model_name=run.manifest.model["name"], eval_results=rows)
    text = card.to_yaml()
    return Exported({"model-index.md": f"---\n{text}\n---\n"}, _left_out(run, len(rows)))


_NONE = (
    "no result is of a data set on the hub by a task that this evalkit has as it was run. "
    "evalkit export --format csv has every number"
)


def _known(run: Finished) -> Iterator[tuple[Result, HubData]]:
    for result in run.results:
        if result.task in run.data:
            yield result, run.data[result.task]


def _first(run: Finished) -> list[tuple[Result, HubData]]:
    """The first number of each task and setting: that of its first metric, over all examples."""
    first: dict[tuple[str, str, int, int], tuple[Result, HubData]] = {}
    for result, data in _known(run):
        if not result.subset:
            first.setdefault((result.task, result.prompt, result.shots, result.seed), (result, data))
    if not first:
        raise InterchangeError(_NONE)
    return list(first.values())


def _left_out(run: Finished, told: int) -> list[str]:
    rest = len(run.results) - told
    return [f"{rest:,} numbers (further metrics, parts, averages, data sets that are not on the hub)"] if rest else []


def _shown(result: Result) -> float:
    return round(100 * result.value, _DIGITS) if is_share(result.metric) else result.value


def _metric_name(result: Result) -> str:
    of = [shots_text(result.shots), f"prompt {result.prompt}", *([result.subset] if result.subset else [])]
    return f"{measured_by(result.metric, result.scorer)} ({', '.join([*of, f'seed {result.seed}'])})"


def _arguments(result: Result) -> dict[str, Any]:
    factor = 100 if is_share(result.metric) else 1
    bounds = {key: round(factor * one, _DIGITS) for key in ("low", "high") if (one := getattr(result, key)) is not None}
    return {"num_few_shot": result.shots, "n": result.n, **bounds, "signature": result.signature}


def _notes(run: Finished, result: Result) -> str:
    """What an entry has no field for: metric, interval, n, shots, prompt, and the signature."""
    metric = measured_by(result.metric, result.scorer)
    bounds = interval(result.metric, result.low, result.high)
    told: Sequence[str] = [
        f"{metric} {number(result.metric, result.value)}" + (f" (95 % interval {bounds})" if bounds else ""),
        f"n {result.n}",
        shots_text(result.shots),
        f"prompt {result.prompt}",
        f"evalkit {run.manifest.versions['evalkit']}",
        result.signature,
    ]
    return "; ".join(told)


def _file_name(result: Result) -> str:
    plain = re.sub(r"[^\w.-]+", "_", f"{result.task}.{result.prompt}")
    return f"{plain}.{result.shots}-shot.seed{result.seed}"
