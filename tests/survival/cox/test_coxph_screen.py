"""coxph_screen must be coxph, column by column."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import (
    EstimationWarning,
    FormulaError,
    InfiniteCoefficientWarning,
    InputError,
)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    n = 120
    table = pd.DataFrame(rng.normal(size=(n, 6)), columns=[f"HLA-{i}" for i in range(6)])
    table = table.assign(
        age=rng.normal(60, 9, n),
        site=rng.choice(["a", "b"], n),
        time=np.ceil(rng.exponential(20, n)),
        event=rng.integers(0, 2, n),
    )
    table.loc[:9, "HLA-1"] = np.nan
    return table


GENES = [f"HLA-{i}" for i in range(6)]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("adjust", [None, "age", "age + C(site)", "age + strata(site)"])
def test_equals_one_fit_per_column(data, adjust, ties):
    screen = fs.coxph_screen(
        data, GENES, time="time", event="event", adjust=adjust, ties=ties, n_jobs=2
    )
    table = screen.tidy(exponentiate=True)
    assert table["term"].tolist() == GENES
    for gene, row in zip(GENES, table.itertuples(), strict=True):
        plain = data.rename(columns={gene: "gene"})
        fit = fs.coxph(f"Surv(time, event) ~ gene + {adjust or '1'}", plain, ties=ties)
        one = fit.tidy(exponentiate=True).query("term == 'gene'").iloc[0]
        for column in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
            assert getattr(row, column) == pytest.approx(one[column], rel=1e-7), column
        assert row.log_lik == pytest.approx(fit.log_lik, rel=1e-10)
        assert (row.n, row.n_event, row.n_missing) == (fit.n, fit.n_event, fit.n_missing)
    assert screen.glance()["n_no_estimate"].iloc[0] == 0
    assert "6 fits" in repr(screen)


def test_columns_without_an_estimate_are_counted(data):
    more = data.assign(one=1.5, twice=2 * data["age"], empty=np.nan)
    with pytest.warns(EstimationWarning, match="3 of 4 columns are constant.*one, twice, empty"):
        screen = fs.coxph_screen(
            more, ["HLA-0", "one", "twice", "empty"], time="time", event="event", adjust="age"
        )
    table = screen.tidy()
    assert table["estimate"].isna().tolist() == [False, True, True, True]
    assert table["n"].tolist() == [120, 120, 120, 0]
    assert screen.glance()["n_no_estimate"].iloc[0] == 3


def test_separating_columns_are_named(data):
    mark = data.assign(mark=np.where(data["event"] == 1, -data["time"], -1000.0))
    with pytest.warns(InfiniteCoefficientWarning, match="1 of 2 columns separate the events.*mark"):
        fs.coxph_screen(mark, ["HLA-0", "mark"], time="time", event="event")


def test_no_events(data):
    with pytest.warns(EstimationWarning, match="6 of 6 columns"):
        fs.coxph_screen(data.assign(event=0), GENES, time="time", event="event")


def test_any_column_name_will_do_for_the_outcome(data):
    odd = data.rename(columns={"time": "follow up", "event": "is"})
    one = fs.coxph_screen(data, GENES, time="time", event="event").tidy()
    other = fs.coxph_screen(odd, GENES, time="follow up", event="is").tidy()
    pd.testing.assert_frame_equal(one, other)


def test_the_same_bytes_on_any_number_of_threads():
    rng = np.random.default_rng(2)
    wide = pd.DataFrame(rng.normal(size=(60, 600)), columns=[f"x{i}" for i in range(600)])
    wide = wide.assign(time=np.ceil(rng.exponential(20, 60)), event=rng.integers(0, 2, 60))
    options = {"time": "time", "event": "event", "adjust": "x0"}
    one, three = (
        fs.coxph_screen(wide, list(wide)[1:600], **options, n_jobs=k).fits for k in (1, 3)
    )
    assert [values.tobytes() for values in one] == [values.tobytes() for values in three]


def test_refusals(data):
    options = {"time": "time", "event": "event"}
    with pytest.raises(InputError, match="given twice: HLA-0"):
        fs.coxph_screen(data, ["HLA-0", "HLA-0"], **options)
    with pytest.raises(FormulaError, match="'HLA-9'"):
        fs.coxph_screen(data, ["HLA-9"], **options)
    with pytest.raises(InputError, match="columns site are not numeric"):
        fs.coxph_screen(data, ["site"], **options)
    with pytest.raises(InputError, match="columns big hold infinite values"):
        fs.coxph_screen(data.assign(big=np.inf), ["big"], **options)
    with pytest.raises(InputError, match="ties is 'exact'"):
        fs.coxph_screen(data, GENES, ties="exact", **options)
