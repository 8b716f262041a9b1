"""What a type checker, and so an editor, knows about ``fs.``: asked of mypy in one call.

mypy's cache is kept, and shared with `make check`: the first call takes as long as that does.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy import api

import faceage_stats as fs
from tests.package_walk import ROOT, holds, public_functions

FUNCTIONS = {function.__name__ for function in public_functions()}
# What is got from a call, as in a notebook; each is a class of results, or its table.
CALLS = {
    'fs.coxph("Surv(t, d) ~ x", data)': "CoxPH",
    'fs.coxph("Surv(t, d) ~ x", data).tidy()': "DataFrame",
    'fs.survfit("Surv(t, d) ~ g", data)': "SurvFit",
    'fs.roc("y ~ m", data).auc': "float",
    'fs.roc_test(fs.roc("y ~ a + b", data))': "ROCTest",
    'fs.t_test("y ~ g", data)': "HTest",
    'fs.lm("y ~ x", data)': "LinearModel",
    'fs.lm("y ~ x", data).predict()': "DataFrame",
}


@pytest.fixture(scope="module")
def revealed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What mypy says that each public name, and each call, is."""
    asked = [*(f"fs.{name}" for name in fs.__all__), *CALLS]
    lines = ["import pandas as pd", "import faceage_stats as fs", "data = pd.DataFrame()"]
    script = tmp_path_factory.mktemp("types") / "asked.py"
    script.write_text(
        "\n".join([*lines, *(f"reveal_type({each})" for each in asked)]), encoding="utf-8"
    )
    told = _mypy(script)
    return {each: told[i] for i, each in enumerate(asked, len(lines) + 1)}


def _mypy(script: Path) -> dict[int, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        output, trouble, _ = api.run(["--hide-error-context", "--no-error-summary", str(script)])
    assert not trouble, trouble
    notes = re.findall(rf'{script.name}:(\d+): note: Revealed type is "(.*)"', output)
    assert notes, output
    return {int(line): text for line, text in notes}


def test_public_names_are_typed(revealed):
    def is_typed(name):
        told = revealed[f"fs.{name}"]
        assert told != "Any", f"fs.{name} is Any to mypy: list it in __init__.pyi"
        if name in FUNCTIONS:
            returns = told.rpartition(" -> ")[2]
            assert returns != "Any", f"fs.{name}() returns Any; name the class of its result"
            assert not returns.startswith("tuple["), f"fs.{name}() returns a bare tuple"

    holds([is_typed], *fs.__all__)


@pytest.mark.parametrize(("call", "expected"), CALLS.items())
def test_calls_give_what_their_readers_expect(revealed, call, expected):
    assert revealed[call].rpartition(".")[2] == expected
