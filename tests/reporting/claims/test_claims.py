"""Truth: intervals by hand, the normal distribution for the power, and the ledger of the book."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

import faceage_stats as fs
from faceage_stats.errors import FormulaError, InputError
from faceage_stats.reporting.book.chapters import Chapter
from faceage_stats.reporting.book.papers import Paper
from faceage_stats.reporting.claims.ledger import VERDICTS, read_ledger
from faceage_stats.reporting.claims.page import claims_page
from faceage_stats.reporting.claims.power import drawn_power, normal_power
from faceage_stats.reporting.claims.quantity import Quantity
from faceage_stats.reporting.claims.verdict import verdict
from faceage_stats.reporting.provenance.provenance import provenance
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item

LEDGER = Path(__file__).parents[3] / "book" / "claims.yaml"
HOLDS, DOES_NOT, CANNOT_TELL = VERDICTS


@pytest.fixture
def results(tmp_path):
    """One item with a value and a table of two rows."""
    table = pd.DataFrame(
        {
            "term": ["a", "b"],
            "estimate": [1.5, 1.2],
            "conf_low": [1.2, 0.9],
            "conf_high": [1.9, 1.6],
        }
    )
    values = pd.DataFrame(
        [{"id": "faceage_maastro_hr_adjusted", "term": "faceage10", "estimate": 1.17,
          "conf_low": 1.07, "conf_high": 1.28, "p_value": 0.0008, "n": 4906}]
    )  # fmt: skip
    item = fs.Item(caption="A caption.", tables={"hr": table}, values=values)
    record = provenance("one", {}, seed=1, config={}, synthetic=True)
    write_item(release(item), tmp_path / "results" / "one", provenance=record)
    return tmp_path / "results"


def judged(tmp_path, results, of, holds_if, **more):
    entry = {"id": "one", "claim": "It is so.", "source": "here", "of": of,
             "holds_if": holds_if, "expected": HOLDS, **more}  # fmt: skip
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump([entry]), encoding="utf-8")
    return fs.claims(path, results, planted={"faceage_maastro_hr_adjusted": 1.151})


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1.1, 1.3, HOLDS), (0.7, 0.95, DOES_NOT), (0.9, 1.3, CANNOT_TELL), (1.0, 1.3, CANNOT_TELL)],
)
def test_a_claim_is_judged_over_the_whole_interval(low, high, expected):
    assert verdict("hr > 1", {"hr": Quantity(np.sqrt(low * high), low, high)}) == expected


def test_intervals_of_two_numbers_are_taken_together():
    apart = {"a": Quantity(2.0, 1.8, 2.2), "b": Quantity(1.0, 0.9, 1.1)}
    overlapping = {"a": Quantity(2.0, 1.0, 3.0), "b": Quantity(1.0, 0.5, 1.5)}
    assert verdict("a > b", apart) == HOLDS
    assert verdict("b > a", apart) == DOES_NOT
    assert verdict("a > b", overlapping) == CANNOT_TELL


def test_a_missing_number_cannot_be_told():
    assert verdict("hr > 1", {"hr": Quantity()}) == CANNOT_TELL
    assert verdict("hr.p < 0.05", {"hr": Quantity(1.2, 1.1, 1.3)}) == CANNOT_TELL


def test_the_published_number_is_that_of_the_paper(tmp_path, results):
    of = {"hr": {"item": "one", "id": "faceage_maastro_hr_adjusted"}}
    row = judged(tmp_path, results, of, "hr.low <= hr.published & hr.published <= hr.high").iloc[0]
    assert row["verdict"] == HOLDS
    assert row["published"] == 1.151
    assert row["is_synthetic"]
    assert row["page"] == "page not known here"


def test_every_row_that_a_claim_names_must_hold(tmp_path, results):
    every = judged(tmp_path, results, {"hr": {"item": "one", "table": "hr"}}, "hr > 1")
    first = {"hr": {"item": "one", "table": "hr", "where": "term == 'a'"}}
    assert every["verdict"].tolist() == [CANNOT_TELL]
    assert judged(tmp_path, results, first, "hr > 1")["verdict"].tolist() == [HOLDS]
    assert judged(tmp_path, results, first, "hr < 1")["verdict"].tolist() == [DOES_NOT]


@pytest.mark.parametrize(
    "place",
    [
        {"item": "none", "id": "x"},
        {"item": "one", "id": "x"},
        {"item": "one", "table": "gone"},
        {"item": "one", "table": "hr", "where": "term == 'c'"},
    ],
)
def test_what_is_not_among_the_results_cannot_be_told(tmp_path, results, place):
    row = judged(tmp_path, results, {"hr": place}, "hr > 1").iloc[0]
    assert row["verdict"] == CANNOT_TELL
    assert np.isnan(row["power"])


def test_power_is_that_of_a_normal_estimate():
    """The claim holds when the lower limit is above 1: P(Z > 1.96 - log(truth) / se)."""
    truth, std_error, z = 1.3, 0.12, stats.norm.ppf(0.975)
    limits = np.exp(np.log(1.1) + np.array([-1, 1]) * z * std_error)
    hr = Quantity(1.1, *limits, id="hr", is_ratio=True)
    exact = stats.norm.sf(z - np.log(truth) / std_error)
    assert normal_power("hr > 1", {"hr": hr}, {"hr": truth}) == pytest.approx(exact, abs=0.01)
    assert np.isnan(normal_power("hr > 1", {"hr": hr}, {}))


DRAWS = pd.DataFrame(
    {
        "drawn": ["a"] * 4 + ["b"] * 4, "seed": [1, 2, 3, 4] * 2, "estimate": 1.3,
        "conf_low": [1.1, 1.1, 1.1, 0.9, 1.1, 0.9, 1.1, 1.1], "conf_high": 1.6,
        "p_value": [0.01, 0.2, 0.01, 0.2] * 2,
    }
)  # fmt: skip


def test_power_is_counted_in_the_cohorts_that_were_drawn():
    """By hand: a is above 1 in three of four; a and b together in cohorts 1 and 3 of the four."""
    a, b = Quantity(drawn="a", published=1.0), Quantity(drawn="b")
    assert drawn_power("a > 1", {"a": a}, DRAWS) == (0.75, 4)
    assert drawn_power("a > 1 & b > 1", {"a": a, "b": b}, DRAWS) == (0.5, 4)
    assert drawn_power("a.p < 0.05", {"a": a}, DRAWS) == (0.5, 4)
    assert drawn_power("a.low <= a.published", {"a": a}, DRAWS) == (0.25, 4)
    missing = drawn_power("a > 1 & c > 1", {"a": a, "c": Quantity(drawn="c")}, DRAWS)
    assert np.isnan(missing[0])
    assert missing[1] == 0


def test_a_claim_says_whence_its_power_is(tmp_path, results):
    place = {"item": "one", "id": "faceage_maastro_hr_adjusted"}
    entry = {"id": "one", "claim": "It is so.", "source": "here", "expected": HOLDS,
             "holds_if": "hr > 1"}  # fmt: skip
    path = tmp_path / "claims.yaml"
    planted = {"faceage_maastro_hr_adjusted": 1.151}
    found = {}
    for drawn in ("", "a"):
        of = {"hr": {**place, "drawn": drawn}}
        path.write_text(yaml.safe_dump([{**entry, "of": of}]), encoding="utf-8")
        found[drawn] = fs.claims(path, results, planted=planted, drawn=DRAWS).iloc[0]
    assert found[""]["power_from"] == "normal distribution"
    assert (found["a"]["power"], found["a"]["power_from"]) == (0.75, "4 cohorts")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expected": "maybe"}, "use holds, does not hold, cannot tell"),
        ({"holds_id": "hr > 1"}, "Did you mean 'holds_if'"),
        ({"of": {"hr": {"item": "one"}}}, "give `hr` an id or a table"),
        ({"of": {}}, "`of` must map names"),
    ],
)
def test_a_ledger_with_a_fault_is_refused_by_name(tmp_path, results, change, message):
    of = change.pop("of", {"hr": {"item": "one", "id": "x"}})
    with pytest.raises(InputError, match=message):
        judged(tmp_path, results, of, "hr > 1", **change)


def test_a_condition_is_no_python(tmp_path, results):
    of = {"hr": {"item": "one", "id": "faceage_maastro_hr_adjusted"}}
    with pytest.raises(FormulaError):
        judged(tmp_path, results, of, "__import__('os').system('true')")
    with pytest.raises(FormulaError, match=r"no column .other."):
        judged(tmp_path, results, of, "other > 1")


def test_the_page_links_each_claim_to_its_item(tmp_path, results):
    of = {"hr": {"item": "one", "id": "faceage_maastro_hr_adjusted"}}
    paper = Paper("P", "p", "A paper (2025)", "10.1/x", {"Figure 3c": "fig3c"})
    source = "A paper (2025), abstract and Figure 3c"
    table = judged(tmp_path, results, of, "hr > 1", source=source)
    page = claims_page(table, [Chapter("fig3c", "Figure 3c", "", ("one",))], [paper])
    assert "Of 1 claims, 1 hold" in page
    row = 'href="fig3c.html#value-faceage-maastro-hr-adjusted"'
    for shown in (
        row,
        'href="find.html#p-figure-3c"',
        'id="claim-one"',
        "1.170 (1.070–1.280)",
        ">1.151<",
    ):
        assert shown in page


def test_the_ledger_of_the_book_names_published_numbers_that_exist():
    claims = read_ledger(LEDGER)
    assert len(claims) >= 35
    named = {place.published for claim in claims for place in claim.of.values()} - {""}
    named |= {
        place.id
        for claim in claims
        for name, place in claim.of.items()
        if f"{name}.published" in claim.holds_if and place.id
    }
    assert named <= set(fs.paper_values()["id"])


def test_the_ledger_names_only_estimates_that_were_drawn():
    draws = pd.read_csv(LEDGER.parents[1] / "analysis" / "drawn" / "coverage.csv")
    known = set(draws["cohort"] + ": " + draws["term"])
    named = {place.drawn for claim in read_ledger(LEDGER) for place in claim.of.values()} - {""}
    assert len(named) >= 13
    assert named - known == set()


def test_no_published_number_is_written_into_a_condition():
    """Only the bounds that a claim is about stand there: no effect, and a level."""
    numbers = pd.Series([c.holds_if for c in read_ledger(LEDGER)]).str.findall(r"(?<![\w.])[\d.]+")
    assert {number for found in numbers for number in found} <= {"0", "1", "0.05", "0.001"}
