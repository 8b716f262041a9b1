"""Make the list of chapters once for all pages of a folder that stands in no list itself."""

import posixpath


def setup(app):
    """Register with Sphinx."""
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
