"""Which model, and which version of lm_eval, a results file is of."""

from collections.abc import Mapping
from typing import Any

from evalkit.errors import InterchangeError

_NAMES = ("peft", "delta", "pretrained", "model", "path", "engine")  # lm_eval's own order


def model_of(content: Mapping[str, Any], settings: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The model as a manifest has it; of what the file does not tell, texts are `unknown` and numbers 0.

    Raises:
        InterchangeError: it is not named.
    """
    arguments = _arguments(settings.get("model_args"))
    named = [content.get("model_name"), *(arguments.get(key) for key in _NAMES), settings.get("model")]
    name = next((str(one) for one in named if one), "")
    if not name:
        raise InterchangeError(
            f"{where}: no model is named (neither model_name, nor config.model_args, nor config.model). "
            'Write it into the file: "model_name": "..."'
        )
    dtype = settings.get("model_dtype") or arguments.get("dtype") or settings.get("dtype")
    version = settings.get("model_sha") or settings.get("model_revision") or arguments.get("revision") or "unknown"
    window = content.get("max_length")
    parameters = settings.get("model_num_parameters")
    return {
        "name": name,
        "version": str(version)[:12],
        "kind": str(settings.get("model") or content.get("model_source") or "unknown"),
        "dtype": str(dtype).removeprefix("torch.") if dtype else "unknown",
        "device": str(settings.get("device") or "unknown"),
        "parameters": parameters if isinstance(parameters, int) and parameters > 0 else 0,
        "window": window if isinstance(window, int) and window > 0 else 0,
    }


def program_of(content: Mapping[str, Any]) -> str:
    """`lm_eval:0.4.13`; of a file that does not say, the commit, or 0.3 by its shape."""
    if version := content.get("lm_eval_version"):
        return f"lm_eval:{version}"
    if commit := content.get("git_hash"):
        return f"lm_eval:git-{commit}"
    return "lm_eval:0.4" if "configs" in content else "lm_eval:0.3"


def _arguments(given: object) -> dict[str, str]:
    """Model arguments: an object, or `pretrained=gpt2,dtype=float16`."""
    if isinstance(given, dict):
        return {str(key): str(value) for key, value in given.items()}
    if not isinstance(given, str):
        return {}
    return {key: value for key, _, value in (part.partition("=") for part in given.split(",")) if value}
