"""What happens before a likelihood: formulas, coding, storage types, missing rows, new data.

One adapter for every case: `args` go to the public call as they stand. An argument that it does
not know fails the case, so that none is ignored.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

import faceage_stats as fs

from . import adapter

# read by cases_io; `subset` is `subset_r` as pandas writes it
OF_THE_TABLE = {"columns", "rename", "factors", "ordered", "dtypes", "index", "subset"}
OF_THE_TABLE |= {"newdata", "newdata_factors", "newdata_ordered", "newdata_dtypes"}
OF_THE_CASE = {"analysis", "topic", "model", "formula", "predict", "times", "residuals", "needs"}
# args -> arguments of the call
OPTIONS = {
    "weights": "weights",
    "cluster": "cluster",
    "subset_r": "subset",
    "rho": "rho",
    "higher_marker_means_worse": "reverse",
}
MODELS = ("coxph", "lm", "logistic", "survfit", "survdiff", "concordance")
NEEDS = {"subset argument": "subset", "weights in logistic": "weights"}


@adapter("formula")
def formula(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    unknown = set(args) - OF_THE_TABLE - OF_THE_CASE - set(OPTIONS)
    assert not unknown, f"the adapter would ignore {sorted(unknown)}"
    assert args["model"] in MODELS
    call = getattr(fs, args["model"])
    offered = inspect.signature(call).parameters
    if not {NEEDS[need] for need in args.get("needs", ())} <= set(offered):
        return {}
    options = {name: args[key] for key, name in OPTIONS.items() if key in args}
    fit = call(args["formula"], data, **options)
    table = fit.glance()  # a row per fit, or per curve
    row, n = table.iloc[0], table["n"].sum()
    answer = {"n": n, "n_omitted": row["n_missing"]} | READ[args["model"]](fit, row, args)
    expected = case["expected"]
    for group, r_group in zip(answer.get("groups", []), expected.get("groups", []), strict=False):
        [group["label"]] = spelt_as_r([group["label"]], [r_group.get("label", "")])
    if "terms" in answer:
        answer["terms"] = spelt_as_r(answer["terms"], expected.get("terms", []))
    if "predict" in args:
        answer |= predicted(fit, args, case["newdata"])
    if "residuals" in args:
        answer |= by_label(fit, args, data)
    return answer


def spelt_as_r(ours: Iterable[str], of_r: Iterable[str]) -> list[str]:
    """R's name where ours differs from it in spelling alone; ours where the two differ."""
    known = {plain(name): name for name in of_r}
    return [known.get(plain(name), name) for name in ours]


def plain(name: str) -> str:
    """A name without spaces, backticks, and the wrappers that only say: take it as a factor."""
    name = re.sub(r"[\s`]", "", name).replace("**", "^")
    return re.sub(r"\b(?:(?:as\.)?factor|C)\(([^(),]*)\)", r"\1", name)


def coefficients(fit: Any) -> dict[str, Any]:
    table = fit.tidy()
    table = table[~table["is_reference"].astype(bool)]
    return {
        "terms": table["term"].tolist(),
        "coef": table["estimate"],
        "se": table["std_error"],
        "robust_se": table.get("robust_se"),
    }


def read_coxph(fit: Any, row: Any, args: Any) -> dict[str, Any]:
    return {
        "nevent": row["n_event"],
        "loglik_null": row["log_lik_null"],
        "loglik": row["log_lik"],
        **coefficients(fit),
    }


def read_lm(fit: Any, row: Any, args: Any) -> dict[str, Any]:
    return {
        "loglik": row["log_lik"],
        "sigma": row["sigma"],
        "df_residual": row["df_residual"],
        **coefficients(fit),
    }


def read_logistic(fit: Any, row: Any, args: Any) -> dict[str, Any]:
    return {"loglik": row["log_lik"], "deviance": row["deviance"], **coefficients(fit)}


def read_survfit(fit: Any, row: Any, args: Any) -> dict[str, Any]:
    groups = [
        {"label": g.strata, "n": g.n, "events": g.n_event, "median": g.median}
        for g in fit.median().itertuples()
    ]
    if "times" in args:
        survival = fit.at(args["times"])["estimate"].to_numpy().reshape(len(groups), -1)
        groups = [{**g, "surv": s} for g, s in zip(groups, survival, strict=True)]
    return {"groups": groups}


def read_survdiff(fit: Any, row: Any, args: Any) -> dict[str, Any]:
    names = {"group": "label", "n": "n", "observed": "observed", "expected": "expected"}
    groups = fit.tidy()[list(names)].rename(columns=names).to_dict(orient="records")
    return {"chisq": row["statistic"], "df": row["df"], "groups": groups}


def read_concordance(fit: Any, row: Any, args: Any) -> dict[str, Any]:
    [row] = fit.tidy().to_dict(orient="records")  # one marker, or the case fails here
    return {"concordance": row["estimate"], "se": row["std_error"]}


READ: dict[str, Callable[[Any, Any, Any], dict[str, Any]]] = {
    "coxph": read_coxph,
    "lm": read_lm,
    "logistic": read_logistic,
    "survfit": read_survfit,
    "survdiff": read_survdiff,
    "concordance": read_concordance,
}


def predicted(fit: Any, args: Any, new: pd.DataFrame | None) -> dict[str, Any]:
    kind = args["predict"]
    if kind == "lp_contrast":  # each row less the first row
        table = fit.contrast(new, new.head(1))
    elif "times" in args:
        table = fit.predict(new, kind, times=args["times"])
        return {"predict": table["estimate"].to_numpy().reshape(-1, len(args["times"])).tolist()}
    elif args["model"] == "lm":
        table = fit.predict(new)
    elif args["model"] == "logistic":
        table = fit.predict(new, {"lp": "link"}.get(kind, kind))
    else:
        table = fit.predict(new, kind)
    return {"predict": table["estimate"], "predict_se": table["std_error"]}


def by_label(fit: Any, args: Any, data: pd.DataFrame) -> dict[str, Any]:
    """Residuals and fitted values by the label of the row, and the rows left out."""
    rows = fit.augment()
    if args["model"] == "coxph":
        residuals, fitted = fit.residuals(args["residuals"]), fit.predict()["estimate"]
    elif args["model"] == "lm":
        residuals, fitted = fit.residuals, fit.fitted
    else:
        residuals, fitted = rows[f"residual_{args['residuals']}"], fit.fitted
    left_out = ~data.index.isin(rows.index)
    return {
        "residuals": {str(label): value for label, value in residuals.items()},
        "fitted": {str(label): value for label, value in fitted.items()},
        "omitted": [str(label) for label in data.index[left_out]],
        "omitted_positions": [i for i, out in enumerate(left_out, start=1) if out],
    }
