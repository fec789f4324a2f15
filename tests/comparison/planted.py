"""Runs whose right and wrong answers are known."""

from collections.abc import Collection
from pathlib import Path

import evalkit
from evalkit.models.fake import FakeModel

TASK = "superglue/copa"


def knowing(right: Collection[int], data_dir: str | Path = "samples", **liked: bool) -> FakeModel:
    """A model that has these of COPA's items right, and the others wrong; it likes these other completions too."""
    (samples,) = evalkit.evaluate(FakeModel(window=10**7), TASK, data_dir=data_dir).samples.values()
    for place, sample in enumerate(samples):
        target = sample.query.example.targets[0]
        chosen = target if place in right else 1 - target
        liked[sample.scored[chosen].request.completion] = True
    return FakeModel(window=10**7, liked=liked)


def planted(path: Path, right: Collection[int], **options: object) -> Path:
    """A run of COPA's 28 samples with these right."""
    evalkit.evaluate(knowing(right), TASK, output=path, **{"data_dir": "samples", **options})
    return path
