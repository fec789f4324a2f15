"""A run becomes a small file without text, and comes back."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evalkit.errors import RunError
from evalkit.gate.baseline import Baseline, load, of_file, of_run, write
from evalkit.metrics.base import Counts
from evalkit.runs.folder import RunFolder
from evalkit.runs.outcomes import Key, Outcomes, outcomes
from evalkit.schema import Result


@pytest.fixture
def written(original: Path, tmp_path: Path) -> Path:
    write(of_run(original), tmp_path / "baseline.json")
    return tmp_path / "baseline.json"


def test_a_file_is_the_run_that_it_was_made_of(original: Path, written: Path) -> None:
    run, file = load(original), load(written)
    assert (file.name, file.model, file.first, file.notes) == (run.name, run.model, run.first, run.notes)
    for one, other in zip(run.outcomes, file.outcomes, strict=True):
        assert (one.key, one.ids, one.groups, one.result) == (other.key, other.ids, other.groups, other.result)
        assert one.values.tolist() == other.values.tolist()
    found, _ = outcomes(RunFolder.open(original))
    assert [one.values.tolist() for one in found] == [one.values.tolist() for one in file.outcomes]
    assert [one.ids for one in found] == [one.ids for one in file.outcomes]


def outcome(task: str, metric: str, ids: list[str], groups: list[str], values: np.ndarray, shots: int = 0) -> Outcomes:
    counts = Counts(values, tuple(groups))
    signature = (
        f"{task}@abcd|prompt:gpt3@1234|shots:{shots}:random|seed:0|norm:none|data:aps/super_glue/{task}@{'0' * 40}"
    )
    result = Result(task, "gpt3", shots, 0, metric, 1 / 3, 0.3, 0.4, len(ids), len(set(groups)), 0.0, 0, 0, signature)
    return Outcomes(Key(task, "gpt3", shots, 0, metric), tuple(ids), counts.groups, counts.values, result)


def superglue(shots: int) -> list[Outcomes]:
    """Outcomes of the size of SuperGLUE's validation sets, about 19,000 items, with its ids and groups."""
    generator = np.random.default_rng(0)

    def mean(n: int, values: np.ndarray | None = None) -> np.ndarray:
        items = generator.integers(0, 2, size=n).astype(float) if values is None else values
        return np.stack([items, np.ones(n)], axis=1)

    def single(task: str, n: int) -> Outcomes:
        ids = [str(place) for place in range(n)]
        return outcome(task, "accuracy", ids, ids, mean(n), shots)

    queries = [str(place) for place in range(10_000)]
    passages = [str(place) for place in np.sort(np.random.default_rng(1).integers(0, 7481, size=10_000))]
    overlaps = generator.choice([0.0, 1.0, 2 / 3, 0.5, 0.8, 0.4, 4 / 7], p=[0.3, 0.6, *[0.02] * 5], size=10_000)
    asked = [(place // 12, place % 12, answer) for place in range(953) for answer in range(5 + place % 2)]
    answers, units = ["-".join(map(str, one)) for one in asked], [f"{place // 12}-{place % 12}" for place in range(953)]
    cells = np.eye(4)[generator.integers(0, 4, size=len(asked))]
    people = [str(place) for place in np.random.default_rng(2).permutation(3270) % 2900]
    return [
        outcome("superglue/boolq", "accuracy", queries[:3270], people, mean(3270), shots),
        single("superglue/cb", 56),
        outcome("superglue/cb", "macro_f1", queries[:56], queries[:56], np.eye(9)[generator.integers(0, 9, 56)], shots),
        single("superglue/copa", 100),
        outcome("superglue/multirc", "exact_match", units, [one.split("-")[0] for one in units], mean(953), shots),
        outcome("superglue/multirc", "f1", answers, [str(one[0]) for one in asked], cells, shots),
        outcome("superglue/record", "entity_f1", queries, passages, mean(10_000, overlaps), shots),
        outcome("superglue/record", "entity_exact_match", queries, passages, mean(10_000), shots),
        single("superglue/rte", 277),
        single("superglue/wic", 638),
        single("superglue/wsc", 104),
    ]


def test_a_suite_of_the_size_of_superglue_is_small(tmp_path: Path) -> None:
    found = [one for shots in (0, 1, 32) for one in superglue(shots)]
    keys = frozenset(one.key for one in found)
    items = {one.key.task: len(one.ids) for one in found}
    assert sum(items.values()) > 19_000
    path = tmp_path / "baseline.json"
    size = write(Baseline("run", {"name": "m", "version": "1", "dtype": "float32"}, tuple(found), keys, ()), path)
    assert size == path.stat().st_size < 100_000
    read = of_file(path)
    assert [one.values.tolist() for one in read.outcomes] == [one.values.tolist() for one in found]
    assert [one.ids for one in read.outcomes] == [one.ids for one in found]
    for one, other in zip(read.outcomes, found, strict=True):  # the same items are of one group
        assert len(set(zip(one.groups, other.groups, strict=True))) == len(set(one.groups)) == len(set(other.groups))


def test_no_name_is_a_text(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = outcomes(RunFolder.open(original))
    texts = tuple(f"It was the {place}th day, and a passage." for place in range(len(found[0].ids)))
    named = [replace(found[0], groups=texts), replace(found[1], ids=texts, groups=texts)]
    unnamed = replace(found[1], key=found[1].key._replace(shots=9), ids=(), groups=texts, result=found[1].result)
    monkeypatch.setattr("evalkit.gate.baseline.outcomes", lambda _: ([*named, unnamed], []))
    run = of_run(original)
    write(run, tmp_path / "baseline.json")
    assert all(" " not in name for one in run.outcomes for name in (*one.ids, *one.groups))
    back = of_file(tmp_path / "baseline.json")
    assert [(one.ids, one.groups) for one in back.outcomes] == [(one.ids, one.groups) for one in run.outcomes]
    assert len(set(back.outcomes[2].groups)) == len(texts)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text.replace('"which": "c', '"which": "d', 1), "damaged"),
        (lambda text: text.replace('"value": 0.', '"value": 1.', 1), "damaged"),
        (lambda text: text[: len(text) // 2], "cannot be read as a baseline"),
        (lambda text: text.replace('"format": 1', '"format": 2'), "a baseline of format 2; this evalkit reads 1"),
        (lambda text: "[]", "no baseline"),
        (lambda text: "{}", "evalkit gate baseline RUN"),
        (lambda text: "[" * 100_000, "cannot be read as a baseline"),
    ],
)
def test_a_damaged_file_says_so(written: Path, damage, message: str) -> None:
    text = written.read_text()
    assert damage(text) != text
    written.write_text(damage(text))
    with pytest.raises(RunError, match=message):
        load(written)


def test_a_file_with_the_right_hash_of_wrong_content_says_so(written: Path) -> None:
    from evalkit.gate.baseline import _digest

    content = json.loads(written.read_text())
    content.pop("sha256")
    del content["numbers"][0]["result"]["value"]
    written.write_text(json.dumps({**content, "sha256": _digest(content)}))
    with pytest.raises(RunError, match="the file is wrong"):
        load(written)


def test_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="neither a run folder nor a file"):
        load(tmp_path / "nothing.json")
    with pytest.raises(RunError, match="no run here"):
        load(tmp_path)


def test_our_own_baseline_can_be_read() -> None:
    path = Path(__file__).parents[2] / "reports" / "baselines" / "superglue-samples.json"
    own = load(path)
    assert len(own.first) == 10
    assert path.stat().st_size < 20_000
