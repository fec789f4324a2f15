"""The walk itself: every prepared task under every setting, asked, scored, judged and measured.

In: prepared tasks and a model. Out: one `Outcome` after another, each complete, so that whoever listens can keep it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from evalkit.evaluation.ask import Asked, Asker
from evalkit.evaluation.fit import extent
from evalkit.evaluation.judge import Replies, judge
from evalkit.evaluation.mark import marked
from evalkit.evaluation.measure import Measured, measure
from evalkit.evaluation.options import Options
from evalkit.evaluation.prepare import Prepared
from evalkit.evaluation.signature import signature
from evalkit.models.base import Model
from evalkit.schema import Sample, Setting


class Listener(Protocol):
    """Is told how far the walk has come."""

    def start(self, settings: int, requests: int) -> None:
        """So many settings lie ahead, with about so many requests."""

    def enter(self, task: str, prompt: str) -> None:
        """A task begins with one of its prompts, under all its settings at once."""

    def advance(self, requests: int, tokens: int) -> None:
        """A batch is done."""

    def mark(self, scorer: str, texts: int, total: int) -> None:
        """A scorer has judged so many more texts of a task, out of so many."""

    def leave(self, measured: Measured) -> None:
        """A setting is done."""


class Silent:
    """A listener that does nothing."""

    def start(self, settings: int, requests: int) -> None:
        """See `Listener.start`."""

    def enter(self, task: str, prompt: str) -> None:
        """See `Listener.enter`."""

    def advance(self, requests: int, tokens: int) -> None:
        """See `Listener.advance`."""

    def mark(self, scorer: str, texts: int, total: int) -> None:
        """See `Listener.mark`."""

    def leave(self, measured: Measured) -> None:
        """See `Listener.leave`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A setting's samples and numbers; how many UTF-8 bytes its texts have, and how many tokens these became."""

    measured: Measured
    samples: tuple[Sample, ...]
    text_bytes: int
    text_tokens: int


def walk(model: Model, prepared: Sequence[Prepared], options: Options, listener: Listener) -> Iterator[Outcome]:
    """Run every prepared task under every shot count and seed. The settings of a task are scored together, since they
    share much of their texts.

    Raises:
        EvalkitError: a template does not fit a row, or the model gives what cannot be used.
    """
    each = [(one, settings(one, options)) for one in prepared]
    listener.start(
        sum(len(several) for _, several in each), sum(_requests(one) * len(several) for one, several in each)
    )
    for one, several in each:
        listener.enter(one.task.name, one.prompt.name)
        asker = Asker(one, model)
        asked = {setting: asker.ask(setting.shots, setting.seed) for setting in several}
        replies = _replies(model, [each_asked for all_asked in asked.values() for each_asked in all_asked], listener)
        judged = {
            setting: tuple(judge(one, setting, each_asked, replies) for each_asked in all_asked)
            for setting, all_asked in asked.items()
        }
        for setting, samples in marked(judged, one.scorers, listener.mark).items():
            label = signature(one, setting, model.identity, options.limit)
            measured = measure(one, setting, samples, label)
            sizes = [extent(each_asked.fitted) for each_asked in asked[setting]]
            yield Outcome(measured, samples, sum(size for size, _ in sizes), sum(tokens for _, tokens in sizes))
            listener.leave(measured)


def settings(prepared: Prepared, options: Options) -> list[Setting]:
    """The settings to run a task under: every seed with every shot count. Without shots a seed changes nothing unless
    texts are drawn, so 0 runs under the first alone.
    """
    drawn = prepared.decoding is not None and prepared.decoding.temperature > 0
    return [
        Setting(prepared.task.name, prepared.prompt.name, shots, seed)
        for seed in options.seeds
        for shots in prepared.shots
        if shots > 0 or drawn or seed == options.seeds[0]
    ]


def _replies(model: Model, asked: Sequence[Asked], listener: Listener) -> Replies:
    scored = [request for each in asked for request in each.scored]
    writes = [request for each in asked for request in each.writes]
    return Replies(
        iter(model.score(scored, listener.advance) if scored else ()),
        iter(model.generate(writes, listener.advance) if writes else ()),
    )


def _requests(prepared: Prepared) -> int:
    if prepared.decoding is not None:
        return prepared.decoding.samples * len(prepared.examples)
    each = 2 if prepared.normalisation == "unconditional" else 1
    return each * sum(len(example.choices) for example in prepared.examples)
