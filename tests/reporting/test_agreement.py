"""Published beside found. Truth: metafor's printed values of the BCG trials, and statsmodels."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from faceage_stats.errors import InputError
from faceage_stats.reporting.agreement import difference, pool, standard_error

# Colditz and others (1994): 13 trials, vaccinated and not, with and without tuberculosis
BCG = np.array([[4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619],
                [33, 5036, 47, 5761], [180, 1361, 372, 1079], [8, 2537, 10, 619],
                [505, 87886, 499, 87892], [29, 7470, 45, 7232], [17, 1699, 65, 1600],
                [186, 50448, 141, 27197], [5, 2493, 3, 2338], [27, 16886, 29, 17825]])  # fmt: skip


def test_pooling_gives_the_numbers_of_metafor():
    """rma(measure="RR", method="DL") prints -0.7141, tau^2 0.3088, I^2 92.12%, Q 152.2330."""
    a, b, c, d = BCG.T
    y = np.log((a / (a + b)) / (c / (c + d)))
    se = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    found = pool(y, se)
    assert round(found.estimate, 4) == -0.7141
    assert round(found.tau_squared, 4) == 0.3088
    assert round(100 * found.i_squared, 2) == 92.12
    assert round(found.q, 4) == 152.2330
    assert found.q_p_value < 1e-15
    theirs = combine_effects(y, se**2, method_re="dl").summary_frame().loc["random effect"]
    assert found.conf_low == pytest.approx(theirs["ci_low"], rel=1e-12)
    assert found.conf_high == pytest.approx(theirs["ci_upp"], rel=1e-12)


# y, standard errors, method: tau^2, estimate, limits, I^2 of metafor 3.8-1 (threshold 1e-14)
FIVE = ([0.18, 0.32, -0.05, 0.41, 0.12], [0.08, 0.11, 0.15, 0.2, 0.09])
THREE = ([0.1, 0.5, -0.3], [0.05, 0.06, 0.2])
METAFOR = [
    (FIVE, "DL", 0.00546235779464357, 0.181398338834822, 0.0627177219462753,
     0.300078955723368, 0.302852729426753),
    (FIVE, "REML", 0.000623202473813841, 0.179604395794957, 0.0820299240683612,
     0.277178867521553, 0.0472223448933813),
    (THREE, "DL", 0.087527114967462, 0.141870418279061, -0.216429023166392,
     0.500169859724514, 0.940998134328358),
    (THREE, "REML", 0.132875371758667, 0.130105608017716, -0.30279162649503,
     0.563002842530463, 0.960335841839497),
    (([0.2, 0.21], [0.1, 0.1]), "REML", 0, 0.205, 0.205 - 1.959963984540054 * 0.1 / 2**0.5,
     0.205 + 1.959963984540054 * 0.1 / 2**0.5, 0),
]  # fmt: skip


@pytest.mark.parametrize(("given", "method", "tau_squared", "mean", "low", "high", "i2"), METAFOR)
def test_both_variances_between_values_are_those_of_metafor(
    given, method, tau_squared, mean, low, high, i2
):
    found = pool(*given, method=method)
    assert found.tau_squared == pytest.approx(tau_squared, rel=1e-9)
    assert [found.estimate, found.conf_low, found.conf_high] == pytest.approx(
        [mean, low, high], rel=1e-9
    )
    assert found.i_squared == pytest.approx(i2, rel=1e-9)


def test_values_that_are_alike_have_no_heterogeneity():
    found = pool([0.2, 0.2], [0.1, 0.3])
    assert (found.q, found.i_squared, found.tau_squared) == (0, 0, 0)
    assert found.estimate == pytest.approx(0.2)
    with pytest.raises(InputError, match="two or more"):
        pool([0.2], [0.1])


def test_two_values_differ_as_their_heterogeneity_says():
    """The test of a difference is Cochran's test of two estimates."""
    gap = difference(1.4, 0.1, 1.1, 0.2, log=True)
    both = pool(np.log([1.4, 1.1]), [0.1, 0.2])
    assert gap.p_value == pytest.approx(both.q_p_value, rel=1e-12)
    assert gap.estimate == pytest.approx(1.4 / 1.1)
    plain = difference(3.0, 1.0, 5.0, 1.0, log=False)
    assert (plain.estimate, plain.conf_low) == pytest.approx((-2, -2 - 1.959964 * 2**0.5), rel=1e-6)


def test_errors_are_read_from_what_was_printed():
    assert standard_error(1, np.exp(2 * 1.959964), log=True) == pytest.approx(1, rel=1e-6)
    assert standard_error(-1.959964, 1.959964, log=False) == pytest.approx(1, rel=1e-6)
    by_p = standard_error(np.nan, np.nan, log=False, estimate=1.959964, p=0.05)
    assert by_p == pytest.approx(1, rel=1e-6)
    assert np.isnan(standard_error(np.nan, np.nan, log=False, estimate=2.0))
