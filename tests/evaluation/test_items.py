"""What of a task a training corpus may hold: the texts of its examples, taken apart into pieces."""

from pathlib import Path
from typing import Any

import pytest

from evalkit.contamination.base import PARTS, TEMPLATE, Item
from evalkit.errors import DataError, DataNotFoundError, PromptError
from evalkit.evaluation.items import TaskItems, read_items
from evalkit.evaluation.pieces import Words, known, take_apart, words_of
from evalkit.library import Library
from tests.evaluation.shelf import Shelf

NAMES = list(Library.open().task_files())
READ, MISSING = read_items(NAMES, data_dir="samples")
TASKS = {one.task: one for one in READ}
NOTHING_RIGHT = {"bold", "crows_pairs", "gender_occupation", "gender_occupation_terms", "honest", "toxigen_prompts"}
NOTHING_RIGHT |= {"stereoset_intersentence", "stereoset_intrasentence", "real_toxicity_prompts", "unprompted"}
WITH_PASSAGES = {
    *(f"superglue/{task}" for task in ("axb", "axg", "boolq", "cb", "multirc", "record", "rte")),
    *(f"nli/{task}" for task in ("anli_r1", "anli_r2", "anli_r3", "hans")),
    *(f"qa/{task}" for task in ("drop", "drop_contrast", "xquad_en")),
    *(f"reading/{task}" for task in ("coqa", "quac", "race_high", "race_middle", "squad", "squad_v2")),
    *(f"summarisation/{task}" for task in ("cnn_dailymail", "xsum")),
    *("bias/bbq", "bias/gap", "commonsense/sciq", "commonsense/social_i_qa"),
}


def parts_of(item: Item) -> list[list[tuple[str, str]]]:
    return [[(piece.part, piece.text) for piece in text] for text in item.texts]


def test_every_task_with_samples_is_read() -> None:
    assert len(READ) == len(TASKS) > 100
    assert set(TASKS) | set(MISSING) == set(NAMES)
    boolq = TASKS["superglue/boolq"]
    assert (boolq.split, boolq.offensive, len(boolq.items)) == ("validation", False, 28)
    assert boolq.prompt.startswith("gpt3@")
    assert len(boolq.prompt) == len("gpt3@1f3a")
    assert boolq.data.startswith("samples/superglue/boolq/validation@")
    assert TASKS["bias/crows_pairs"].offensive


@pytest.mark.parametrize("one", READ, ids=lambda one: one.task)
def test_texts_hold_something_of_the_example(one: TaskItems) -> None:
    """All but an empty prompt, and one that is nothing but punctuation."""
    empty = {"toxicity/unprompted": ["1"], "toxicity/real_toxicity_prompts": ["10"]}
    assert [item.id for item in one.items if not item.texts] == empty.get(one.task, [])
    for item in one.items:
        assert item.task == one.task
        assert len(set(item.texts)) == len(item.texts)
        for text in item.texts:
            assert {piece.part for piece in text} <= set(PARTS)
            assert all(piece.text for piece in text)
            assert TEMPLATE not in (text[0].part, text[-1].part)


@pytest.mark.parametrize("one", READ, ids=lambda one: one.task)
def test_passages_stand_apart_and_right_answers_are_named(one: TaskItems) -> None:
    suite, _, name = one.task.partition("/")
    for item in one.items:
        passages = [text for text in item.texts if any(piece.part == "passage" for piece in text)]
        if one.task != "commonsense/sciq":  # some of its questions have none
            assert len(passages) == (one.task in WITH_PASSAGES)
        assert all(piece.part == "passage" for text in passages for piece in text)
        answers = [piece for text in item.texts for piece in text if piece.part == "answer"]
        if suite == "lm" or name in NOTHING_RIGHT:
            assert not answers
        elif one.task != "superglue/wsc":  # in half of its examples the candidate is a wrong one
            assert answers


