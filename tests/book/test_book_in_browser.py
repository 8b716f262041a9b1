"""The built book in headless Chromium: over http and from a folder, wide, narrow, dark, printed."""

from __future__ import annotations

import pytest
from selenium.webdriver.support.ui import WebDriverWait

from tests.book.conftest import ROOT, pages

pytestmark = pytest.mark.browser
# one of each kind of the reference stands for the others, which the same template makes
OPENED = [
    *pages(),
    *(f"reference/{name}" for name in ("functions/coxph", "classes/CoxPH", "figures/km")),
]
AXE, SERIOUS = (
    (ROOT / "tests" / "book" / "axe" / name).read_text(encoding="utf-8")
    for name in ("axe.min.js", "serious.js")
)
WIDER = """
const main = document.querySelector('article');
const edge = main.getBoundingClientRect().right + 1;
const scrolls = box => { for (let b = box; b && b !== main; b = b.parentElement)
  if (['auto', 'scroll'].includes(getComputedStyle(b).overflowX)) return true; return false; };
return [...main.querySelectorAll('table, figure, svg, img')].filter(each =>
  each.getBoundingClientRect().right > edge && !scrolls(each))
  .map(each => each.outerHTML.slice(0, 80));
"""
SCROLLED = """
return [...document.querySelectorAll('article *')].filter(each => each.querySelector('table') &&
  ['auto', 'scroll'].includes(getComputedStyle(each).overflowX) &&
  each.scrollWidth > each.clientWidth + 1)
  .map(each => `${each.ariaLabel || each.className} ${each.scrollWidth} > ${each.clientWidth}`);
"""
WEIGHT = """
return performance.getEntriesByType('resource').reduce((sum, each) => sum + each.encodedBodySize, 0)
  + performance.getEntriesByType('navigation')[0].encodedBodySize;
"""
LOADED = "return performance.getEntriesByType('resource').map(each => each.name)"
FINISHED = "return /found/.test(document.querySelector('#search-results')?.textContent)"
HITS = "#search-results ul.search li a"


def width(browser, pixels):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": pixels < 600},
    )


def severe(browser):
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.mark.parametrize("page", OPENED)
def test_page(browser, site, page):
    """One visit: no error, nothing from elsewhere, light, accessible, not wider than the text."""
    severe(browser)
    browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    width(browser, 1280)
    browser.get(f"{site}{page}.html")
    loaded = browser.execute_script(LOADED)
    weight = browser.execute_script(WEIGHT)
    found = {
        "console": severe(browser),
        "elsewhere": [url for url in loaded if url.startswith("http") and not url.startswith(site)],
        "weight": [weight] if weight > 1_500_000 else [],
        "wider than the text": browser.execute_script(WIDER),
        "tables that scroll on a desk": browser.execute_script(SCROLLED),
    }
    browser.execute_script(AXE)
    found["axe"] = browser.execute_async_script(SERIOUS)
    width(browser, 390)
    across = browser.execute_script("return document.scrollingElement.scrollWidth")
    found["wider than a phone"] = [across] if across > 390 else []
    found["cut on a phone"] = browser.execute_script(WIDER)
    assert {name: each for name, each in found.items() if each} == {}


def test_what_axe_is_to_find_is_found(browser, site):
    """A faint cell among many equal ones, faint text in one sentence, a button without a name."""
    width(browser, 1280)
    browser.get(f"{site}robustness.html")
    browser.execute_script(AXE)
    browser.execute_script(
        "const last = what => [...document.querySelectorAll(`article ${what}`)]"
        ".filter(each => each.checkVisibility()).at(-1);"
        "last('td').style.color = '#ddd';"
        "last('p').innerHTML += '<i style=color:#ccc>faint</i>';"
        "document.querySelector('article').append(document.createElement('button'));"
    )
    found = {each.split(" | ")[0]: each for each in browser.execute_async_script(SERIOUS)}
    assert found.keys() == {"color-contrast", "button-name"}
    assert found["color-contrast"].count(" | ") == 2


def test_the_index_of_names_is_not_wider_than_a_phone(browser, site):
    width(browser, 390)
    browser.get(f"{site}genindex.html")
    assert browser.execute_script("return document.scrollingElement.scrollWidth") <= 390


@pytest.mark.parametrize("page", [*OPENED, "search"])
def test_page_from_a_folder(browser, html, page):
    severe(browser)
    browser.get((html / f"{page}.html").as_uri())
    assert severe(browser) == []


