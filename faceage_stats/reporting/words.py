"""What readers see in place of the names that columns, levels and models have in the code."""

from __future__ import annotations

import re

from faceage_stats.reporting.vocabulary import (
    ACRONYMS,
    IN_A_SENTENCE,
    LEVEL_WORDS,
    LEVELS,
    TITLES,
    VARIABLES,
)

__all__ = ["in_words", "term_in_words", "title_of"]

# inside a level: mathematical signs as they are printed
_SIGNS = (("<=", "≤ "), (">=", "≥ "), ("<", "< "), (">", "> "))
_WORD = re.compile(r"[^\s,]+")
_INSIDE = re.compile(r" (<=|>=) ?")
_INTERVAL = re.compile(r"\((\d+),\s*(\d+)\]")
_PLAIN = re.compile(r"[a-z][a-z ,]+")


def in_words(cell: str, *, short: bool = False) -> str:
    """Say a level, a variable, a term or a model as a reader would.

    Parameters
    ----------
    cell : str
        As the tables of results have it.
    short : bool
        Leave out units, as in the name of a model.

    Returns
    -------
    str
        The same text where it says nothing that has another name.

    Examples
    --------
    >>> in_words("hn"), in_words("histologysclc"), in_words("covariates + faceage10")
    ('Head and neck', 'Histology: Small-cell', 'Clinical + FaceAge')
    >>> in_words("faceage_group=<=65"), in_words("(65,75]"), in_words("never")
    ('FaceAge, years: ≤ 65', '> 65 to 75', 'Never')
    >>> in_words("maastro gi"), in_words("faceage per decade"), in_words("TEACHH with faceage")
    ('MAASTRO gastrointestinal', 'FaceAge per decade', 'TEACHH with FaceAge')
    >>> in_words("faceage 65-75 vs <=65"), in_words("harvard_rt serial")
    ('FaceAge 65-75 vs ≤ 65', 'Harvard serial')
    >>> in_words("faceage, years")
    'FaceAge, years'
    >>> in_words("gap >=10"), in_words("60 or more: gap <= -5 years")
    ('gap ≥ 10', '60 or more: gap ≤ -5 years')
    >>> in_words("Complete cases: bmi"), in_words("FAR, short")
    ('Complete cases: Body mass index', 'FAR, 10-365 days')
    """
    if cell in LEVELS:
        return LEVELS[cell]
    if cell in VARIABLES:
        return VARIABLES[cell].partition(", ")[0] if short else VARIABLES[cell]
    for mark in (" + ", ": "):
        if mark in cell:
            return mark.join(in_words(part, short=True) for part in cell.split(mark))
    first, comma, level = cell.partition(", ")
    if level in LEVELS:
        return f"{first}{comma}{LEVELS[level]}"
    return term_in_words(cell) or _level(cell)


def term_in_words(term: str) -> str:
    """Say a term of a model, variable and level; empty where no known variable begins it.

    Parameters
    ----------
    term : str
        As R names it: ``sexM``; or as a curve does: ``sex=M``.

    Returns
    -------
    str

    Examples
    --------
    >>> term_in_words("sexM"), term_in_words("sexton")
    ('Sex: Men', '')
    >>> term_in_words("ernegative"), term_in_words("error")
    ('ER status: Negative', '')
    """
    for variable in sorted(VARIABLES, key=len, reverse=True):
        if not term.startswith(variable) or term == variable:
            continue
        level = term.removeprefix(variable).removeprefix("=")
        if level.startswith((" ", ",")):  # a sentence, not a level
            continue
        is_level = term[len(variable)] == "=" or level in LEVELS or level in LEVEL_WORDS
        if is_level or not level[:2].islower():
            return f"{VARIABLES[variable]}: {_level(level)}"
    return ""


def _level(level: str) -> str:
    if level in LEVELS:
        return LEVELS[level]
    if interval := _INTERVAL.fullmatch(level):
        return f"> {interval[1]} to {interval[2]}"
    for sign, printed in _SIGNS:
        if level.startswith(sign):
            return f"{printed}{level.removeprefix(sign)}"
    level = _INSIDE.sub(lambda sign: f" {dict(_SIGNS)[sign[1]]}", level)
    words = _WORD.sub(lambda word: IN_A_SENTENCE.get(word[0], word[0]), level)
    return words[:1].upper() + words[1:] if _PLAIN.fullmatch(level) else words


def title_of(name: str) -> str:
    """Title of a table or heading of a column from its name in the code.

    Parameters
    ----------
    name : str
        As ``median_survival``.

    Returns
    -------
    str

    Examples
    --------
    >>> title_of("median_survival"), title_of("auc_difference"), title_of("skat_o")
    ('Median survival', 'AUC difference', 'SKAT-O')
    """
    if name in TITLES:
        return TITLES[name]
    words = [ACRONYMS.get(word, word) for word in name.split("_")]
    text = " ".join(word for word in words if word)
    return text[:1].upper() + text[1:] if not text.startswith("p ") and text != "p" else text
