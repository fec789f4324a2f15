"""What is taken without decoding is what the decoder would give, whatever the bytes; and ordinary lines are taken."""

import json
from collections.abc import Callable, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evalkit.contamination.base import Batch, Unit
from evalkit.contamination.corpus.extract import extract, is_utf8, lines_of
from evalkit.contamination.corpus.fields import Decoder, decoder_of
from evalkit.contamination.corpus.jsonl import _take_plain
from evalkit.contamination.corpus.lines import Block
from evalkit.contamination.corpus.reading import Account, Gather, Reading
from tests.contamination.corpus.conftest import check

Document = tuple[str, str, int]  # text, name, place
DECODER = decoder_of("text", "id")
PLACE = 1 << 40

TEXTS = st.one_of(
    st.text(max_size=20),
    st.text(st.characters(max_codepoint=127), max_size=150),
    st.text(st.sampled_from('ab\n\t"\\/\b\f\r\0é語😀\ud7ff\ue000\U0010ffff\x7f'), max_size=150),
    st.builds(str.__mul__, st.sampled_from(["a", "\\", '"', "é", "語", "😀", "a\n"]), st.integers(50, 150)),
)
SCALARS = st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)
PLAIN_KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), max_size=9).filter(
    "id".__ne__
)
RECORDS = st.builds(
    lambda others, text, name, turn: dict(sorted({**others, "text": text, **name}.items(), reverse=turn)),
    st.dictionaries(PLAIN_KEYS, VALUES, max_size=3),
    TEXTS,
    st.fixed_dictionaries({}, optional={"id": SCALARS}),
    st.booleans(),
)


def written(record: dict[str, Any], spaced: int, is_ascii: bool, slashes: bool, end: str) -> bytes:
    """JSON as others write it. Keys are never escaped on the first level."""
    comma, colon = [(",", ":"), (", ", ": "), (" ,\t", "\r : ")][spaced]
    fields = []
    for key, value in record.items():
        dumped = json.dumps(value, ensure_ascii=is_ascii, separators=(comma, colon))
        fields.append(f'"{key}"{colon}{dumped.replace("/", chr(92) + "/") if slashes else dumped}')
    return f"{{{comma.join(fields)}}}{end}\n".encode()


LINES = st.builds(
    written, RECORDS, st.integers(0, 2), st.booleans(), st.booleans(), st.sampled_from(["", "\r", "  \t"])
)


def taken(data: bytes, reading: Reading | None = None) -> list[Document] | None:
    """The documents of a block, or None where it is left to the decoder."""
    gather = Gather(Unit("a.jsonl", "jsonl", 0, 1, 1, ""), reading or Reading(), Account())
    if not _take_plain(Block(PLACE, data), gather):
        assert not gather.is_full
        return None
    batch: Batch = gather.batch(1)
    check(batch)
    text = batch.text.tobytes()
    texts = [text[a:b].decode() for a, b in pairwise(batch.offsets.tolist())]
    return list(zip(texts, batch.names, batch.places.tolist(), strict=True))


def decoded(data: bytes, decoder: Decoder = DECODER) -> list[Document] | str:
    """The documents of a block as the decoder has them, line by line, or what is wrong with one."""
    documents, place = [], PLACE
    for line in data.split(b"\n")[:-1]:
        try:
            record = decoder.line(line)
            documents.append((decoder.text(record).encode().decode(), decoder.name(record), place))
        except (ValueError, RecursionError) as error:
            return str(error)
        place += len(line) + 1
    return documents


def agree(data: bytes) -> bool:
    """Whether a block was taken; if so it has to be good, and what comes out has to be the decoder's."""
    found = taken(data)
    assert found is None or found == decoded(data), data
    return found is not None


@settings(max_examples=120, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=6))
def test_ordinary_lines_are_taken(lines: list[bytes]) -> None:
    assert agree(b"".join(lines))


PIECES = (
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\n", b"\r", b" ", b"\t", b"\0", b"\x0b", b"\x1f", b"\x7f"),
    *(b"-", b"+", b".", b"0", b"1", b"e", b"E", b"u", b"n", b"N", b"t", b"null", b"true", b"false", b"NaN", b"\xa0"),
    *(b"\\u", b"\\u0000", b"\\u000a", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"\\uD83D\\uDE00", b"\\x", b"\\u12"),
    *(b"\x80", b"\xbf", b"\xc0\x80", b"\xc3", b"\xc3\xa9", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\xf4\x90\x80\x80"),
    *(b"\xef\xbb\xbf", b'"text":"b"', b'"id":2', b'"text":', b'"id":', b"01", b"1.", b".5", b"-0", b"1e5", b"1e400"),
    *(b"1" * 19, b"1" * 400, b"{}", b"[]", b"[,]", b"{}\n", b'{"text":"a"}\n', b'{"text":"a"}', b"//", b"/**/", b"'"),
    *(b"\xff", b"\\'", b"Infinity"),
)  # fmt: skip


@st.composite
def changed(draw: Callable[..., Any]) -> bytes:
    """Good lines, of which a few bytes are changed, dropped or put in."""
    data = b"".join(draw(st.lists(LINES, min_size=1, max_size=3)))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(data)))
        size = draw(st.sampled_from([0, 0, 1, 1, 2, 3, 64]))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=3)))
        data = data[:place] + piece + data[place + size :]
    return data


