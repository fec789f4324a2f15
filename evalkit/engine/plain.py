"""The plain runner: whole requests in padded batches through the whole model. Small and obvious, because it is the
reference that sharing is held against; and it takes every causal model, whatever its attention.

Rows are padded on the right, where a causal model's padding cannot reach the tokens before it. Rows of one batch are
of similar length, so that little is padding.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import torch

from evalkit.engine.executor import answers, can_keep_logits, response
from evalkit.schema import Request, Response

WASTE = Fraction(1, 20)  # of a batch's tokens may be padding


def batches(requests: Sequence[Request], budget: int) -> list[list[int]]:
    """The requests' numbers in batches, the longest first: at most `budget` tokens with the padding (but always one
    request), of which less than `WASTE` are padding.
    """
    order = sorted(range(len(requests)), key=lambda number: requests[number].tokens, reverse=True)
    found: list[list[int]] = []
    width = tokens = 0
    for number in order:
        rows, length = (len(found[-1]) + 1 if found else 1), requests[number].tokens
        if found and rows * width <= budget and tokens + length > (1 - WASTE) * rows * width:
            found[-1].append(number)
            tokens += length
        else:
            found.append([number])
            width = tokens = length
    return found


@torch.inference_mode()
def run(model: Any, batch: Sequence[Request]) -> list[Response]:
    """The responses to one batch."""
    rows = [(*request.context, *request.completion)[:-1] for request in batch]
    width = max(map(len, rows))
    ids = torch.tensor([row + (0,) * (width - len(row)) for row in rows], device=model.device)
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows], device=model.device)
    first = min(len(request.context) for request in batch) - 1  # the position that predicts the first scored token
    keep = {"logits_to_keep": width - first} if can_keep_logits(model) else {}
    logits = model(input_ids=ids, attention_mask=mask, use_cache=False, **keep).logits
    if logits.shape[1] == width:
        logits = logits[:, first:]
    return [_respond(row, request, first) for row, request in zip(logits, batch, strict=True)]


def _respond(logits: torch.Tensor, request: Request, first: int) -> Response:
    """One row's answer; `logits` (shape [positions, vocabulary]) begin at position `first`."""
    start = len(request.context) - 1 - first
    count = len(request.completion)
    return response(answers(logits[start : start + count], range(count), request.completion))
