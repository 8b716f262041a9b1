"""Truth: refusals here; R's numbers are in the conformance cases."""

import pandas as pd
import pytest

from faceage_stats.association.classical.partial_cor import partial_cor
from faceage_stats.errors import DesignError, FormulaError, InputError

X = [4.1, 5.0, 6.2, 5.5, 4.8]
Y = [3.0, 3.9, 4.4, 4.1, 3.3]


def test_partial_correlation_without_others_left_is_refused():
    frame = pd.DataFrame({"x": X, "y": Y, "same": X, "z": Y})
    with pytest.raises(DesignError, match="explain x or y completely"):
        partial_cor("~ x + y | same", frame)
    with pytest.raises(DesignError, match="5 complete rows; 6 are needed"):
        partial_cor("~ x + y | same + z", frame)
    with pytest.raises(InputError, match="choose one of pearson, spearman"):
        partial_cor("~ x + y | same", frame, method="kendall")


@pytest.mark.parametrize("formula", ["x ~ y | same", "~ x + y", "~ x | same", "~ x + y |"])
def test_formulas_of_another_form_are_refused(formula):
    frame = pd.DataFrame({"x": X, "y": Y, "same": X})
    with pytest.raises(FormulaError):
        partial_cor(formula, frame)
