"""One biomarker in place of another in a Cox model, and each beyond the other."""

from __future__ import annotations

from typing import Any

import pandas as pd

from faceage_stats._arguments import check_text
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._contrast import gains, pairwise
from faceage_stats._expression.deparse import deparse
from faceage_stats._expression.nodes import Name
from faceage_stats._formula.frame import survival_frame
from faceage_stats._formula.sides import read_right
from faceage_stats._result import Result, bind_tidy, frozen_result
from faceage_stats.errors import FormulaError
from faceage_stats.survival.concordance.comparison import concordance_test
from faceage_stats.survival.cox.anova import anova
from faceage_stats.survival.cox.cox_zph import cox_zph
from faceage_stats.survival.cox.coxph import coxph
from faceage_stats.survival.cox.result import CoxPH

__all__ = ["MarkerSubstitution", "marker_substitution"]

UNIVARIABLE = "univariable"


@checked_call
def marker_substitution(formula: str, data: Any, *, marker: str, other: str) -> MarkerSubstitution:
    """Fit Cox models with one marker in the place of another, and test what each adds.

    Fits Cox models on the same complete cases: every term alone; the covariates with
    `marker`; with `other` in its place; with both; and without either.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ covariates``, without the two markers; ``strata()`` goes into every
        model.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    marker, other : str
        The two numeric terms, e.g. ``"faceage10"`` and ``"age10"``.

    Returns
    -------
    MarkerSubstitution
        ``tidy()`` the coefficients of every model; ``tests()`` likelihood-ratio tests of each
        marker given the covariates, and given covariates and the other marker; ``zph()``
        proportional-hazards tests; ``contrasts()`` paired differences of the C index;
        ``fits()`` one row per multivariable model.

    Raises
    ------
    FormulaError
        The formula holds one of the markers, no covariate, or cluster() or offset(), which are
        not used here.
    DesignError
        No complete row is left.

    See Also
    --------
    coxph : One of the models.
    anova : Likelihood-ratio tests of nested models.
    concordance_test : Paired differences of the C index.

    Notes
    -----
    Rows with a missing value in any used column are dropped once, so that all models, and the
    tests between them, are of the same patients. Ties are Efron's.

    In R: ``anova(coxph(Surv(time, status) ~ sex + age, df), coxph(Surv(time, status) ~ sex + age +
    faceage, df))``

    Examples
    --------
    >>> import faceage_stats as fs
    >>> raw = fs.simulate("thoracic", seed=1, n=300).tables["thoracic"]
    >>> rows = fs.curate(raw, "thoracic").rows
    >>> fit = marker_substitution("Surv(years, death) ~ sex + stage", rows, marker="faceage10",
    ...                           other="age10")
    >>> fit.tests()[["group1", "group2"]].values.tolist()[2]
    ['covariates + age10', 'covariates + age10 + faceage10']
    """
    check_text("marker", marker), check_text("other", other)
    data = as_pandas(data)
    where = f"marker_substitution(): `{formula}`"
    left, right = read_right(formula, data, {"strata", "- 1"}, where)
    terms = right.terms
    repeated = [name for name in (marker, other) if name in right.required]
    if repeated or marker == other:
        raise FormulaError(
            f"`{formula}`: {', '.join(repeated or [marker])} is to be exchanged; remove it from "
            "the formula, and give two different markers."
        )
    if not terms:
        raise FormulaError(f"`{formula}` has no covariate; compare bare markers with coxph.")
    always = [f"strata({', '.join(map(deparse, right.strata))})"] if right.strata else []
    first, second = deparse(Name(marker)), deparse(Name(other))

    def model(*parts: str) -> str:
        return f"{left} ~ {' + '.join([*parts, *always])}"

    largest = model(first, second, *terms)
    frame = survival_frame(largest, data, allow={"strata"}, caller="marker_substitution()")
    rows = data.iloc[frame.rows]

    def fit(*parts: str) -> CoxPH:
        return coxph(model(*parts), data=rows)

    return MarkerSubstitution(
        marker=marker,
        other=other,
        univariable={marker: fit(first), other: fit(second)} | {each: fit(each) for each in terms},
        models={
            "covariates": fit(*terms),
            f"covariates + {marker}": fit(first, *terms),
            f"covariates + {other}": fit(second, *terms),
            "covariates + both": fit(first, second, *terms),
        },
        n_missing=frame.n_missing,
    )


