"""What an item says that it reads, against what it does."""

import pytest

import workflow
from choosing import choose
from declared import declared, item_imports

from .conftest import ROOT


@pytest.mark.parametrize("name", workflow.item_names())
def test_items_never_import_items(name):
    others = {module for module in item_imports(workflow.ITEMS / f"{name}.py") if module[0] != "_"}
    assert others == set(), "move what is shared to a module with an underscore"


def test_shared_modules_import_no_item():
    shared = workflow.ITEMS.glob("_*.py")
    assert [p.name for p in shared if any(m[0] != "_" for m in item_imports(p))] == []


@pytest.mark.parametrize(("name", "module"), workflow.items().items())
def test_what_is_found_in_a_script_is_what_it_declares(name, module):
    found = declared(name)
    assert found.tables == tuple(module.TABLES)
    assert found.results == tuple(getattr(module, "RESULTS", ()))
    assert found.simulates == getattr(module, "SIMULATES", False)
    for pattern in getattr(module, "FILES", ()):
        assert set(ROOT.glob(pattern)) <= set(found.files)


@pytest.mark.parametrize("name", ["ranking", "coverage", "worked_example", "how_to"])
def test_an_item_that_draws_its_rows_is_synthetic(name):
    """Its figures are marked although it reads no table, and the summary does not call it real."""
    chosen = choose(name, workflow.load_config())
    assert not chosen.used
    assert chosen.synthetic
    assert not chosen.matched  # to anything published


def test_rows_of_people_are_not_synthetic():
    assert choose("thoracic", workflow.load_config()).matched
    assert not choose("genes_breast", workflow.load_config()).synthetic


def test_shared_modules_are_followed_through_one_another(tmp_path, monkeypatch):
    monkeypatch.setattr(workflow, "ITEMS", tmp_path)
    scripts = {
        "one": "from items import _two as two\n",
        "_two": "import items._three\n",
        "_three": "from items._four import NAME\nimport json\n",
        "_four": "NAME = 1\n",
        "_other": "",
    }
    for name, text in scripts.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    declared.cache_clear()
    names = [path.stem for path in declared("one").files]
    declared.cache_clear()
    assert names == ["_four", "_three", "_two"]
