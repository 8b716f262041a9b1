"""The built book in headless Chromium: every page opens, nothing is broken, search works."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HTML = ROOT / "book" / "_build" / "html"
TOC = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [TOC["root"], *(c["file"] for part in TOC["parts"] for c in part["chapters"])]
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
)  # fmt: skip
PHONE_WIDTH = 390

chromium = shutil.which("chromium") or shutil.which("google-chrome")
driver_path = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (chromium and driver_path) and "CI" not in os.environ,
        reason="Chromium and chromedriver are not installed (Debian: chromium, chromium-driver)",
    ),
    pytest.mark.skipif(
        not (HTML / "index.html").is_file() and "CI" not in os.environ,
        reason="the book is not built yet: run `make reproduce`",
    ),
]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site():
    handler = functools.partial(_Quiet, directory=str(HTML))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver_path))
    browser.set_page_load_timeout(30)
    yield browser
    browser.quit()


def test_every_chapter_is_a_page():
    missing = [page for page in PAGES if not (HTML / f"{page}.html").is_file()]
    assert missing == []
    assert len(PAGES) >= 15


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_without_errors_broken_images_or_links(browser, site, page):
    browser.set_window_size(1280, 900)
    browser.get_log("browser")
    browser.get(f"{site}{page}.html")
    problems = [e["message"] for e in browser.get_log("browser") if e["level"] == "SEVERE"]
    assert problems == []
    images = browser.execute_script(
        "document.querySelectorAll('img').forEach(i => i.loading = 'eager');"
        "return [...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
    )
    assert images == []
    assert [link for link in _links(browser, site) if not _exists(site, link)] == []
    silent = "return document.querySelectorAll('main img:not([alt])').length"
    assert browser.execute_script(silent) == 0


def _links(browser, site) -> list[str]:
    found = browser.execute_script(
        "return [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))"
    )
    here = browser.current_url
    return [urljoin(here, href) for href in found if urljoin(here, href).startswith(site)]


def _exists(site: str, link: str) -> bool:
    address, anchor = urldefrag(link)
    path = HTML / (unquote(urlsplit(address).path).lstrip("/") or "index.html")
    if not path.is_file():
        return False
    return (
        not anchor
        or path.suffix != ".html"
        or f'id="{unquote(anchor)}"' in path.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("page", PAGES)
def test_page_is_readable_at_phone_width(browser, site, page):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": PHONE_WIDTH, "height": 800, "deviceScaleFactor": 1, "mobile": True},
    )
    try:
        browser.get(f"{site}{page}.html")
        width = browser.execute_script("return document.scrollingElement.scrollWidth")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert width <= PHONE_WIDTH


def test_search_finds_a_page(browser, site):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(f"{site}search.html?q=Kaplan-Meier")
    WebDriverWait(browser, 15).until(
        lambda b: b.find_elements(By.CSS_SELECTOR, "#search-results ul.search li a")
    )
    titles = [e.text for e in browser.find_elements(By.CSS_SELECTOR, "ul.search li a")]
    assert any("survival by FaceAge group" in title for title in titles)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_loaded_from_elsewhere(browser, site, page):
    """Hospital machines are often offline: a page must not wait for another host."""
    browser.get(f"{site}{page}.html")
    loaded = browser.execute_script(
        "return performance.getEntriesByType('resource').map(e => e.name)"
    )
    assert [url for url in loaded if url.startswith("http") and not url.startswith(site)] == []
