"""Truth: R 4.2.2 lm."""

import pandas as pd
import pytest

from faceage_stats.association.agreement.calibration_line import calibration_line
from faceage_stats.errors import DesignError


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "faceage": [62.0, 71, 66, 80, 59, 68, 61, 77, 55, 83, 64, 70],
            "age": [60, 70, 63, 77, 60, 70, 63, 77, 58, 75, 66, 64],
            "sex": list("FMFMMFMFFMFM"),
        }
    )


def test_calibration_line_equals_lm(frame):
    fit = calibration_line(frame)
    table = fit.tidy().set_index("term")
    assert table["estimate"].tolist() == pytest.approx([-11.1690140845070, 1.1830985915493])
    assert table["std_error"].tolist() == pytest.approx([10.124390890172009, 0.150595396984795])
    assert table.loc["slope", "conf_low"] == pytest.approx(0.847551136597178)
    assert table["p_value"].tolist() == pytest.approx([0.295789181930016, 0.251971253235011])
    row = fit.glance().iloc[0]
    assert row["r_squared"] == pytest.approx(0.860566823926444)
    assert row["sigma"] == pytest.approx(3.377222794370681)
    with pytest.raises(DesignError, match="3 complete rows with different x"):
        calibration_line(frame.assign(age=60))
