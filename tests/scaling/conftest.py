"""Points and runs whose law is known."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

import evalkit
from evalkit.models.fake import FakeModel
from evalkit.scaling.points import ERROR, LOSS, Measure, Point, Points, completed

COPA, RTE = "superglue/copa", "superglue/rte"
SIZES = (70e6, 160e6, 410e6, 1e9, 2.8e9, 6.9e9)
Family = Callable[..., list[Path]]


def points(
    parameters: Sequence[float], losses: Sequence[float], tokens: Sequence[float] | None = None, kind: str = LOSS
) -> Points:
    """Points of models, with tokens if they have any."""
    own = tokens if tokens is not None else [None] * len(losses)
    found = [
        Point(f"m{place}", *completed(float(n), d, None), float(loss), None, None, f"made up, {place}")
        for place, (n, d, loss) in enumerate(zip(parameters, own, losses, strict=True))
    ]
    return Points(Measure(kind, "nats per token", "made up", is_nats=kind == LOSS, is_share=kind == ERROR), found)


def chinchilla(n: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Besiroglu's refit."""
    return 1.8172 + 482.01 / n**0.3478 + 2085.43 / d**0.3658


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two tasks."""
    path = tmp_path_factory.mktemp("runs") / "original"
    evalkit.evaluate(FakeModel(), [COPA, RTE], shots=(0, 1), data_dir="samples", output=path)
    return path


@pytest.fixture
def family(original: Path, tmp_path: Path) -> Family:
    """Runs of models of these sizes; every accuracy is one less an error that falls with the size."""

    def made(
        sizes: Sequence[float] = SIZES, alpha: float = 0.1, name: str = "org/m{}", start: float = 0.5
    ) -> list[Path]:
        paths = []
        for place, size in enumerate(sizes):
            path = tmp_path / f"run{place}"
            shutil.copytree(original, path)
            manifest = json.loads((path / "manifest.json").read_text())
            manifest["model"] |= {"name": name.format(place), "parameters": int(size)}
            (path / "manifest.json").write_text(json.dumps(manifest))
            content = json.loads((path / "results.json").read_text())
            for one in content["results"]:
                right = 1 - start * (size / 70e6) ** -alpha
                one |= {"value": right, "low": right - 0.02, "high": right + 0.03}
            (path / "results.json").write_text(json.dumps(content))
            paths.append(path)
        return paths

    return made
