"""Every public name has a page of its own, which says what R calls it."""

import inspect

import pytest

import faceage_stats as fs
from faceage_stats.reporting.book.reference import entries, reference_index, write_reference


@pytest.fixture(scope="module")
def listed():
    return entries()


def test_every_public_function_class_and_figure_is_listed(listed):
    named = {entry.name for entry in listed if entry.room != "figures"}
    public = {n for n in fs.__all__ if callable(getattr(fs, n)) or inspect.isclass(getattr(fs, n))}
    assert public - {"options"} <= named
    drawn = {n for n in fs.figures.__all__ if inspect.isfunction(getattr(fs.figures, n))}
    assert drawn == {entry.name for entry in listed if entry.room == "figures"}


def test_pages_are_apart_on_systems_that_ignore_case(listed):
    pages = [entry.page.lower() for entry in listed]
    assert len(pages) == len(set(pages))


def test_each_page_documents_its_name(tmp_path, listed):
    write_reference(tmp_path / "reference")
    for entry in listed:
        text = (tmp_path / f"{entry.page}.rst").read_text(encoding="utf-8")
        assert text.startswith(f":orphan:\n\n{entry.name}\n=")
    cox = (tmp_path / "reference/functions/coxph.rst").read_text(encoding="utf-8")
    assert "In R: ``coxph(" in cox or "In R: ``survival::coxph(" in cox
    assert ".. autofunction:: faceage_stats.coxph" in cox
    assert ":members:" in (tmp_path / "reference/classes/CoxPH.rst").read_text(encoding="utf-8")


def test_the_index_has_no_marks_of_the_docstrings(listed):
    page = reference_index()
    assert all(f">{entry.name}</a>" in page for entry in listed)
    assert "`" not in page.replace("```", "")
