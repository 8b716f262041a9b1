"""Every public function given the wrong object in each place: it is refused in words."""

import inspect
import warnings

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import FaceageError
from tests.package_walk import (
    Call,
    examples,
    instances,
    methods,
    result_classes,
    short,
)

DATA = pd.DataFrame(
    {
        "t": [5, 3, 8, 2, 9, 4, 6, 7, 1, 10, 11, 12],
        "d": [1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1],
        "x": [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13],
        "g": list("ababababaabb"),
    }
)
WRONG = {
    "a Cox fit": fs.coxph("Surv(t, d) ~ x", DATA),
    "a line": fs.lm("x ~ t", DATA),
    "a logistic fit": fs.logistic("d ~ x", DATA),
    "an ROC curve": fs.roc("d ~ x", DATA),
    "a fraction": 0.8,
    "nothing": None,
    "not a number": float("nan"),
    "a list": [1, 2],
    "a word": "abc",
    "a formula": "Surv(t, d) ~ x",
    "a table": DATA,
    "an empty table": pd.DataFrame(),
    "a matrix": np.ones((3, 2)),
    "a column": DATA["x"],
    "a mapping": {"a": 1},
}


RISK = fs.risk_model("Surv(t, d) ~ x", DATA, times=[5])


def _calls(room: str) -> list[Call]:
    return list({call.function: call for call in examples(room).calls}.values())


@pytest.mark.parametrize("room", ["survival", "association", "prediction"])
def test_no_wrong_object_ends_in_a_traceback(room):
    breaches = []
    for call in _calls(room):
        if call.function is fs.resample:
            continue  # it calls what it is given
        for place in [*range(len(call.args)), *call.options]:
            for name, wrong in WRONG.items():
                args, options = list(call.args), dict(call.options)
                if isinstance(place, int):
                    args[place] = wrong
                else:
                    options[place] = wrong
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        call.function(*args, **options)
                except FaceageError:
                    pass
                except Exception as error:
                    breaches.append(f"{call.function.__name__}({place}: {name}): {error!r:.90}")
    assert not breaches, "\n".join(breaches)


WRONG_VALUES = {
    "texts": ["a"],
    "no values": [],
    "a table": DATA,
    "nothing": None,
    "not a number": float("nan"),
    "not numbers": [float("nan")],
    "negative": -1,
    "negative ones": [-2, -1],
    "infinite": float("inf"),
    "true": True,
    "a word": "abc",
    "a mapping": {"a": 1},
    "no mapping": {},
    "nested": [[1, 2], [3]],
}


def _needed(function) -> dict:
    """A value for what a method must be given, which its first check takes or refuses."""
    known = inspect.signature(function).parameters
    needed = {n: [1] for n, p in known.items() if n != "self" and p.default is p.empty}
    return {"n_resamples": 10, **needed} if "n_resamples" in known else needed


@pytest.mark.parametrize("cls", result_classes(), ids=short)
def test_no_wrong_argument_of_a_method_ends_in_a_traceback(cls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a word is a good name of a file
    breaches = []
    for name, function in methods(cls).items():
        places = [
            n
            for n, p in inspect.signature(function).parameters.items()
            if n != "self" and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        ]
        for result in instances(cls)[:1]:
            for place in places:
                for what, wrong in WRONG_VALUES.items():
                    try:
                        with warnings.catch_warnings():
                            warnings.simplefilter("ignore")
                            getattr(result, name)(**{**_needed(function), place: wrong})
                    except FaceageError:
                        pass
                    except Exception as error:
                        breaches.append(f"{cls.__name__}.{name}({place}: {what}): {error!r:.90}")
    assert not breaches, "\n".join(dict.fromkeys(breaches))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fs.anova(WRONG["a logistic fit"], WRONG["a logistic fit"]), "nested model to the"),
        (lambda: fs.survfit(WRONG["a Cox fit"]), r"A CoxPH has its own: fit.survfit\(\)"),
        (lambda: fs.survfit(WRONG["a Cox fit"], DATA), r"A CoxPH has its own: fit.survfit\(\)"),
        (lambda: fs.calibration(WRONG["a Cox fit"], DATA), r"risk=1 - fit.predict\(data, \"surv"),
        (lambda: fs.roc(WRONG["a logistic fit"]), r"risk=fit.predict\(data\)\[\"estimate"),
        (lambda: fs.calibration(RISK), r"judged by fit.validate\(data\)"),
        (lambda: fs.optimism(WRONG["a Cox fit"]), "That of a fit is fit.formula"),
        (lambda: fs.roc(DATA["d"], DATA["x"]), r"the formula is a Series, not text"),
        (lambda: fs.coxph(DATA, "Surv(t, d) ~ x"), "comes first, then the data"),
        (lambda: fs.roc_test(0.8, 0.7), "roc_test"),
        (lambda: WRONG["a logistic fit"].lr_test(WRONG["a line"]), "this is a LinearModel"),
        (lambda: WRONG["a line"].f_test(WRONG["a logistic fit"]), "this is a Logistic"),
        (lambda: WRONG["a Cox fit"].predict("lp"), r"type=\"lp\"|data is a str"),
        (lambda: WRONG["a Cox fit"].predict(type=DATA), "type is a DataFrame; choose one of lp"),
    ],
)
def test_the_message_names_what_is_taken(call, message):
    with pytest.raises(FaceageError, match=message):
        call()


def test_two_logistic_fits_are_compared_as_r_compares_them():
    # R 4.2.2: anova(glm(y ~ 1, binomial), glm(y ~ x, binomial), test = "Chisq")
    data = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1, 0, 1], "x": range(1, 9)})
    row = fs.logistic("y ~ x", data).lr_test(fs.logistic("y ~ 1", data)).iloc[0]
    np.testing.assert_allclose(row["statistic"], 1.6211161734, rtol=1e-9)
    np.testing.assert_allclose(row["p_value"], 0.20294, rtol=1e-4)


def test_the_cures_that_messages_name_work():
    cox, logistic = WRONG["a Cox fit"], WRONG["a logistic fit"]
    risk = DATA.assign(risk=1 - cox.predict(DATA, "survival", times=5)["estimate"])
    assert fs.calibration("Surv(t, d) ~ risk", risk, times=5, n_resamples=0).n == 12
    fitted = DATA.assign(risk=logistic.predict(DATA)["estimate"])
    assert fs.roc("d ~ risk", fitted).auc == pytest.approx(WRONG["an ROC curve"].auc)
    assert fs.optimism(cox.formula, DATA, n_resamples=2).tidy()["estimate"].notna().all()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("confint", "A result has it: fit.confint"),
        ("Surv", "in the text of a formula"),
        ("coxp", "Did you mean 'coxph'"),
    ],
)
def test_a_name_of_r_that_is_no_function_here(name, message):
    with pytest.raises(AttributeError, match=message):
        getattr(fs, name)
