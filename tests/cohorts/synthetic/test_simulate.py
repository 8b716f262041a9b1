"""The synthetic cohorts as a whole: sizes, codings, determinism, refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import faceage_stats as fs
from faceage_stats import __version__
from faceage_stats.cohorts.synthetic.simulate import COHORTS
from faceage_stats.errors import InputError

# sizes as published; the two FAHR-Face sizes are ours
SIZES = {
    "thoracic": {"thoracic": 573},
    "palliative": {"palliative": 717},
    "survey": {"survey": 10 * 100 + 2 * 8 * 100},
    "genotyped": {"genotypes": 146, "expression": 146, "variants": 120},
    "harvard_rt": {"harvard_rt": 5000},
    "maastro_rt": {"maastro_rt": 2000},
    "serial": {"serial_photos": 2276},
    "older_rt": {"older_rt": 24556},
}


@pytest.fixture(scope="module")
def cohorts():
    return {name: fs.simulate(name, seed=1) for name in COHORTS}


@pytest.mark.parametrize("name", SIZES)
def test_the_sizes_are_those_of_the_papers(cohorts, name):
    assert {k: len(v) for k, v in cohorts[name].tables.items()} == SIZES[name]


def test_maastro_has_the_published_size_after_curation_and_dcis_rows_on_top(cohorts):
    table = cohorts["maastro"].data
    assert (table["exclude"] == 0).sum() == 4906
    assert (table["exclude"] == 1).sum() == 94
    assert set(table.loc[table["exclude"] == 1, "site"]) == {"MAM"}


@pytest.mark.parametrize("name", COHORTS)
def test_every_table_fits_its_schema(cohorts, name):
    synthetic = cohorts[name]
    for table, described in synthetic.truth["tables"].items():
        fs.validate(synthetic.tables[table], described["schema"])


@pytest.mark.parametrize("name", COHORTS)
def test_same_seed_same_rows_and_another_seed_others(name):
    first, again = fs.simulate(name, seed=3, n=60), fs.simulate(name, seed=3, n=60)
    other = fs.simulate(name, seed=4, n=60)
    for table in first.tables:
        assert_frame_equal(first.tables[table], again.tables[table])
        assert not first.tables[table].equals(other.tables[table])
    assert first.truth == again.truth


@pytest.mark.parametrize("name", COHORTS)
def test_every_file_says_that_it_is_synthetic(cohorts, name):
    synthetic = cohorts[name]
    truth = synthetic.truth
    assert truth["synthetic"] is True
    assert "No row is a patient" in truth["notice"]
    assert (truth["version"], truth["seed"], truth["cohort"]) == (__version__, 1, name)
    for table in synthetic.tables.values():
        if "patient_id" in table:
            assert table["patient_id"].str.startswith("SYN-").all()


@pytest.mark.parametrize("name", COHORTS)
def test_truth_is_plain_json_without_patient_rows(cohorts, name):
    text = json.dumps(cohorts[name].truth, allow_nan=False)
    assert json.loads(text) == cohorts[name].truth
    assert "SYN-" not in text


def test_planted_values_carry_their_published_id_and_both_scales(cohorts):
    records = [r for c in cohorts.values() for r in c.truth["planted"]]
    published = {r["id"]: r["estimate"] for r in records if r["id"]}
    # the printed values of the papers
    assert published == {
        "faceage_maastro_hr_adjusted": 1.151,
        "faceage_maastro_hr_age_sex_site": 1.151,
        "faceage_thoracic_hr_adjusted": 1.148,
        "faceage_palliative_hr_adjusted": 1.117,
        "faceage_gap_cancer_vs_reference": 4.79,
        "faceage_gap_current_vs_never": 33.0,
        "faceage_readers_auc_photo": 0.61,
        "faceage_readers_auc_chart": 0.74,
        "faceage_readers_auc_chart_faceage": 0.80,
        "faceage_cdk6": cohorts["genotyped"].truth["planted"][0]["estimate"],
        "fahr_survival_q4_vs_q1": 3.22,
        "far_short_ahr": 1.25,
        "far_mid_ahr": 1.37,
        "far_long_ahr": 1.65,
        "faceage60_hr_gap_ge10": 1.26,
        "faceage60_hr_gap_le_minus5": 0.90,
        "faceage60_or_30day_gap_ge10": 1.38,
        "faceage60_or_60day_gap_ge10": 1.33,
    }
    for record in records:
        assert record["source"] == ("published" if record["id"] else "ours")
        if record["quantity"] == "hazard_ratio":
            assert np.exp(record["log_estimate"]) == pytest.approx(record["estimate"])


def test_every_curation_rule_has_something_to_do(cohorts):
    maastro = cohorts["maastro"].data
    assert {"UNK", "NEU", "HEM", "DER", "ALG", "SAR", "GYN"} <= set(maastro["site"])
    assert (maastro["smoking"] == "passive").sum() > 10
    assert (maastro["bmi"] > 100).sum() > 5
    assert (maastro["time_days"] > 7 * 365.25).sum() > 100
    assert maastro["time_days"].duplicated().any()
    assert not ((maastro["site"] == "GYN") & (maastro["sex"] == "M")).any()


@pytest.mark.parametrize("name", ["maastro", "thoracic", "palliative", "harvard_rt", "serial"])
def test_values_are_missing_at_about_the_stated_rate(cohorts, name):
    table = cohorts[name].data
    rates = cohorts[name].truth["missing"]["rates"]
    for column, rate in rates.items():
        missing = table[column].isna().mean()
        error = np.sqrt(rate * (1 - rate) / len(table))
        assert abs(missing - rate) < 4 * error, column
    never = [c for c in table if c not in rates]
    assert table[never].notna().all().all()


def test_the_tables_join(cohorts):
    palliative = cohorts["palliative"].data.set_index("patient_id")
    survey = cohorts["survey"].data.drop_duplicates("patient_id").set_index("patient_id")
    shared = ["faceage", "age", "sex", "years", "death"]
    assert_frame_equal(palliative.loc[survey.index, shared], survey[shared])
    thoracic = set(cohorts["thoracic"].data["patient_id"])
    tables = cohorts["genotyped"].tables
    assert set(tables["expression"]["patient_id"]) <= thoracic
    assert list(tables["genotypes"]["patient_id"]) == list(tables["expression"]["patient_id"])
    assert set(tables["variants"]["variant_id"]) == set(tables["genotypes"].columns[1:])


def test_maastro_rt_carries_the_cut_points_of_harvard_rt(cohorts):
    development = cohorts["harvard_rt"]
    cuts = development.truth["quartile_cut_points"]["values"]
    assert cohorts["maastro_rt"].truth["quartile_cut_points"]["values"] == cuts
    expected = np.quantile(development.data["fahr_survival"], [0.25, 0.5, 0.75])
    np.testing.assert_allclose(cuts, expected, atol=1e-6)


def test_one_table_has_data_and_several_are_asked_for_by_name(cohorts):
    assert isinstance(cohorts["maastro"].data, pd.DataFrame)
    with pytest.raises(InputError, match=r"genotyped has 3 tables .*use \.tables"):
        _ = cohorts["genotyped"].data
    assert "genotypes 146 x 121" in repr(cohorts["genotyped"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cohort": "utk"}, "public, see fetch_utk"),
        ({"cohort": "lung"}, "unknown synthetic cohort 'lung'. Choose from maastro"),
        ({"cohort": "maastro", "seed": -1}, "seed is -1; it must be 0 or more"),
        ({"cohort": "maastro", "seed": 1.5}, "seed must be a whole number, not float"),
        ({"cohort": "maastro", "n": 19}, "n is 19; it must be 20 or more"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        fs.simulate(**arguments)


@pytest.mark.parametrize("name", COHORTS)
def test_the_smallest_cohort_is_a_valid_one(name):
    synthetic = fs.simulate(name, seed=2, n=20)
    for table, described in synthetic.truth["tables"].items():
        fs.validate(synthetic.tables[table], described["schema"])


@pytest.mark.parametrize(
    "name", ["maastro", "thoracic", "palliative", "survey", "genotyped", "harvard_rt", "older_rt"]
)
def test_a_matched_cohort_says_so_and_differs_from_the_default_one(name):
    matched = fs.simulate(name, match="published")
    assert "Matched" in matched.truth["matched"]["notice"]
    assert matched.truth["matched"]["ids"]
    assert "matched" not in fs.simulate(name).truth
    for table, described in matched.truth["tables"].items():
        fs.validate(matched.tables[table], described["schema"])
        if table != "variants":  # invented once, whatever the patients
            assert not matched.tables[table].equals(fs.simulate(name).tables[table])


def test_matched_tables_join():
    thoracic = fs.simulate("thoracic", match="published").data.set_index("patient_id")
    expression = fs.simulate("genotyped", match="published").tables["expression"]
    cdk6 = expression.set_index("patient_id")["CDK6"]
    own = thoracic.loc[cdk6.index, "faceage"] - thoracic.loc[cdk6.index, "age"]
    assert np.corrcoef(cdk6, own)[0, 1] > 0.4  # of these patients, not of others


@pytest.mark.parametrize("other", [{"seed": 1}, {"n": 573}])
def test_a_matched_cohort_is_one_cohort(other):
    with pytest.raises(InputError, match="there is one cohort, of the published size"):
        fs.simulate("thoracic", match="published", **other)


def test_what_is_not_matched_is_refused():
    with pytest.raises(InputError, match=r"match is 'paper'.*published"):
        fs.simulate("thoracic", match="paper")
