"""Drills of the demo corpus: lists of words and phrases to repeat, and questions whether a phrase was on the list.

They are what the model learns first: to find again, and to copy, what stands before.
"""

from random import Random
from typing import Final

from evalkit.models.demo import names, phrases, wide
from evalkit.models.demo.lexicon import NOUNS
from evalkit.models.demo.pieces import PLAIN, Piece, Pieces, labelled
from evalkit.models.demo.verbs import TRANSITIVE, past

_WORDS: Final = (
    *(word for category in NOUNS.values() for word in category),
    *wide.NOUNS,
    *wide.ADJECTIVES,
    *wide.VERBS,
    *wide.ADVERBS,
    *(past(verb) for verb in TRANSITIVE),
)


def _item(rng: Random) -> str:
    """A word, a name, or a phrase of two or three words."""
    roll = rng.random()
    if roll < 0.5:
        return rng.choice(_WORDS)
    if roll < 0.65:
        return f"{names.first_name(rng)[0]} {names.surname(rng)}"
    if roll < 0.75:
        return names.place(rng)
    if roll < 0.9:
        return f"{rng.choice(('the', 'a', 'some', 'no', 'his'))} {rng.choice(_WORDS)}"
    return phrases.time(rng)


def echo(rng: Random, size: int) -> Pieces:
    """A list, and the same list once or twice more, at times in lower case or from a later item on."""
    items = [_item(rng) for _ in range(rng.randint(4, 12))]
    mark = rng.choice((" ", " ", ", ", ". ", "\n", " - "))
    again = items if rng.random() < 0.7 else items[rng.randrange(len(items)) :]
    text = mark.join(again)
    text = text.lower() if rng.random() < 0.3 else text
    return (Piece("\n".join([mark.join(items)] + [text] * rng.randint(1, 2)), PLAIN),)


def member(rng: Random, size: int) -> Pieces:
    """A list and a few questions: is this on it? With `yes` and `no` in lower case, or True and False."""
    items = [_item(rng) for _ in range(rng.randint(2, 4 + 2 * size))]
    lower = rng.random() < 0.5
    mark = rng.choice((", ", " ", ". ", " and "))
    parts = [Piece(f"{mark.join(items)}.\n", PLAIN)]
    for index in range(rng.randint(2, 6)):
        truth = rng.random() < 0.5
        asked = rng.choice(items) if truth else _item(rng)
        truth = asked in items
        line = f"question: {asked.lower()}?" if lower else f"question: {phrases.capital(asked)}. True or False?"
        label = (" yes" if truth else " no") if lower else f" {truth}"
        parts += labelled(f"{chr(10) if index else ''}{line}\nanswer:", label)
    return tuple(parts)
