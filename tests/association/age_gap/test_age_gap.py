"""Truth: R 4.2.2 (t.test, oneway.test, lm, HC3 from its definition) on the data below."""

import numpy as np
import pandas as pd
import pytest

from faceage_stats.association.age_gap.age_gap import age_gap
from faceage_stats.errors import DesignError, FormulaError, InputError


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "faceage": [62.0, 71, 66, 80, 59, 68, 61, 77, 55, 83, 64, 70],
            "age": [60, 70, 63, 77, 60, 70, 63, 77, 58, 75, 66, 64],
            "smoking": pd.Categorical(
                np.repeat(["current", "former", "never"], 4),
                categories=["never", "former", "current"],
            ),
            "sex": list("FMFMFMFMFMFM"),
        }
    )


@pytest.fixture
def frame_r(frame):
    return frame.assign(sex=list("FMFMMFMFFMFM"))


def test_group_means(frame):
    table = age_gap(frame, by="smoking", reference="never").tidy().set_index("group")
    assert table.index.tolist() == ["never", "former", "current"]
    assert table["estimate"].tolist() == [2.25, -1.25, 2.25]
    np.testing.assert_allclose(table["std_dev"], [5.560275772537426, *[0.957427107756338] * 2])
    np.testing.assert_allclose(table["conf_low"], [-6.59763954433512, -2.773480180828813,
                                                   0.726519819171188])  # fmt: skip
    assert table["is_reference"].tolist() == [True, False, False]


def test_welch_against_the_reference_and_every_pair(frame):
    gaps = age_gap(frame, by="smoking", reference="never", p_adjust="bonferroni")
    row = gaps.contrasts().set_index("group1").loc["former"]
    expected = [-3.5, 2.821051813301793, -1.240672001661521, 3.177741321990099,
                0.298442488497524, -12.200342079630113, 5.200342079630113]  # fmt: skip
    names = ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]
    np.testing.assert_allclose(row[names].astype(float), expected, rtol=1e-10)
    assert row["p_adjusted"] == pytest.approx(2 * 0.298442488497524)
    assert row["family"] == "age gap against never (2 tests)"
    pairs = gaps.contrasts(pairs="all")
    assert pairs[["group1", "group2"]].values.tolist() == [
        ["former", "never"],
        ["current", "never"],
        ["current", "former"],
    ]
    assert pairs["p_value"].iloc[2] == pytest.approx(0.00207473898606325, rel=1e-10)


def test_overall_test(frame):
    row = age_gap(frame, by="smoking").glance().iloc[0]
    assert row["statistic"] == pytest.approx(12.06508543637, rel=1e-11)
    assert row["df_residual"] == pytest.approx(5.384624150653, rel=1e-11)
    assert row["p_value"] == pytest.approx(0.0102492637754, rel=1e-10)


def test_months_are_twelve_times_years(frame):
    years = age_gap(frame, by="smoking", reference="never").contrasts()
    months = age_gap(frame, by="smoking", reference="never", unit="months").contrasts()
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(months[columns], 12 * years[columns])
    np.testing.assert_allclose(months[["statistic", "p_value"]], years[["statistic", "p_value"]])
    assert set(months["unit"]) == {"months"}


def test_trend(frame):
    ordered = frame["smoking"].cat.set_categories(["former", "never", "current"])
    row = age_gap(frame.assign(smoking=ordered), by="smoking").trend().iloc[0]
    assert row["estimate"] == pytest.approx(1.75)
    assert row["std_error"] == pytest.approx(0.452753961423295, rel=1e-10)


def test_regression_to_the_mean_is_shown_and_corrected(frame):
    gaps = age_gap(frame, by="smoking", reference="never")
    line = gaps.regression_to_mean().tidy().set_index("term")
    assert line.loc["slope", "estimate"] == pytest.approx(0.183098591549296)
    assert line.loc["slope", "p_value"] == pytest.approx(0.251971253235010)
    corrected = gaps.corrected()
    assert corrected.regression_to_mean().tidy()["estimate"].tolist() == pytest.approx([0, 0])
    np.testing.assert_allclose(
        corrected.tidy()["estimate"], [1.38028169014085, -2.44014084507042, 1.05985915492958]
    )
    by_reference = gaps.corrected(fit_on="reference").tidy()
    np.testing.assert_allclose(
        by_reference["estimate"], [0, -4.51470588235294, -1.01470588235294], atol=1e-12
    )
    assert set(by_reference["quantity"]) == {"age-corrected gap"}
    assert set(gaps.tidy()["quantity"]) == {"age gap"}


def test_adjusted_differences_and_marginal_means(frame_r):
    table = age_gap(frame_r, by="smoking", reference="never").adjusted(["age", "sex"])
    means = table[table["quantity"] == "marginal mean"].set_index("group")
    np.testing.assert_allclose(
        means["estimate"], [2.44362745098039, -1.346813725490196, 2.1531862745098]
    )
    np.testing.assert_allclose(
        means["std_error"], [2.46938124145650, 0.738174930920614, 2.0286186065188]
    )
    differences = table[table["quantity"] == "difference"].set_index("group")
    np.testing.assert_allclose(differences["estimate"], [-3.790441176470587, -0.290441176470592])
    np.testing.assert_allclose(differences["std_error"], [2.588991385928357, 3.208653470988691])
    assert set(table["df"]) == {7.0}


