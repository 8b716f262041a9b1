"""Formulas in R's manner: `Surv(time, event) ~ age + C(site, ref="breast") + strata(sex)`."""

from faceage_stats._columns import as_pandas
from faceage_stats._formula.any_frame import AnyFrame as ModelFrame
from faceage_stats._formula.any_frame import any_frame as model_frame
from faceage_stats._formula.any_frame import any_group_frame as group_frame
from faceage_stats._formula.design import Design
from faceage_stats._formula.groups import GroupFrame
from faceage_stats._formula.parse import split_formula

__all__ = [
    "Design",
    "GroupFrame",
    "ModelFrame",
    "as_pandas",
    "group_frame",
    "model_frame",
    "split_formula",
]
