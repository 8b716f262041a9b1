"""Numbers as arguments: text, lists and values out of range are refused by name."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._scalar import check_number, check_numbers, check_whole
from faceage_stats.errors import InputError

DATA = pd.DataFrame({"t": range(1, 13), "d": [1, 0, 1] * 4, "g": list("ab") * 6})
CURVES = "Surv(t, d) ~ g"


@pytest.mark.parametrize("value", ["1", None, True, np.nan, np.inf, [1.0], np.ones(2)])
def test_only_one_finite_number_is_a_number(value):
    with pytest.raises(InputError, match=r"tau is .*; it must be a finite number"):
        check_number("tau", value)


def test_no_row_of_a_patient_stands_in_the_message():
    with pytest.raises(InputError, match="tau is a Series; it must be"):
        check_number("tau", pd.Series(["MRN0001", "MRN0002"]))


def test_numbers_of_any_type_are_read():
    assert check_number("tau", np.float32(2)) == 2
    assert check_whole("n", np.int64(2)) == 2
    assert check_numbers("times", pd.Series([1, 2])).tolist() == [1, 2]
    with pytest.raises(InputError, match="times must be finite numbers"):
        check_numbers("times", ["1"])


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: fs.rmst(CURVES, DATA, tau="five"), "tau"),
        (lambda: fs.rmst(CURVES, DATA, tau=[5, 6]), "tau"),
        (lambda: fs.survdiff(CURVES, DATA, rho="a"), "rho"),
        (lambda: fs.logrank_trend(CURVES, DATA, rho=None), "rho"),
        (lambda: fs.cuminc(CURVES, DATA, rho="a"), "rho"),
        (lambda: fs.survfit(CURVES, DATA, conf_level="95"), "conf_level"),
        (lambda: fs.survfit(CURVES, DATA).at("1"), "times"),
        (lambda: fs.landmark(DATA, "1", time="t", event="d"), "times"),
        (lambda: fs.t_test(DATA["t"], mu="0"), "mu"),
        (lambda: fs.binom_test(1.5, 3), "x"),
        (lambda: fs.binom_test(1, 3, 2), "p"),
        (lambda: fs.optimism("Surv(t, d) ~ g", DATA, n_resamples=2.5), "n_resamples"),
    ],
)
def test_arguments_that_are_no_numbers_are_refused_by_name(call, name):
    with pytest.raises(InputError, match=rf"\b{name}\b.*\bmust\b|{name} is .*must"):
        call()
