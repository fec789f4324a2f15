"""From what was found of texts to how much of each example was found, and whether that makes it dirty.

Nothing here reads a corpus: a larger n, a cap or a threshold is asked of what a scan has kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from evalkit.contamination.base import PARTS, TEMPLATE
from evalkit.contamination.capping import Counting, documents_of, texts_of
from evalkit.contamination.index import LABELS, Index
from evalkit.contamination.overlaps import Match, Overlap
from evalkit.contamination.profiles import Profile
from evalkit.contamination.tally import SIGHTS, Found, Sight

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Rows = NDArray[np.int64]
    Truths = NDArray[np.bool_]


class Name(NamedTuple):
    """An example."""

    task: str
    id: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What of a scan counts: the profile's rule with another `threshold`, where one is given, and without the n-grams
    that more than `max_documents` hold. (Of an n-gram that is longer than those of the scan, the least of its parts.)
    """

    profile: Profile
    threshold: float | None = None
    max_documents: int | None = None

    @property
    def least(self) -> float:
        """The share from which on an example is dirty; 0: if there is any."""
        return self.profile.threshold if self.threshold is None else self.threshold

    @property
    def words(self) -> str:
        """The rule in words."""
        cap = self.max_documents
        ignored = f"; n-grams of more than {cap:,} documents are ignored" if cap is not None else ""
        return f"{self.profile.rule(self.least)}{ignored}"

    def is_dirty(self, overlap: Overlap) -> bool:
        """Whether so much makes an example dirty."""
        share: float = getattr(overlap, self.profile.measure)
        return share > 0 and share >= self.least


def judge(
    index: Index, names: Sequence[Name], found: Found, sizes: Mapping[str, int], rule: Rule
) -> tuple[list[Overlap], list[Match]]:
    """Each example's overlap, and its longest matches.

    Args:
        index: of the scan.
        names: of its items, in order.
        found: by the scan.
        sizes: the n of each task, not less than that of the scan.
        rule: what counts.
    """
    overlaps: list[Overlap] = []
    matches: list[Match] = []
    of_item = _texts_by_item(index, len(names))
    asked: dict[int, _Asked] = {}
    for item, name in enumerate(names):
        n = sizes[name.task]
        if n not in asked:
            asked[n] = _ask(index, found, _ns(index, rule.profile, n), rule, len(names))
        overlap = _overlap(name, n, asked[n].numbers[item], asked[n].parts[item])
        if overlap.ngrams:
            overlap = replace(overlap, dirty=rule.is_dirty(overlap))
        overlaps.append(overlap)
        if overlap.longest:
            matches.extend(_matches(index, name, found, of_item(item), asked[n]))
    return overlaps, matches


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an n gives: the n of each text, which runs count, and of each item its numbers, in the order of `_NUMBERS`,
    and which of `PARTS` are found.
    """

    ns: "Integers"
    counting: Counting
    numbers: list[list[int]]
    parts: list[list[bool]]


_NUMBERS = ("words", "ngrams", "found", "covered", "reached", "longest", "longest_extended", "documents")


def _overlap(name: Name, n: int, numbers: Sequence[int], parts: Sequence[bool]) -> Overlap:
    """An example's overlap, without a verdict."""
    of = dict(zip(_NUMBERS, numbers, strict=True))
    words, ngrams = of["words"], of["ngrams"]
    return Overlap(
        task=name.task,
        id=name.id,
        words=words,
        n=n,
        ngrams=ngrams,
        ngram_share=of["found"] / ngrams if ngrams else 0.0,
        token_share=of["covered"] / words if words else 0.0,
        token_extend_share=of["reached"] / words if words else 0.0,
        longest=of["longest"],
        longest_extended=of["longest_extended"],
        documents=of["documents"] if of["found"] else 0,
        parts=tuple(part for part, is_found in zip(PARTS, parts, strict=True) if is_found and part != TEMPLATE),
        dirty=None,
    )


