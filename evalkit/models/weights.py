"""Which weights a model has: the hub's commit, or a hash over the weight files of a folder."""

import hashlib
from pathlib import Path

UNKNOWN = "unknown"

_WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.gguf", "config.json")
_CODE = ("*.py",)
_TOKENIZER = ("tokenizer*", "vocab*", "merges.txt", "*.model", "added_tokens.json", "special_tokens_map.json")


def version_of(name: str, commit: str | None) -> str:
    """The first twelve hexadecimal digits of the commit, or of a SHA-256 over a folder's weights, tokenizer and code;
    `UNKNOWN` if there is neither.
    """
    if commit:
        return commit[:12]
    folder = Path(name)
    if not folder.is_dir():
        return UNKNOWN
    total = hashlib.sha256()
    patterns = (*_WEIGHTS, *_CODE, *_TOKENIZER)
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}):
        with path.open("rb") as file:
            total.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()[:12]
