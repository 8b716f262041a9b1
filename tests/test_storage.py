"""The same patients give the same numbers however a column is stored, and in R's order."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import polars as pl
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError

RNG = np.random.default_rng(5)
N = 120
SITES = np.array(["Squamous", "adeno", "SCLC"])  # adeno, SCLC, Squamous in R
SITE = RNG.integers(0, 3, N)
DATA = pd.DataFrame(
    {
        "t": RNG.exponential(size=N).round(3) + 0.01,
        "d": RNG.integers(0, 2, N),
        "cause": RNG.integers(0, 3, N),
        "age": RNG.integers(40, 90, N),
        "faceage": RNG.normal(66, 9, N),
        "site": SITES[SITE],
        "sex": np.where(RNG.integers(0, 2, N) == 1, "Male", "female"),
        "case": np.tile(np.arange(N // 4), 4),
        "reader": np.repeat(["b", "A", "c", "D"], N // 4),
        "call": RNG.integers(0, 2, N),
    }
)
LONG = DATA.assign(truth=DATA["case"] % 2, rating=RNG.normal(size=N))

STATISTICS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "coxph": lambda d: fs.coxph("Surv(t, d) ~ age + site*sex", d).tidy(),
    "strata": lambda d: fs.coxph("Surv(t, d) ~ age + strata(site)", d).tidy(),
    "lm": lambda d: fs.lm("faceage ~ age + site", d).tidy(),
    "logistic": lambda d: fs.logistic("d ~ age + site", d).tidy(),
    "survfit": lambda d: fs.survfit("Surv(t, d) ~ site", d).median(),
    "survdiff": lambda d: fs.survdiff("Surv(t, d) ~ site", d).tidy(),
    "cuminc": lambda d: fs.cuminc("Surv(t, cause) ~ site", d).gray_test(),
    "rmst": lambda d: fs.rmst("Surv(t, d) ~ site", d, tau=1).tidy(),
    "kruskal_test": lambda d: fs.kruskal_test("faceage ~ site", d).tidy(),
    "t_test": lambda d: fs.t_test("faceage ~ sex", d).tidy(),
    "chisq_test": lambda d: fs.chisq_test("~ site + sex", d).tidy(),
    "kappa": lambda d: fs.kappa(
        "~ site + other", d.assign(other=d["site"].to_numpy()[::-1])
    ).tidy(),
    "table_one": lambda d: fs.table_one(d, "sex", ["age", "site"]).tidy(),
    "age_gap": lambda d: fs.age_gap(d, by="site").tidy(),
    "accuracy": lambda d: fs.accuracy(d, by="site", n_resamples=20).tidy(),
    "subgroup_forest": lambda d: fs.subgroup_forest("Surv(t, d) ~ age", d, by=["site"]).tidy(),
    "reader_agreement": lambda d: fs.reader_agreement(
        d, "call", reader="reader", case="case"
    ).pairs(),
}
STORED: dict[str, Callable[[pd.DataFrame], object]] = {
    "string": lambda d: d.astype(dict.fromkeys(("site", "sex", "reader"), "string")),
    "Arrow": lambda d: d.astype(dict.fromkeys(("site", "sex", "reader"), "string[pyarrow]")),
    "small": lambda d: d.astype({"age": "int8", "d": "int8", "cause": "uint8", "case": "Int16"}),
    "objects": lambda d: d.astype(object),
    "boolean": lambda d: d.assign(d=d["d"] == 1),
    "duplicate": lambda d: pd.concat([d.assign(spare=1), d[["case"]].set_axis(["spare"], axis=1)],
                                     axis=1),
    "reversed": lambda d: d[d.columns[::-1]],
}  # fmt: skip


@pytest.mark.parametrize("store", STORED.values(), ids=STORED)
@pytest.mark.parametrize("statistic", STATISTICS.values(), ids=STATISTICS)
def test_storage_changes_no_number(statistic, store):
    pd.testing.assert_frame_equal(statistic(store(DATA)), statistic(DATA), rtol=1e-9)


@pytest.mark.parametrize("name", ["coxph", "survfit", "cuminc", "table_one", "age_gap"])
def test_polars_changes_no_number(name):
    text = pl.from_pandas(DATA)
    categorical = text.with_columns(pl.col("site").cast(pl.Categorical))
    for table in (text, categorical):
        pd.testing.assert_frame_equal(STATISTICS[name](table), STATISTICS[name](DATA), rtol=1e-9)


def test_groups_of_text_come_in_the_order_of_r():
    labels = ["adeno", "SCLC", "Squamous"]
    assert fs.age_gap(DATA, by="site").tidy()["group"].tolist() == labels
    curves = fs.survfit("Surv(t, d) ~ site", DATA).median()["strata"].tolist()
    assert curves == [f"site={label}" for label in labels]
    pairs = fs.reader_agreement(DATA, "call", reader="reader", case="case").pairs()
    assert pairs["reader1"].tolist() == ["A", "A", "A", "b", "b", "c"]
    auc = fs.reader_auc("truth ~ rating", LONG, reader="reader", case="case").tidy()
    assert auc["reader"].tolist() == ["A", "b", "c", "D"]


@pytest.mark.parametrize(
    "days",
    [
        pd.Timestamp("2022-01-01") + pd.to_timedelta(SITE, unit="D"),
        pd.Series((pd.Timestamp("2022-01-01") + pd.to_timedelta(SITE, unit="D")).date),
        pd.to_timedelta(SITE, unit="D"),
        pd.PeriodIndex.from_ordinals(SITE, freq="M"),
    ],
    ids=["datetime", "date", "timedelta", "period"],
)
def test_dates_and_durations_are_groups_by_their_value(days):
    dated, coded = DATA.assign(g=days), DATA.assign(g=SITE)
    for formula in ("Surv(t, d) ~ g", "Surv(t, d) ~ age + strata(g)"):
        call = fs.coxph if "strata" in formula else fs.survfit
        one, other = (call(formula, table) for table in (dated, coded))
        if call is fs.survfit:
            assert one.median()["n"].tolist() == other.median()["n"].tolist()
        else:
            assert one.tidy()["estimate"].tolist() == other.tidy()["estimate"].tolist()
    table = fs.cuminc("Surv(t, cause) ~ g", dated).gray_test()
    assert (
        table["p_value"].tolist()
        == fs.cuminc("Surv(t, cause) ~ g", coded).gray_test()["p_value"].tolist()
    )


def test_beside_text_a_number_is_text_and_no_row_is_lost():
    site = pd.Series(SITE).astype(object)
    mixed = DATA.assign(g=site.where(np.arange(N) % 2 == 0, site.map(str)))
    assert fs.age_gap(mixed, by="g").tidy()["group"].tolist() == ["0", "1", "2"]
    assert fs.age_gap(mixed, by="g").glance()["n"].item() == N
    assert fs.survfit("Surv(t, d) ~ g", mixed).median()["n"].sum() == N
    unknown = DATA.assign(g=site.where(SITE != 2, "unk"))
    assert fs.table_one(unknown, "g", ["age"]).n == N


def test_a_used_column_that_stands_twice_is_refused_in_words():
    twice = pd.concat([DATA, DATA[["age"]]], axis=1)
    for call in (
        lambda: fs.coxph("Surv(t, d) ~ age", twice),
        lambda: fs.table_one(twice, "sex", ["age"]),
        lambda: fs.age_gap(twice, by="site"),
        lambda: fs.roc("d ~ age", twice),
    ):
        with pytest.raises(InputError, match="2 columns are called 'age'"):
            call()


def test_messages_hold_no_value_of_an_identifier():
    data = DATA.assign(patient_id=[f"P{i:04}" for i in range(N)])
    for call in (
        lambda: fs.roc("patient_id ~ age", data),
        lambda: fs.roc("d ~ age", data.assign(d=data["patient_id"]), levels=("no", "yes")),
        lambda: fs.coxph("Surv(t, patient_id) ~ age", data),
        lambda: fs.coxph("Surv(t, d) ~ age", data.assign(d=np.arange(N) + 70_000)),
        lambda: fs.age_gap(data, by="site", reference="P0001x"),
    ):
        with pytest.raises(fs.errors.FaceageError) as refusal:
            call()
        assert "P0002" not in str(refusal.value)
        assert "7000" not in str(refusal.value)
