"""The comparison itself: what passes, what fails, what counts as no answer (by definition)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from .adapters import ADAPTERS, Arguments, adapter, only
from .adapters.formula import spelt_as_r
from .cases_io import Case, as_dtype, collect_cases, prepare_data, prepare_newdata
from .compare import MISSING, Comparison, Tolerance, compare
from .runner import HERE, reason_without_r, run_case, summary_line, table

LOOSE = Tolerance(1e-3, 1e-6, {"p": 0.1}, {"exact": 0.0})


def results(expected: object, got: object) -> list[bool]:
    return [c.passed for c in compare(expected, got, LOOSE)]


def test_tolerances_follow_the_key_and_everything_below() -> None:
    assert results({"a": 100.0}, {"a": 100.09}) == [True]
    assert results({"a": 100.0}, {"a": 100.11}) == [False]
    assert results({"p": {"x": [1.0, 1.0]}}, {"p": {"x": [1.09, 1.2]}}) == [True, False]
    assert results({"exact": 0.0}, {"exact": 1e-7}) == [False]


def test_null_is_any_undefined_number() -> None:
    for undefined in (None, math.nan, math.inf, -math.inf, np.float64("nan")):
        assert results({"a": None}, {"a": undefined}) == [True]
    assert results({"a": None}, {"a": 0.0}) == [False]
    assert results({"a": 1.0}, {"a": None}) == [False]
    assert results({"a": 1.0}, {"a": math.nan}) == [False]


def test_lists_must_have_equal_lengths() -> None:
    assert results([1.0, 2.0], np.array([1.0, 2.0])) == [True, True]
    assert results([1.0, 2.0], [1.0]) == [False]
    assert results([[1.0], [2.0]], np.array([[1.0], [2.0]])) == [True, True]
    assert results(["a"], pd.Series(["a"])) == [True]
    assert results({"x": "a"}, {"x": "b"}) == [False]
    assert results({"flag": True}, {"flag": np.bool_(True)}) == [True]


def test_what_is_left_out_is_no_answer() -> None:
    found = list(compare({"a": [1.0, 2.0], "b": {"c": 1.0}}, {"a": MISSING}, LOOSE))
    assert [c.answered for c in found] == [False, False, False]
    assert not any(c.passed for c in found)


def test_relative_difference() -> None:
    [one, two, three] = compare([2.0, 0.0, "a"], [2.2, 0.1, "b"], LOOSE)
    assert one.relative_difference == pytest.approx(0.1)
    assert two.relative_difference == 0.1
    assert math.isnan(three.relative_difference)


def content(**expected: object) -> dict[str, object]:
    return {"id": "c", "data": None, "args": {"analysis": "a kind of test"}, "expected": expected}


@pytest.fixture
def answer():
    """Register an adapter for the length of a test."""

    def register(function) -> None:
        ADAPTERS["a kind of test"] = function

    yield register
    ADAPTERS.pop("a kind of test", None)


def outcome(tmp_path, **expected: object):
    return run_case(Case("made_up", tmp_path, content(**expected)))


def test_a_kind_without_adapter_fails(tmp_path) -> None:
    result = outcome(tmp_path, a=1.0)
    assert not result.passed
    assert result.n_without_answer == 1


def test_warnings_and_errors_are_due(tmp_path, answer) -> None:
    import warnings

    from faceage_stats.errors import EstimationWarning, InputError

    def warn(args, data, case):
        warnings.warn("care", EstimationWarning, stacklevel=1)
        return {"a": 1.0}

    def refuse(args, data, case):
        raise InputError("no")

    answer(warn)
    assert outcome(tmp_path, a=1.0, warnings=["w"]).passed
    assert outcome(tmp_path, error="stop").passed  # an answer that carries a warning
    answer(lambda args, data, case: {"a": 1.0})
    assert not outcome(tmp_path, a=1.0, warnings=["w"]).passed
    assert not outcome(tmp_path, error="stop").passed
    answer(refuse)
    assert outcome(tmp_path, error="stop").passed
    assert not outcome(tmp_path, a=1.0).passed


def test_p_values_are_compared_relatively() -> None:
    tolerance = Tolerance(1e-6, 1e-9, {}, {})
    assert all(c.passed for c in compare({"z": 1e-12, "p": 0.5}, {"z": 2e-12, "p": 0.5}, tolerance))
    for name in ("p", "p_value", "wald_p", "p_adjusted", "pr_chi_", "pr_f_"):
        assert not next(compare({name: 1e-12}, {name: 2e-12}, tolerance)).passed


def test_a_number_that_r_looks_for_by_its_reciprocal_may_differ_by_that() -> None:
    # 1 / 20 and 1 / 20.04 are 1e-4 apart; of what is not looked for, no difference is allowed
    for got, exact, listed in ((20.04, True, True), (20.06, True, False), (20.04, False, False)):
        args = {"analysis": "mantel_haenszel", "exact": exact}
        differs = Comparison("conf_int[1]", 20.0, got, 0.0, passed=False)
        case = Case("made_up", HERE, {"id": "x", "args": args})
        assert bool(reason_without_r(case, differs)) == listed


def test_an_argument_that_nobody_looked_at_is_found() -> None:
    args = Arguments({"formula": "y ~ age + C(sex)", "outcome": "y", "ties": "efron", "head": 5})
    assert args["formula"]
    assert args.unread() == ["ties"]  # the formula says the outcome
    with pytest.raises(AssertionError, match="ties is 'efron'; only 'breslow' is here"):
        only(args, ties="breslow")
    assert args.unread() == []


def test_two_adapters_for_one_kind_are_refused() -> None:
    adapter("a kind of its own")(print)
    with pytest.raises(ValueError, match="two adapters"):
        adapter("a kind of its own")(repr)
    ADAPTERS.pop("a kind of its own")


def test_data_are_read_as_r_reads_them(tmp_path) -> None:
    (tmp_path / "d.csv").write_text("g,x,y\n1,NA,1\n2,a,\n3,b,2\n", encoding="utf-8")
    case = {
        "id": "c",
        "data": "d.csv",
        "subset": "y.isna() or y < 2",
        "args": {"analysis": "k", "head": 2, "factors": {"g": ["2", "1"]}},
        "expected": {},
    }
    data = prepare_data(Case("made_up", tmp_path, case))
    assert data is not None
    assert data["x"].tolist() == ["NA", "a"]  # only an empty cell is missing
    assert data["y"].isna().tolist() == [False, True]
    assert data["g"].cat.categories.tolist() == [2, 1]


def test_storage_types_levels_and_labels_are_those_of_the_case(tmp_path) -> None:
    (tmp_path / "d.csv").write_text("id,g,k,b,when\np,1,1,TRUE,2020-01-31\nq,2,,,\n", "utf-8")
    args = {
        "analysis": "formula",
        "rename": {"k": "count"},
        "factors": {"g": ["2", "1"]},
        "ordered": ["g"],
        "dtypes": {"count": "Int8", "b": "boolean", "when": "datetime64[ns, UTC]"},
        "index": "id",
        "newdata": {"csv": "d.csv", "rows": [2, 2]},
        "newdata_dtypes": {"k": "object", "g": "str"},
    }
    case = Case("made_up", tmp_path, {"id": "c", "data": "d.csv", "args": args, "expected": {}})
    data, new = prepare_data(case), prepare_newdata(case)
    assert data is not None
    assert new is not None
    assert data.index.tolist() == ["p", "q"]
    assert data["g"].cat.categories.tolist() == [2, 1]  # whole numbers stay numbers
    assert data["g"].cat.ordered
    assert [str(data[c].dtype) for c in ("count", "b")] == ["Int8", "boolean"]
    assert str(data["when"].dt.tz) == "UTC"
    assert new[["g", "k"]].to_numpy().tolist() == [["2", None]]


@pytest.mark.parametrize(
    ("dtype", "first"),
    [
        ("int8", "1"),
        ("float16", "1.0"),
        ("large_string[pyarrow]", "1"),
        ("timedelta64[days]", "1 days 00:00:00"),
        ("date", "1970-01-01"),
        ("period[Y]", "1970"),
        ("category", "1"),
    ],
)
def test_every_storage_type_holds_the_value(dtype, first) -> None:
    assert str(as_dtype(pd.Series([1, 2]), dtype)[0]) == first


def test_a_case_may_leave_out_labels_and_may_be_refused(tmp_path, answer) -> None:
    from faceage_stats.errors import InputError

    answer(lambda args, data, case: {"groups": [{"label": "ours", "n": 1}]})
    groups = [{"label": "R's", "n": 1}]
    assert not outcome(tmp_path, groups=groups).passed
    loose = content(groups=groups) | {"labels_may_differ": True}
    assert run_case(Case("made_up", tmp_path, loose)).passed

    def refuse(args, data, case):
        raise InputError("no")

    answer(refuse)
    assert run_case(Case("made_up", tmp_path, content(a=1.0) | {"may_refuse": "why"})).passed


def test_names_that_differ_in_spelling_alone_are_one() -> None:
    of_r = ["factor(x)2", "karno:I(age^2)", "age"]
    assert spelt_as_r(["x2", "karno : I(age ** 2)", "ages"], of_r) == [*of_r[:2], "ages"]


def test_an_argument_that_the_formula_adapter_does_not_know_fails_the_case(tmp_path) -> None:
    args = {"analysis": "formula", "model": "lm", "formula": "y ~ x", "ties": "exact"}
    case = {"id": "c", "data": None, "args": args, "expected": {"n": 1}}
    with pytest.raises(AssertionError, match="ties"):
        run_case(Case("made_up", tmp_path, case))


def test_other_suites_run_and_duplicates_once(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("CONFORMANCE_PATH", raising=False)
    own = collect_cases()
    (tmp_path / "made_up.json").write_text(
        '[{"id": "x", "data": null, "args": {"analysis": "k"}, "expected": {}}]', encoding="utf-8"
    )
    copied = next(path for path in (own[0].folder).glob(f"{own[0].file}.json"))
    (tmp_path / copied.name).write_text(copied.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("CONFORMANCE_PATH", str(tmp_path))
    assert [case.label for case in collect_cases()[len(own) :]] == ["made_up::x"]
    monkeypatch.setenv("CONFORMANCE_PATH", str(tmp_path / "absent"))
    with pytest.raises(FileNotFoundError, match="is not a folder"):
        collect_cases()


def test_table_and_closing_line(tmp_path, answer) -> None:
    answer(lambda args, data, case: {"a": 1.5})
    result = outcome(tmp_path, a=1.0, b=2.0)
    frame = table([result])
    assert frame["field"].tolist() == ["a", "b"]
    assert frame["relative_difference"].iloc[0] == pytest.approx(0.5)
    line = summary_line([(result.n_compared, result.n_without_answer)])
    assert line == "conformance: 1 cases, 1 values compared, 1 values without an answer"
