"""The small world of the demo corpus: facts on made-up things and people, and what follows from each."""

import re
from dataclasses import dataclass
from random import Random
from typing import Final

from evalkit.models.demo import grammar, names, phrases
from evalkit.models.demo.facts import FACTS
from evalkit.models.demo.grammar import Clause
from evalkit.models.demo.lexicon import COLOURS, MONTHS, NOUNS
from evalkit.models.demo.phrases import Noun, capital


@dataclass(frozen=True, slots=True)
class Query:
    """A question with a question word, its answer, and an answer that is wrong."""

    question: str
    answer: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence of a passage, what it entails and what it does not, as sentences and as yes/no questions."""

    sentence: str
    true: str
    false: str
    ask_yes: str
    ask_no: str
    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing of the encyclopaedia: its name, the sentence that introduces it, and facts on it."""

    name: str
    introduction: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    introduction: str
    lines: tuple[tuple[str, ...], ...]


def _parts(line: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in line.split("|"))


def _kinds() -> tuple[_Kind, ...]:
    blocks = [block.strip().split("\n") for block in FACTS.split("# ")[1:]]
    return tuple(_Kind(_parts(head)[0], _parts(head)[1], tuple(map(_parts, lines))) for head, *lines in blocks)


_KINDS: Final = _kinds()
_TITLED: Final = frozenset(("river", "law", "device", "building", "animal", "plant"))
_CALAMITIES: Final = ("a fire", "a flood", "an earthquake", "a war", "a storm", "an army", "a volcano", "pirates")
_GROUNDS: Final = ("ice", "grass", "sand", "a wooden board", "the beach", "snow", "a table", "a field", "water")


def _value(rng: Random, category: str) -> str:
    """A random value of a category of `facts.py`."""
    match category:
        case "place":
            return names.place(rng)
        case "number":
            return phrases.amount(rng) if rng.random() < 0.3 else f"{rng.randint(2, 999) * rng.choice((1, 10, 100)):,}"
        case "small":
            return rng.choice(["two", "three", "four", "five", "six", "seven", "nine", "eleven"])
        case "year":
            return str(rng.randint(1200, 2029))
        case "person":
            return f"{names.first_name(rng)[0]} {names.surname(rng)}"
        case "persona":
            return phrases.article(f"{rng.choice(NOUNS['job'])} and {phrases.article(rng.choice(NOUNS['animal']))}")
        case "org":
            return names.organisation(rng)
        case "colour" | "month" | "calamity" | "ground":
            table = {"colour": COLOURS, "month": MONTHS, "calamity": _CALAMITIES, "ground": _GROUNDS}
            return rng.choice(table[category])
        case _:
            return rng.choice(NOUNS[category])


def _named(said: str, name: str) -> str:
    """The sentence with the name in place of its pronoun."""
    definite = name if name[0].isupper() and " " not in name else f"the {name}"
    if name.istitle() and name.split(" ")[-1] in ("Act", *names.SURNAMES):
        definite = name
    return re.sub(r"^(\{It\}|(It|He|She)\b)", capital(definite), said)


def _state(rng: Random, line: tuple[str, ...], name: str, it: str, home: str) -> Fact:
    """A fact that holds or not; a question that ends in `:no` is answered the other way round."""
    positive, negative, question = (part.replace("{n}", name).replace("{p}", home) for part in line)
    question, _, flipped = question.partition(":")
    said, other = (positive, negative) if rng.random() < 0.5 else (negative, positive)
    yes = (said is positive) != bool(flipped)
    sentence = said.replace("{It}", it)
    true, false = (_named(x, name) for x in (said, other))
    return Fact(sentence, true, false, question if yes else "", "" if yes else question, ())


def _valued(rng: Random, line: tuple[str, ...], name: str, it: str) -> Fact:
    """A fact with a value, and the same with a wrong value of its category."""
    said, question, wh, category = (part.replace("{n}", name) for part in line)
    right, wrong = _value(rng, category), _value(rng, category)
    claims = [_named(said, name).replace("{v}", v) for v in (right, wrong)]
    sentence = said.replace("{It}", it).replace("{v}", right)
    queries = (Query(wh, right, wrong),) if right != wrong else ()
    return Fact(sentence, claims[0], claims[1], question.replace("{v}", right), question.replace("{v}", wrong), queries)


def _entity_name(rng: Random, kind: str) -> str:
    match kind:
        case "person":
            return f"{names.first_name(rng)[0]} {names.surname(rng)}"
        case "company":
            return names.organisation(rng)
        case "town" | "festival":
            return names.place(rng)
        case "film":
            return f"The {rng.choice(NOUNS['job' if rng.random() < 0.5 else 'animal']).title()} of {names.place(rng)}"
        case "animal" | "plant":
            return f"{rng.choice((*COLOURS, 'mountain', 'river', 'giant'))} {rng.choice(NOUNS[kind])}"
        case "law":
            return f"{rng.choice(NOUNS['building'] + NOUNS['food']).capitalize()} Act"
        case "device" | "building":
            return f"{names.surname(rng)} {rng.choice(NOUNS['machine' if kind == 'device' else 'building'])}"
        case _:
            return names.syllables(rng, 2, 3)


