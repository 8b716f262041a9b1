"""Turn results/ into page fragments and build the book, warnings being errors."""

from __future__ import annotations

import argparse
import gc
import io
import logging
import os
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import own_book
import recipe
import workflow
from choosing import wanted_items
from endings import end_with_parent, finish
from faceage_stats._parser import walk
from faceage_stats.cli import build_parser
from faceage_stats.reporting.book.chapters import chapters, page_of_item
from faceage_stats.reporting.pages.write_fragments import write_fragments
from further_pages import links_of_values, write_further_pages
from made import write_made
from planning import BOOK as RECORD
from running import at_work

BOOK = workflow.ROOT / "book"


def commands() -> str:
    """The help of every command, from the parser itself."""
    os.environ["COLUMNS"] = "80"  # argparse fits its help to the terminal, which a page is not
    return "\n".join(
        f"## {' '.join(['faceage', *path])}\n\n```text\n{parser.format_help()}```\n"
        for path, parser in walk(build_parser())
    )


def jupyter_book(source: Path, html: Path, cores: int) -> tuple[int, str]:
    """Build the pages with Jupyter Book, in this process: it has imported what they describe.

    Returns
    -------
    code, said
        0 if there was no warning; and what it said.
    """
    from jupyter_book.sphinx import build_sphinx

    settings = {"external_toc_path": str(source / "_toc.yml"), "latex_individualpages": False}
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        ended = build_sphinx(
            source, html, path_config=source / "_config.yml", noconfig=True, confoverrides=settings,
            warningiserror=True, keep_going=True, quiet=True, jobs=cores,
        )  # fmt: skip
    if isinstance(ended, KeyboardInterrupt):
        raise ended
    return int(ended != 0), said.getvalue()


def main() -> int:
    """Build book/_build/html from scratch, so that no page of an earlier build is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cores", type=int, default=1, help="processes side by side (default: 1)")
    arguments = parser.parse_args()
    started = time.perf_counter()
    gc.disable()  # nearly all that a build makes lives to its end
    logging.disable(logging.INFO)  # nobody reads what is below a warning
    config = workflow.load_config()
    made_from = recipe.book_recipe(config)
    wanted = wanted_items(config)
    items = {name: module for name, module in workflow.items().items() if name in wanted}
    with ProcessPoolExecutor(arguments.cores, initializer=end_with_parent) as pool:
        write_fragments(
            workflow.RESULTS, BOOK / "_generated", items=items, scripts=workflow.ITEMS,
            links=links_of_values(), shown_on=page_of_item(chapters(BOOK)),
            called=own_book.short_names(config), each=pool.map,
        )  # fmt: skip
    (BOOK / "_generated" / "commands.md").write_text(commands(), encoding="utf-8")
    write_further_pages(workflow.load_config())
    shutil.rmtree(BOOK / "_build", ignore_errors=True)
    is_private = bool(own_book.labels(config))
    source = own_book.stage(BOOK, BOOK / "_build" / "source", config) if is_private else BOOK
    html = BOOK / "_build" / "html"
    with at_work():
        code, said = jupyter_book(source, html, arguments.cores)
    if code:
        print(said, file=sys.stderr)
    else:
        write_made(RECORD, made_from, (path for path in html.rglob("*") if path.is_file()))
    pages = len(list(html.glob("*.html")))
    print(f"  {'book':<20} {time.perf_counter() - started:5.1f} s  {pages} pages", flush=True)
    return code


if __name__ == "__main__":
    finish(main)
