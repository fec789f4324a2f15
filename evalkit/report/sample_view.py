"""What the browser shows of one sample: a row of the log in, texts and numbers as they stand on the page out.

`target`: the texts that are right. `instruction`, `shots` (numbers of the section's shots), `contexts` (one; or one for
each completion, where they differ) and `completions`: the prompt. `logprobs`: those of the completions, in nats;
`lengths`: what each normalisation divides them by; `more`: what others make of them; `ranks`: the normalisation that
ranked. `told`: what is to be said of each completion; `chosen`: the number of the chosen one.
`written`: what the model wrote, the other beams too; `marks`: where in each the answer stands; `ends`: how each ended,
and its scores. `facts`: names and texts of all the rest.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evalkit.report.summary import shots_text

TEXTS = ("target", "contexts", "completions", "written")  # that are searched in
_DIGITS = 4
_LENGTHS = {"none": None, "token": "tokens", "byte": "bytes", "char": "chars"}

Row = Mapping[str, Any]


def shown(row: Row, told: Mapping[str, Any], shots: Sequence[int]) -> dict[str, Any]:
    """The sample of a row, where the manifest says this of its task and prompt."""
    is_ranked = not row["written"]
    right = [row["choices"][place] or f"choice {place + 1}" for place in row["targets"]]
    return {
        "target": list(dict.fromkeys(right)) if told["judged"] else [],  # several people may have given one
        **{key: row[key] for key in ("instruction", "contexts")},
        "completions": [text or f"choice {place + 1}" for place, text in enumerate(row["completions"])],
        **_numbers(row),
        "told": [_told(row, told, place) for place in range(len(row["completions"]))],
        "chosen": row["prediction"] if is_ranked and (told["judged"] or told["answer"] == "preference") else None,
        **_written(row, told),
        "facts": list(_facts(row, told)),
        "shots": list(shots),
    }


def _numbers(row: Row) -> dict[str, Any]:
    """Lengths are the same in every setting, which keeps the page small; a browser can divide by them."""
    is_ranked = len(row["completions"]) > 1 and not row["written"]
    more: dict[str, list[float | None]] = {}
    if row["unconditional"] and None not in row["unconditional"]:
        pairs = zip(row["logprobs"], row["unconditional"], strict=True)
        more["unconditional"] = [_short(value - bare) for value, bare in pairs]
    if row["shared"] and None not in row["shared"]:
        more["shared"] = [_short(value) for value in row["shared"]]
    return {
        "logprobs": [_short(value) for value in row["logprobs"]],
        "lengths": {name: row[key] if key else [1] * len(row["logprobs"]) for name, key in _LENGTHS.items()},
        "more": more,
        "ranks": row["normalisation"] if is_ranked else "",
    }


def _told(row: Row, told: Mapping[str, Any], place: int) -> str:
    is_chosen = place == row["prediction"] and not row["written"]
    words = [
        row["roles"][place] if row["roles"] else "",
        "preferred" if is_chosen and told["answer"] == "preference" else "",
        "chosen" if is_chosen and told["judged"] else "",
        "target" if told["judged"] and place in row["targets"] else "",
        f"{row['tokens'][place]} token{'s' if row['tokens'][place] != 1 else ''}",
    ]
    return ", ".join(word for word in words if word)


def _written(row: Row, told: Mapping[str, Any]) -> dict[str, Any]:
    texts: list[str] = []
    ends: list[str] = []
    for place, text in enumerate(row["written"]):
        tokens, logprob = row["written_tokens"][place], row["written_logprobs"][place]
        ending = f"ended by {row['reasons'][place]}, {tokens} token{'s' if tokens != 1 else ''}, "
        texts += [text, *row["others"][place]]
        ends += [f"{ending}log-probability {logprob:.2f}", *("another beam" for _ in row["others"][place])]
    attributes = {one["label"]: one["attribute"] for one in told["scorers"]}
    for score in row["scores"]:
        if len(score["values"]) == len(texts):  # a redacted log has the scores of the other beams without these
            name = f"{attributes.get(score['scorer'], '')} {score['scorer']}".strip()
            ends = [f"{end}; {name} {value:.3f}" for end, value in zip(ends, score["values"], strict=True)]
    answer = row["text"] if told["judged"] else ""
    marks = [_mark(text, answer, told["answer"]) for text in texts]
    return {"written": texts, "ends": ends, "marks": marks}


def _mark(text: str, answer: str, kind: str) -> list[int]:
    """Where the answer begins and ends in UTF-16, as the browser counts. What was reasoned comes before the answer;
    otherwise an answer that the text begins with is the one.
    """
    is_first = kind != "chain_of_thought" and text.strip().startswith(answer)
    at = (text.find if is_first else text.rfind)(answer) if answer else -1
    return [_units(text[:at]), _units(text[: at + len(answer)])] if at >= 0 else [0, 0]


def _facts(row: Row, told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if told["judged"] and row["written"] and row["text"]:
        yield "answer", row["text"]
    for entry in row["breakdown"]:
        yield "part", entry
    if lost := row["shots"] - row["effective_shots"]:
        yield "window", f"{shots_text(lost)} of {row['shots']} did not fit"
    if row["truncated"]:
        yield "cut", f"{row['truncated']:,} token{'s' if row['truncated'] != 1 else ''} of the context"
    if row["tied"]:
        yield "tie", "several best; the first was taken"


def _short(value: float) -> float | None:
    """JSON has no number that is none."""
    return round(value, _DIGITS) if math.isfinite(value) else None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
