"""Leave out what pages do not need: they run no code and ask no other host for anything."""

from pathlib import Path


def drop_thebe(app, pagename, templatename, context, doctree):
    """Keep the scripts and styles but those of sphinx-thebe, which Jupyter Book always adds."""
    for files in ("script_files", "css_files"):
        context[files] = [
            file
            for file in context.get(files, [])
            if "thebe" not in f"{file} {getattr(file, 'attributes', {})}".lower()
        ]


def drop_unused(app, exception):
    """Take away files of the theme that no page loads: maps of its scripts, icons as a script."""
    static = Path(app.outdir, "_static")
    for pattern in ("**/*.map", "**/*.ttf", "scripts/fontawesome.js*", "sphinx-thebe.*"):
        for path in static.glob(pattern):
            path.unlink()


def setup(app):
    """Register with Sphinx, after the extensions that add scripts."""
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("build-finished", drop_unused)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
