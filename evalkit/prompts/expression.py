"""A Jinja expression over a row, as task files write them: `gold = "label"`, `choices = "[choice1, choice2]"`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import Undefined

from evalkit.errors import DataError, TaskError
from evalkit.prompts.sandbox import Sandbox


@cache
def _sandbox() -> Sandbox:
    return Sandbox()


@dataclass(frozen=True, slots=True)
class Expression:
    """`key` is the task file's key that it stands under; `evaluate` is compiled once."""

    source: str
    key: str
    _compiled: Any = field(repr=False, compare=False)

    @classmethod
    def parse(cls, source: str, key: str, where: str) -> "Expression":
        """Compile an expression from the task file `where`.

        Raises:
            TaskError: it is no Jinja expression.
        """
        try:
            return cls(source, key, _sandbox().compile_expression(source, undefined_to_none=False))
        except Exception as error:  # a syntax error, mostly; or nested too deep for Python
            raise TaskError(f"{where}: {key} = {source!r} is no Jinja expression: {error}") from None

    def evaluate(self, row: Mapping[str, Any], where: str) -> Any:
        """The expression's value for a row; `where` names the file and the row in errors.

        Raises:
            DataError: the row lacks a field that the expression names, holds null there, or does not fit it.
        """
        _sandbox().start()
        try:
            value = self._compiled(row)
        except Exception as error:  # whatever an expression can raise is a row that does not fit it
            raise DataError(self._message(row, where, str(error))) from None
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Undefined):
                raise DataError(self._message(row, where, f"no field {item._undefined_name!r}"))
        if value is None:
            raise DataError(self._message(row, where, "the value is null"))
        return value

    def _message(self, row: Mapping[str, Any], where: str, reason: str) -> str:
        return f"{where}: cannot work out {self.key} = {self.source!r}: {reason}. The row's fields: {', '.join(row)}"
