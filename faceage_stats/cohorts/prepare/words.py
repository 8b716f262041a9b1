"""Words by which hospitals name columns and codes, in the languages of their exports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from faceage_stats._near import nearest

__all__ = ["ALIVE", "DEAD", "UNKNOWN", "column_named", "plain_words"]

UNKNOWN = {
    *("na", "n/a", "nan", "null", "none", "-", ".", "?", "-1", "-9", "-99", "-999", "99", "999"),
    *("unbekannt", "unknown", "inconnu", "desconocido", "onbekend", "sconosciuto", "okänt"),
    *("ignorado", "não informado", "keine angabe", "k.a.", "non noto", "ukjent", "ukendt", "brak"),
    *("b.d.", "brak danych", "nieznany", "nieznane", "neznámé", "ismeretlen", "bilinmiyor"),
    *("nr", "n.r.", "nd", "n.d.", "non renseigné", "non connu", "no consta", "sin dato"),
    *("nie podano", "nieokreślony", "不明", "未記載", "未測定", "未実施", "неизвестно", "άγνωστο"),
}
ALIVE = {
    *("alive", "living", "vivant", "vivante", "en vie", "lebend", "lebt", "vivo", "viva"),
    *("levend", "in leven", "vivente", "levande", "levende", "i live", "żyje", "żywy", "naživu"),
    *("žije", "él", "hayatta", "sağ", "生存", "жив", "жива", "ζων"),
}
DEAD = {
    *("dead", "deceased", "died", "décédé", "décédée", "dcd", "dc", "verstorben", "tot"),
    *("muerto", "muerta", "fallecido", "fallecida", "óbito", "obito", "falecido", "morto"),
    *("deceduto", "overleden", "död", "avliden", "død", "zgon", "zmarł", "zmarły", "zemřel"),
    *("elhunyt", "öldü", "vefat", "死亡", "умер", "умерла"),
}
# The column of a schema or a date, and how a word in the name of an export's column begins.
_COLUMNS = {
    "sex": ("sex", "gesch", "plec", "sess", "geslacht", "kon", "kjonn", "pohlavi", "nem", "cins",
            "gend", "пол", "性別"),
    "smoking": ("smok", "taba", "rauch", "pale", "papieros", "roke", "fumo", "rokning", "kour",
                "喫煙", "курение"),
    "clinical_stage": ("stage", "stad", "estad", "stop", "tnm", "uicc", "病期", "стадия"),
    "ecog": ("ecog", "ps", "oms", "who", "zubrod", "perf", "sprawn", "wydoln"),
    "ps": ("ecog", "ps", "oms", "who", "zubrod", "perf", "sprawn", "wydoln"),
    "grade": ("grad", "grau", "g", "zlosl", "分化度"),
    "histology": ("hist", "isto", "組織型"),
    "intent": ("inten", "zamiar", "cel", "治療目的", "目的"),
    "site": ("site", "topo", "lokal", "local", "icd", "icd10", "rozpoznanie", "diag", "部位",
             "病名", "原発"),
    "age": ("age", "alter", "edad", "idad", "eta", "wiek", "leef", "年齢"),
    "weight": ("weight", "gewicht", "poids", "peso", "waga", "masa", "vikt", "vekt", "hmotn",
               "体重", "вес"),
    "height": ("height", "grosse", "korpergrosse", "taille", "altura", "talla", "altezza", "lengte",
               "wzrost", "langd", "hoyde", "vyska", "身長", "рост"),
    "ethnicity": ("ethn", "race", "raca", "cor", "rass"),
    "patient_id": ("patient", "patid", "pront", "ipp", "mrn", "pacj", "pesel", "kart", "患者番号",
                   "患者id", "カルテ"),
    "birth": ("birth", "born", "dob", "geb", "nais", "nasc", "naci", "nasci", "ur", "urodz", "naro",
              "födelse", "syntyma", "生年月日"),
    "start": ("start", "begin", "beginn", "debut", "seance", "inic", "inizio", "rozp", "zahaj",
              "開始", "照射開始", "治療開始"),
    "death": ("death", "died", "dead", "deces", "tod", "sterbe", "obito", "falle", "muert",
              "morte", "zgon", "umrti", "overl", "死亡"),
    "last_contact": ("contact", "kontakt", "contat", "dn", "nouv", "last", "letzt", "follow",
                     "ultim", "最終"),
}  # fmt: skip
_WHOLE = 4  # letters; a shorter word is the whole of one, unless each letter is a word
_WORDS = "\u2e80"  # from here on


def plain_words(text: str) -> list[str]:
    """Words of a name in small letters without accents.

    Examples
    --------
    >>> plain_words("PS (OMS)"), plain_words("Stopień_złośliwości")
    (['ps', 'oms'], ['stopien', 'zlosliwosci'])
    """
    spread = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l").replace("ø", "o"))
    bare = "".join(each for each in spread if not unicodedata.combining(each))
    return [word for word in re.split(r"[\W_]+", unicodedata.normalize("NFKC", bare)) if word]


def column_named(field: str, names: Iterable[str]) -> str | None:
    """Find the column of an export that a column of a schema is likely made from.

    Examples
    --------
    >>> column_named("clinical_stage", ["IPP", "Stade TNM", "Tabac"])
    'Stade TNM'
    >>> column_named("ecog", ["Grade", "PS (OMS)"])
    'PS (OMS)'
    """
    names = list(names)
    words = _COLUMNS.get(field, ())
    found = [name for name in names if any(_begins(each, words) for each in plain_words(name))]
    return min(found, key=len, default=None) or nearest(field, names)


def _begins(word: str, known: Iterable[str]) -> bool:
    return any(
        word == each or (_is_a_beginning(each) and word.startswith(each))
        for each in (" ".join(plain_words(k)) for k in known)
    )


def _is_a_beginning(word: str) -> bool:
    return len(word) >= _WHOLE or word >= _WORDS
