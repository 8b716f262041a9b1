"""Genotyped patients: how they differ from the other thoracic patients."""

import numpy as np

import faceage_stats as fs
from items._cohort import describe

TABLES = ("thoracic", "genotypes", "expression")
COLUMNS = ["age", "faceage", "gap", "sex", "stage", "smoker", "histology", "years", "death"]


def make(data, settings):
    """Table 1 of the thoracic cohort by whether germline data are there."""
    rows = fs.curate(data["thoracic"], "thoracic").rows
    germline = data["genotypes"]["patient_id"]
    known = rows["patient_id"].isin(germline) | rows["patient_id"].isin(
        data["expression"]["patient_id"]
    )
    rows = rows.assign(germline=np.where(known, "genotyped", "not genotyped"))
    caption = (
        "{n_genotyped} of {n} thoracic patients have genotypes or expression; {n_unmatched} "
        "genotyped patients are not in the thoracic cohort."
    )
    numbers = {
        "n": len(rows),
        "n_genotyped": int(known.sum()),
        "n_unmatched": int((~germline.isin(rows["patient_id"])).sum()),
    }
    return describe(
        rows, COLUMNS, by="germline", schema="thoracic", overall=False, caption=caption,
        answer=caption, numbers=numbers,
    )  # fmt: skip
