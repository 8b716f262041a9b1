"""The result protocol: arguments refused with a near match, short printing, plain values."""

import inspect
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._plain import estimate_text, p_text
from faceage_stats._result import Result, frozen_result
from faceage_stats._scale import RATIOS, abbreviation, is_ratio, scale_of
from faceage_stats.errors import ArgumentError, InputError


@frozen_result
class Fit(Result):
    rows: int = 2
    scale: str = "log hazard ratio"

    def tidy(self, *, conf_level: float = 0.95, exponentiate: bool = False) -> pd.DataFrame:
        """Docstring of the method."""
        table = {
            "term": [f"x{i}" for i in range(self.rows)],
            "estimate": np.log(2.0),
            "scale": self.scale,
            "std_error": np.float32(0.1),
            "p_value": 1e-5,
            "conf_low": np.log(1.5),
            "conf_high": np.inf,
        }
        frame = pd.DataFrame(table)
        frame.loc[0, ["p_value", "conf_low", "conf_high"]] = np.nan
        return frame

    def glance(self) -> pd.DataFrame:
        return pd.DataFrame({"n": [np.int64(5)], "n_missing": [0], "method": [None]})

    def contrasts(self, first: str = "a") -> pd.DataFrame:
        return pd.DataFrame({"marker1": [first], "estimate": [np.nan]})

    def passes(self, **options: Any) -> pd.DataFrame:
        return self.tidy(**options)

    def _further_tables(self) -> tuple[str, ...]:
        return ("contrasts",)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: f.tidy(conf_levl=0.9), "Fit.tidy(): unknown argument 'conf_levl'. Did you mean "
         "'conf_level'? It takes conf_level, exponentiate."),
        (lambda f: f.glance(zzz=1), "Fit.glance(): unknown argument 'zzz'. It takes no arguments."),
        (lambda f: f.summary(digits=1), "Fit.summary(): unknown argument 'digits'. It takes no "
         "arguments."),
        (lambda f: f.passes(exponentiat=1), "Fit.tidy(): unknown argument 'exponentiat'. Did you "
         "mean 'exponentiate'? It takes conf_level, exponentiate."),
    ],
)  # fmt: skip
def test_unknown_arguments_are_refused_with_a_near_match(call, message):
    with pytest.raises(ArgumentError) as refusal:
        call(Fit())
    assert str(refusal.value) == message
    assert isinstance(refusal.value, InputError)
    assert isinstance(refusal.value, TypeError)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_levels_outside_0_to_1_are_refused_whatever_the_method_does(level):
    with pytest.raises(InputError, match=f"conf_level is {level}; it must lie between 0 and 1"):
        Fit().tidy(conf_level=level)


def test_signatures_and_docstrings_stay():
    assert list(inspect.signature(Fit.tidy).parameters) == ["self", "conf_level", "exponentiate"]
    assert Fit.tidy.__doc__ == "Docstring of the method."
    assert Fit().contrasts("b")["marker1"].tolist() == ["b"]


def test_everything_of_a_result_is_in_its_dictionary_and_is_json():
    tables = Fit().to_dict()
    assert json.loads(json.dumps(tables, allow_nan=False)) == tables
    assert tables["glance"] == {"n": 5, "n_missing": 0, "method": None}
    assert tables["contrasts"] == [{"marker1": "a", "estimate": None}]
    assert tables["tidy"][0]["p_value"] is None
    assert tables["tidy"][1]["conf_high"] == "Infinity"


def test_printing_is_short():
    fit = Fit(rows=500)
    lines = repr(fit).splitlines()
    assert lines[0] == "Fit"
    assert len(lines) == 1 + 1 + 20 + 1 + 1
    assert lines[-2] == "scale log hazard ratio"
    assert lines[-1] == "... and 480 more rows: tidy()"
    page = fit._repr_html_()
    assert len(page) < 10_000
    assert "... and 480 more rows: tidy()" in page
    assert "more rows" not in repr(Fit())


