"""The book as one PDF: its pages in a row, printed by a headless browser (`make book-pdf`)."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

import workflow
from endings import finish
from faceage_stats.errors import FaceageError, InputError

HTML = workflow.ROOT / "book" / "_build" / "html"
PDF = workflow.ROOT / "book" / "_build" / "faceage-reproduced.pdf"
BROWSERS = ("chromium", "google-chrome", "chromium-browser", "chrome")
ARTICLE = re.compile(r"<article\b.*?</article>", re.DOTALL)
HEAD = re.compile(r"<head>.*?</head>", re.DOTALL)


def main() -> int:
    """Write one long page beside the others, print it, and take it away again."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise FaceageError("Printing needs Chromium or Chrome; none is installed.")
    if not (HTML / "index.html").is_file():
        raise InputError("The book is not built yet: run `make reproduce`.")
    whole = HTML / "_whole.html"
    whole.write_text(one_page(HTML, chapters()), encoding="utf-8")
    try:
        with tempfile.TemporaryDirectory() as profile:
            subprocess.run(
                [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                 f"--user-data-dir={profile}", "--no-pdf-header-footer",
                 "--virtual-time-budget=20000", f"--print-to-pdf={PDF}", whole.as_uri()],
                check=True, capture_output=True,
            )  # fmt: skip
    finally:
        whole.unlink()
    print(f"{PDF.relative_to(workflow.ROOT)}, {PDF.stat().st_size / 1e6:.1f} MB")
    return 0


def chapters() -> list[str]:
    """Pages in the order of the contents."""
    toc = yaml.safe_load((workflow.ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(c["file"] for part in toc["parts"] for c in part["chapters"])]


def one_page(html: Path, names: list[str]) -> str:
    """Join the articles of pages under the head of the first; links between them stay inside."""
    texts = {name: (html / f"{name}.html").read_text(encoding="utf-8") for name in names}
    head = HEAD.search(texts[names[0]])
    articles = []
    for name, text in texts.items():
        article = ARTICLE.search(text)
        if head is None or article is None:
            raise InputError(f"{name}.html has no article; build the book again.")
        inside = re.sub(
            r'href="(\w+)\.html(#[^"]*)?"',
            lambda link: f'href="#page-{link[1]}"' if link[1] in texts else link[0],
            article.group(),
        )
        articles.append(f'<section class="printed-page" id="page-{name}">{inside}</section>')
    return (
        f'<!doctype html><html lang="en" data-theme="light">{head.group() if head else ""}'
        f"<body>{''.join(articles)}</body></html>"
    )


if __name__ == "__main__":
    finish(main)