def _texts_by_item(index: Index, items: int) -> "Callable[[int], list[int]]":
    """Tells the texts of an item."""
    import numpy as np

    borders = np.searchsorted(index.owners, np.arange(items + 1))
    return lambda item: index.owned[borders[item] : borders[item + 1]].tolist()


def _ns(index: Index, profile: Profile, n: int) -> "Integers":
    """The n of each text, of a task whose n is this; drawn n-grams are as they were looked for."""
    import numpy as np

    return index.ns if profile.samples else np.maximum(index.ns, n)


def _ask(index: Index, found: Found, ns: "Integers", rule: Rule, items: int) -> _Asked:
    import numpy as np

    words = len(index.hashes)
    struck = documents_of(found, words) > rule.max_documents if rule.max_documents is not None else None
    counting = Counting(rule.profile.extended, None if struck is None else np.r_[0, np.cumsum(struck)])
    of = texts_of(index, found.runs)
    runs = counting.left(found.runs[found.runs[:, 1] >= ns[of]], index, ns)
    of = texts_of(index, runs)
    first, length, extended = runs.T
    covered, own = _covered(words, first, length), index.labels != LABELS[TEMPLATE]
    enough = found.longest[found.longest[:, 1] >= ns[found.longest[:, 0]]]
    ngrams = np.maximum(index.ends - index.begins - ns + 1, 0)
    summed = (
        ngrams,
        _sums(index, _covered(words, first, length - ns[of] + 1)),
        _sums(index, covered & own),
        _sums(index, _covered(words, first, extended) & own),
    )
    most = [np.zeros(len(ns), np.int64) for _ in range(3)]
    np.maximum.at(most[0], of, length)
    np.maximum.at(most[1], of, extended)
    np.add.at(most[2], enough[:, 0], enough[:, 2])
    parts = [_sums(index, covered & (index.labels == LABELS[part])) for part in PARTS]
    numbers = [
        index.words.astype(np.int64),
        *(_by_item(index, one, items, np.add) for one in summed),
        *(_by_item(index, one, items, np.maximum) for one in most),
    ]
    return _Asked(
        ns=ns,
        counting=counting,
        numbers=np.column_stack(numbers).tolist(),
        parts=np.column_stack([_by_item(index, one, items, np.maximum) > 0 for one in parts]).tolist(),
    )


def _by_item(index: Index, of_texts: "Integers", items: int, combine: "np.ufunc") -> "Integers":
    """What an item's texts have, put together."""
    import numpy as np

    values = np.zeros(items, np.int64)
    combine.at(values, index.owners, of_texts[index.owned])
    return values


def _covered(words: int, first: "Integers", length: "Integers") -> "Truths":
    """The words of the index that are in one of these stretches."""
    import numpy as np

    steps = np.zeros(words + 1, np.int64)
    np.add.at(steps, first, 1)
    np.add.at(steps, first + length, -1)
    covered: Truths = np.cumsum(steps)[:words] > 0
    return covered


def _sums(index: Index, truths: "Truths") -> "Integers":
    """How many are true in each text."""
    import numpy as np

    sums = np.r_[0, np.cumsum(truths)]
    counted: Integers = sums[index.ends] - sums[index.begins]
    return counted


def _matches(index: Index, name: Name, found: Found, texts: Sequence[int], asked: _Asked) -> Iterator[Match]:
    seen = {
        sight
        for text in texts
        for sight in found.sights.get(text, ())
        if sight.length >= asked.ns[text] and asked.counting.has_some(sight, asked.ns[text], index.ns[text])
    }
    for sight in sorted(seen, key=lambda sight: sight.order)[:SIGHTS]:
        yield Match(task=name.task, id=name.id, part=part_of(index, sight.first, sight.length), **_fields(sight))


def _fields(sight: Sight) -> dict[str, Any]:
    return {key: value for key, value in sight._asdict().items() if key != "first"}


def part_of(index: Index, first: int, length: int) -> str:
    """What most words of a run are."""
    import numpy as np

    counts = np.bincount(index.labels[first : first + length], minlength=len(PARTS))
    counts[LABELS[TEMPLATE]] = 0
    return PARTS[int(counts.argmax())]
