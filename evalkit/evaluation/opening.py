"""What stands between the names that a user gives and the walk: tasks read and checked, the model loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from evalkit.data.source import Source
from evalkit.errors import UsageError
from evalkit.evaluation.prepare import Options, Prepared, prepare, read_curated
from evalkit.library import Library
from evalkit.models.base import Model
from evalkit.models.load import load_model

T = TypeVar("T", str, int)


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything that a run needs. `skipped` names the tasks whose data could not be had, with the reason;
    `arguments` is what was asked for, as a manifest keeps it.
    """

    model: Model
    names: tuple[str, ...]
    prepared: Sequence[Prepared]
    skipped: Mapping[str, str]
    options: Options
    shelf: Library
    arguments: Mapping[str, Any]


def opened(
    model: str | Model,
    tasks: str | Sequence[str],
    *,
    shots: int | Sequence[int] = 0,
    seeds: int | Sequence[int] = 0,
    prompts: str | Sequence[str] = "default",
    shot_mode: str | None = None,
    shot_ids: str | Path | Mapping[str, Sequence[str]] | None = None,
    normalisation: str | None = None,
    limit: int | None = None,
    data_dir: str | Path | None = None,
    library: Sequence[str | Path] = (),
    **model_options: Any,
) -> Opened:
    """Read the tasks, then load the model; the arguments are those of `evaluate`, and so is what it raises."""
    names = _several(tasks)
    options = Options(
        shots=_several(shots),
        seeds=_several(seeds),
        prompts=_several(prompts),
        mode=shot_mode,
        normalisation=normalisation,
        limit=limit,
        curated=_curated(shot_ids),
    )
    shelf = Library.open(library)
    prepared, skipped = prepare(shelf, names, Source.open(data_dir), options)
    if isinstance(model, str):
        model = load_model(model, **model_options)
    elif model_options:
        raise UsageError(f"{', '.join(model_options)}: only for a model given by its name")
    arguments = {**asdict(options), "tasks": names, "data_dir": str(data_dir or ""), "library": [*map(str, library)]}
    return Opened(model, names, prepared, skipped, options, shelf, arguments)


def _several(value: T | Sequence[T]) -> tuple[T, ...]:
    return (value,) if isinstance(value, (str, int)) else tuple(value)


def _curated(shot_ids: str | Path | Mapping[str, Sequence[str]] | None) -> Mapping[str, tuple[str, ...]] | None:
    if shot_ids is None:
        return None
    if isinstance(shot_ids, (str, Path)):
        return read_curated(Path(shot_ids))
    return {task: tuple(ids) for task, ids in shot_ids.items()}
