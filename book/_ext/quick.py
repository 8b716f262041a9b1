"""Build side by side, and make the list of chapters once for all pages of a folder.

Pages of a folder stand in no list of chapters themselves.
"""

import os
import posixpath

from faceage_stats.reporting.book.reference import entries

# One prepares LaTeX, one numbers chapters when all are read; neither says what it allows.
UNDECLARED = ("sphinx_jupyterbook_latex", "sphinx_multitoc_numbering")


def read_side_by_side(app, env, docnames):
    """Read and write pages in as many processes as `BOOK_CORES` says, where they can be forked."""
    app.parallel = int(os.environ.get("BOOK_CORES", "1"))
    for name in UNDECLARED:
        if name in app.extensions:
            app.extensions[name].parallel_read_safe = True
    if app.parallel > 1:
        entries()  # imports what the reference describes, before the processes part


def setup(app):
    """Register with Sphinx."""
    app.connect("env-before-read-docs", read_side_by_side)
    made = {}

    def give_list(app, pagename, templatename, context, doctree):
        folder = posixpath.dirname(pagename)

        def list_of_chapters(generate, **options):
            if not folder:
                return generate(**options)
            if folder not in made:
                made[folder] = str(generate(**options))
            return made[folder]

        context["list_of_chapters"] = list_of_chapters

    app.connect("html-page-context", give_list, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
