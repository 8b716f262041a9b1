"""A notebook with private data prints no event time and no row."""

import warnings

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DisclosureWarning

DATA = pd.DataFrame({"time": [1.37, 2.11, 3.05], "event": [1, 0, 1], "arm": list("aab")})


@pytest.fixture
def private(monkeypatch):
    monkeypatch.setattr(fs.options, "private", True)
    monkeypatch.setattr(fs.options, "has_warned", False)


def test_a_result_prints_only_the_row_of_the_whole_fit(private):
    fit = fs.survfit("Surv(time, event) ~ 1", data=DATA)
    for shown in (repr(fit), fit._repr_html_()):
        assert "Private data" in shown
        assert "1.37" not in shown
        assert "3.05" not in shown
    table = fs.table_one(DATA, columns=["time", "arm"])
    assert "Private data" in repr(table)
    assert "Private data" in table._repr_html_()


def test_no_group_is_printed(private):
    """The third patient alone is arm b."""
    fit = fs.survfit("Surv(time, event) ~ arm", data=DATA)
    assert "arm=b" not in repr(fit)
    assert {"3", "2"} <= set(repr(fit).split())  # patients and events of both


def test_the_first_table_of_exact_numbers_warns(private):
    fit = fs.survfit("Surv(time, event) ~ 1", data=DATA)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # to print is not to ask for them
        repr(fs.t_test("time ~ arm", pd.concat([DATA, DATA])))
    with pytest.warns(DisclosureWarning, match=r"tidy\(\) shows exact numbers"):
        fit.tidy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit.tidy()


def test_a_drawn_curve_warns_too(private):
    fit = fs.survfit("Surv(time, event) ~ 1", data=DATA)
    with pytest.warns(DisclosureWarning, match=r"km\(\) shows exact numbers") as warned:
        fs.figures.km(fit)
    assert {w.filename for w in warned} == {__file__}


def test_a_result_made_from_another_does_not_warn(private):
    fit = fs.survfit("Surv(time, event) ~ 1", data=DATA)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DisclosureWarning)
        fit.rmst(2)


def test_reading_a_private_table_makes_the_session_private(tmp_path, monkeypatch):
    monkeypatch.setattr(fs.options, "private", False)
    DATA.to_csv(tmp_path / "rows.csv", index=False)
    fs.read_table(tmp_path / "rows.csv")
    assert not fs.options.private
    fs.read_table(tmp_path / "rows.csv", private=True)
    assert fs.options.private
