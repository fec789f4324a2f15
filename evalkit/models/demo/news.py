"""News of the demo corpus: a paragraph on people, places and firms, highlights, and one more sentence on them."""

from dataclasses import replace
from random import Random
from typing import Final

from evalkit.models.demo import grammar, names, phrases
from evalkit.models.demo.grammar import Clause
from evalkit.models.demo.phrases import Noun, capital
from evalkit.models.demo.pieces import CHOICE, PLAIN, Piece, Pieces

_PERSON_LINES: Final = (
    "{n} said {c}.",
    "{n} told reporters that {c}.",
    "'I am happy', {n} said after {c}.",
    "Friends of {n} say that {c}.",
    "{n} was born in {p} and {d}.",
    "Police have asked {n} about what happened {t}.",
    "For {n}, it was a great day.",
    "{n} could not be reached for comment.",
    "A lawyer for {n} said that {c}.",
    "{n} {d} {t}.",
    "It is not known why {n} {d}.",
    "The family of {n} lives in {p}.",
    "{n} is expected to speak {t}.",
    "Fans of {n} waited in {p} {t}.",
    "In {p}, {n} {d}.",
    "Last year {n} {d}.",
    "The trial of {n} begins {t}.",
    "Later {n} {d} in {p}.",
    "But {n} {d}.",
)
_PLACE_LINES: Final = (
    "The mayor of {n} said that {c}.",
    "Many people in {n} {d}.",
    "It was the first time that this had happened in {n}.",
    "The streets of {n} were empty {t}.",
    "{n} has {k} inhabitants.",
    "Roads to {n} were closed {t}.",
    "Schools in {n} stay closed.",
    "The police in {n} asked for help.",
    "Visitors come to {n} from all over the world.",
    "The hospital in {n} is full.",
    "The government of {n} {d}.",
    "Rain is expected in {n} {t}.",
    "He was on his way to {n} when it happened.",
    "A court in {n} will hear the case {t}.",
    "Flights to {n} were cancelled.",
    "She grew up in {n}.",
)
_GROUP_LINES: Final = (
    "{n} said in a statement that {c}.",
    "A spokesman for {n} said that {c}.",
    "{n} employs {k} people.",
    "Shares of {n} fell {t}.",
    "{n} has denied this.",
    "Workers at {n} went on strike {t}.",
    "{n} was founded in {p}.",
    "The head of {n} {d}.",
    "{n} {d} {t}.",
    "Critics say that {n} {d}.",
    "{n} plans to open an office in {p}.",
    "It was the third win for {n} this year.",
    "Experts from {n} believe that {c}.",
    "Investors in {n} were worried.",
    "{n} refused to comment.",
)
_LINES: Final = {"name": _PERSON_LINES, "place": _PLACE_LINES, "group": _GROUP_LINES}


def _cast(rng: Random) -> list[Noun]:
    """Three to five named persons, places and organisations."""
    first, pronoun = names.first_name(rng)
    cast = [Noun("", "", f"{first} {names.surname(rng)}", "", "name", pronoun)]
    cast.append(Noun("", "", names.place(rng), "", "place", "it"))
    for _ in range(rng.randint(1, 3)):
        kind = rng.choice(("name", "place", "group"))
        if kind == "name":
            first, pronoun = names.first_name(rng)
            cast.append(Noun("", "", f"{first} {names.surname(rng)}", "", kind, pronoun))
        else:
            cast.append(Noun("", "", (names.place if kind == "place" else names.organisation)(rng), "", kind, "it"))
    return cast


def _call(rng: Random, noun: Noun) -> str:
    """The name as news repeat it: in full, or the surname alone."""
    return noun.head.split(" ")[-1] if noun.category == "name" and rng.random() < 0.4 else noun.head


def _told(rng: Random, cast: list[Noun]) -> Clause:
    """A clause in which members of the cast act or appear."""
    actors = [noun for noun in cast if noun.category != "place"]
    c = grammar.clause(rng, cast[0] if rng.random() < 0.4 else rng.choice(actors))
    if c.object.category in ("name", "job", "person", "place") and rng.random() < 0.7:
        wanted = "place" if c.object.category == "place" else "name"
        c = replace(
            c, object=rng.choice([n for n in cast if n.category == wanted and n is not c.subject] or [c.object])
        )
    where = rng.choice([noun for noun in cast if noun.category == "place"])
    return replace(c, place=f"in {where.head}") if rng.random() < 0.4 else c


def _line(rng: Random, noun: Noun, told: Clause) -> str:
    d = grammar.told(replace(told, subject=noun))
    line = rng.choice(_LINES[noun.category])
    if "{d}" in line and noun is not told.subject:
        line = "{n} {d}."
    own = told.subject.short() if noun is not told.subject else noun.pronoun
    c = f"{own} {grammar.told(told)}"
    return line.format(n=_call(rng, noun), c=c, d=d, p=names.place(rng), t=phrases.time(rng), k=phrases.amount(rng))


def cloze(rng: Random, size: int) -> Pieces:
    """A paragraph with highlights as a list, and one more bullet: a sentence on what the paragraph told."""
    cast = _cast(rng)
    clauses = [_told(rng, cast) for _ in range(rng.randint(1, size))]
    sentences = [capital(grammar.say(c)) + "." for c in clauses]
    for noun in rng.sample(cast, min(len(cast), rng.randint(1, 3))):
        sentences.insert(rng.randint(1, len(sentences)), capital(_line(rng, noun, rng.choice(clauses))))
    shown = rng.sample(clauses, min(len(clauses), rng.randint(1, 3)))
    bullets = "".join(f"\n- {capital(rng.choice((grammar.short, grammar.passive))(c))}" for c in shown)
    hero, chosen = cast[0] if rng.random() < 0.4 else rng.choice(cast), rng.choice(clauses)
    roll = rng.random()
    if roll < 0.55:
        query = capital(_line(rng, hero if rng.random() < 0.6 else chosen.subject, chosen))
    else:
        query = capital((grammar.say, grammar.passive, grammar.short)[rng.randrange(3)](chosen)) + "."
    return (Piece(" ".join(sentences) + bullets + "\n", PLAIN), Piece(f"- {query}", CHOICE))
