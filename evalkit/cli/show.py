"""Shows one item as a model is asked it: instruction, shots, item, completions, and where the tokens part."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from evalkit.evaluation.ask import Asker
from evalkit.evaluation.prepare import Prepared
from evalkit.models.base import Model
from evalkit.models.fake import FakeModel
from evalkit.report.summary import shots_text
from evalkit.schema import Request, TextRequest

BOUNDARY = "┃"
_SHOT_STYLES = ("cyan", "magenta")


def show_asked(prepared: Prepared, place: int, shots: int, seed: int, model: Model | None) -> None:
    """Print the item at a place with its shots; with a model, every token too."""
    console = Console(highlight=False, soft_wrap=True)
    asked = Asker(prepared, model or FakeModel(window=10**9)).ask_one(place, shots, seed)
    example, shown = asked.query.example, len(asked.query.shots)
    console.print(
        f"{prepared.task.name}, prompt {prepared.prompt.name}, item {example.id}, {shots_text(shown)}"
        + (f" ({prepared.mode}, seed {seed})" if shots else ""),
        style="bold",
    )
    if shown < shots:
        console.print(
            f"{shots - shown} of {shots_text(shots)} do not fit the model's window and are left out", style="yellow"
        )
    if asked.truncated:
        console.print(f"{asked.truncated} tokens of the context do not fit either and are cut off", style="yellow")
    console.rule(style="dim")
    console.print(_prompt(asked.texts))
    console.rule("what is scored", style="dim")
    for index, text in enumerate(asked.texts):
        right = index in example.targets
        differs = text.context if len({one.context for one in asked.texts}) > 1 else ""
        shown_text = Text.assemble(differs, (BOUNDARY, "bold red"), (text.completion, "green" if right else ""))
        console.print(shown_text.append("  (right)", style="green dim") if right else shown_text)
    if model is not None:
        console.rule(f"tokens of {model.identity.name}", style="dim")
        for request in asked.requests:
            console.print(_tokens(model, request))


def _prompt(texts: Sequence[TextRequest]) -> Text:
    """The text before the completion; of the item itself, what all completions share."""
    first = texts[0]
    shown = Text(first.instruction, style="yellow")
    for index, shot in enumerate(first.shots):
        shown.append(shot, style=_SHOT_STYLES[index % len(_SHOT_STYLES)])
    if len({text.context for text in texts}) > 1:
        return shown.append("(the context differs by choice; see below)", style="dim")
    bare = len(first.context) - len(first.cue)
    shown.append(first.context[:bare]).append(first.cue, style="underline")
    return shown.append(BOUNDARY, style="bold red")


def _tokens(model: Model, request: Request) -> Text:
    """Every token of a request between bars, the completion's in bold; line ends stand as ⏎."""
    line = Text(f"{len(request.context)} + {len(request.completion)}: ", style="dim")
    for ids, style in ((request.context, "not dim"), (request.completion, "not dim bold green")):
        if ids is request.completion:
            line.append(BOUNDARY, style="not dim bold red")
        for place, piece in enumerate(model.pieces(ids)):
            line.append("|" if place else "", style="dim blue")
            line.append(piece.replace("\n", "⏎"), style=style)
    return line
