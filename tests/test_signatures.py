"""One vocabulary: every public function and every method of a result spells an idea one way.

A failure names the argument and its cure. `pytest tests/test_signatures.py -k survival` runs one
room, `-k coxph` one function, `-k CoxPH` one class of results.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpydoc.docscrape import NumpyDocString

import faceage_stats as fs
from faceage_stats.errors import InputError
from tests.package_walk import (
    holds,
    is_table,
    literal_values,
    methods,
    public_functions,
    result_classes,
    short,
)

# spelling -> the one that stays
SPELLINGS = {
    "df": "data (degrees of freedom are annotated as a number)",
    "frame": "data",
    "dataframe": "data",
    "table": "data",
    "n_permutation": "n_resamples",
    "n_permutations": "n_resamples",
    "n_rotation": "n_resamples",
    "n_rotations": "n_resamples",
    "n_draws": "n_resamples",
    "draws": "n_resamples",
    "n_replicate": "n_resamples",
    "n_replicates": "n_resamples",
    "n_boot": "n_resamples",
    "n_bootstrap": "n_resamples",
    "random_state": "seed",
    "workers": "n_jobs",
    "p_adjust_method": "p_adjust",
    "adjustments": "p_adjust",
    "adjustment": "p_adjust",
    "alphas": "penalties",
    "n_alphas": "n_penalties",
    "l1_ratio": "alpha, glmnet's mix",
    "alpha": "sig_level (a significance level), or penalties; alpha is coxnet's mix only",
    "at": "times",
    "timepoint": "times",
    "horizon": "times",
    "level": "conf_level",
    "ci_level": "conf_level",
    "share": "proportion",
}
R_HAS_ANOTHER_MEANING = {("alpha", "coxnet"), ("at", "emmeans")}  # a mix; values of covariates
# What draws differently many times calls the number of times n_resamples; n is a sample size.
SAMPLE_SIZES = {"simulate"}
CONTRASTS = {"differences", "difference", "versus_reference", "pairwise"}
P_ADJUST = {"holm", "hochberg", "bonferroni", "BH", "BY", "fdr"}
# R's functions that take vectors; with a formula their second argument is the data.
VECTORS_TOO = {
    *("t_test", "wilcox_test", "var_test", "cor_test", "cliff_delta", "hedges_g", "smd"),
    *("chisq_test", "fisher_test", "mcnemar_test", "kappa", "lin_ccc"),
}
TWO_TABLES = {"expression", "genotypes"}  # functions of a wide table and the clinical data
# Arguments that name one of a few choices, wherever they stand.
OPTIONS = {
    *("method", "type", "ties", "conf_type", "alternative", "transform", "kind", "interval"),
    *("limits", "direction", "weighting", "convention", "estimator", "test", "scale", "center"),
    *("focus", "controls", "missing", "p_adjust", "timewt", "robust", "covariance", "statistic"),
    *("rule", "ci", "fixed"),
}
FUNCTIONS, CLASSES = public_functions(), result_classes()


def callables(thing: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """A function, or the methods of a class, with the name that a user reads."""
    if inspect.isclass(thing):
        yield from ((f"{thing.__name__}.{name}()", f) for name, f in methods(thing).items())
    else:
        yield f"{thing.__name__}()", thing


def parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    found = inspect.signature(function).parameters
    return {name: p for name, p in found.items() if name != "self"}


def positional(function: Callable[..., Any]) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [name for name, p in parameters(function).items() if p.kind in kinds]


def none_of(faults: list[str]) -> None:
    assert not faults, "\n".join(faults)


def an_idea_has_one_spelling(thing):
    faults = []
    for where, function in callables(thing):
        for name, parameter in parameters(function).items():
            if name == "df" and parameter.annotation in ("int", "float", "int | float"):
                continue
            if (name, function.__name__) in R_HAS_ANOTHER_MEANING:
                continue
            if name in SPELLINGS:
                faults.append(f"{where}: `{name}` is spelled {SPELLINGS[name]}")
            drawn = "seed" in parameters(function) and function.__name__ not in SAMPLE_SIZES
            if name == "n" and drawn:
                faults.append(f"{where}: `n` resamples are spelled n_resamples")
            if name == "method" and parameter.default in P_ADJUST and thing is not fs.p_adjust:
                faults.append(f"{where}: a `method` of adjustment is spelled p_adjust")
            if name in ("time", "event") and "formula" in parameters(function):
                faults.append(
                    f"{where}: `{name}` names a column only where there is no formula; "
                    "when predictions are judged is `times`, a number or a list"
                )
    none_of(faults)


def differences_come_from_contrasts(cls):
    none_of(
        [
            f"{cls.__name__}.{name}() is spelled contrasts(*, conf_level=...)"
            for name in [n for n in dir(cls) if n in CONTRASTS]
        ]
    )
    if "contrasts" in dir(cls):
        contrasts = methods(cls).get("contrasts")
        assert contrasts, f"{cls.__name__}.contrasts is a method"
        level = parameters(contrasts).get("conf_level")
        assert level, f"{cls.__name__}.contrasts() takes conf_level"
        assert level.kind is inspect.Parameter.KEYWORD_ONLY


def data_stand_where_r_has_them(function):
    names, known = positional(function), parameters(function)
    where = f"{function.__name__}()"
    if "data" not in known or function.__name__ in VECTORS_TOO:
        return
    if "formula" in known and names[0] not in TWO_TABLES:
        assert names[:2] == ["formula", "data"], f"{where}: (formula, data, ...), both positional"
    else:
        assert "data" in names[:2], (
            f"{where}: `data` comes first, or second after what it is searched for"
        )
    assert len(names) <= 3, f"{where}: what follows {', '.join(names[:3])} is keyword-only"


@pytest.mark.parametrize("function", FUNCTIONS, ids=short)
def test_a_call_is_checked(function):
    assert hasattr(function, "__wrapped__"), "decorate it with @checked_call"


@pytest.mark.parametrize(
    "function", [f for f in FUNCTIONS if f.__name__ in VECTORS_TOO], ids=lambda f: short(f)
)
def test_formula_and_vectors_read_as_in_r(function):
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"x": rng.normal(size=40), "y": rng.normal(size=40), "g": ["a", "b"] * 20})
    name = function.__name__
    if name in ("chisq_test", "fisher_test", "mcnemar_test", "kappa", "lin_ccc"):
        return  # R has no formula for these
    if name == "cor_test":
        given, first, second = "~ x + y", data["x"], data["y"]
    else:
        given = "x ~ g"
        first, second = (data.loc[data["g"] == g, "x"].to_numpy() for g in "ab")
    by_formula, by_vectors = function(given, data), function(first, second)
    pd.testing.assert_frame_equal(by_formula.tidy(), by_vectors.tidy())
    with pytest.raises(InputError):  # a table is no second sample
        function(first, data)


def defaults_are_the_same_everywhere(thing):
    faults = []
    for where, function in callables(thing):
        known = parameters(function)
        is_method = inspect.isclass(thing)
        for name in ("seed", "conf_level", "n_jobs"):
            if name not in known:
                continue
            # without n_jobs, joblib.parallel_config decides: a cluster needs no other code
            allowed = {"seed": (0,), "n_jobs": (None,), "conf_level": (0.95,)}[name]
            if name == "conf_level" and is_method:
                allowed = (0.95, None)
            if known[name].default not in allowed:
                faults.append(f"{where}: `{name}` defaults to {allowed[0]}")
            if known[name].kind is not inspect.Parameter.KEYWORD_ONLY:
                faults.append(f"{where}: `{name}` is keyword-only")
        if "n_resamples" in known and "seed" not in known:
            faults.append(f"{where}: what is drawn at random takes `seed`")
    none_of(faults)


def predictions_and_variances_are_called_as_in_r(cls):
    found = methods(cls)
    if "predict" in dir(cls):
        names = positional(found["predict"])
        known = parameters(found["predict"])
        where = f"{cls.__name__}.predict()"
        assert names[0] == "newdata", f"{where}: predict(newdata=None, type=...)"
        assert known["newdata"].default is None, f"{where}: newdata=None, the data of the fit"
        assert names[1:] in ([], ["type"]), f"{where}: only newdata and type are positional"
        assert is_table(returned(found["predict"])), f"{where} returns a DataFrame"
    if "vcov" in dir(cls):
        assert "vcov" in found, f"{cls.__name__}.vcov is a method, vcov(), as in R"
        required = [p.name for p in parameters(found["vcov"]).values() if p.default is p.empty]
        assert required == [], f"{cls.__name__}.vcov() needs no argument"
        assert is_table(returned(found["vcov"])), f"{cls.__name__}.vcov() returns a DataFrame"


def returned(function: Callable[..., Any]) -> Any:
    return inspect.signature(function).return_annotation


def getters(cls: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Properties, whose return types count as those of methods do."""
    for name in dir(cls):
        value = inspect.getattr_static(cls, name)
        if isinstance(value, property) and value.fget and not name.startswith("_"):
            yield f"{cls.__name__}.{name}", value.fget


