"""After the warm-up nothing is left to compile, whatever the dtypes of a table."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from faceage_stats import _warm

ROOT = Path(__file__).parents[1]
EVERY_KERNEL = """
import importlib, json, pkgutil, sys, warnings
import numpy as np
import faceage_stats
import faceage_stats as fs
from faceage_stats import _compiled, _warm

heard = []
_warm.warm(lambda number, count, name: heard.append((number, count)))
assert heard == [(i, len(_warm.EXAMPLES)) for i in range(1, len(_warm.EXAMPLES) + 1)]
warnings.simplefilter("ignore")
usual = _warm.made_table()
binary = ["event", "case"]
tables = [
    usual.astype({"x": "float32", "time": "float32", "event": "int8", "case": "int32"}),
    usual.astype({"x": "Float64", "time": "Int64", "event": "bool", "case": "boolean"}),
    usual.assign(x=np.round(9 * usual["x"]).astype(int), case=usual["case"].astype("uint8")),
]
warmed = {kernel: len(kernel.overloads) for kernel in _compiled.KERNELS}
for table in tables:
    for example in _warm.EXAMPLES.values():
        example(table)
for terms in ["x", "x + z + strata(case)", "x + cluster(case)", "offset(z) + x"]:
    for outcome in ["Surv(time, event)", "Surv(start, time, event)"]:
        fit = fs.coxph(f"{outcome} ~ {terms}", usual)
        fit.tidy(), fit.glance(), fit.predict()
        for kind in ["martingale", "schoenfeld", "dfbeta"]:
            fit.residuals(kind)
        if "cluster" not in terms:
            fs.cox_zph(fit)
        fs.concordance(f"{outcome} ~ x + strata(case)", usual)
        fs.survfit(f"{outcome} ~ case", usual)
fs.roc("case ~ x", usual).partial_auc(0, 1), fs.roc("case ~ x", usual).partial_auc(0.5, 1)
later = {kernel for kernel, count in warmed.items() if len(kernel.overloads) > count}
for _, name, _ in pkgutil.walk_packages(faceage_stats.__path__, "faceage_stats."):
    if "compiled" in open(importlib.util.find_spec(name).origin, encoding="utf-8").read():
        importlib.import_module(name)
used = [kernel for kernel in _compiled.KERNELS if kernel.overloads]
reached = set().union(*map(_compiled.reached, used))
# What another kernel calls is compiled into it, for a literal or a missing argument once more.
inner = set().union(*(_compiled.reached(kernel) - {kernel} for kernel in used))
inlined = {kernel for kernel in _compiled.KERNELS if kernel.targetoptions.get("inline")}
name = lambda kernel: kernel.py_func.__module__ + "." + kernel.py_func.__qualname__
print(json.dumps({
    "kernels": len(_compiled.KERNELS),
    "compiled after the warm-up": [name(kernel) for kernel in later],
    "forgotten": [name(k) for k in set(_compiled.KERNELS) - reached - inlined],
    "compiled twice": [
        [name(k), [str(s) for s in k.overloads]]
        for k in used if k not in inner and len(k.overloads) > 1
    ],
}))
"""


def test_every_kernel_is_warmed_and_has_one_signature():
    command = [sys.executable, "-c", EVERY_KERNEL]
    out = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert out.returncode == 0, out.stderr
    found = json.loads(out.stdout.splitlines()[-1])
    assert found["kernels"] > 50
    assert found["compiled after the warm-up"] == []
    assert found["forgotten"] == []
    assert found["compiled twice"] == []


@pytest.mark.parametrize("terminal", [False, True])
def test_it_says_how_far_it_is_on_a_terminal_and_in_the_end_how_long_it_took(
    terminal, monkeypatch, capsys
):
    nothing = dict.fromkeys(["one", "two"], lambda table: None)
    monkeypatch.setattr(_warm, "EXAMPLES", nothing)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    level = logging.getLogger("faceage_stats").level
    _warm._main()
    logging.getLogger("faceage_stats").setLevel(level)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "kernels are compiled (0 s)" in err
    assert ("compiling kernels, once: 2 of 2 (two)" in err) is terminal
