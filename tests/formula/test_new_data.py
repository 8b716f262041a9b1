"""New data: read as the data of the fit, level by level, row by row."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._formula.frame import model_frame
from faceage_stats.errors import FormulaError, InputError

N = 40


@pytest.fixture
def df() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "t": rng.exponential(size=N).round(3) + 0.001,
            "d": rng.integers(0, 2, N),
            "y": rng.normal(size=N),
            "x": rng.normal(60, 8, N).round(1),
            "grade": rng.integers(1, 4, N),
            "rx": rng.choice(["chemo", "none"], N),
            "smoker": rng.integers(0, 2, N).astype(bool),
        }
    )


RETYPED = {
    "grade": ["int8", "float32", "Int64", "string", "object", "category", "str"],
    "smoker": ["boolean", "object", "str"],
    "rx": ["string", "category", "string[pyarrow]"],
}


@pytest.mark.parametrize(
    ("name", "dtype"), [(name, dtype) for name, dtypes in RETYPED.items() for dtype in dtypes]
)
@pytest.mark.parametrize(
    "right", ["factor(grade)*x + rx", "rx:x + C(grade) + smoker", "x*strata(grade) + rx:smoker"]
)
def test_a_level_is_known_by_its_value(df, right, name, dtype):
    frame = model_frame(f"y ~ {right}", df, allow={"strata"})
    new = df.assign(**{name: df[name].astype(dtype)}).iloc[::-1]
    np.testing.assert_array_equal(frame.design.encode(new), frame.x[::-1])
    few = new.loc[df.index[df["grade"] == 2]]  # fewer levels than the fit had
    assert frame.design.encode(few).shape == (len(few), frame.x.shape[1])


@pytest.mark.parametrize("right", ["rx", "rx:x", "x*rx", "factor(rx)", "x:strata(rx)", "rx + x"])
def test_a_new_level_is_refused_also_inside_an_interaction(df, right):
    design = model_frame(f"y ~ {right}", df, allow={"strata"}).design
    with pytest.raises(InputError, match=r"2 rows that are none of the known levels: placebo"):
        design.encode(pd.DataFrame({"x": [1.0, 2, 3], "rx": ["placebo", "chemo", "placebo"]}))


@pytest.mark.parametrize(
    ("model", "formula"),
    [
        (fs.lm, "y ~ log(x) + rx"),
        (fs.logistic, "smoker ~ log(x) + rx"),
        (fs.coxph, "Surv(t, d) ~ log(x) + rx + strata(grade)"),
    ],
)
def test_rows_keep_their_place_and_their_label(df, model, formula):
    fit = model(formula, df)
    new = df.head(4).set_index(pd.Index(["d", "b", "c", "a"]))
    whole = fit.predict(new)["estimate"]
    gaps = new.assign(x=[50.0, None, 61, 70], rx=["chemo", "none", None, "none"], unused=None)
    found = fit.predict(gaps)["estimate"]
    assert found.index.tolist() == ["d", "b", "c", "a"]
    assert found.isna().tolist() == [False, True, True, False]
    assert whole.notna().all()
    with pytest.raises(FormulaError, match="no column 'rx'"):
        fit.predict(new.drop(columns="rx"))
    with pytest.raises((FormulaError, InputError), match="'x' holds text"):
        fit.predict(new.assign(x="old"))


def test_a_missing_stratum_is_a_missing_prediction_and_a_new_one_is_refused(df):
    fit = fs.coxph("Surv(t, d) ~ x + strata(grade)", df)
    new = df.head(3).assign(grade=[1, None, 2])
    for kind in ("lp", "risk", "survival", "expected"):
        assert fit.predict(new, kind)["estimate"].isna().tolist() == [False, True, False]
    later = fit.predict(new, "survival", times=[0.5])
    assert later["estimate"].isna().sum() == 1
    with pytest.raises(InputError, match="strata that the model never saw: grade=9"):
        fit.predict(new.assign(grade=9), "survival")


def test_knots_and_moments_are_those_of_every_row_where_the_column_is_known(df):
    gaps = df.assign(other=df["y"].where(df.index >= 10))
    terms = "ns(x, df=3) + scale(x) + poly(x, 2) + bs(x, df=4) + rcs(x, 4)"
    frame = model_frame(f"y ~ {terms} + other", gaps)
    whole = model_frame(f"y ~ {terms}", gaps)
    kept = model_frame(f"y ~ {terms}", gaps, subset="x > 55")
    np.testing.assert_array_equal(frame.x[:, :-1], whole.x[10:])
    np.testing.assert_array_equal(kept.x, whole.x[(gaps["x"] > 55).to_numpy()])
    np.testing.assert_allclose(whole.design.encode(gaps.tail(3)), whole.x[-3:], rtol=1e-12)


def test_what_is_missing_is_what_was_evaluated(df):
    gaps = df.assign(x=df["x"].where(df.index % 4 > 0))
    assert model_frame("y ~ x", gaps).n_missing == 10
    assert model_frame("y ~ is.na(x) + ifelse(is.na(x), 0, x)", gaps).n_missing == 0
    assert model_frame("y ~ I(x %in% c(1, 2))", gaps).n_missing == 0


def test_a_function_without_a_value_is_refused_and_not_taken_for_missing(df):
    for right in ("log(x - 100)", "log(x - x)", "sqrt(-x)", "rx:log(x - 100)"):
        with pytest.raises(InputError, match=r"is not finite in \d+ rows"):
            model_frame(f"y ~ {right}", df)
    design = model_frame("y ~ log(x)", df).design
    with pytest.raises(InputError, match="is not finite in 1 rows"):
        design.encode(pd.DataFrame({"x": [0.0, 1.0]}))


@pytest.mark.parametrize(
    ("model", "formula"),
    [(fs.coxph, "Surv(t, d) ~ x + rx"), (fs.lm, "y ~ x + rx"), (fs.logistic, "smoker ~ x + rx")],
)
def test_a_subset_is_the_fit_of_those_rows(df, model, formula):
    gaps = df.assign(x=df["x"].where(df.index != 5), grade=df["grade"].where(df.index != 6))
    fit = model(formula, gaps, subset="grade >= 2 and x > 50")
    rows = gaps[(gaps["grade"] >= 2) & (gaps["x"] > 50)]
    pd.testing.assert_frame_equal(fit.tidy(), model(formula, rows).tidy())
    assert fit.frame.index.tolist() == rows.index.tolist()
    with pytest.raises(InputError, match="is not a condition"):
        model(formula, gaps, subset="grade")
    with pytest.raises(InputError, match="subset is a Series"):
        model(formula, gaps, subset=gaps["grade"] > 1)
    with pytest.raises(fs.errors.DesignError, match="in the subset `grade > 9`"):
        model(formula, gaps, subset="grade > 9")


def test_the_data_are_not_changed(df):
    before = df.copy(deep=True)
    fit = fs.coxph("Surv(t, d) ~ ns(x, df=3)*rx + factor(grade) + strata(smoker)", df)
    fit.predict(df)
    pd.testing.assert_frame_equal(df, before)