@settings(max_examples=400, deadline=None)
@given(changed())
def test_lines_that_were_damaged(data: bytes) -> None:
    agree(data)
    agree(data + b"\n")


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join))
@example(b"")
@example(b"\n")
@example(b"{}\n")
def test_pieces_of_json(value: bytes) -> None:
    agree(value)
    for line in (b'{"text":"a","x":%s}\n', b'{"x":[%s],"text":"a"}\n', b'{"id":%s,"text":"a"}\n', b'{"text":"%s"}\n'):
        agree(line % value)


WHOLE = (
    b'{"id":"x/1","text":"a\\n\\"\\u00e9\xc3\xa9\\ud83d\\ude00b","n":-1.5e+3,"m":{"a":[true,null,{}],"\\t":0}}\n',
    b'{"text":"", "id": 12 , "z":[[],[false,"\\\\"]]}\r\n',
    b'{"z":"' + b"a" * 50 + b'\\u4e16","text":"' + b"b" * 130 + b'\\\\\\/","id":null}\n',
)


@pytest.mark.parametrize("line", WHOLE)
def test_every_byte_of_a_line_may_be_wrong(line: bytes) -> None:
    good = b'{"text":"' + b"c" * 200 + b'"}\n'  # behind it, so that nothing stands at the block's end
    assert agree(line)
    for place in range(len(line)):
        agree(line[:place])
        agree(line[:place] + b"\n")
        for behind in (b"", good):
            agree(line[:place] + line[place + 1 :] + behind)
            agree(line[:place] + line[place : place + 1] + line[place:] + behind)
        for byte in range(256):
            agree(line[:place] + bytes([byte]) + line[place + 1 :] + (good if byte % 2 else b""))
            agree(line[:place] + bytes([byte]) + line[place:] + (b"" if byte % 2 else good))


ESCAPES = [*"nrtbf/", "\\", '"', "u0041", "u00e9", "u20AC", "ud83d\\ude00", "u0000"]
WRONG = ["x", "u12g4", "ud83d", "ude00", "ud83d\\u0041", "ud83dn", "u", "\n", "ud83d\\ud83d", "U0041", "0"]


@pytest.mark.parametrize("escape", ESCAPES)
def test_escapes_wherever_they_stand(escape: str) -> None:
    for before, after in product(range(135), (0, 1, 50, 200)):
        value = "a" * before + f"\\{escape}" * (1 + before % 3) + "é" * (before % 2) + "b" * after
        for line in (f'{{"text":"{value}"}}\n', f'{{"id":"{value}","text":"b"}}\n', f'{{"text":"c","x":"{value}"}}\n'):
            assert agree(line.encode())


@pytest.mark.parametrize("escape", WRONG)
def test_wrong_escapes_wherever_they_stand(escape: str) -> None:
    for before, after in product((*range(4), *range(55, 70), 127, 128), (0, 1, 50, 200)):
        value = "a" * before + f"\\{escape}" + "z" * after
        for line in (f'{{"text":"{value}"}}\n', f'{{"id":"{value}","text":"b"}}\n', f'{{"text":"c","x":"{value}"}}\n'):
            assert not agree(line.encode())


STRANGE = {
    "no id of a kind": b'{"text":"a","id":[1]}\n',
    "twice": b'{"text":"a","text":"b"}\n',
    "two ids": b'{"text":"a","id":1,"id":2}\n',
    "spelled otherwise": b'{"te\\u0078t":"a"}\n',
    "bytes elsewhere": b'{"text":"a","x":"\xff"}\n',
    "deep": b'{"text":"a","x":' + b"[" * 61 + b"]" * 61 + b"}\n",
    "out of range": b'{"text":"a","id":1e400}\n',
    "no newline": b'{"text":"a"}',
    "blank": b'{"text":"a"}\n\n',
    "mark": b'\xef\xbb\xbf{"text":"a"}\n',
    "space first": b' {"text":"a"}\n',
    "two lines": b'{"text":\n"a"}\n',
    "two records": b'{"text":"a"}{"text":"b"}\n',
    "missing": b'{"id":1}\n',
    "null": b'{"text":null}\n',
    "array": b'["text"]\n',
}


