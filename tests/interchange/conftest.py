"""A small run of the demo model, as a folder, and opened for export."""

from pathlib import Path

import pytest

import evalkit
from evalkit.interchange.finished import Finished, Wanted, finished

FORMATS = Path(__file__).parent / "formats"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run: three tasks, two numbers of shots, one metric that is no mean, one rule that is not none."""
    folder = tmp_path_factory.mktemp("interchange") / "run"
    tasks = ["superglue/rte", "superglue/cb", "superglue/copa"]
    evalkit.evaluate("demo", tasks, shots=(0, 1), limit=8, data_dir="samples", output=folder)
    return folder


@pytest.fixture
def run(demo: Path) -> Finished:
    """The same, opened."""
    return finished(demo, Wanted())
