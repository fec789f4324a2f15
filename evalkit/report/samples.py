"""The samples that a page carries: runs in, compressed blocks out, inside of the page or beside it.

`reports/samples.js` reads the blocks, each JSON, compressed with gzip and written in base64. The block `index` has what
samples are found by; `sample_chunks` says what the others are.
"""

import base64
import gzip
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from evalkit.contamination.overlaps import CLEAN, DIRTY, UNSCORED
from evalkit.errors import RunError
from evalkit.report.loaded import Loaded
from evalkit.report.sample_chunks import Held, compact, encoded, held
from evalkit.report.sample_chunks import title as title_of
from evalkit.report.sample_links import addresses, beside, decoded
from evalkit.report.sample_log import FLAGS, Asked, Section, sections
from evalkit.report.sample_view import TEXTS
from evalkit.report.summary import shots_text

Most = Literal["some", "all", "beside", "none"]
LIMIT = 1_500_000  # characters of blocks that a page holds if not all samples are asked for

_LEAST = 75  # characters of a block that a sample takes, at least: its numbers hardly compress
_SMALL = 3  # logs of so many times what a page may hold may fit as a whole
_FULL = 0.85  # a page that holds so much of what it may is not tried again with more
_FILE = re.compile(r"(index|\d+-(shots|\d+))\.js")


@dataclass(frozen=True, slots=True)
class Filter:
    """A list to choose from: how it is called, the field of the form that it is, and values with their texts."""

    label: str
    name: str
    options: Sequence[tuple[str | int, str]]


@dataclass(frozen=True, slots=True)
class Browser:
    """What the template `samples.html.jinja` shows: the `blocks` that the page holds by their names, none if they are
    in a folder beside it, whose address is `beside`; so many samples of so many that the runs have; what they can be
    filtered by, `boxes` being the bits and names of flags. Of several runs, `addresses` has those of all samples that
    are carried, each with the place of its run.
    """

    blocks: Mapping[str, str]
    beside: str
    carried: int
    total: int
    runs: int
    is_redacted: bool
    filters: Sequence[Filter]
    boxes: Sequence[tuple[int, str]]
    addresses: frozenset[tuple[int, str]]


def browser(runs: Sequence[Loaded], most: Most, page: Path, limit: int = LIMIT) -> Browser:
    """The samples of runs for a page.

    Args:
        runs: the runs, in the order in which they are shown.
        most: `all` samples in the page; or `beside` it, in files that it loads as they are wanted; or `some`, the same
            examples of every setting and every run, so that the page stays small; or `none`.
        page: the page's path, beside which the files of an older one are removed.
        limit: characters of the blocks of `some`.

    Raises:
        RunError: a log is damaged, or the files beside the page cannot be written.
    """
    found = sections(runs) if most != "none" else []
    total = sum(len(asked.rows) for section in found for asked in section.asked)
    blocks: dict[str, str] = {}
    if total:
        blocks = _some(found, runs, limit) if most == "some" else dict(_every(found, runs))
    _put_beside(page.parent / beside(page), blocks if most == "beside" else {})
    index = decoded(blocks["index"]) if blocks else {"sections": []}
    parts = index["sections"]
    flags = {flag for part in parts for one in part["settings"] for flag in one["flags"]}
    return Browser(
        blocks={} if most == "beside" else blocks,
        beside=quote(beside(page)) if most == "beside" else "",
        carried=sum(len(one["flags"]) for part in parts for one in part["settings"]),
        total=total,
        runs=len(runs),
        is_redacted=any(run.manifest.redacted for run in runs),
        filters=_filters(parts, flags),
        boxes=_known(("flipped", "truncated", "tied"), flags),
        addresses=frozenset(addresses(index)) if len(runs) > 1 else frozenset(),
    )


def title(row: Mapping[str, Any]) -> str:
    """The beginning of the item's text, on one line, from a row of the log."""
    return title_of((*row["contexts"], *row["completions"], *row["written"]))


