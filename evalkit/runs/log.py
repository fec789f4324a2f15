"""The sample log: one row per sample, one Parquet file per setting. What a sample becomes, column by column, and what
can be made of a row again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.schema import (
    Example,
    Generated,
    Generation,
    Query,
    Response,
    Sample,
    Scored,
    Setting,
    TextRequest,
)

_TEXT = ("instruction", "text")
_TEXTS = ("choices", "shot_texts", "contexts", "completions", "written")


def to_rows(
    setting: Setting, normalisation: str, samples: Sequence[Sample], statuses: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The log's rows. Lists with one entry per completion: `contexts`, `completions`, `logprobs` (nats), `tokens`,
    `bytes`, `chars`, `unconditional` (nats, or null), `greedy`. A context shared by all completions is written once.
    Lists with one entry per text that the model wrote: `written`, `written_logprobs` (nats), `written_tokens`,
    `reasons`, `others` (the texts of the other beams); `text` is the answer found in them. `breakdown` holds entries
    `column=value`, `scores` one entry per scorer: its label, and what it says of each text (the other beams' too).
    `contamination` is clean, dirty or unscored, by the example's id in `statuses`; empty where nothing is known.
    """
    known = statuses or {}
    return [
        {
            **_head(setting, normalisation, sample),
            **_completions(sample),
            **_written(sample),
            "contamination": known.get(sample.query.example.id, ""),
        }
        for sample in samples
    ]


def setting_of(row: Mapping[str, Any]) -> Setting:
    """The setting that a row of the log is of."""
    return Setting(row["task"], row["prompt"], row["shots"], row["seed"])


def from_rows(rows: Sequence[Mapping[str, Any]]) -> list[Sample]:
    """The samples of rows of the log, for metrics to be counted anew. What the log does not keep is not there: the data
    set's row, the shots but for their units, the log-probability of each token (the first has the whole sum) and, in a
    redacted log, all texts.
    """
    return [_sample(row) for row in rows]


def redacted(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the log without what was asked, shown, or written: ids, scores and lengths remain. Units and groups,
    which may be texts, keep apart by a hash.
    """
    return {
        **row,
        **dict.fromkeys(_TEXT, ""),
        **{key: [""] * len(row[key]) for key in _TEXTS},
        "others": [[] for _ in row["others"]],
        **{key: _hashed(row[key]) for key in ("unit", "group")},
        "shot_units": [_hashed(unit) for unit in row["shot_units"]],
    }


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def _head(setting: Setting, normalisation: str, sample: Sample) -> dict[str, Any]:
    example = sample.query.example
    first = _requests(sample)[0]
    return {
        "task": setting.task,
        "prompt": setting.prompt,
        "shots": setting.shots,
        "seed": setting.seed,
        "normalisation": normalisation,
        "id": example.id,
        "unit": example.unit,
        "group": example.group,
        "breakdown": [f"{column}={value}" for column, values in example.breakdown.items() for value in values],
        "choices": list(example.choices),
        "targets": list(example.targets),
        "roles": list(example.roles),
        "prediction": sample.prediction,
        "correct": sample.correct,
        "tied": sample.tied,
        "effective_shots": sample.effective_shots,
        "truncated": sample.truncated,
        "shot_units": [shot[0].unit for shot in sample.query.shots],
        "instruction": first.instruction,
        "shot_texts": list(first.shots),
    }


def _completions(sample: Sample) -> dict[str, Any]:
    contexts = [request.context for request in _requests(sample)]
    return {
        "contexts": contexts if len(set(contexts)) > 1 else contexts[:1],
        "completions": [one.request.completion for one in sample.scored],
        "logprobs": [one.response.logprob for one in sample.scored],
        "tokens": [len(one.response.token_logprobs) for one in sample.scored],
        "bytes": [one.bytes for one in sample.scored],
        "chars": [one.chars for one in sample.scored],
        "unconditional": [one.unconditional for one in sample.scored],
        "shared": [one.shared for one in sample.scored],
        "ranking": list(sample.ranking),
        "greedy": [one.response.greedy for one in sample.scored],
    }


def _written(sample: Sample) -> dict[str, Any]:
    generations = [one.generation for one in sample.generated]
    return {
        "text": sample.text,
        "written": [generation.text for generation in generations],
        "written_logprobs": [generation.logprob for generation in generations],
        "written_tokens": [generation.tokens for generation in generations],
        "reasons": [generation.reason for generation in generations],
        "others": [list(generation.others) for generation in generations],
        "scores": [{"scorer": label, "values": list(values)} for label, values in sample.scores.items()],
    }


def _sample(row: Mapping[str, Any]) -> Sample:
    example = _example(row)
    shots = tuple((Example(unit, {}, (), (), unit, unit),) for unit in row["shot_units"])
    return Sample(
        query=Query(example, shots),
        scored=_scored(row),
        prediction=row["prediction"],
        tied=row["tied"],
        effective_shots=row["effective_shots"],
        truncated=row["truncated"],
        generated=_generated(row),
        text=row["text"],
        ranking=tuple(row["ranking"]),
        scores={one["scorer"]: tuple(one["values"]) for one in row["scores"]},
    )


def _example(row: Mapping[str, Any]) -> Example:
    breakdown: dict[str, tuple[str, ...]] = {}
    for entry in row["breakdown"]:
        column, _, value = entry.partition("=")
        breakdown[column] = (*breakdown.get(column, ()), value)
    return Example(
        id=row["id"],
        row={},
        choices=tuple(row["choices"]),
        targets=tuple(row["targets"]),
        unit=row["unit"],
        group=row["group"],
        roles=tuple(row["roles"]),
        breakdown=breakdown,
    )


def _scored(row: Mapping[str, Any]) -> tuple[Scored, ...]:
    contexts = row["contexts"] if len(row["contexts"]) > 1 else row["contexts"] * len(row["completions"])
    return tuple(
        Scored(
            TextRequest(row["instruction"], tuple(row["shot_texts"]), context, "", completion),
            Response((logprob, *(0.0,) * (tokens - 1)), greedy),
            unconditional,
            shared,
        )
        for context, completion, logprob, tokens, greedy, unconditional, shared in zip(
            contexts,
            row["completions"],
            *(row[key] for key in ("logprobs", "tokens", "greedy", "unconditional", "shared")),
            strict=True,
        )
    )


def _generated(row: Mapping[str, Any]) -> tuple[Generated, ...]:
    request = TextRequest(row["instruction"], tuple(row["shot_texts"]), "".join(row["contexts"][:1]), "", "")
    columns = (row[key] for key in ("written", "written_tokens", "written_logprobs", "reasons", "others"))
    return tuple(
        Generated(request, Generation(text, tokens, logprob, reason, tuple(others)))
        for text, tokens, logprob, reason, others in zip(*columns, strict=True)
    )


def _requests(sample: Sample) -> list[TextRequest]:
    """The texts of the completions, or else of what was written."""
    return [one.request for one in sample.scored] or [one.request for one in sample.generated]
