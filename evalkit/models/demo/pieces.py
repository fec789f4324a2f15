"""Documents of the demo corpus as pieces of text with weights: how much a piece counts in the training loss."""

from dataclasses import dataclass
from typing import Final, TypeAlias

PLAIN: Final = 1.0
CHOICE: Final = 2.0
LABEL: Final = 8.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; a tokenizer encodes it by itself, as the harness does a context and its completion."""

    text: str
    weight: float


Pieces: TypeAlias = tuple[Piece, ...]


def labelled(context: str, label: str) -> Pieces:
    """A context and its short answer, such as ` yes`."""
    return (Piece(context, PLAIN), Piece(label, LABEL))


def text(pieces: Pieces) -> str:
    """The pieces joined."""
    return "".join(piece.text for piece in pieces)
