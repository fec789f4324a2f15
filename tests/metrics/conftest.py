"""Builds judged samples from bare (gold, predicted) pairs."""

from collections.abc import Callable, Sequence

import pytest

from evalkit.schema import Example, Query, Response, Sample, Scored, TextRequest

Build = Callable[..., list[Sample]]


@pytest.fixture
def build() -> Build:
    def samples(
        pairs: Sequence[tuple[int | tuple[int, ...], int | None]],
        choices: Sequence[str] = ("no", "yes"),
        units: Sequence[str] | None = None,
        groups: Sequence[str] | None = None,
    ) -> list[Sample]:
        made = []
        for place, (gold, predicted) in enumerate(pairs):
            targets = (gold,) if isinstance(gold, int) else gold
            unit = units[place] if units else str(place)
            group = groups[place] if groups else unit
            example = Example(str(place), {}, tuple(choices), targets, unit, group)
            scored = (Scored(TextRequest("", (), "", "", "x"), Response((-1.0,), False), None),)
            made.append(Sample(Query(example, ()), scored, predicted, False, 0, 0))
        return made

    return samples
