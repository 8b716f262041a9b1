"""clogit: a closed form, and refusals; the likelihood is tested in test_exact.py."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import FormulaError, InputError

PAIRS = pd.DataFrame(
    {
        "case": [True, False] * 30,
        "x": [1, 0] * 18 + [0, 1] * 7 + [1, 1] * 5,
        "set": np.repeat(np.arange(30), 2),
    }
)


def test_pairs_give_the_ratio_of_discordant_pairs():
    fit = fs.clogit("case ~ x + strata(set)", PAIRS)
    row = fit.tidy(exponentiate=True).iloc[0]
    assert row["estimate"] == pytest.approx(18 / 7, rel=1e-10)
    assert row["std_error"] == pytest.approx(np.sqrt(1 / 18 + 1 / 7), rel=1e-10)
    assert row["scale"] == "odds ratio"
    limits = fit.confint(exponentiate=True).iloc[0]
    assert limits["conf_low"] == row["conf_low"]
    assert "odds ratio" in repr(fit)


def test_weights_that_are_not_whole_have_the_sandwich_variance_as_in_r():
    """R's clogit is its coxph of one time: weights with a fraction turn robust on."""
    data = PAIRS.assign(w=np.resize([0.5, 1.25, 2, 1], 60), one=1.0)
    fit = fs.clogit("case ~ x + strata(set)", data, method="breslow", weights="w").tidy()
    cox = fs.coxph("Surv(one, case) ~ x + strata(set)", data, ties="breslow", weights="w").tidy()
    columns = ["estimate", "std_error", "robust_se", "p_value"]
    pd.testing.assert_frame_equal(fit[columns], cox[columns])
    whole = fs.clogit(
        "case ~ x + strata(set)", data.assign(w=2), method="breslow", weights="w"
    ).tidy()
    assert "robust_se" not in whole


def test_refusals():
    with pytest.raises(FormulaError, match="names no matched sets"):
        fs.clogit("case ~ x", PAIRS)
    with pytest.raises(InputError, match="values other than 0/1"):
        fs.clogit("case ~ x + strata(set)", PAIRS.assign(case=np.arange(60) % 3))
    with pytest.raises(InputError, match="takes no weights"):
        fs.clogit("case ~ x + strata(set)", PAIRS.assign(w=2), weights="w")
    assert fs.clogit("case ~ x + strata(set)", PAIRS, method="efron").n_event == 30
