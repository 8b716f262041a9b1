"""tmerge: small cases by hand, a slow second way, refusals. R's rows are conformance cases."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import EstimationWarning, FormulaError, InputError

BASE = pd.DataFrame({"id": ["b", "a"], "days": [100, 50], "died": [1, 0], "sex": ["f", "m"]})
PHOTOS = pd.DataFrame(
    {
        "id": ["a", "b", "b", "b", "b", "z"],
        "day": [50, 60, -5, 60, 20, 1],
        "faceage": [61.0, 74, 70, 75, np.nan, 1],
        "grade": pd.Categorical(["i", "i", "ii", "ii", "i", "i"]),
    }
)


def merged(**additions):
    options = additions.pop("options", None)
    rows = fs.tmerge(BASE[["id"]], BASE, id="id", tstop="days", death="event(days, died)")
    return fs.tmerge(rows, PHOTOS, id="id", options=options, **additions)


def test_the_last_value_before_the_end_of_an_interval_holds_in_it():
    rows = merged(faceage="tdc(day, faceage)", grade='tdc(day, grade, "0")')
    assert rows["id"].tolist() == ["b", "b", "b", "a"]
    assert rows["tstart"].tolist() == [0, 20, 60, 0]
    assert rows["death"].tolist() == [0, 0, 1, 0]
    # two photographs on day 60: the last row counts; one at the end of follow-up does not
    np.testing.assert_array_equal(rows["faceage"], [70, 70, 75, np.nan])
    assert rows["grade"].astype(str).tolist() == ["ii", "i", "ii", "0"]


def test_missing_values_replace_earlier_ones_on_demand():
    rows = merged(faceage="tdc(day, faceage)", options={"na_rm": False, "tdcstart": 1})
    np.testing.assert_array_equal(rows["faceage"], [70, np.nan, 75, 1])


def test_a_sum_with_a_missing_term_stays_missing_on_demand():
    # survival 3.5-3: NA from the missing dose on
    base = pd.DataFrame({"id": [1, 2], "days": [10, 10]})
    doses = pd.DataFrame({"id": [1, 1, 1, 2], "day": [1, 3, 5, 2], "dose": [2, np.nan, 4, 3]})
    rows = fs.tmerge(
        fs.tmerge(base, base, id="id", tstop="days"), doses, id="id", total="cumtdc(day, dose)",
        options={"na_rm": False},
    )  # fmt: skip
    np.testing.assert_array_equal(rows["total"], [np.nan, 2, np.nan, np.nan, np.nan, 3])


def test_sums_and_events_count_up():
    rows = merged(n="cumtdc(day)", seen="tdc(day)", photo="event(day)", number="cumevent(day)")
    assert rows["n"].tolist() == [1, 2, 4, 0]
    assert rows["seen"].tolist() == [1, 1, 1, 0]
    assert rows["photo"].tolist() == [1, 1, 0, 1]
    assert rows["number"].tolist() == [2, 4, 0, 1]
    again = fs.tmerge(
        rows, PHOTOS, id="id", n="cumtdc(day)", photo="event(day + 10, ifelse(day > 0, 2, 2))"
    )
    assert again["tstop"].tolist() == [5, 20, 30, 60, 70, 100, 50]
    assert again["photo"].tolist() == [2, 1, 2, 1, 2, 0, 1]
    assert again["n"].tolist() == [2, 2, 4, 4, 8, 8, 0]


def test_what_fell_where_is_counted():
    counts = merged(faceage="tdc(day, faceage)").attrs["tmerge"]["counts"]["faceage"]
    assert counts == {
        "early": 1, "late": 0, "gap": 0, "within": 2, "boundary": 0, "leading": 0, "trailing": 1,
        "tied": 1, "missid": 1,
    }  # fmt: skip


def test_equals_a_value_looked_up_for_each_interval():
    rng = np.random.default_rng(4)
    n = 60
    base = pd.DataFrame({"id": rng.permutation(n), "end": rng.uniform(5, 30, n)})
    seen = pd.DataFrame(
        {"id": rng.integers(0, n, 300), "at": rng.uniform(-2, 32, 300), "v": rng.normal(size=300)}
    )
    rows = fs.tmerge(base, base, id="id", tstop="end", died="event(end)")
    rows = fs.tmerge(rows, seen, id="id", v="tdc(at, v)")
    assert rows.groupby("id", sort=False)["died"].sum().tolist() == [1] * n
    length = (rows["tstop"] - rows["tstart"]).groupby(rows["id"], sort=False).sum()
    np.testing.assert_allclose(length, base["end"])
    for row in rows.itertuples():
        before = seen[(seen["id"] == row.id) & (seen["at"] <= row.tstart)].sort_values("at")
        expected = before["v"].iloc[-1] if len(before) else np.nan
        np.testing.assert_equal(row.v, expected)


def test_follow_up_with_gaps():
    spans = pd.DataFrame({"id": [1, 1], "from": [0, 20], "to": [10, 30]})
    rows = fs.tmerge(
        pd.DataFrame({"id": [1]}), spans, id="id", tstart="from", tstop="to", x="tdc(to - 15, to)"
    )
    assert rows["tstart"].tolist() == [0, 20]
    assert rows["x"].tolist() == [10, 30]
    places = fs.tmerge(rows, pd.DataFrame({"id": [1], "t": [15]}), id="id", y="event(t)")
    assert places.attrs["tmerge"]["counts"]["y"]["gap"] == 1
    assert places["y"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tdk(day)", "Did you mean 'tdc'"),
        ("day + 1", "must be text such as"),
        ("tdc(faceage = 1)", r"tdc\(\) takes time, value, init"),
        ("event(day, faceage, 0)", r"event\(\) takes time, value"),
        ("tdc(day, faceage, faceage)", "init is a number"),
        ("tdc(dai, faceage)", "Did you mean 'day'"),
    ],
)
def test_an_addition_that_cannot_be_read_is_refused(text, told):
    with pytest.raises(FormulaError, match=told):
        merged(x=text)


def test_refusals():
    twice = pd.concat([BASE, BASE])
    with pytest.raises(InputError, match="stands again in 2 rows of data1"):
        fs.tmerge(twice, BASE, id="id", tstop="days")
    with pytest.raises(InputError, match="1 rows have an 'id' that is not in data2"):
        fs.tmerge(BASE, BASE.head(1), id="id", tstop="days")
    with pytest.raises(InputError, match="needs tstop="):
        fs.tmerge(BASE, BASE, id="id")
    with pytest.raises(InputError, match="'days' and starts with 200, is missing or empty in 2"):
        fs.tmerge(BASE, BASE, id="id", tstart=200, tstop="days")
    with pytest.raises(InputError, match="overlap"):
        fs.tmerge(BASE, twice, id="id", tstop="days")
    with pytest.raises(InputError, match=r"'delai'\. Did you mean 'delay'"):
        merged(options={"delai": 1})
    with pytest.raises(InputError, match="the first call only"):
        fs.tmerge(merged(), PHOTOS, id="id", tstop="day")
    with pytest.raises(InputError, match="is an event already"):
        merged(death="tdc(day)")
    with pytest.raises(InputError, match="adds numbers up"):
        merged(n="cumtdc(day, grade)")
    lost = merged(faceage="tdc(day, faceage)")
    lost.attrs = {}
    with pytest.raises(InputError, match="Pass on what tmerge"):
        fs.tmerge(lost, PHOTOS, id="id", tstop="day")
    rows = fs.tmerge(BASE, BASE, id="id", tstop="days")
    with pytest.warns(EstimationWarning, match="replaces the column 'sex'"):
        fs.tmerge(rows, PHOTOS, id="id", sex="tdc(day, faceage)")


def test_the_record_of_an_earlier_call_is_not_changed_by_a_later_one():
    first = merged()
    fs.tmerge(first, PHOTOS, id="id", faceage="tdc(day, faceage)")
    assert list(first.attrs["tmerge"]["counts"]) == ["death"]
    assert len(first) == 2
