"""Figures: what to draw with matplotlib in; out an SVG element in the colours of its page, or a file for a paper."""

import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unicodedata import category

from markupsafe import Markup, escape

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.figure import Figure

FORMATS = ("svg", "pdf", "png")

_STYLE: Any = {  # matplotlib's stubs name every key there is
    "svg.fonttype": "none",  # letters stay letters, in all three
    "svg.hashsalt": "evalkit",
    "pdf.fonttype": 42,
    "text.parse_math": False,  # a name is a name, whatever is in it
    "font.family": "sans-serif",
    "font.size": 9,
}
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None},
    "png": {},
}
_WORDS = {"pdf": "Subject", "png": "Description"}  # where files have room for words
_DPI = 200
_STYLED = re.compile(r' style="([^"]*)"')
_FONT = re.compile(r"(?:(italic|oblique) )?(?:(bold|\d+) )?([\d.]+px)\b.*")
_NAMED = re.compile(r'<g id="[^"]*"')
_UNSEEN = re.compile(r"<(style|metadata)\b.*?</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours: of letters, of letters that matter less, of lines to read by, and of models or runs in their order."""

    ink: str
    soft: str
    line: str
    series: tuple[str, ...]

    @property
    def accent(self) -> str:
        """The colour of what the figure is about, where that is one thing."""
        return self.series[0]

    def of(self, place: int) -> str:
        """The colour of the model or run at this place; after the last the first comes again."""
        return self.series[place % len(self.series)]


_STAND_INS = Palette("#010203", "#010204", "#010205", tuple(f"#0102{place}" for place in range(10, 18)))
_ON_PAGE = {
    _STAND_INS.ink: "var(--ink)",
    _STAND_INS.soft: "var(--soft)",
    _STAND_INS.line: "var(--line)",
    **{colour: f"var(--series-{place})" for place, colour in enumerate(_STAND_INS.series, 1)},
}
_ON_PAPER = Palette(  # those of Okabe and Ito, the light ones darker
    *("#1c2024", "#5a6169", "#dcdfe4"),
    ("#0072b2", "#d55e00", "#00805d", "#aa3377", "#8a6d00", "#2a7fae", "#7a4ea3", "#444444"),
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure that is still to be drawn: its width and height in inches, what it shows in words, and what draws it on
    an empty figure in the colours given.
    """

    size: tuple[float, float]
    words: str
    draw: "Callable[[Figure, Palette], None]"


def on_page(drawing: Drawing) -> Markup:
    """The figure as an SVG element with its text alternative. It has no style of its own, so that the strictest policy
    lets it stand, and takes its colours from the page, light or dark.
    """
    svg = _saved(drawing, _STAND_INS, "svg").decode()
    element = _NAMED.sub("<g", _UNSEEN.sub("", svg[svg.index("<svg") :]))
    element = _STYLED.sub(lambda found: _attributes(found[1]), element)
    for colour, variable in _ON_PAGE.items():
        element = element.replace(f'="{colour}"', f'="{variable}"')
    return Markup(element.replace("<svg", f'<svg role="img" aria-label="{escape(drawing.words)}"', 1))


def on_paper(drawing: Drawing, form: str) -> bytes:
    """The figure as a file of one of `FORMATS`, on white, in colours that the colour-blind tell apart; its words are
    within, as the format has it.
    """
    content = _saved(drawing, _ON_PAPER, form)
    if form == "svg":
        label = f'<svg role="img" aria-label="{escape(legible(drawing.words))}"'
        content = content.replace(b"<svg", label.encode(), 1)
    return content


def legible(text: str) -> str:
    """A text without control characters, which no format of figures has room for."""
    return "".join(letter if category(letter) not in ("Cc", "Cs") else " " for letter in text)


def _saved(drawing: Drawing, palette: Palette, form: str) -> bytes:
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    inks = ("text.color", "axes.labelcolor", "xtick.color", "ytick.color", "axes.titlecolor")
    colours: Any = {**dict.fromkeys(inks, palette.ink), "axes.edgecolor": palette.line, "grid.color": palette.line}
    with matplotlib.rc_context({**_STYLE, **colours}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # a browser has more letters
        figure = Figure(figsize=drawing.size, layout="constrained")
        drawing.draw(figure, palette)
        _lay_out(figure)
        written = io.BytesIO()
        metadata = _METADATA[form] | ({_WORDS[form]: legible(drawing.words)} if form in _WORDS else {})
        if palette is _STAND_INS:
            for patch in (figure.patch, *(axis.patch for axis in figure.axes)):
                patch.set_visible(False)
            canvas: Any = FigureCanvasSVG(figure)
            canvas.print_svg(written, metadata=metadata)  # draws once: `savefig` does so twice
        else:
            figure.savefig(written, format=form, metadata=metadata, dpi=_DPI)
        return written.getvalue()


def _lay_out(figure: "Figure") -> None:
    """Give everything its place, to a ten-thousandth of the figure: the solver's last digits differ from time to time,
    and a file should not.
    """
    from matplotlib.transforms import Bbox

    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)
    figure.set_layout_engine("none")
    for part in figure.subfigs:
        part.bbox_relative.set_points(part.bbox_relative.get_points().round(4))
    for axis in figure.axes:
        axis.set_position(Bbox(axis.get_position(original=True).get_points().round(4)))


def _attributes(style: str) -> str:
    """The declarations of a `style` as attributes of their own; the family of letters is left to the page."""
    said: dict[str, str] = {}
    for declaration in style.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if found := _FONT.fullmatch(value) if name == "font" else None:
            said |= {"font-style": found[1], "font-weight": found[2], "font-size": found[3]}
        elif name not in ("font", "font-family"):
            said[name] = value
    return "".join(f' {name}="{escape(value)}"' for name, value in said.items() if name and value)
