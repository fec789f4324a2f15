"""Clauses of the demo corpus: random verbs with their phrases, and the ways to say, ask and deny them."""

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from evalkit.models.demo import wide
from evalkit.models.demo.lexicon import HYPERNYMS, MANNER
from evalkit.models.demo.phrases import NOTHING, Noun, agent, join, noun, place, thing, time
from evalkit.models.demo.verbs import OPPOSITES, SYNONYMS, TRANSITIVE, participle, past, present

_VERBS: Final = tuple(TRANSITIVE)
_TENSES: Final = (
    ("past",) * 12 + ("present",) * 6 + ("perfect", "perfect", "can", "will", "may", "must", "could", "would")
)


@dataclass(frozen=True, slots=True)
class Clause:
    """Somebody did something; object, place, time and manner may be empty.

    `tense` is `past`, `present`, `perfect` or a modal verb.
    """

    subject: Noun
    verb: str
    object: Noun
    place: str
    time: str
    manner: str
    tense: str = "past"


def clause(rng: Random, subject: Noun | None = None, tense: str = "") -> Clause:
    """A random clause about `subject`, or about a random agent, in `tense`, or in a random one."""
    roll = rng.random()
    if roll < 0.65:
        verb = rng.choice(_VERBS)
        thing_done = thing(rng, TRANSITIVE[verb])
    elif roll < 0.9:
        verb, thing_done = rng.choice(wide.VERBS), noun(rng, "wide")
    else:
        verb, thing_done = rng.choice(wide.INTRANSITIVE), NOTHING
    return Clause(
        subject or agent(rng),
        verb,
        thing_done,
        place(rng) if rng.random() < 0.4 else "",
        time(rng) if rng.random() < 0.4 else "",
        rng.choice(wide.ADVERBS if rng.random() < 0.5 else MANNER) if rng.random() < 0.14 else "",
        tense or rng.choice(_TENSES),
    )


def _tail(c: Clause, rest: bool) -> str:
    return join(c.place, c.time) if rest else ""


def finite(c: Clause, plural: bool | None = None) -> str:
    """The verb as it agrees with the subject: `sold`, `sells`, `has sold`, `can sell`."""
    many = c.subject.plural if plural is None else plural
    match c.tense:
        case "past":
            return past(c.verb)
        case "present":
            return _plain(c.verb) if many else present(c.verb)
        case "perfect":
            return f"{'have' if many else 'has'} {participle(c.verb)}"
        case modal:
            return f"{modal} {c.verb}"


def _plain(verb: str) -> str:
    """The plural of the present: the verb itself, but for `be`."""
    return "are" + verb[2:] if verb.startswith("be ") else verb


def helper(c: Clause) -> tuple[str, str]:
    """The auxiliary that asks and denies, and the form of the verb after it: `did`, `sell`."""
    match c.tense:
        case "past":
            return "did", c.verb
        case "present":
            return "do" if c.subject.plural else "does", c.verb
        case "perfect":
            return "have" if c.subject.plural else "has", participle(c.verb)
        case modal:
            return modal, c.verb


def say(c: Clause, rest: bool = True) -> str:
    """The clause in full: `the old farmer quickly sold a cow in Oslo on Friday` (no capital, no stop)."""
    manner = c.manner if rest and c.tense in ("past", "present") else ""
    return join(c.subject.full(), manner, finite(c), c.object.full().rstrip(","), _tail(c, rest))


def short(c: Clause, rest: bool = False) -> str:
    """The clause without modifiers."""
    return join(c.subject.short(), finite(c), c.object.short(), _tail(c, rest))


def told(c: Clause) -> str:
    """The clause without its subject: `sold the cow`."""
    return join(finite(c), c.object.short())


def deny(c: Clause, rest: bool = False) -> str:
    """The clause denied: `the farmer did not sell the cow`."""
    auxiliary, verb = helper(c)
    negated = "cannot" if auxiliary == "can" else f"{auxiliary} not"
    return join(c.subject.short(), negated, verb, c.object.short(), _tail(c, rest))


def passive(c: Clause, rest: bool = False) -> str:
    """The clause in the passive: `the cow was sold by the farmer`; in the active where it has no object."""
    if not c.object.head:
        return short(c, rest)
    many = c.object.plural
    be = {
        "past": "were" if many else "was",
        "present": "are" if many else "is",
        "perfect": "have been" if many else "has been",
    }.get(c.tense, f"{c.tense} be")
    return join(c.object.short(), be, participle(c.verb), "by", c.subject.short(), _tail(c, rest))


def ask(c: Clause) -> str:
    """The clause as a question without its mark: `did the farmer sell the cow`."""
    auxiliary, verb = helper(c)
    return join(auxiliary, c.subject.short(), verb, c.object.short())


def synonym(rng: Random, c: Clause) -> Clause:
    """The clause with a verb of the same meaning or a wider noun; the same clause where the lists know none."""
    if c.verb in SYNONYMS and rng.random() < 0.7:
        return replace(c, verb=SYNONYMS[c.verb])
    if c.object.category in HYPERNYMS and c.object.determiner and not c.object.plural:
        return replace(c, object=Noun("a", "", HYPERNYMS[c.object.category], "", "thing", "it"))
    return c


def falsify(rng: Random, c: Clause, others: tuple[Noun, ...] = ()) -> Clause:
    """A clause that does not follow: another subject, object, verb, place or time, or the roles swapped."""
    roll = rng.random()
    if roll < 0.2 and c.object.category in ("name", "job", "person"):
        return replace(c, subject=c.object, object=c.subject)
    if roll < 0.5:
        pool = _VERBS if c.object.head else wide.INTRANSITIVE
        return replace(c, verb=OPPOSITES.get(c.verb) or rng.choice(pool))
    if roll < 0.75 and c.object.head:
        return replace(c, object=thing(rng, TRANSITIVE.get(c.verb, "wide")))
    return replace(c, subject=rng.choice(others) if others and rng.random() < 0.6 else agent(rng))
