"""Sentence patterns of the demo corpus that report, deny and embed a clause `{c}`. Data only."""

from typing import Final

REPORTED: Final = (
    "{c}, officials said.",
    "According to {o}, {c}.",
    "It was reported {t} that {c}.",
    "{o} said that {c}.",
    "As {o} confirmed {t}, {c}.",
    "{c}, {o} announced.",
    "{c} after a long delay.",
)

DENIED: Final = (
    "{o} denied that {c}.",
    "It is not true that {c}.",
    "It is false that {c}.",
    "Nobody believes that {c}.",
    "There were rumours that {c}, but they were wrong.",
    "{o} doubts that {c}.",
)

DONE: Final = ("managed to", "was able to", "remembered to", "was forced to", "did not fail to", "had the courage to")

UNDONE: Final = (
    "failed to",
    "refused to",
    "forgot to",
    "was unable to",
    "wanted to",
    "planned to",
    "hoped to",
    "tried to",
    "promised to",
    "decided not to",
    "was going to",
    "is expected to",
    "will",
)

TRUE: Final = (
    "{s} {f} that {c}.",
    "{s} did not {b} that {c}.",
    "does {s} {b} that {c}?",
    "if {s} {fp} that {c}, we are in trouble.",
    "{s} may {b} that {c}.",
    "why did nobody tell {s} that {c}?",
    "{s} was glad that {c}.",
    "{s} was surprised that {c}.",
    "it is a pity that {c}.",
    "of course {c}.",
    "everyone knows that {c}.",
    "it is true that {c}.",
    "{s} is proud that {c}.",
    "I never {b} that {c}, but so it was.",
    "it turned out that {c}.",
    "{s} was right that {c}.",
    "{s} proved that {c}.",
    "the fact that {c} made {s} angry.",
    "{s} saw that {c}.",
    "{s} was sorry that {c}.",
    "it is strange that {c}.",
)

FALSE: Final = (
    "I do not think that {c}.",
    "{s} does not think that {c}.",
    "{s} did not believe that {c}.",
    "I do not believe that {c}.",
    "I doubt that {c}.",
    "it is not true that {c}.",
    "{s} was wrong that {c}.",
    "nobody thinks that {c}.",
    "it is impossible that {c}.",
    "{s} pretended that {c}.",
    "{s} wished that {c}.",
    "{s} lied that {c}.",
    "I can't say that {c}.",
    "I don't think {c}.",
    "{s} imagined that {c}, but it was only a dream.",
    "it is a lie that {c}.",
    "no one would say that {c}.",
    "I don't believe {c}.",
    "there is no way that {c}.",
    "{s} was mistaken in thinking that {c}.",
    "{s} never said that {c}.",
    "it can't be that {c}.",
)

OPEN: Final = (
    "{s} {n} that {c}.",
    "{s} might {m} that {c}.",
    "do you think that {c}?",
    "if {c}, {s} will be happy.",
    "{s} asked whether {c}.",
    "{s} wondered if {c}.",
    "it is possible that {c}.",
    "does {s} {m} that {c}?",
    "perhaps {c}.",
    "if {s} {n} that {c}, ask again.",
    "{s} hoped that {c}.",
    "unless {c}, nobody will come.",
    "{s} was not sure whether {c}.",
    "maybe {c}.",
    "{s} feared that {c}.",
    "there is a rumour that {c}.",
    "{s} told me that {c}.",
    "would you say that {c}?",
    "{s} should {m} that {c}.",
    "what makes you think that {c}?",
)

LEADS: Final = (
    "A: What do you think?\nB: Well, it is hard to say.",
    "It was late.",
    "A: Yeah, I see.\nB: Uh, right.",
    "The room was silent.",
    "Nothing had changed.",
    "She put down her cup.",
    "He looked out of the window.",
    "They had talked all night.",
    "It was an odd day.",
)
