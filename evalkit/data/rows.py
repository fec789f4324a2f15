"""The rows of one split, and where they come from."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.schema import Row


@dataclass(frozen=True, slots=True)
class Rows:
    """`where` names the file or the hub's data set in errors; `version` stands in signatures and pins the content."""

    rows: Sequence[Row]
    where: str
    version: str
