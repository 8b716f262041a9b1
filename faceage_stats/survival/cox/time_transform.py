"""tt() in a Cox model: a covariate that is a function of time, by splitting the follow-up.

At each event time everybody at risk has the value of that time. That is a model on rows that are
split at every event time; R builds the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from faceage_stats._columns import numeric
from faceage_stats._expression.evaluate import evaluate
from faceage_stats._expression.nodes import Node
from faceage_stats._formula.frame import SurvivalFrame
from faceage_stats._formula.parse import variable_text
from faceage_stats._formula.rows import Encoded
from faceage_stats._ties import merge_near_ties
from faceage_stats.errors import InputError
from faceage_stats.survival.episodes.cut_intervals import Pieces, cut_intervals

__all__ = ["transform_time"]

_MOST_ROWS = 50_000_000


def transform_time(frame: SurvivalFrame, tt: str | Sequence[str] | None) -> SurvivalFrame:
    """Split every row at the event times of its stratum and evaluate tt() there.

    Parameters
    ----------
    frame : SurvivalFrame
        The column of a tt() term holds its argument.
    tt : str or sequence of str
        Of x, the argument, and t, the time: one text for all tt() terms, or one for each.

    Returns
    -------
    SurvivalFrame
        One row per part of follow-up; `rows` names the row of the data behind each.
    """
    terms = frame.design.right.tt
    if not terms:
        if tt is not None:
            raise InputError(
                "coxph(): tt is given, but the formula has no tt(). Write e.g. ~ age + tt(age)."
            )
        return frame
    texts = _texts(tt, terms)
    time, entry = merge_near_ties(frame.surv.time, frame.surv.entry)
    start = np.full(frame.n, min(0.0, float(time.min())) - 1.0) if entry is None else entry
    strata = np.zeros(frame.n, np.int64) if frame.strata is None else frame.strata
    died = frame.surv.event == 1
    pieces = _split(start, time, died, strata)
    split = frame.take(pieces.row)
    at_event = pieces.episode >= 0
    x = split.x.copy()
    for term, text in zip(terms, texts, strict=True):
        label = variable_text(term)
        column = frame.design.names.index(label)
        x[at_event, column] = _values(text, x[at_event, column], pieces.stop[at_event], label)
    event = np.where(pieces.is_last, split.surv.event, 0)
    surv = replace(split.surv, time=pieces.stop, event=event, entry=pieces.start)
    cluster = (
        pieces.row if split.cluster is None else split.cluster
    )  # a patient's parts belong together
    return replace(split, encoded=Encoded(x), surv=surv, cluster=cluster)


def _texts(tt: str | Sequence[str] | None, terms: tuple[Node, ...]) -> list[str]:
    several = isinstance(tt, Sequence) and not isinstance(tt, str)
    texts = list(tt or ()) if several else [tt] * len(terms)
    if len(texts) != len(terms) or not all(isinstance(text, str) for text in texts):
        raise InputError(
            f"coxph(): {variable_text(terms[0])} needs tt=, a text in x and t such as "
            f'tt="x * log(t)", or one for each of {len(terms)} tt() terms.'
        )
    return [str(text) for text in texts]


def _split(start: np.ndarray, stop: np.ndarray, died: np.ndarray, strata: np.ndarray) -> Pieces:
    """Cut the rows at the event times of their stratum; the episode is -1 where no event ends it.

    Such a part is in no risk set: it keeps its place, but needs no value.
    """
    parts = []
    n_rows = 0
    for code in np.unique(strata):
        own = np.flatnonzero(strata == code)
        cuts = np.unique(stop[own][died[own]])
        n_rows += int((np.searchsorted(cuts, stop[own]) - np.searchsorted(cuts, start[own])).sum())
        if n_rows > _MOST_ROWS:
            raise InputError(
                f"coxph(): tt() makes a row of every patient at every event time, here more than "
                f"{_MOST_ROWS:,}. Split the follow-up at fewer times with surv_split()."
            )
        piece = cut_intervals(start[own], stop[own], cuts)
        ends = np.isin(piece.stop, cuts)
        episode = np.where(ends, piece.episode, -1)
        parts.append(piece._replace(row=own[piece.row], episode=episode))
    joined = Pieces(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
    order = np.lexsort((joined.start, joined.row))
    return Pieces(*(array[order] for array in joined))


def _values(text: str, x: np.ndarray, t: np.ndarray, label: str) -> np.ndarray:
    where = f"coxph(): tt of {label}"
    values = numeric(evaluate(text, pd.DataFrame({"x": x, "t": t}), where), text, "tt")
    if np.isnan(values).any():
        raise InputError(f"{where}: `{text}` is missing for some patients at some event times.")
    return values
