"""The release step. Truth: the kinds of leak of version 0.1.0, one by one, and true curves."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cohorts.disclosure.rules import NO_RULES, RULE_SETS
from faceage_stats.errors import InputError
from faceage_stats.reporting.figures.risk_table import risk_table_data
from faceage_stats.reporting.store.disclose_curves import disclose_curves
from faceage_stats.reporting.store.release import release

RULES = RULE_SETS["opensafely"]


@pytest.fixture(scope="module")
def rows():
    """420 patients, three with head-and-neck cancer."""
    rng = np.random.default_rng(4)
    n = 420
    days = np.ceil(rng.exponential(1100, n)).clip(1, 2556)
    site = ["hn"] * 3 + rng.choice(["breast", "gi", "lung"], n - 3).tolist()
    return pd.DataFrame(
        {
            "site": pd.Categorical(site),
            "age": rng.normal(65, 9, n).round(1),
            "faceage": rng.normal(70, 9, n).round(2),
            "years": days / 365.25,
            "death": ((rng.random(n) < 0.6) & (days < 2556)).astype(int),
        }
    )


def item(**changes):
    return fs.Item(**({"caption": "A caption."} | changes))


def test_without_rules_everything_is_as_it_was_given(rows):
    km = fs.survfit("Surv(years, death) ~ site", data=rows)
    given = item(tables={"median": km.median(), "curve": km}, source_data=km.median())
    frames = release(given, NO_RULES).frames
    pd.testing.assert_frame_equal(frames["table_median"], km.median())
    pd.testing.assert_frame_equal(frames["table_curve"], km.tidy())
    assert release(given).withheld == ()


def test_figure_text_table_and_caption_come_from_the_same_numbers(rows):
    gaps = fs.age_gap(rows, by="site")
    given = item(
        caption="{n} patients, {n_few} with head-and-neck cancer.",
        numbers={"n": 420, "n_few": 3},
        figure=partial(fs.figures.gap_by_group, gaps),
        tables={"gaps": gaps.tidy()},
    )
    released = release(given, RULES)
    assert released.caption == "420 patients, fewer than 8 with head-and-neck cancer."
    assert "hn: n NA, mean NA" in released.alts[""]
    gaps = released.frames["table_gaps"].set_index("group")
    assert gaps.loc["hn", ["estimate", "median", "n", "conf_low"]].isna().all()
    others = gaps.drop(index="hn")["n"]
    assert others.isna().sum() == 1  # or 3 would be a difference
    assert (others.dropna() % 5 == 0).all()


def test_curves_step_by_many_events_on_a_grid_and_stay_near_the_truth(rows):
    km = fs.survfit("Surv(years, death) ~ site", data=rows)
    given = item(figure=partial(fs.figures.km, km), source_data=partial(fs.figures.km_data, km),
                 tables={"at": partial(fs.SurvFit.at, km, [1, 2, 3])})  # fmt: skip
    released = release(given, RULES)
    drawn = released.frames["source_data"]
    assert "hn" not in set(drawn["strata"])
    months = drawn["time"] * 12
    np.testing.assert_allclose(months, months.round(), atol=1e-9)
    at, true = released.frames["table_at"], km.at([1, 2, 3])
    true = true[true["strata"] != "site=hn"].reset_index(drop=True)
    lag = 13 / true["n_risk"]  # a step waits for at most 12 events, and one grid point more
    assert (at["estimate"] - true["estimate"]).between(-0.01, lag * true["estimate"]).all()
    assert (at["n_risk"] % 5 == 0).all()
    assert not at["n_event"].between(1, 7).any()


def test_a_table_of_curves_without_events_says_that_it_is_withheld(rows):
    alive = rows.assign(death=0)
    km = fs.survfit("Surv(years, death) ~ 1", data=alive)
    released = release(item(source_data=partial(fs.figures.km_data, km)), RULES)
    assert released.frames["source_data"]["note"].str.startswith("withheld: no group has").all()


def test_a_difference_of_groups_says_nothing_of_a_group_of_few(rows):
    """Its mean and the pooled number were shown beside it."""
    gaps = fs.age_gap(rows, by="site", reference="breast")
    both = item(tables={"gaps": gaps.tidy(), "differences": gaps.contrasts()})
    table = release(both, RULES).frames["table_differences"].set_index("group1")
    assert (
        table.loc["hn", ["estimate1", "estimate", "std_error", "p_value", "n", "df"]].isna().all()
    )
    assert table.loc["gi", ["estimate", "std_error"]].notna().all()


def test_quartiles_need_enough_patients_and_are_of_no_patient(rows):
    data = fs.figures.gap_by_group_data(fs.age_gap(rows, by="site"))
    shown = release(item(tables={"box": data}), RULES).frames["table_box"].set_index("group")
    assert shown.loc["hn", ["q05", "q25", "median", "q75", "q95"]].isna().all()
    assert shown.loc["gi", ["q05", "q95"]].isna().all()  # 5 % of 140 are 7
    gap = (rows["faceage"] - rows["age"]).round(2)
    assert not (shown["median"].dropna() * 2 % 1).any()  # halves of years, of which 1 in 50 is one
    assert gap.nunique() > 300


def test_a_median_beside_the_spread_of_another_variable_is_of_no_patient():
    """The interval between photographs in days, and the standard deviation of a rate."""
    noise = pd.DataFrame({"level": ["a", "b"], "n": [205, 105], "median": [173.0, 1114.0],
                          "std_dev": [14.5, 0.83]})  # fmt: skip
    shown = release(item(tables={"noise": noise}), RULES).frames["table_noise"]["median"]
    assert shown.tolist() == [180.0, 1200.0]


def test_every_column_of_counts_is_checked_and_unknown_ones_are_refused():
    table = pd.DataFrame({"marker": ["a"], "estimate": [0.7123], "n_case": [3], "n_whatever": [4]})
    shown = release(item(tables={"auc": table}, columns={"n_whatever": "x"}), RULES)
    assert shown.frames["table_auc"][["estimate", "n_case", "n_whatever"]].isna().all(axis=None)
    patients = pd.DataFrame({"marker": ["a", "b"], "bmi": [21.3, 24.8]})
    with pytest.raises(InputError, match="columns bmi may hold values of single patients"):
        release(item(tables={"x": patients}, columns={"bmi": "x"}), RULES)


@pytest.mark.parametrize("values", [pd.Series([1.0]), np.array([1.0])], ids=["Series", "array"])
def test_a_figure_of_single_patients_is_left_out_and_named(values):
    drawing = partial(_points, values)
    released = release(item(figure={"scatter": fs.Figure(drawing, caption="Points.")}), RULES)
    assert released.figures == {}
    assert released.withheld[0].startswith("figure scatter (a column of values of single patients")


def _points(values):
    raise AssertionError("never drawn")


def test_a_scatter_plot_becomes_its_line_between_rounded_percentiles(rows):
    """Truth: least squares by numpy; no end of the line is the value of a patient."""
    drawing = partial(fs.figures.gap_vs, rows["age"], rows["faceage"], x_label="Age", points=True)
    released = release(item(figure={"scatter": fs.Figure(drawing, caption="Line.")}), RULES)
    axes = released.figures["scatter"].axes[0]
    x, y = axes.lines[0].get_data()
    low, high = np.quantile(rows["age"], [0.05, 0.95])
    np.testing.assert_allclose([x[0], x[-1]], [low, high], atol=1)
    assert (x[[0, -1]] % 2 == 0).all()
    slope, start = np.polyfit(rows["age"], rows["faceage"], 1)
    np.testing.assert_allclose(y, start + slope * np.asarray(x), rtol=5e-3)
    assert not axes.collections[1:]  # the band alone
    few = partial(fs.figures.gap_vs, rows["age"][:100], rows["faceage"][:100], x_label="Age")
    kept = release(item(figure={"scatter": fs.Figure(few, caption="Line.")}), RULES)
    assert "a line of so few patients" in kept.withheld[0]


def test_what_could_see_unreleased_numbers_is_refused(rows):
    count = len(rows)

    def inside():
        return pd.DataFrame({"n": [count]})

    with pytest.raises(InputError, match="function inside another"):
        release(item(tables={"x": partial(inside)}), RULES)
    drawn = fs.figures.consort(pd.DataFrame({"step": ["a"], "n_before": [9], "n_excluded": [2],
                                             "n_after": [7]}))  # fmt: skip
    with pytest.raises(InputError, match="drawn before its numbers were released"):
        release(item(figure=drawn), RULES)
    km = fs.survfit("Surv(years, death) ~ 1", data=rows)
    with pytest.raises(InputError, match="give the fit"):
        release(item(tables={"x": km.at([1, 2])}), RULES)


def test_a_baseline_table_has_no_group_of_few_in_its_headings(rows):
    table = fs.table_one(rows, by="site", columns=["age", "death"])
    released = release(item(tables={"one": table}), RULES).frames["table_one"]
    few = released[released["group"] == "hn"]
    assert few[["n", "mean", "fraction"]].isna().all(axis=None)
    percent = released["fraction"].dropna()
    assert np.allclose(percent * 100, (percent * 100).round())


def test_a_column_that_nothing_describes_is_refused():
    with pytest.raises(InputError, match="'hue' are not in the glossary"):
        release(item(tables={"x": pd.DataFrame({"hue": [1]})}))
    with pytest.raises(InputError, match="needs alt="):
        release(item(figure=partial(_bare_figure)))


def _bare_figure():
    from matplotlib.figure import Figure

    return Figure()


def test_all_patients_are_at_risk_at_the_start_of_a_released_curve():
    """Many die in the first month, before the first point of the grid after 0."""
    years = np.concatenate([np.linspace(0.01, 0.07, 60), np.linspace(0.1, 5, 340)])
    km = fs.survfit("Surv(years, death) ~ 1", pd.DataFrame({"years": years, "death": 1}))
    released = disclose_curves(km, RULE_SETS["opensafely"])
    assert released.at([0])["n_risk"].tolist() == [400]
    first = released.tidy().query("time > 0").iloc[0]
    assert (first["n_risk"], first["estimate"]) == (340, 0.85)


def test_a_released_curve_has_no_limits_before_its_first_step():
    """Some have died before it: 1.0 (1.0 to 1.0) would be too sure."""
    years = np.linspace(0.3, 9, 400)
    km = fs.survfit("Surv(years, death) ~ 1", pd.DataFrame({"years": years, "death": 1}))
    table = disclose_curves(km, RULE_SETS["opensafely"]).tidy()
    before = table["estimate"] == 1
    limits = table[["std_error", "conf_low", "conf_high"]]
    assert limits[before & (table["time"] > 0)].isna().all(axis=None)
    assert limits[~before].notna().all(axis=None)
    assert before.sum() > 3


def test_a_released_curve_tells_nothing_of_the_time_after_its_end():
    """Some are still at risk there: 0 would be wrong, in the table and below the figure."""
    years = np.linspace(0.02, 8, 400)
    km = fs.survfit("Surv(years, death) ~ 1", pd.DataFrame({"years": years, "death": 1}))
    released = disclose_curves(km, RULE_SETS["opensafely"])
    end = released.tidy()["time"].max()
    assert 0 < (years > end).sum() < 20
    later = released.at([7.97])
    assert later.drop(columns=["strata", "time"]).isna().all(axis=None)
    assert risk_table_data(released, [1, 7.97])["n_risk"].isna().tolist() == [False, True]
    assert km.at([7.97])["n_risk"].tolist() == [2]


def test_a_released_curve_starts_once_and_without_a_sign():
    years = np.linspace(0.02, 8, 400)
    km = fs.survfit("Surv(years, death) ~ 1", pd.DataFrame({"years": years, "death": 1}))
    released = disclose_curves(km, RULE_SETS["opensafely"])
    assert fs.figures.km_data(released)["time"].eq(0).sum() == 1
    assert not np.signbit(released.tidy()["cumhaz"]).any()


def test_the_median_of_a_released_curve_that_is_flat_at_a_half_is_on_the_grid():
    """R takes the middle of the two times, which may lie between two months."""
    years = np.r_[np.full(100, 0.25), np.full(100, 4 / 12)]
    km = fs.survfit("Surv(years, death) ~ 1", pd.DataFrame({"years": years, "death": 1}))
    assert km.median()["median"].tolist() == [pytest.approx(3.5 / 12)]
    released = disclose_curves(km, RULE_SETS["opensafely"]).median()
    assert released["median"].tolist() == [pytest.approx(4 / 12)]
