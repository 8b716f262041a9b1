"""A special that a function does not use is refused by name, in every function of the room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import FormulaError, InputError

SPECIALS = ("strata(g)", "cluster(g)", "offset(g)")
SURVIVAL, BINARY = "Surv(t, d)", "y"

# how each function is called, its formula's left side and terms, and the specials that it uses
CALLS: dict[str, tuple[Callable[[str, pd.DataFrame], Any], str, str, tuple[str, ...]]] = {
    "roc": (fs.roc, BINARY, "a", ()),
    "time_roc": (lambda f, d: fs.time_roc(f, d, 1.0), SURVIVAL, "a", ()),
    "brier": (lambda f, d: fs.brier(f, d, 1.0), SURVIVAL, "p", ()),
    "calibration": (fs.calibration, BINARY, "p", ()),
    "calibration, survival": (lambda f, d: fs.calibration(f, d, times=1.0), SURVIVAL, "p", ()),
    "decision_curve": (fs.decision_curve, BINARY, "p", ()),
    "decision_curve, survival": (
        lambda f, d: fs.decision_curve(f, d, times=1.0), SURVIVAL, "p", ()
    ),
    "nri": (fs.nri, BINARY, "p + q", ()),
    "nri, survival": (lambda f, d: fs.nri(f, d, times=1.0), SURVIVAL, "p + q", ()),
    "idi": (fs.idi, BINARY, "p + q", ()),
    "idi, survival": (lambda f, d: fs.idi(f, d, times=1.0), SURVIVAL, "p + q", ()),
    "rcorrp_cens": (fs.rcorrp_cens, SURVIVAL, "a + p", ()),
    "royston": (fs.royston, SURVIVAL, "a", ()),
    "risk_model": (lambda f, d: fs.risk_model(f, d, times=1.0), SURVIVAL, "a", ()),
    "survival_ranking_loss": (fs.survival_ranking_loss, SURVIVAL, "a", ("strata(g)",)),
    "marker_substitution": (
        lambda f, d: fs.marker_substitution(f, d, marker="p", other="q"), SURVIVAL, "a",
        ("strata(g)",),
    ),
    "cox_sample_size_pilot": (
        lambda f, d: fs.cox_sample_size_pilot(f, d, failure="d", hazard_ratio=1.5), "a", "p", ()
    ),
}  # fmt: skip
REFUSED = [(name, s) for name, call in CALLS.items() for s in SPECIALS if s not in call[3]]
USED = [(name, s) for name, call in CALLS.items() for s in call[3]]


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = 80
    a = rng.normal(size=n)
    frame = pd.DataFrame({"a": a, "g": np.arange(n) % 4})
    frame["p"] = 1 / (1 + np.exp(-a - rng.normal(size=n)))
    frame["q"] = 1 / (1 + np.exp(-a - rng.normal(size=n)))
    frame["y"] = (rng.random(n) < frame["p"]).astype(int)
    frame["t"], frame["d"] = rng.exponential(2 * np.exp(-a)), rng.integers(0, 2, n)
    return frame


@pytest.mark.parametrize(("name", "special"), REFUSED)
def test_an_unused_special_is_refused(data: pd.DataFrame, name: str, special: str) -> None:
    call, left, terms, _ = CALLS[name]
    with pytest.raises(FormulaError, match=r"not used here|has one baseline"):
        call(f"{left} ~ {terms} + {special}", data)


@pytest.mark.parametrize(("name", "special"), USED)
def test_a_special_that_is_used_changes_the_answer(
    data: pd.DataFrame, name: str, special: str
) -> None:
    call, left, terms, _ = CALLS[name]
    with_special, without = (call(f"{left} ~ {terms}{s}", data) for s in (f" + {special}", ""))
    changed = with_special.tidy()["estimate"] - without.tidy()["estimate"]
    assert changed.abs().max() > 1e-6


def test_readers_take_columns_and_nothing_else() -> None:
    long = pd.DataFrame({"reader": ["a", "b"] * 4, "case": [0, 0, 1, 1, 2, 2, 3, 3],
                         "dead": [0, 0, 0, 0, 1, 1, 1, 1], "years": 1.0, "death": 1,
                         "rating": range(8)})  # fmt: skip
    keys = {"reader": "reader", "case": "case"}
    for function, left in ((fs.mrmc, "dead"), (fs.reader_auc, "dead"),
                           (fs.reader_survival, "Surv(years, death)")):  # fmt: skip
        with pytest.raises(FormulaError, match=r"no column 'rating \+ strata\(case\)'"):
            function(f"{left} ~ rating + strata(case)", long, **keys)


JUDGED = ["roc", "time_roc", "brier", "decision_curve", "nri", "idi, survival", "rcorrp_cens",
          "survival_ranking_loss"]  # fmt: skip


@pytest.mark.parametrize("name", JUDGED)
def test_text_of_one_level_does_not_vanish_from_the_markers(name, data):
    call, left, right, _ = CALLS[name]
    with pytest.raises(InputError, match="marker 'site' is text or a category without an order"):
        call(f"{left} ~ {right} + site", data.assign(site="lung"))
