"""Cohort pages: the flow from the table as received, and Table 1."""

import faceage_stats as fs


def describe(rows, settings, tables, columns, *, caption, flow=None, figure=None, **options):
    """Table 1 as printed and as numbers, beside the flow; small counts of real tables hidden."""
    table = fs.table_one(rows, columns=columns, **options)
    table = table.suppressed(settings.threshold(*tables))
    printed = table.display().to_frame()
    return fs.Item(
        figure=figure if flow is None else fs.figures.consort(flow),
        caption=f"{caption} Mean (SD) or n (%); SMD is the standardised mean difference, averaged "
        "over the pairs of groups.",
        tables={"characteristics": printed, "characteristics_numbers": table.tidy()},
        flow=flow,
        columns=dict.fromkeys(printed, "printed cell"),
    )


def received(data, table, cohort):
    """How many rows came in and how many patients are analysed."""
    return f"From {len(data[table]):,} rows as received to {len(cohort.rows):,} patients."
