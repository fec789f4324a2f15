"""Reading exercises of the demo corpus: passages with yes/no questions, and with answers marked true or false."""

from random import Random

from evalkit.models.demo import grammar, names, phrases, world
from evalkit.models.demo.phrases import capital
from evalkit.models.demo.pieces import CHOICE, PLAIN, Piece, Pieces, labelled
from evalkit.models.demo.world import Fact


def narrative(rng: Random, sentences: int) -> tuple[str, list[Fact]]:
    """A title and the facts of a short report on two or three people who do unrelated things."""
    cast = [phrases.person(rng) for _ in range(rng.randint(2, 3))]
    facts = []
    for index in range(sentences):
        hero = cast[index % len(cast)] if rng.random() < 0.8 else phrases.agent(rng)
        others = tuple(person for person in cast if person is not hero)
        facts.append(world.from_clause(rng, grammar.clause(rng, hero), others))
    return capital(cast[0].short()), facts


def passage(rng: Random, size: int) -> tuple[str, str, list[Fact]]:
    """A title, a passage and the one to `size` facts that it states."""
    if rng.random() < 0.65:
        made = world.entity(rng, 1, size)
        facts = list(made.facts)
        return capital(made.name), " ".join([made.introduction, *(fact.sentence for fact in facts)]), facts
    title, facts = narrative(rng, rng.randint(1, size))
    return title, " ".join(fact.sentence for fact in facts), facts


def yes_no(rng: Random, size: int) -> Pieces:
    """A passage with a question in lower case and `yes` or `no`; a short passage has up to three questions."""
    title, text, facts = passage(rng, size)
    if rng.random() < 0.12:
        text += f" Unlike {title}, {names.place(rng)} is a quiet place."
    asked = [rng.choice(((fact.ask_yes, " yes"), (fact.ask_no, " no"))) for fact in facts]
    asked = [(question, answer) for question, answer in asked if question]
    if not asked:
        return yes_no(rng, size)
    rng.shuffle(asked)
    number = 3 if size < 3 else 1
    parts = [Piece(f"{title} -- {text}\n", PLAIN)]
    for index, (question, answer) in enumerate(asked[:number]):
        parts += labelled(f"{chr(10) if index else ''}question: {question.lower()}?\nanswer:", answer)
    return tuple(parts)


def _options(rng: Random, facts: list[Fact]) -> tuple[str, list[tuple[bool, str]]]:
    """A question on one of the facts and answers to it, each right or wrong."""
    queries = [query for fact in facts for query in fact.queries]
    query = rng.choice(queries)
    wrong = {query.wrong} | {x.answer for x in rng.sample(queries, min(len(queries), rng.randint(1, 2)))}
    wrong |= {rng.choice(facts).false.rstrip(".")} if rng.random() < 0.1 else set()
    same = {x.answer for x in queries if x.question == query.question}
    options = [(False, answer) for answer in sorted(wrong - same)]
    options.append((True, query.answer))
    if rng.random() < 0.6:
        options.append((True, _reworded(rng, query.answer)))
    rng.shuffle(options)
    return query.question, options


def _reworded(rng: Random, answer: str) -> str:
    """The same answer in other words: without its article, or a part of a name."""
    words = answer.split(" ")
    if words[0] in ("the", "a", "an", "in", "on"):
        return " ".join(words[1:])
    return words[-1] if len(words) > 1 else f"It was {answer}" if rng.random() < 0.5 else f"{answer} did"


def marked(rng: Random, size: int) -> Pieces:
    """A paragraph, a question, and answers marked [True] or [False], one on each line."""
    _, facts = narrative(rng, rng.randint(1, size + 1))
    paragraph = " ".join(fact.sentence for fact in facts)
    if rng.random() < 0.35:
        _, paragraph, facts = passage(rng, size)
    if not any(fact.queries for fact in facts):
        return marked(rng, size)
    question, options = _options(rng, facts)
    pieces = [Piece(f"{paragraph}\n\n{question}\n", PLAIN)]
    for index, (right, answer) in enumerate(options):
        if rng.random() < 0.3:
            answer = capital(answer)
        pieces.append(Piece("- [" if not index else "\n- [", PLAIN))
        pieces += [Piece("True" if right else "False", PLAIN), Piece(f"] {answer}", 2 * CHOICE)]
    return tuple(pieces)
