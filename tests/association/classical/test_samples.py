"""Truth: one answer by every way in; what a test does not use is refused."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from faceage_stats.association.agreement.kappa import kappa
from faceage_stats.association.agreement.lin_ccc import lin_ccc
from faceage_stats.association.classical.aov import aov
from faceage_stats.association.classical.cliff_delta import cliff_delta
from faceage_stats.association.classical.correlation import cor_test
from faceage_stats.association.classical.correlation_comparison import cor_dependent_test
from faceage_stats.association.classical.counts import chisq_test, fisher_test, mcnemar_test
from faceage_stats.association.classical.effect_size import hedges_g, smd
from faceage_stats.association.classical.means import oneway_test, t_test
from faceage_stats.association.classical.partial_cor import partial_cor
from faceage_stats.association.classical.ranks import kruskal_test, wilcox_test
from faceage_stats.association.classical.samples import groups_of
from faceage_stats.association.classical.spread import levene_test, var_test
from faceage_stats.errors import FormulaError, InputError

OF_TWO = [t_test, wilcox_test, var_test, smd, hedges_g, cliff_delta]
OF_GROUPS = [*OF_TWO, oneway_test, kruskal_test, levene_test, aov]
OF_COLUMNS = [cor_test, chisq_test, fisher_test, mcnemar_test]


@pytest.fixture
def data():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"gap": rng.normal(size=30), "bmi": rng.normal(size=30)})
    frame["after"] = frame["gap"] + rng.normal(0.3, 1, 30)
    return frame.assign(sex=["f", "m"] * 15, ill=rng.choice(["no", "yes"], 30), site=1, id=7)


def two(data):
    return (data.loc[data["sex"] == sex, "gap"].to_numpy() for sex in "fm")


@pytest.mark.parametrize("test", OF_TWO, ids=lambda f: f.__name__)
def test_formula_and_vectors_give_one_answer(test, data):
    by_formula = test("gap ~ sex", data).tidy()
    pd.testing.assert_frame_equal(by_formula, test(*two(data)).tidy())
    pd.testing.assert_frame_equal(by_formula, test("gap ~ sex", pl.DataFrame(data)).tidy())
    backticks = data.rename(columns={"gap": "age gap", "sex": "sex at birth"})
    by_backticks = test("`age gap` ~ `sex at birth`", backticks).tidy()
    pd.testing.assert_frame_equal(by_formula, by_backticks)


@pytest.mark.parametrize("test", OF_COLUMNS, ids=lambda f: f.__name__)
def test_two_columns_by_formula_or_as_vectors(test, data):
    names = ("gap", "bmi") if test is cor_test else ("sex", "ill")
    by_formula = test(f"~ {names[0]} + {names[1]}", data).tidy()
    pd.testing.assert_frame_equal(by_formula, test(*(data[name] for name in names)).tidy())


@pytest.mark.parametrize("test", [t_test, wilcox_test], ids=lambda f: f.__name__)
def test_pairs_and_one_sample_by_formula(test, data):
    pairs = test("Pair(after, gap) ~ 1", data).tidy()
    pd.testing.assert_frame_equal(pairs, test(data["after"], data["gap"], paired=True).tidy())
    one = test("gap ~ 1", data).tidy()
    pd.testing.assert_frame_equal(one, test(data["gap"]).tidy())
    with pytest.raises(InputError, match=r"write pairs as `Pair\(x, y\) ~ 1`"):
        test("after ~ sex", data, paired=True)
    with pytest.raises(FormulaError, match="should look like"):
        test("Pair(after, gap) ~ sex", data)


@pytest.mark.parametrize("test", [*OF_TWO, *OF_COLUMNS], ids=lambda f: f.__name__)
def test_a_table_is_no_second_sample(test, data):
    with pytest.raises(InputError, match="With data give a formula first"):
        test(data["gap"], data)


@pytest.mark.parametrize("test", OF_GROUPS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("special", ["strata(site)", "cluster(id)", "offset(bmi)"])
def test_an_unused_special_is_refused_beside_groups(test, special, data):
    with pytest.raises(FormulaError, match="is not used here and would be ignored"):
        test(f"gap ~ sex + {special}", data)


@pytest.mark.parametrize("special", ["strata(site)", "cluster(id)", "offset(bmi)"])
def test_an_unused_special_is_refused_beside_columns(special, data):
    calls = [
        *(lambda f=f: f(f"~ gap + bmi + {special}", data) for f in OF_COLUMNS),
        lambda: partial_cor(f"~ gap + bmi | after + {special}", data),
        lambda: cor_dependent_test(f"gap ~ bmi + after + {special}", data),
    ]
    for call in calls:
        with pytest.raises(FormulaError, match="is not used here and would be ignored"):
            call()


def test_a_formula_of_another_form_is_refused(data):
    with pytest.raises(FormulaError, match="one column of groups"):
        groups_of("gap ~ sex + ill", data, "t_test()")
    with pytest.raises(FormulaError, match=r"no interactions here; a model has: lm\("):
        groups_of("gap ~ sex * ill", data, "t_test()")
    with pytest.raises(FormulaError, match="several columns; here one is due"):
        groups_of("gap ~ poly(bmi, 2)", data, "t_test()")
    with pytest.raises(FormulaError, match="nothing before the tilde"):
        cor_test("gap ~ bmi", data)


@pytest.mark.parametrize("test", OF_GROUPS)
def test_groups_may_be_made_in_the_formula(test, data):
    data = data.assign(old=data["bmi"] > 0, code=data["ill"].map({"no": 7, "yes": 9}))
    for made, column in (("I(bmi > 0)", "old"), ("factor(code)", "ill")):
        tables = [test(f"gap ~ {group}", data).tidy() for group in (made, column)]
        pd.testing.assert_frame_equal(*(table.select_dtypes("number") for table in tables))


def test_columns_may_be_made_in_the_formula(data):
    made = data.assign(high=np.exp(data["bmi"]), old=data["bmi"] > 0)
    assert cor_test("~ exp(bmi) + gap", data).p_value == cor_test("~ high + gap", made).p_value
    of_made = chisq_test("~ old + sex", made)
    assert chisq_test("~ I(bmi > 0) + factor(sex)", data).statistic == of_made.statistic


@pytest.mark.parametrize(
    "call",
    [
        cor_test,
        lin_ccc,
        kappa,
        lambda x, y: t_test(x, y, paired=True),
        lambda x, y: wilcox_test(x, y, paired=True),
    ],
)
def test_vectors_whose_rows_were_moved_are_not_paired_by_position(call):
    x, y = pd.Series([1.0, 2, 4, 3, 7]), pd.Series([2.0, 1, 5, 3, 9])
    moved = y.iloc[::-1]
    with pytest.raises(InputError, match="same row labels in another order"):
        call(x, moved)
    call(x, moved.to_numpy())  # by position, as asked
    assert call(x, moved.loc[x.index]).tidy().equals(call(x, y).tidy())
    call(x, y.set_axis(range(5, 10)))  # other rows: pairs by position
