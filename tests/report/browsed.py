"""A page with the sample browser alone, as the report has it."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import DictLoader
from jinja2.loaders import ChoiceLoader

from evalkit.report.loaded import load
from evalkit.report.page import asset, dressed, environment
from evalkit.report.samples import LIMIT, Most, browser

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<title>Samples</title>
<style>{{ style }}</style>
</head>
<body>
<main>
<h1>Samples</h1>
{% include "samples.html.jinja" %}
</main>
<script>{{ script }}</script>
</body>
</html>
"""


def written(runs: Sequence[Path], page: Path, most: Most = "some", limit: int = LIMIT) -> Path:
    """The page, written to a path."""
    page.parent.mkdir(parents=True, exist_ok=True)
    samples = browser(load(runs), most, page.parent, limit)
    engine = environment()
    engine.loader = ChoiceLoader([engine.loader, DictLoader({"page": _PAGE})])
    beside = "'self'" if samples.beside else ""
    head = dressed(asset("report.css", "samples.css"), asset("samples.js"), beside)
    page.write_text(engine.get_template("page").render(samples=samples, **head), encoding="utf-8")
    return page
