"""Truth: the printing rules themselves, written out by hand."""

from faceage_stats.reporting.tables.summary_cells import (
    format_count_percent,
    format_mean_sd,
    format_median_iqr,
)


def test_summaries():
    assert format_mean_sd(None, 1) == "NA"
    assert format_median_iqr(None, 1, 2) == "NA"
    assert format_mean_sd(0.05, 0.05) == "0.1 (0.1)"
    assert format_median_iqr(-1, -2.04, 0.0) == "-1.0 [-2.0 to 0.0]"
    assert format_count_percent(3, 0) == "3"
    assert format_count_percent(3, None) == "3"
    assert format_count_percent(None, 5) == "NA"
    assert format_count_percent(1234, 4906) == "1,234 (25.2%)"
