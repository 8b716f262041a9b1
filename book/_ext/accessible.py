"""Mend what the theme and its extensions tell screen readers wrongly, or not at all."""

import html
import re

MENDED = {
    # a list whose children are entries of a bibliography is no list of list items
    'role="list" class="citation-list"': 'class="citation-list"',
}
# headings, and tables written in Markdown, which have no caption
PARTS = re.compile(
    r"<h[1-6]>(?P<heading>.*?)(?:<a class=\"headerlink\".*?)?</h[1-6]>|"
    r'<table class="(?P<kind>table[^"]*)">(?!\s*<caption)',
    re.DOTALL,
)


def mend(app, pagename, templatename, context, doctree):
    """Replace the attributes in the text of the page, and name its tables by their headings."""
    body = context.get("body", "")
    for wrong, right in MENDED.items():
        body = body.replace(wrong, right)
    context["body"] = named(body)


def named(body):
    """Tables without a caption have the name of the heading above them."""
    heading = ""

    def name(part):
        nonlocal heading
        if part["kind"] is None:
            heading = html.unescape(re.sub(r"<[^>]+>", "", part["heading"])).strip()
            return part.group()
        label = html.escape(heading, quote=True)
        return f'<table class="{part["kind"]}" aria-label="{label}">'

    return PARTS.sub(name, body)


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
