"""What readers see in place of the names that columns, levels and models have in the code."""

from __future__ import annotations

import re

__all__ = ["VARIABLES", "in_words", "term_in_words", "title_of"]

# column of a cohort -> name with unit
VARIABLES = {
    "age": "Age, years",
    "age10": "Age, per decade",
    "age_band": "Age, years",
    "age_gap": "FaceAge minus age, years",
    "age_guess": "Guessed age, years",
    "all": "All",
    "any_admission": "Any hospital admission",
    "any_er_admission": "Any emergency-room admission",
    "any_prior_rt": "Any prior palliative radiotherapy",
    "bmi": "Body mass index, kg/m²",
    "bmi_class": "Body mass index, kg/m²",
    "call": "Call at six months",
    "cancer_group": "Cancer group",
    "cancer_type": "Cancer type",
    "death": "Vital status",
    "decade": "Age, years",
    "diagnosis": "Diagnosis",
    "discordance": "FaceAge minus age, years",
    "ecog": "ECOG performance status",
    "ecog_group": "ECOG performance status",
    "er": "ER status",
    "ethnicity": "Ethnicity",
    "face_aging_rate": "Face Aging Rate",
    "faceage": "FaceAge, years",
    "faceage1": "FaceAge, first photograph, years",
    "faceage2": "FaceAge, second photograph, years",
    "faceage10": "FaceAge, per decade",
    "faceage_group": "FaceAge, years",
    "fahr_faceage": "FAHR-FaceAge, years",
    "fahr_faceage10": "FAHR-FaceAge, per decade",
    "fahr_survival": "FAHR-FaceSurvival, log risk",
    "far": "Face Aging Rate",
    "far_group": "Face Aging Rate",
    "far_sd": "Face Aging Rate, per standard deviation",
    "first10": "FaceAge, first photograph, per decade",
    "gap": "FaceAge minus age, years",
    "grade_group": "Tumour grade",
    "group_age": "TEACHH group, with age",
    "group_faceage": "TEACHH group, with FaceAge",
    "histology": "Histology",
    "hospital_admissions": "Hospital admissions, last three months",
    "intent": "Intent of treatment",
    "interval_days": "Between photographs, days",
    "interval_years": "Between photographs, per year",
    "latest10": "FaceAge, latest photograph, per decade",
    "log_crp": "C-reactive protein, log",
    "log_nodes": "Positive nodes, log",
    "log_pgr": "Progesterone receptor, log",
    "mets_adrenal": "Adrenal metastases",
    "mets_bone": "Bone metastases",
    "mets_brain": "Brain metastases",
    "mets_liver": "Liver metastases",
    "mets_lung": "Lung metastases",
    "mets_lymph": "Lymph-node metastases",
    "mets_other": "Other metastases",
    "mets_spine": "Spine metastases",
    "phenoage10": "PhenoAge, per decade",
    "phenoage_group": "PhenoAge, years",
    "prior_chemo_courses": "Prior courses of palliative chemotherapy",
    "ps": "ECOG performance status",
    "quarter": "Quarter of the gap",
    "quartile": "Quartile of FAHR-FaceSurvival",
    "race": "Race",
    "rating": "Rating, percent",
    "risk_quarter": "Quarter of predicted risk",
    "scores": "Scores",
    "sex": "Sex",
    "site": "Tumour site",
    "smoker": "Smoking",
    "smoking": "Smoking",
    "stage": "Stage",
    "step": "Quartile, per step",
    "years": "Follow-up, years",
    "years_metastasis_to_consult": "Metastasis to consultation, per year",
    "years_to_first_metastasis": "Diagnosis to first metastasis, per year",
}
# a cell that is one of these words
LEVELS = {
    "F": "Women",
    "M": "Men",
    "female": "Women",
    "male": "Men",
    "gi": "Gastrointestinal",
    "gu": "Genitourinary",
    "hn": "Head and neck",
    "rest": "Breast, colorectal",
    "nsclc": "Non-small-cell",
    "sclc": "Small-cell",
    "non_white": "Other than white",
    "photo": "Photograph",
    "photo_chart": "Photograph and chart",
    "photo_chart_faceage": "Photograph, chart and FaceAge risk model",
    "guess": "Guessed age",
    "guess_faceage": "Guessed age and FaceAge",
    "larynx_and_hypopharynx": "Larynx and hypopharynx",
    "liver_and_bile": "Liver and bile ducts",
    "oral_cavity": "Oral cavity",
    "vulva_and_vagina": "Vulva and vagina",
    "staff": "Staff physicians",
    "resident": "Residents",
    "lay": "Lay readers",
    "short": "10-365 days",
    "mid": "366-730 days",
    "long": "731-1,460 days",
    "harvard_rt": "Development",
    "maastro_rt": "Independent",
    "older_rt": "60 or more",
    "mae": "Mean absolute error, years",
    "balanced_mae": "Mean absolute error, mean over decades, years",
    "mean_error": "Mean gap, years",
    "rmse": "Root mean squared error, years",
    "pearson_r": "Pearson r",
    "r_squared": "R²",
    "r_squared_identity": "R² about the line of identity",
    "r_squared_nagelkerke": "R², Nagelkerke",
    "brier": "Brier score",
    "brier_scaled": "Brier score, scaled",
    "c_statistic": "C statistic",
    "c_statistic_binned": "C statistic, risks in 5,000 bins",
    "somers_dxy": "Somers' Dxy",
    "somers_dxy_binned": "Somers' Dxy, risks in 5,000 bins",
    "spiegelhalter_z": "Spiegelhalter's z",
    "mean_observed": "Observed risk, mean",
    "mean_predicted": "Predicted risk, mean",
    "observed_risk": "Observed risk",
    "observed_expected_ratio": "Observed over expected",
    "intercept_with_slope": "Intercept, with the slope",
    "intercept_lr_test": "Intercept, LR test",
    "slope_given_intercept_lr_test": "Slope given the intercept, LR test",
    "age_and_sex": "Age and sex",
    "points_age": "Points with age",
    "points_phenoage": "Points with PhenoAge",
    "colour_cast": "Warmth",
    "eye_shadow": "Eye shadow",
    "occlusion_eyes": "Bar over the eyes",
    "occlusion_nose": "Bar over the nose",
    "occlusion_mouth": "Bar over the mouth",
    "crop_jitter": "Box shifted",
    "landmark_jitter": "Landmarks moved",
    "bias": "Mean difference",
    "limit_low": "Lower limit of agreement",
    "limit_high": "Upper limit of agreement",
    "nri": "NRI",
    "nri_event": "NRI, patients who died",
    "nri_nonevent": "NRI, patients who lived",
    "idi": "IDI",
    "idi_event": "IDI, patients who died",
    "idi_nonevent": "IDI, patients who lived",
    "GLOBAL": "All terms together",
    "holm": "Holm",
    "as_published": "as published",
    "conf_limit": "Confidence limit nearer to 1",
    "covariates": "Clinical",
    "auc": "AUC",
    "ici": "ICI",
    "e50": "E50",
    "e90": "E90",
    "tt(latest10)": "FaceAge, latest photograph, times log(years)",
    "hazard_ratio": "Hazard ratio",
    "risk": "With FaceAge",
    "risk_without": "Without FaceAge",
}
# inside a level: mathematical signs as they are printed
_SIGNS = (("<=", "≤ "), (">=", "≥ "), ("<", "< "), (">", "> "))
_INTERVAL = re.compile(r"\((\d+),\s*(\d+)\]")
_PLAIN = re.compile(r"[a-z][a-z ,]+")
_IN_A_SENTENCE = {
    "faceage": "FaceAge", "maastro": "MAASTRO", "gi": "gastrointestinal", "gu": "genitourinary",
    "harvard_rt": "Harvard", "teachh": "TEACHH", "imdb-wiki": "IMDB-WIKI", "<=65": "≤ 65",
}  # fmt: skip
_ACRONYMS = {
    "auc": "AUC", "bmi": "BMI", "nri": "NRI", "idi": "IDI", "ecog": "ECOG", "tripod": "TRIPOD+AI",
    "ai": "", "r": "R", "faceage": "FaceAge", "e": "E", "p": "p", "utk": "UTKFace",
    "fahr": "FAHR", "i": "I", "icc": "ICC", "roc": "ROC", "aic": "AIC", "bic": "BIC",
    "lr": "LR", "c": "C", "se": "SE", "sd": "SD", "skat": "SKAT", "acat": "ACAT", "hwe": "HWE",
    "onnx": "ONNX", "logrank": "log-rank", "sha256": "SHA-256", "mae": "MAE",
}  # fmt: skip


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
        is_level = term[len(variable)] == "=" or level in LEVELS or level in _WORDS
        if is_level or not level[:2].islower():
            return f"{VARIABLES[variable]}: {_level(level)}"
    return ""


