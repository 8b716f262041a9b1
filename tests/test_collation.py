"""The order of text is R's in a UTF-8 locale: letters, then accents, then case."""

import random

import pytest

from faceage_stats._collation import collation_key

# R 4.2.2 with ICU: levels(factor(x)) in the locale C.UTF-8
LABELS = (
    "-1|'q'|“q”|(other)|*|+1|<65|−1|≥65|$|€|1|1.5|1/2|½|10|1a|2|65|65+|a|A|á|Á|à|â|å|ä|a b|"
    "a_b|a-b|a.b|aa|AA|ab|adeno|ae|æ|Æ|af|Århus|bonn|Bonn|co-op|coop|d|đ|ð|e|et|Et|ét|ét|"
    "Ét|Evian|évora|female|Female|fi|ﬁ|FI|fj|ik|izmir|İzmir|ılgaz|large cell|Large-cell|"
    "lodz|łódź|Łódź|male|Male|mz|Ñ|naive|naïve|nandu|ñandú|no 1|№ 1|o|ö|ø|Ø|oeuvre|Oeuvre|"
    "œuvre|of|other|Other|p|SCLC|Squamous|ss|SS|ß|st|stage I|stage II|Stage II|stage III|"
    "stage IV|Strasse|Straße|Strassen|T1|T10|T1a|T1b|T2|Tis|z|zurich|Zurich|þ|αβγ|Αβγ|άβγ|"
    "βήτα|µg|Σ|σσ|σς|Ψ|ω|анализ|Анализ|Ёж|ёлка|ель|ион|йод|юг"
)
R_ORDER = LABELS.split("|")


@pytest.mark.parametrize("seed", range(5))
def test_labels_of_three_scripts_sort_as_in_r_whatever_their_order(seed):
    shuffled = random.Random(seed).sample(R_ORDER, len(R_ORDER))
    assert sorted(shuffled, key=collation_key) == R_ORDER


@pytest.mark.parametrize(
    ("before", "after"),
    [("resume", "Résumé"), ("e\u0301t", "etu"), ("Å1", "a2"), ("ω", "я"), ("я", "א"), ("z", "α")],
)
def test_one_text_comes_before_another(before, after):
    assert collation_key(before) < collation_key(after)


def test_characters_that_are_not_seen_do_not_count():
    assert sorted(["b", "a\u200bc", "ab"], key=collation_key) == ["ab", "a\u200bc", "b"]
