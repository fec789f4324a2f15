"""Which of the runs that a scan has kept count: long enough, and not of n-grams that stand in many documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalkit.contamination.index import Index
from evalkit.contamination.tally import Found, Sight

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Rows = NDArray[np.int64]


def documents_of(found: Found, words: int) -> "Integers":
    """How many documents hold the n-gram that begins at each word of the index."""
    import numpy as np

    steps = np.zeros(words + 1, np.int64)
    steps[found.changes[:, 0]] = found.changes[:, 1]
    return np.cumsum(steps)[:words]


def texts_of(index: Index, runs: "Rows") -> "Integers":
    """The text of each run."""
    import numpy as np

    return np.searchsorted(index.begins, runs[:, 0], side="right") - 1


@dataclass(frozen=True, slots=True)
class Counting:
    """Which runs count: those that reach `extended` words, and of these what is not struck out. `struck` [W + 1] counts
    the n-grams of the scan before each word that too many documents hold; None: none is. A longer n-gram is in as many
    documents at most as the rarest of those it is made of, and so is struck out where all of them are.
    """

    extended: int
    struck: "Integers | None"

    def left(self, runs: "Rows", index: Index, ns: "Integers") -> "Rows":
        """What is left of runs of n words at least: those without n-grams that are struck out, and stretches of the
        others between such.
        """
        import numpy as np

        if self.struck is not None:
            of = texts_of(index, runs)
            hit = self.struck[runs[:, 0] + runs[:, 1] - index.ns[of] + 1] > self.struck[runs[:, 0]]
            left: list[Any] = [runs[~hit]]
            for run, n, scanned in zip(runs[hit], ns[of][hit], index.ns[of][hit], strict=True):
                left.extend(self._stretches(run, n, scanned))
            runs = np.concatenate(left)
        return runs[runs[:, 2] >= self.extended]

    def has_some(self, sight: Sight, n: int, scanned: int) -> bool:
        """Whether any of a run counts."""
        return sight.extended >= self.extended and (
            self.struck is None or bool(len(self._kept(sight.first, sight.length, n, scanned)))
        )

    def _kept(self, first: int, length: int, n: int, scanned: int) -> "Integers":
        """Where n-grams of a run begin that are not struck out."""
        import numpy as np

        assert self.struck is not None
        begins, parts = np.arange(first, first + length - n + 1), n - scanned + 1
        return begins[self.struck[begins + parts] - self.struck[begins] < parts]

    def _stretches(self, run: "Integers", n: int, scanned: int) -> "Iterator[Rows]":
        import numpy as np

        first, length, extended = run.tolist()
        kept = self._kept(first, length, n, scanned)
        for stretch in np.split(kept, np.flatnonzero(np.diff(kept) > 1) + 1):
            if len(stretch):
                reach = len(stretch) + n - 1
                more = extended - length if stretch[0] + reach == first + length else 0
                yield np.array([[stretch[0], reach, reach + more]])
