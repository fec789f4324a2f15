"""The Jinja environment for templates that may come from strangers.

In: folders to load from. Out: a sandboxed environment in which an undefined name is an error, a null is an error,
nothing outside the folders can be read, and neither time nor size can run away: every loop turn and every call looks
at the clock, and every string that is multiplied, joined or written is held to a length.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.ext import Extension
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

MAX_CHARS = 4_000_000
MAX_SECONDS = 5.0


def _refuse_null(value: Any) -> Any:
    if value is None:
        raise UndefinedError("a field is null in the data")
    return value


def _product(left: Any, right: Any) -> int:
    """The length of a repeated text or list, 0 for other products."""
    for items, times in ((left, right), (right, left)):
        if isinstance(items, (str, list, tuple)) and isinstance(times, int):
            return len(items) * times
    return 0


class _Watch(NodeTransformer):
    """Sends what every loop runs over, and every `~`, through the environment's checks."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = nodes.Call(nodes.EnvironmentAttribute("watched"), [node.iter], [], None, None)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return nodes.Call(nodes.EnvironmentAttribute("concatenated"), list(node.nodes), [], None, None)


class Sandbox(SandboxedEnvironment):
    """`SandboxedEnvironment` with a bound on time and on the length of strings."""

    intercepted_binops = frozenset(["+", "*", "**", "%"])

    def __init__(self, roots: Sequence[Path] = (), extensions: Sequence[type[Extension]] = ()) -> None:
        super().__init__(
            loader=FileSystemLoader([str(root) for root in roots]),
            extensions=list(extensions),
            undefined=StrictUndefined,
            finalize=_refuse_null,
            trim_blocks=True,
            autoescape=False,
            auto_reload=False,
        )
        self.deadline = time.monotonic() + MAX_SECONDS

    def start(self) -> None:
        """Give the next rendering its full time."""
        self.deadline = time.monotonic() + MAX_SECONDS

    def tick(self) -> None:
        """Stop a rendering that has run out of time."""
        if time.monotonic() > self.deadline:
            raise SecurityError(f"the template ran for more than {MAX_SECONDS:g} seconds")

    def watched(self, items: Iterable[Any]) -> Iterator[Any]:
        """The items of a loop, with a look at the clock before each."""
        for item in items:
            self.tick()
            yield item

    def concatenated(self, *parts: Any) -> str:
        """`a ~ b`, bounded in length."""
        text: str = self.bounded("".join(str(_refuse_null(part)) for part in parts))
        return text

    def bounded(self, value: Any) -> Any:
        """The value, unless it is a string longer than any prompt could be."""
        if isinstance(value, str) and len(value) > MAX_CHARS:
            raise SecurityError(f"the template built a text of more than {MAX_CHARS:,} characters")
        return value

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Every call a template makes."""
        self.tick()
        return self.bounded(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuse products, powers and formats that would build something huge before it can be measured."""
        self.tick()
        if operator == "*" and _product(left, right) > MAX_CHARS:
            raise SecurityError(f"the template repeats something to more than {MAX_CHARS:,} characters")
        if operator == "**" and not (abs(left) <= 1_000_000 and abs(right) <= 64):
            raise SecurityError("the template raises a number to too high a power")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("format with '~' or a filter: '%' on a text is not allowed in a template")
        return self.bounded(super().call_binop(context, operator, left, right))

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        return super()._generate(_Watch().visit(source), name, filename, defer_init)
