"""Truth: what is offered in place of R's names exists, and reaches the user."""

import inspect
import re

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._in_r import ARGUMENTS, FIGURES, FORMULA, FUNCTIONS, PARTS
from faceage_stats.errors import ArgumentError, FormulaError, InputError

DATA = pd.DataFrame({"t": [5, 3, 8, 2, 9, 4], "d": [1, 0, 1, 1, 0, 1], "x": [1.0, 2, 4, 3, 6, 5]})
PUBLIC = {name: getattr(fs, name) for name in fs.__all__}
METHODS = {name for each in PUBLIC.values() if isinstance(each, type) for name in dir(each)}


def _parameters():
    for each in PUBLIC.values():
        members = vars(each).values() if isinstance(each, type) else [each]
        for member in filter(inspect.isfunction, members):
            yield from inspect.signature(member).parameters


def test_every_name_offered_exists():
    parts = [part for part in PARTS.values() if part[0].islower()]
    words = [*FUNCTIONS.values(), *(f"fit.{part.split(',')[0]}" for part in parts)]
    for each in words:
        for owner, name in re.findall(r"\b(fs|fit)\.(\w+)", each):
            attribute = name in METHODS or any(
                name in getattr(kind, "__annotations__", {}) for kind in PUBLIC.values()
            )
            assert name in fs.__all__ or name == "figures" if owner == "fs" else attribute, each
    for sentence in FORMULA.values():
        for name in re.findall(r"\b(rm_anova|lmer|coxnet|pyears)\(\)", sentence):
            assert name in fs.__all__
    assert set(FIGURES.values()) <= set(fs.figures.__all__)


def test_every_argument_offered_is_one():
    known = set(_parameters())
    for name in fs.figures.__all__:
        if inspect.isfunction(getattr(fs.figures, name)):
            known |= set(inspect.signature(getattr(fs.figures, name)).parameters)
    for each, told in ARGUMENTS.items():
        names = [told] if isinstance(told, str) else told
        assert all(" " in name or name in known for name in names), each


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: fs.coxph("Surv(t, d) ~ x", DATA, method="breslow"), "Did you mean 'ties'"),
        (lambda: fs.lm("x ~ t", DATA, na_action="na.omit"), "left out and counted"),
        (lambda: fs.survreg("Surv(t, d) ~ x", DATA, dist="weibull"), "mean 'distribution'"),
        (lambda: fs.coxph("Surv(t, d) ~ x", DATA).predict(DATA, se_fit=True), "errors are in the"),
    ],
)
def test_an_argument_of_r_is_answered_with_ours(call, told):
    with pytest.raises(ArgumentError, match=told):
        call()


@pytest.mark.parametrize(
    ("term", "told"),
    [("pspline(x)", "ns\\(x, df = 4\\)"), ("frailty(g)", "cluster"), ("ridge(x)", "coxnet")],
)
def test_a_formula_function_of_r_is_answered_with_ours(term, told):
    with pytest.raises(FormulaError, match=told):
        fs.coxph(f"Surv(t, d) ~ {term}", DATA)


def test_a_value_of_r_is_answered_with_ours():
    fit = fs.coxph("Surv(t, d) ~ x", DATA)
    with pytest.raises(InputError, match="Did you mean 'scaled_schoenfeld'"):
        fit.residuals("scaledsch")
    with pytest.raises(InputError, match="Did you mean 'youden'"):
        fs.roc("d ~ x", DATA).coords("best")
    with pytest.raises(InputError, match="Did you mean 'exponential'"):
        fs.survreg("Surv(t, d) ~ x", DATA, distribution="exp")


def test_a_part_of_a_fit_in_r_is_answered_with_ours():
    fit = fs.coxph("Surv(t, d) ~ x", DATA)
    with pytest.raises(AttributeError, match=r"CoxPH has no 'loglik'. Here: fit.glance"):
        fit.loglik  # noqa: B018 - asking for it is what is refused
    with pytest.raises(AttributeError, match="Call the function again"):
        fit.update("~ . + age")
    with pytest.raises(AttributeError, match="Did you mean 'tidy'"):
        fit.tidi()
    with pytest.raises(AttributeError) as raised:
        fit.survfit(DATA.head(1)).rmean  # noqa: B018 - rmst() is of other curves
    assert "rmst" not in str(raised.value)
    assert not hasattr(fit, "_repr_png_")
    with pytest.raises(AttributeError, match=r"Here: fs\.table_one"):
        fs.CreateTableOne  # noqa: B018 - asking for it is what is refused


def test_a_figure_of_r_is_answered_with_ours():
    fit = fs.survfit("Surv(t, d) ~ 1", DATA)
    with pytest.raises(AttributeError, match=r"Here: figures\.forest\(\)"):
        fs.figures.ggforest  # noqa: B018 - asking for it is what is refused
    with pytest.raises(ArgumentError, match="unknown argument 'pval'"):
        fs.figures.km(fit, pval=True)
    with pytest.raises(AttributeError, match=r"take it: figures\.km\(fit\)"):
        fit.plot()


def test_a_property_that_fails_tells_its_own_fault(monkeypatch):
    fit = fs.coxph("Surv(t, d) ~ x", DATA)
    monkeypatch.setattr(fs.CoxPH, "aic", property(lambda self: self.no_such_part))
    with pytest.raises(AttributeError, match="no_such_part"):
        fit.aic  # noqa: B018 - asking for it is what fails
