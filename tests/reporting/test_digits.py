"""Truth: significant digits counted by hand."""

from faceage_stats.reporting import formats as f
from faceage_stats.reporting.digits import as_released
from faceage_stats.reporting.tables.summary_cells import format_mean_sd


def test_released_numbers_have_no_zeros_that_nobody_knows():
    """Two significant digits were released: 1.4 is not 1.40, 38% is not 38.0%."""
    row = (1.4, 0.78, 2.5)
    assert f.format_estimate_ci(*row) == "1.40 (0.78–2.50)"
    with as_released():
        assert f.format_estimate_ci(*row) == "1.4 (0.78–2.5)"
        assert f.format_estimate_ci(1.0, 0.82, 1.2) == "1.0 (0.82–1.2)"  # known: two digits
        assert f.format_estimate_ci(1.4, 1.38, 1.42) == "1.40 (1.38–1.42)"
        assert f.format_estimate_ci(120.0, 90.0, 150.0) == "120 (90–150)"
        assert f.format_percent(0.38) == "38%"
        assert format_mean_sd(66.0, 9.9) == "66 (9.9)"
        assert f.format_number(1 / 3) == "0.33"  # never more than was asked for
        assert f.format_number(0.0) == "0.00"
    assert f.format_percent(0.38) == "38.0%"
