"""Pages that explain names: the tables' columns, and the columns of results."""

from __future__ import annotations

import pandas as pd

from faceage_stats._glossary import GLOSSARY
from faceage_stats.reporting.pages.html_table import html_table

__all__ = ["data_dictionary_page", "glossary_page"]


def data_dictionary_page() -> str:
    """Every column of every schema.

    Returns
    -------
    str
        Markdown.
    """
    from faceage_stats.cohorts.schema.data_dictionary import data_dictionary
    from faceage_stats.cohorts.schema.load_schema import load_schema
    from faceage_stats.cohorts.schema.schema_names import schema_names

    parts = []
    for name in schema_names():
        table = html_table(data_dictionary(name), title=f"Columns of {name}")
        parts.append(f"## {name}\n\n{load_schema(name).description}\n\n{table}")
    return "\n".join(parts)


def glossary_page() -> str:
    """Every column of every result.

    Returns
    -------
    str
        Markdown.
    """
    table = pd.DataFrame(sorted(GLOSSARY.items()), columns=["column", "meaning"])
    return html_table(table, title="Columns of results")
