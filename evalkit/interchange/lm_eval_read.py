"""Results of lm-evaluation-harness, 0.3 and 0.4: a JSON in, what a run folder of ours would have of it out.

0.3 writes `{"results": {task: {"acc": 0.5, "acc_stderr": 0.01}}, "versions": ..., "config": ...}` with one number of
shots for all tasks; 0.4 names the filter too (`"acc,none"`), and has shots and numbers of samples for each task.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard

from evalkit.errors import InterchangeError
from evalkit.interchange.lm_eval_model import model_of, program_of
from evalkit.interchange.names import IMPORTED, TASKS, our_metric, our_task
from evalkit.interchange.uncertainty import interval_of, items_of
from evalkit.metrics import METRICS
from evalkit.report.summary import has_bar
from evalkit.schema import Result

_NO_METRICS = ("name", "alias", "sample_len", "sample_count", "samples", " ", "")
_ASKED = (
    "doc_to_text",
    "doc_to_target",
    "doc_to_choice",
    "description",
    "target_delimiter",
    "fewshot_delimiter",
    "fewshot_config",
    "generation_kwargs",
)
_OURS: Mapping[str, Any] = {  # what a file that evalkit wrote has beyond lm_eval's own fields
    "task": str,
    "prompt": str,
    "seed": int,
    "metric": str,
    "low": float | int | None,
    "high": float | int | None,
    "n": int,
    "groups": int,
    "effective_shots": float | int,
    "truncated": int,
    "ties": int,
    "scorer": str,
    "signature": str,
}

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """What one file tells. `tasks` are entries for a manifest; `skipped` says of numbers why they are none of the
    results; `started` is empty where the file does not say.
    """

    results: tuple[Result, ...]
    tasks: tuple[Mapping[str, Any], ...]
    model: Mapping[str, Any]
    program: str
    settings: Mapping[str, Any]
    skipped: Mapping[str, str]
    started: str
    seconds: float


def is_lm_eval(content: object) -> bool:
    """Whether a JSON document has the shape of lm_eval's results."""
    if not isinstance(content, dict) or not isinstance(content.get("results"), dict):
        return False
    return any(isinstance(content.get(key), dict) for key in ("config", "configs", "versions"))


def read(content: Content, where: str) -> Read:
    """What a results file tells.

    Raises:
        InterchangeError: a part of it has another shape, or it names no model.
    """
    settings = _mapping(content, "config", where)
    model, program = model_of(content, settings, where), program_of(content)
    results: list[Result] = []
    entries: dict[tuple[str, str], Mapping[str, Any]] = {}
    skipped: dict[str, str] = {}
    for name, numbers in _mapping(content, "results", where).items():
        if not isinstance(numbers, dict):
            raise InterchangeError(f"{where}: results, {name}: an object of metrics was expected, not {numbers!r:.60}")
        task = _Task(content, name, where, f"model:{model['name']}@{model['version']}|dtype:{model['dtype']}|{program}")
        for result, reason, metric in task.results(numbers):
            if result is None:
                skipped[f"{name}: {metric}"] = reason
                continue
            results.append(result)
            entries.setdefault((result.task, result.prompt), task.entry(result))
    if not results:
        raise InterchangeError(
            f"{where}: no numbers in it" + "".join(f"; {key}: {why}" for key, why in skipped.items())
        )
    date, took = content.get("date"), content.get("total_evaluation_time_seconds")
    return Read(
        results=tuple(results),
        tasks=tuple(entries.values()),
        model=model,
        program=program,
        settings=settings,
        skipped=skipped,
        started=_time(date),
        seconds=_seconds(took),
    )