def what_is_returned_is_typed(thing):
    faults = []
    more = getters(thing) if inspect.isclass(thing) else []
    for where, function in [*callables(thing), *more]:
        annotation = returned(function)
        if annotation is inspect.Signature.empty:
            faults.append(f"{where} has no return annotation")
            continue
        for part in _alternatives(ast.parse(str(annotation), mode="eval").body):
            name = ast.unparse(part)
            if name in ("Any", "typing.Any", "object", "Result"):
                faults.append(f"{where} returns {name}; name its class")
            if name == "tuple" or (name.startswith("tuple[") and not name.endswith(", ...]")):
                faults.append(f"{where} returns a bare tuple; give it a result or a table")
    none_of(faults)


def _alternatives(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]


def a_choice_is_a_literal(thing):
    faults = []
    for where, function in callables(thing):
        documented = _documented_choices(function)
        for name, parameter in parameters(function).items():
            if name not in documented and name not in OPTIONS:
                continue
            if _has_bare_str(str(parameter.annotation)):
                faults.append(f"{where}: `{name}: {parameter.annotation}` is a Literal[...]")
                continue
            literal = literal_values(function, str(parameter.annotation))
            if documented.get(name) and literal and documented[name] != literal:
                faults.append(
                    f"{where}: `{name}` is documented as {sorted(documented[name])} and typed "
                    f"as {sorted(literal)}"
                )
    none_of(faults)