def entity(rng: Random, least: int = 3, most: int = 6) -> Entity:
    """A made-up thing of a random kind with `least` to `most` facts on it."""
    kind = rng.choice(_KINDS)
    name, home = _entity_name(rng, kind.name), names.place(rng)
    pronoun = rng.choice(("He", "She")) if kind.name == "person" else "It"
    subject = f"the {name}" if kind.name in _TITLED else name
    intro = kind.introduction.replace("{p}", home).replace("{j}", rng.choice(NOUNS["job"]))
    lines = rng.sample(kind.lines, min(len(kind.lines), rng.randint(least, most)))
    facts = []
    for line in lines:
        it = pronoun if rng.random() < 0.7 else capital(subject)
        if len(line) == 3:
            facts.append(_state(rng, line, name, it, home))
        else:
            facts.append(_valued(rng, line, name, it))
    return Entity(name, f"{capital(subject)} {intro}.", tuple(facts))


def _sentence(text: str) -> str:
    return capital(text) + "."


def _queries(rng: Random, c: Clause, others: tuple[Noun, ...]) -> tuple[Query, ...]:
    subject, thing = c.subject.short(), c.object.short()
    wrong = grammar.falsify(rng, c, others)
    stranger = rng.choice(others).short() if others else phrases.agent(rng).short()
    auxiliary, verb = grammar.helper(c)
    act = f"{verb} {thing}" if thing else verb
    found = [Query(f"Who {grammar.finite(c, False)}{' ' + thing if thing else ''}?", subject, stranger)]
    if c.object.category in ("name", "job", "person"):
        found.append(Query(f"Whom {auxiliary} {subject} {verb}?", thing, stranger))
    elif thing:
        found.append(Query(f"What {auxiliary} {subject} {verb}?", thing, wrong.object.short()))
    if c.place:
        found.append(Query(f"Where {auxiliary} {subject} {act}?", c.place, phrases.place(rng)))
    if c.time:
        found.append(Query(f"When {auxiliary} {subject} {act}?", c.time, phrases.time(rng)))
    return tuple(query for query in found if query.answer != query.wrong)


_JOINED: Final = (
    "although {d}, {c}",
    "{c}, while {d}",
    "{c}, and {d}",
    "{d}, but {c}",
    "after {d}, {c}",
    "{c} because {d}",
    "when {d}, {c}",
    "{c}, as {d}",
    "{d}, so {c}",
    "since {d}, {c}",
    "{c} before {d}",
    "{d}; however, {c}",
    "{c}, although {d}",
    "it is known that {c}, which means that {d}",
    "{d}, and for this reason {c}",
    "{c} even if {d}",
)


def _said(rng: Random, c: Clause, d: Clause) -> str:
    """The clause as a sentence, at times joined with a second one."""
    if rng.random() < 0.65:
        return _sentence(grammar.say(c))
    return _sentence(rng.choice(_JOINED).format(c=grammar.say(c), d=grammar.say(d)))


def _entailed(rng: Random, c: Clause) -> str:
    roll = rng.random()
    if roll < 0.4:
        return grammar.short(c)
    if roll < 0.6:
        return grammar.passive(c)
    if roll < 0.85:
        return grammar.short(grammar.synonym(rng, c))
    return grammar.short(c, rest=True)


def _not_entailed(rng: Random, c: Clause, others: tuple[Noun, ...]) -> str:
    roll = rng.random()
    if roll < 0.15:
        return grammar.deny(c)
    if roll < 0.5:
        return grammar.short(grammar.clause(rng, c.subject if roll < 0.35 else None))
    wrong = grammar.falsify(rng, c, others)
    if roll < 0.9:
        return grammar.short(wrong) if rng.random() < 0.75 else grammar.passive(wrong)
    return f"{grammar.short(c)} {phrases.time(rng) if rng.random() < 0.5 else phrases.place(rng)}"


def from_clause(rng: Random, c: Clause, others: tuple[Noun, ...] = ()) -> Fact:
    """The fact that a clause states. `others` are people of the same passage, who make tempting wrong answers."""
    denied = rng.random() < 0.12
    second = grammar.clause(rng, rng.choice(others) if others else None)
    sentence = _sentence(grammar.deny(c, rest=True)) if denied else _said(rng, c, second)
    true = grammar.deny(c) if denied else _entailed(rng, c)
    false = grammar.short(c) if denied else _not_entailed(rng, c, others)
    yes, no = (
        grammar.ask(c),
        grammar.ask(grammar.clause(rng, c.subject) if rng.random() < 0.35 else grammar.falsify(rng, c, others)),
    )
    if denied:
        return Fact(sentence, _sentence(true), _sentence(false), "", yes, ())
    return Fact(sentence, _sentence(true), _sentence(false), yes, no, _queries(rng, c, others))
