"""What a reader finds in the help of every public function: sections, a source, R's call.

`numpydoc lint` (in `make check`) sees to it that what is written is right; this is about what has
to be there. `-k survival` runs one room.
"""

from __future__ import annotations

import functools
import inspect
import re

import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import faceage_stats as fs
from tests.package_walk import holds, methods, public_functions, result_classes, room_of, short

# numpydoc's checks of one docstring, and what to do
NEEDED = {
    "GL08": "write a docstring",
    "SS03": "end the summary with a full stop",
    "SS06": "the summary is one line",
    "PR01": "document every parameter",
    "PR02": "document no parameter that there is not",
    "PR03": "document parameters in the order of the signature",
    "PR07": "describe every parameter, with its shape or unit",
    "RT01": "say what is returned, with its columns",
    "RT03": "describe what is returned",
    "EX01": "add an example that runs",
    "SA01": "add See Also: what a reader might want instead or next",
    "SA04": "say in See Also what the other function does",
}
# A summary says what the function does, in the imperative; add a verb that is missing.
VERBS = """
Add Adjust Apply Assess Bind Bootstrap Calibrate Change Check Choose Combine Compare Complete
Compute Contrast Convert Correct Correlate Count Cross-validate Curate Derive Describe Draw Drop
Estimate Evaluate Expand Explain Fetch Find Fit Follow Give Impute Join Keep Label List Load Look
Make Measure Merge Model Name Pair Place Plan Pool Predict Prepare Print Rank Read Recalibrate
Recompute Reduce Refit Repeat Report Resample Return Sample Score Screen Select Set Show Simulate
Smooth Split Stack Standardise State Store Substitute Summarise Tabulate Take Test Try Turn
Validate Weigh Withhold Write
"""
# Rooms whose functions read, check and print tables: they have no paper and no counterpart in R.
WITHOUT_SOURCE = {"scoring", "cohorts", "reporting"}
DATED = re.compile(r"(?:[A-Z]{1,3}|others)\s\((?:19|20)\d\d\)\.")
IN_R = re.compile(r"In R: ``[^`]+``")


def _first(docstring: str | None) -> str:
    return (docstring or "?").split()[0].strip(",.")


def help_has_what_a_reader_needs(function):
    found = validate(f"{function.__module__}.{function.__name__}")["errors"]
    faults = [f"{NEEDED[code]} ({text})" for code, text in found if code in NEEDED]
    assert not faults, f"{function.__name__}(): " + "; ".join(faults)


def sources_and_other_functions_stand_by_themselves(function):
    """A page runs the lines of a paragraph together, and reads two names as having no words."""
    docstring = NumpyDocString(inspect.getdoc(function) or "")
    references = "\n".join(docstring["References"]).split("\n\n")
    together = [text for text in references if len(DATED.findall(text)) > 1]
    assert not together, f"{function.__name__}(): a blank line between sources: {together}"
    several = [names for names, words in docstring["See Also"] if len(names) > 1 and any(words)]
    assert not several, f"{function.__name__}(): one line of See Also for each of {several}"


def the_source_is_given(function):
    text = NumpyDocString(inspect.getdoc(function) or "")
    in_r = IN_R.search(inspect.getdoc(function) or "")
    known = room_of(function.__module__) in WITHOUT_SOURCE
    assert known or text["References"] or in_r, (
        f"{function.__name__}(): cite the paper under References, or write under Notes the call "
        "that it reads from, `In R: ``package::call(...)`` `"
    )


def see_also_names_what_exists(function):
    text = NumpyDocString(inspect.getdoc(function) or "")
    for names, _ in text["See Also"]:
        for name, _ in names:
            value = fs
            for part in name.removeprefix("fs.").removeprefix("faceage_stats.").split("."):
                assert hasattr(value, part), f"{function.__name__}(): See Also names {name}"
                value = getattr(value, part)


def a_summary_is_in_the_imperative(thing):
    documented = methods(thing) if inspect.isclass(thing) else {thing.__name__: thing}
    faults = [
        f"{name}(): {(function.__doc__ or 'no docstring').splitlines()[0]!r}"
        for name, function in documented.items()
        if _first(function.__doc__) not in VERBS.split()
    ]
    assert not faults, (
        f"{thing.__name__}: begin the summary with a verb such as Fit, Test, Return:\n"
        + "\n".join(faults)
    )


def a_property_says_what_it_is_without_a_colon(thing):
    """A page takes the words before a colon for the type of the property, and drops them."""
    found = {} if not inspect.isclass(thing) else dict(inspect.getmembers_static(thing))
    faults = [
        f"{name}: {summary!r}"
        for name, value in found.items()
        if isinstance(value, property | functools.cached_property) and not name.startswith("_")
        for summary in [(inspect.getdoc(value) or "").splitlines()[0]]
        if ": " in summary.split("`")[0]
    ]
    assert not faults, f"{thing.__name__}: write a comma or brackets for the colon of {faults}"


OF_FUNCTIONS = (
    help_has_what_a_reader_needs,
    the_source_is_given,
    see_also_names_what_exists,
    sources_and_other_functions_stand_by_themselves,
)


@pytest.mark.parametrize("thing", [*public_functions(), *result_classes()], ids=short)
def test_help_is_complete(thing):
    more = () if inspect.isclass(thing) else OF_FUNCTIONS
    always = (a_summary_is_in_the_imperative, a_property_says_what_it_is_without_a_colon)
    holds((*always, *more), thing)
