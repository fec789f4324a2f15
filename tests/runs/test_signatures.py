"""Signatures taken apart and held against each other."""

import pytest

from evalkit.runs.signatures import differing, parse, unlike

PLAIN = (
    "superglue/rte@7475|prompt:gpt3@3368|shots:1:random|seed:0|norm:none|data:d/v@1+d/t@2|model:a@1|dtype:float32"
    "|evalkit:0.1.0"
)
FREE = ("model", "dtype")
BLEU = PLAIN + "|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0"


def test_fields():
    assert parse(PLAIN) == {
        "task": "superglue/rte@7475",
        "prompt": "gpt3@3368",
        "shots": "1:random",
        "seed": "0",
        "norm": "none",
        "data": "d/v@1+d/t@2",
        "model": "a@1",
        "dtype": "float32",
        "evalkit": "0.1.0",
    }
    assert parse(BLEU)["version"] == "2.6.0"
    assert parse("superglue|average of 8 tasks@12ab|prompt:gpt3")["average of"] == "8 tasks@12ab"


def test_a_name_may_hold_a_bar():
    assert parse("t@1|model:my|model@2|dtype:bf16")["model"] == "my|model@2"


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ("model:a@1", "model:b@2", ()),
        ("dtype:float32", "dtype:bfloat16", ()),
        ("evalkit:0.1.0", "evalkit:0.2.0", ("evalkit",)),
        ("|model", "|limit:10|model", ("limit",)),
        ("@7475", "@0000", ("task",)),
        ("gpt3@3368", "gpt3@ffff", ("prompt",)),
        ("shots:1:random", "shots:1:fixed", ("shots",)),
        ("seed:0", "seed:1", ("seed",)),
        ("norm:none", "norm:token", ("norm",)),
        ("d/v@1", "d/v@9", ("data",)),
        ("evalkit:0.1.0", "evalkit:0.1.0|scorer:lexicon@1", ("scorer",)),
    ],
)
def test_what_differs_is_said_but_for_what_is_free(old, new, fields):
    other = PLAIN.replace(old, new)
    assert other != PLAIN
    assert tuple(unlike(PLAIN, other, FREE)) == tuple(differing(PLAIN, other, FREE)) == fields
    assert unlike(PLAIN, other, (*FREE, *fields)) == {}
    assert len(differing(PLAIN, other, ())) == 1


def test_a_field_that_one_lacks():
    assert differing(PLAIN, PLAIN.replace("|model", "|limit:10|model"), ()) == {"limit": ("", "10")}
    assert unlike(BLEU, BLEU.replace("13a", "zh"), ()) == {"tok": ("13a", "zh")}


def test_a_split_for_shots_that_one_run_has_besides():
    """A run at 0 shots names the split it scores; one at 0 and 1 names that of the shots too, at 0 shots as well."""
    other = PLAIN.replace("+d/t@2", "")
    assert differing(PLAIN, other, ()) == {"data": ("d/v@1+d/t@2", "d/v@1")}
    assert unlike(PLAIN, other, ()) == unlike(other, PLAIN, ()) == {}
