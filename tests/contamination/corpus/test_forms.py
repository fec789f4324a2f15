import pytest

from evalkit.contamination.corpus.forms import base_of, form_of, packing_of

CASES = [
    ("a.jsonl", "jsonl"),
    ("b/a.JSONL.GZ", "jsonl.gz"),
    ("a.ndjson.zstd", "jsonl.zst"),
    ("c4-train.00000-of-01024.json.gz", "jsonl.gz"),
    ("a.json", ""),
    ("a.txt", "text"),
    ("a.txt.zst", "text.zst"),
    ("s3://b/part-0.parquet", "parquet"),
    ("data-00000-of-00001.arrow", "arrow"),
    ("a.feather", "arrow"),
    ("https://h/a.jsonl.gz?download=true", "jsonl.gz"),
    ("what?.jsonl", "jsonl"),
    ("a.csv", ""),
    ("jsonl", ""),
]


@pytest.mark.parametrize(("path", "form"), CASES)
def test_the_form_is_told_by_the_ending(path: str, form: str) -> None:
    assert form_of(path) == form


def test_a_form_has_a_base_and_a_packing() -> None:
    assert (base_of("jsonl.zst"), packing_of("jsonl.zst")) == ("jsonl", "zst")
    assert (base_of("parquet"), packing_of("parquet")) == ("parquet", "")
