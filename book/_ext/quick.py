"""Build side by side, and do once what every page repeats: the list of chapters, stems of words."""

import posixpath
from functools import cache

from sphinx.search.en import SearchEnglish

# One prepares LaTeX, one numbers chapters when all are read; neither says what it allows.
UNDECLARED = ("sphinx_jupyterbook_latex", "sphinx_multitoc_numbering")


def read_side_by_side(app, env, docnames):
    """Allow as many processes as were asked for."""
    for name in UNDECLARED:
        if name in app.extensions:
            app.extensions[name].parallel_read_safe = True


LINK = '<li class="toctree-l1"><a class="reference internal" href="{}.html">'
LINK_HERE = '<li class="toctree-l1 current active"><a class="current reference internal" href="#">'
PART, PART_HERE = '<ul class="nav bd-sidenav">', '<ul class="current nav bd-sidenav">'


def unmarked(chapters, page):
    """The list of chapters as it stands on `page`, without the mark of that page."""
    return chapters.replace(LINK_HERE, LINK.format(page)).replace(PART_HERE, PART)


def marked(chapters, page):
    """The list of chapters with the mark of `page`, where it is one of them."""
    before, link, after = chapters.partition(LINK.format(page))
    if not link:
        return chapters
    start, _, part = before.rpartition(PART)
    return start + PART_HERE + part + LINK_HERE + after


def setup(app):
    """Register with Sphinx."""
    app.connect("env-before-read-docs", read_side_by_side)
    SearchEnglish.stem = cache(SearchEnglish.stem)  # a book has far more words than stems
    made = {}

    def give_list(app, pagename, templatename, context, doctree):
        folder = posixpath.dirname(pagename)  # the links of its pages are alike

        def list_of_chapters(generate, **options):
            if folder not in made:
                made[folder] = unmarked(str(generate(**options)), pagename)
            return marked(made[folder], pagename)

        context["list_of_chapters"] = list_of_chapters

    app.connect("html-page-context", give_list, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
