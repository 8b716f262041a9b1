"""Let the search find numbers and the words of tables; a button leads to how to cite."""

import html
import re

from docutils import nodes
from sphinx.search.en import SearchEnglish

# A number keeps its point and loses its commas. Sphinx's search ignores a word of digits alone, so
# that a whole number carries a sign.
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+"
_TOKEN = re.compile(rf"(?:{_NUMBER})(?!\w)|\w+")
_SPLITTER = r"""
function splitQuery(query) {
  const words = query.match(/(?:NUMBER)(?![\p{L}\p{N}_])|[\p{L}\p{N}_]+/gu) || [];
  return words.map(word => /^\d[\d,]*(\.\d+)?$/.test(word) ? word.replaceAll(",", "") : word)
    .map(word => /^\d+$/.test(word) ? "#" + word : word);
}
""".replace("NUMBER", _NUMBER)
_CELL_END = re.compile(r"</(td|th|caption|p)>(?!\s)")


class EnglishWithNumbers(SearchEnglish):
    """English, and numbers as they are printed."""

    js_splitter_code = _SPLITTER

    def split(self, text):
        """Words and numbers, written as the script in the browser writes them."""
        words = (word.replace(",", "") for word in _TOKEN.findall(text))
        return [f"#{word}" if word.isascii() and word.isdigit() else word for word in words]


def part_cells(app, doctree):
    """Part the cells of raw tables by a blank, so that the index does not join their words."""
    for node in doctree.findall(nodes.raw):
        node.children[:] = [nodes.Text(_CELL_END.sub(r"</\1> ", node.astext()))]


def add_cite(app, pagename, templatename, context, doctree):
    """Put a button "cite" beside the others at the head of a page."""
    buttons = context.get("header_buttons")
    if buttons is not None:
        url = html.escape(context["pathto"]("bibliography"), quote=True)
        buttons.append({"type": "link", "url": url, "icon": "fas fa-quote-left", "tooltip": "Cite"})


def setup(app):
    """Register with Sphinx."""
    app.add_search_language(EnglishWithNumbers)
    app.connect("doctree-read", part_cells)
    app.connect("html-page-context", add_cite, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
