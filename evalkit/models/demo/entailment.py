"""Entailment exercises of the demo corpus: true or false, and clauses under know, doubt, if and not."""

from dataclasses import replace
from random import Random
from typing import Final, TypeAlias

from evalkit.models.demo import grammar, names, patterns, phrases, pronouns, reading, verbs, world
from evalkit.models.demo.grammar import Clause
from evalkit.models.demo.lexicon import ADJECTIVES, NOUNS
from evalkit.models.demo.phrases import capital
from evalkit.models.demo.pieces import PLAIN, Piece, Pieces, labelled

Case: TypeAlias = tuple[str, list[tuple[str, bool]]]  # a premise, hypotheses and whether they follow


def _from_facts(rng: Random, size: int) -> Case:
    _, _, facts = reading.passage(rng, size)
    chosen = rng.randrange(len(facts))
    context = facts[max(0, chosen - rng.randint(0, 1)) : chosen + rng.randint(1, 2)]
    premise = " ".join(fact.sentence for fact in context)
    fact = facts[chosen]
    premise = premise.replace(fact.sentence, fact.true, 1) if premise.startswith(("It ", "He ", "She ")) else premise
    told = context if size < 3 else [fact]
    return premise, [rng.choice(((f.true, True), (f.false, False))) for f in told]


def _from_report(rng: Random, size: int) -> Case:
    c = grammar.clause(rng)
    denied = rng.random() < 0.25
    pattern = rng.choice(patterns.DENIED if denied else patterns.REPORTED)
    premise = pattern.format(c=grammar.say(c), o=names.organisation(rng), t=phrases.time(rng))
    told = [capital(grammar.short(c)) + ".", capital(grammar.passive(c)) + "."]
    if denied:
        return capital(premise), [(told[0], False), (capital(grammar.deny(c)) + ".", True)]
    return capital(premise), [(rng.choice(told), True), (world.from_clause(rng, c).false, False)]


def _from_verb(rng: Random, size: int) -> Case:
    c = grammar.clause(rng, tense="past")
    truth = rng.random() < 0.5
    how = rng.choice(patterns.DONE if truth else patterns.UNDONE)
    done = " ".join(part for part in (c.verb, c.object.full(), c.place) if part)
    return capital(f"{c.subject.full()} {how} {done}."), [(capital(f"{grammar.short(c)}."), truth)]


def _from_apposition(rng: Random, size: int) -> Case:
    c = grammar.clause(rng)
    name, job, home = f"{names.first_name(rng)[0]} {names.surname(rng)}", rng.choice(NOUNS["job"]), names.place(rng)
    told = f"{grammar.finite(c, False)} {c.object.full()}".strip()
    done = f"{grammar.finite(c, False)} {c.object.short()}".strip()
    premise = rng.choice(
        (
            f"{name}, {phrases.article(job)} from {home}, {told}.",
            f"{capital(job)} {name} of {home} {told}.",
            f"The {job} {name}, who lives in {home}, {told} {phrases.time(rng)}.",
            f"{name} works as {phrases.article(job)} in {home} and {told}.",
        )
    )
    other, elsewhere = rng.choice(NOUNS["job"]), names.place(rng)
    claims = [
        (f"{name} is {phrases.article(job)}.", f"{name} is {phrases.article(other)}."),
        (f"{name} lives in {home}.", f"{name} lives in {elsewhere}."),
        (f"{name} comes from {home}.", f"{name} comes from {elsewhere}."),
        (f"{name} {done}.", f"{home} {done}."),
    ]
    true, false = rng.choice(claims)
    return premise, [(true, True), (false, False)]


def _from_list(rng: Random, size: int) -> Case:
    c, d = grammar.clause(rng), phrases.agent(rng)
    c = replace(c, tense="past")
    one, two, three = c.subject.short(), d.short(), phrases.agent(rng).short()
    did = grammar.told(c)
    premise, true, false = rng.choice(
        (
            (f"{one} and {two} {did}.", f"{rng.choice((one, two))} {did}.", f"{three} {did}."),
            (f"{one} {did}, but {two} did not.", f"{one} {did}.", f"{two} {did}."),
            (f"not {one} but {two} {did}.", f"{two} {did}.", f"{one} {did}."),
            (f"{one} or {two} {did}.", f"someone {did}.", f"{two} {did}."),
            (f"{two} watched while {one} {did}.", f"{one} {did}.", f"{two} {did}."),
            (f"{one}, who had met {two}, {did}.", f"{one} {did}.", f"{two} {did}."),
        )
    )
    return capital(premise), [(capital(true), True), (capital(false), False)]


