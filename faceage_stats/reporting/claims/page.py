"""The page "Every claim"."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from faceage_stats._plain import records
from faceage_stats.reporting.book.chapters import Chapter
from faceage_stats.reporting.book.html import breakable, link, raw_table
from faceage_stats.reporting.book.papers import Paper, in_the_paper
from faceage_stats.reporting.claims.ledger import PAGE_NOT_KNOWN, VERDICTS
from faceage_stats.reporting.formats import format_estimate_ci, format_number, format_percent

__all__ = ["claims_page"]


def claims_page(judged: pd.DataFrame, read: Sequence[Chapter], papers: Sequence[Paper]) -> str:
    """Write the claims as Markdown: how many hold, then one row per claim.

    Parameters
    ----------
    judged : DataFrame
        As `claims` returns it.
    read : sequence of Chapter
        The pages, each with its items.
    papers : sequence of Paper
        Whose claims they are.

    Returns
    -------
    str
    """
    held, not_held, unknown = (int((judged["verdict"] == each).sum()) for each in VERDICTS)
    summary = (
        f"Of {len(judged)} claims, {held} hold on the rows of this build, {not_held} "
        f"{'does' if not_held == 1 else 'do'} not, and "
        f"{unknown} cannot be told.\n"
    )
    chapters = {item: chapter for chapter in read for item in chapter.items}
    rows = [_row(row, chapters.get(str(row["item"])), papers) for row in records(judged)]
    head = ["claim", "verdict", "our number", "published", "power", "shown on"]
    ids = [f"claim-{name}" for name in judged["id"]]
    return f"{summary}\n{raw_table('Every claim and its verdict', head, rows, ids)}"


def _row(row: Mapping[str, Any], chapter: Chapter | None, papers: Sequence[Paper]) -> list[str]:
    source = row["source"] if row["page"] == PAGE_NOT_KNOWN else f"{row['source']}, {row['page']}"
    claim = (
        f"{html.escape(row['claim'])}<br><small>{in_the_paper(source, papers)}. Holds if "
        f"<code>{html.escape(row['condition'])}</code></small>"
    )
    verdict = str(row["verdict"])
    kind = "synthetic rows" if row["is_synthetic"] else "real rows"
    judged = f'<b class="verdict-{verdict.split()[0]}">{verdict}</b><br><small>{kind}</small>'
    title = chapter.title if chapter else str(row["item"])
    shown = link(chapter.page, title, row["anchor"]) if chapter else html.escape(title)
    place = breakable(row["place"])
    return [
        claim,
        judged,
        _ours(row),
        "" if _is_missing(row["published"]) else f"{row['published']:.10g}",
        _power(row),
        f"{shown}<br><small>{place}</small>",
    ]


def _power(row: Mapping[str, Any]) -> str:
    if _is_missing(row["power"]):
        return "not measured"
    return f"{format_percent(row['power'], 0)}<br><small>{row['power_from']}</small>"


def _ours(row: Mapping[str, Any]) -> str:
    if _is_missing(row["estimate"]):
        return "several rows"
    if _is_missing(row["conf_low"]):
        return format_number(row["estimate"], 3)
    shown = format_estimate_ci(row["estimate"], row["conf_low"], row["conf_high"], digits=3)
    return f'<span class="whole">{shown}</span>'


def _is_missing(value: float) -> bool:
    return bool(pd.isna(value))
