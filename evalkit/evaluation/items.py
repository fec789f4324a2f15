"""What of an evaluation task a training corpus may hold: prepared tasks in, the texts of their examples out.

The texts of an example are its passages; the prompt with the right answer in its place, without its instruction and
cut where a passage stands; and the other choices and references. Of what has no right answer, the prompt with every
choice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.answers.multiple_choice import MultipleChoice
from evalkit.answers.preference import Preference
from evalkit.contamination.base import TEMPLATE, Item, Piece
from evalkit.data.source import Source
from evalkit.errors import DataError
from evalkit.evaluation.options import Options
from evalkit.evaluation.pieces import Text, count_words, known, strings, take_apart, words_of
from evalkit.evaluation.prepare import Prepared, prepare
from evalkit.library import Library
from evalkit.prompts.tags import Parts
from evalkit.schema import Example
from evalkit.tasks.protocol import find_protocol


@dataclass(frozen=True, slots=True)
class TaskItems:
    """The items of a task; `data` is its rows' version as signatures have it, `prompt` the name of the prompt that is
    rendered with the beginning of its digest (`gpt3@1f3a`). The texts of an `offensive` task are not to be shown.
    `lengths` counts the words of each example's prompt as it is rendered, with passage, template and answer (the first
    choice where none is right), without the instruction.
    """

    task: str
    data: str
    split: str
    prompt: str
    offensive: bool
    items: tuple[Item, ...]
    lengths: tuple[int, ...] = ()


def read_items(
    tasks: Sequence[str],
    *,
    data_dir: str | Path | None = None,
    library: Sequence[str | Path] = (),
    split: str | None = None,
    limit: int | None = None,
    protocol: str | None = None,
) -> tuple[list[TaskItems], dict[str, str]]:
    """The items of tasks, and the reasons why some cannot be had; the arguments are those of `evaluate`.

    Under a protocol, a task is rendered with the prompt, and of the split, that the paper used; of several prompts with
    the first.

    Raises:
        EvalkitError: a name stands for nothing, a file or a row is wrong, or no task at all has data.
    """
    shelves = Library.open(library)
    paper = find_protocol(shelves, protocol) if protocol is not None else None
    options = Options(shots=(0,), split=split, limit=limit, protocol=protocol)
    prepared, missing = prepare(shelves, tasks, Source.open(data_dir), options, paper)
    first = {one.task.name: one for one in reversed(prepared)}
    return [items_of(one) for one in prepared if first[one.task.name] is one], missing


def items_of(prepared: Prepared) -> TaskItems:
    """The items of one task.

    Raises:
        DataError: a row lacks a passage, or holds none there.
        PromptError: the prompt cannot be rendered.
    """
    partial = _is_partial(prepared)
    lengths: list[int] = []
    return TaskItems(
        task=prepared.task.name,
        data=prepared.data,
        split=prepared.split,
        prompt=f"{prepared.prompt.name}@{prepared.prompt.digest[:4]}",
        offensive=prepared.task.offensive,
        items=tuple(
            Item(prepared.task.name, example.id, tuple(dict.fromkeys(_texts(prepared, example, partial, lengths))))
            for example in prepared.examples
        ),
        lengths=tuple(lengths),
    )


def _is_partial(prepared: Prepared) -> bool:
    """Whether choices stand before the completion, which is the same after each (partial evaluation)."""
    example = prepared.examples[0]
    if len(example.choices) < 2:
        return False
    one, other = (prepared.prompt.render(example.row, example.choices, place) for place in (0, 1))
    return one.context != other.context and one.completion == other.completion


def _texts(prepared: Prepared, example: Example, partial: bool, lengths: list[int]) -> Iterator[Text]:
    """An example's texts; the words of its first rendering go to the end of `lengths`."""
    passages = [_passage(prepared, example, column) for column in prepared.task.passage]
    yield from (passage for passage in passages if passage)
    places = (*example.targets[:1], *(() if example.targets else range(len(example.choices))))
    rendered = [(place, _parts(prepared, example, place)) for place in places or (None,)]
    lengths.append(count_words(rendered[0][1].context + rendered[0][1].completion))
    for place, parts in rendered:
        if prepared.kind.rolls:
            yield (Piece((parts.context + parts.completion).strip(), "prompt"),)
        else:
            yield from _taken_apart(prepared, example, passages, place, parts, partial)


def _parts(prepared: Prepared, example: Example, place: int | None) -> Parts:
    """The prompt with a choice in its place; None: up to where the model writes."""
    if place is not None:
        return prepared.prompt.render(example.row, example.choices, place)
    parts = prepared.kind.write(example, prepared.prompt)
    assert parts is not None  # without choices the model writes
    return parts


def _passage(prepared: Prepared, example: Example, column: str) -> Text:
    if column not in example.row:
        raise DataError(
            f"{prepared.task.name}, example {example.id}: no column {column!r}, which {prepared.task.path} "
            f"names as a passage. The row's fields: {', '.join(example.row)}"
        )
    value = example.row[column]
    if not isinstance(value, (str, list, tuple, dict)):
        raise DataError(
            f"{prepared.task.name}, example {example.id}: the passage {column!r} has to be a text, or hold texts, and "
            f"is {value!r}"
        )
    texts = [text for text in strings(value) if text.strip()]
    return tuple(Piece(text + "\n" * (place < len(texts)), "passage") for place, text in enumerate(texts, start=1))


def _taken_apart(
    prepared: Prepared, example: Example, passages: Sequence[Text], place: int | None, parts: Parts, partial: bool
) -> Iterator[Text]:
    """The prompt's texts, and then the other choices and references."""
    choices, fixed = example.choices, _is_fixed(prepared)
    right = [choices[target] for target in example.targets]
    text = parts.context + parts.completion
    told: dict[str, Sequence[str]] = {"passage": [piece.text for passage in passages for piece in passage]}
    told.update({TEMPLATE: choices} if fixed else {"answer": right, "choices": choices})
    values = known(example.row, told, 3 * max(map(len, (text, *choices))) + 100)
    ending = None if partial else "answer" if right else "choices"
    yield from take_apart(text, len(parts.context), values, "" if place is None else choices[place], ending)
    if right and not fixed:
        there = f" {' '.join(words_of(text))} "
        for index, choice in enumerate(choices):
            if index != place and f" {' '.join(words_of(choice))} " not in there:
                yield (Piece(choice.strip(), "answer" if index in example.targets else "choices"),)


def _is_fixed(prepared: Prepared) -> bool:
    """Whether the choices are the names of labels, the same for all examples, and so none of their texts."""
    kind = prepared.kind
    return isinstance(kind, (MultipleChoice, Preference)) and isinstance(kind.offer.choices, tuple)
