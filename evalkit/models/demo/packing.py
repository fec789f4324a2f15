"""Documents of the demo corpus as windows of tokens: ids and loss weights of equal length, ready for training."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from evalkit.models.demo.pieces import PLAIN, Pieces


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of tokens, each of which begins with a document.

    Attributes:
        ids: token ids, shape (windows, width), int64.
        weights: what each token counts in the loss when it is predicted, the same shape, float32.
    """

    ids: torch.Tensor
    weights: torch.Tensor


def pack(tokenizer: Tokenizer, documents: Iterable[Pieces], end: int, width: int, number: int) -> Windows:
    """Fill `number` windows of `width` tokens with documents; what does not fit into a window is left out.

    Args:
        tokenizer: encodes each piece by itself.
        documents: more than enough of them.
        end: the id of the token that opens each document and closes the last.
        width: tokens in a window.
        number: how many windows to fill.
    """
    ids = torch.full((number, width), end, dtype=torch.long)
    weights = torch.zeros((number, width))
    stream = iter(documents)
    for row in range(number):
        tokens: list[int] = []
        counts: list[float] = []
        while len(tokens) < width:
            pieces = next(stream)
            tokens.append(end)
            counts.append(PLAIN)
            for piece in pieces:
                found = tokenizer.encode(piece.text, add_special_tokens=False).ids
                tokens += found
                counts += [piece.weight] * len(found)
        ids[row] = torch.tensor(tokens[:width])
        weights[row] = torch.tensor(counts[:width])
    return Windows(ids, weights)
