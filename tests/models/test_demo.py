"""The demo model: its corpus is deterministic and shares nothing with the samples, its folder loads, it trains."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer

import evalkit
from evalkit.models.demo import FOLDER, corpus, pieces
from evalkit.models.demo.packing import pack
from evalkit.models.demo.train import END, Phase, Plan, run

SAMPLES = Path(evalkit.__file__).parent / "samples" / "superglue"
OVERLAP = 8  # words
SLICE = 6000  # documents of each phase of the training that the overlap test reads
TEXTS = [
    "",
    " ",
    "Plain text.",
    "naïve café — 東京 \u200b🙂\n\ttab",
    "\x00 <b>&amp;</b>  two  spaces ",
    "ß\u0301 ﷽ a , b .",
]


def _words(text: str) -> list[str]:
    return re.sub(r"[^\w\s]", "", text.lower()).split()


def _sequences(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[i : i + OVERLAP]) for i in range(len(words) - OVERLAP + 1)}


def _strings(value: Any) -> Iterator[str]:
    """All strings in a row of a sample file, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _sample_sequences() -> set[tuple[str, ...]]:
    files = sorted(SAMPLES.glob("*/*.jsonl"))
    assert len({file.parent for file in files}) == 10
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return {sequence for row in rows for text in _strings(row) for sequence in _sequences(text)}


def test_overlap_is_found_whatever_the_case_and_the_punctuation() -> None:
    one = _sequences("So, the old farmer sold a black cow yesterday.")
    assert one & _sequences("Then the OLD farmer - sold a 'black' cow yesterday?") == {
        ("the", "old", "farmer", "sold", "a", "black", "cow", "yesterday")
    }


@pytest.mark.parametrize("phase", Plan().phases, ids=lambda phase: f"width{phase.width}")
def test_the_corpus_shares_no_eight_words_with_the_samples(phase: Phase) -> None:
    held_out = _sample_sequences()
    assert len(held_out) > 1000
    shared = set()
    for document in islice(corpus.documents(Plan().seed, phase.most, phase.size), SLICE):
        shared |= _sequences(pieces.text(document)) & held_out
    assert not shared


def test_the_corpus_depends_on_its_seed_alone() -> None:
    assert corpus.sample(3, 50) == corpus.sample(3, 50)
    assert corpus.sample(3, 50) != corpus.sample(4, 50)
    assert list(islice(corpus.documents(3, start=20), 30)) == corpus.sample(3, 50)[20:]


@pytest.mark.parametrize("kind", corpus.SOURCES)
def test_every_kind_of_exercise_appears_and_leaves_no_sign_unfilled(kind: str) -> None:
    texts = [pieces.text(corpus.document(Random(seed), most=1, size=4, kinds=(kind,))) for seed in range(200)]
    assert len(set(texts)) > 100
    assert not [text for text in texts if re.search(r"[{}@]|  | [.,]", text)]


def test_a_window_begins_with_a_document_and_weighs_its_label() -> None:
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    end = tokenizer.encode(END).ids[0]
    document = pieces.labelled("One two.\nanswer:", " yes")
    windows = pack(tokenizer, iter([document] * 9), end, width=16, number=2)
    assert windows.ids.shape == windows.weights.shape == (2, 16)
    label = tokenizer.encode(" yes", add_special_tokens=False).ids
    row = windows.ids[0].tolist()
    assert row[0] == end
    assert row[row.index(end, 1) - len(label) : row.index(end, 1)] == label
    assert windows.weights[0][row.index(end, 1) - 1] == pieces.LABEL


def test_the_folder_is_small() -> None:
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"config.json", "model.safetensors", "tokenizer.json", "README.md"}
    assert sum(path.stat().st_size for path in files) < 6_000_000


def test_the_tokenizer_loses_nothing_and_opens_a_text() -> None:
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)
    for text in TEXTS:
        encoding = tokenizer(text, return_offsets_mapping=True)
        assert tokenizer.decode(encoding["input_ids"]) == END + text
        assert len(encoding["offset_mapping"]) == len(encoding["input_ids"])
    assert tokenizer("")["input_ids"] == [tokenizer.bos_token_id]
    assert tokenizer.bos_token == tokenizer.eos_token == END
    assert tokenizer.encode(END, add_special_tokens=False) == [tokenizer.eos_token_id]


def test_the_model_prefers_a_copied_name_to_a_new_one() -> None:
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)
    model = AutoModelForCausalLM.from_pretrained(FOLDER)
    context = "Clara Weber sold the piano. Clara"
    names = [tokenizer.encode(name, add_special_tokens=False)[0] for name in (" Weber", " Silva")]
    with torch.inference_mode():
        logits = model(torch.tensor([tokenizer.encode(context)])).logits[0, -1]
    assert model.dtype == torch.float32
    assert logits[names[0]] > logits[names[1]]


def test_a_short_training_learns_and_is_reproducible(tmp_path: Path) -> None:
    plan = Plan(
        steps=12, vocabulary=320, hidden=32, inner=32, layers=2, heads=2, tokenizer_documents=200,
        validation_windows=8, phases=(Phase(64, 4, 1, 1, 0.75), Phase(96, 2, 2, 3, 0.25)),
    )  # fmt: skip
    losses = [run(plan, tmp_path / name) for name in ("one", "two")]
    assert losses[0] == losses[1] < 5.7  # a uniform guess costs log(320) = 5.77 nats
    one, two = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "one").config.num_hidden_layers == 2
    assert AutoTokenizer.from_pretrained(tmp_path / "one").decode([0]) == END
