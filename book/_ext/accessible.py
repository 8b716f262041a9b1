"""Mend what the theme and its extensions tell screen readers wrongly."""


def mend_roles(app, pagename, templatename, context, doctree):
    """A list whose children are entries of a bibliography is no list of list items."""
    if "body" in context:
        context["body"] = (
            context["body"]
            .replace('role="list" class="citation-list"', 'class="citation-list"')
            .replace('class="citation-list" role="list"', 'class="citation-list"')
        )


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", mend_roles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
