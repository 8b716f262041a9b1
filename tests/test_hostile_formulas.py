"""A formula is no program: nothing that stands in one is run, whoever reads it."""

import builtins
import json
import os
import subprocess

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.errors import FaceageError, InputError
from tests.package_walk import ROOT

TABLE = pd.DataFrame(
    {
        "time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        "event": [1, 0, 1, 1, 0, 1, 1, 0],
        "age": [50.0, 61.0, 47.0, None, 70.0, 55.0, 66.0, 52.0],
        "sex": ["f", "m", "m", "f", "f", "m", "f", "m"],
    }
)

HOSTILE = (
    "__import__('os').system('touch canary')",
    'I(age*0 + __import__("os").system("touch canary"))',
    "open('canary', 'w')",
    "I(open('canary', 'w').write('x'))",
    "C(sex, ref=open('canary', 'w').name)",
    'exec(\'open("canary", "w")\')',
    "eval('1')",
    "compile('1', '', 'eval')",
    "getattr(age, 'to_pickle')('canary')",
    "age.to_pickle('canary')",
    "I(age.to_csv('canary'))",
    "age == age.to_pickle('canary')",
    "age.__class__",
    "age.__class__.__mro__[1].__subclasses__()",
    "(age).__class__",
    "().__class__.__bases__",
    "''.__class__",
    "'{0.__class__}'.format(age)",
    'f\'{__import__("os").system("touch canary")}\'',
    "f\"{open('canary', 'w')}\"",
    "'%s' % age",
    "(lambda: open('canary', 'w'))()",
    "lambda x: x",
    "[open('canary', 'w') for i in [1]]",
    "[c for c in ().__class__.__base__.__subclasses__()]",
    "{open('canary', 'w')}",
    "(canary := 1)",
    "canary <- 1",
    "@os.system('touch canary')",
    "@pd.io.common.os.system('touch canary')",
    "np.load('canary')",
    "np.log(age)",
    "pd.eval('1')",
    "os.system('touch canary')",
    "os::system('touch canary')",
    "base::system('touch canary')",
    "system('touch canary')",
    "source('canary.R')",
    "do.call('system', 'touch canary')",
    "eval(parse(text = \"system('touch canary')\"))",
    "`__import__('os').system('touch canary')`",
    "`open`('canary', 'w')",
    "I(`age`.to_pickle('canary'))",
    "cut(age, labels=open('canary', 'w'))",
    "ns(age, df=__import__('os').getpid())",
    "log(age, base=globals())",
    "ifelse(open('canary', 'w'), 1, 0)",
    "age if open('canary', 'w') else sex",
    "age; open('canary', 'w')",
    "age\nimport os",
    "age$sex",
    "age[0]",
    "age[['sex']]",
    "*age",
    "**age",
    "age @ age",
    "await age",
    "yield age",
    "age\0",
    "\uff4f\uff50\uff45\uff4e('canary', 'w')",  # open in full-width letters
    "l\u043eg(age)",  # a Cyrillic o
    "age \u2212 1",  # a minus sign of typography
    "\u202eega",  # written from right to left
    "'" * 1001,
    "(" * 3000 + "age" + ")" * 3000,
    "[" * 3000,
    "!" * 100_001 + "age",
    "-" * 5000 + "age",
    "age" + "^2" * 5000,
    "I(" * 2000 + "age",
    "age + " * 50_000 + "age + nope",
    "9" * 5000 + "**" + "9" * 5000,
)

CALLS = {
    "coxph": lambda text: fs.coxph(f"Surv(time, event) ~ {text}", TABLE),
    "surv": lambda text: fs.coxph(f"Surv(time, {text}) ~ age", TABLE),
    "lm": lambda text: fs.lm(f"{text} ~ time", TABLE),
    "survfit": lambda text: fs.survfit(f"Surv(time, event) ~ {text}", TABLE),
    "roc": lambda text: fs.roc(f"event ~ {text}", TABLE),
    "impute": lambda text: fs.impute(f"{text} ~ age + sex", TABLE, m=2),
    "t_test": lambda text: fs.t_test(f"time ~ {text}", TABLE),
    "weights": lambda text: fs.coxph("Surv(time, event) ~ age", TABLE, weights=text),
}


@pytest.fixture
def canary(tmp_path, monkeypatch):
    """A folder, and processes and files that tell when they are opened on behalf of a formula."""
    monkeypatch.chdir(tmp_path)
    opened = []
    plain = builtins.open

    def watched(file, *rest, **more):
        if "canary" in str(file):
            opened.append(str(file))
        return plain(file, *rest, **more)

    monkeypatch.setattr(builtins, "open", watched)
    monkeypatch.setattr(os, "system", lambda command: opened.append(command))
    monkeypatch.setattr(subprocess, "Popen", lambda *command, **more: opened.append(command))
    return lambda: opened or list(tmp_path.glob("canary*"))


def refused(call, text):
    """Whether a call refuses a text in our words; any other exception passes through."""
    try:
        call(text)
    except InputError:
        return True
    return False


@pytest.mark.parametrize("caller", CALLS)
def test_a_hostile_formula_is_refused_and_nothing_runs(caller, canary):
    for text in HOSTILE:
        assert refused(CALLS[caller], text), (caller, text[:80])
        assert not canary(), (caller, text[:80])


def test_a_hostile_rule_is_refused_when_the_schema_is_read(canary, tmp_path):
    declared = json.loads((ROOT / "data_schemas" / "survey.json").read_text(encoding="utf-8"))
    for i, text in enumerate(HOSTILE):
        declared["rules"][0]["expression"] = text
        path = tmp_path / f"{i}.json"
        path.write_text(json.dumps(declared), encoding="utf-8")
        assert refused(load_schema, str(path)), text[:80]
        assert not canary(), text[:80]


@pytest.mark.parametrize("term", [":".join("x" * 900), f"I({'*'.join('x' * 900)})", "(" * 9999])
def test_a_formula_that_python_cannot_climb_is_refused(term):
    data = pd.DataFrame({"y": [1.0, 2, 4, 5], "x": [1, 3, 2, 6]})
    for formula, subset in ((f"y ~ {term}", None), (f"{term} ~ x", None), ("y ~ x", term)):
        with pytest.raises(FaceageError):
            fs.lm(formula, data, subset=subset)


def test_hostile_names_of_columns_are_only_names(canary):
    name = "__import__('os').system('touch canary')"
    table = TABLE.rename(columns={"age": name})
    fit = fs.coxph(f"Surv(time, event) ~ `{name}`", table)
    assert fit.tidy()["term"].tolist() == [name]
    assert not canary()
