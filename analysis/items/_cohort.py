"""Cohort pages: the flow from the table as received, and Table 1."""

from functools import partial

import faceage_stats as fs


def describe(rows, columns, *, by, caption, flow=None, figure=None, numbers=None, **options):
    """Table 1 as printed and as numbers, beside the flow; by groups where there are several."""
    groups = by if rows[by].nunique() > 1 else None
    table = fs.table_one(rows, groups, columns, **options)
    return fs.Item(
        figure=figure if flow is None else partial(fs.figures.consort, flow),
        caption=f"{caption} Mean (SD) or n (%); SMD is the standardised mean difference, averaged "
        "over the pairs of groups.",
        tables={"characteristics": partial(printed, table), "characteristics_numbers": table},
        flow=flow,
        numbers=numbers or {},
    )


def printed(table):
    """The cells of Table 1 as readers see them."""
    return table.display().to_frame()


def received(cohort):
    """The caption that says how many rows came in and how many patients are analysed."""
    first = cohort.flow.tidy().iloc[0]
    return {
        "caption": "From {n_received} rows as received to {n} patients.",
        "numbers": {
            "n_received": int(first["n_before"]),
            "n": len(cohort.rows),
        },
    }
