"""Where points come from: run folders, or a file, in; the points of every task that they have out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evalkit.errors import UsageError
from evalkit.scaling.family import Wanted, read_family
from evalkit.scaling.points import Points, Sizes
from evalkit.scaling.table import read_points, read_sizes


@dataclass(frozen=True, slots=True)
class Source:
    """Runs, of which the numbers that are `wanted` count, or else a file of points; beside runs, a file has the sizes
    of their models. `given` are sizes by a model's name ("" for all), above those of the runs and the file. `columns`
    are the file's own names of columns by ours, `drop` a column and the value of lines that do not count.
    """

    runs: Sequence[Path] = ()
    file: Path | None = None
    wanted: Wanted = field(default_factory=Wanted)
    given: Mapping[str, Sizes] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, str] | None = None


def gather(source: Source, least: int) -> list[Points]:
    """The points of every task that at least `least` of the runs have, or those of the file.

    Raises:
        UsageError: there is nothing to fit, or what is asked does not fit together.
        DataError: the file is wrong.
        RunError: a folder has no run, or it is damaged or unfinished.
    """
    if source.runs:
        if source.drop is not None:
            raise UsageError("--drop leaves out lines of --points, and here runs have the numbers")
        if source.columns and source.file is None:
            raise UsageError("--columns names columns of --points, and there is none")
        of_file = read_sizes(source.file, source.columns) if source.file is not None else {}
        return read_family(source.runs, source.wanted, of_file, source.given, least)
    if source.file is None:
        raise UsageError("nothing to fit: give run folders of several models, or --points FILE.csv")
    if source.given or source.wanted != Wanted():
        raise UsageError("a task, metric, prompt, shots and models' sizes are asked of runs; --points has its own")
    return [read_points(source.file, source.columns, source.drop)]


def sizes_by_model(
    parameters: Mapping[str, float] | float | None, tokens: Mapping[str, float] | float | None
) -> dict[str, Sizes]:
    """Sizes by the model's name, "" for all models, from one number for all or one for each."""
    some, others = (
        {} if own is None else dict(own) if isinstance(own, Mapping) else {"": float(own)}
        for own in (parameters, tokens)
    )
    return {name: (some.get(name), others.get(name), None) for name in {**some, **others}}
