"""Data that try to break out of a page."""

import json
from collections.abc import Sequence
from pathlib import Path

HOSTILE = (
    "<script>alert(1)</script>",
    "</script></pre></details><img src=x onerror=alert(2)>",
    "{{ 7 * 7 }} {% completion %} ${7 * 7} {# no #}",
    "\u202eright to left\u202c and \u0000 a null",
    "日本語 العربية 🙂 e\u0301",
    "<!-- <script> --> ' \" ` \\ &amp; %3Cb%3E",
)


def write_copa(data: Path, texts: Sequence[str]) -> None:
    """COPA with an example for each text, in both splits, below a folder for `--data-dir`."""
    folder = data / "superglue" / "copa"
    folder.mkdir(parents=True)
    for split in ("train", "validation"):
        rows = [
            {"premise": f"{split} {text}", "choice1": f"A {text}", "choice2": f"B {text}", "question": "cause"}
            | {"idx": index, "label": index % 2}
            for index, text in enumerate(texts)
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
