"""Calls that R users mistype: each is refused in words, whatever function it reaches."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import FaceageError

DATA = pd.DataFrame(
    {
        "t": [5, 3, 8, 2, 9, 4, 6, 7, 1, 10, 11, 12],
        "d": [1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1],
        "x": [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13],
        "g": list("ababababaabb"),
    }
)
COX = "Surv(t, d) ~ x"


def _lm():
    return fs.lm("x ~ t", DATA)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fs.friedman_test("x ~ g | d", DATA), r"takes no formula.*pivot\(index="),
        (lambda: fs.icc("x ~ g", DATA), "one row per subject and the names of its columns"),
        (lambda: fs.prop_test("d ~ g", DATA), r"x must be counts; of a table: df\.groupby"),
        (lambda: fs.cox_zph(COX), r"takes a fit of coxph\(\) or crr\(\); this is a str"),
        (lambda: fs.cox_zph(_lm()), "this is a LinearModel"),
        (
            lambda: fs.anova(_lm(), fs.coxph(COX, DATA)),
            "of one kind, here LinearModel; this is a Cox",
        ),
        (lambda: fs.anova([fs.coxph(COX, DATA)]), "this is a list"),
        (lambda: fs.influence(_lm()), r"influence\(\) takes a fit of coxph\(\)"),
        (lambda: fs.pool_rubin([1, 2]), "one fit per imputed data set; this is a int"),
        (lambda: fs.bind_tidy([_lm()]), "fits by label"),
        (lambda: fs.side_by_side([_lm()]), "fits by label"),
        (lambda: fs.adjusted_curves(COX, DATA, by="g", times=3), "takes a fit of coxph"),
        (lambda: fs.coxph(DATA, COX), "the formula is a DataFrame, not text. It comes first"),
        (lambda: fs.t_test(DATA, "x ~ g"), "the formula comes before it"),
        (lambda: fs.chisq_test(DATA, "~ d + g"), "the formula comes before it"),
        (lambda: fs.lm(None, DATA), "the formula is a NoneType, not text. It comes first"),
        (lambda: fs.coxph(3, DATA), "the formula is a int, not text"),
        (lambda: fs.lm("x ~ log(.)", DATA), r"`\.` stands alone, not inside a function"),
        (lambda: fs.coxph("Surv(t, d) ~ DATA$x", DATA), "without the table and `\\$`"),
        (lambda: fs.coxph(COX, DATA, weights=np.ones(12)), "weights is a ndarray; name the col"),
        (lambda: fs.coxph(COX, DATA, cluster=DATA["g"]), "cluster is a Series; name the column"),
        (lambda: fs.lm("x ~ t", DATA, weights=[1] * 12), "weights is a list; name the column"),
        (lambda: fs.chisq_test([["a", 2], [3, 4]]), r"counts' holds text \(1 of 4 rows"),
        (lambda: fs.p_adjust(["a"]), "holds text"),
        (lambda: fs.shapiro_test(DATA[["x"]]), "has 2 dimensions; pass one column"),
        (lambda: fs.age_decade(["old"]), "holds text"),
        (lambda: fs.kappa(list("ab"), [0, 1]), "one rating is text and the other is not"),
        (lambda: fs.crr("Surv(t, d) ~ x", DATA.assign(d=0)), "none: there is no event"),
        (lambda: fs.optimism("Surv(t, d) ~ x", DATA.assign(x=1)), "no linear predictor that var"),
        (lambda: fs.coxnet("Surv(t, d) ~ x", DATA.head(1)), "1 complete row; at least 2"),
        (lambda: fs.levene_test("x ~ g", DATA.assign(x=1)), "the values of no group vary"),
        (lambda: fs.oneway_test("x ~ g", DATA.assign(x=1)), "do not vary within a, b"),
        (
            lambda: fs.age_gap(DATA.assign(g=None), by="g", faceage="x", age="t"),
            "no complete rows",
        ),
        (
            lambda: fs.adjusted_curves(
                fs.coxph("Surv(t, d) ~ x + g", DATA), DATA.head(9), by="g", times=3
            ),
            "data has 9 rows, and the model was fitted to a table",
        ),
    ],
)
# a warning before the refusal is not what is asked here
@pytest.mark.filterwarnings("ignore::faceage_stats.errors.FaceageWarning")
def test_wrong_calls_are_refused_in_words(call, message):
    with pytest.raises(FaceageError, match=message):
        call()


def test_a_column_with_a_dot_in_its_name_is_no_dot():
    data = DATA.rename(columns={"x": "x.1"})
    assert fs.coxph("Surv(t, d) ~ `x.1`", data).tidy()["term"].tolist() == ["x.1"]


def test_incidences_stand_where_gray_has_nothing_to_compare():
    two = pd.DataFrame({"t": [1, 2], "d": [1, 1], "g": ["a", "b"]})
    curves = fs.cuminc("Surv(t, d) ~ g", two)
    assert len(curves.tidy()) == 2
