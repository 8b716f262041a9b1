"""One-sided tests. Truth: R 4.2.2 with alternative = "two.sided", "less", "greater"."""

import numpy as np
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError

X = [61, 70, 58, 66, 75, 80, 52, 64, 69, 71]
Y = [60, 68, 61, 63, 71, 79, 55, 60, 70, 66]
Z = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
BY_RANK = {"x": X[:7], "y": [2, 5, 1, 3, 4, 7, 6]}
# UCBAdmissions: admitted and rejected, men and women, in six departments
UCB = np.array(
    [
        [512, 313, 89, 19],
        [353, 207, 17, 8],
        [120, 205, 202, 391],
        [138, 279, 131, 244],
        [53, 138, 94, 299],
        [22, 351, 24, 317],
    ]
).reshape(6, 2, 2)
SIDES = ("two.sided", "less", "greater")
INF = np.inf

# p value and limits on each side; no limits where R has none
R = {
    # cor.test(x, z, alternative = side)
    "pearson": (
        lambda **side: fs.cor_test(X, Z, **side),
        [
            (0.126882349738, -0.16840518079, 0.864671792523),
            (0.936558825131, -1, 0.831342769796),
            (0.0634411748692, -0.0508803441911, 1),
        ],
    ),
    # cor.test(x[1:7], c(2, 5, 1, 3, 4, 7, 6), alternative = side, method = "spearman")
    "spearman": (
        lambda **side: fs.cor_test(*BY_RANK.values(), method="spearman", **side),
        [(0.353571428571,), (0.84880952381,), (0.176785714286,)],
    ),
    # cor.test(x, y, alternative = side, method = "spearman", exact = FALSE)
    "spearman, t": (
        lambda **side: fs.cor_test(X, Y, method="spearman", exact=False, **side),
        [(0.000237143637005,), (0.999881428181,), (0.000118571818503,)],
    ),
    # cor.test(x[1:7], c(2, 5, 1, 3, 4, 7, 6), alternative = side, method = "kendall")
    "kendall": (
        lambda **side: fs.cor_test(*BY_RANK.values(), method="kendall", **side),
        [(0.238888888889,), (0.931944444444,), (0.119444444444,)],
    ),
    # cor.test(x, y, alternative = side, method = "kendall")
    "kendall, z": (
        lambda **side: fs.cor_test(X, Y, method="kendall", **side),
        [(0.00226346981204,), (0.998868265094,), (0.00113173490602,)],
    ),
    # var.test(z, x, alternative = side)
    "var": (
        lambda **side: fs.var_test(Z, X, **side),
        [
            (0.00136488466614, 0.0222671185871, 0.360919463243),
            (0.000682442333068, 0, 0.284979149959),
            (0.999317557667, 0.0282007876351, INF),
        ],
    ),
    # prop.test(33, 50, p = .6, alternative = side)
    "one proportion": (
        lambda **side: fs.prop_test(33, 50, p=0.6, **side),
        [
            (0.470486422059, 0.511445935621, 0.784053589358),
            (0.764756788971, 0, 0.768165461262),
            (0.235243211029, 0.533959866024, 1),
        ],
    ),
    # prop.test(c(17, 30), c(50, 60), alternative = side)
    "two proportions": (
        lambda **side: fs.prop_test([17, 30], [50, 60], **side),
        [
            (0.134766916175, -0.360669686283, 0.0406696862826),
            (0.0673834580876, -1, 0.0113548244624),
            (0.932616541912, -0.331354824462, 1),
        ],
    ),
    # mantelhaen.test(UCBAdmissions, alternative = side)
    "mantelhaen": (
        lambda **side: fs.mantelhaen_test(UCB, **side),
        [
            (0.232263462817, 0.771907361759, 1.06032976444),
            (0.116131731409, 0, 1.03361205178),
            (0.883868268591, 0.791860301599, INF),
        ],
    ),
    # t.test(x, y, paired = TRUE, alternative = side)
    "t": (
        lambda **side: fs.t_test(X, Y, paired=True, **side),
        [
            (0.185748871605, -0.752629770329, 3.35262977033),
            (0.907125564197, -INF, 2.96332482987),
            (0.0928744358027, -0.363324829868, INF),
        ],
    ),
    # binom.test(17, 50, alternative = side)
    "binom": (
        lambda **side: fs.binom_test(17, 50, **side),
        [
            (0.0328391375643, 0.212054713435, 0.487652487722),
            (0.0164195687821, 0, 0.465299081065),
            (0.992326661084, 0.229547961591, 1),
        ],
    ),
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", R)
def test_each_side_is_that_of_r(name, side):
    test, expected = R[name]
    row = test(alternative=side).tidy().iloc[0]
    found = row[["p_value", "conf_low", "conf_high"]].astype(float).to_numpy()
    truth = expected[SIDES.index(side)]
    np.testing.assert_allclose(found[: len(truth)], truth, rtol=1e-9)
    assert row["alternative"] == side


@pytest.mark.parametrize("name", R)
def test_the_two_sides_share_the_whole_probability(name):
    less, greater = (R[name][0](alternative=side).p_value for side in SIDES[1:])
    exact = name in ("spearman", "kendall", "binom")  # where the observed value counts on both
    assert less + greater > 1 if exact else less + greater == pytest.approx(1)


@pytest.mark.parametrize("name", R)
def test_an_unknown_side_is_refused(name):
    with pytest.raises(InputError, match="alternative is 'lesser'"):
        R[name][0](alternative="lesser")


def test_a_one_sided_interval_needs_a_level_of_a_half_or_more():
    with pytest.raises(InputError, match=r"one-sided interval it must be 0\.5 or more"):
        fs.cor_test(X, Z, alternative="less", conf_level=0.4).tidy()


def test_no_correction_is_made_where_there_is_less_than_half_a_patient_to_correct():
    # mantelhaen.test(array(c(5, 5, 5, 6, 5, 6, 5, 5), c(2, 2, 2))): X-squared = 0, p-value = 1
    test = fs.mantelhaen_test([[[5, 5], [5, 6]], [[5, 5], [6, 5]]])
    assert "without" in test.method
    np.testing.assert_allclose(test.statistic, 0, atol=1e-12)


def test_spearman_with_continuity_is_that_of_r():
    # cor.test(x[1:8], z[c(1:3, 5:8, 4)], method = "spearman", exact = FALSE, continuity = TRUE)
    z = [Z[i] for i in (0, 1, 2, 4, 5, 6, 7, 3)]
    test = fs.cor_test(X[:8], z, method="spearman", exact=False, continuity=True)
    np.testing.assert_allclose(test.p_value, 0.673934005509, rtol=1e-9)
