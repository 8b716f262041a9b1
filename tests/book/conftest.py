"""Headless Chromium, one for all tests of the book, and the built pages over http."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HTML = ROOT / "book" / "_build" / "html"
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
)  # fmt: skip

chromium = shutil.which("chromium") or shutil.which("google-chrome")
driver_path = shutil.which("chromedriver")


def pages() -> list[str]:
    """Pages of the table of contents, without suffix."""
    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(c["file"] for part in toc["parts"] for c in part["chapters"])]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def html():
    """The built book."""
    if not (HTML / "index.html").is_file() and "CI" not in os.environ:
        pytest.skip("the book is not built yet: run `make reproduce`")
    return HTML


@pytest.fixture(scope="session")
def site(html):
    """Its address over http."""
    handler = functools.partial(_Quiet, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Chromium, driven by chromedriver, with the logs of console and network."""
    if not (chromium and driver_path) and "CI" not in os.environ:
        pytest.skip("Chromium and chromedriver are not installed (Debian: chromium-driver)")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver_path))
    browser.set_page_load_timeout(30)
    browser.set_script_timeout(120)
    yield browser
    browser.quit()
