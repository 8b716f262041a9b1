"""Numbers that the sentences of an item name, beside its published ones."""

import pandas as pd

SHOWN = ["estimate", "conf_low", "conf_high", "p_value", "n", "n_event"]


def quoted(**rows):
    """Values by the name that a sentence uses; each is the first row of a table of results."""
    frames = [
        table.reindex(columns=SHOWN).head(1).astype(float).assign(id=name)
        for name, table in rows.items()
    ]
    return pd.concat(frames, ignore_index=True)[["id", *SHOWN]]
