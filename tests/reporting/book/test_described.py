"""What the reference says of a name. Truth: Sphinx's autodoc, which reads the same docstrings."""

from sphinx.cmd.build import main as sphinx

import faceage_stats as fs
from faceage_stats.reporting.book.described import described

NAMES = ("coxph", "figures.forest", "Accuracy", "SurvDiff", "Weighting")
AUTODOC = """
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
autodoc_typehints, autodoc_member_order = "none", "bysource"
napoleon_use_rtype, napoleon_use_ivar = False, True
"""


def _value(name):
    return getattr(fs.figures if "." in name else fs, name.rpartition(".")[2])


def _printed(folder, pages, extensions=""):
    """Each page as plain text, all of its blanks alike."""
    folder.mkdir()
    (folder / "conf.py").write_text(f"add_module_names = False\n{extensions}", encoding="utf-8")
    names = "".join(f"   {name}\n" for name in pages)
    (folder / "index.rst").write_text(f"All\n===\n\n.. toctree::\n\n{names}", encoding="utf-8")
    for name, text in pages.items():
        head = f"{name}\n{'=' * len(name)}\n\n.. py:currentmodule:: faceage_stats\n\n"
        (folder / f"{name}.rst").write_text(head + text, encoding="utf-8")
    assert sphinx(["-b", "text", "-q", "-W", str(folder), str(folder / "out")]) == 0
    return {name: (folder / "out" / f"{name}.txt").read_text("utf-8").split() for name in pages}


def test_pages_are_those_of_autodoc(tmp_path):
    options = "   :members:\n   :inherited-members:\n"
    asked = {
        name: f".. autoclass:: faceage_stats.{name}\n{options}"
        if name[0].isupper()
        else f".. autofunction:: faceage_stats.{name}\n"
        for name in NAMES
    }
    ours = {name: described(f"faceage_stats.{name}", _value(name)) for name in NAMES}
    shown = _printed(tmp_path / "ours", ours)
    assert shown == _printed(tmp_path / "autodoc", asked, AUTODOC)
    assert all(len(words) > 50 for words in shown.values())


def test_a_property_whose_first_sentence_has_a_colon_keeps_it():
    text = described("faceage_stats.ROC", fs.ROC)
    assert "Area under the curve: P(case beyond control) + P(tie) / 2." in text
    assert ":type: Area under the curve" not in text


class _Base:
    def below(self):
        """Inherited."""

    def silent(self):
        pass


class _Own(_Base):
    """A class."""

    def second(self, x=1):
        """Come first in the source."""

    def first(self):
        """Come second."""

    @staticmethod
    def third(x):
        """Come third."""

    def _hidden(self):
        """Of no reader."""


def test_own_members_stand_in_the_order_of_the_source_and_before_inherited_ones():
    text = described("faceage_stats._Own", _Own)
    entries = [line.strip() for line in text.splitlines() if ".. py:" in line]
    assert entries == [
        ".. py:class:: _Own()", ".. py:method:: _Own.second(x=1)",
        ".. py:method:: _Own.first()", ".. py:method:: _Own.third(x)",
        ".. py:method:: _Own.below()",
    ]  # fmt: skip
    assert text.count(":staticmethod:") == 1
