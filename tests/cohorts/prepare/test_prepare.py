"""A hospital's export to a schema. Truth: a plain pandas script on the same rows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError, ReadingWarning, SchemaError
from tests import messy_hospital

PAGE = Path(__file__).parents[3] / "book" / "your_cohort.md"
MAPPING = re.search(r"```yaml\n(schema: maastro.*?)```", PAGE.read_text(encoding="utf-8"), re.S)[1]


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hospital")
    messy_hospital.write(folder)
    (folder / "hospital.yaml").write_text(MAPPING, encoding="utf-8")
    return folder


@pytest.fixture(name="prepared", scope="module")
def _prepared(folder):
    with pytest.warns(ReadingWarning):
        return fs.prepare(None, folder / "hospital.yaml")


def plain_script(folder):
    """What an analyst would write."""
    d = pd.read_csv(folder / "exportacao.csv", sep=";", encoding="cp1252", dtype=str)
    d = d.drop_duplicates()
    d = d.mask(d.isin(["ignorado", "9", ""]))
    for name in ("Data de nascimento", "Início RT", "Data do óbito", "Último contato"):
        d[name] = pd.to_datetime(d[name], format="%d/%m/%Y")
    d["Atualizado em"] = pd.to_datetime(d["Atualizado em"], format="%d/%m/%Y")
    d = d.sort_values("Atualizado em", kind="stable").drop_duplicates("Prontuário", keep="last")
    d = d[~(d["Data do óbito"] < d["Início RT"])]
    d = d[d["Intenção"] != "paliativa"]
    height = d["Altura (m)"].str.replace(",", ".").astype(float)
    height = height.where(height < 3, height / 100)
    end = d["Data do óbito"].fillna(d["Último contato"])
    out = pd.DataFrame(
        {
            "age": (d["Início RT"] - d["Data de nascimento"]).dt.days / 365.25,
            "sex": d["Sexo"].str[0],
            "bmi": d["Peso (kg)"].str.replace(",", ".").astype(float) / height**2,
            "ps": d["ECOG"].astype(float),
            "smoking": d["Tabagismo"].map(
                {"nunca": "never", "ex-fumante": "former", "fumante": "current"}
            ),
            "time_days": (end - d["Início RT"]).dt.days,
            "death": d["Data do óbito"].notna().astype(int),
            "start": d["Início RT"],
        }
    ).set_index(d["Prontuário"])
    photos = pd.read_csv(folder / "biomarkers.csv", parse_dates=["taken_on"])
    photos = photos[photos["score"].notna()]
    photos["apart"] = (photos["taken_on"] - photos["patient_id"].map(out["start"])).dt.days.abs()
    near = photos[photos["apart"] <= 60].sort_values(["apart", "taken_on"])
    out["faceage"] = near.groupby("patient_id")["score"].first()
    return out.dropna(subset=["age", "faceage"])


def test_the_export_of_the_page_can_be_made_in_any_folder(tmp_path, folder):
    script = Path(messy_hospital.__file__)
    subprocess.run([sys.executable, script, tmp_path], check=True)
    for name in ("exportacao.csv", "biomarkers.csv"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_the_rows_are_those_of_a_plain_script(folder, prepared):
    rows, expected = prepared.rows.set_index("patient_id"), plain_script(folder)
    assert set(rows.index) == set(expected.index)
    expected = expected.loc[rows.index]
    for name in ("age", "bmi", "ps", "time_days", "death", "faceage"):
        np.testing.assert_allclose(
            rows[name].astype(float), expected[name].astype(float), rtol=1e-12, err_msg=name
        )
    for name in ("sex", "smoking"):
        seen, truth = (side[name].astype(object).fillna("-") for side in (rows, expected))
        assert (seen == truth).all(), name


def test_the_flow_begins_at_the_first_row_of_the_export(folder, prepared):
    flow = prepared.flow.tidy()
    n_lines = len(pd.read_csv(folder / "exportacao.csv", sep=";", encoding="cp1252", dtype=str))
    assert flow["n_before"][0] == n_lines
    assert (flow["n_before"][1:].to_numpy() == flow["n_after"][:-1].to_numpy()).all()
    assert flow["n_after"].iloc[-1] == len(prepared.rows)
    excluded = flow.set_index("step")["n_excluded"]
    assert excluded["Identical rows"] == 12
    assert excluded["One row per patient"] == 9
    assert excluded["Impossible dates"] == 3
    curated = fs.curate(prepared.rows)
    assert curated.flow.tidy()["step"][0] == "Export as received"
    part = fs.curate(prepared.rows.head(100))  # no longer all rows: the flow begins with them
    assert part.flow.tidy()["step"][0] == "Table as received"


def test_scores_are_counted_and_their_model_is_known(prepared):
    scores = prepared.rows.attrs["scores"]
    assert scores["model"] == "faceage"
    assert scores["model_sha256"] == "ab" * 32
    assert scores["n_without_patient"] == 1


UTK = {
    "schema": "utk",
    "columns": {
        "subj_id": "Nr",
        "age": "Alter",
        "faceage": "Gesicht",
        "gender": {"from": "Sex", "codes": {"m": 0, "w": 1}},
        "race": {"value": "0"},
    },
}
RAW = pd.DataFrame(
    {
        "Nr": [f"{i:03d}" for i in range(40)],
        "Alter": ["61,5"] * 40,
        "Gesicht": ["64"] * 40,
        "Sex": ["m", "w"] * 20,
        "Tag": ["03/04/2020"] * 40,
    }
)


def with_columns(**columns):
    return {**UTK, "columns": {**UTK["columns"], **columns}}


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({**UTK, "sorce": {"path": "x.csv"}}, "Did you mean 'source'"),
        (with_columns(age={"from": "Alter", "unti": "years"}), "Did you mean 'unit'"),
        (with_columns(age={"from": "Altr"}), "no column 'Altr'. Did you mean 'Alter'"),
        (with_columns(age={"from": "Alter", "unit": "kg"}), "kg cannot be turned into years"),
        (with_columns(age={}), "one of these keys makes a column, here stand none"),
        (
            with_columns(gender={"from": "Sex", "codes": {"m": 0, "w": None}}),
            "w stands for nothing",
        ),
        (with_columns(gender={"from": "Sex", "codes": {"m": 0, "w": 7}}), "'7' is no code"),
        (with_columns(gender={"from": "Sex", "codes": {"m": 0}}), r"'w' \(20 rows\)"),
        (with_columns(x={"where": "__import__('os')"}), "__import__"),
        ({**UTK, "exclude": [{"name": "old", "where": "Alterr > 90"}]}, "Did you mean 'Alter'"),
        (
            {"schema": "maastro", "columns": {"smokng": "Rauchen"}},
            "columns, smokng: the maastro schema has no such column. Did you mean 'smoking'",
        ),
        (
            {**UTK, "scores": {"path": "x.csv", "rule": "first", "within_days": -1}},
            "within_days: is -1; it must be 0 or more",
        ),
        ({**UTK, "dates": {"day": "Tag"}}, "fit DD/MM/YYYY and MM/DD/YYYY"),
        ({**UTK, "dates": {"day": {"from": "Tag", "format": "DD.MM.YY"}}}, "two centuries"),
        ({**UTK, "dates": {"day": {"from": "Tag", "format": "YYYY-MM-DD"}}}, "40 rows"),
        ({**UTK, "schema": "utkk"}, "Did you mean 'utk'"),
        ({**UTK, "label": True}, "put it in quotes"),
        ({"schema": "utk", "columns": {"age": "Alter"}}, "needs 'faceage'"),
        ({**UTK, "duplicates": {"keep": "newest"}}, "names the date"),
    ],
)
def test_a_mapping_that_cannot_be_meant(mapping, message):
    with pytest.raises(InputError, match=message):
        fs.prepare(RAW, mapping)


def test_a_code_may_stand_for_all_that_begin_with_it():
    """Subcodes of a classification; a longer beginning goes before a shorter one."""
    raw = RAW.assign(Sex=["C50.1", "C50.9", "C61", "C5"] * 10)
    codes = {"C50*": 1, "C50.9": 0, "C6*": 0, "C*": "missing"}
    mapping = with_columns(gender={"from": "Sex", "codes": codes}) | {"incomplete": "exclude"}
    rows = fs.prepare(raw, mapping).rows
    assert rows["gender"].head(3).tolist() == [1, 0, 0]
    assert len(rows) == 30  # C5 stands for nothing known
    with pytest.raises(InputError, match=r"'C5' \(10 rows"):
        fs.prepare(raw, with_columns(gender={"from": "Sex", "codes": {"C50*": 1, "C61": 0}}))


def test_days_of_a_spreadsheet_are_dates():
    """Excel counts from 30 December 1899: 43831 is the first day of 2020."""
    days = ["43831", "43862", "-3"]
    mapping = {**followed(same_day="half_day")}
    mapping["dates"] = {**FOLLOWED["dates"], "seen": {"from": "l", "format": "Excel"}}
    late = DATED.assign(d=None, l=days)
    with pytest.raises(InputError, match=r"no date in Excel in 1 row \(row 3\)"):
        fs.prepare(late, mapping)
    rows = fs.prepare(late.head(2), mapping).rows
    expected = pd.to_datetime(["2020-01-01", "2020-02-01"]) - pd.to_datetime(DATED["s"].head(2))
    assert (rows["years"] * 365.25).round().tolist() == expected.dt.days.tolist()


def test_rare_codes_are_counted_and_not_shown():
    raw = RAW.assign(Sex=["m"] * 30 + ["x"] * 7 + ["secret1", "secret2", "secret2"])
    with pytest.raises(InputError) as refused:
        fs.prepare(raw, UTK)
    assert "'x' (7 rows)" in str(refused.value)
    assert "2 codes of fewer than 5 rows each (3 rows)" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_no_step_prints_what_a_few_patients_hold():
    """Numbers of patients who withdrew, a tumour that one patient has, a code for missing."""
    raw = RAW.assign(Sex=["m"] * 20 + ["w"] * 18 + ["Kaposi", "secret9"])
    codes = {"m": 0, "w": 1, "Kaposi": 1}
    mapping = with_columns(
        gender={"from": "Sex", "codes": codes}, race={"where": "`Nr` == '007' & `Sex` == 'm'"}
    ) | {
        "missing": ["secret9"],
        "incomplete": "exclude",
        "exclude": [{"name": "Consent withdrawn", "where": "`Nr` == '003' | `Nr` == '004'"}],
    }
    flow = fs.prepare(raw, mapping).flow.tidy()
    reasons = flow.set_index("step")["reason"]
    assert reasons["Consent withdrawn"] == "a condition on Nr holds"
    assert reasons["Codes of gender"] == "m = 0, w = 1, and 1 of fewer than 5 rows each"
    printed = " ".join(flow.astype(str).to_numpy().ravel())
    for secret in ("003", "004", "007", "Kaposi", "secret9"):
        assert secret not in printed


def test_repeats_are_refused_until_a_rule_is_stated():
    twice = pd.concat([RAW, RAW.head(2)])
    with pytest.raises(InputError, match=r"2 rows .* identical"):
        fs.prepare(twice, UTK)
    amended = pd.concat([RAW, RAW.head(2).assign(Alter="70")])
    with pytest.raises(InputError, match="2 patients have several rows"):
        fs.prepare(amended, UTK)
    first = fs.prepare(amended, {**UTK, "duplicates": {"keep": "first"}}).rows
    last = fs.prepare(amended, {**UTK, "duplicates": {"keep": "last"}}).rows
    assert (first["age"] == 61.5).sum() == 40
    assert (last["age"] == 70).sum() == 2


def test_a_corrected_row_counts_wherever_it_stands():
    """It bears a remark and no date; a patient without one keeps the row of the rule."""
    raw = RAW.assign(Remark=["x"] * 40)
    right = RAW.head(2).assign(Alter="70", Remark="correction")
    wrong = RAW.iloc[2:3].assign(Alter="80", Remark="x")
    mixed = pd.concat([right, raw, wrong])
    prefer = {"prefer": "`Remark` == 'correction'"}
    with pytest.raises(InputError, match="1 patients have several rows"):
        fs.prepare(mixed, {**UTK, "duplicates": prefer})
    curated = fs.prepare(mixed, {**UTK, "duplicates": {**prefer, "keep": "first"}})
    assert curated.rows["age"].value_counts().to_dict() == {61.5: 38, 70.0: 2}
    step = curated.flow.tidy().set_index("step").loc["Preferred row of a patient"]
    assert step["n_excluded"] == 2
    assert step["reason"] == "a row counts where a condition on Remark holds"
    with pytest.raises(InputError, match="Did you mean 'Remark'"):
        fs.prepare(mixed, {**UTK, "duplicates": {"prefer": "`Remarq` == 'x'", "keep": "first"}})


def test_missing_codes_are_missing_in_every_spelling():
    raw = RAW.assign(Alter=["-9", "-9.0", "-9,0", "k.A."] + ["61,5"] * 36)
    mapping = {**UTK, "missing": ["-9", "k.A."], "incomplete": "exclude"}
    prepared = fs.prepare(raw, mapping)
    assert len(prepared.rows) == 36
    flow = prepared.flow.tidy().set_index("step")
    assert flow.loc["Codes for missing values", "n_changed"] == 4
    assert flow.loc["Complete cases: age", "n_excluded"] == 4
    with pytest.raises(SchemaError, match="prepared table"):
        fs.prepare(raw, {**mapping, "incomplete": "refuse"})


FOLLOWED = {
    "schema": "palliative",
    "dates": {
        "birth": {"from": "b", "format": "YYYY-MM-DD"},
        "start": {"from": "s", "format": "YYYY-MM-DD"},
        "died": {"from": "d", "format": "YYYY-MM-DD"},
        "seen": {"from": "l", "format": "YYYY-MM-DD"},
    },
    "columns": {
        "patient_id": "id",
        "age": {"years_between": ["birth", "start"]},
        "faceage": "fa",
        "sex": {"value": "F"},
        "cancer_type": {"value": "breast"},
    },
    "follow_up": {"start": "start", "death": "died", "last_contact": "seen"},
}
DATED = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "b": ["1950-01-01"] * 3,
        "s": ["2015-01-01", "2016-01-01", "2017-01-01"],
        "d": ["2016-01-01", None, None],
        "l": ["2016-01-01", "2018-01-01", "2017-01-01"],
        "fa": [70.0, 71, 72],
    }
)


def followed(**keys):
    return {**FOLLOWED, "follow_up": {**FOLLOWED["follow_up"], **keys}}


def test_follow_up_from_dates():
    with pytest.raises(InputError, match=r"1 row \(row 3\) is no day long"):
        fs.prepare(DATED, FOLLOWED)
    rows = fs.prepare(DATED, followed(same_day="half_day")).rows
    assert rows["years"].tolist() == [365 / 365.25, 731 / 365.25, 0.5 / 365.25]
    assert rows["death"].tolist() == [1, 0, 0]
    assert len(fs.prepare(DATED, followed(same_day="exclude")).rows) == 2


def test_a_cut_off_before_the_last_event():
    late = followed(cut_off="2015-12-31", same_day="half_day")
    with pytest.raises(InputError, match="1 of them deaths"):
        fs.prepare(DATED.head(1), late)
    rows = fs.prepare(DATED.head(1), followed(cut_off="2015-12-31", after_cut_off="censor")).rows
    assert rows[["years", "death"]].values.tolist() == [[364 / 365.25, 0]]


def test_impossible_orders_are_counted():
    wrong = DATED.assign(d=["2014-01-01", None, None])
    with pytest.raises(InputError, match=r"died before start.*impossible_dates: exclude"):
        fs.prepare(wrong, followed(same_day="half_day"))
    mapping = {**followed(same_day="half_day"), "impossible_dates": "exclude"}
    assert len(fs.prepare(wrong, mapping).rows) == 2


def test_decimal_marks_that_mean_two_things():
    raw = RAW.assign(Alter=["61,5"] * 20 + ["61.5"] * 20)
    with pytest.raises(InputError, match="20 cells have a decimal point and 20 a decimal comma"):
        fs.prepare(raw, UTK)


def test_typed_tables_give_the_rows_of_text():
    typed = RAW.assign(Alter=61.5, Gesicht=64, Sex=pd.Categorical(RAW["Sex"]))
    pd.testing.assert_frame_equal(fs.prepare(typed, UTK).rows, fs.prepare(RAW, UTK).rows)
