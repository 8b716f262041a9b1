"""The generated parts of an item's page; its prose stands in ``book/<item>.md`` around them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from faceage_stats.reporting.anchors import anchor_of, value_anchor
from faceage_stats.reporting.pages.downloads import downloads
from faceage_stats.reporting.pages.figures import figure_blocks
from faceage_stats.reporting.pages.html_table import html_table
from faceage_stats.reporting.pages.made_from import cite, made_from
from faceage_stats.reporting.store.read_item import StoredItem
from faceage_stats.reporting.words import title_of

__all__ = ["PARTS", "page_parts"]

PARTS = ("answer", "tables", "checks", "record")  # in the order of the page
_SYNTHETIC = (
    ":::{admonition} Synthetic data\n:class: warning\n"
    "Made from synthetic rows with planted effects: it shows that the software works, and says "
    "nothing about patients.\n:::\n"
)
_MATCHED = (
    ":::{admonition} Synthetic data, matched to the published values\n:class: warning\n"
    "Made from synthetic rows whose estimates were made to equal the published ones, so that the "
    "page reads as the paper does. That they agree is no evidence, and nothing here is about "
    "patients; how the same analyses do on rows that were not matched is on the page of "
    "[coverage](coverage.md).\n:::\n"
)
_BOX = (
    *("cohort", "term", "model", "published_estimate", "published_conf_low"),
    "published_conf_high",
    *("published_decimals", "published_p", "planted", "recovered_estimate", "recovered_conf_low"),
    *("recovered_conf_high", "recovered_p", "variant", "status"),
)


def page_parts(
    item: StoredItem,
    title: str,
    compared: pd.DataFrame | None = None,
    links: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Markdown of the parts of an item's page.

    Parameters
    ----------
    item : StoredItem
    title : str
        What the item is called, as in a reference.
    compared : DataFrame, optional
        Every published, planted and recovered value, by ``id``.
    links : mapping of str to str, optional
        Id of a published value -> HTML that leads to where it is computed and was published.

    Returns
    -------
    dict of str to str
        ``answer`` (and the figures), ``tables`` (after what was published and planted),
        ``checks`` (and notes), and ``record``: downloads, script, citation, what it was made from.
    """
    files = f"_generated/{item.name}"
    parts = {
        "answer": [*_warnings(item), _answer(item), *figure_blocks(item, files)],
        "tables": [_box(item, compared), *_tables(item, links or {})],
        "checks": [_checks(item), f"## Notes and caveats\n\n{item.notes}\n"],
        "record": [
            f"## Downloads\n\n{downloads(item, files)}",
            _dropdown("The script that made this", _script(item.name, files)),
            _dropdown("What the columns of the downloads mean", _columns(item.columns)),
            f"## Cite this page\n\n{cite(item, title)}",
            _dropdown("What this was made from", made_from(item.provenance)),
        ],
    }
    return {name: "\n".join(part for part in blocks if part) for name, blocks in parts.items()}


def _warnings(item: StoredItem) -> list[str]:
    """What a reader must know of the data before the first number."""
    record = item.provenance
    shown = [_MATCHED if record.get("matched") else _SYNTHETIC] if record["synthetic"] else []
    if item.disclosure:
        rules = item.disclosure
        withheld = f" Withheld: {'; '.join(item.withheld)}." if item.withheld else ""
        others = "exact" if rules["base"] == 1 else f"rounded to {rules['base']}"
        shown.append(
            f":::{{admonition}} Released under the rules “{rules['name'].replace('_', ' ')}”\n"
            f"Counts from 1 to {rules['minimum'] - 1} and statistics of so few people are "
            f"withheld; other counts are {others}.{withheld}\n:::\n"
        )
    return shown


def _answer(item: StoredItem) -> str:
    if item.unavailable:
        return f":::{{admonition}} Not in this build\n{item.unavailable}\n:::\n"
    where = " in these synthetic rows" if item.provenance["synthetic"] else ""
    answer = f"**Answer{where}.** {item.answer}\n" if item.answer else ""
    return answer if item.figures else f"{answer}\n{item.caption}\n"


def _checks(item: StoredItem) -> str:
    checks = f"## Assumptions checked\n\n{item.checks}\n" if item.checks else ""
    return f"{item.methods}\n\n{checks}" if item.methods else checks


def _box(item: StoredItem, compared: pd.DataFrame | None) -> str:
    """What was published and planted, beside what this page recovered."""
    if compared is None or item.name == "comparison":
        return ""
    rows = compared[compared["id"].isin(set(item.values["id"]))]
    if rows.empty:
        return ""
    planted = "planted" in rows and rows["planted"].notna().any()
    title = "Published, planted, recovered" if planted else "Published and recovered"
    heading = f"({anchor_of(item.name, 'compared')})=\n## {title}\n"
    named = {"status": "verdict"} | ({} if planted else {"cohort": "published_cohort"})  # not hers
    shown = rows[[name for name in _BOX if name in rows]].rename(columns=named)
    again = rows.groupby("id").cumcount().map(lambda n: f"-{n + 1}" if n else "")  # of a variant
    ids = [*(rows["id"].map(value_anchor) + again)]
    return f"{heading}\n{html_table(shown, title=title, ids=ids)}"


def _tables(item: StoredItem, links: Mapping[str, str]) -> list[str]:
    """Every table with its heading; the numbers behind a printed table are in the download."""
    frames = {f"table_{name}": frame for name, frame in item.tables.items()}
    frames = {s: f for s, f in frames.items() if s.removesuffix("_numbers") not in frames or
              not s.endswith("_numbers")}  # fmt: skip
    if item.flow is not None:
        frames["flow"] = item.flow
    blocks = ["## Tables\n"] if frames else []
    for stem, frame in frames.items():
        title = "Flow of patients" if stem == "flow" else title_of(stem.removeprefix("table_"))
        anchor = anchor_of(item.name, stem)
        table = html_table(frame, title=title, anchor=anchor, links=links)
        blocks.append(f"({anchor})=\n### {title}\n\n{table}")
    return blocks


def _columns(columns: Mapping[str, str]) -> str:
    described = {c: text for c, text in columns.items() if text != "printed cell"}
    frame = pd.DataFrame(described.items(), columns=["column", "meaning"])
    return html_table(frame, title="Columns of the downloads")


def _script(name: str, files: str) -> str:
    return f":::{{literalinclude}} {files}/{name}.py.txt\n:language: python\n:::"


def _dropdown(title: str, body: str) -> str:
    return f"::::{{dropdown}} {title}\n{body}\n::::\n"
