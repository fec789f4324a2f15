"""What a page of several runs shows of them against the first: a frozen record, filled by whoever compares runs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.report.loaded import Loaded


@dataclass(frozen=True, slots=True)
class Diff:
    """`headlines` are the differences in a sentence each; `runs` the runs by their letters, with a text on each;
    `parts` what `diff.html.jinja` shows of each run against the first; `link` gives addresses of an item of it.
    """

    headlines: Sequence[str]
    runs: Sequence[tuple[str, str]]
    parts: Sequence[Mapping[str, Any]]
    link: Callable[..., Sequence[tuple[str, str]]]


Differ = Callable[[Sequence[Loaded], Collection[tuple[int, str]]], Diff]  # runs, and the samples that the page carries
