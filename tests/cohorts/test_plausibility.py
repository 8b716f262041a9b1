"""What is valid and cannot be true. Truth: a simulated cohort, spoilt in a known way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cli import main

SIMULATED = {
    cohort: fs.simulate(cohort, seed=1, n=400).tables[table]
    for cohort, table in (("maastro", "maastro"), ("thoracic", "thoracic"))
}
TABLE = SIMULATED["maastro"]


@pytest.mark.parametrize("name", SIMULATED)
def test_nothing_is_said_of_a_plausible_cohort(name):
    found = fs.plausibility(SIMULATED[name], name)
    assert found.notes == []
    assert found.glance()[["n", "n_note"]].values.tolist() == [[len(SIMULATED[name]), 0]]


@pytest.mark.parametrize(
    ("column", "spoil", "note"),
    [
        ("time_days", lambda x: x / 365.25, "is time_days in years?"),
        ("time_days", lambda x: x / 365.25 * 12, "is time_days in months?"),
        ("faceage", lambda x: x / 10, "is faceage in decades?"),
        ("bmi", lambda x: x / 10_000, "is bmi in kg/cm^2?"),
        ("bmi", lambda x: x * 100, "was bmi multiplied by 100?"),
        ("death", lambda x: 0 * x, "0.0% are 1"),
        ("death", lambda x: 1 - x, "are 0 and 1 swapped?"),
        ("faceage", lambda x: x + 20, "the mean gap is"),
        ("faceage", lambda x: np.roll(x, 7), "joined to the right patients?"),
    ],
)
def test_a_spoilt_column_is_named(column, spoil, note):
    found = fs.plausibility(TABLE.assign(**{column: spoil(TABLE[column])}), "maastro")
    assert any(note in each for each in found.notes), found.notes


def test_sex_and_site_that_do_not_fit():
    spoilt = TABLE.assign(sex="M", site="GYN")
    assert any(
        f"{len(TABLE)} rows: men" in each for each in fs.plausibility(spoilt, "maastro").notes
    )


def test_dates_in_the_future():
    serial = next(iter(fs.simulate("serial", seed=1, n=60).tables.values()))
    serial = serial.assign(photo2_on=pd.Timestamp("2200-01-01"))
    assert (
        "photo2_on: 60 dates are in the future." in fs.plausibility(serial, "serial_photos").notes
    )


def test_the_numbers_are_those_of_pandas():
    tidy = fs.plausibility(TABLE, "maastro").tidy().set_index("variable")
    quartiles = TABLE["age"].quantile([0.25, 0.5, 0.75])
    np.testing.assert_allclose(tidy.loc["age", ["q25", "median", "q75"]].astype(float), quartiles)
    assert tidy.loc["death", "mean"] == TABLE["death"].mean()
    assert tidy.loc["bmi", "n_missing"] == TABLE["bmi"].isna().sum()


def test_validate_prints_numbers_and_what_looks_wrong(tmp_path, capsys):
    path = tmp_path / "cohort.csv"
    TABLE.assign(time_days=TABLE["time_days"] / 365.25).to_csv(path, index=False)
    assert main(["validate", str(path), "--schema", "maastro"]) == 0
    printed = capsys.readouterr().out
    assert "Can this be? time_days: median time_days" in printed
    assert "least_expected" in printed
