"""Below the cells of a how-to what they showed when they were run; the page as a notebook."""

import json
from pathlib import Path

from faceage_stats.reporting.book.how_to import with_outputs

FOLDER = "_generated/how_to"


def splice(app, docname, source):
    """Put the outputs into the text of the page, where it was run."""
    path = Path(app.srcdir, FOLDER, "outputs.json")
    if not hasattr(app, "outputs_of_pages"):
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        app.outputs_of_pages = known
    if docname in app.outputs_of_pages:
        outputs = app.outputs_of_pages[docname]
        source[0] = with_outputs(source[0], outputs, f"{FOLDER}/{docname}.ipynb")


def setup(app):
    """Register with Sphinx."""
    app.connect("source-read", splice)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
