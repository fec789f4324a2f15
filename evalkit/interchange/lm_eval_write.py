"""A run as lm-evaluation-harness 0.4.13 writes its results: one JSON for each number of shots (and seed), as it has one
of these for each task.

What that format has no place for (our name of the metric, the bounds of the interval, the signature) stands in each
task's `configs`, below `metadata.evalkit`, where its readers keep it and ours finds it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.interchange.finished import Exported, Finished
from evalkit.interchange.names import IMPORTED, TASKS, their_metric, their_task
from evalkit.interchange.uncertainty import stderr_of
from evalkit.metrics import better_of
from evalkit.runs.signatures import parse
from evalkit.schema import Result

_OUTPUTS = {
    "multiple_choice": "multiple_choice",
    "preference": "multiple_choice",
    "cloze": "multiple_choice",
    "perplexity": "loglikelihood_rolling",
}  # any other kind of answer is written


def write(run: Finished) -> Exported:
    """One file for each setting that lm_eval can tell in one."""
    whole = [result for result in run.results if not result.subset]
    several = len({(one.task, _prompt(one)) for one in whole}) > len({one.task for one in whole})
    files: dict[tuple[int, int, str], list[Result]] = {}
    for result in whole:
        files.setdefault((result.shots, result.seed, _prompt(result) if several else ""), []).append(result)
    parts = len(run.results) - len(whole)
    left_out = [f"{parts:,} numbers of parts of tasks: lm_eval has no place for them"] if parts else []
    return Exported(
        {
            f"results_{shots}-shot.seed{seed}{f'.{prompt}' if prompt else ''}.json": _text(run, results)
            for (shots, seed, prompt), results in files.items()
        },
        left_out,
    )


def _text(run: Finished, results: Sequence[Result]) -> str:
    return json.dumps(_content(run, results), indent=2, ensure_ascii=False) + "\n"


def _content(run: Finished, results: Sequence[Result]) -> dict[str, Any]:
    tasks: dict[str, list[Result]] = {}
    for result in results:
        tasks.setdefault(their_task(result.task), []).append(result)
    told = {name: _numbers(name, ours) for name, ours in tasks.items()}
    groups = {name: told[name] for name, ours in tasks.items() if not run.entry(ours[0])}
    return {
        "results": told,
        **({"groups": groups} if groups else {}),
        "group_subtasks": {name: _children(tasks[name][0].task, tasks) for name in groups},
        "configs": {name: _config(run, name, ours) for name, ours in sorted(tasks.items())},
        "versions": {name: _version(run, ours[0]) for name, ours in sorted(tasks.items())},
        "n-shot": {name: ours[0].shots for name, ours in sorted(tasks.items())},
        "higher_is_better": {
            name: {_named(one)[0]: _is_higher_better(one.metric) for one in ours}
            for name, ours in sorted(tasks.items())
        },
        "n-samples": {name: _counts(run, ours) for name, ours in tasks.items() if name not in groups},
        "config": _settings(run, results[0].seed),
        "git_hash": None,
        "date": run.started.timestamp(),
        "pretty_env_info": json.dumps({"versions": run.manifest.versions, "machine": run.manifest.machine}),
        "transformers_version": run.manifest.versions.get("transformers"),
        "lm_eval_version": f"evalkit-{run.manifest.versions['evalkit']}",
        "upper_git_hash": None,
        "max_length": run.manifest.model.get("window") or None,
        "task_hashes": {},
        **_model(run),
        "system_instruction": None,
        "system_instruction_sha": None,
        "fewshot_as_multiturn": None,
        "chat_template": None,
        "chat_template_sha": None,
        "total_evaluation_time_seconds": str(run.manifest.seconds),
    }


def _numbers(name: str, results: Sequence[Result]) -> dict[str, Any]:
    numbers: dict[str, Any] = {"name": name, "alias": name, "sample_len": max(one.n for one in results)}
    for one in results:
        metric, scale, judge = _named(one)
        stderr = stderr_of(one.value, one.low, one.high, one.n, one.groups)
        numbers[f"{metric},{judge}"] = one.value / scale
        numbers[f"{metric}_stderr,{judge}"] = "N/A" if stderr is None else stderr / scale
    return numbers


def _named(result: Result) -> tuple[str, float, str]:
    """lm_eval's name of a metric, the scale between both, and what stands where it names a filter."""
    metric, scale = their_metric(result.task, result.metric, parse(result.signature).get("norm", ""))
    filtered = result.prompt.partition(":")[2] if _prompt(result) == IMPORTED else ""
    return metric, scale, result.scorer or filtered or "none"


