"""The demo model: a tiny language model trained from scratch on generated text, for `make demo` and tests.

`FOLDER` holds its weights, tokenizer and configuration; `train.py` makes them again.
"""

from pathlib import Path

FOLDER: Path = Path(__file__).parent / "weights"