def test_long_texts_and_wide_tables_do_not_swell_the_page():
    class Wide(Fit):
        def _printed(self) -> pd.DataFrame:
            return pd.DataFrame([["<b>" + "x" * 500] * 40] * 100).rename(columns=str)

    page = Wide()._repr_html_()
    assert len(page) < 15_000
    assert "<b>" not in page
    assert "... and 28 more columns: tidy()" in page


def test_a_summary_reads_as_in_a_paper():
    table = Fit().summary()
    assert list(table) == ["term", "estimate", "scale", "p_value"]
    assert table.iloc[0].tolist() == ["x0", "2.00", "hazard ratio", ""]
    assert table.iloc[1].tolist() == ["x1", "2.00 (1.50 to inf)", "hazard ratio", "<0.001"]
    assert Fit(scale="difference").summary()["estimate"][0] == "0.69"


def test_a_summary_names_the_reference_level():
    df = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.5], "g": list("aabb")})
    table = fs.lm("y ~ g", df).summary().set_index("term")
    assert table.loc["ga", "estimate"] == "reference"
    assert table.loc["gb", "estimate"].startswith("2.25 (")
    assert "is_reference" not in table


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((65.24, 61.0, 69.5), "65.24 (61.00 to 69.50)"),
        ((1.02, 1.011, 1.029), "1.0200 (1.0110 to 1.0290)"),
        ((-0.5, -1.0, 0.0), "-0.50 (-1.00 to 0.00)"),
        ((0.00042, np.nan, np.nan), "0.00042"),
        ((115.0, np.nan, np.nan), "115.00"),
        ((np.inf, np.nan, np.nan), "inf"),
        ((np.nan, np.nan, np.nan), ""),
    ],
)
def test_an_estimate_is_written_as_finely_as_its_interval(numbers, text):
    assert estimate_text(*numbers) == text


def test_p_values_as_text():
    assert [p_text(p) for p in (0.00099, 0.001, 0.0496, 1.0)] == [
        "<0.001",
        "0.001",
        "0.050",
        "1.000",
    ]


def test_what_a_result_lacks_is_said():
    with pytest.raises(NotImplementedError, match=r"Fit has no augment\(\): it holds no value per"):
        Fit().augment()


def test_results_are_frozen():
    with pytest.raises(AttributeError):
        Fit().rows = 3


@pytest.mark.parametrize("ratio", RATIOS)
def test_scales_say_whether_one_means_no_effect(ratio):
    assert is_ratio(scale_of(ratio, True))
    assert not is_ratio(scale_of(ratio, False))
    assert abbreviation(scale_of(ratio, False)) == f"log {abbreviation(ratio)}"
    with pytest.raises(InputError, match="is not known; choose one of hazard ratio"):
        scale_of("beta", True)


def test_tables_of_several_fits_are_stacked():
    stacked = fs.bind_tidy({"a": Fit(), "b": Fit(1)})
    assert stacked["model"].tolist() == ["a", "a", "b"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda fit: fit.tidy(exponentiate=["a"]), "exponentiate is a list; it must be True or"),
        (lambda fit: fit.tidy(exponentiate=pd.Series([True])), "exponentiate is a Series"),
        (lambda fit: fit.vcov(robust=pd.DataFrame()), "robust is a DataFrame; it must be True"),
        (lambda fit: fit.predict(type=pd.NA), "type is a NAType; choose one of lp"),
        (lambda fit: fit.survfit().quantile(["a"]), "probs must lie between 0 and 1"),
    ],
)
def test_methods_refuse_arguments_of_another_kind(call, message):
    data = pd.DataFrame(
        {"t": [5, 3, 8, 2, 9, 4], "d": [1, 0, 1, 1, 0, 1], "x": [1.0, 2, 3, 1, 2, 5]}
    )
    with pytest.raises(InputError, match=message):
        call(fs.coxph("Surv(t, d) ~ x", data))
