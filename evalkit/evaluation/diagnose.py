"""Judged samples and their numbers to what stands beside the numbers: baselines, flags and calibration."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from evalkit.evaluation import baselines
from evalkit.runs.diagnostics import (
    BELOW_CHANCE,
    CONSTANT,
    MAJORITY,
    NO_BETTER,
    RANDOM,
    Baseline,
    Calibration,
    Diagnosis,
    Flag,
)
from evalkit.schema import Result, Sample, Setting
from evalkit.statistics import calibration

FEW = 8  # samples, of which all may have the same answer by chance
_STEPS = 20  # coverages at which selective accuracy is told

_EQUAL = 1e-9  # numbers nearer to each other are equal


class Judged(NamedTuple):
    """A setting with its samples and its numbers."""

    setting: Setting
    samples: Sequence[Sample]
    results: Sequence[Result]


def diagnose(judged: Sequence[Judged]) -> list[Diagnosis]:
    """The diagnosis of every setting in which choices are ranked and some of them right. What needs no model is found
    once for each task and prompt.
    """
    known: dict[tuple[str, str], list[Baseline]] = {}
    found = []
    for one in judged:
        if not baselines.is_chosen(one.samples):
            continue
        results = {
            result.metric: result
            for result in one.results
            if result.metric in baselines.OF_CHOICES and not result.subset and not result.scorer
        }
        asked = (one.setting.task, one.setting.prompt)
        if asked not in known:
            known[asked] = baselines.of_examples(one.samples, list(results))
        own = [*known[asked], *baselines.of_priors(one.samples, list(results))]
        constant = _constant(one.samples)
        flags = (*constant, *_against(results, own, bool(constant)))
        setting = (one.setting.task, one.setting.prompt, one.setting.shots, one.setting.seed)
        found.append(Diagnosis(*setting, tuple(own), flags, _calibration(one.samples)))
    return found


def _constant(samples: Sequence[Sample]) -> list[Flag]:
    """All answers are the same, which the right ones are not: by their class, or by their place among the choices."""
    given = {sample.prediction for sample in samples}
    right = set.intersection(*(set(sample.query.example.targets) for sample in samples))
    (place, *others) = given
    if others or place is None or right or len(samples) < FEW:
        return []
    names = baselines.classes(samples)
    return [Flag(CONSTANT, answer=f'"{names[place]}"' if names else f"choice {place + 1}")]


def _against(results: Mapping[str, Result], own: Sequence[Baseline], is_constant: bool) -> list[Flag]:
    """What each number is beside guessing and beside always giving one answer; the worse alone is told, and of numbers
    that are themselves of one answer the first alone.
    """
    by_name = {(one.name, one.metric): one for one in own}
    flags = []
    for metric, result in results.items():
        random, majority = by_name[RANDOM, metric], by_name.get((MAJORITY, metric))
        if result.high is not None and result.high < random.value:
            flags.append(Flag(BELOW_CHANCE, metric, result.value, random.value))
        elif majority is not None and result.value <= majority.value + _EQUAL and not is_constant:
            flags.append(Flag(NO_BETTER, metric, result.value, majority.value, f'"{majority.answer}"'))
    return flags


def _calibration(samples: Sequence[Sample]) -> Calibration:
    import numpy as np  # heavy: loaded only when something is measured

    most = max(len(sample.ranking) for sample in samples)
    scores = np.full((len(samples), most), -np.inf)
    right = np.zeros((len(samples), most), dtype=bool)
    for row, sample in enumerate(samples):
        scores[row, : len(sample.ranking)] = sample.ranking
        right[row, list(sample.query.example.targets)] = True
    probabilities = calibration.softmax(scores)
    confidence, hits = calibration.top(probabilities, right)
    bins = calibration.reliability(confidence, hits, calibration.equal_width())
    masses = calibration.reliability(confidence, hits, calibration.equal_mass(confidence))
    accuracies = calibration.selective(confidence, hits)
    counts = sorted({-(-len(samples) * step // _STEPS) for step in range(1, _STEPS + 1)})
    return Calibration(
        n=len(samples),
        confidence=float(confidence.mean()),
        accuracy=float(hits.mean()),
        ece=calibration.expected_error(bins),
        ece_equal_mass=calibration.expected_error(masses),
        brier=calibration.brier(probabilities, right),
        aurc=calibration.aurc(accuracies),
        bins=tuple(bins),
        selective=tuple((count / len(samples), float(accuracies[count - 1])) for count in counts),
    )
