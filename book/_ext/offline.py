"""Leave out the scripts of thebe: pages run no code, and must not ask another host for any."""


def drop_thebe(app, pagename, templatename, context, doctree):
    """Keep every script of the page but those of sphinx-thebe, which Jupyter Book always adds."""
    context["script_files"] = [
        script
        for script in context.get("script_files", [])
        if "thebe" not in f"{script} {getattr(script, 'attributes', {})}".lower()
    ]


def setup(app):
    """Register with Sphinx, after the extensions that add scripts."""
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