def _from_quantity(rng: Random, size: int) -> Case:
    crowd = phrases.plural_of(rng.choice(NOUNS["job"] + NOUNS["animal"]))
    adjective = rng.choice(ADJECTIVES["person"])
    c = grammar.clause(rng)
    told = f"{grammar.finite(c, True)} {c.object.short()}".strip()
    rows = [
        ("all the {x} {d}.", "some of the {x} {d}.", "none of the {x} {d}."),
        ("no {x} {d}.", "the {x} did not do it.", "some {x} {d}."),
        ("the {a} {x} {d}.", "some {x} {d}.", "all the {x} {d}."),
        ("some {x} {d}.", "{x} {d}.", "every one of the {x} {d}."),
        ("most of the {x} {d}.", "many of the {x} {d}.", "only two of the {x} {d}."),
        ("the {x} are {a}.", "the {x} are {a}.", "the {x} are not {a}."),
        ("the {x} who were {a} {d}.", "some of the {x} were {a}.", "all of the {x} were {a}."),
        ("few {x} {d}.", "not all the {x} {d}.", "most {x} {d}."),
    ]
    row = [part.format(x=crowd, a=adjective, d=told) for part in rng.choice(rows)]
    return capital(row[0]), [(capital(row[1]), True), (capital(row[2]), False)]


_SOURCES: Final = (
    (_from_facts, 8),
    (_from_report, 4),
    (_from_verb, 2),
    (_from_apposition, 3),
    (_from_list, 2),
    (_from_quantity, 2),
    (pronouns.resolved, 5),
)


def true_false(rng: Random, size: int) -> Pieces:
    """A premise, a hypothesis, and whether the one entails the other; on few facts, several hypotheses."""
    source = rng.choices([s for s, _ in _SOURCES], [w for _, w in _SOURCES])[0]
    premise, claims = source(rng, size)
    rng.shuffle(claims)
    number = 3 if source is _from_facts and size < 3 else 1
    parts = [Piece(f"{premise}\n", PLAIN)]
    for index, (hypothesis, truth) in enumerate(claims[:number]):
        parts += labelled(f"{chr(10) if index else ''}question: {hypothesis} True or False?\nanswer:", f" {truth}")
    return tuple(parts)


def _embedded(rng: Random, pattern: str, c: Clause) -> str:
    factive, neutral = rng.choice(verbs.FACTIVE), rng.choice(verbs.NEUTRAL)
    return pattern.format(
        s=phrases.person(rng).short(),
        c=grammar.say(c),
        f=verbs.past(factive),
        b=factive,
        fp=verbs.past(factive),
        n=verbs.past(neutral),
        m=neutral,
    )


def committed(rng: Random, size: int) -> Pieces:
    """A short discourse and a clause embedded in it: is the writer committed to it? true, false, or neither."""
    c = grammar.clause(rng)
    label, choices = rng.choice((("true", patterns.TRUE), ("false", patterns.FALSE), ("neither", patterns.OPEN)))
    hypothesis = grammar.say(c) if rng.random() < 0.6 else grammar.short(c)
    roll = rng.random()
    if roll < 0.1:
        label, hypothesis = "neither", grammar.say(grammar.clause(rng))
    elif roll < 0.2 and label == "true":
        label, hypothesis = "false", grammar.deny(c)
    lines = [rng.choice(patterns.LEADS)] if rng.random() < 0.35 and size > 1 else []
    lines += [capital(grammar.say(grammar.clause(rng))) + "."] * (rng.random() < 0.35 and size > 1)
    dialogue = rng.random() < 0.25
    lines.append(("B: " if dialogue else "") + capital(_embedded(rng, rng.choice(choices), c)))
    premise = ("\n" if dialogue else " ").join(lines)
    hypothesis = capital(hypothesis) if rng.random() < 0.2 else hypothesis
    return labelled(f"{premise}\nquestion: {hypothesis}. true, false, or neither?\nanswer:", f" {label}")
