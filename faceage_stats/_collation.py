"""The order of text: that of R's sort() in a UTF-8 locale, whatever the locale of this machine.

It is the root order of the Unicode collation: spaces, punctuation, symbols, currencies, digits,
then Latin, Greek and Cyrillic letters. Letters decide first; where they are equal accents decide,
and where these are equal, lower case comes before upper. What is not listed follows by code point.
"""

from __future__ import annotations

import unicodedata

__all__ = ["collation_key"]

_SYMBOLS = (
    "\t\n\v\f\r\x85\u2028\u2029 "
    "_-‐–—―,;:!¡?¿.·'‘’‚‹›\"“”„«»()[]{}§¶@*/\\&#%‰†‡•`´^¯¨¸°©®←→↑↓+±÷×<=>¬|~−√∞≈"
)
_CURRENCIES = "¤¢$£¥₠₡₢₣₤₥₦₧₨₩₪₫€₭₮₯₰₱₲₳₴₵₶₷₸₹₺₻₼₽₾₿"
_LETTERS = (
    "aɐɑɒbʙƀɓƃcȼƈɕdȸʣʥʤɖɗƌȡeɇǝəɛɘɚɜɝɞʚɤfʩƒgɡɢǥɠʛɣƣhʜƕɦɧiıɪɨɩjȷɉʝɟʄkƙʞlʪʫʟƚɫɬɭȴɮƛʎmɱnɴɲƞɳȵŋoɶɔɵɷȣpƥɸqȹʠɋĸ"
    "rʀɍɹɺɻɼɽɾɿʁsʂȿʃƪʅʆtʨʦʧŧƫƭʈȶʇuʉɥʮʯɯɰʊvʋʌwʍxyʏɏƴȝzƍƶȥʐʑɀʒƹƺʓþƿƻƨƽƅʔɂʕʡʢʖǀǁǂǃʗʘʬʭ"
    "αβγδεϝͷϛζͱηθιϳκϗλμνξοπϻϟϙρϼσͼͻͽτυφχψωϡͳϸϣϥϧϩϫϭϯ"
    "аәӕбвгғӻҕӷдԁђԃҙеєжԫҗзԅԑѕӡԇиҋійјкқӄҡҟҝԟԛлӆԯԓԡљԉԕмӎнԩӊңӈԣҥњԋоөпԥҧҁрҏԗсԍҫтԏҭћуүұѹфхӽӿҳһԧѡѿѽѻцҵчԭҷӌҹҽҿџш"
    "щъыьҍѣэюяԙѥѧѫѩѭѯѱѳѵҩԝӏ"
)
_MARKS = "\u0313\u0314\u0301\u0300\u0306\u0302\u030c\u030a\u0342\u0308\u030b\u0303\u0307\u0338"
_MARKS += "\u0327\u0328\u0304\u0335"
_VARIANTS = {  # letters that differ from others as by an accent
    **{"ø": "o\u0338", "đ": "d\u0335", "ð": "d\u0335\u0335", "ħ": "h\u0335", "ł": "l\u0335"},
    **{"æ": "a\u0335e", "œ": "o\u0335e", "ß": "s\u0335s", "ґ": "г\u0335"},
}
_WHOLE = {*_SYMBOLS, *_CURRENCIES, "й"}  # never taken apart

_SYMBOL, _OTHER_SYMBOL, _CURRENCY, _DIGIT, _LETTER, _OTHER_LETTER = range(6)
_PLACE = {
    each: (group, place)
    for group, listed in ((_SYMBOL, _SYMBOLS), (_CURRENCY, _CURRENCIES), (_LETTER, _LETTERS))
    for place, each in enumerate(listed)
}
_MARK = {mark: 1 + place for place, mark in enumerate(_MARKS)}
_LOWER, _UPPER = 0, 2  # and one more for another form of the letter, such as ﬁ


def collation_key(text: str) -> tuple[list[tuple[int, int]], list[int], list[int], str]:
    """Give the key by which texts sort as in R: letters, then accents, then case.

    Examples
    --------
    >>> sorted(["Zoe", "zoe", "Évora", "evora", "10", "2", "a b", "ab", "a-b"], key=collation_key)
    ['10', '2', 'a b', 'a-b', 'ab', 'evora', 'Évora', 'zoe', 'Zoe']
    """
    letters: list[tuple[int, int]] = []
    accents: list[int] = []
    cases: list[int] = []
    for each in unicodedata.normalize("NFC", text):
        for part, case in _parts(each):
            if unicodedata.combining(part):
                accents.append(_MARK.get(part, ord(part)))
            elif unicodedata.category(part) not in ("Cc", "Cf") or part in _PLACE:
                letters.append(_place(part))
                accents.append(0)
                cases.append(case)
    return letters, accents, cases, text


def _parts(character: str) -> list[tuple[str, int]]:
    """Take a character apart: letters in lower case with their case, and accents."""
    if character in _WHOLE:
        return [(character, _LOWER)]
    special = {"Й": ("й", _UPPER), "ς": ("σ", _UPPER + 1)}
    if character in special:
        return [special[character]]
    parts = []
    canonical = unicodedata.normalize("NFD", character)
    for part in unicodedata.normalize("NFKD", character):
        lower = part.lower()
        case = (_UPPER if lower != part else _LOWER) + (part not in canonical)
        parts += [(each, case) for each in _VARIANTS.get(lower, lower)]
    return parts


def _place(character: str) -> tuple[int, int]:
    if character in _PLACE:
        return _PLACE[character]
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return _DIGIT, digit
    is_letter = unicodedata.category(character)[0] == "L"
    return (_OTHER_LETTER if is_letter else _OTHER_SYMBOL), ord(character)
