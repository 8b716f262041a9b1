"""The book of a private table: a copy of the sources that calls the cohort by its label.

With `profile: own` it has only the pages of her tables, the methods and the reference.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

import workflow
from choosing import is_own, wanted_items, whose

# Pages that read the results of every item, synthetic ones as well: no part of a book of her own.
OF_ALL_RESULTS = ("claims", "find", "published_numbers")
INCLUDED = re.compile(r"_generated/(\w+)(?:/\w+)?\.md")
LINK = re.compile(r"\[([^\]]*)\]\((\w+)\.md[^)]*\)")
RAW_LINK = re.compile(r'<a href="(\w+)\.html[^"]*">(.*?)</a>')
ROLE = re.compile(r"\{doc\}`(?:([^`<]+?)\s*<(\w+)>|(\w+))`")
# What a page says of synthetic patients, between two comments of MyST; and in a comment what it
# says of hers in that place.
OF_SYNTHETIC = re.compile(r"^% synthetic\n.*?^% end\n", re.M | re.S)
OF_HERS = re.compile(r"^% own: ", re.M)
SIMULATED = re.compile(r'fs\.simulate\("(\w+)"\)\.data')
INDEX = """# {label}

FaceAge and survival in the patients of {label}. Each figure says in its corner whose patients it
shows. Numbers of these patients are released under the rules that each page names; beside the
published ones they stand in [published and found](comparison.md).

Pages of these tables: {pages}.
{others}
```{{include}} _generated/overview.md
```
"""
OTHERS = """
All other pages are of synthetic or public data, as they say themselves.
"""


def labels(config: Mapping[str, Any]) -> dict[str, str]:
    """Label of every private table."""
    known = workflow.tables(config).values()
    return {table.name: table.label for table in known if table.source == "private"}


def short_names(config: Mapping[str, Any]) -> dict[str, str]:
    """Short name of every private table."""
    known = workflow.tables(config).values()
    return {table.name: table.short_name for table in known if table.source == "private"}


def stage(book: Path, target: Path, config: Mapping[str, Any]) -> Path:
    """Copy the sources of the book, with her labels and without the pages that are not hers."""
    shutil.copytree(book, target, ignore=shutil.ignore_patterns("_build"))
    shutil.copyfile(book.parent / "CITATION.cff", target.parent / "CITATION.cff")  # a page shows it
    contents = yaml.safe_load((target / "_toc.yml").read_text(encoding="utf-8"))
    pages = [c["file"] for part in contents["parts"] for c in part["chapters"]]
    items = {page: items_of(target / f"{page}.md") for page in pages}
    wanted = set(wanted_items(config))
    others = _not_hers(target, items) if config.get("profile") == "own" else set()
    kept = [page for page in pages if items[page] <= wanted and page not in others]
    for page in set(pages) - set(kept):
        (target / f"{page}.md").unlink()
    for part in contents["parts"]:
        part["chapters"] = [c for c in part["chapters"] if c["file"] in kept]
    contents["parts"] = [part for part in contents["parts"] if part["chapters"]]
    (target / "_toc.yml").write_text(yaml.safe_dump(contents, sort_keys=False), encoding="utf-8")
    own = [p for p in kept if any(is_own(item, config) for item in items[p])]
    for page in own:
        _of_hers(target / f"{page}.md", items[page], config)
    label = "; ".join(dict.fromkeys(labels(config).values()))
    _entitle(target / "_config.yml", label)
    index = INDEX.format(
        label=label,
        pages=", ".join(f"[]({page}.md)" for page in own),
        others="" if config.get("profile") == "own" else OTHERS,
    )
    (target / "index.md").write_text(index, encoding="utf-8")
    for path in [*target.glob("*.md"), *target.glob("_generated/**/*.md")]:
        text = path.read_text(encoding="utf-8")
        path.write_text(without_links(text, {*kept, "index"}), encoding="utf-8")
    return target


def _entitle(settings: Path, label: str) -> None:
    """Her label above the contents of every page."""
    text = settings.read_text(encoding="utf-8")
    title = yaml.safe_dump({"title": label}, allow_unicode=True, width=1000).strip()
    settings.write_text(re.sub(r"^title: .*", lambda _: title, text, flags=re.M), encoding="utf-8")


def _not_hers(book: Path, items: Mapping[str, set[str]]) -> set[str]:
    """Pages that read all results, and how-tos that print numbers of simulated patients."""
    how_tos = [page for page, shown in items.items() if "how_to" in shown]
    simulate = {
        page for page in how_tos if "fs.simulate(" in (book / f"{page}.md").read_text("utf-8")
    }
    return simulate.union(OF_ALL_RESULTS)


def items_of(page: Path) -> set[str]:
    """The items that a page includes."""
    return set(INCLUDED.findall(page.read_text(encoding="utf-8"))) & set(workflow.item_names())


def _of_hers(page: Path, items: Collection[str], config: Mapping[str, Any]) -> None:
    """Make a page speak of her patients: their name, their table, no caveat of synthetic ones."""
    tables = {t.name: t for item in items for t in whose(item, config)}
    text = OF_HERS.sub("", OF_SYNTHETIC.sub("", page.read_text(encoding="utf-8")))

    def table(match: re.Match[str]) -> str:
        for name, given in tables.items():
            if match[1] in (name, workflow.TABLES[name][1]):
                return f'fs.read_table("prepared.parquet", schema="{given.schema}")'
        return match[0]

    text = SIMULATED.sub(table, text)
    if page.stem.startswith("cohort_"):
        names = "; ".join(dict.fromkeys(t.label for t in tables.values()))
        text = re.sub(r"^# .*", lambda _: f"# {names}", text, count=1)
    elif page.stem == "comparison":
        text = re.sub(r"^# .*", "# Published and found", text, count=1)
    page.write_text(text, encoding="utf-8")


def without_links(text: str, pages: Collection[str]) -> str:
    """Text in which links to pages that are not there are words.

    >>> without_links("the [audit](audit.md), {doc}`scorer`, [](index.md)", {"index"})
    'the audit, scorer, [](index.md)'
    >>> without_links('<a href="find.html#far">Find</a>, <a href="far.html">FAR</a>', {"far"})
    'Find, <a href="far.html">FAR</a>'
    """

    def link(match: re.Match[str]) -> str:
        return match[0] if match[2] in pages else match[1] or match[2].replace("_", " ")

    def role(match: re.Match[str]) -> str:
        page = match[2] or match[3]
        return match[0] if page in pages else match[1] or page.replace("_", " ")

    def raw(match: re.Match[str]) -> str:
        return match[0] if match[1] in pages else match[2]

    return RAW_LINK.sub(raw, ROLE.sub(role, LINK.sub(link, text)))