def _documented_choices(function: Callable[..., Any]) -> dict[str, set[str]]:
    """``{"a", "b"}`` in the type of a parameter's docstring: name -> choices."""
    text = NumpyDocString(inspect.getdoc(function) or "")
    return {
        name.strip("* "): set(re.findall(r"[\"']([^\"']*)[\"']", entry.type))
        for entry in text["Parameters"]
        for name in entry.name.split(",")
        if re.match(r"\{[\"']", entry.type)
    }


def _has_bare_str(annotation: str) -> bool:
    return any(
        isinstance(part, ast.Name) and part.id == "str"
        for part in _alternatives(ast.parse(annotation, mode="eval").body)
    )


OF_ANYTHING = (
    an_idea_has_one_spelling,
    defaults_are_the_same_everywhere,
    what_is_returned_is_typed,
    a_choice_is_a_literal,
)
OF_FUNCTIONS = (data_stand_where_r_has_them,)
OF_CLASSES = (differences_come_from_contrasts, predictions_and_variances_are_called_as_in_r)


@pytest.mark.parametrize("thing", [*FUNCTIONS, *CLASSES], ids=short)
def test_a_signature_keeps_to_the_vocabulary(thing):
    holds((*OF_ANYTHING, *(OF_CLASSES if inspect.isclass(thing) else OF_FUNCTIONS)), thing)