def _several(keys: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """What settings are told apart by, where there is more than one value."""
    values = {name: list(dict.fromkeys(one[name] for one in keys)) for name in (keys[0] if keys else ())}
    ordered = {name: sorted(own, key=int) if name in ("shots", "seed") else own for name, own in values.items()}
    return {name: own for name, own in ordered.items() if len(own) > 1}


def _filters(parts: Sequence[Mapping[str, Any]], flags: Collection[int]) -> list[Filter]:
    """Those that tell samples apart."""
    settings = _several([one["keys"] for part in parts for one in part["settings"]])
    columns = sorted({column for part in parts for own in part["parts"] for column in own})
    filters = [
        *(Filter(name, name, [(value, value) for value in values]) for name, values in settings.items()),
        Filter("verdict", "flags", _known(("right", "wrong"), flags)),
        Filter("contamination", "flags", _known((CLEAN, DIRTY, UNSCORED), flags)),
        Filter("part", "part", [(column, column) for column in columns]),
    ]
    return [one for one in filters if len(one.options) > 1]


def _known(names: Sequence[str], flags: Collection[int]) -> list[tuple[int, str]]:
    return [(FLAGS[name], name) for name in names if any(FLAGS[name] & one for one in flags)]


def _every(found: Sequence[Section], runs: Sequence[Loaded]) -> Iterator[tuple[str, str]]:
    yield from _packed((held(section, range(len(section.examples))) for section in found), found, runs)


def _some(found: Sequence[Section], runs: Sequence[Loaded], limit: int) -> dict[str, str]:
    """As many examples of each section as fit, found by trying: what a sample takes is known once it is compressed."""
    most = _bound(found, limit)
    orders = [_order(section) for section in found]
    parts = [held(section, sorted(order[:most])) for section, order in zip(found, orders, strict=True)]
    best: dict[str, str] = {}
    stored = sum(asked.file.stat().st_size for section in found for asked in section.asked)
    fits, fails, number = 0, most + 1, most if stored < _SMALL * limit else min(8, most)
    while True:
        tried = (part.only(sorted(order[:number])) for part, order in zip(parts, orders, strict=True))
        blocks = dict(_packed(tried, found, runs))
        size = sum(map(len, blocks.values()))
        if size <= limit:
            best, fits = blocks, number
        else:
            fails = number
        if fails - fits <= 1 or (best is blocks and size > _FULL * limit):
            return best
        number = max(fits + 1, min(fails - 1, int(number * limit * 0.95 / size)))


def _bound(found: Sequence[Section], limit: int) -> int:
    """More examples of each section than so many cannot fit."""
    low, high = 1, max(len(section.examples) for section in found)
    while low < high:
        middle = (low + high + 1) // 2
        samples = sum(min(middle, len(asked.rows)) for section in found for asked in section.asked)
        low, high = (middle, high) if samples * _LEAST <= limit else (low, middle - 1)
    return low


def _order(section: Section) -> list[int]:
    """The dirty examples and then the others, each in an order whose first ones are spread over the data, and are the
    same in every report.
    """
    name = section.told["task"]
    dirty = {place for asked in section.asked for place, flags in asked.flags.items() if flags & FLAGS[DIRTY]}
    keys = [zlib.crc32(f"{name}\0{one}".encode()) for one in section.examples]
    return sorted(range(len(keys)), key=lambda place: (place not in dirty, keys[place], place))


def _packed(parts: Iterable[Held], found: Sequence[Section], runs: Sequence[Loaded]) -> Iterator[tuple[str, str]]:
    several = _several([_keys(asked, runs) for section in found for asked in section.asked])
    index = []
    for number, part in enumerate(parts):
        keys = [_keys(asked, runs) for asked in part.section.asked]
        section = encoded(part, str(number))
        for name, text in section.blocks:
            yield name, _block(text)
        for setting, own in zip(section.index["settings"], keys, strict=True):
            names = {key: text for key, text in _words(own).items() if key in several}
            short = [text for key, text in names.items() if key not in ("task", "prompt")]
            setting |= {"keys": own, "label": _joined(short, own), "place": _joined(names.values(), own)}
        index.append(section.index)
    redacted = [run.manifest.redacted for run in runs]
    yield "index", _block(compact({"sections": index, "redacted": redacted, "flags": list(FLAGS), "texts": TEXTS}))


def _keys(asked: Asked, runs: Sequence[Loaded]) -> dict[str, str]:
    """What tells a setting apart from all others, as a link has it."""
    one = asked.setting
    of = {"task": one.task, "prompt": one.prompt, "shots": str(one.shots), "seed": str(one.seed)}
    return {"run": runs[asked.run].label, **of}


def _words(keys: Mapping[str, str]) -> dict[str, str]:
    return {**keys, "shots": shots_text(int(keys["shots"])), "seed": f"seed {keys['seed']}"}


def _joined(words: Iterable[str], keys: Mapping[str, str]) -> str:
    """What tells a setting apart; its shots where nothing does."""
    return " · ".join(words) or _words(keys)["shots"]


def _block(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()


def _put_beside(folder: Path, blocks: Mapping[str, str]) -> None:
    """Write the blocks as scripts, since a page that is opened from disk can load nothing else."""
    try:
        for old in folder.iterdir() if folder.is_dir() else ():
            if _FILE.fullmatch(old.name) and old.name[:-3] not in blocks:
                old.unlink()
        if blocks:
            folder.mkdir(parents=True, exist_ok=True)
        for name, block in blocks.items():
            (folder / f"{name}.js").write_text(f'evalkitSamples("{name}","{block}");\n', encoding="ascii")
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise RunError(f"{folder}: samples cannot be written: {error.strerror}") from None