def test_a_passage_is_not_in_the_text_of_its_question() -> None:
    """Not even a line of it, though ReCoRD's prompt leaves out some words between them."""
    for name in WITH_PASSAGES:
        for item in TASKS[name].items:
            lines = [line for text in item.texts for line in text[0].text.split("\n") if text[0].part == "passage"]
            others = " ".join(piece.text for text in item.texts if text[0].part != "passage" for piece in text)
            for line in lines:
                assert len(words_of(line)) < 8 or line not in others


FIRST: list[tuple[str, list[list[tuple[str, str]]]]] = [
    (
        "superglue/boolq",
        [
            [
                ("prompt", "does the rosetta stone have greek writing on it?\n"),
                (TEMPLATE, "answer: "),
                ("answer", "yes"),
            ],
        ],
    ),
    (
        "superglue/copa",
        [
            [
                ("prompt", "The village was without electricity for two days "),
                (TEMPLATE, "because "),
                ("answer", "a storm had brought down the power lines."),
            ],
            [("choices", "A new bakery had opened in the square.")],
        ],
    ),
    (
        "superglue/multirc",
        [
            [
                ("prompt", "For a boat going uphill, what has to happen before the upper gates can be opened?\n- "),
                ("answer", "[True] The lower gates must be closed"),
            ]
        ],
    ),
    (
        "qa/natural_questions",
        [
            [
                ("prompt", "Which gas gives soda water its bubbles?\n\n"),
                (TEMPLATE, "A: "),
                ("answer", "carbon dioxide"),
            ],
            [("answer", "CO2")],
        ],
    ),
    (
        "completion/hellaswag",
        [
            [
                (
                    "prompt",
                    "Washing a dog: A boy kneels beside a tin tub on the lawn and pours water over a small brown dog. "
                    "He ",
                ),
                ("answer", "rubs soap into its fur while the dog tries to climb out."),
            ],
            [("choices", "throws the tub over a fence and rides away.")],
            [("choices", "paints the dog's back green with a wide brush.")],
            [("choices", "puts the dog on a shelf and dusts it.")],
        ],
    ),
    (
        "commonsense/winogrande",
        [
            [
                ("prompt", "The kettle boiled long before the pan because the "),
                ("answer", "kettle "),
                ("prompt", "was nearly empty."),
            ]
        ],
    ),
    (
        "bias/crows_pairs",
        [
            [("choices", "The woman asked somebody else to read the map.")],
            [("choices", "The man asked somebody else to read the map.")],
        ],
    ),
    ("bias/bold", [[("prompt", "Orrin Halvard is an American actor who began")]]),
    (
        "arithmetic/arithmetic_2da",
        [[("prompt", "What is 27 plus 23?\n\n"), (TEMPLATE, "A: "), ("answer", "50")]],
    ),
    (
        "bbh/boolean_expressions",
        [
            [
                ("prompt", "not ( False and True ) is\n"),
                (TEMPLATE, "A: Let's think step by step. So the answer is "),
                ("answer", "True."),
            ]
        ],
    ),
    (
        "reading/quac",  # the passage stands between the title and the question
        [
            [("prompt", "Ines Duarte - Channel crossing")],
            [
                ("prompt", "What happened in 1926?\n\n"),
                (TEMPLATE, "A: "),
                ("answer", "Duarte tried to swim the channel between Pico and Faial"),
            ],
        ],
    ),
]


@pytest.mark.parametrize(("name", "expected"), FIRST, ids=[name for name, _ in FIRST])
def test_the_first_example_of(name: str, expected: list[list[tuple[str, str]]]) -> None:
    texts = parts_of(TASKS[name].items[0])
    has_passage = name in WITH_PASSAGES
    assert texts[has_passage : has_passage + len(expected)] == expected
    assert [text[0][0] for text in texts[:has_passage]] == ["passage"] * has_passage


