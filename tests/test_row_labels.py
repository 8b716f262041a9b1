"""The index of the data: it changes no number, and what has one row per patient keeps it."""

import functools
import inspect
import warnings

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._result import Result
from tests.package_walk import ROOMS, Call, examples

PER_ROW = ("augment", "predict", "residuals", "fitted", "linear_predictor")


def _labelled(call: Call, labels) -> Call:
    """The same call on tables with other row labels."""

    def relabel(value):
        return value.set_axis(labels(len(value))) if isinstance(value, pd.DataFrame) else value

    options = {name: relabel(value) for name, value in call.options.items()}
    return Call(call.function, tuple(map(relabel, call.args)), options)


def _gapped(n):
    """Text, with gaps, in no order."""
    return [f"p{(7 * i) % 1009 + 3 * i}" for i in range(n)]


def _repeated(n):
    """Every label at least twice, as after pandas.concat()."""
    return [i % max(n // 2, 1) for i in range(n)]


def _answer(call: Call):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call.function(*call.args, **call.options)


def _called(method):
    """What a method gives without being asked for more, of few resamples."""
    few = {"n_resamples": 10} if "n_resamples" in inspect.signature(method).parameters else {}
    return method(**few)


def _tables(result) -> dict[str, pd.DataFrame]:
    """Every table that a result gives without being asked for more."""
    if isinstance(result, pd.DataFrame | pd.Series):
        return {"": pd.DataFrame(result)}
    found = {}
    for name in (n for n in dir(result) if not n.startswith("_") and isinstance(result, Result)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                value = getattr(result, name)
                value = _called(value) if callable(value) else value
            except (TypeError, NotImplementedError, fs.errors.FaceageError):
                continue  # needs an argument, or is not for this result
        if isinstance(value, pd.DataFrame | pd.Series):
            found[name] = pd.DataFrame(value)
    return found


@functools.cache
def _calls(room: str) -> list[Call]:
    """Calls that are given a table; one for each function."""
    with_table = {
        call.function: call
        for call in examples(room).calls
        if any(isinstance(v, pd.DataFrame) for v in [*call.args, *call.options.values()])
    }
    return list(with_table.values())


@functools.cache
def _answers(room: str, labels=None) -> list[dict[str, pd.DataFrame]]:
    """The tables of every call, with the row labels of the example or with others."""
    calls = (_labelled(call, labels) if labels else call for call in _calls(room))
    return [_tables(_answer(call)) for call in calls]


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("labels", [_gapped, _repeated])
def test_row_labels_change_no_number(room, labels):
    answers = (_calls(room), _answers(room), _answers(room, labels))
    for call, plain, other in zip(*answers, strict=True):
        assert plain.keys() == other.keys(), call.function
        for name, table in plain.items():
            pd.testing.assert_frame_equal(
                table.reset_index(drop=True),
                other[name].reset_index(drop=True),
                obj=f"{call.function.__name__}().{name}",
            )


@pytest.mark.parametrize("room", ["survival", "association", "prediction"])
def test_what_has_a_row_for_each_patient_keeps_the_index(room):
    seen = set()
    answers = (_calls(room), _answers(room), _answers(room, _gapped))
    for call, plain, other in zip(*answers, strict=True):
        frames = [v for v in [*call.args, *call.options.values()] if isinstance(v, pd.DataFrame)]
        new = dict(zip(frames[0].index, _gapped(len(frames[0])), strict=True))
        for name in other.keys() & set(PER_ROW):
            seen.add(call.function)
            expected = [new[i] for i in plain[name].index]
            assert other[name].index.tolist() == expected, (call.function.__name__, name)
    assert seen


DATA = pd.DataFrame(
    {
        "t": [5, 3, 8, 2, 9, 4, 6, 7, 1, 10, 11, 12],
        "d": [1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1],
        "x": [1.0, 2, None, 4, 9, 6, 3, 8, 5, 10, 11, 13],
    },
    index=_gapped(12),
)
FITS = {
    "coxph": lambda: fs.coxph("Surv(t, d) ~ x", DATA),
    "lm": lambda: fs.lm("t ~ x", DATA),
    "logistic": lambda: fs.logistic("d ~ x", DATA),
    "coxnet": lambda: fs.coxnet("Surv(t, d) ~ x", DATA, penalties=[0.01]),
}


@pytest.mark.parametrize("name", FITS)
def test_predictions_go_back_into_the_table_that_they_came_from(name):
    fit = FITS[name]()
    options = {"penalty": 0.01} if name == "coxnet" else {}
    used = DATA.dropna()
    of_fit = fit.predict(**options)["estimate"]
    for newdata in (used, used.iloc[::-1]):
        again = fit.predict(newdata, **options)["estimate"]
        assert again.index.tolist() == newdata.index.tolist()
        pd.testing.assert_series_equal(again.loc[of_fit.index], of_fit, check_exact=False)
    assert DATA.assign(lp=of_fit)["lp"].isna().tolist() == DATA["x"].isna().tolist()


@pytest.mark.parametrize("fit", [fs.coxph, fs.survreg])
def test_survival_at_a_time_goes_back_into_the_table(fit):
    new = DATA.dropna().iloc[::-1]
    fitted = fit("Surv(t, d) ~ x", DATA)
    one = fitted.predict(new, "survival", times=5)
    assert one.index.tolist() == new.index.tolist()
    assert (new.assign(s=one["estimate"])["s"].corr(new["x"], method="spearman")) > 0.99
    several = fitted.predict(new, "survival", times=[5, 9]).query("time == 9")
    assert several.index.tolist() == new.index.tolist()


def test_a_repeated_index_draws_every_patient_once():
    rows = pd.DataFrame(
        {"faceage": range(60, 80), "age": [70.0] * 20, "g": list("ab") * 10}, index=_repeated(20)
    )
    gaps = fs.age_gap(rows, by="g", reference="a")
    figure = fs.figures.gap_by_group(gaps, points=True)
    clouds = [c.get_offsets() for a in figure.axes for c in a.collections]
    assert len(gaps.augment()) == sum(len(cloud) for cloud in clouds if len(cloud) > 1) == 20
