"""Put figures into the page as SVG: their text can be selected, searched and printed."""

import html
import re
from pathlib import Path

from docutils import nodes
from sphinx.util import ensuredir

from faceage_stats.reporting.figures.fonts import FAMILY, characters, font_subset

_FACE = re.compile(r"@font-face\{[^}]*\}")
_ID = re.compile(r'(\bid="|href="#|url\(#)')
_BLANK = re.compile(r"<!--.*?-->|(?<=\n) +", re.DOTALL)  # comments and indents
_PATH = re.compile(r'\b(?:d|x|y)="[^"]*"')
_DECIMALS = re.compile(r"(\d\.\d\d)\d+")  # a hundredth of a point is enough
_SIZE = re.compile(r'<svg\b[^>]*?viewBox="([^"]+)"[^>]*>')


def inline_figures(app, doctree, docname):
    """Replace each figure of the results, once its file is known."""
    if app.builder.format != "html":
        return
    used = app.env.figure_characters = getattr(app.env, "figure_characters", set())
    for number, image in enumerate(list(doctree.findall(nodes.image))):
        path = Path(app.srcdir, image["uri"])
        if path.suffix != ".svg" or "_generated" not in path.parts:
            continue
        svg = path.read_text(encoding="utf-8")
        used |= set(characters(svg))
        text = _inline(svg, f"f{number}-", image.get("alt", ""), image.get("width", "100%"))
        image.replace_self(nodes.raw("", text, format="html"))


def _inline(svg, prefix, alt, width):
    """The drawing without what a file needs, its names unlike those of the page's other figures."""
    svg = _FACE.sub("", svg[svg.index("<svg") :])
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = _BLANK.sub("", svg)
    svg = _PATH.sub(lambda path: _DECIMALS.sub(r"\1", path.group()), svg)
    svg = _ID.sub(rf"\1{prefix}", svg)
    label = html.escape(alt, quote=True)
    head = f'<svg viewBox="{_SIZE.search(svg).group(1)}" role="img" aria-label="{label}">'
    svg = _SIZE.sub(head, svg, count=1).replace("*{", f".{prefix}figure *{{")
    # text can be selected, but a screen reader is told the alternative text
    size = "figure-drawing wide" if width == "100%" else "figure-drawing"
    style = f'class="{size} {prefix}figure" style="width:{width}"'
    return f'<div {style} tabindex="0">{svg}</div>'


def write_font(app, exception):
    """Write the letters that the figures use, for the style sheet."""
    used = "".join(sorted(getattr(app.env, "figure_characters", ())))
    if exception or not used:
        return
    folder = Path(app.outdir, "_static", "fonts")
    ensuredir(folder)
    for weight in ("normal", "bold"):
        (folder / f"figures-{weight}.woff").write_bytes(font_subset(used, weight))


def setup(app):
    """Register with Sphinx."""
    assert FAMILY == "DejaVu Sans", "the style sheet names the font of the figures"
    app.connect("doctree-resolved", inline_figures)
    app.connect("build-finished", write_font)
    # The characters are gathered by the process that resolves references, which is one.
    return {"parallel_read_safe": True, "parallel_write_safe": True}