@pytest.mark.parametrize("line", STRANGE.values(), ids=list(STRANGE))
def test_what_is_left_to_the_decoder(line: bytes) -> None:
    good = b'{"text":"a"}\n'
    assert taken(good) == [("a", "", PLACE)]
    for data in (line, good + line, good * 30 + line) + ((line + good,) if line.endswith(b"\n") else ()):
        assert taken(data) is None


def test_deep_but_not_too_deep() -> None:
    for opened, closed in ((b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")):
        depth = 60 // len(closed)
        assert agree(b'{"text":"a","x":' + opened * depth + b"1" + closed * depth + b"}\n")
        assert not agree(b'{"text":"a","x":' + opened * 61 + b"1" + closed * 61 + b"}\n")
    assert not agree(b'{"text":"a","x":[{]}}\n')


IDS = [
    "7",
    "-7",
    "0",
    "-0",
    "1.5",
    "1e3",
    "true",
    "false",
    "null",
    '"x"',
    '""',
    '"\\u00e9\\n"',
    '"é"',
    "9" * 18,
    "9" * 30,
]


@pytest.mark.parametrize("value", IDS)
def test_ids_are_the_decoders(value: str) -> None:
    line = f'{{"id":{value},"text":"a"}}\n'.encode()
    assert agree(line)
    assert agree(line + b'{"text":"b","id":"next"}\n' + line)


@pytest.mark.parametrize("fields", [("text", "text"), ("meta.text", "id"), ("text", "meta.id")])
def test_fields_inside_others_are_left_to_the_decoder(fields: tuple[str, str]) -> None:
    assert taken(b'{"text":"a"}\n', Reading(*fields)) is None


@pytest.mark.parametrize("fields", [("é", ""), ("", "é"), ("x" * 100, "a/b ")])
def test_fields_of_any_name(fields: tuple[str, str]) -> None:
    reading, decoder = Reading(*fields), decoder_of(*fields)
    for is_ascii in (True, False):
        for record in ({fields[0]: "a", fields[1]: "b"}, {fields[1]: "b", fields[0]: "a"}, {fields[0]: "a"}):
            data = json.dumps(record, ensure_ascii=is_ascii).encode() + b"\n"
            assert taken(data, reading) in (None, decoded(data, decoder))
            assert (taken(data, reading) is None) == (b"\\" in data)


def test_a_record_of_the_limit_is_taken() -> None:
    data = b'{"text":"a"}\n{"text":"ab"}\r\n'
    assert taken(data, Reading(record_limit=14)) == [("a", "", PLACE), ("ab", "", PLACE + 13)]
    assert taken(data, Reading(record_limit=13)) is None


def arrays(*fields: bytes) -> Sequence[Any]:
    return [np.frombuffer(bytearray(field), np.uint8) for field in fields]


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=3).map(b"".join), st.integers(0, 70), st.sampled_from(PIECES))
def test_nothing_is_written_elsewhere_and_what_follows_is_not_read(data: bytes, at: int, behind: bytes) -> None:
    out = np.full(at + len(data) + 70, 0xAA, np.uint8)
    held = np.frombuffer(data + behind * 200, np.uint8)[: len(data)]
    ends, places, _ = extract(held, *arrays(b"text", b"id"), 1 << 20, out, at)
    assert (out[:at] == 0xAA).all()
    assert (out[at + len(data) :] == 0xAA).all()
    expected = decoded(data)
    assert not isinstance(expected, str)
    assert out[at : ends[-1]].tobytes().decode() == "".join(text for text, _, _ in expected)
    assert places.tolist() == [place - PLACE for _, _, place in expected]


def valid(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


EDGES = b"\0\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5\xff"


@pytest.mark.parametrize("before", [0, 60, 61, 62, 63])
def test_utf8_is_what_python_takes_for_it(before: int) -> None:
    for length in (1, 2, 3):
        for some in product(EDGES, repeat=length):
            data = b"a" * before + bytes(some)
            assert is_utf8(np.frombuffer(data, np.uint8)) == valid(data), some


@pytest.mark.parametrize("behind", [b"", b"a" * 70])
def test_utf8_of_four_bytes(behind: bytes) -> None:
    for first, *others in product(EDGES[10:], EDGES[1:12], EDGES[1:12], EDGES[1:12]):
        data = b"\xc3\xa9" * 31 + bytes([first, *others]) + behind
        assert is_utf8(np.frombuffer(data, np.uint8)) == valid(data), others


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=150).map(str.encode), st.integers(0, 600), st.binary(max_size=2))
def test_damaged_utf8(data: bytes, place: int, piece: bytes) -> None:
    assert is_utf8(np.frombuffer(data, np.uint8))
    data = data[:place] + piece + data[place + 1 :]
    assert is_utf8(np.frombuffer(data, np.uint8)) == valid(data)
    assert lines_of(np.frombuffer(data, np.uint8)) == data.count(b"\n")
