"""Truth: the bounds of the classes."""

import numpy as np
import pandas as pd

from faceage_stats.association.agreement.age_decade import age_decade


def test_decades():
    decades = age_decade([np.nan, 20, 29.99, 30, 90, 105])
    assert decades.tolist()[1:] == ["20-29", "20-29", "30-39", "90+", "90+"]
    assert pd.isna(decades[0])
    assert decades.ordered
