"""A hospital of one's own: her name everywhere, never rows of two kinds in one number."""

import dataclasses
import importlib
import json
import re
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

import faceage_stats as fs
import own_book
import reading
import recipe
import run
import workflow
from choosing import choose, results_of, wanted_items, whose
from faceage_stats.errors import DataUnavailableError, FaceageError, InputError
from faceage_stats.reporting.provenance.fingerprints import ingredients
from faceage_stats.reporting.provenance.provenance import provenance
from faceage_stats.reporting.store.item import VALUE_COLUMNS
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item
from settings import settings_of
from summary import summarise
from tests import messy_hospital

from .conftest import ROOT

LABEL = "Klinikum Nord, radiotherapy 2012-2020"


@pytest.fixture
def config(tmp_path):
    """Her table of 408 rows in the place of one cohort; all others as shipped."""
    path = tmp_path / "nord.csv"
    fs.simulate("maastro", seed=3, n=400).tables["maastro"].to_csv(path, index=False)
    given = workflow.load_config()
    given["cohorts"]["maastro"] = {"path": str(path), "label": LABEL, "short_name": "Nord"}
    return {**given, "bootstrap_replicates": 20}


def made(name, config):
    """An item as a build makes it, released."""
    chosen = choose(name, config)
    data = {table: reading.read(given) for table, given in chosen.used.items()}
    settings = settings_of(name, config)
    item = importlib.import_module(f"items.{name}").make(data, settings)
    return release(
        reading.named(item, chosen, whose(name, config), data), settings.rules(*chosen.used)
    )


def test_private_and_synthetic_rows_are_never_in_one_number(config):
    for name in workflow.item_names():
        sources = {table.source for table in choose(name, config).used.values()}
        assert sources != {"private", "synthetic"}
        assert not {"private", "synthetic"} <= sources, name
    chosen = choose("fig2d", config)
    assert (list(chosen.used), chosen.possible) == (["maastro"], True)
    assert "thoracic, palliative, synthetic in this build" in chosen.reason
    config["cohorts"]["expression"] = config["cohorts"]["maastro"]["path"]
    assert not choose("genes", config).possible  # it needs thoracic patients as well


def test_what_is_left_out_is_not_among_the_inputs(config):
    made_from = recipe.item_recipe("fig2d", config)
    assert list(made_from["inputs"]) == ["maastro"]
    assert made_from["config"]["labels"] == {"maastro": [LABEL, "Nord"]}
    assert "thoracic" not in recipe.cohorts(["fig2d"], config)


def test_her_label_is_in_the_caption_and_no_other_hospital_is_named(config):
    for name in ("fig2d", "fig3a", "cohort_maastro"):
        item = made(name, config)
        captions = [text for text in (item.caption, *item.captions.values()) if text]
        assert captions
        assert all(text.endswith(f"Patients: {LABEL}.") for text in captions)
        words = [*captions, item.notes, *item.alts.values()]
        words += [frame.to_csv() for frame in item.frames.values()]
        assert not re.search("MAASTRO|Harvard", " ".join(words)), name
    assert "thoracic, palliative, synthetic in this build" in made("fig2d", config).notes


def test_a_figure_says_whose_patients_it_shows(config):
    tables = choose("fig3a", config).private
    assert reading.label_of(tables) == LABEL
    long = [dataclasses.replace(tables[0], label="x" * 100)]
    assert reading.label_of(long) == "Nord"


def test_a_table_without_a_label_is_her_own_cohort_and_the_original_keeps_its_name(config):
    path = config["cohorts"]["maastro"]["path"]
    config["cohorts"]["maastro"] = path
    config["cohorts"]["thoracic"] = path
    names = settings_of("fig2a", config).short_names
    assert names["maastro"] == "Own cohort, radiotherapy"
    assert names["thoracic"] == "Own cohort, thoracic"
    config["cohorts"]["maastro"] = {"path": path, "original": True}
    assert settings_of("fig2a", config).short_names["maastro"] == "MAASTRO"
    assert settings_of("fig2a", config).originals == {"maastro"}


