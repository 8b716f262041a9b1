"""Exact numbers in a release. Truth: the smallest and largest value, and the levels, of rows."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.rules import RULE_SETS
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item

RULES = RULE_SETS["opensafely"]
RECORD = {"item": "x", "parameters": {"sources": {"maastro": "private"}}}


@pytest.fixture(scope="module")
def model():
    """300 patients, one far older than the others, 20 with a rare site of whom few die."""
    rng = np.random.default_rng(6)
    faceage = rng.normal(70, 9, 300).round(2)
    faceage[7] = 103.47
    site = np.repeat(["usual", "rare"], [280, 20])
    death = np.where(site == "rare", np.arange(300) % 7 == 0, rng.random(300) < 0.6)
    rows = pd.DataFrame(
        {"years": rng.exponential(3, 300) + 0.01, "death": death.astype(int),
         "faceage": faceage, "site": pd.Categorical(site, ["usual", "rare"])}
    )  # fmt: skip
    assert death[280:].sum() < 8
    return fs.risk_model("Surv(years, death) ~ faceage + site", rows, times=[1])


def written(folder, **tables):
    released = release(fs.Item(caption="Patients.", tables=tables), RULES)
    write_item(released, folder / "x", provenance=RECORD)
    return released.frames


def test_points_have_round_values_and_say_nothing_of_a_level_of_few(tmp_path, model):
    frames = written(
        tmp_path, coefficients=model.tidy(exponentiate=True), points=model.points().tidy()
    )
    points = frames["table_points"].set_index(["variable", "level"])["points"]
    assert np.isnan(points["site", "rare"])
    levels = points["faceage"].index.astype(float)
    assert (levels % 1 == 0).all()
    assert levels.max() < model.data["faceage"].quantile(0.95) < model.data["faceage"].max()
    assert points["faceage"].notna().all()


@pytest.mark.parametrize(
    ("table", "finding"),
    [
        ({"variable": "faceage", "level": ["45.31", "103.47"], "points": [0.0, 55.5]}, "patients"),
        ({"variable": "faceage", "level": ["50", "90"], "points": [0.0, 55.51234567]}, "digits"),
        ({"variable": "faceage", "level": ["50", "90"], "points": [0.0, 55.5]}, None),
        (
            {"Published_p": ["0.83516"], "Recovered_p": ["0.29"]},
            None,
        ),  # the paper's, as a page has it
        ({"Published_p": ["0.83516"], "Recovered_p": ["0.29143"]}, "digits"),
        ({"group": ["a"], "Published_p": ["0.00001234"], "published_p": ["0.12345"]}, None),
        # by the spread of a rate the median of days between photographs was exact
        ({"level": ["a"], "n": ["105"], "median": ["1114"], "std_dev": ["0.83"]}, "patients"),
        ({"level": ["a"], "n": ["105"], "median": ["1120"], "std_dev": ["0.83"]}, None),
        ({"level": ["a"], "n": ["105"], "q25": ["61.3"], "q75": ["74.0"]}, "patients"),
        ({"level": ["a"], "n": ["105"], "q25": ["61.5"], "median": ["68"], "q75": ["74"]}, None),
    ],
)
def test_extremes_and_exact_numbers_are_found(tmp_path, table, finding):
    folder = tmp_path / "x"
    folder.mkdir()
    pd.DataFrame(table).to_csv(folder / "table_points.csv", index=False)
    rules = {"base": 5, "minimum": 8, "time_grid": 1 / 12}
    (folder / "item.json").write_text(json.dumps({"caption": "", "disclosure": rules}), "utf-8")
    (folder / "values.json").write_text("[]", encoding="utf-8")
    assert set(attack(folder)["kind"]) == ({finding} if finding else set())


def test_what_is_computed_from_released_curves_has_four_digits(tmp_path, model):
    rows = model.data
    km = fs.survfit("Surv(years, death) ~ 1", data=rows)
    frames = written(tmp_path, curve=partial(fs.figures.km_data, km))
    limits = frames["table_curve"][["conf_low", "conf_high"]].to_numpy()
    digits = [len(str(x).replace(".", "").strip("-0")) for x in limits[np.isfinite(limits)]]
    assert max(digits) <= 4
