"""Turn results/ into page fragments and build the book, warnings being errors."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

import workflow
from faceage_stats.reporting.pages import write_fragments

BOOK = workflow.ROOT / "book"
JUPYTER_BOOK = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]


def main() -> int:
    """Build book/_build/html from scratch, so that no page of an earlier build is left."""
    started = time.perf_counter()
    write_fragments(
        workflow.RESULTS,
        BOOK / "_generated",
        items=workflow.items(),
        scripts=workflow.ROOT / "analysis" / "items",
    )
    shutil.rmtree(BOOK / "_build", ignore_errors=True)
    command = [*JUPYTER_BOOK, "build", str(BOOK), "-W", "--keep-going", "-q"]
    build = subprocess.run(command, cwd=workflow.ROOT, capture_output=True, errors="replace")
    if build.returncode:
        print(build.stdout, build.stderr, sep="\n", file=sys.stderr)
    pages = len(list((BOOK / "_build" / "html").glob("*.html")))
    print(f"  {'book':<20} {time.perf_counter() - started:5.1f} s  {pages} pages", flush=True)
    return build.returncode


if __name__ == "__main__":
    sys.exit(main())
