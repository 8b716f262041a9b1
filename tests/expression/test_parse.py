"""R's grammar: precedence, names, spellings, and the words for what is refused."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats._expression.deparse import deparse
from faceage_stats._expression.nodes import Binary, Call, Name, Number, Unary, names_of, spine
from faceage_stats._expression.parse import parse
from faceage_stats.errors import FormulaError

# deparse(quote(...)) of R 4.2.2
R_DEPARSE = {
    "I(age**2)": "I(age^2)",
    "I( ph.karno /10)": "I(ph.karno/10)",
    "I(karno*age/100)": "I(karno * age/100)",
    "I((age-60)^2)": "I((age - 60)^2)",
    "I(-x^2+a%in%b*3- y)": "I(-x^2 + a %in% b * 3 - y)",
    "C(celltype,ref='large')": 'C(celltype, ref = "large")',
    "I(age>65&sex==1)": "I(age > 65 & sex == 1)",
    "a^b^c": "a^b^c",
    "(a^b)^c": "(a^b)^c",
    "a-(b-c)": "a - (b - c)",
    "!x%in%c(1,2)": "!x %in% c(1, 2)",
    "100000+0.1+123456+1e-15+365.25": "1e+05 + 0.1 + 123456 + 1e-15 + 365.25",
    "`body mass`+wt.loss": "`body mass` + wt.loss",
    "ns(age,knots=c(48,59),Boundary.knots=c(21,80))": (
        "ns(age, knots = c(48, 59), Boundary.knots = c(21, 80))"
    ),
    "cut(x,c(-Inf,0,Inf),right=FALSE)": "cut(x, c(-Inf, 0, Inf), right = FALSE)",
}


@pytest.mark.parametrize(("written", "expected"), R_DEPARSE.items())
def test_text_of_an_expression_is_that_of_r(written, expected):
    assert deparse(parse(written, "lm()")) == expected
    assert deparse(parse(expected, "lm()")) == expected


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("x > 5 and not s == 1 or d", "x > 5 & !s == 1 | d"),
        ("x > 5 && s == 1 || d", "x > 5 & s == 1 | d"),
        ("x in [1, 2]", "x %in% c(1, 2)"),
        ("x not in (1, 2)", "!x %in% c(1, 2)"),
        ("survival::Surv(t, d)", "Surv(t, d)"),
        ("x == True", "x == TRUE"),
        ("x.isna() | y.notna()", "is.na(x) | !is.na(y)"),
        ("s.isin(['ok', 'no'])", "s %in% c('ok', 'no')"),
        ("(a - b).dt.days == 3", "as.numeric(a - b) == 3"),
        ("C(g, contr=poly)", "C(g, contr = poly)"),
    ],
)
def test_spellings_of_python_are_read(ours, theirs):
    assert parse(ours, "lm()") == parse(theirs, "lm()")


def test_names_may_be_any_word_with_dots():
    for name in ("lambda", "class", "in", "not", "log", "I", "ph.ecog", ".", "..x", "_id", "größe"):
        assert parse(name, "lm()") == Name(name)
    assert parse("`a + b ~ 'c'`", "lm()") == Name("a + b ~ 'c'")
    assert names_of(parse("log(log) + I(I^2) + not", "lm()")) == ["log", "I", "not"]
    assert names_of(parse("C(stage, poly)", "lm()")) == ["stage"]
    assert names_of(parse("C(poly)", "lm()")) == ["poly"]


def test_sign_binds_less_than_power_and_more_than_colon():
    assert parse("-x^2", "lm()") == Unary("-", Binary("^", Name("x"), Number(2)))
    assert parse("-1:3", "lm()") == Binary(":", Unary("-", Number(1)), Number(3))
    assert parse("x^-1", "lm()") == Binary("^", Name("x"), Unary("-", Number(1)))


def test_a_call_keeps_its_keywords_in_order():
    node = parse("cut(x, right = FALSE, include.lowest = TRUE)", "lm()")
    assert isinstance(node, Call)
    assert [name for name, _ in node.keywords] == ["right", "include.lowest"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("d$x", r"without the table and `\$`"),
        ("np.log(x)", "write log.. alone"),
        ("x.isnull()", "is.na"),
        ("x.isna(1)", "is.na"),
        ("(a - b).dt.year", "attributes and methods"),
        ("lambda x: x", "word of Python"),
        ("[x for x in y]", "`]` is missing"),
        ("x[1]", "subscript"),
        ("(x := 3)", "nothing is assigned"),
        ("x <- 3", "nothing is assigned"),
        ("sex == \u201cMale\u201d", "straight quotes"),
        ("x \u2212 1", "the minus sign of the keyboard"),
        ("age \u2265 65", "write >="),
        ("x = 3", "== to compare"),
        ("f'{x}'", "without the `f`"),
        ("1 < x < 5", "two comparisons"),
        ("x == NA", "is.na"),
        ("x == None", "is.na"),
        ("karnofsky(x)", "karnofsky.. is not known"),
        ("logg(x)", "Did you mean 'log'"),
        ("x y", "operator is missing between `x` and `y`"),
        ("2x", "begins with a digit"),
        ("x + ", "breaks off"),
        ("", "breaks off"),
        ("I(x", "`.` is missing"),
        ("'abc", "same quote"),
        ("x\0", "not part of the language"),
        ("a ~ b", "one `~`"),
        ("`f`(x)", "not a function"),
        ("I()", "needs a column"),
        ("c(x, 1)", "no columns"),
        ("log(x, base = 2, base = 3)", "twice"),
        ("x %o% y", "%in%"),
        ("(" * 60 + "x" + ")" * 60, "nested deeper"),
        ("-" * 5000 + "x", "nested deeper"),
        ("x^" * 5000 + "x", "nested deeper"),
        ("x" * 200_000, "characters"),
    ],
)
def test_what_the_language_lacks_is_refused_by_name(text, words):
    with pytest.raises(FormulaError, match=words) as refusal:
        parse(text, "lm()")
    assert str(refusal.value).startswith("lm(): ")
    assert len(str(refusal.value)) < 400


def test_a_sum_of_thousands_of_columns_is_read():
    names = [f"x{i}" for i in range(5000)]
    node = parse(" + ".join(names), "lm()")
    assert names_of(node) == names
    assert deparse(node) == " + ".join(names)
    assert len(spine(node)[1]) == 4999 > sys.getrecursionlimit()


@given(st.text(alphabet="xy1. +-*/^:()[]!&|<>=~%'\"`,$@{}\\\0in", max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        node = parse(text, "lm()")
    except FormulaError:
        return
    assert parse(deparse(node), "lm()") == parse(deparse(parse(deparse(node), "lm()")), "lm()")
