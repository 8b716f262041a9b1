"""Published values that no matched cohort gives, and why."""

import pandas as pd

TEACHH = (
    "of the patients of the study of 2014; the high-risk group of FaceAge's paper lived 0.21 or "
    "0.24 years (2.5 or 2.9 months), this one 1.7 months: one table cannot give both"
)
PHOTOGRAPHS = "of photographs that are not at hand"
TRAINING = "how many photographs a model was trained with: nothing to compute"
PATIENTS = "how many patients a study had: nothing to estimate"
REASONS = {
    **dict.fromkeys([f"teachh_group_{group}_median" for group in "abc"], TEACHH),
    **dict.fromkeys(["faceage_mae_development", "faceage_mae_curated"], PHOTOGRAPHS),
    **dict.fromkeys(["fahr_robust_makeup", "fahr_robust_light", "fahr_robust_smile"], PHOTOGRAPHS),
    **dict.fromkeys(["fahr_age_training_images", "fahr_survival_training_photos"], TRAINING),
    **dict.fromkeys(["far_n_analysed", "far_n_source"], PATIENTS),
    "faceage_cdk6": "printed as a word, without a number",
}


def unmatched(table):
    """One row for each of them in a table of published and recovered values."""
    rows = table[table["id"].isin(list(REASONS)) & (table["status"] != "matched")]
    rows = rows.drop_duplicates("id")[["id", "cohort", "term", "published_estimate"]]
    return pd.DataFrame(rows.assign(reason=rows["id"].map(REASONS)))
