"""Mend what the theme and its extensions tell screen readers wrongly."""

MENDED = {
    # a list whose children are entries of a bibliography is no list of list items
    'role="list" class="citation-list"': 'class="citation-list"',
}


def mend(app, pagename, templatename, context, doctree):
    """Replace the attributes in the text of the page."""
    for wrong, right in MENDED.items():
        context["body"] = context.get("body", "").replace(wrong, right)


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