@pytest.mark.parametrize("pixels", [1280, 390])
def test_text_of_figures_is_at_least_8_points_where_it_is_shown(browser, site, pixels):
    width(browser, pixels)
    for page in ("fig3c", "fig2d", "fig4d"):
        browser.get(f"{site}{page}.html")
        sizes = browser.execute_script(
            "return [...document.querySelectorAll('.figure-drawing text')].map(each =>"
            "parseFloat(getComputedStyle(each).fontSize) * each.getScreenCTM().a)"
        )
        assert sizes, page
        assert min(abs(size) for size in sizes if abs(size) > 0.5) >= 8 * 96 / 72 - 0.05, page


def test_the_reader_s_dark_preference_is_followed_and_figures_stay_readable(browser, site):
    media = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        browser.get(f"{site}fig3c.html")
        colours = browser.execute_script(
            "return [document.body, document.querySelector('.figure-drawing')].map(each =>"
            "getComputedStyle(each).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number))"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert max(colours[0]) < 80
    assert colours[1] == [255, 255, 255]


def test_on_paper_there_is_the_text_alone(browser, site):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        browser.get(f"{site}fig3c.html")
        shown = browser.execute_script(
            "return ['.bd-sidebar-primary', '.bd-header-article', 'article h1', '.item-table', "
            "'article figure']"
            ".map(name => document.querySelector(name)).map(each => each && "
            "getComputedStyle(each).display !== 'none')"
        )
        boxes = browser.execute_script(
            "return [...document.querySelectorAll('.item-table, .linked-table')].map(each => "
            "getComputedStyle(each).overflowX)"
        )
        over = browser.execute_script(
            "return document.querySelector('article').getBoundingClientRect().right"
            " - document.documentElement.clientWidth"
        )
        buttons = browser.execute_script(
            "return [...document.querySelectorAll('.item-table thead button')].map(each => "
            "getComputedStyle(each).display)"
        )
        browser.get(f"{site}r_to_python.html")
        boxes += browser.execute_script(
            "return [...document.querySelectorAll('article table.table')].map(each => "
            "getComputedStyle(each.parentElement).overflowX)"
        )
        browser.get(f"{site}worked_example.html")
        tallest = browser.execute_script(
            "return Math.max(...[...document.querySelectorAll('.figure-drawing svg')].map(each => "
            "each.getBoundingClientRect().height))"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown == [False, False, True, True, True]
    assert over <= 0, "what stands beyond the edge of the paper is lost"
    assert set(boxes) <= {"visible"}
    assert set(buttons) == {"contents"}, "a heading with a box in it is not repeated on a new page"
    assert tallest <= 267 / 25.4 * 96, "a figure is not taller than the paper between its margins"


NUMBERS = {
    number: pages
    for numbers, pages in {
        "1.151 1.428 1.156 1.213 1.854 1.409 2.138 1.243": "audit comparison fig3c",
        "0.013": "audit fig3c",
        "1.148": "comparison thoracic",
        "1.117": "comparison palliative",
        "4.79": "comparison fig2a",
        "2.05257": "audit fig3b",
        "3.22": "comparison fahr_quartiles",
        "1.25 1.37 1.65": "audit far",
        "0.61 0.74 0.80": "claims fig4d",
        "0.21 0.24": "claims ext8",
        "19.9": "audit published_numbers",
        "5.1 749935 34,389": "comparison published_numbers",
        "4,906": "fig3c",
        "2547 7.46 0.901": "ext1",
    }.items()
    for number in numbers.split()
}
TERMS = {
    "CDK6": "genes comparison claims", "TEACHH": "ext8", "Kaplan-Meier": "fig3a",
    "coxph": "reference/functions/coxph", "survfit": "reference/functions/survfit",
    "Efron": "fig3c", "DeLong": "fig4a",
    "palliative": "palliative", "thoracic": "thoracic", "smokers": "fig2b", "ECOG": "fig2d",
    "UTKFace": "ext1", "quartile": "fahr_quartiles", "robustness": "robustness",
    "saliency": "saliency", "provenance": "index", "withheld": "what_may_leave",
    "cut-points": "explorer", "Bontempi": "bibliography", "log-rank": "fig3a",
}  # fmt: skip


@pytest.mark.parametrize(("words", "pages"), [*NUMBERS.items(), *TERMS.items()])
def test_the_search_finds(browser, html, words, pages):
    """From a folder, as a reader without a server searches."""
    browser.get(f"{(html / 'search.html').as_uri()}?q={words}")
    WebDriverWait(browser, 20, poll_frequency=0.05).until(lambda b: b.execute_script(FINISHED))
    found = browser.execute_script(
        f"return [...document.querySelectorAll('{HITS}')].map(each => each.getAttribute('href'))"
    )
    linked = {link.split("?")[0].split("#")[0].removesuffix(".html") for link in found}
    missed = [page for page in pages.split() if not any(link.endswith(page) for link in linked)]
    assert missed == [], found
