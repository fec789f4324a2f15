"""Causal language models from transformers: loaded from a folder or the hub, placed by accelerate, scored plainly."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
)
from transformers.utils import cached_file, logging
from transformers.utils.hub import extract_commit_hash

from evalkit.engine import plain
from evalkit.errors import ModelError
from evalkit.models import tokens
from evalkit.models.base import DTYPES, Identity
from evalkit.models.weights import version_of
from evalkit.schema import Request, Response


class CausalModel:
    """A transformers model and its tokenizer, behind the `Model` protocol."""

    def __init__(self, model: Any, tokenizer: Any, name: str, version: str, batch_size: int = 8) -> None:
        """Wrap what is loaded already; the model goes into evaluation mode."""
        self._model, self._tokenizer, self._batch_size = model.eval(), tokenizer, batch_size
        self._begin = tokens.beginning(tokenizer)
        dtype = str(model.dtype).removeprefix("torch.")
        parameters = sum(weight.numel() for weight in model.parameters())
        self._identity = Identity(
            name, version, "causal", dtype, str(model.device), parameters, _window(model.config, tokenizer)
        )

    @classmethod
    def load(
        cls,
        name: str,
        *,
        label: str | None = None,
        revision: str | None = None,
        dtype: str = "auto",
        device: str | None = None,
        batch_size: int = 8,
        trust_remote_code: bool = False,
    ) -> "CausalModel":
        """Load a model from a local folder or by its hub id.

        Args:
            label: what to call it; None is the hub id, or the folder's own name.
            dtype: one of `base.DTYPES`; `auto` is what the weights are stored in.
            device: a torch device, or None for what accelerate finds.

        Raises:
            ModelError: it cannot be found or loaded, or is no causal language model.
        """
        if dtype not in DTYPES:
            raise ModelError(f"no dtype {dtype!r}; there is {', '.join(DTYPES)}")
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            state = PartialState()
            if state.num_processes > 1:
                raise ModelError("one process only: start evalkit without `accelerate launch`")
            commit = _commit(name, revision)
            shared = {"revision": commit or revision, "trust_remote_code": trust_remote_code}
            config = AutoConfig.from_pretrained(name, **shared)
            if getattr(config, "is_encoder_decoder", False) or not _is_causal(config):
                raise ModelError(f"{name} ({config.model_type}) is no causal language model; only those are scored yet")
            tokenizer = AutoTokenizer.from_pretrained(name, **shared)
            model, report = AutoModelForCausalLM.from_pretrained(
                name, dtype=dtype if dtype == "auto" else getattr(torch, dtype), output_loading_info=True, **shared
            )
            if missing := sorted(report["missing_keys"]):  # transformers would fill them with random numbers
                raise ModelError(f"{name}: the weight files lack {len(missing)} of the weights, such as {missing[0]}")
            model = model.to(device or state.device)
        except ModelError:
            raise
        except Exception as error:  # safetensors, tokenizers, pickle and the hub each have their own
            raise ModelError(_not_loaded(name, error)) from None
        version = version_of(name, commit)
        return cls(
            model, tokenizer, label or (Path(name).resolve().name if Path(name).is_dir() else name), version, batch_size
        )

    @property
    def identity(self) -> Identity:
        """See `Model.identity`."""
        return self._identity

    def encode(self, pairs: Sequence[tuple[str, str]]) -> list[Request]:
        """See `Model.encode`."""
        requests = tokens.encode(self._tokenizer, pairs)
        known = len(self._model.get_input_embeddings().weight)
        highest = max((max(*request.context, *request.completion) for request in requests), default=0)
        if highest >= known:
            raise ModelError(
                f"the tokenizer gives token {highest}, and the model knows only {known}: they do not match"
            )
        return requests

    def shorten(self, request: Request, tokens: int) -> Request:
        """See `Model.shorten`."""
        begin = len(self._begin)
        if begin + tokens > len(request.context) or (begin == 0 and tokens == len(request.context)):
            raise ModelError(
                f"the completion alone has {len(request.completion)} tokens, "
                f"more than the model's window of {self._identity.window}"
            )
        return Request(request.context[:begin] + request.context[begin + tokens :], request.completion)

    def score(self, requests: Sequence[Request], progress: Callable[[int, int], None]) -> list[Response]:
        """See `Model.score`."""
        return plain.score(self._model, requests, self._batch_size, progress)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """See `Model.pieces`."""
        return [self._piece(token) for token in ids]

    def _piece(self, token: int) -> str:
        text: str = self._tokenizer.decode([token])
        begins_word = self._tokenizer.convert_ids_to_tokens(token).startswith("▁")
        return f" {text}" if begins_word and not text.startswith(" ") else text


def _commit(name: str, revision: str | None) -> str | None:
    """The commit on the hub that a branch or tag stands at, None for a folder; everything is loaded from that one."""
    if Path(name).is_dir():
        return None
    commit: str | None = extract_commit_hash(cached_file(name, "config.json", revision=revision), None)
    return commit


def _is_causal(config: Any) -> bool:
    if config.model_type in MODEL_FOR_MASKED_LM_MAPPING_NAMES:  # reads both ways, unless it says otherwise
        return bool(getattr(config, "is_decoder", False) or getattr(config, "causal", False))
    endings = ["CausalLM", "LMHead"]
    if config.model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:  # models of text and images keep their text part there
        endings.append("ForConditionalGeneration")
    names = getattr(config, "architectures", None) or ["ForCausalLM"]
    return any(ending in name for name in names for ending in endings)


def _window(config: Any, tokenizer: Any) -> int:
    """Tokens that the model can read at once, by the names that configurations give it."""
    for key in ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length"):
        value = getattr(config.get_text_config(), key, None)
        if isinstance(value, int) and value > 0:
            return value
    limit = tokenizer.model_max_length
    return int(limit) if limit and math.isfinite(limit) and limit < 1e9 else 2048


def _not_loaded(name: str, error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    brief = f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
    if Path(name).exists():
        return f"cannot load a model from {name}: {brief}"
    return (
        f"cannot load the model {name!r}: {brief}. It is no local folder, and the hub (or its cache) does not give it. "
        "Give a folder with config.json, weights and tokenizer, an id on the hub, or `demo` for the small model that "
        "comes with evalkit"
    )