def test_a_last_word_is_the_answer_and_all_before_it_the_prompt() -> None:
    for item in TASKS["completion/lambada_openai"].items:
        ((before, after),) = parts_of(item)
        assert (before[0], after[0]) == ("prompt", "answer")
        assert len(before[1].split()) > 20
        assert len(after[1].split()) == 1


def test_a_document_is_one_text() -> None:
    for item in TASKS["lm/lm1b"].items:
        ((piece,),) = item.texts
        assert piece.part == "prompt"


def test_labels_that_every_example_has_are_no_texts() -> None:
    for name in ("superglue/rte", "superglue/boolq", "nli/hans", "glue/sst2"):
        for item in TASKS[name].items:
            assert not [piece for text in item.texts for piece in text if piece.part == "choices"]


CUTS: list[tuple[str, dict[str, Any], dict[str, list[str]], str, list[list[tuple[str, str]]]]] = [
    (  # case and punctuation may be others, and a piece begins with the white space behind it
        "Q: *Where* is it?\nA:| here",
        {"question": "where is it", "answer": "Here"},
        {"answer": ["Here"]},
        "Here",
        [[("prompt", "*Where* is it?\n"), (TEMPLATE, "A: "), ("answer", "here")]],
    ),
    (  # nothing reaches over a passage; template around it goes
        "Title: Old Mills\nText: A mill grinds all the corn.\nQ: What does it grind?\nA:| corn",
        {"title": "Old_Mills", "text": "A mill grinds all the corn .", "question": "What does it grind?"},
        {"passage": ["A mill grinds all the corn ."], "answer": ["corn"]},
        "corn",
        [[("prompt", "Old Mills")], [("prompt", "What does it grind?\n"), (TEMPLATE, "A: "), ("answer", "corn")]],
    ),
    (  # a blank is filled
        "It was red because the apple was very ripe.\nAnswer:| x",
        {"sentence": "It was red because the _ was very ripe.", "option": "apple"},
        {"answer": ["x"], "choices": ["apple"]},
        "x",
        [
            [
                ("prompt", "It was red because the "),
                ("choices", "apple "),
                ("prompt", "was very ripe.\n"),
                (TEMPLATE, "Answer: "),
                ("answer", "x"),
            ]
        ],
    ),
    (  # tokens of a sentence are no reason to take the template for the example's
        "The dog that ate ran. The one that ran:| dog",
        {"sentence": "The dog that ate ran.", "tokens": ["The", "dog", "that", "ate", "ran", "."]},
        {"answer": ["dog"]},
        "dog",
        [[("prompt", "The dog that ate ran. "), (TEMPLATE, "The one that ran: "), ("answer", "dog")]],
    ),
    ("Say it:|", {}, {}, "", []),
]


@pytest.mark.parametrize(("text", "row", "parts", "choice", "expected"), CUTS)
def test_a_text_is_taken_apart(
    text: str,
    row: dict[str, Any],
    parts: dict[str, list[str]],
    choice: str,
    expected: list[list[tuple[str, str]]],
) -> None:
    context, _, completion = text.partition("|")
    texts = take_apart(context + completion, len(context), known(row, parts, 1000), choice, "answer")
    assert [[(piece.part, piece.text) for piece in one] for one in texts] == expected


def test_what_is_known_of_a_row_comes_longest_first() -> None:
    row = {"a": "One two", "b": ["three", {"c": "four five six"}], "d": 7, "e": "x", "f": "", "g": "yes", "h": "y" * 99}
    expected: dict[Words, str] = {("four", "five", "six"): "prompt", ("one", "two"): "choices", ("three",): "answer"}
    found = known(row, {"answer": ["Three"], "choices": ["three", "one two"], TEMPLATE: ["yes"]}, 50)
    assert list(found.items()) == list(expected.items())


