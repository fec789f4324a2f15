"""Causes and effects of the demo corpus, as pairs to complete and as short stories.

In the lists of `scenes_home.py` and `scenes_out.py`, `|` parts alternatives, `=>` parts causes from effects, and `@`,
`@'s` and `@m` are the person concerned: subject, possessive and object.
"""

import re
from random import Random
from typing import Final

from evalkit.models.demo import grammar, names
from evalkit.models.demo.lexicon import NOUNS, words
from evalkit.models.demo.phrases import capital
from evalkit.models.demo.pieces import CHOICE, PLAIN, Piece, Pieces
from evalkit.models.demo.scenes_home import HOME
from evalkit.models.demo.scenes_out import OUT

_SCENES: Final = tuple(
    tuple(tuple(part.strip() for part in side.split("|")) for side in line.split("=>"))
    for line in (HOME + OUT).strip().split("\n")
    if line
)
_FORMS: Final = {"I": ("my", "me"), "he": ("his", "him"), "she": ("her", "her")}
_PEOPLE: Final = words("man woman boy girl child student farmer teacher nurse driver soldier actor cook")
_FEMALE: Final = frozenset(words("woman girl nurse actress mother sister daughter aunt wife"))
_KIN: Final = words("mother father brother sister friend neighbour daughter son aunt uncle boss")


def _who(rng: Random) -> tuple[str, str]:
    """A person as first mentioned, and the pronoun after."""
    roll = rng.random()
    if roll < 0.3:
        return "I", "I"
    if roll < 0.5:
        return names.first_name(rng)
    if roll < 0.6:
        kin = rng.choice(_KIN)
        return f"my {kin}", "she" if kin in _FEMALE else rng.choice(("he", "she")) if kin in _KIN[4:6] else "he"
    noun = rng.choice(_PEOPLE) if roll < 0.9 else rng.choice(NOUNS["job"])
    return f"the {noun}", "she" if noun in _FEMALE else "he" if noun in ("man", "boy") else rng.choice(("he", "she"))


def _fill(text: str, who: str, pronoun: str) -> str:
    """The text with its person: the name at the first sign where it is the subject, pronouns at the others."""
    own, them = _FORMS[pronoun]
    named = who.rstrip(",") + "'s" if who not in _FORMS else own
    if text.startswith("@'s"):
        text = named + text[3:]
    elif text.startswith("@ "):
        text = who + text[1:]
    elif "@" in text and who != pronoun:
        text = re.sub(r"@'s", named, text, count=1) if text.find("@'s") == text.find("@") else text
    return re.sub(r"@", pronoun, text.replace("@'s", own).replace("@m", them))


def cause_effect(rng: Random) -> tuple[str, str, str, str]:
    """A cause and its effect as clauses, each as the one told first (with the name) and as the one told second."""
    causes, effects = rng.choice(_SCENES)
    who, pronoun = _who(rng)
    cause, effect = rng.choice(causes), rng.choice(effects)
    again = who if rng.random() < 0.15 else pronoun
    return (
        _fill(cause, who, pronoun),
        _fill(effect, who, pronoun),
        _fill(cause, again, pronoun),
        _fill(effect, again, pronoun),
    )


def alternative(rng: Random, size: int) -> Pieces:
    """A premise, `because` or `therefore`, and its cause or effect."""
    cause_first, effect_first, cause_second, effect_second = cause_effect(rng)
    if rng.random() < 0.5:
        context, completion = f"{capital(effect_first)} because", f" {cause_second}."
    else:
        context, completion = f"{capital(cause_first)} therefore", f" {effect_second}."
    return (Piece(context, PLAIN), Piece(completion, CHOICE))


_LINKS: Final = (
    "{C}, so {e}.",
    "{C}. That is why {e}.",
    "{E} because {c}.",
    "Because {C1}, {e}.",
    "{C} and {e}.",
    "Since {C1}, {e}.",
    "{C}. As a result, {e}.",
    "{E}. The reason was that {c}.",
    "When {C1}, {e}.",
    "{C}. Then {e}.",
    "{E}, for {c}.",
    "After {C1}, {e}.",
    "{E}. Why? {C2}.",
    "What happened when {C1}? {E2}.",
    "{C}. {E2}.",
)
_OPENINGS: Final = (
    "One morning,",
    "Last week,",
    "It was a long day.",
    "Once upon a time,",
    "Here is what happened.",
    "In {p},",
    "Yesterday,",
    "Many years ago,",
    "This is a true story.",
    "At the weekend,",
)


def story(rng: Random, size: int) -> Pieces:
    """A short plain text: causes and effects, with sentences about people in between."""
    sentences = []
    for _ in range(rng.randint(2, size + 2)):
        c, e, c2, e2 = cause_effect(rng)
        link = rng.choice(_LINKS)
        sentences.append(link.format(C=capital(c), E=capital(e), c=c2, e=e2, C1=c, C2=capital(c2), E2=capital(e2)))
        if rng.random() < 0.2:
            sentences.append(capital(grammar.say(grammar.clause(rng))) + ".")
    if rng.random() < 0.3:
        sentences.insert(0, rng.choice(_OPENINGS).format(p=names.place(rng)).replace(",", "."))
    return (Piece(" ".join(sentences), PLAIN),)
