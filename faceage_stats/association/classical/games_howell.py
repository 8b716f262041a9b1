"""Games and Howell's comparison of every pair of means."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._tukey import range_quantile
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.pairwise_result import PairwiseTests, pair_labels
from faceage_stats.association.classical.samples import groups_of
from faceage_stats.errors import DesignError

__all__ = ["games_howell_test"]


@checked_call
def games_howell_test(formula: str, data: Any, *, conf_level: float = 0.95) -> PairwiseTests:
    """Compare the means of every pair of groups without equal variances (Games and Howell).

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value or group are dropped and counted.
    conf_level : float
        Family-wise level of the limits.

    Returns
    -------
    PairwiseTests
        ``tidy(conf_level=...)``: ``group1 group2 estimate`` (later minus earlier level)
        ``std_error statistic df conf_low conf_high p_adjusted family``; the statistic is the
        studentised range: abs(estimate) / std_error times the square root of 2.

    Raises
    ------
    DesignError
        A group with fewer than 2 values, or without variance.

    See Also
    --------
    oneway_test : Welch's test of all groups together.
    aov : with Tukey's limits, for equal variances.

    Notes
    -----
    Standard errors and Welch's degrees of freedom are those of pingouin's
    ``pairwise_gameshowell``.

    In R: ``rstatix::games_howell_test(df, gap ~ site)``

    References
    ----------
    Games PA, Howell JF (1976). Pairwise multiple comparison procedures with unequal n's and/or
    variances: a Monte Carlo study. Journal of Educational Statistics 1:113-125.

    Examples
    --------
    >>> data = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 6, 9, 7], "site": list("aaabbbcc")})
    >>> games_howell_test("gap ~ site", data).tidy()["p_adjusted"].round(4).tolist()
    [0.0455, 0.0854, 0.2419]
    """
    check_conf_level(conf_level)
    groups = groups_of(formula, data, "games_howell_test()")
    if min(map(len, groups.samples)) < 2 or min(map(np.ptp, groups.samples)) == 0:
        raise DesignError("games_howell_test: every group needs 2 values that differ.")
    import pingouin

    size = [len(sample) for sample in groups.samples]
    values = {
        "value": np.concatenate(groups.samples),
        "group": np.repeat(np.arange(len(size)), size),
    }
    found = pingouin.pairwise_gameshowell(pd.DataFrame(values), dv="value", between="group")
    std_error, df = found["se"].to_numpy(), found["df"].to_numpy()
    columns = {
        "estimate": -found["diff"].to_numpy(),  # pingouin has earlier minus later
        "std_error": std_error,
        "statistic": np.abs(found["T"].to_numpy()) * math.sqrt(2),
        "df": df,
    }
    table = pair_labels(groups).assign(**columns)
    table["p_adjusted"] = stats.studentized_range.sf(columns["statistic"], len(size), df)
    table["family"] = f"Games-Howell, {len(table)} pairs"
    half_width = partial(_half_width, std_error, len(size), df)
    return PairwiseTests(
        table, "Games-Howell test", groups.n, groups.n_missing, conf_level, half_width
    )


def _half_width(std_error: np.ndarray, k: int, df: np.ndarray, level: float) -> np.ndarray:
    critical = np.array([range_quantile(level, k, each) for each in df.tolist()])
    return np.asarray(critical / math.sqrt(2) * std_error)
