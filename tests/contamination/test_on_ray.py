"""A Ray cluster on this machine finds the same as one process, and is gone afterwards."""

from pathlib import Path

import pytest

from evalkit.contamination.carry import Crew
from evalkit.contamination.cleaning import Cutting
from evalkit.contamination.corpus import Reading
from evalkit.errors import ContaminationError
from evalkit.evaluation.decontaminate import decontaminate
from tests.contamination import planted
from tests.contamination.planted import results

ray = pytest.importorskip("ray", reason="Ray is not installed (pip install ray)")
pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own


def test_a_cluster_does_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAY_ADDRESS", "RAY_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_DISABLE_IMPORT_WARNING", "1")
    corpus, reading = planted.write(tmp_path / "books"), Reading(range_bytes=2000, batch_bytes=700)
    cutting = Cutting(window=5, min_piece=20)
    try:
        for crew in (Crew("serial"), Crew("ray", 2)):
            decontaminate(
                planted.TASKS,
                str(corpus),
                tmp_path / crew.engine,
                data_dir="samples",
                reading=reading,
                spans=True,
                write_clean=tmp_path / f"{crew.engine}-clean",
                cutting=cutting,
                crew=crew,
            )
        assert results(tmp_path / "ray") == results(tmp_path / "serial")
        cleaned = {path.name: path.read_bytes() for path in (tmp_path / "ray-clean").glob("*.*")}
        assert cleaned == {path.name: path.read_bytes() for path in (tmp_path / "serial-clean").glob("*.*")}
        assert not ray.is_initialized()

        (corpus / "e.txt").write_bytes(b"\xff")
        with pytest.raises(ContaminationError, match=r"e\.txt, byte 0: no valid UTF-8"):
            decontaminate(
                planted.TASKS, str(corpus), tmp_path / "ray", data_dir="samples", reading=reading, crew=Crew("ray", 2)
            )
        assert not ray.is_initialized()
    finally:
        ray.shutdown()
