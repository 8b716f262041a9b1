"""Every function of the room refuses the specials that it does not use, and names them."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import FormulaError

RNG = np.random.default_rng(5)
DATA = pd.DataFrame(
    {
        "time": np.ceil(RNG.exponential(20, 60)),
        "event": RNG.integers(0, 2, 60),
        "status": RNG.integers(0, 3, 60),
        "x": RNG.normal(size=60),
        "g": ["a", "b"] * 30,
        "id": np.arange(60) // 2,
    }
)
SPECIALS = {
    "strata": "strata(g)", "cluster": "cluster(id)", "offset": "offset(x)", "tt": "tt(x)",
}  # fmt: skip
EVENT, STATUS = "Surv(time, event)", "Surv(time, status)"
# function, left side, first term, what it uses, further arguments
USERS = [
    (fs.coxph, EVENT, "x", {"strata", "cluster", "offset", "tt"}, {}),
    (fs.clogit, "event", "x + strata(g)", {"strata", "cluster", "offset"}, {}),
    (fs.coxphf, EVENT, "x", {"strata", "offset"}, {}),
    (fs.coxnet, EVENT, "x", set(), {}),
    (fs.logistf, "event", "x", set(), {}),
    (fs.concordance, EVENT, "x", {"strata", "cluster"}, {}),
    (fs.concordance_test, EVENT, "x + id", {"strata", "cluster"}, {}),
    (fs.survfit, EVENT, "g", {"cluster"}, {}),
    (fs.rmst, EVENT, "g", set(), {"tau": 5}),
    (fs.survdiff, EVENT, "g", {"strata"}, {}),
    (fs.pairwise_survdiff, EVENT, "g", {"strata"}, {}),
    (fs.logrank_trend, EVENT, "g", {"strata"}, {}),
    (fs.cuminc, STATUS, "g", {"strata"}, {}),
    (fs.crr, STATUS, "x", {"strata"}, {}),
    (fs.optimism, EVENT, "x", {"strata", "offset"}, {"n_resamples": 2}),
]
UNUSED = [
    pytest.param(
        function, f"{left} ~ {term} + {text}", name, options, id=f"{function.__name__}-{name}"
    )
    for function, left, term, used, options in USERS
    for name, text in SPECIALS.items()
    if name not in used
]


@pytest.mark.parametrize(("function", "formula", "special", "options"), UNUSED)
def test_a_special_that_is_not_used_is_refused(function, formula, special, options):
    with pytest.raises(FormulaError, match=rf"{special}\("):
        function(formula, DATA, **options)


def test_a_screen_refuses_clusters():
    with pytest.raises(FormulaError, match=r"cluster\("):
        fs.coxph_screen(DATA, ["x"], time="time", event="event", adjust="cluster(id)")
