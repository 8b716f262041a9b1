"""Cohort pages: the flow from the table as received, and Table 1."""

from functools import partial

import faceage_stats as fs
from faceage_stats.reporting.vocabulary import VARIABLES
from faceage_stats.reporting.words import in_words

CHECKS = (
    "Every row was checked against its schema: types, ranges, levels and identifiers "
    "([data dictionary](data_dictionary.md))."
)


def describe(
    rows, columns, *, by, caption, answer, flow=None, figure=None, numbers=None, more=None,
    **options,
):  # fmt: skip
    """Table 1 as printed and as numbers, beside the flow; by groups where there are several."""
    groups = by if rows[by].nunique() > 1 else None
    table = fs.table_one(readable(rows), groups, columns, labels=labels(columns), **options)
    return fs.Item(
        figure=figure if flow is None else flow_of_patients(flow),
        caption=f"{caption} Mean (SD) or n (%); SMD is the standardised mean difference, averaged "
        "over the pairs of groups.",
        tables={
            "characteristics": partial(printed, table),
            "characteristics_numbers": table,
            **(more or {}),
        },
        flow=flow,
        answer=answer,
        checks=CHECKS,
        numbers=numbers or {},
    )


def flow_of_patients(flow):
    """Who was assessed, left out and analysed."""
    return fs.Figure(partial(fs.figures.consort, flow), label="Flow of patients")


def printed(table):
    """The cells of Table 1 as readers see them."""
    frame = table.display().to_frame()
    first = frame.columns[0]
    return frame.assign(**{first: frame[first].map(level)})


def level(cell):
    """The name of a level, which is set in, as a reader would say it."""
    return f"  {in_words(cell.strip())}" if cell.startswith("  ") else cell


def readable(rows):
    """Vital status in words."""
    if "death" not in rows:
        return rows
    return rows.assign(death=rows["death"].map({0: "Alive", 1: "Died"}))


def labels(columns):
    """Names of the rows of Table 1."""
    return {column: VARIABLES[column] for column in columns}


def received(cohort):
    """The caption that says how many rows came in and how many patients are analysed."""
    first = cohort.flow.tidy().iloc[0]
    return {
        "caption": "From {n_received} rows as received to {n} patients.",
        "answer": (
            "{n} patients are analysed, of {n_received} rows received; each exclusion is a named "
            "step with its count."
        ),
        "numbers": {
            "n_received": int(first["n_before"]),
            "n": len(cohort.rows),
        },
    }
