"""The demo corpus: a stream of documents, each one to a few exercises of one kind in a row, or a plain story.

Everything is made by the modules beside this one, from the seed alone; the same seed gives the same documents.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from random import Random
from typing import Final, TypeAlias

from evalkit.models.demo import drills, entailment, news, pronouns, reading, scenes, senses
from evalkit.models.demo.pieces import PLAIN, Piece, Pieces

Maker: TypeAlias = Callable[[Random, int], Pieces]


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of exercise, the share of the documents it makes up, and the text that opens a document of it."""

    make: Maker
    share: float
    instruction: str = ""


SOURCES: Final[dict[str, Source]] = {
    "echo": Source(drills.echo, 0.05),
    "member": Source(drills.member, 0.06),
    "yes_no": Source(reading.yes_no, 0.16),
    "marked": Source(reading.marked, 0.12, "READING COMPREHENSION ANSWER KEY\n\n"),
    "true_false": Source(entailment.true_false, 0.25),
    "committed": Source(entailment.committed, 0.15),
    "cloze": Source(news.cloze, 0.1),
    "alternative": Source(scenes.alternative, 0.18),
    "story": Source(scenes.story, 0.08),
    "same_sense": Source(senses.same_sense, 0.02),
    "referent": Source(pronouns.referent, 0.04, pronouns.INSTRUCTION),
}


def document(rng: Random, most: int, size: int, kinds: tuple[str, ...] = ()) -> Pieces:
    """A document of at most `most` exercises of one of the kinds, or of any, on passages of up to `size` facts."""
    sources = [SOURCES[kind] for kind in kinds or SOURCES]
    source = rng.choices(sources, [source.share for source in sources])[0]
    number = rng.randint(1, most)
    parts = [Piece(source.instruction, PLAIN)] if source.instruction else []
    for index in range(number):
        parts += [Piece("\n\n", PLAIN)] if index else []
        parts += source.make(rng, size)
    return tuple(parts)


def documents(seed: int, most: int = 3, size: int = 4, start: int = 0, kinds: tuple[str, ...] = ()) -> Iterator[Pieces]:
    """An endless stream of documents; document number `start` + i is the same whatever `start` is.

    Args:
        seed: what the stream depends on, together with `most` and `size`.
        most: the greatest number of exercises in a document.
        size: the greatest number of facts in a passage.
        start: how many documents to leave out.
        kinds: the kinds of exercises, all of `SOURCES` where none is named.
    """
    for index in count(start):
        yield document(Random(f"{seed}/{most}/{size}/{index}"), most, size, kinds)


def sample(seed: int, number: int, most: int = 3, size: int = 4) -> list[Pieces]:
    """The first `number` documents of a stream."""
    return list(islice(documents(seed, most, size), number))
