"""The pipeline's settings: what is refused, where tables come from, which seed an item gets."""

import dataclasses
from pathlib import Path

import pytest
import yaml

import reading
import recipe
import run
import workflow
from choosing import choose
from faceage_stats.cli import main
from faceage_stats.errors import FaceageError, InputError, ReadingWarning
from settings import settings_of
from tests import messy_hospital
from tests.cohorts.prepare.test_prepare import MAPPING

from .conftest import ROOT


@pytest.fixture
def config() -> dict:
    return workflow.load_config()


def write(path: Path, config: dict) -> Path:
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def test_the_shipped_configuration_is_synthetic_where_nothing_is_public(config):
    kinds = {name: table.source for name, table in workflow.tables(config).items()}
    public = {name for name, kind in kinds.items() if kind == "public"}
    assert public == set(workflow.PUBLIC_FILES)
    assert {kind for name, kind in kinds.items() if name not in public} == {"synthetic"}


def test_unknown_and_missing_settings_are_refused_together(tmp_path, config):
    config["cohorts"]["mastro"] = config["cohorts"].pop("maastro")
    config["seed"] = "one"
    del config["disclosure"]
    with pytest.raises(InputError) as refusal:
        workflow.load_config(write(tmp_path / "config.yaml", config))
    message = str(refusal.value)
    assert "cohort `mastro` is not known. Did you mean `maastro`?" in message
    assert "cohort `maastro` is missing" in message
    assert "setting `disclosure` is missing" in message
    assert "`seed` is 'one'; it must be a whole number" in message


def test_a_private_table_is_one_line_and_is_read_where_it_lies(tmp_path, config):
    table = tmp_path / "cohort.parquet"
    table.touch()
    config["cohorts"]["maastro"] = str(table)
    found = workflow.tables(config)["maastro"]
    assert (found.source, found.path, found.truth) == ("private", table, None)
    assert settings_of("fig3a", config).points("maastro") is False
    assert settings_of("fig3a", config).points("thoracic") is True
    assert settings_of("fig3a", config).rules("maastro", "utk").name == "opensafely"
    assert not settings_of("fig3a", config).rules("thoracic", "utk").active


def test_paths_that_are_not_files_and_impossible_sources_are_refused(config):
    config["cohorts"]["maastro"] = "no/such/file.csv"
    with pytest.raises(InputError, match=r"`maastro` points to `no/such/file\.csv`, which is not"):
        workflow.tables(config)
    config["cohorts"]["maastro"] = "public"
    with pytest.raises(InputError, match="cohort `maastro` cannot be `public`"):
        workflow.tables(config)


def test_an_items_seed_depends_on_its_name_and_the_project_seed_only(config):
    first = settings_of("ext1", config).seed
    assert first == settings_of("ext1", {**config, "disclosure": "strict"}).seed
    assert first != settings_of("fig2a", config).seed
    assert first != settings_of("ext1", {**config, "seed": 2}).seed


def test_every_item_names_known_tables_and_has_a_page_and_a_title():
    toc = (ROOT / "book" / "_toc.yml").read_text(encoding="utf-8")
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "book").glob("*.md"))
    for name, module in workflow.items().items():
        assert set(module.TABLES) <= set(workflow.TABLES), name
        assert module.__doc__, name
        assert f"_generated/{name}/" in pages, f"{name} is on no page"
    files = [line.split()[-1] for line in toc.splitlines() if "file:" in line]
    assert [name for name in files if not (ROOT / "book" / f"{name}.md").is_file()] == []


def test_a_cohort_that_is_left_out_has_no_table(config):
    config["cohorts"]["maastro"] = "none"
    found = workflow.tables(config)["maastro"]
    assert (found.source, found.truth, found.cohort) == ("none", None, None)
    assert not found.path.exists()
    chosen = choose("fig3c", config)
    assert not chosen.possible
    assert chosen.reason == "Left out: config.yaml says `none` for maastro."
    assert "maastro" not in recipe.item_recipe("fig3c", config)["inputs"]
    assert "maastro" not in recipe.cohorts(["fig3c"], config)


def test_a_mapping_is_read_with_its_export_and_scores(tmp_path, config):
    messy_hospital.write(tmp_path)
    mapping = tmp_path / "hospital.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    config["cohorts"]["maastro"] = str(mapping)
    found = workflow.tables(config)["maastro"]
    assert found.source == "private"
    with pytest.warns(ReadingWarning):
        rows = reading.read(found)
    assert rows.attrs["steps"][0]["step"] == "Export as received"
    hashed = recipe.item_recipe("fig3c", config)["files"]
    assert hashed["maastro: file 1"] == tmp_path / "exportacao.csv"
    assert hashed["maastro: file 2"] == tmp_path / "biomarkers.csv"
    config["cohorts"]["thoracic"] = str(mapping)
    with pytest.raises(InputError, match=r"needs the thoracic schema; hospital.yaml maps to maas"):
        workflow.tables(config)


def test_small_cells_of_public_persons_are_withheld(config):
    settings = settings_of("nhanes_gap", config)
    assert (settings.rules("nhanes").minimum, settings.rules("nhanes").base) == (8, 1)
    assert settings.points("nhanes") is False
    assert not settings.rules("rotterdam", "gbsg").active


def test_a_public_table_is_the_file_whose_hash_stands_beside_it(config, tmp_path):
    for name in ("nhanes", "rotterdam", "gbsg"):
        table = workflow.tables(config)[name]
        run._refuse_false_labels([table])
        other = tmp_path / table.path.name
        other.write_bytes(table.path.read_bytes() + b"\n")
        with pytest.raises(FaceageError, match=f"{other.name} is called public"):
            run._refuse_false_labels([dataclasses.replace(table, path=other)])


@pytest.mark.filterwarnings("ignore::faceage_stats.errors.ReadingWarning")
def test_a_prepared_table_that_is_older_than_its_export_is_refused(tmp_path, config):
    messy_hospital.write(tmp_path, n=200)
    (tmp_path / "hospital.yaml").write_text(MAPPING, encoding="utf-8")
    table = tmp_path / "prepared.parquet"
    assert main(["prepare", str(tmp_path / "hospital.yaml"), "--out", str(table), "--quiet"]) == 0
    config["cohorts"]["maastro"] = str(table)
    assert workflow.tables(config)["maastro"].path == table
    workflow._changed_since.cache_clear()
    with (tmp_path / "exportacao.csv").open("a", encoding="cp1252") as file:
        file.write("\n")
    with pytest.raises(InputError, match=r"`maastro`: .*prepared from exportacao.csv, changed"):
        workflow.tables(config)
