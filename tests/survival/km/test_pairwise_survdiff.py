"""Log-rank tests of all pairs. Truth: the test of each pair alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import InputError
from faceage_stats.survival.km.pairwise_survdiff import pairwise_survdiff
from faceage_stats.survival.km.survdiff import survdiff

RNG = np.random.default_rng(8)
ROWS = pd.DataFrame(
    {
        "time": np.ceil(RNG.exponential(10, 90)),
        "event": RNG.integers(0, 2, 90),
        "g": np.tile(["a", "b", "c"], 30),
        "site": np.repeat(["x", "y"], 45),
    }
)


def test_pairs_are_tests_of_their_own_rows() -> None:
    table = pairwise_survdiff("Surv(time, event) ~ g", ROWS, p_adjust="none").tidy()
    own = survdiff("Surv(time, event) ~ g", ROWS[ROWS["g"] != "b"])
    row = table[(table["group1"] == "g=a") & (table["group2"] == "g=c")].iloc[0]
    assert row["statistic"] == pytest.approx(own.statistic, rel=1e-12)
    assert (table["p_adjusted"] == table["p_value"]).all()
    holm = pairwise_survdiff("Surv(time, event) ~ g", ROWS)
    assert holm.tidy()["p_adjusted"].max() <= 1
    assert holm.glance()["family"].item() == "3 pairs, holm"
    assert "rho = 1" in repr(pairwise_survdiff("Surv(time, event) ~ g", ROWS, rho=1))


def test_an_unknown_adjustment_is_refused() -> None:
    with pytest.raises(InputError, match="choose one of holm"):
        pairwise_survdiff("Surv(time, event) ~ g", ROWS, p_adjust="x")