def _prompt(result: Result) -> str:
    """The prompt's name; that of lm_eval's own, of an imported result, is the same for all filters."""
    first = result.prompt.partition(":")[0]
    return first if first == IMPORTED else result.prompt


def _config(run: Finished, name: str, results: Sequence[Result]) -> dict[str, Any]:
    first, entry = results[0], run.entry(results[0])
    data = run.data.get(first.task)
    found = {"dataset_path": data.path, "dataset_name": data.name, "test_split": data.split} if data else {}
    decoding = entry.get("decoding")
    return {
        "task": name,
        **found,
        "description": "",
        "num_fewshot": first.shots,
        "metric_list": [
            {"metric": _named(one)[0], "higher_is_better": _is_higher_better(one.metric)} for one in results
        ],
        "output_type": _OUTPUTS.get(str(entry.get("answer")), "generate_until") if entry else None,
        **({"generation_kwargs": dict(decoding)} if decoding else {}),
        "metadata": {"version": _version(run, first), "evalkit": _ours(results)},
    }


def _ours(results: Sequence[Result]) -> dict[str, Any]:
    first = results[0]
    return {
        "task": first.task,
        "seed": first.seed,
        "differs": TASKS[first.task].differs if first.task in TASKS else "",
        "metrics": {
            f"{metric},{judge}": {
                "metric": one.metric,
                "prompt": one.prompt,
                **{key: getattr(one, key) for key in ("low", "high", "n", "groups", "truncated", "ties")},
                "effective_shots": one.effective_shots,
                "scorer": one.scorer,
                "signature": one.signature,
            }
            for one in results
            for metric, _, judge in [_named(one)]
        },
    }


def _children(suite: str, tasks: Mapping[str, Sequence[Result]]) -> list[str]:
    return [name for name, ours in tasks.items() if ours[0].task.startswith(f"{suite}/")]


def _version(run: Finished, result: Result) -> str:
    if result.signature.startswith(f"{IMPORTED}:"):  # the task's own, as its file told
        return result.signature.partition("|")[0].partition("@")[2]
    digest = run.entry(result).get("digest") or ""
    return f"evalkit@{digest[:4]}" if digest else "evalkit"


def _is_higher_better(metric: str) -> bool | None:
    better = better_of(metric)
    return better == "higher" if better in ("higher", "lower") else None


def _counts(run: Finished, results: Sequence[Result]) -> dict[str, int]:
    effective = max(one.n for one in results)
    return {"original": max(effective, run.entry(results[0]).get("examples") or 0), "effective": effective}


def _settings(run: Finished, seed: int) -> dict[str, Any]:
    model = run.manifest.model
    dtype = model.get("dtype")
    return {
        "model": "evalkit",
        "model_args": {"pretrained": model["name"]},
        "model_num_parameters": model.get("parameters") or None,
        "model_dtype": f"torch.{dtype}" if dtype else None,
        "model_revision": model.get("version"),
        "model_sha": model.get("version"),
        "batch_size": None,
        "batch_sizes": [],
        "device": model.get("device"),
        "use_cache": None,
        "limit": run.manifest.arguments.get("limit"),
        "bootstrap_iters": None,
        "gen_kwargs": None,
        **dict.fromkeys(("random_seed", "numpy_seed", "torch_seed", "fewshot_seed"), seed),
    }


def _model(run: Finished) -> dict[str, Any]:
    name = run.manifest.model["name"]
    return {
        "model_source": "evalkit",
        "model_name": name,
        "model_name_sanitized": re.sub(r'["<>:/|\\?*\[\]]+', "__", name),
    }
