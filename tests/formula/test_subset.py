"""Truth: a subset is what the rows alone give, wherever it is taken."""

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import ArgumentError, InputError
from tests.survival.cox.test_predict import read

OUTCOME = "Surv(time, status) ~"
COMPETING = "Surv(time, cause) ~"
CALLS = {
    "survfit": lambda d, **s: fs.survfit(f"{OUTCOME} celltype", d, **s),
    "survfit, several rows": lambda d, **s: fs.survfit(f"{OUTCOME} 1", d, cluster="age", **s),
    "survdiff": lambda d, **s: fs.survdiff(f"{OUTCOME} trt + strata(celltype)", d, **s),
    "coxph": lambda d, **s: fs.coxph(f"{OUTCOME} karno + celltype", d, **s),
    "survreg": lambda d, **s: fs.survreg(f"{OUTCOME} karno", d, **s),
    "cuminc": lambda d, **s: fs.cuminc(f"{COMPETING} trt", d, **s),
    "crr": lambda d, **s: fs.crr(f"{COMPETING} karno", d, **s),
    "lm": lambda d, **s: fs.lm("karno ~ age + celltype", d, **s),
    "glm": lambda d, **s: fs.glm("diagtime ~ age", d, family="poisson", **s),
    "gee": lambda d, **s: fs.gee("karno ~ age", d, id="diagtime", **s),
    "lmer": lambda d, **s: fs.lmer("karno ~ age + (1 | diagtime)", d, **s),
}


@pytest.fixture(scope="module")
def veteran():
    table = read("veteran.csv")
    return table.assign(cause=table["status"] * (1 + table.index % 2))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_it_is_the_rows_alone(call, veteran):
    rows = veteran[(veteran["age"] > 50) & (veteran["celltype"] != "adeno")]
    one = call(veteran, subset='age > 50 & celltype != "adeno"')
    pd.testing.assert_frame_equal(one.tidy(), call(rows).tidy())
    with pytest.raises(InputError, match="in the subset"):
        call(veteran, subset="age > 500")


def test_r_s_number(veteran):
    test = fs.survdiff(f"{OUTCOME} trt", veteran, subset="karno > 50")
    assert test.statistic == pytest.approx(0.61002465289535, rel=1e-10)


def test_elsewhere_the_rows_are_passed(veteran):
    with pytest.raises(ArgumentError, match="Pass the rows wanted as data"):
        fs.rmst(f"{OUTCOME} trt", veteran, tau=100, subset="karno > 50")
