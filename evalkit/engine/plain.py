"""The plain runner: requests in batches of similar length through the whole model. Small and obvious, because it is
the reference that anything faster is held against.

Rows are padded on the right, where a causal model's padding cannot reach the tokens before it; logits are computed
from the first scored position of the batch on, and turned into log-probabilities in float32 whatever the model's
dtype. Equal requests are scored once.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch

from evalkit.schema import Request, Response

Progress = Callable[[int, int], None]  # requests and tokens that a batch has finished


@torch.inference_mode()
def score(model: Any, requests: Sequence[Request], batch_size: int, progress: Progress) -> list[Response]:
    """Score every request, in the order given.

    Args:
        model: a Hugging Face causal language model in evaluation mode.
        requests: each must fit the model's window.
        batch_size: rows per forward pass; the answers do not depend on it.
        progress: called after each batch.
    """
    answers: dict[Request, Response] = {}
    times = dict.fromkeys(requests, 0)
    for request in requests:
        times[request] += 1
    longest_first = sorted(times, key=lambda request: request.tokens, reverse=True)
    for start in range(0, len(longest_first), batch_size):
        batch = longest_first[start : start + batch_size]
        answers.update(zip(batch, _score_batch(model, batch), strict=True))
        progress(sum(times[request] for request in batch), sum(request.tokens for request in batch))
    return [answers[request] for request in requests]


def _score_batch(model: Any, batch: Sequence[Request]) -> list[Response]:
    rows = [(*request.context, *request.completion)[:-1] for request in batch]
    width = max(map(len, rows))
    ids = torch.tensor([row + (0,) * (width - len(row)) for row in rows], device=model.device)
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows], device=model.device)
    first = min(len(request.context) for request in batch) - 1  # the position that predicts the first scored token
    keep = {"logits_to_keep": width - first} if _can_keep(model) else {}
    logits = model(input_ids=ids, attention_mask=mask, use_cache=False, **keep).logits
    if logits.shape[1] == width:
        logits = logits[:, first:]
    return [_respond(row, request, first) for row, request in zip(logits, batch, strict=True)]


def _respond(logits: torch.Tensor, request: Request, first: int) -> Response:
    """One row's answer; `logits` (shape [positions, vocabulary]) begin at position `first`."""
    start = len(request.context) - 1 - first
    targets = torch.tensor(request.completion, device=logits.device)
    logprobs = torch.log_softmax(logits[start : start + len(targets)].float(), dim=-1)
    chosen = logprobs.gather(1, targets[:, None])[:, 0]
    return Response(tuple(chosen.tolist()), bool((logprobs.argmax(dim=-1) == targets).all()))


def _can_keep(model: Any) -> bool:
    return "logits_to_keep" in inspect.signature(model.forward).parameters
