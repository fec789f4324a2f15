"""Attention over the pieces of a batch: the function that stands in for a model's own while the engine runs it.

transformers lets a model's attention be replaced by a registered function, which gets one row of queries, keys and
values, positions already applied. Every piece is attended by itself: to the keys and values of the trunks it follows,
and within itself as its tree says. Trunks that later batches follow are kept, layer by layer.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from evalkit.engine.plan import Batch, Piece

NAME = "evalkit"
KeysValues = tuple[torch.Tensor, torch.Tensor]  # each of shape [1, heads, tokens, dimensions]
Kept = dict[int, dict[int, KeysValues]]  # by trunk, by layer

_UNKNOWN = ("softcap", "s_aux", "sinks", "position_bias", "head_mask", "alibi")  # what some models add to the scores


class Unshareable(Exception):  # noqa: N818  # an answer, not a fault
    """The model's attention does something that pieces cannot."""


@dataclass(frozen=True, slots=True)
class _Running:
    """The batch that the model reads at the moment. `masks` are added to the scores, one per piece (None: causal)."""

    batch: Batch
    kept: Kept
    masks: Sequence[torch.Tensor | None]
    block: int


_running: ContextVar[_Running] = ContextVar("running")


@contextmanager
def running(
    batch: Batch, kept: Kept, lengths: Mapping[int, int], block: int, dtype: torch.dtype, device: Any
) -> Iterator[None]:
    """While this lasts, `attend` serves the batch; what it keeps goes into `kept`. `lengths` are the tokens of every
    trunk that the batch follows or has.
    """
    masks = [
        None
        if not piece.path and piece.is_chain and piece.stop - piece.start <= block
        else mask(piece, sum(lengths[trunk] for trunk in piece.path), dtype).to(device)
        for piece in batch.pieces
    ]
    token = _running.set(_Running(batch, kept, masks, block))
    try:
        yield
    finally:
        _running.reset(token)


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as transformers' interface has it: shapes [1, heads, tokens, dimensions] in, and out
    [1, tokens, heads, dimensions].
    """
    if found := [name for name in _UNKNOWN if others.get(name) is not None]:
        raise Unshareable(f"its attention takes {found[0]}")
    if others.get("is_causal") is False or not getattr(module, "is_causal", True):
        raise Unshareable("its attention is not causal")
    now, layer = _running.get(), module.layer_idx
    result = query.new_empty(1, query.shape[2], query.shape[1], value.shape[3])
    fresh: dict[int, KeysValues] = {}
    for piece, added in zip(now.batch.pieces, now.masks, strict=True):
        own = slice(piece.start, piece.stop)
        keys, values = key[:, :, own], value[:, :, own]
        if piece.trunk is not None:
            fresh[piece.trunk] = keys, values
        if piece.path:
            before = [fresh[trunk] if trunk in fresh else now.kept[trunk][layer] for trunk in piece.path]
            keys = torch.cat([*(pair[0] for pair in before), keys], dim=2)
            values = torch.cat([*(pair[1] for pair in before), values], dim=2)
        result[0, own] = _piece(query[:, :, own], keys, values, added, scaling, now.block)
    for trunk in now.batch.keep:
        keys, values = fresh[trunk]
        now.kept.setdefault(trunk, {})[layer] = keys.clone(), values.clone()
    return result, None


def _piece(
    query: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    added: torch.Tensor | None,
    scaling: float | None,
    block: int,
) -> torch.Tensor:
    """One piece, block by block of its queries: none sees a key after its block's end. [tokens, heads, dimensions]"""
    tokens, grouped = query.shape[2], query.shape[1] != keys.shape[1]
    if added is None:
        whole = scaled_dot_product_attention(query, keys, values, is_causal=True, scale=scaling, enable_gqa=grouped)
        return whole[0].transpose(0, 1)
    added = added.to(query.device)
    before, parts = keys.shape[2] - tokens, []
    for first in range(0, tokens, block):
        stop = min(first + block, tokens)
        seen = before + stop
        part = scaled_dot_product_attention(
            query[:, :, first:stop],
            keys[:, :, :seen],
            values[:, :, :seen],
            attn_mask=added[first:stop, :seen],
            scale=scaling,
            enable_gqa=grouped,
        )
        parts.append(part[0].transpose(0, 1))
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def mask(piece: Piece, before: int, dtype: torch.dtype) -> torch.Tensor:
    """What is added to a piece's scores, shape [tokens, before + tokens]: 0 where a token sees another, else the least
    number of the dtype.
    """
    return torch.zeros(1, dtype=dtype).where(visible(piece, before), torch.finfo(dtype).min)


def visible(piece: Piece, before: int) -> torch.Tensor:
    """Whom each token of a piece sees, shape [tokens, before + tokens]: all `before`, those above it, and itself."""
    tokens = piece.stop - piece.start
    if piece.is_chain:
        return torch.ones(tokens, before + tokens, dtype=torch.bool).tril(before)
    seen = torch.zeros(tokens, before + tokens, dtype=torch.bool)
    seen[:, :before] = True
    for index, parent in enumerate(piece.parents):
        if parent >= 0:
            seen[index] = seen[parent]
        seen[index, before + index] = True
    return seen


AttentionInterface.register(NAME, attend)
