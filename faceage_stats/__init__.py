"""Statistics for face-derived biological age, with R's names and R's numbers.

Public names are listed, room by room, in ``__init__.pyi``: editors and type checkers read them
there, and Python imports each on first use, so that ``import faceage_stats`` stays fast.
"""

import lazy_loader

# What R has as functions of a fit, and what stands inside a formula.
_OF_A_RESULT = (
    *("aic", "augment", "auc", "basehaz", "bic", "ci", "coef", "confint", "coords", "glance"),
    *("hosmer_lemeshow", "predict", "residuals", "summary", "tidy", "vcov"),
)
_OF_A_FORMULA = (
    *("Surv", "cluster", "offset", "strata", "tt"),
    *("cut", "factor", "ifelse", "ns", "poly", "rcs", "relevel"),
)

__version__ = "0.2.0"

_import, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    """Import a public name on first use; of another, say which one is near."""
    if name in __all__ or name.startswith("__"):
        return _import(name)
    from faceage_stats._in_r import FUNCTIONS
    from faceage_stats._near import did_you_mean

    near = f" Here: {FUNCTIONS[name]}." if name in FUNCTIONS else did_you_mean(name, __all__)
    if name in _OF_A_RESULT:
        near = f" A result has it: fit.{name}."
    elif name in _OF_A_FORMULA:
        near = f" {name}() stands in the text of a formula: 'Surv(time, event) ~ age'."
    raise AttributeError(f"faceage_stats has no '{name}'.{near}")
