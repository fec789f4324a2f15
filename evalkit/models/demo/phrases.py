"""Noun phrases of the demo corpus, with the modifiers that can be dropped, and phrases of place, time and number."""

from dataclasses import dataclass, replace
from random import Random

from evalkit.models.demo import names, wide
from evalkit.models.demo.lexicon import ADJECTIVES, MONTHS, NOUNS, NUMBERS, WEEKDAYS, WHEN, words

_ADJECTIVE_OF = {"person": "person", "job": "person", "animal": "animal", "idea": "abstract", "event": "abstract"}
_UNCOUNTED = frozenset(words("food drink sport subject material"))
_DETERMINERS = ("the",) * 6 + ("a",) * 6 + ("this", "that", "its", "her", "his", "their", "another", "every")
_IRREGULAR_PLURALS = (
    ("woman", "women"),
    ("man", "men"),
    ("child", "children"),
    ("mouse", "mice"),
    ("wolf", "wolves"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("sheep", "sheep"),
    ("fish", "fish"),
    ("knife", "knives"),
    ("leaf", "leaves"),
    ("shelf", "shelves"),
    ("wife", "wives"),
    ("deer", "deer"),
    ("goose", "geese"),
    ("scissors", "scissors"),
    ("glasses", "glasses"),
    ("half", "halves"),
    ("life", "lives"),
)


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun phrase; `adjective` and `tail` may be empty and can be dropped without making a sentence false."""

    determiner: str
    adjective: str
    head: str
    tail: str
    category: str
    pronoun: str
    plural: bool = False

    def full(self) -> str:
        """The whole phrase."""
        return join(_agree(self), self.adjective, self.head, self.tail).replace(" ,", ",")

    def short(self) -> str:
        """The phrase without its modifiers, made definite."""
        return join("the" if self.determiner else "", self.head)


def join(*parts: str) -> str:
    """The parts that are not empty, with spaces between."""
    return " ".join(part for part in parts if part)


NOTHING = Noun("", "", "", "", "", "")


def article(phrase: str) -> str:
    """The phrase with `a` or `an` before it."""
    return ("an " if phrase[0].lower() in "aeio" else "a ") + phrase


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def _agree(noun: Noun) -> str:
    if noun.determiner != "a":
        return noun.determiner
    return article(noun.adjective or noun.head).split(" ")[0]


def plural_of(head: str) -> str:
    """The plural of a noun: `fox` gives `foxes`."""
    for end, change in _IRREGULAR_PLURALS:
        if head.endswith(end):
            return head[: len(head) - len(end)] + change
    if head.endswith("y") and head[-2] not in "aeiou":
        return head[:-1] + "ies"
    return head + ("es" if head.endswith(("s", "x", "ch", "sh")) else "s")


def noun(rng: Random, category: str) -> Noun:
    """A random common noun of a category of the lexicon, or of `wide`."""
    head = rng.choice(wide.NOUNS if category == "wide" else NOUNS[category])
    pronoun = rng.choice(("he", "she")) if category in ("job", "person") else "it"
    adjective = ""
    if rng.random() < 0.35 and category not in ("sport", "subject"):
        kind = _ADJECTIVE_OF.get(category, "thing")
        adjective = rng.choice(wide.ADJECTIVES if rng.random() < 0.4 else ADJECTIVES[kind])
    tail = f"of {rng.choice(('the ', ''))}{rng.choice(wide.NOUNS)}" if category == "wide" and rng.random() < 0.3 else ""
    if category in _UNCOUNTED or (category == "disease" and head in ("measles", "malaria")):
        bare = category in ("sport", "subject") or rng.random() < 0.5
        return Noun("" if bare else "the", adjective, head, tail, category, pronoun)
    if rng.random() < 0.22:
        determiner = rng.choice(("the", "the", "the", *NUMBERS, "some", "these", "his", "their"))
        return Noun(determiner, adjective, plural_of(head), tail, category, "they", plural=True)
    return Noun(rng.choice(_DETERMINERS), adjective, head, tail, category, pronoun)


def person(rng: Random) -> Noun:
    """A person: by name, by job with a name, or by a common noun, sometimes with a tail."""
    roll = rng.random()
    if roll < 0.45:
        first, pronoun = names.first_name(rng)
        head = first if rng.random() < 0.4 else f"{first} {names.surname(rng)}"
        tail = f", {article(rng.choice(NOUNS['job']))} from {names.place(rng)}," if rng.random() < 0.15 else ""
        return Noun("", "", head, tail, "name", pronoun)
    made = noun(rng, "job" if roll < 0.8 else "person")
    return replace(made, tail=f"from {names.place(rng)}") if rng.random() < 0.12 else made


def agent(rng: Random) -> Noun:
    """Someone who can act: mostly a person, at times a group or an organisation, seldom a thing."""
    roll = rng.random()
    if roll < 0.76:
        return person(rng)
    if roll < 0.84:
        return noun(rng, rng.choice(("animal", "wide", "wide", "machine")))
    if roll < 0.92:
        return Noun("the", "", rng.choice(NOUNS["group"]), f"of {names.place(rng)}", "group", "it")
    return Noun("", "", names.organisation(rng), "", "group", "it")


def thing(rng: Random, categories: str) -> Noun:
    """An object of one of the categories; `anyone` stands for people."""
    category = rng.choice(categories.split())
    if category == "anyone":
        return person(rng)
    if category in ("land", "building") and rng.random() < 0.35:
        return Noun("", "", names.place(rng), "", "place", "it")
    return noun(rng, category)


def place(rng: Random) -> str:
    """A phrase of place, such as `in Boston` or `near the old mill`."""
    if rng.random() < 0.5:
        return f"in {names.place(rng)}"
    return (
        f"{rng.choice(('in', 'near', 'at', 'behind', 'outside'))} {noun(rng, rng.choice(('building', 'land'))).short()}"
    )


def time(rng: Random) -> str:
    """A phrase of time, such as `on Friday` or `in 1987`."""
    roll = rng.random()
    if roll < 0.25:
        return f"on {rng.choice(WEEKDAYS)}"
    if roll < 0.4:
        return f"in {rng.choice(MONTHS)}"
    return f"in {rng.randint(1500, 2029)}" if roll < 0.7 else rng.choice(WHEN)


def amount(rng: Random) -> str:
    """A number in words or in digits."""
    return rng.choice(NUMBERS) if rng.random() < 0.5 else str(rng.choice((3, 7, 12, 25, 60, 150, 400, 2500, 12000)))
