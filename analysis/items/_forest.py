"""Forest plots without columns of counts; the rows keep theirs, which say how exact they may be."""

import faceage_stats as fs


def uncounted(rows, **how):
    """Draw a table as it is released, without its ``n`` and ``n_event``."""
    return fs.figures.forest(rows.drop(columns=["n", "n_event"]), **how)