def test_a_book_of_her_own_has_her_pages_and_the_methods(config):
    assert wanted_items(config) == workflow.item_names()
    names = wanted_items({**config, "profile": "own"})
    assert {"fig2a", "fig3c", "comparison", "validation", "cohort_maastro"} <= set(names)
    assert not {"thoracic", "ext1", "genes", "fig4a", "audit", "hospitals"} & set(names)
    assert "thoracic" not in results_of("comparison", {**config, "profile": "own"})
    assert results_of("comparison", config) == ("ext1", "fig2a", "fig2b", "fig3b", "fig3c")


def test_what_is_made_of_her_results_is_hers_too(config):
    tables = whose("comparison", {**config, "profile": "own"})
    assert reading.label_of(tables) == LABEL
    assert not whose("audit", config)
    item = fs.Item(caption="Published and found.")
    said = reading.named(item, choose("comparison", config), tables, {})
    assert said.caption == "Published and found. Patients: {cohort_maastro}."


def test_an_answer_says_nothing_of_patients_who_are_not_there(config):
    answer = made("fig2d", config).answer
    assert answer.endswith("patients of Nord.")
    assert "withheld" not in answer


def test_the_screen_of_a_book_of_her_own(config, monkeypatch, tmp_path):
    """Other items lie nowhere: a first build of `profile: own` ends with its screen."""
    own = {**config, "profile": "own"}
    monkeypatch.setattr(workflow, "RESULTS", tmp_path)
    for name in wanted_items(own):
        record = provenance(name, {}, seed=1, config={}, synthetic=False)
        write_item(release(fs.Item(caption="C.")), tmp_path / name, provenance=record)
    lines = summarise(own)
    n = len(wanted_items(own))
    assert lines[0].startswith(f"Items     {n} of {n} built")
    assert not [line for line in lines if line.startswith(("Claims", "Audit"))]
    assert json.loads((tmp_path / "manifest.json").read_text("utf-8"))["claims"] == {}


@pytest.fixture
def exported(config, tmp_path):
    """A folder with an export, its scores and the mapping of the page, which config.yaml names."""
    messy_hospital.write(tmp_path, n=200)
    page = (ROOT / "book" / "your_cohort.md").read_text(encoding="utf-8")
    mapping = re.search(r"```yaml\n(schema: maastro.*?)```", page, re.S)[1]
    (tmp_path / "hospital.yaml").write_text(mapping, encoding="utf-8")
    config["cohorts"]["maastro"] = str(tmp_path / "hospital.yaml")
    return tmp_path


@pytest.mark.parametrize("changed", ["exportacao.csv", "biomarkers.csv", "hospital.yaml"])
def test_what_changes_makes_its_items_again_and_no_item_is_made_of_both(
    exported, config, changed, monkeypatch
):
    monkeypatch.setattr(workflow, "RELEASE_KEY", exported / "release.key")
    before = ingredients(**recipe.item_recipe("fig3a", config))
    assert ingredients(**recipe.item_recipe("fig3a", config)) == before
    with (exported / changed).open("a", encoding="utf-8") as file:
        file.write("\n")
    after = ingredients(**recipe.item_recipe("fig3a", config))
    assert after != before
    with pytest.raises(FaceageError, match="changed while fig3a was computed"):
        run.refuse_changed("fig3a", before, after)


def test_scores_of_random_weights_make_no_private_item(exported, config):
    scores = pd.read_csv(exported / "biomarkers.csv")
    scores.assign(model="demo").to_csv(exported / "biomarkers.csv", index=False)
    with pytest.raises(InputError, match="demonstration model, whose weights are random"):
        reading.read(workflow.tables(config)["maastro"])


