"""What every page has: a template engine that escapes, and a policy that allows the page's own style and script and
nothing else.
"""

import base64
from hashlib import sha256
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evalkit.library import home


def environment() -> Environment:
    """The engine of the pages, over `reports/`: everything that comes from data, models or file names is escaped."""
    return Environment(
        loader=FileSystemLoader(home() / "reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def asset(*names: str) -> str:
    """The text of files of `reports/`, one after the other."""
    return "".join((home() / "reports" / name).read_text(encoding="utf-8") for name in names)


def dressed(style: str, script: str = "", beside: str = "") -> dict[str, Any]:
    """What a page's head needs: its `style` and `script` as they stand on the page, and the `policy` that lets these
    two in. `beside` are sources of scripts besides, if there are any.
    """
    scripts = " ".join(part for part in (_hash(script) if script else "", beside) if part) or "'none'"
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {scripts}; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    return {"style": Markup(style), "script": Markup(script), "policy": Markup(policy)}


def _hash(text: str) -> str:
    """The source that a content security policy knows a text by."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