HEAD = {"more": 'passage = ["story"]'}
GOLD = '[generation]\nreferences = "answer"'
TEMPLATE_OF_ONE = "{{ story }}\nQ: {{ question }}\n{% completion %}A: {{ choice }}"
ROWS: list[dict[str, Any]] = [{"story": "A cat sat.", "question": "Who sat there?", "answer": ["a cat", "the cat"]}]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def read(shelf: Shelf, **options: Any) -> TaskItems:
    (one,), _ = read_items(["s/a"], data_dir=shelf.folder / "data", library=[shelf.folder], **options)
    return one


def test_the_passage_of_a_task_is_named_in_its_file(shelf: Shelf) -> None:
    shelf.task(GOLD, TEMPLATE_OF_ONE, ROWS, **HEAD)
    assert parts_of(read(shelf).items[0]) == [
        [("passage", "A cat sat.")],
        [("prompt", "Who sat there?\n"), (TEMPLATE, "A: "), ("answer", "a cat")],
        [("answer", "the cat")],
    ]
    assert read(shelf).lengths == (10,)  # A cat sat. Q: Who sat there? A: a cat


def test_a_passage_of_several_texts_is_one(shelf: Shelf) -> None:
    shelf.task(GOLD, "{{ story | join(' ') }} {{ question }}{% completion %} {{ choice }}",
               [{**ROWS[0], "story": ["A cat sat down.", "", "It slept all day."]}], **HEAD)  # fmt: skip
    texts = parts_of(read(shelf).items[0])
    assert texts[0] == [("passage", "A cat sat down.\n"), ("passage", "It slept all day.")]
    assert texts[1] == [("prompt", "Who sat there? "), ("answer", "a cat")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "Who?", "answer": "x"}, "s/a, example 1: no column 'story', which "),
        ({**ROWS[0], "story": 7}, "s/a, example 1: the passage 'story' has to be a text, or hold texts, and is 7"),
    ],
)
def test_a_row_without_its_passage_is_an_error(shelf: Shelf, row: dict[str, Any], message: str) -> None:
    shelf.task(GOLD, "{{ question }}{% completion %} {{ choice }}", [row], **HEAD)
    with pytest.raises(DataError) as caught:
        read(shelf)
    assert str(caught.value).startswith(message)


def test_a_prompt_that_cannot_be_rendered_is_an_error(shelf: Shelf) -> None:
    shelf.task(GOLD, "{{ tale }}{% completion %} {{ choice }}", ROWS)
    with pytest.raises(PromptError, match="tale"):
        read(shelf)


def test_what_cannot_be_had_is_told(shelf: Shelf) -> None:
    shelf.task(GOLD, TEMPLATE_OF_ONE, ROWS)
    with pytest.raises(DataNotFoundError, match="no split 'train'"):
        read(shelf, split="train")


def test_a_limit_and_a_protocol_are_those_of_a_run() -> None:
    (boolq,), missing = read_items(["superglue/boolq"], data_dir="samples", limit=3, protocol="gpt3")
    assert not missing
    assert boolq.items == TASKS["superglue/boolq"].items[:3]
    assert (boolq.prompt, boolq.split) == (TASKS["superglue/boolq"].prompt, "validation")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "length"),
    [
        ("qa/triviaqa", 10),
        ("commonsense/arc_easy", 11),
        ("scramble/reversed_words", 2),
        ("scramble/random_insertion_in_word", 7),
    ],
)
def test_lengths_are_those_that_gpt3_took_its_n_from(shared: Path, name: str, length: int) -> None:
    """Brown et al. 2020, table C.1: N is the 5th percentile of an example's length in words."""
    (one,), _ = read_items([name], data_dir=shared / "data")
    assert sorted(one.lengths)[int(0.05 * (len(one.lengths) - 1))] == length


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "answers"),
    [("commonsense/winogrande", 1267), ("commonsense/piqa", 1838), ("qa/triviaqa", 1000), ("superglue/copa", 100)],
)
def test_real_data(shared: Path, name: str, answers: int) -> None:
    (one,), _ = read_items([name], data_dir=shared / "data")
    assert sum(any(piece.part == "answer" for piece in item.texts[0]) for item in one.items) == answers
