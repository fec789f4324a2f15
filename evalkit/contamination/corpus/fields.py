"""Decodes of a JSON record the fields that are needed, and passes over the others: a type is made of just those."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from evalkit.errors import ContaminationError


class Decoder(NamedTuple):
    """Decodes one record, or all of some lines; `text` and `name` take the document and its id from a record.

    Decoding raises ValueError or RecursionError; so does `text().encode()` for what is no Unicode.
    """

    line: Callable[[bytes], Any]
    lines: Callable[[bytes], list[Any]]
    text: Callable[[Any], str]
    name: Callable[[Any], str]


def decoder_of(column: str, name: str) -> Decoder:
    """A decoder for a field of text, and one of an id that may be missing; `a.b` is b of the object in a.

    Raises:
        ContaminationError: no field can be called so.
    """
    import msgspec  # loaded only when a corpus is read

    text, own = column.split("."), name.split(".")
    wanted: dict[str, Any] = {}
    if text[: len(own)] != own and own[: len(text)] != text:  # else the id would hold the text, or stand in it
        _want(wanted, own, Any)
    _want(wanted, text, str)
    try:
        decoder = msgspec.json.Decoder(_struct(wanted, msgspec.defstruct))
    except ValueError as error:
        raise ContaminationError(
            f"column {column!r}, id column {name!r}: a field cannot be called so ({error}). Rename it in the corpus"
        ) from None
    named = _namer(_way(wanted, own)) if own[0] in wanted and (own == text or own[: len(text)] != text) else None
    get = attrgetter(".".join(_way(wanted, text)))
    return Decoder(decoder.decode, decoder.decode_lines, get, named or _nameless)


def name_of(value: Any) -> str:
    """A document's id as text; empty where there is none, or what stands there can be none."""
    return value if type(value) is str else str(value) if isinstance(value, int | float) else ""


def decoded_name(value: bytes) -> str:
    """A document's id as text, from its JSON.

    Raises:
        ValueError: a number is out of range.
    """
    import msgspec

    return name_of(msgspec.json.decode(value))


def _want(wanted: dict[str, Any], path: Sequence[str], kind: Any) -> None:
    for part in path[:-1]:
        wanted = wanted.setdefault(part, {})
    wanted[path[-1]] = kind


def _struct(wanted: dict[str, Any], make: Callable[..., Any]) -> Any:
    """A type with the fields `f0`, `f1`, ..., called in JSON as wanted: those names may be none of Python's."""
    fields: list[tuple[Any, ...]] = []
    for number, kind in enumerate(wanted.values()):
        inner = _struct(kind, make) if isinstance(kind, dict) else kind
        if _holds_text(kind):
            fields.append((f"f{number}", inner))
        else:
            fields.append(
                (f"f{number}", inner if kind is Any else inner | str | int | float | bool | list | None, None)
            )
    names = {f"f{number}": name for number, name in enumerate(wanted)}
    return make("Record", fields, rename=names, kw_only=True, gc=False)


def _holds_text(kind: Any) -> bool:
    return any(map(_holds_text, kind.values())) if isinstance(kind, dict) else kind is str


def _way(wanted: dict[str, Any], path: Sequence[str]) -> list[str]:
    """The attributes that lead to a field."""
    way = []
    for part in path:
        way.append(f"f{list(wanted).index(part)}")
        wanted = wanted[part]
    return way


def _namer(way: Sequence[str]) -> Callable[[Any], str]:
    if len(way) == 1:
        get = attrgetter(way[0])
        return lambda record: value if type(value := get(record)) is str else name_of(value)  # mostly so: half the time

    def name(record: Any) -> str:
        for part in way:
            record = getattr(record, part, None)
        return name_of(record)

    return name


def _nameless(record: Any) -> str:
    return ""