@frozen_result
class MarkerSubstitution(Result):
    """Cox models in which one marker takes the place of another.

    Attributes
    ----------
    marker, other : str
    univariable : dict of str to CoxPH
        One model per term.
    models : dict of str to CoxPH
        ``covariates``, ``covariates + <marker>``, ``covariates + <other>``, ``covariates + both``.
    n_missing : int
        Rows dropped, the same in every model.
    """

    marker: str
    other: str
    univariable: dict[str, CoxPH]
    models: dict[str, CoxPH]
    n_missing: int

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the coefficients of every model: ``model`` and the columns of ``CoxPH.tidy``.

        All univariable models have the `model` "univariable".
        """
        options = {"exponentiate": exponentiate, "conf_level": conf_level}
        single = bind_tidy(self.univariable, **options).assign(model=UNIVARIABLE)
        return pd.concat([single, bind_tidy(self.models, **options)], ignore_index=True)

    def tests(self) -> pd.DataFrame:
        """Test by likelihood ratios what adding a marker gains.

        Columns ``term`` (the marker added), ``group1`` and ``group2`` (the models compared),
        ``statistic df p_value``: each marker given the covariates, then each given the
        covariates and the other marker.
        """
        base, with_marker, with_other, both = self.models.values()
        pairs = [
            (self.marker, "covariates", f"covariates + {self.marker}", base, with_marker),
            (self.other, "covariates", f"covariates + {self.other}", base, with_other),
            (self.marker, f"covariates + {self.other}",
             f"covariates + {self.other} + {self.marker}", with_other, both),
            (self.other, f"covariates + {self.marker}",
             f"covariates + {self.marker} + {self.other}", with_marker, both),
        ]  # fmt: skip
        rows = []
        for term, smaller, larger, small_fit, large_fit in pairs:
            test = anova(small_fit, large_fit).tidy().iloc[-1]
            rows.append(
                {"term": term, "group1": smaller, "group2": larger,
                 **test[["statistic", "df", "p_value"]]}
            )  # fmt: skip
        return pd.DataFrame(rows)

    def zph(self) -> pd.DataFrame:
        """Test proportional hazards of the multivariable models: ``model`` and ``CoxZPH.tidy``."""
        return bind_tidy({name: cox_zph(fit) for name, fit in self.models.items()})

    def contrasts(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the paired differences of Harrell's C between the multivariable models.

        A gain is the richer model minus the poorer, and the marker minus the other in its place.
        Apparent values, of the patients the models were fitted to.

        Returns
        -------
        pandas.DataFrame
            ``marker1 marker2 estimate1 estimate2 estimate std_error conf_low conf_high statistic
            p_value``; the markers are the names of the models.
        """
        test = concordance_test(*self.models.values())
        base, with_marker, with_other, both = self.models
        pairs = gains([base, with_other, with_marker, both])
        return pairwise(tuple(self.models), test.concordance, test.vcov(), conf_level, pairs=pairs)

    def fits(self) -> pd.DataFrame:
        """Return one row per multivariable model: counts, log-likelihood, AIC, BIC, concordance."""
        columns = [
            *("n", "n_event", "n_missing", "log_lik", "df", "aic", "bic"),
            *("concordance", "concordance_se"),
        ]
        rows = [fit.glance()[columns].assign(model=name) for name, fit in self.models.items()]
        table = pd.concat(rows, ignore_index=True).assign(n_missing=self.n_missing)
        return table[["model", *columns]]

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing``, the same in every model."""
        fit = next(iter(self.models.values()))
        return pd.DataFrame([{"n": fit.n, "n_event": fit.n_event, "n_missing": self.n_missing}])

    def _further_tables(self) -> tuple[str, ...]:
        return ("fits", "tests", "zph", "contrasts")

    def _printed(self) -> pd.DataFrame:
        table = self.tidy()
        rows = table["variable"].isin([self.marker, self.other])
        return table[rows].drop(columns=["variable", "level", "is_reference", "scale"])

    def _title(self) -> str:
        return f"{self.marker} and {self.other} in place of each other"
