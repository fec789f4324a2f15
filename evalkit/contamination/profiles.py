"""What counts as contaminated: the papers' definitions, each a normaliser, an n, and a rule.

Words stand for tokens where a paper has those of its own tokeniser (Llama 2, Llama 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass

LEAST, MOST = 8, 13  # GPT-3's bounds on n
SYNTHETIC = ("arithmetic/", "scramble/")  # where GPT-3 let n be lower
MEASURES: Mapping[str, str] = {
    "ngram_share": "of its n-grams",
    "token_share": "of its words, in n-grams",
    "token_extend_share": "of its words, in matches that may go on over up to 4 that differ",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """A definition. `n` is the n-gram's words; None: the 5th percentile of the lengths of a task's examples. `samples`:
    so many n-grams of an example, drawn at random, else all. An example is dirty if the share `measure` of it is at
    least `threshold`; 0: if there is any. `extended` is what a match has to reach, with words that differ.
    """

    name: str
    normaliser: str
    n: int | None
    source: str
    measure: str = "ngram_share"
    threshold: float = 0.0
    samples: int = 0
    extended: int = 0

    def size(self, task: str, length: int) -> int:
        """The n of a task; `length` is the 5th percentile of its examples' words."""
        if self.n is not None:
            return self.n
        return min(MOST, max(2 if task.startswith(SYNTHETIC) else LEAST, length))

    def rule(self, least: float) -> str:
        """The rule in words, with this threshold."""
        size = "n-gram" if self.n is None else f"{self.n}-gram"
        if self.normaliser == "characters/v1":
            size = f"substring of {self.n} letters and digits"
        drawn = f", of {self.samples} drawn at random," if self.samples else ""
        if not least:
            return f"one {size}{drawn} is found"
        return f"at least {100 * least:g} % {MEASURES[self.measure].replace('n-gram', size)}{drawn} are found"


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("gpt3", "words/v1", None, "Brown et al. 2020, appendix C"),
        Profile("gpt2", "words/v1", 8, "Radford et al. 2019, section 4"),
        Profile("palm", "words/v1", 8, "Chowdhery et al. 2022, section 8", threshold=0.7),
        Profile("gpt4", "characters/v1", 50, "OpenAI 2023, appendix C", samples=3),
        Profile(
            "llama2",
            "words/v1",
            10,
            "Touvron et al. 2023, appendix A.6",
            measure="token_extend_share",
            threshold=0.2,
            extended=11,
        ),
        Profile("llama3", "words/v1", 8, "Dubey et al. 2024, section 5.1.4", measure="token_share", threshold=0.2),
        Profile("janitor", "deleted/v1", 13, "lm-evaluation-harness, lm_eval/decontamination"),
    )
}
