"""How the weights of the demo model begin: random, but for two kinds of attention heads that small models learn late.

In layer 0, the first head looks at the token before. In layer 1, the first head looks for the place where the current
token stood before, and copies what came after it (an induction head, Olsson et al. 2022). To begin near a known
pattern of attention follows Trockman and Kolter 2023 (mimetic initialisation); training is free to change all of it.
"""

from typing import Final

import torch
from transformers import LlamaForCausalLM

CONSTANT: Final = 3.0  # the first entry of each embedding, in standard deviations of the others
SHARPNESS: Final = 1.7
MATCH: Final = 3.0
LOUDNESS: Final = 2.0
COPY: Final = 15.0
QUIET: Final = 0.3


def _orthonormal(hidden: int) -> torch.Tensor:
    """Orthonormal rows, shape (hidden - 1, hidden), in random order of direction; none uses the first entry."""
    base: torch.Tensor = torch.linalg.qr(torch.randn(hidden - 1, hidden - 1))[0]
    return torch.cat([torch.zeros(hidden - 1, 1), base], dim=1)


def _look_back(head_size: int, base: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Query and key of a head that, under rotary embeddings, scores the position one before highest."""
    frequencies = base ** (-torch.arange(0, head_size, 2) / head_size)
    loud = torch.zeros(head_size // 2)
    loud[:4] = torch.tensor([2.0, 1.4, 1.0, 1.0])  # the pairs that turn fast; slow ones cannot tell neighbours apart
    return torch.cat([loud, loud * 0]), torch.cat([loud * frequencies.cos(), loud * frequencies.sin()])


def shape_attention(model: LlamaForCausalLM) -> None:
    """Set the first heads of layers 0 and 1 in place, and a constant entry of the embeddings that they rely on."""
    size = model.config.hidden_size // model.config.num_attention_heads
    hidden = model.config.hidden_size
    slow = torch.arange(size) % (size // 2) >= size // 5  # the rotary pairs that turn little
    rank = int(slow.sum())
    base = _orthonormal(hidden)
    read, write, copied = torch.zeros(size, hidden), torch.zeros(size, hidden), base.roll(size // 4, 0)[-size:]
    read[slow], write[slow] = base[:rank], base[rank : 2 * rank]
    query, key = _look_back(size, model.config.rope_parameters["rope_theta"])
    with torch.no_grad():
        embeddings = model.model.embed_tokens.weight
        embeddings[:, 0] = CONSTANT * embeddings.std()
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight *= QUIET
            layer.mlp.down_proj.weight *= QUIET
        first, second = (model.model.layers[index].self_attn for index in (0, 1))
        for projection, direction in ((first.q_proj, query), (first.k_proj, key)):
            projection.weight[:size] = 0.0
            projection.weight[:size, 0] = SHARPNESS * direction
        first.v_proj.weight[:size] = LOUDNESS * read * embeddings.std()
        first.o_proj.weight[:, :size] = write.T
        second.q_proj.weight[:size] = MATCH * read
        second.k_proj.weight[:size] = MATCH * write
        second.v_proj.weight[:size] = COPY * copied * embeddings.std()
        second.o_proj.weight[:, :size] = copied.T