def test_groups_may_overlap_but_not_be_compared(frame):
    smoking = frame["smoking"].to_numpy()
    gaps = age_gap(
        frame,
        by={"all": np.ones(12, bool), "current": smoking == "current", "never": smoking == "never"},
        reference="never",
    )
    assert gaps.tidy()["n"].tolist() == [12, 4, 4]
    assert np.isnan(gaps.glance()["p_value"].iloc[0])
    with pytest.raises(InputError, match="'all' and 'never' have 4 rows in common"):
        gaps.contrasts()
    with pytest.raises(InputError, match="8 rows belong to several groups"):
        gaps.trend()
    with pytest.raises(InputError, match="8 rows belong to several groups"):
        gaps.adjusted()


def test_rows_in_no_group_are_kept_for_a_mapping_and_dropped_for_a_column(frame):
    frame.loc[0, "faceage"] = np.nan
    frame.loc[5, "smoking"] = None
    assert age_gap(frame, by="smoking").n_missing == 2
    gaps = age_gap(frame, by={"old": (frame["age"] >= 70).to_numpy()})
    assert gaps.n_missing == 1
    assert len(gaps.augment()) == 11
    assert gaps.augment().columns.tolist() == ["age", "gap", "old"]


def test_a_group_of_one_has_no_interval(frame):
    frame["alone"] = ["a"] + ["b"] * 11
    table = age_gap(frame, by="alone").tidy()
    assert np.isnan(table.loc[0, ["std_error", "conf_low", "conf_high"]].astype(float)).all()
    assert "no overall test" in age_gap(frame, by="alone").glance()["method"].iloc[0]


def test_adjusted_leaves_out_rows_without_covariates(frame):
    frame.loc[3, "sex"] = None
    table = age_gap(frame, by="smoking").adjusted(["sex"])
    assert set(table["n"]) == {11}


def test_text_from_polars_is_accepted(frame):
    polars = pytest.importorskip("polars")
    converted = polars.from_pandas(frame.astype({"smoking": str}))
    assert age_gap(converted, by="smoking").tidy()["group"].tolist() == [
        "current",
        "former",
        "never",
    ]


def test_printing(frame):
    assert repr(age_gap(frame, by="smoking")).startswith("Age gap (years)")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"by": "site"}, FormulaError, "'site'"),
        ({"by": "smoking", "unit": "days"}, InputError, "choose one of years, months"),
        ({"by": "smoking", "reference": "none"}, InputError, "groups: never, former, current"),
        ({"by": {"x": [1, 0]}}, InputError, "must be 12 true/false values"),
        ({"by": {"x": np.zeros(12, bool)}}, DesignError, "no complete rows in x"),
        ({"by": {}}, DesignError, "no complete rows in the data"),
        ({"by": "smoking", "faceage": "sex"}, InputError, "holds text"),
        ({"by": "smoking", "conf_level": 95}, InputError, "between 0 and 1"),
    ],
)
def test_refusals(frame, options, error, message):
    with pytest.raises(error, match=message):
        age_gap(frame, **options)


def test_refusals_of_methods(frame):
    gaps = age_gap(frame, by="smoking")
    with pytest.raises(InputError, match="name a reference="):
        gaps.contrasts(pairs="reference")
    with pytest.raises(InputError, match="Did you mean 'all'"):
        gaps.contrasts(pairs="al")
    with pytest.raises(InputError, match="fit_on is 'none'"):
        gaps.corrected(fit_on="none")
    with pytest.raises(InputError, match="needs a reference= group"):
        gaps.corrected(fit_on="reference")
    with pytest.raises(DesignError, match="at least three ordered groups"):
        age_gap(frame, by="sex").trend()
    with pytest.raises(DesignError, match="cannot estimate 5 coefficients"):
        age_gap(frame.assign(twice=frame["age"]), by="smoking").adjusted(["age", "twice"])


def test_a_trend_over_text_is_refused(frame):
    text = frame.assign(ecog=["restricted", "fully active", "ambulatory"] * 4)
    with pytest.raises(InputError, match=r"these 3 are text, sorted by alphabet\. Give numbers"):
        age_gap(text, by="ecog").trend()
    as_numbers = frame.assign(ecog=[1, 0, 2] * 4)
    assert len(age_gap(as_numbers, by="ecog").trend()) == 1
    masks = {str(grade): as_numbers["ecog"] == grade for grade in (0, 1, 2)}
    assert len(age_gap(as_numbers, by=masks).trend()) == 1


def test_every_interval_has_the_level_that_is_asked_for(frame):
    gaps = age_gap(frame, by="smoking", reference="never", conf_level=0.8)
    other = age_gap(frame, by="smoking", reference="never")
    for name in ("tidy", "contrasts", "trend", "adjusted"):
        one, two = getattr(gaps, name)(), getattr(other, name)(conf_level=0.8)
        pd.testing.assert_frame_equal(one, two)
        assert (one["conf_low"] > getattr(other, name)()["conf_low"]).all()


def test_rows_keep_the_index_of_the_data_even_a_repeated_one(frame):
    frame.index = [7] * 12
    frame.iloc[0, 0] = np.nan
    rows = age_gap(frame, by="smoking").augment()
    assert rows.index.tolist() == [7] * 11
    assert rows["gap"].tolist() == (frame["faceage"] - frame["age"]).tolist()[1:]
