"""Where the boundary between context and completion falls, for every family of tokenizers."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, ByT5Tokenizer, PreTrainedTokenizerFast
from transformers.convert_slow_tokenizer import bytes_to_unicode

from evalkit.errors import ModelError
from evalkit.models import tokens
from evalkit.schema import Request
from tests.models import tiny

BYTE_LEVEL = tiny.byte_level()
METASPACE = tiny.metaspace()
LETTER_BYTES = {letter: byte for byte, letter in bytes_to_unicode().items()}
PIECES = (
    "answer:",
    "yes",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\t",
    "e",
    "\u0301",
    "é",
    "ï",
    "naïve",
    "日",
    "語",
    "🙂",
    "🙃",
    "Ġ",
)
OTHERS = st.text(st.characters(codec="utf-8", exclude_characters="▁"), max_size=4)  # metaspace takes `▁` for a space
MIXED = st.lists(st.one_of(st.sampled_from(PIECES), OTHERS), max_size=6).map("".join)


class Slow:
    """A tokenizer written in Python gives no offsets: the byte-level one, asked as such a one is."""

    is_fast = False

    def __call__(self, text: str | list[str], add_special_tokens: bool = True, **more: Any) -> dict[str, Any]:
        assert not more.get("return_offsets_mapping")
        return {"input_ids": BYTE_LEVEL(text, add_special_tokens=add_special_tokens)["input_ids"]}

    bos_token_id, eos_token_id = BYTE_LEVEL.bos_token_id, BYTE_LEVEL.eos_token_id


def split(tokenizer: Any, context: str, completion: str) -> tuple[list[str], list[str]]:
    """The pieces of context and completion."""
    (request,) = tokens.encode(tokenizer, [(context, completion)])
    return tuple(tokenizer.convert_ids_to_tokens(list(ids)) for ids in (request.context, request.completion))


def as_bytes(ids: tuple[int, ...]) -> bytes:
    return bytes(LETTER_BYTES[letter] for piece in BYTE_LEVEL.convert_ids_to_tokens(list(ids)) for letter in piece)


@pytest.mark.parametrize(
    ("context", "completion", "expected"),
    [
        ("answer:", " yes", (["an", "swer", ":"], ["Ġyes"])),
        ("answer: ", "yes", (["an", "swer", ":"], ["Ġyes"])),  # the token that straddles the boundary is scored
        ("good\n", "\nThe", (["go", "od", "Ċ"], ["Ċ", "The"])),
        ("good\n", "\n", (["go", "od"], ["ĊĊ"])),
        ("good", "\nThe", (["go", "od"], ["Ċ", "The"])),
        ("good", "\n", (["go", "od"], ["Ċ"])),
        ("good", " ", (["go", "od"], ["Ġ"])),
        ("good\n", "  yes", (["go", "od"], ["ĊĠ", "Ġyes"])),  # its offsets leave out the space at its end
        ("good\n ", " yes", (["go", "od", "ĊĠ"], ["Ġyes"])),
        ("good\n  ", "yes", (["go", "od", "ĊĠ"], ["Ġyes"])),
        ("cafe", "\u0301 ", (["c", "af", "e"], ["Ì", "ģ", "Ġ"])),
        ("caf", "é", (["c", "af"], ["Ã©"])),
        ("na", "ïve", (["n"], ["aÃ", "¯ve"])),  # half a character joined to the one before it
        ("naï", "ve", (["n", "aÃ"], ["¯ve"])),
        ("🙂", "🙃", (["<|endoftext|>"], ["ðŁĻĤðŁĻ", "ĥ"])),  # nothing is left of the context
        ("日", "本語", (["<|endoftext|>"], ["æĹ¥æľ¬èªŀ"])),
        ("", "yes", (["<|endoftext|>"], ["yes"])),
        ("", " yes", (["<|endoftext|>"], ["Ġyes"])),
        ("", " ", (["<|endoftext|>"], ["Ġ"])),
    ],
)
def test_byte_level(context: str, completion: str, expected: tuple[list[str], list[str]]) -> None:
    assert split(BYTE_LEVEL, context, completion) == expected


@pytest.mark.parametrize(
    ("context", "completion", "expected"),
    [
        ("The dog", " sat", (["<s>", "▁Th", "e▁", "dog"], ["▁s", "at"])),
        ("answer:", " yes", (["<s>", "▁"], ["answer:▁", "yes"])),
        ("answer: ", "yes", (["<s>", "▁", "answer:▁"], ["yes"])),
        ("", "The", (["<s>"], ["▁Th", "e"])),
        ("", " yes", (["<s>"], ["▁▁", "yes"])),
        ("", "\n", (["<s>"], ["▁", "\n"])),
        ("dog", "\n", (["<s>", "▁", "dog"], ["\n"])),
        ("é", "\u0301", (["<s>", "▁", "é"], ["<0xCC>", "<0x81>"])),
        ("a ", "ü", (["<s>", "▁", "a", "▁"], ["<0xC3>", "<0xBC>"])),
    ],
)
@pytest.mark.parametrize("template", ["<s> $A", "<s> $A </s>"])
def test_metaspace(template: str, context: str, completion: str, expected: tuple[list[str], list[str]]) -> None:
    assert split(tiny.metaspace(template), context, completion) == expected


def test_metaspace_without_a_beginning_gets_one_for_an_empty_context_alone() -> None:
    tokenizer = tiny.metaspace("$A </s>")
    assert split(tokenizer, "", "yes") == (["<s>"], ["▁", "yes"])
    assert split(tokenizer, "The dog", " sat") == (["▁Th", "e▁", "dog"], ["▁s", "at"])


@pytest.mark.parametrize(
    ("tokenizer", "beginning", "stand_in"),
    [
        (BYTE_LEVEL, (), (0,)),
        (tiny.byte_level(None), (), ()),
        (METASPACE, (1,), (1,)),
        (tiny.metaspace("<s> $A </s>"), (1,), (1,)),
        (tiny.metaspace("<s> <s> $A"), (1, 1), (1,)),
        (tiny.metaspace("$A </s>"), (), (1,)),
        (ByT5Tokenizer(), (), (1,)),  # puts `</s>` behind a text, and has no beginning token
    ],
)
def test_how_a_text_begins(tokenizer: Any, beginning: tuple[int, ...], stand_in: tuple[int, ...]) -> None:
    assert tokens.beginning(tokenizer) == beginning
    assert tokens.stand_in(tokenizer) == stand_in


def test_without_a_token_for_an_empty_context() -> None:
    tokenizer = tiny.byte_level(None)
    assert split(tokenizer, "answer:", " yes") == (["an", "swer", ":"], ["Ġyes"])
    with pytest.raises(ModelError, match="the context is empty, and the tokenizer has no token"):
        tokens.encode(tokenizer, [("", " yes")])


@pytest.mark.parametrize("tokenizer", [BYTE_LEVEL, METASPACE, Slow()], ids=["byte_level", "metaspace", "slow"])
def test_an_empty_completion(tokenizer: Any) -> None:
    with pytest.raises(ModelError, match="no token of the completion ''"):
        tokens.encode(tokenizer, [("answer:", "")])


@pytest.mark.parametrize(
    ("context", "completion"),
    [("answer:", " yes"), ("answer: ", "yes"), ("good\n", "\nThe"), ("good\n", "  yes"), ("na", "ïve"), ("", "yes")],
)
def test_a_slow_tokenizer_gives_what_the_fast_one_does(context: str, completion: str) -> None:
    assert tokens.encode(Slow(), [(context, completion)]) == tokens.encode(BYTE_LEVEL, [(context, completion)])


@given(context=MIXED, completion=MIXED.filter(bool))
@settings(deadline=None, max_examples=200, derandomize=True)
def test_bytes_as_tokens(context: str, completion: str) -> None:
    """ByT5: a tokenizer in Python whose every token is one byte (with offset 3), so the boundary has one place."""
    (request,) = tokens.encode(ByT5Tokenizer(), [(context, completion)])
    assert request.context == (tuple(3 + byte for byte in context.encode()) or (1,))
    assert request.completion == tuple(3 + byte for byte in completion.encode())


@given(context=MIXED, completion=MIXED.filter(bool))
@example(context="good\n", completion="  yes")
@example(context="🙂", completion="🙃")
@settings(deadline=None, max_examples=400, derandomize=True)
def test_byte_level_keeps_every_byte_and_moves_one_token_at_most(context: str, completion: str) -> None:
    (request,) = tokens.encode(BYTE_LEVEL, [(context, completion)])
    before = b"" if request.context == (0,) else as_bytes(request.context)
    boundary = len(context.encode())
    assert before + as_bytes(request.completion) == (context + completion).encode()
    assert len(before) <= boundary < len(before) + len(as_bytes(request.completion[:1]))
    whole = (() if request.context == (0,) else request.context) + request.completion
    assert BYTE_LEVEL.decode(whole) == context + completion
    if len(before) == boundary:
        assert BYTE_LEVEL.decode(request.completion) == completion
        assert BYTE_LEVEL.decode(request.context if context else []) == context


@given(context=MIXED, completion=MIXED.filter(bool))
@settings(deadline=None, max_examples=200, derandomize=True)
def test_a_boundary_does_not_depend_on_what_offsets_are_trimmed(context: str, completion: str) -> None:
    assert tokens.encode(UNTRIMMED, [(context, completion)]) == tokens.encode(BYTE_LEVEL, [(context, completion)])


def _untrimmed() -> PreTrainedTokenizerFast:
    tokenizer = tiny.byte_level()
    tokenizer.backend_tokenizer.post_processor = None
    return tokenizer


UNTRIMMED = _untrimmed()


@given(context=MIXED, completion=MIXED.filter(bool))
@settings(deadline=None, max_examples=200, derandomize=True)
def test_metaspace_keeps_the_text(context: str, completion: str) -> None:
    (request,) = tokens.encode(METASPACE, [(context, completion)])
    whole = request.context + request.completion
    assert request.context[0] == 1
    assert METASPACE.decode(whole[1:]) == context + completion
    assert list(whole[1:]) == METASPACE(context + completion, add_special_tokens=False)["input_ids"]


def test_requests_come_in_order_and_share_equal_contexts() -> None:
    pairs = [("answer:", " yes"), ("", " no"), ("answer:", " no"), ("answer:", " yes")]
    requests = tokens.encode(BYTE_LEVEL, pairs)
    assert requests == [tokens.encode(BYTE_LEVEL, [pair])[0] for pair in pairs]
    assert requests[0].context is requests[2].context
    assert tokens.encode(BYTE_LEVEL, []) == []


def test_a_tokenizer_file_that_cuts_and_pads_does_neither() -> None:
    tokenizer = tiny.byte_level()
    expected = tokens.encode(tokenizer, [("The cat sat on the mat.", " yes"), ("A", " dog")])
    tokenizer.backend_tokenizer.enable_truncation(4)
    tokenizer.backend_tokenizer.enable_padding(length=40)
    tokenizer.model_max_length = 4
    assert tokens.encode(tokenizer, [("The cat sat on the mat.", " yes"), ("A", " dog")]) == expected


def test_gpt2(shared: Any) -> None:
    tokenizer = AutoTokenizer.from_pretrained(shared / "models" / "gpt2-tokenizer")
    assert split(tokenizer, "question: Is it?\nanswer:", " True")[1] == ["ĠTrue"]
    assert split(tokenizer, "Paris is in ", "France") == (["Paris", "Ġis", "Ġin"], ["ĠFrance"])
    assert split(tokenizer, "", " yes") == (["<|endoftext|>"], ["Ġyes"])
    assert split(tokenizer, "👩", "\u200d🚀 flew") == (["ðŁĳ", "©"], ["âĢ", "į", "ðŁ", "ļ", "Ģ", "Ġflew"])


def test_stories(shared: Any) -> None:
    tokenizer = AutoTokenizer.from_pretrained(shared / "models" / "stories260K")
    assert split(tokenizer, "Lily was", " happy") == (["<s>", "▁Lily", "▁was"], ["▁happy"])
    assert split(tokenizer, "Lily was ", "happy")[1] == split(tokenizer, "Lily was", " happy")[1]
    assert tokens.encode(tokenizer, [("", "Once")])[0] == Request((1,), tuple(tokenizer("Once")["input_ids"][1:]))
