"""Truth: limma 3.54.1, eBayes(lmFit(Y, design)) on the rows below."""

import numpy as np
import pytest

from faceage_stats.association.genomics.linear_screen import fit_columns, varying_columns
from faceage_stats.association.genomics.moderated import (
    VariancePrior,
    _effect_variance,
    moderate,
    variance_prior,
)
from faceage_stats.errors import EstimationWarning

X = np.arange(1.0, 9)
Z = np.array([0.0, 1, 0, 1, 1, 0, 0, 1])
DESIGN = np.column_stack([np.ones(8), X, Z])
Y = np.array(
    [
        [5.1, 5.9, 6.4, 7.2, 7.7, 8.1, 9.3, 9.9],
        [3.2, 3.1, np.nan, 3.4, 3.0, 3.3, 3.1, 3.5],
        [7, 6.2, 6.9, np.nan, np.nan, 6.6, 6.1, 6.4],
        [2.1, 4.4, 1.9, 5.2, 4.9, 2.3, 2.2, 5.0],
        [1, 8, 3, 9, 2, 7, 4, 6],
        [4.01, 4.02, 4.01, 4.03, 4.02, 4.02, 4.03, 4.04],
    ]
).T


def test_missing_values_and_unequal_df():
    fit = moderate(fit_columns(DESIGN, Y))
    assert fit.prior.df == pytest.approx(0.51640028106452340, rel=1e-10)
    assert fit.prior.variance == pytest.approx(0.00311472105830795, rel=1e-10)
    np.testing.assert_allclose(
        fit.t[1],
        [24.140775949606059, 0.782900979490537, -1.192386851753136, 1.555129237903508,
         0.402529015720996, 1.132602693948594],
        rtol=1e-10,
    )  # fmt: skip
    np.testing.assert_allclose(
        fit.p_value[2],
        [3.94092384053423e-01, 7.59645625642112e-01, 3.47065704696687e-01, 7.03641131903272e-06,
         2.89614810909004e-01, 5.32599632600139e-01],
        rtol=1e-10,
    )  # fmt: skip
    np.testing.assert_allclose(
        fit.log_odds[1:],
        [[6.81493989663950, -7.72899451018943, -7.33030605705098, -6.92218399702004,
          -8.01114445654317, -7.42484074519778],
         [-7.24532477586578, -7.57850128923149, -6.85913551409681, 4.68830229438833,
          -6.99127801348733, -7.46218688519778]],
        rtol=1e-9,
    )  # fmt: skip
    np.testing.assert_allclose(fit.df_total - 0.5164002810645234, [5, 4, 3, 5, 5, 5], rtol=1e-10)


def test_variances_that_differ_only_by_chance():
    rows = np.array(
        [
            [1, 2, 4, 3, 5, 7, 6, 8.5],
            [2, 1, 3, 5, 4, 6, 8, 7.2],
            [3, 2, 1, 4, 6, 5, 7, 8.1],
            [1, 3, 2, 4, 5, 7.5, 6, 8],
        ]
    ).T
    fit = moderate(fit_columns(DESIGN[:, :2], rows))
    assert np.isinf(fit.prior.df)
    assert fit.prior.variance == pytest.approx(1.01674107142857, rel=1e-12)
    np.testing.assert_allclose(
        fit.t[1],
        [6.38890824434831, 6.07520137247013, 5.71558617787807, 6.23588050196871], rtol=1e-10,
    )  # fmt: skip
    np.testing.assert_allclose(
        fit.log_odds[1],
        [13.34633048638129, 11.41375676290207, 9.31804463859375, 12.39145868301824], rtol=1e-9,
    )  # fmt: skip
    np.testing.assert_allclose(
        fit.p_value[1],
        [1.31993464015954e-06, 2.83287295085427e-06, 6.88408819894371e-06, 1.91321048399900e-06],
        rtol=1e-9,
    )  # fmt: skip


def test_zero_variances_are_moved_and_told():
    with pytest.warns(EstimationWarning, match="1 of 3 genes have no residual variance"):
        prior = variance_prior(np.array([0.0, 1.0, 2.0]), np.full(3, 5.0))
    assert np.isfinite(prior.variance)


def test_one_or_no_variance_is_its_own_prior():
    assert variance_prior(np.array([2.0]), np.array([4.0])) == VariancePrior(0.0, 2.0)
    assert np.isnan(variance_prior(np.array([np.nan]), np.array([0.0])).variance)


def test_prior_of_known_variances_is_recovered():
    rng = np.random.default_rng(1)
    df, df_prior, scale, m = 8.0, 6.0, 0.3, 200_000
    true = df_prior * scale / rng.chisquare(df_prior, m)
    prior = variance_prior(true * rng.chisquare(df, m) / df, np.full(m, df))
    assert prior.df == pytest.approx(df_prior, rel=0.03)
    assert prior.variance == pytest.approx(scale, rel=0.01)


def test_t_without_finite_value_has_no_log_odds():
    assert np.isnan(moderate(fit_columns(DESIGN[:4, :3], Y[:4, 2:3])).log_odds).all()


def test_an_astronomical_t_with_fewer_df_is_kept():
    t, df = np.array([1e120, 1.0]), np.array([3.0, 5.0])
    assert _effect_variance(t, np.ones(2), df, np.array([0.01, 16])) == 16


def test_varying_columns():
    values = np.array([[1.0, 2.0, np.nan, 0.1 + 0.2], [1.0, 3.0, np.nan, 0.3], [np.nan, 2, 1, 0.3]])
    assert varying_columns(values).tolist() == [False, True, False, False]