# levels that are words of their own, so that "site" + "breast" is told from "sites"
_WORDS = frozenset(
    {"asian", "black", "breast", "current", "curative", "ever", "former", "indian", "lung", "never",
     "negative", "other", "palliative", "positive", "prostate", "white", "colorectal",
     "gynaecological", "neither", "both",
     "anus", "bladder", "brain", "cervix", "colon", "kidney", "lymphoma", "melanoma",
     "mesothelioma", "myeloma", "oesophagus", "oropharynx", "ovary", "pancreas", "rectum",
     "sarcoma", "skin", "stomach", "thymus", "thyroid", "uterus"}
)  # fmt: skip


def _level(level: str) -> str:
    if level in LEVELS:
        return LEVELS[level]
    if interval := _INTERVAL.fullmatch(level):
        return f"> {interval[1]} to {interval[2]}"
    for sign, printed in _SIGNS:
        if level.startswith(sign):
            return f"{printed}{level.removeprefix(sign)}"
    words = " ".join(_IN_A_SENTENCE.get(word, word) for word in level.split(" "))
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
    >>> title_of("median_survival"), title_of("auc_difference"), title_of("e_value")
    ('Median survival', 'AUC difference', 'E value')
    """
    words = [_ACRONYMS.get(word, word) for word in name.split("_")]
    text = " ".join(word for word in words if word)
    return text[:1].upper() + text[1:] if not text.startswith("p ") and text != "p" else text
