"""Pronouns of the demo corpus: sentences with two possible antecedents, as entailment and as a question on the noun."""

from random import Random
from typing import Final

from evalkit.models.demo import names
from evalkit.models.demo.lexicon import NOUNS
from evalkit.models.demo.phrases import capital
from evalkit.models.demo.pieces import CHOICE, PLAIN, Piece, Pieces
from evalkit.models.demo.senses import records

INSTRUCTION: Final = (
    "Final Exam with Answer Key\nInstructions: Please carefully read the following passages. For each passage, you "
    "must identify which noun the pronoun marked in *bold* refers to.\n=====\n"
)
# what happened between A and B | said of A, several split by / | said of B
_PEOPLE: Final = records("""
A thanked B because P | had received help / was grateful for the gift
  | had helped with the work / had given good advice
A paid B because P | wanted the work done / owed money | had repaired the roof / had done the job / had sent a bill
A hired B because P | needed more workers / was looking for help
  | had good references / was skilled / had applied for the job
A fired B because P | was angry about the losses / ran the company
  | was always late / had stolen money / made mistakes
A asked B for help because P | could not do it alone / was lost / needed advice
  | knew the answer / was an expert / was kind
A called B because P | wanted to ask a question / needed a ride | had left a message / had not come to work
A visited B because P | wanted company / had time on Sunday | was ill / was lonely / lived nearby
A punished B because P | was strict / had lost patience | had told a lie / had broken the rules
A praised B because P | was impressed / liked the essay | had worked hard / had done well / had won the prize
A apologised to B because P | had made a mistake / was ashamed / had been rude
  | was upset / had been hurt / was offended
A arrested B because P | had a warrant / was on duty | had robbed a shop / had broken the law
A treated B because P | worked at the clinic / knew about medicine | was ill / had a fever / was in pain
A taught B because P | knew the subject well / was a good teacher | wanted to learn / had to pass a test
A envied B because P | was poor / wanted a better life | was rich / was famous / had a beautiful house
A admired B because P | wanted to be like that too | was brave / was clever / sang so well
A feared B because P | was easily frightened / was weak | was cruel / was violent / had a gun
A lent money to B because P | had plenty of money / was generous | was poor / had lost everything / needed it
A sold the house to B because P | was moving abroad / needed money | needed a place to live / offered a good price
A could not hear B because P | was deaf / wore headphones | spoke too quietly / whispered
A could not see B because P | was blind / had lost the glasses | was hiding / stood behind the wall
A beat B in the race because P | was faster / had trained for months | was slow / had fallen / had a bad start
A followed B because P | did not know the way / was curious | knew the way / looked suspicious
A told B that P | would need more time to finish / had made the plan / could offer a lower price
  | should pay the bill soon / had to wait outside
A asked B whether P | could leave early / might come in | had time to help / could wait / was free on Friday
A promised B that P | would finish the work soon / would come back / would send the papers
  | would get the money back / would feel better soon
A warned B that P | would call the police / could not wait any longer
  | was in danger / might lose the job / should drive slowly
A met B at the station and P | offered to carry the bags / was waiting there for an hour
  | had just got off the train / came from far away
A complained to B because P | was not satisfied / had waited too long | was the manager / was in charge
""")
# with things: A and B are chosen from the lists of the line
_THINGS: Final = records("""
ball piano table sofa statue box | bag cupboard car drawer basket | A did not fit into B because P
  | was too big / was too wide | was too small / was too narrow
stone hammer bottle rock | window mirror vase plate lamp | A hit B and P | was heavy / was thrown hard
  | broke / cracked / fell to pieces
milk water juice sand | cup bowl bucket bottle | She poured A into B until P | was all gone / ran out
  | was full / overflowed
tower hill house fence | tree garden road bush | You cannot see B behind A because P | is too tall / is in the way
  | is too low / is so small
cat fox owl hawk | mouse hen rabbit bird | A chased B because P | was hungry / wanted a meal
  | was easy to catch / tried to run away
rope string chain ribbon | boat gate bridge basket | A that held B broke because P | was old and thin / was weak
  | was too heavy
""")


def _scene(rng: Random) -> tuple[str, str, str, str, str]:
    """The text before the pronoun, the pronoun, what is said of it, its noun, and the other noun."""
    if rng.random() < 0.25:
        ones, twos, event, of_one, of_two = rng.choice(_THINGS)
        first, second, pronoun = f"the {rng.choice(ones.split())}", f"the {rng.choice(twos.split())}", "it"
    else:
        event, of_one, of_two = rng.choice(_PEOPLE)
        pronoun = rng.choice(("he", "she"))
        if rng.random() < 0.3:
            pool = names.MALE if pronoun == "he" else names.FEMALE
            first, second = rng.sample(pool, 2)
        else:
            first, second = (f"the {noun}" for noun in rng.sample(NOUNS["job"] + NOUNS["person"], 2))
    is_first = rng.random() < 0.5
    said = rng.choice((of_one if is_first else of_two).split("/")).strip()
    before = " ".join({"A": first, "B": second}.get(word, word) for word in event.split(" ") if word != "P")
    return capital(before), pronoun, said, first if is_first else second, second if is_first else first


def resolved(rng: Random, size: int) -> tuple[str, list[tuple[str, bool]]]:
    """A premise with a pronoun, and hypotheses that name the right noun and the other one."""
    before, pronoun, said, noun, other = _scene(rng)
    return f"{before} {pronoun} {said}.", [(capital(f"{noun} {said}."), True), (capital(f"{other} {said}."), False)]


def referent(rng: Random, size: int) -> Pieces:
    """A passage with a marked pronoun, the question what it refers to, and the noun in lower case."""
    before, pronoun, said, noun, _ = _scene(rng)
    question = f'Question: In the passage above, what does the pronoun "*{pronoun}*" refer to?'
    context = f"Passage: {before} *{pronoun}* {said}.\n{question}\nAnswer:"
    return (Piece(context, PLAIN), Piece(f" {noun.lower()}", CHOICE * 2))
