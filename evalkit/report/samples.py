"""The samples that a page carries: rows of the log in, one entry per task and prompt out, with what is shown."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evalkit.contamination.overlaps import DIRTY
from evalkit.runs.manifest import Manifest

SHOWN = 40  # samples of each setting that the page carries, and as many more that are dirty
LONG = 20_000  # characters of one text that the page carries

Row = Mapping[str, Any]
Status = Callable[[Row], str]


def groups(manifest: Manifest, samples: Sequence[Row], status: Status) -> list[dict[str, Any]]:
    """Samples by task and prompt, then by shots and seed; `status` says clean, dirty, unscored or nothing of each."""
    settings: dict[tuple[str, str], dict[tuple[int, int], list[Row]]] = {}
    for sample in samples:
        inner = settings.setdefault((sample["task"], sample["prompt"]), {})
        inner.setdefault((sample["shots"], sample["seed"]), []).append(sample)
    asked = {(one["task"], one["prompt"]): one for one in manifest.tasks}
    return [
        {
            "task": task,
            "prompt": prompt,
            "description": asked[task, prompt]["description"],
            "is_judged": asked[task, prompt]["judged"],
            "kind": asked[task, prompt]["answer"],
            "is_offensive": asked[task, prompt]["offensive"],
            "attributes": {one["label"]: one["attribute"] for one in asked[task, prompt]["scorers"]},
            "settings": _settings(inner, status),
        }
        for (task, prompt), inner in settings.items()
    ]


def clip(text: str) -> str:
    """The text, or its beginning where it is a whole document."""
    left = len(text) - LONG
    return text if left <= 0 else f"{text[:LONG]} ... and {left:,} more characters"


def title(row: Row) -> str:
    """The beginning of the item's text, on one line."""
    beginnings = (*row["contexts"], *row["completions"], *row["written"])
    words = " ".join(next((text for text in beginnings if text), "")[:LONG].split())
    return words if len(words) <= 90 else words[:89] + "…"


def anchor(row: Row) -> str:
    """Where on the page a sample stands, if the page carries it: names may hold anything, so it is a hash."""
    names = [str(row[key]) for key in ("task", "prompt", "shots", "seed", "id")]
    return "s-" + hashlib.sha256("\0".join(names).encode()).hexdigest()[:12]


def _settings(inner: Mapping[tuple[int, int], Sequence[Row]], status: Status) -> list[dict[str, Any]]:
    return [
        {
            "shots": shots,
            "seed": seed,
            "total": len(rows),
            "right": sum(row["correct"] for row in rows),
            "dirty": sum(status(row) == DIRTY for row in rows),
            "samples": [
                {**row, "title": title(row), "anchor": anchor(row), "texts": _texts(row), "status": status(row)}
                for row in _chosen(rows, status)
            ],
        }
        for (shots, seed), rows in sorted(inner.items())
    ]


def _chosen(rows: Sequence[Row], status: Status) -> list[Row]:
    """The first rows, and the first dirty ones after these."""
    return [*rows[:SHOWN], *[row for row in rows[SHOWN:] if status(row) == DIRTY][:SHOWN]]


def _texts(row: Row) -> list[dict[str, Any]]:
    """What was written, each text with its scores; the other beams stand below the first, without a log-probability."""
    texts: list[dict[str, Any]] = []
    for place, text in enumerate(row["written"]):
        told = {key: row[f"written_{key}"][place] for key in ("tokens", "logprobs")}
        texts.append({"text": text, "reason": row["reasons"][place], **told})
        texts.extend({"text": other, "reason": "", "tokens": None, "logprobs": None} for other in row["others"][place])
    for place, text in enumerate(texts):
        text["scores"] = [one["values"][place] for one in row["scores"]] if not _is_redacted(row) else []
    return texts


def _is_redacted(row: Row) -> bool:
    """Whether the other beams are gone, so that the scores are not those of the texts that are left."""
    return any(len(one["values"]) != sum(1 + len(others) for others in row["others"]) for one in row["scores"])
