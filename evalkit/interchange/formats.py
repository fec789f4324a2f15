"""Every format that a run can be exported to. Adding one is one function and one line."""

from collections.abc import Callable, Mapping
from importlib.resources import files

from evalkit.interchange import every_eval_ever, hub, lm_eval_write, tables
from evalkit.interchange.finished import Exported, Finished

Write = Callable[[Finished, str], Exported]  # the second is the organisation that ran it


def _plain(write: Callable[[Finished], Exported]) -> Write:
    """A format that does not name who ran it."""
    return lambda run, _: write(run)


FORMATS: Mapping[str, Write] = {
    "lm-eval": _plain(lm_eval_write.write),
    "hub": _plain(hub.eval_results),
    "model-index": _plain(hub.model_index),
    "every-eval-ever": every_eval_ever.export,
    "csv": _plain(tables.as_csv),
    "parquet": _plain(tables.as_parquet),
    "latex": _plain(tables.as_latex),
    "markdown": _plain(tables.as_markdown),
}


def results_schema() -> str:
    """The JSON Schema (2020-12) of a run folder's `results.json`."""
    return (files("evalkit.interchange") / "results.schema.json").read_text(encoding="utf-8")
