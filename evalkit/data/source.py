"""Where rows come from: one place that knows the hub from a folder from the package's samples."""

from dataclasses import dataclass
from pathlib import Path

from evalkit.data import folder, hub
from evalkit.data.rows import Rows
from evalkit.library import SAMPLES


@dataclass(frozen=True, slots=True)
class Source:
    """The hub (`folder` is None) or a folder, with the name it has in signatures."""

    folder: Path | None
    label: str

    @classmethod
    def open(cls, data_dir: str | Path | None) -> "Source":
        """What `--data-dir` says: nothing is the hub, `samples` are the package's own, all else is a folder."""
        if data_dir is None:
            return cls(None, "hub")
        if str(data_dir) == "samples":
            return cls(SAMPLES, "samples")
        return cls(Path(data_dir), Path(data_dir).resolve().name)

    def read(self, task: str, path: str, name: str, revision: str, split: str) -> Rows:
        """The rows of a task's split; the arguments after `task` say where it stands on the hub."""
        if self.folder is None:
            return hub.read_split(path, name, revision, split)
        return folder.read_split(self.folder, f"{self.label}/{task}/{split}", task, split)