def test_her_patients_are_not_set_against_simulated_rates(config, tmp_path):
    """Truth: rates twice as high expect twice as many deaths."""
    chosen = choose("life_table", config)
    assert not chosen.possible
    assert "`life_table: PATH` in config.yaml" in chosen.reason
    assert "life_table" not in wanted_items({**config, "profile": "own"})
    expected = []
    for factor in (1, 2):
        path = tmp_path / f"rates{factor}.csv"
        rates = fs.simulated_rates()
        rates.assign(rate_per_year=factor * rates["rate_per_year"]).to_csv(path, index=False)
        own = {**config, "profile": "own", "life_table": str(path)}
        assert "life_table" in wanted_items(own)
        assert recipe.item_recipe("life_table", own)["files"]["life table"] == path
        item = made("life_table", own)
        assert "simulated" not in item.caption + item.notes
        settings = settings_of("life_table", own)
        data = {"maastro": reading.read(workflow.tables(own)["maastro"])}
        found = importlib.import_module("items.life_table").make(data, settings)
        expected.append(found.tables["mortality_ratios"]["expected"])
    assert expected[1].to_numpy() == pytest.approx(2 * expected[0].to_numpy(), rel=1e-9)
    with pytest.raises(InputError, match=r"`life_table` is nowhere\.csv, which is no file"):
        choose("life_table", {**config, "life_table": "nowhere.csv"})


MAPPING = """schema: maastro
short_name: {name}
columns: {{patient_id: id, faceage: f, age: a, sex: s, site: t, time_days: d, death: e}}
"""


def test_hospitals_take_the_names_of_their_mappings(config, tmp_path):
    paths = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for path, name in zip(paths, ("Nord", "Süd"), strict=True):
        path.write_text(MAPPING.format(name=name), encoding="utf-8")
    config["cohorts"]["maastro"] = [str(paths[0]), {"path": str(paths[1])}]
    table = workflow.tables(config)["maastro"]
    assert [each.short_name for each in table.hospitals] == ["Nord", "Süd"]
    assert table.short_name == "Nord, Süd"
    for name, message in (("Nord", "have the same `short_name`"), ("''", "or a mapping with it")):
        paths[1].write_text(MAPPING.format(name=name), encoding="utf-8")
        workflow._mapping.cache_clear()
        with pytest.raises(InputError, match=message):
            workflow.tables(config)


def test_two_hospitals_are_one_table_with_their_names(config, tmp_path):
    path = tmp_path / "sued.csv"
    fs.simulate("maastro", seed=3, n=300).tables["maastro"].to_csv(path, index=False)
    nord = config["cohorts"]["maastro"]
    config["cohorts"]["maastro"] = [nord, {"path": str(path), "short_name": "Süd"}]
    table = workflow.tables(config)["maastro"]
    rows = reading.read(table)
    assert rows["hospital"].value_counts().to_dict() == {"Nord": 408, "Süd": 306}
    assert rows["patient_id"].is_unique  # though both number alike
    assert recipe.item_recipe("fig3a", config)["inputs"] == {
        "maastro (Nord)": tmp_path / "nord.csv",
        "maastro (Süd)": path,
    }
    flow = fs.curate(rows, "maastro").flow.tidy()
    assert flow["n_before"].iloc[0] == 408 + 306
    assert made("fig3a", config).caption.endswith(f"Patients: {LABEL}, Süd (together).")
    config["cohorts"]["maastro"][1] = "synthetic"
    with pytest.raises(InputError, match="is a list; each of it is a path"):
        workflow.tables(config)


def test_each_hospital_stands_beside_the_stratified_and_the_pooled_ratio(config, tmp_path):
    """Truth: fits of each hospital's rows alone, and their inverse-variance mean by hand."""
    path = tmp_path / "sued.csv"
    fs.simulate("maastro", seed=4, n=900).tables["maastro"].to_csv(path, index=False)
    nord = config["cohorts"]["maastro"]
    with pytest.raises(DataUnavailableError, match="tables of two hospitals"):
        importlib.import_module("items.hospitals").make(
            {"maastro": fs.read_table(path, schema="maastro")}, None
        )
    config["cohorts"]["maastro"] = [nord, {"path": str(path), "short_name": "Süd"}]
    rows = reading.read(workflow.tables(config)["maastro"])
    item = importlib.import_module("items.hospitals").make({"maastro": rows}, None)
    table = item.tables["hazard_ratios"].set_index("label")
    south = fs.curate(fs.read_table(path, schema="maastro"), "maastro", follow_up_cap=7)
    fit = fs.coxph("Surv(years, death) ~ faceage10 + age10 + sex + site", data=south.rows)
    assert table.loc["Süd", "estimate"] == pytest.approx(np.exp(fit.coef.iloc[0]), rel=1e-12)
    assert table.loc["All, stratified by hospital", "n"] == table.loc[["Nord", "Süd"], "n"].sum()
    steps = item.tables["step_by_step"].query("label == 'Süd' and model == 'univariable'")
    alone = fs.coxph("Surv(years, death) ~ faceage10", data=south.rows)
    assert steps["estimate"].item() == pytest.approx(np.exp(alone.coef.iloc[0]), rel=1e-12)
    spread = item.tables["heterogeneity"].iloc[0]
    if spread["tau_squared"] == 0:
        logs = np.log(table.loc[["Nord", "Süd"], "estimate"])
        limits = np.log(table.loc[["Nord", "Süd"], ["conf_low", "conf_high"]])
        weights = (limits["conf_high"] - limits["conf_low"]) ** -2.0
        mean = np.exp((weights * logs).sum() / weights.sum())
        assert table.loc["Random-effects mean", "estimate"] == pytest.approx(mean, rel=1e-9)
    assert made("hospitals", config).frames["table_hazard_ratios"].shape[0] == 5