class _Task:
    """One task of a file: what the file says of it in its several tables."""

    def __init__(self, content: Content, name: str, where: str, program: str) -> None:
        self.name, self.where, self.program = name, where, program
        self.settings = _mapping(content, "config", where)
        config = _mapping(content, "configs", where).get(name)
        self.config: Content = config if isinstance(config, dict) else {}
        self.version = _mapping(content, "versions", where).get(name)
        self.chat = content.get("chat_template_sha") or ""
        self.system = content.get("system_instruction") or ""
        counts = _mapping(content, "n-samples", where).get(name)
        self.n: int | None = counts.get("effective") if isinstance(counts, dict) else None
        shots = _mapping(content, "n-shot", where).get(name)
        for other in (self.config.get("num_fewshot"), self.settings.get("num_fewshot")):
            shots = other if shots is None else shots
        self.shots: int | None = shots if isinstance(shots, int) else None
        metadata = self.config.get("metadata")
        ours = metadata.get("evalkit") if isinstance(metadata, dict) else None
        self.ours: Content = ours if isinstance(ours, dict) else {}

    def results(self, numbers: Content) -> Iterator[tuple[Result | None, str, str]]:
        """Each number as a result, or why it is none, with its name."""
        for key, value in numbers.items():
            metric, _, judge = key.partition(",")
            if metric in _NO_METRICS or metric.endswith("_stderr"):
                continue
            if not _is_number(value) or not math.isfinite(value):
                yield None, f"no number: {value!r:.40}", key
            elif self.shots is None:
                yield None, "the file does not say with how many shots (a group of tasks with several numbers?)", key
            else:
                stderr = numbers.get(f"{metric}_stderr,{judge}" if judge else f"{metric}_stderr")
                n = self.n if isinstance(self.n, int) else numbers.get("sample_len")
                yield self._result(key, float(value), stderr, n if isinstance(n, int) else None), "", key

    def _result(self, key: str, value: float, stderr: object, n: int | None) -> Result:
        metric, _, judge = key.partition(",")
        name, scale = our_metric(self.name, metric)
        assert self.shots is not None
        error = stderr * scale if _is_number(stderr) and math.isfinite(stderr) else None
        if n is None:
            n = (items_of(value * scale, error) if error is not None else None) or 0
        is_share = name in METRICS and has_bar(name)
        low, high = interval_of(value * scale, error, n, is_share)
        told: dict[str, Any] = {
            "task": our_task(self.name),
            "prompt": IMPORTED if judge in ("", "none") else f"{IMPORTED}:{judge}",
            "seed": self._seed(),
            "metric": name,
            "low": low,
            "high": high,
            "n": n,
            "groups": n,
            "effective_shots": float(self.shots),
            "truncated": 0,
            "ties": 0,
            "signature": self._signature(metric, judge),
            "scorer": "",
        }
        return Result(shots=self.shots, value=value * scale, **{**told, **self._told_by_us(key)})

    def _told_by_us(self, key: str) -> dict[str, Any]:
        """What a file that evalkit wrote says beyond lm_eval's own fields."""
        metrics = self.ours.get("metrics")
        ours = metrics.get(key) if isinstance(metrics, dict) else None
        if not isinstance(ours, dict):
            return {}
        told = {**{name: self.ours.get(name) for name in ("task", "seed")}, **ours}
        for name, kind in _OURS.items():
            if name not in told or not isinstance(told[name], kind) or isinstance(told[name], bool):
                raise InterchangeError(
                    f"{self.where}: configs, {self.name}, metadata, evalkit: {name} of {key} is missing or of a wrong "
                    "kind. Export the run again, or delete `evalkit` there to have it read as lm_eval's own"
                )
        signature = told["signature"].removeprefix(f"{IMPORTED}:")
        return {name: told[name] for name in _OURS} | {"signature": f"{IMPORTED}:{signature}"}

    def _seed(self) -> int:
        seed = self.settings.get("fewshot_seed")
        return seed if isinstance(seed, int) else 0

    def _signature(self, metric: str, judge: str) -> str:
        data = "/".join(str(self.config[key]) for key in ("dataset_path", "dataset_name") if self.config.get(key))
        limit, norms = self.settings.get("limit"), {"acc": "none", "acc_norm": "char", "acc_bytes": "byte"}
        parts = [
            f"lm_eval:{self.name}" + (f"@{self.version}" if self.version is not None else ""),
            f"prompt:{IMPORTED}" + (f"@{self._digest()[:4]}" if self._digest() else ""),
            f"shots:{self.shots}",
            f"seed:{self._seed()}" if self.settings.get("fewshot_seed") is not None else "seed:unknown",
            f"norm:{norms[metric]}" if metric in norms else f"metric:{metric}",
            f"filter:{judge}" if judge not in ("", "none") else "",
            f"data:{data}/{self._split()}" if data else "",
            f"limit:{limit}" if limit is not None else "",
            f"chat:{self.chat[:4]}" if self.chat else "",
            f"system:{hashlib.sha256(str(self.system).encode()).hexdigest()[:4]}" if self.system else "",
            self.program,
        ]
        return "|".join(part for part in parts if part)

    def _digest(self) -> str:
        """A hash of all that decides the text that was asked; empty where the file does not tell it."""
        asked = {key: self.config[key] for key in _ASKED if key in self.config}
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest() if asked else ""

    def _split(self) -> str:
        return str(self.config.get("test_split") or self.config.get("validation_split") or "")

    def entry(self, result: Result) -> dict[str, Any]:
        """What a manifest says of a task."""
        peer = TASKS.get(result.task)
        others = [f"Not the same as {result.task}: {peer.differs}."] if peer is not None and peer.differs else []
        version = "" if self.version is None else f", version {self.version}"
        data = "/".join(str(self.config[key]) for key in ("dataset_path", "dataset_name") if self.config.get(key))
        return {
            "task": result.task,
            "description": " ".join([f"lm_eval's {self.name}{version}, with its own prompt.", *others]),
            "digest": "",
            "prompt": result.prompt,
            "prompt_digest": self._digest(),
            "data": data,
            "examples": result.n,
            "answer": self.config.get("output_type") or "unknown",
            "split": self._split(),
            "normalisation": "",
            "decoding": self.config.get("generation_kwargs"),
            "shot_mode": "",
            "chance": None,
            "judged": True,
            "offensive": False,
            "breakdown": [],
            "scorers": [],
        }


def _mapping(content: Content, key: str, where: str) -> Content:
    value = content.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InterchangeError(f"{where}: {key}: an object was expected, not {value!r:.60}")
    return value


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _seconds(took: object) -> float:
    """Seconds, which lm_eval writes as a text."""
    try:
        return float(took) if isinstance(took, (int, float, str)) else 0.0
    except ValueError:
        return 0.0


def _time(date: object) -> str:
    """Seconds since 1970 as ISO 8601; empty where there are none."""
    try:
        return datetime.fromtimestamp(date, UTC).isoformat(timespec="seconds") if _is_number(date) else ""
    except (OverflowError, ValueError, OSError):
        return ""
