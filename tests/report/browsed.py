"""Reports, and the samples that they carry."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.report.build import build
from evalkit.report.sample_links import decoded
from evalkit.report.sample_log import FLAGS
from evalkit.report.samples import Most

_BLOCK = re.compile(r'<script type="application/octet-stream" id="samples-([\w-]+)">([A-Za-z0-9+/=]*)</script>')


def written(runs: Sequence[Path], page: Path, most: Most = "some") -> Path:
    """A report, written to a path."""
    page.parent.mkdir(parents=True, exist_ok=True)
    return build(runs, output=page, samples=most)


def blocks_of(page: str) -> dict[str, str]:
    """The blocks of samples that a page holds."""
    return dict(_BLOCK.findall(page))


def samples_of(blocks: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], dict[str, Any], set[str]]]:
    """Every sample that blocks hold, by where it stands (run, task, prompt, shots, seed, id), with its flags."""
    index = decoded(blocks["index"])
    for section in index["sections"]:
        shots = decoded(blocks[f"{section['name']}-shots"])
        ends = [*section["starts"][1:], len(section["ids"])]
        for block, (start, end) in enumerate(zip(section["starts"], ends, strict=True)):
            piece = decoded(blocks[f"{section['name']}-{block}"])
            assert len(piece) == end - start
            for place, example in enumerate(piece, start):
                for number, own in example["each"].items():
                    setting = section["settings"][int(number)]
                    examples = setting["examples"] or list(range(len(section["ids"])))
                    flags = setting["flags"][examples.index(place)]
                    sample = {**example["same"], **own}
                    sample["shots"] = [shots[shot] for shot in sample["shots"]]
                    key = (*setting["keys"].values(), section["ids"][place])
                    yield key, sample, {name for name, bit in FLAGS.items() if flags & bit}
