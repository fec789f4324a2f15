"""The three tags that evalkit adds to Jinja, and how a rendered text is cut at them.

`{% completion %}` parts context from completion; `{% cue %}` marks where the bare answer context begins;
`{% instruction %} ... {% endinstruction %}` holds text that is written once, before the shots. Each leaves a mark in
the rendered text. The marks carry a number drawn when the process starts, so no data can forge one.
"""

import secrets
from dataclasses import dataclass

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

_NONCE = secrets.token_hex(16)


def _mark(name: str) -> str:
    return f"\x00{_NONCE}:{name}\x00"


class PromptTags(Extension):
    """Parses `cue`, `completion` and `instruction`."""

    tags = {"cue", "completion", "instruction"}

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Turn a tag into the output of its mark."""
        token = next(parser.stream)
        line = token.lineno
        if token.value != "instruction":
            return [_output(str(token.value), line)]
        body = parser.parse_statements(("name:endinstruction",), drop_needle=True)
        return [_output("instruction", line), *body, _output("endinstruction", line)]


def _output(name: str, line: int) -> nodes.Node:
    return nodes.Output([nodes.TemplateData(_mark(name))]).set_lineno(line)


@dataclass(frozen=True, slots=True)
class Parts:
    """A rendered prompt, cut at its tags; `cue` is the end of `context`, empty without the tag."""

    instruction: str
    context: str
    cue: str
    completion: str


def cut(text: str) -> Parts:
    """Cut a rendered text at its marks.

    Raises:
        ValueError: a tag is missing, stands twice, or in the wrong place; the message says which.
    """
    for name in ("cue", "completion", "instruction"):
        if text.count(_mark(name)) > 1:
            raise ValueError(f"{{% {name} %}} stands more than once")
    instruction, text = _cut_instruction(text)
    context, mark, completion = text.partition(_mark("completion"))
    if not mark:
        raise ValueError("no {% completion %}: it marks where the text to be scored begins")
    if _mark("cue") in completion:
        raise ValueError("{% cue %} stands after {% completion %}; it belongs before")
    if not completion:
        raise ValueError("nothing stands after {% completion %}: there is no text to score")
    before, _, cue = context.partition(_mark("cue")) if _mark("cue") in context else (context, "", "")
    return Parts(instruction, before + cue, cue, completion)


def _cut_instruction(text: str) -> tuple[str, str]:
    before, mark, rest = text.partition(_mark("instruction"))
    if not mark:
        return "", text
    instruction, _, after = rest.partition(_mark("endinstruction"))
    if before or _mark("completion") in instruction or _mark("cue") in instruction:
        raise ValueError("{% instruction %} has to come first, with no other tag inside it")
    return instruction, after
