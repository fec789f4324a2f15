"""Where a page has its samples: addresses of samples out of settings and ids, and of pages those that they carry."""

import base64
import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from evalkit.schema import Setting

_INDEX = re.compile(rb'<script type="application/octet-stream" id="samples-index">([A-Za-z0-9+/=]*)</script>')


def beside(page: Path) -> str:
    """The name of the folder beside a page that its samples are in, if they are not in the page."""
    return f"{page.stem}-samples"


def address(setting: Setting, example: str, run: str = "") -> str:
    """Where on the page a sample stands, after the `#`; of the first run that has it, if none is named."""
    names = {"run": run} if run else {}
    told = {"task": setting.task, "prompt": setting.prompt, "shots": setting.shots, "seed": setting.seed, "id": example}
    return f"sample?{urlencode({**names, **told}, quote_via=quote, safe='/')}"


def carried(report: Path) -> frozenset[str]:
    """The addresses of the samples of a report's first run; none where they cannot be read, as in a report of an
    earlier evalkit.
    """
    page = _INDEX.search(report.read_bytes())
    index = report.parent / beside(report) / "index.js"
    try:
        block = page[1].decode() if page is not None else index.read_text(encoding="ascii").split('"')[3]
        return frozenset(told for run, told in addresses(decoded(block)) if run == 0)
    except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError, zlib.error):
        return frozenset()


def addresses(index: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Every sample that an index knows: the place of its run, and its address without the run."""
    for section in index["sections"]:
        for one in section["settings"]:
            keys = one["keys"]
            setting = Setting(keys["task"], keys["prompt"], int(keys["shots"]), int(keys["seed"]))
            places = range(len(section["ids"])) if one["examples"] is None else one["examples"]
            yield from ((one["run"], address(setting, section["ids"][place])) for place in places)


def decoded(block: str) -> Any:
    """What a block holds."""
    return json.loads(gzip.decompress(base64.b64decode(block)))
