"""Curation. Truth: the rules of the paper applied by hand to small tables, and bookkeeping."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats._glossary import GLOSSARY
from faceage_stats.cohorts.curation.curate import curate, days_to_years
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.synthetic.simulate import simulate
from faceage_stats.errors import InputError, SchemaError

COHORTS = {
    "maastro": "maastro",
    "thoracic": "thoracic",
    "palliative": "palliative",
    "harvard_rt": "fahr_rt",
    "serial": "serial_photos",
    "older_rt": "older_rt",
}


def maastro(**changes: list) -> pd.DataFrame:
    n = len(next(iter(changes.values()))) if changes else 3
    columns = {
        "patient_id": [f"P{i}" for i in range(n)],
        "faceage": [60.0] * n,
        "age": [58.0] * n,
        "sex": ["F"] * n,
        "site": ["LON"] * n,
        "exclude": [0] * n,
        "smoking": ["never"] * n,
        "bmi": [24.0] * n,
        "ps": [1] * n,
        "time_days": [1000] * n,
        "death": [0] * n,
    }
    return pd.DataFrame({**columns, **changes})


def utk(ages: list[float]) -> pd.DataFrame:
    n = len(ages)
    return pd.DataFrame(
        {
            "subj_id": [str(i) for i in range(n)],
            "faceage": np.linspace(20, 90, n),
            "age": ages,
            "gender": ([0, 1] * n)[:n],
            "race": ([0, 1, 2, 3, 4] * n)[:n],
        }
    )


def step(flow, name: str) -> pd.Series:
    return flow.tidy().set_index("step").loc[name]


# ---- bookkeeping, any cohort


@pytest.mark.parametrize(("cohort", "schema"), COHORTS.items())
def test_the_flow_adds_up_and_the_input_is_untouched(cohort, schema):
    raw = simulate(cohort, seed=2).tables["serial_photos" if cohort == "serial" else cohort]
    before = raw.copy(deep=True)
    curated = curate(raw, schema, follow_up_cap=2, complete=["age", "sex"])
    pd.testing.assert_frame_equal(raw, before)
    flow = curated.flow.tidy()
    assert set(flow.columns) <= set(GLOSSARY)
    assert (flow["n_before"] - flow["n_excluded"] == flow["n_after"]).all()
    assert flow["n_before"].iloc[1:].tolist() == flow["n_after"].iloc[:-1].tolist()
    assert flow["n_before"].iloc[0] == len(raw)
    assert flow["n_after"].iloc[-1] == len(curated.rows)
    assert flow["n_event"].iloc[-1] == curated.rows["death"].sum()
    glance = curated.flow.glance().iloc[0]
    assert glance["n"] == glance["n_before"] - glance["n_excluded"] == len(curated.rows)
    assert glance["cohort"] == schema


@pytest.mark.parametrize(("cohort", "schema"), COHORTS.items())
def test_derived_columns_of_every_cohort(cohort, schema):
    raw = simulate(cohort, seed=2).tables["serial_photos" if cohort == "serial" else cohort]
    rows = curate(raw, schema).rows
    np.testing.assert_allclose(rows["gap"], rows["faceage"] - rows["age"])
    np.testing.assert_allclose(rows["faceage10"] * 10, rows["faceage"])
    np.testing.assert_allclose(rows["age10"] * 10, rows["age"])
    assert rows["faceage_group"].cat.categories.tolist() == ["<=65", "(65,75]", "(75,85]", ">85"]
    assert rows["faceage_group"].cat.ordered
    assert rows["sex"].cat.categories.tolist() == ["female", "male"]
    assert (rows["years"] > 0).all()
    assert "time_days" not in rows
    assert rows.attrs == {"cohort": schema}


def test_edges_of_the_faceage_groups():
    rows = curate(
        maastro(faceage=[65, 65.001, 75, 75.001, 85, 85.001]), "maastro"
    ).rows  # an edge belongs to the group below it
    assert rows["faceage_group"].cat.codes.tolist() == [0, 1, 1, 2, 2, 3]


# ---- utk


def test_utk_minimum_age_and_levels():
    table = utk([19, 20, 59, 60, 75])
    technical = curate(table, "utk")
    assert technical.rows["age"].tolist() == [20, 59, 60, 75]
    reference = curate(table, "utk", min_age=60)
    assert reference.rows["age"].tolist() == [60, 75]
    assert step(reference.flow, "Age")["n_excluded"] == 3
    assert step(reference.flow, "Age")["reason"] == "younger than 60 years"
    assert len(curate(table, "utk", min_age=0).rows) == 5
    assert technical.rows["sex"].tolist() == ["female", "male", "female", "male"]
    assert "gender" not in technical.rows
    assert technical.rows["race"].tolist() == ["black", "asian", "indian", "other"]
    assert technical.flow.tidy()["n_event"].isna().all()


# ---- maastro


def test_maastro_leaves_out_breast_rows_flagged_and_no_others():
    table = maastro(site=["MAM", "MAM", "MAM", "LON"], exclude=[1, 0, None, 1])
    curated = curate(table, "maastro")
    assert curated.rows["patient_id"].tolist() == ["P1", "P2", "P3"]
    assert step(curated.flow, "Invasive cancer")["n_excluded"] == 1


def test_maastro_sites_are_named_and_pooled():
    codes = ["MAM", "GE", "URO", "LON", "KNO", "UNK", "NEU", "HEM", "DER", "ALG", "SAR", "GYN"]
    curated = curate(maastro(site=codes), "maastro")
    assert curated.rows["site"].tolist() == ["breast", "gi", "gu", "lung", "hn", *["other"] * 7]
    assert curated.rows["site"].cat.categories[0] == "breast"
    assert step(curated.flow, "Tumour sites")["n_changed"] == 7


def test_maastro_recodes_are_counted_not_dropped():
    table = maastro(
        smoking=["never", "former", "current", "passive", None, "passive"],
        bmi=[18.4, 18.5, 25, 100, 100.1, np.nan],
    )
    curated = curate(table, "maastro")
    rows = curated.rows
    assert rows["smoking"].cat.categories.tolist() == ["never", "former", "current"]
    assert rows["smoking"].isna().tolist() == [False] * 3 + [True] * 3
    assert step(curated.flow, "Smoking")[["n_excluded", "n_changed"]].tolist() == [0, 2]
    assert step(curated.flow, "Body mass index")[["n_excluded", "n_changed"]].tolist() == [0, 1]
    assert rows["bmi"].isna().tolist() == [False] * 4 + [True] * 2
    classes = ["<18.5", "18.5-24.9", "25-29.9", ">=30"]
    assert rows["bmi_class"].tolist()[:4] == [classes[k] for k in (0, 1, 2, 3)]
    assert rows["bmi_class"].isna().sum() == 2


def test_follow_up_cap_cuts_time_and_event():
    days = [7 * 365.25 - 1, 7 * 365.25, 7 * 365.25 + 1, 4000]
    curated = curate(maastro(time_days=days, death=[1, 1, 1, 0]), "maastro", follow_up_cap=7)
    assert curated.rows["years"].tolist()[1:] == [7, 7, 7]
    assert curated.rows["death"].tolist() == [1, 1, 0, 0]  # a death at the cap is a death
    capped = step(curated.flow, "Follow-up cap, 7 years")
    assert capped[["n_changed", "n_excluded", "n_event"]].tolist() == [2, 0, 2]


def test_follow_up_cap_as_published_relabels_the_event_only():
    days = [2554, 2555, 2556, 4000]  # 7 x 365 = 2555
    table = maastro(time_days=days, death=[1, 1, 1, 0])
    curated = curate(table, "maastro", follow_up_cap=7, as_published=True)
    assert curated.rows["death"].tolist() == [1, 0, 0, 0]
    np.testing.assert_allclose(curated.rows["years"] * 365.25, days)
    assert step(curated.flow, "Follow-up cap as published, 7 years")["n_changed"] == 2


def test_days_to_years():
    assert days_to_years(pd.Series([0, 365.25, 1461])).tolist() == [0, 1, 4]


# ---- thoracic


def thoracic(n: int) -> pd.DataFrame:
    return simulate("thoracic", seed=1).tables["thoracic"].head(n).reset_index(drop=True)


def test_thoracic_groups():
    table = thoracic(8).assign(
        clinical_stage=[1, 2, 3, 4, 5, 6, 7, np.nan],
        smoking=[0, 1, 2, np.nan] * 2,
        ecog=[0, 1, 2, 3, 4, np.nan, 0, 0],
        grade=[1, 2, 3, 4, np.nan, 1, 1, 1],
        ethnicity=["white", "black", "asian", "other", None, *["white"] * 3],
        intent=[
            "radical",
            "adjuvant",
            "preoperative",
            "preoperative_adjuvant",
            "palliative",
            *[None] * 3,
        ],
        histology=[
            *("adenocarcinoma", "adenosquamous", "squamous", "small_cell", "mixed_small_cell"),
            *("large_cell", "thymoma", None),
        ],
    )
    rows = curate(table, "thoracic").rows
    assert rows["stage"].tolist()[:7] == ["I", "I", "II", "II", "III", "III", "IV"]
    assert rows["smoker"].tolist()[:3] == ["never", "ever", "ever"]
    assert rows["ecog_group"].tolist()[:5] == ["0-1", "0-1", ">1", ">1", ">1"]
    assert rows["grade_group"].tolist()[:4] == ["1", ">1", ">1", ">1"]
    assert rows["ethnicity"].tolist()[:4] == ["white", "non_white", "non_white", "non_white"]
    assert rows["intent"].tolist()[:5] == [*["curative"] * 4, "palliative"]
    assert rows["intent"].cat.categories[0] == "palliative"
    expected = ["nsclc", "nsclc", "nsclc", "sclc", "sclc", "other", "other"]
    assert rows["histology"].tolist()[:7] == expected
    missing = rows[["stage", "histology"]].iloc[7].isna()
    assert missing.all()
    assert rows["smoker"].isna().tolist() == [False, False, False, True] * 2
    assert rows["ecog_group"].isna().sum() == rows["grade_group"].isna().sum() == 1


# ---- palliative


def test_palliative_groups_and_flags():
    table = simulate("palliative", seed=1).tables["palliative"].head(6).reset_index(drop=True)
    table = table.assign(
        cancer_type=["breast", "prostate", "lung", "colorectal", "gynaecological", "other"],
        ecog=[0, 1, 2, 3, 4, np.nan],
        prior_rt_courses=[0, 1, 10, np.nan, 0, 0],
        hospital_admissions=[0, 2, 0, 0, 0, np.nan],
        er_admissions=[1, 0, 0, 0, 0, 0],
    )
    rows = curate(table, "palliative").rows
    assert rows["cancer_group"].tolist() == ["rest", "prostate", "lung", "rest", "other", "other"]
    assert rows["cancer_group"].cat.categories[0] == "rest"
    assert rows["ecog_group"].tolist()[:5] == ["0-1", "0-1", "2", "3-4", "3-4"]
    np.testing.assert_array_equal(rows["any_prior_rt"], [0, 1, 1, np.nan, 0, 0])
    np.testing.assert_array_equal(rows["any_admission"], [0, 1, 0, 0, 0, np.nan])
    np.testing.assert_array_equal(rows["any_er_admission"], [1, 0, 0, 0, 0, 0])


# ---- serial photographs


def test_face_aging_rate_and_interval_classes():
    days = [9, 10, 365, 366, 730, 731, 1460, 1461]
    start = pd.Timestamp("2015-01-01")
    table = pd.DataFrame(
        {
            "patient_id": list("abcdefgh"),
            "photo1_on": start,
            "photo2_on": start + pd.to_timedelta(days, unit="D"),
            "interval_days": days,
            "faceage1": 60.0,
            "faceage2": [
                60 + d / 365.25 * rate for d, rate in zip(days, [1.5, 0.5] * 4, strict=True)
            ],
            "age": 58.0,
            "sex": "M",
            "race": "white",
            "diagnosis": "gi",
            "time_days": 100,
            "death": 0,
        }
    )
    curated = curate(table, "serial_photos")
    rows = curated.rows
    assert rows["interval_days"].tolist() == days[1:-1]
    assert step(curated.flow, "Interval")["n_excluded"] == 2
    assert rows["interval_class"].tolist() == ["short", "short", "mid", "mid", "long", "long"]
    np.testing.assert_allclose(rows["far"], [0.5, 1.5] * 3)
    assert rows["far_group"].tolist() == ["<=1", ">1"] * 3
    np.testing.assert_allclose(rows["gap"], 2.0)  # at the first photograph


def test_fahr_rt_has_both_models():
    raw = simulate("harvard_rt", seed=1, n=300).tables["harvard_rt"]
    rows = curate(raw, "fahr_rt").rows
    np.testing.assert_allclose(rows["fahr_gap"], rows["fahr_faceage"] - rows["age"])
    np.testing.assert_allclose(rows["fahr_faceage10"] * 10, rows["fahr_faceage"])


# ---- complete cases


def test_complete_cases_name_each_column_that_leaves_someone_out():
    table = maastro(bmi=[np.nan, np.nan, 24, 24], ps=[np.nan, 1, None, 1])
    flow = curate(table, "maastro", complete=["age", "bmi", "ps"]).flow.tidy().set_index("step")
    assert flow.loc["Complete cases: bmi", "n_excluded"] == 2
    assert flow.loc["Complete cases: ps", "n_excluded"] == 1  # the other had no bmi either
    assert "Complete cases: age" not in flow.index
    counts = curate(table, "maastro", complete=["age", "bmi", "ps"]).flow.glance().iloc[0]
    complete = flow.index.str.startswith("Complete cases")
    assert counts["n_missing"] == flow.loc[complete, "n_excluded"].sum() > 0
    nobody = curate(table, "maastro", complete=["age"]).flow.tidy().iloc[-1]
    assert nobody[["step", "n_excluded"]].tolist() == ["Complete cases", 0]


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.integers(0, 10**6))
def test_complete_cases_leave_out_exactly_the_incomplete(known, seed):
    smoking = np.random.default_rng(seed).choice(["never", "passive", "current"], len(known))
    table = maastro(bmi=[24.0 if k else np.nan for k in known], smoking=list(smoking))
    rows = curate(table, "maastro", complete=["smoking", "bmi"]).rows
    told = [s != "passive" for s in smoking]
    both = zip(known, told, strict=True)
    assert len(rows) == sum((k or not any(known)) and (t or not any(told)) for k, t in both)


def test_a_column_without_any_value_excludes_nobody_and_its_step_says_so():
    """Ethnicity, where a country does not record it."""
    curated = curate(maastro(bmi=[np.nan] * 4), "maastro", complete=["bmi", "age"])
    step = curated.flow.tidy().set_index("step").loc["Complete cases: bmi"]
    assert step["n_excluded"] == 0
    assert "left out" in step["reason"]
    assert len(curated.rows) == 4


# ---- refusals and printing


def test_refusals():
    table = maastro()
    with pytest.raises(InputError, match=r"unknown cohort 'survey'. Choose from utk, maastro"):
        curate(table, "survey")
    with pytest.raises(InputError, match=r"the data name no cohort. Choose from utk"):
        curate(table)
    with pytest.raises(InputError, match="the utk cohort has no follow-up; omit follow_up_cap"):
        curate(utk([60, 61]), "utk", follow_up_cap=7)
    for cap in (0, -1, np.nan, np.inf):
        with pytest.raises(InputError, match=r"must be a positive number of years, e\.g\. 7"):
            curate(table, "maastro", follow_up_cap=cap)
    with pytest.raises(InputError, match="give follow_up_cap as well"):
        curate(table, "maastro", as_published=True)
    with pytest.raises(InputError, match="error of the maastro figure code; thoracic has none"):
        curate(thoracic(9), "thoracic", follow_up_cap=7, as_published=True)
    with pytest.raises(InputError, match=r"does not have: bmmi. It has patient_id, faceage"):
        curate(table, "maastro", complete=["bmmi"])
    with pytest.raises(InputError, match="complete is a string; give a list"):
        curate(table, "maastro", complete="bmi")
    with pytest.raises(SchemaError, match="1 problem"):
        curate(table.drop(columns="sex"), "maastro")


def test_the_cohort_is_known_from_validation():
    from faceage_stats.cohorts.schema.validate import validate

    assert curate(validate(maastro(), "maastro")).flow.cohort == "maastro"


def test_printing_shows_the_flow_and_never_a_row():
    table = maastro(patient_id=["SECRET-1", "SECRET-2"])
    curated = curate(table, "maastro")
    for text in (repr(curated), curated._repr_html_(), repr(curated.flow)):
        assert "Curation of the maastro cohort" in text
        assert "SECRET" not in text
    assert repr(curated).endswith(f"rows: 2 x {curated.rows.shape[1]}")
    assert "rows: 2 &times;" in curated._repr_html_()


def test_every_schema_label_reaches_the_curated_levels():
    rows = curate(thoracic(50), "thoracic").rows
    for column in ("ethnicity", "intent", "histology"):
        levels = load_schema("thoracic").field(column).label_levels
        assert rows[column].cat.categories.tolist() == levels


def test_rows_are_numbered_anew_whatever_the_index():
    table = simulate("maastro", seed=1, n=200).tables["maastro"]
    other = table.set_axis([f"p{i // 2}" for i in range(len(table))])
    rows = curate(table, "maastro", complete=["ps"]).rows
    assert rows.index.equals(pd.RangeIndex(len(rows)))
    pd.testing.assert_frame_equal(curate(other, "maastro", complete=["ps"]).rows, rows)


def test_patients_of_20_or_less_are_no_part_of_the_aging_rate():
    raw = simulate("serial", seed=2, n=30).tables["serial_photos"]
    raw.loc[:1, "age"] = [20.0, 20.1]
    curated = curate(raw, "serial_photos")
    assert step(curated.flow, "Age")["n_excluded"] == 1
    assert curated.rows["age"].min() == 20.1
