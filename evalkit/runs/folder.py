"""A run's folder on disk. Every file is written whole under another name and then put in its place."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evalkit.contamination import join
from evalkit.contamination.join import Contamination
from evalkit.errors import RunError
from evalkit.files import put
from evalkit.runs import log, manifest
from evalkit.runs.diagnostics import Diagnosis, Variation, diagnosis_from_json, variation_from_json
from evalkit.runs.manifest import FORMAT, Manifest
from evalkit.schema import Result, Sample, Setting

_OURS = (
    "manifest.json",
    "results.json",
    "results.parquet",
    "report.html",
    "contamination.json",
    "samples",
    "report-samples",
)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run: `manifest.json`, `results.json`, `results.parquet`, `samples/*.parquet`, `report.html`, and
    `contamination.json` where it was held against a corpus. `report-samples/*.js` are samples that the report loads.
    """

    path: Path

    @classmethod
    def create(cls, path: Path, overwrite: bool) -> "RunFolder":
        """Make a new run folder, in the place of an older one if `overwrite` is true.

        Raises:
            RunError: `check` refuses the path, or it cannot be written.
        """
        cls.check(path, overwrite)
        try:
            _clear(path)
            (path / "samples").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"{path}: cannot be written: {error.strerror}") from None
        return cls(path)

    @staticmethod
    def check(path: Path, overwrite: bool) -> None:
        """See whether a run may be written to a path, without writing anything.

        Raises:
            RunError: there is something at the path already, and it is no run or not to be overwritten.
        """
        is_run = (path / "manifest.json").is_file()
        if path.is_dir() and (not any(path.iterdir()) or (overwrite and is_run)):
            return
        if path.exists():
            raise RunError(f"{path} exists already. Choose another --output{', or give --overwrite' if is_run else ''}")

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Open a run that is there.

        Raises:
            RunError: there is none.
        """
        if not (path / "manifest.json").is_file():
            raise RunError(f"{path}: no run here (no manifest.json). Give the folder that `evalkit run` wrote")
        return cls(path)

    @property
    def report(self) -> Path:
        """Where the HTML report stands."""
        return self.path / "report.html"

    def write_manifest(self, content: Manifest) -> None:
        """Write `manifest.json`."""
        self._write_json("manifest.json", manifest.as_json(content))

    def read_manifest(self) -> Manifest:
        """Read `manifest.json`.

        Raises:
            RunError: it is damaged, or of a later format.
        """
        values = self._read_json("manifest.json")
        if values.get("format") != FORMAT:
            raise RunError(f"{self.path}: a run of format {values.get('format')!r}; this evalkit reads {FORMAT}")
        try:
            return manifest.from_json(values)
        except (KeyError, TypeError) as error:
            raise RunError(f"{self.path / 'manifest.json'}: {error}") from None

    def write_results(
        self,
        results: Sequence[Result],
        beside: Sequence[Mapping[str, Any]] = (),
        diagnostics: Sequence[Diagnosis] = (),
        components: Sequence[Variation] = (),
    ) -> None:
        """Write `results.json` and `results.parquet`; `beside` are comparisons with a paper's figures."""
        rows = [asdict(result) for result in results]
        more = {"diagnostics": [asdict(one) for one in diagnostics], "components": [asdict(one) for one in components]}
        self._write_json("results.json", {"format": FORMAT, "results": rows, "beside": list(beside), **more})
        self._write_parquet("results.parquet", rows)

    def read_results(self) -> list[Result]:
        """Read `results.json`.

        Raises:
            RunError: it is not there (the run has not finished) or damaged.
        """
        try:
            return [Result(**row) for row in self._read_json("results.json")["results"]]
        except (KeyError, TypeError) as error:
            raise RunError(f"{self.path / 'results.json'}: {error}") from None

    def read_beside(self) -> list[dict[str, Any]]:
        """The comparisons in `results.json`; raises as `read_results` does."""
        beside: list[dict[str, Any]] = self._read_json("results.json").get("beside", [])
        return beside

    def read_diagnostics(self) -> tuple[list[Diagnosis], list[Variation]]:
        """What stands beside the numbers in `results.json`, none where an older evalkit wrote it; raises as
        `read_results` does.
        """
        values = self._read_json("results.json")
        try:
            return (
                [diagnosis_from_json(one) for one in values.get("diagnostics", [])],
                [variation_from_json(one) for one in values.get("components", [])],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"{self.path / 'results.json'}: {error}") from None

    def write_contamination(self, contamination: Contamination) -> None:
        """Write `contamination.json`."""
        self._write_json("contamination.json", {"format": FORMAT, **join.as_json(contamination)})

    def read_contamination(self) -> Contamination | None:
        """Read `contamination.json`; None where there is none.

        Raises:
            RunError: it is damaged.
        """
        if not (self.path / "contamination.json").is_file():
            return None
        values = self._read_json("contamination.json")
        values.pop("format", None)
        try:
            return join.from_json(values)
        except (KeyError, TypeError) as error:
            raise RunError(f"{self.path / 'contamination.json'}: {error}") from None

    def write_samples(
        self,
        setting: Setting,
        normalisation: str,
        samples: Sequence[Sample],
        redact: bool = False,
        statuses: Mapping[str, str] | None = None,
    ) -> None:
        """Write the log of one setting, without any text if `redact` is true; `statuses` as `log.to_rows` has them."""
        name = f"{setting.task.replace('/', '.')}.{setting.prompt}.{setting.shots}-shot.seed{setting.seed}.parquet"
        rows = log.to_rows(setting, normalisation, samples, statuses)
        self._write_parquet(f"samples/{name}", [log.redacted(row) for row in rows] if redact else rows)

    def sample_files(self) -> list[Path]:
        """The files of the sample log, one per setting, in the order of their names."""
        return sorted((self.path / "samples").glob("*.parquet"))

    @staticmethod
    def read_sample_table(file: Path, columns: Sequence[str] | None = None) -> Any:
        """One file of the sample log as an Arrow table, of some columns if these are given. Shots, which come back in
        row after row, are in a dictionary.

        Raises:
            RunError: the file is damaged.
        """
        import pyarrow  # heavy: loaded only when samples are read
        import pyarrow.parquet

        shots = [f"{name}.list.element" for name in ("shot_texts", "shot_units")]
        try:
            wanted = list(columns) if columns is not None else None
            return pyarrow.parquet.read_table(file, columns=wanted, read_dictionary=shots)
        except (pyarrow.ArrowException, OSError) as error:
            raise RunError(f"{file}: cannot be read: {error}") from None

    def read_samples(self) -> list[dict[str, Any]]:
        """Every row of the sample log, settings in the order of their file names.

        Raises:
            RunError: a file is damaged.
        """
        return [row for file in self.sample_files() for row in self.read_sample_table(file).to_pylist()]

    def _read_json(self, name: str) -> dict[str, Any]:
        try:
            values = json.loads((self.path / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise RunError(f"{self.path}: no {name}; the run has not finished") from None
        except (OSError, ValueError) as error:
            raise RunError(f"{self.path / name}: cannot be read: {error}") from None
        if not isinstance(values, dict):
            raise RunError(f"{self.path / name}: not an object")
        return values

    def _write_json(self, name: str, values: Mapping[str, Any]) -> None:
        self._replace(name, (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode())

    def _write_parquet(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        import pyarrow  # heavy: loaded only when a table is written
        import pyarrow.parquet

        sink = pyarrow.BufferOutputStream()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), sink, compression="zstd")
        self._replace(name, sink.getvalue().to_pybytes())

    def _replace(self, name: str, content: bytes) -> None:
        put(self.path / name, content, RunError)


def _clear(path: Path) -> None:
    """Remove an older run's files, and nothing else."""
    for name in _OURS:
        place = path / name
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
