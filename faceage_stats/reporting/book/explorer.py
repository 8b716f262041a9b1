"""The explorer: its counts, and the part of the page that its script fills."""

from __future__ import annotations

import json

import pandas as pd

__all__ = ["explorer_app", "explorer_counts"]

_FIRST = (65, 75, 85)  # cut-points shown first: those of the paper


def explorer_counts(table: pd.DataFrame) -> dict[str, list[object]]:
    """Arrange the counts for the script: one list per bin of FaceAge, None where withheld.

    Parameters
    ----------
    table : DataFrame
        ``faceage_above year n_event n_censor``, a row per bin and time.

    Returns
    -------
    dict
        ``above`` and ``years``, and ``events`` and ``censored`` as lists of lists.

    Examples
    --------
    >>> table = pd.DataFrame({"faceage_above": [0, 0], "year": [1.0, 2.0],
    ...                       "n_event": [3, None], "n_censor": [0, 1]})
    >>> explorer_counts(table)["events"]
    [[3, None]]
    """
    wide = {
        name: table.pivot(index="faceage_above", columns="year", values=column)
        for name, column in {"events": "n_event", "censored": "n_censor"}.items()
    }
    return {
        "above": [int(above) for above in wide["events"].index],
        "years": [float(year) for year in wide["events"].columns],
        **{
            name: [[None if pd.isna(n) else int(n) for n in row] for row in counts.to_numpy()]
            for name, counts in wide.items()
        },
    }


def explorer_app(table: pd.DataFrame) -> str:
    """Markdown of the explorer: sliders, an empty drawing, an empty table, and the counts."""
    withheld = int(table[["n_event", "n_censor"]].isna().sum().sum())
    note = (
        f"<p>{withheld} of {2 * len(table)} counts are withheld and are left out: curves and tests "
        "are approximate.</p>\n"
        if withheld
        else ""
    )
    _, lowest, second, *_, highest = sorted({int(above) for above in table["faceage_above"]})
    sliders = "\n".join(
        f'<label>Cut-point {number} <input type="range" min="{lowest}" max="{highest}" '
        f'step="{second - lowest}" value="{value}"><output>{value}</output></label>'
        for number, value in enumerate(_FIRST, start=1)
    )
    head = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("FaceAge, years", "patients", "deaths", "hazard ratio (95% CI)")
    )
    counts = json.dumps(explorer_counts(table), separators=(",", ":"))
    return (
        '```{raw} html\n<div id="explorer">\n'
        f"<fieldset><legend>FaceAge groups</legend>\n{sliders}\n</fieldset>\n{note}"
        '<div class="drawing" tabindex="0"><svg class="curves" role="img" '
        'aria-label="Survival curves of the chosen groups, with numbers at risk; the table below '
        'has their hazard ratios."></svg></div>\n'
        '<p role="status"></p>\n'
        f"<table><caption>Groups, and hazard ratios against the first</caption>"
        f"<thead><tr>{head}</tr></thead><tbody></tbody></table>\n</div>\n"
        f'<script type="application/json" id="explorer-counts">{counts}</script>\n'
        '<script src="explorer.js"></script>\n```\n'
    )
