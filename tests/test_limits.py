"""Limits of what cannot leave a range stay in it; they are those of the normal interval, cut."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs

# few patients, nearly perfect markers: the normal interval leaves the range on every one of these
SMALL = pd.DataFrame(
    {
        "time": [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4],
        "event": [1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1],
        "m": [5.0, 4, 6, 3, 2, 1, 4, 2, 1, 3, 2],
        "worse": [2.0, 6, 1, 3, 5, 2, 1, 1, 4, 3, 6],
        "died": [1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1],
        "risk": [0.9, 0.99, 0.95, 0.05, 0.02, 0.01, 0.9, 0.3, 0.01, 0.1, 0.9],
        "old": [0.4, 0.5, 0.3, 0.6, 0.5, 0.6, 0.4, 0.5, 0.6, 0.7, 0.4],
        "g": list("aaabbbaabbb"),
    }
)
SURV = "Surv(time, event)"
WIDE = 1 - 1e-14  # nearly 8 standard errors to each side
TIMED = f"{SURV} ~ risk"


def _time_roc():
    return fs.time_roc(f"{SURV} ~ m + worse", SMALL, [1.5, 3.5])


def _brier():
    return fs.brier(TIMED, SMALL.iloc[[0, 3, 4, 6, 7]], 1.5)


ERRORS = pd.DataFrame({"age": [60.0, 62, 64], "p": [60.0, 62, 64.5], "q": [61.0, 62, 70]})

# table, and the range of what it estimates
TABLES = {
    "concordance": (lambda: fs.concordance(f"{SURV} ~ m", SMALL, reverse=True).tidy(), (0, 1)),
    "concordance_test": (
        lambda: fs.concordance_test(f"{SURV} ~ m + worse", SMALL, reverse=True).tidy(
            conf_level=WIDE
        ),
        (-1, 1),
    ),
    "kappa": (lambda: fs.kappa(list("abca"), list("abba")).tidy(), (-1, 1)),
    "roc": (lambda: fs.roc("died ~ m", SMALL).tidy(), (0, 1)),
    "roc.ci": (lambda: fs.roc("died ~ m", SMALL).ci(), (0, 1)),
    "roc_test": (
        lambda: fs.roc_test(
            fs.roc("died ~ risk", SMALL), fs.roc("died ~ worse", SMALL, direction=">")
        ).tidy(conf_level=WIDE),
        (-1, 1),
    ),
    "time_roc": (lambda: _time_roc().tidy(), (0, 1)),
    "time_roc.bands": (lambda: _time_roc().bands(), (0, 1)),
    "time_roc.contrasts": (lambda: _time_roc().contrasts(conf_level=WIDE), (-1, 1)),
    "brier": (lambda: _brier().tidy(conf_level=WIDE), (0, 1)),
    "rmst": (lambda: fs.rmst(f"{SURV} ~ g", SMALL, tau=1.5).tidy(conf_level=WIDE), (0, 1.5)),
    "accuracy_test": (lambda: fs.accuracy_test(ERRORS, ["p", "q"]).means(), (0, np.inf)),
    "ranking_loss": (
        lambda: fs.survival_ranking_loss(TIMED, SMALL).tidy(conf_level=WIDE),
        (0, np.inf),
    ),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.filterwarnings("ignore::faceage_stats.errors.FaceageWarning")
def test_limits_end_where_the_estimate_can(name):
    table, (low, high) = TABLES[name][0](), TABLES[name][1]
    found = table[["conf_low", "conf_high"]].to_numpy(float)
    assert np.nanmin(found) >= low
    assert np.nanmax(found) <= high
    assert np.nanmin(found) == low or np.nanmax(found) == high, (
        "nothing was cut; this tests nothing"
    )


@pytest.mark.filterwarnings("ignore::faceage_stats.errors.FaceageWarning")
def test_each_measure_of_calibration_and_reclassification_has_its_range():
    quantities = fs.calibration("died ~ risk", SMALL, n_resamples=0).tidy(conf_level=WIDE)
    table = quantities.set_index("quantity")
    assert table.loc[["brier", "c_statistic", "somers_dxy"], "conf_high"].max() == 1
    assert table.loc["brier", "conf_low"] == 0
    assert table.loc["brier_scaled", "conf_high"] == 1
    moves = fs.nri("died ~ old + risk", SMALL).tidy(conf_level=WIDE).set_index("quantity")
    sizes = moves[["conf_low", "conf_high"]].abs().max(axis=1)
    assert sizes.tolist() == [1, 1, 2]
