"""Numbers made up for tests of figures."""

from collections.abc import Mapping

from evalkit.report.series import Series
from evalkit.runs.diagnostics import Baseline, Diagnosis, Variation
from evalkit.schema import Result

HOSTILE = "</title><script>alert(1)</script>$\\frac{1}{0}$ \u202egnp. \0\x1b\n語 العربية & \"'{{ 7 * 7 }}"


def result(task="s/a", shots=0, value=0.5, half=0.1, **more) -> Result:
    """A number; `half` is half the width of its interval, None for none."""
    own = {"task": task, "prompt": "plain", "shots": shots, "seed": 0, "metric": "accuracy", "value": value}
    own |= {"low": None, "high": None} if half is None else {"low": value - half, "high": value + half}
    own |= {"n": 50, "groups": 50, "effective_shots": float(shots), "truncated": 0, "ties": 0, "signature": "s"}
    return Result(**own | more)


def variation(task="s/a", shots=2, values=(0.4, 0.5, 0.6), prompts=("plain",), **more) -> Variation:
    """A mean over seeds 0, 1, ... of every prompt."""
    mean = sum(values) / len(values)
    own = {"task": task, "shots": shots, "metric": "accuracy", "scorer": "", "prompts": prompts}
    own |= {"seeds": tuple(range(len(values) // len(prompts))), "n": 50, "mean": mean}
    own |= {"low": mean - 0.3, "high": mean + 0.3, "includes": ("sampling",), "sampling": 0.01}
    return Variation(**own | {"seed": None, "prompt": None, "both": None} | more)


def diagnosis(task="s/a", **guesses: float) -> Diagnosis:
    """Baselines by their names."""
    baselines = tuple(Baseline(name, "accuracy", value) for name, value in guesses.items())
    return Diagnosis(task, "plain", 0, 0, baselines, (), None)


def beside(shots: int, value: float, unit="percent", setting="few-shot", k_shot=None, flags=(), task="s/a"):
    """A paper's number as `results.json` keeps it."""
    own = {"task": task, "prompt": "plain", "shots": shots, "metric": "accuracy", "subset": ""}
    figure = {"model": "Paper 1B", "value": value, "setting": setting, "k_shot": k_shot}
    return {"result": own, "unit": unit, "figures": [figure], "flags": [{"kind": kind, "text": ""} for kind in flags]}


def series(*results: Result, label="m", parameters=1000, **more) -> Series:
    """A run."""
    return Series(label, parameters, results, **more)


def over_shots(values: Mapping[int, float], **more) -> list[Result]:
    """Numbers by shots."""
    return [result(shots=shots, value=value, **more) for shots, value in values.items()]
