"""What is told over several tasks or settings of a run: measured settings in; averages of suites, and what numbers owe
to seeds and prompts, out.
"""

from collections.abc import Sequence

from evalkit.evaluation.measure import Measured, average
from evalkit.evaluation.opening import Opened
from evalkit.evaluation.vary import average_variations, variations
from evalkit.runs.diagnostics import Variation
from evalkit.schema import Result
from evalkit.tasks.definition import Suite
from evalkit.tasks.parse import find_suites


def averages(run: Opened, measured: Sequence[Measured]) -> list[Result]:
    """The averages of the suites that were asked for."""
    return [result for suite in _suites(run) for result in average(suite, measured, run.model.identity)]


def over_settings(run: Opened, measured: Sequence[Measured]) -> list[Variation]:
    """Over seeds, and over prompts that are answered and ranked alike: others are other ways to measure, not other
    words.
    """
    alike = {(one.task.name, one.prompt.name): f"{one.settings.answer} {one.normalisation}" for one in run.prepared}
    averaged = (one for suite in _suites(run) for one in average_variations(suite, measured, alike))
    return [*variations(measured, alike), *averaged]


def _suites(run: Opened) -> list[Suite]:
    asked = run.names or [entry.task for entry in run.protocol.averages] if run.protocol is not None else run.names
    return [suite for suite in find_suites(run.shelf, asked) if suite.average]
