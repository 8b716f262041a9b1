"""Free light chain in 7,871 people (scikit-survival). Truth: R 4.2.2, survival 3.5-3, flchain."""

import numpy as np
import pytest
from sksurv.datasets import load_flchain

import faceage_stats as fs
from tests.real.people import ITERATIVE, close

# truth: benchmarks/flchain.R
HR_LOG, LIKELIHOOD_RATIO, GAIN = 0.594243060089782, 255.45880797525, 0.0130127086044415


@pytest.fixture(scope="module")
def people():
    table, outcome = load_flchain()
    table = table.assign(
        death=outcome["death"].astype(int),
        years=outcome["futime"] / 365.25,
        flc=np.log2(table["kappa"] + table["lambda"]),
    )
    return table[table["years"] > 0].reset_index(drop=True)


def test_a_doubling_given_age_and_sex(people):
    base = fs.coxph("Surv(years, death) ~ age + sex", people)
    fit = fs.coxph("Surv(years, death) ~ flc + age + sex", people)
    assert (fit.n, fit.n_event) == (7871, 2166)
    close(fit.coef.iloc[0], HR_LOG, ITERATIVE)
    close(fs.anova(base, fit).tidy()["statistic"].iloc[-1], LIKELIHOOD_RATIO, ITERATIVE)
    close(fs.concordance_test(base, fit).tidy()["estimate"], [GAIN], ITERATIVE)
    assert fs.cox_zph(fit).tidy()["p_value"].iloc[-1] < 1e-6  # violated: an average over time