@pytest.mark.filterwarnings("ignore::faceage_stats.errors.FaceageWarning")
@pytest.mark.parametrize(
    ("cohort", "last"),
    [
        ("thoracic", "stage"),
        ("palliative", "cancer_group"),
        ("older_rt", "diagnosis"),
        ("harvard_rt", "cancer_group"),
        ("maastro_rt", "cancer_group"),
        ("serial_photos", "diagnosis"),
    ],
)
def test_hospitals_of_every_cohort_with_follow_up(cohort, last):
    """Truth: the stratified model written by hand."""
    made_by = workflow.TABLES[cohort][1]
    rows = fs.simulate(made_by, seed=6).tables[cohort].head(900)
    schema = workflow.TABLES[cohort][0]
    rows = rows.head(len(rows) // 3 * 3)
    rows = fs.validate(rows, schema).assign(hospital=["Nord", "Süd", "West"] * (len(rows) // 3))
    rows.attrs["schema"] = schema
    item = importlib.import_module("items.hospitals").make({cohort: rows, "maastro": ()}, None)
    curated = fs.curate(rows, schema).rows.dropna(subset=[last])
    model = f"Surv(years, death) ~ faceage10 + age10 + sex + {last} + strata(hospital)"
    fit = fs.coxph(model, data=curated)
    table = item.tables["hazard_ratios"].set_index("label")["estimate"]
    assert table["All, stratified by hospital"] == pytest.approx(np.exp(fit.coef.iloc[0]), rel=1e-9)
    assert len(table) == 6
    assert release(item).captions[""].startswith("Hazard ratio of death per decade of FaceAge")


@pytest.mark.filterwarnings("ignore::faceage_stats.errors.FaceageWarning")  # sites of few deaths
def test_models_and_tests_of_two_hospitals_are_stratified(config, tmp_path):
    """Truth: the formulas written by hand, on rows curated by hand."""
    path = tmp_path / "sued.csv"
    fs.simulate("maastro", seed=4, n=900).tables["maastro"].to_csv(path, index=False)
    config["cohorts"]["maastro"] = [
        config["cohorts"]["maastro"], {"path": str(path), "short_name": "Süd"}
    ]  # fmt: skip
    table = reading.read(workflow.tables(config)["maastro"])
    rows = fs.curate(table, "maastro", follow_up_cap=7).rows
    settings = settings_of("fig3c", config)

    def item(name):
        return importlib.import_module(f"items.{name}").make({"maastro": table}, settings)

    surv, by = "Surv(years, death) ~", "strata(hospital)"
    fit = fs.coxph(f"{surv} faceage10 + age10 + sex + site + {by}", rows)
    apart = fs.coxph(f"{surv} faceage10 + age10 + sex + site", rows)
    value = item("fig3c").values.set_index("id").loc["faceage_maastro_hr_adjusted", "estimate"]
    assert value == pytest.approx(np.exp(fit.coef["faceage10"]), rel=1e-12)
    assert value != pytest.approx(np.exp(apart.coef["faceage10"]), rel=1e-6)
    tests = item("fig3a").tables["tests"].set_index("method")["statistic"]
    logrank = fs.survdiff(f"{surv} faceage_group + {by}", rows)
    assert tests["log-rank"] == pytest.approx(logrank.statistic, rel=1e-12)
    smokers = rows.dropna(subset=["smoking"]).assign(
        smoking=lambda d: d["smoking"].cat.remove_unused_categories()
    )
    adjusted = fs.lm("I(12 * gap) ~ smoking + age + sex + site + hospital", smokers).tidy()
    gap = item("fig2b").values.set_index("id").loc["gap_current_adjusted", "estimate"]
    assert gap == pytest.approx(
        adjusted.set_index("term").loc["smokingcurrent", "estimate"], rel=1e-9
    )
    assert "stratified by hospital" in made("fig3c", config).notes


def test_scores_of_the_model_are_in_the_caption_and_in_the_record():
    rows = pd.DataFrame({"age": [1.0]})
    rows.attrs["scores"] = {"model": "faceage", "model_version": "1.0", "model_sha256": "ab" * 32}
    assert reading.scoring_model(rows) == "faceage 1.0 (SHA-256 abababababab)"
    assert reading.scores_of({"maastro": rows})["maastro"]["model_sha256"] == "ab" * 32
    assert reading.scoring_model(pd.DataFrame()) == ""


PATIENTS = fs.simulate("maastro", seed=5, n=1200).tables["maastro"]
THORACIC = fs.simulate("thoracic", seed=5).tables["thoracic"]
PALLIATIVE = fs.simulate("palliative", seed=5).tables["palliative"]
SURVEY = fs.simulate("survey", seed=5).tables["survey"]
SERIAL = fs.simulate("serial", seed=5).tables["serial_photos"]
CURATIVE = ("cohort_maastro", "ext4a", "fig2b", "fig2c", "fig2d", "fig3a", "fig3b", "fig3c",
            "life_table", "subgroups")  # fmt: skip
# hospital -> its table, its rows, the items that are tried, and those that say what they need
HOSPITALS = {
    "no head and neck cancer": (
        "maastro", PATIENTS[PATIENTS["site"] != "KNO"], CURATIVE, [],
    ),
    "women with breast cancer": (
        "maastro", PATIENTS[(PATIENTS["site"] == "MAM") & (PATIENTS["sex"] == "F")], CURATIVE, [],
    ),
    "men, two sites": (
        "maastro",
        PATIENTS[PATIENTS["site"].isin(["URO", "LON"]) & (PATIENTS["sex"] == "M")], CURATIVE, [],
    ),
    "one grade, nobody smokes": (
        "maastro", PATIENTS.assign(ps=1, smoking="never", bmi=None), CURATIVE,
        ["ext4a", "fig2b", "fig2c", "fig2d"],
    ),
    "one ethnicity": (
        "thoracic", THORACIC[THORACIC["ethnicity"] == "white"], ("cohort_thoracic", "thoracic"), [],
    ),
    "three cancer types, no brain metastases": (
        "palliative",
        PALLIATIVE[PALLIATIVE["cancer_type"].isin(["lung", "breast", "prostate"])]
        .assign(mets_brain=0),
        ("cohort_palliative", "palliative"), [],
    ),
    "staff only, two arms": (
        "survey",
        SURVEY[(SURVEY["occupation"] == "staff") & (SURVEY["arm"] != "photo_chart_faceage")],
        ("cohort_survey", "fig4a", "fig4b", "fig4c", "fig4d"), ["fig4d"],
    ),
    "one race, short intervals": (
        "serial_photos", SERIAL[(SERIAL["race"] == "white") & (SERIAL["interval_days"] <= 365)],
        ("cohort_serial", "far", "far_time"), [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("hospital", HOSPITALS)
def test_a_hospital_without_a_level_gets_every_page(hospital, config):
    table, rows, readers, without = HOSPITALS[hospital]
    config["cohorts"][table] = config["cohorts"]["maastro"]  # private, whatever is read
    rows = fs.validate(rows.reset_index(drop=True), table)
    unavailable = []
    for name in readers:
        settings = settings_of(name, config)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sites with few deaths
            try:
                item = importlib.import_module(f"items.{name}").make({table: rows}, settings)
                released = release(item, settings.rules(table))
            except DataUnavailableError:
                unavailable.append(name)
                continue
        assert released.frames, name
    assert unavailable == without


def test_her_values_are_compared_and_called_different_only_when_they_are(monkeypatch, config):
    """Published 1.428 (1.351 to 1.510) and, with p, 1.151; a figure without planted values."""
    comparison = importlib.import_module("items.comparison")
    found = {
        "id": ["faceage_maastro_hr_uva", "faceage_maastro_hr_adjusted"],
        "estimate": [1.1, 1.2], "conf_low": [1.0, 1.05], "conf_high": [1.21, 1.37],
    }  # fmt: skip
    kept = pd.DataFrame(found).reindex(columns=list(VALUE_COLUMNS))
    record = {"synthetic": False, "parameters": {"sources": {"maastro": "private"}}}
    item = SimpleNamespace(values=kept, provenance=record)
    monkeypatch.setattr(comparison, "read_item", lambda folder: item)
    settings = dataclasses.replace(settings_of("comparison", config), earlier=("fig3c",))
    made = comparison.make({}, settings)
    status = made.tables["every_value"]["status"]
    assert status[status != "not recovered"].tolist() == ["compatible", "differs"]
    assert "planted" not in made.figure.draw.alt_text + made.figure.label
    assert made.tables["pooled"]["i_squared"].between(0, 1).all()
    original = dataclasses.replace(settings, originals=frozenset({"maastro"}))
    status = set(comparison.make({}, original).tables["every_value"]["status"])
    assert status == {"not reproduced", "not recovered"}


def test_a_book_of_her_own_has_no_page_and_no_link_of_others(config, tmp_path):
    own = {**config, "profile": "own"}
    target = own_book.stage(ROOT / "book", tmp_path / "source", own)
    contents = yaml.safe_load((target / "_toc.yml").read_text(encoding="utf-8"))
    pages = {c["file"] for part in contents["parts"] for c in part["chapters"]}
    assert {"cohort_maastro", "fig3c", "comparison", "validation", "reproduce"} <= pages
    assert not {"thoracic", "ext1", "claims", "worked_example"} & pages
    assert {path.stem for path in target.glob("*.md")} == {*pages, "index"}
    for page in pages:
        text = (target / f"{page}.md").read_text(encoding="utf-8")
        linked = {match[2] for match in own_book.LINK.finditer(text)}
        linked |= {match[2] or match[3] for match in own_book.ROLE.finditer(text)}
        assert linked <= {*pages, "index"}, page
    assert (target / "cohort_maastro.md").read_text(encoding="utf-8").startswith(f"# {LABEL}\n")
    index = (target / "index.md").read_text(encoding="utf-8")
    assert index.startswith(f"# {LABEL}\n")
    assert "synthetic" not in index
    for page in [p for p in pages if own_book.items_of(ROOT / "book" / f"{p}.md")]:
        if page == "validation":  # of the software
            continue
        text = (target / f"{page}.md").read_text(encoding="utf-8")
        assert not re.search(r"synthetic|planted|simulate\(|^% own", text, re.M), page
    compared = (target / "comparison.md").read_text(encoding="utf-8")
    assert compared.startswith("# Published and found\n")
    assert "**Question.** Are the values of these patients" in compared
    assert 'fs.curate(fs.read_table("prepared.parquet", schema="maastro")' in (
        target / "fig3c.md"
    ).read_text(encoding="utf-8")
    settings = yaml.safe_load((target / "_config.yml").read_text(encoding="utf-8"))
    assert settings["title"] == LABEL
    everything = own_book.stage(ROOT / "book", tmp_path / "all", config)
    assert (everything / "thoracic.md").is_file()


def test_every_page_of_a_thoracic_cohort_shows_code_of_her_table(config, tmp_path):
    table = tmp_path / "thorax.csv"
    fs.simulate("thoracic", seed=3).data.to_csv(table, index=False)
    nothing = {name: "none" for name, given in config["cohorts"].items() if given != "public"}
    own = {**config, "profile": "own", "cohorts": {**config["cohorts"], **nothing}}
    own["cohorts"]["thoracic"] = {"path": str(table), "label": LABEL, "short_name": "Nord"}
    target = own_book.stage(ROOT / "book", tmp_path / "source", own)
    for page in ("thoracic", "fig2a", "fig2d", "cohort_thoracic"):
        text = (target / f"{page}.md").read_text(encoding="utf-8")
        assert "maastro" not in text, page
        assert "```python" in text


def test_of_one_cohort_its_row_is_that_of_all(config, tmp_path):
    table = tmp_path / "thorax.csv"
    fs.simulate("thoracic", seed=3).data.to_csv(table, index=False)
    given = {**config["cohorts"], "maastro": "none", "palliative": "none"}
    given["thoracic"] = {"path": str(table), "short_name": "Nord"}
    found = made("fig2a", {**config, "cohorts": given}).frames["table_gaps"]["group"].tolist()
    assert found == ["UTKFace, 60+", "All cancer", "Men with cancer", "Women with cancer"]


def test_only_values_that_her_tables_can_give_are_listed():
    table = pd.DataFrame(
        {
            "cohort": ["maastro gi", "thoracic", "teachh", "maastro_rt", "survey"],
            "status": ["not recovered"] * 4 + ["within"],
        }
    )
    comparison = importlib.import_module("items.comparison")
    hers = SimpleNamespace(sources={"maastro": "private", "palliative": "private", "utk": "public"})
    kept = comparison.within_reach(table, hers)["cohort"].tolist()
    assert kept == ["maastro gi", "teachh", "survey"]


def test_the_worked_example_is_that_of_the_page():
    settings = settings_of("worked_example", workflow.load_config())
    item = importlib.import_module("items.worked_example").make({}, settings)
    assert item.numbers["n_received"] == 621
    assert item.numbers["n"] == item.numbers["n_used"] == 518
    released = release(item)
    assert released.alts[""].startswith("Invented patients.")


def test_levels_that_nobody_has_are_said():
    rows = fs.validate(HOSPITALS["women with breast cancer"][1], "maastro")
    said = reading.absent_levels(rows, "maastro")
    assert said == "sex male; site gi, gu, lung, hn, other"


def test_a_level_is_recognised_by_its_value_where_others_are_missing():
    """A column of whole numbers with a gap is one of floats: 1.0 is level 1."""
    rows = fs.simulate("thoracic", seed=1).data.assign(ethnicity=None)
    rows["clinical_stage"] = rows["clinical_stage"].mask(rows.index == 0).astype(float)
    rows = fs.validate(rows, "thoracic")
    assert not reading.absent_levels(rows, "thoracic")
    assert reading.unrecorded(rows, "thoracic") == "ethnicity"


def test_a_table_without_any_ethnicity_has_its_models(config):
    """The models leave out what nobody has; the note says so."""
    rows = fs.validate(fs.simulate("thoracic", seed=1).data.assign(ethnicity=None), "thoracic")
    item = importlib.import_module("items.thoracic").make({"thoracic": rows}, config)
    terms = set(item.tables["hazard_ratios_numbers"]["term"])
    assert "intentcurative" in terms
    assert "ethnicitynon_white" not in terms


def test_the_explorer_counts_as_finely_as_may_be_shown():
    """Finest bins without rules; with them coarser ones, and none that lose many patients."""
    explorer = importlib.import_module("items.explorer")
    rng = np.random.default_rng(3)
    faceage, years = rng.uniform(20, 110, 60_000), rng.uniform(0, 7, 60_000)
    rows = pd.DataFrame({"faceage": faceage, "years": years, "death": rng.integers(0, 2, 60_000)})
    assert explorer.grid(rows, 0) == explorer.GRIDS[0]
    lowest, width, step = explorer.grid(rows.head(3_000), 8)
    assert (lowest, width, step) in explorer.GRIDS[1:]
    counts = explorer.count(rows.head(3_000), explorer.above(lowest, width), step)
    shown = counts[["n_event", "n_censor"]].to_numpy()
    assert shown[shown >= 8].sum() >= 0.95 * 3_000
    assert shown.sum() == 3_000
    with pytest.raises(DataUnavailableError, match="large enough to be shown"):
        explorer.grid(rows.head(300), 8)
