"""Genotyped patients: how they differ from the rest of the thoracic cohort."""

import numpy as np

import faceage_stats as fs

TABLES = ("thoracic", "genotypes", "expression")
COLUMNS = ["age", "faceage", "gap", "sex", "stage", "smoker", "histology", "years", "death"]


def make(data, settings):
    """Table 1 of the thoracic cohort by whether germline data are there."""
    rows = fs.curate(data["thoracic"], "thoracic").rows
    germline = data["genotypes"]["patient_id"]
    expressed = data["expression"]["patient_id"]
    known = rows["patient_id"].isin(germline) | rows["patient_id"].isin(expressed)
    rows = rows.assign(germline=np.where(known, "genotyped", "not genotyped"))
    table = fs.table_one(rows, by="germline", columns=COLUMNS, schema="thoracic", overall=False)
    table = table.suppressed(settings.threshold(*TABLES))
    printed = table.display().to_frame()
    unmatched = int((~germline.isin(rows["patient_id"])).sum())
    return fs.Item(
        caption=(
            f"{int(known.sum()):,} of {len(rows):,} thoracic patients have genotypes or "
            f"expression; {unmatched} genotyped patients are not in the thoracic cohort. Mean "
            "(SD) or n (%); SMD is the standardised mean difference."
        ),
        tables={"characteristics": printed, "characteristics_numbers": table.tidy()},
        columns=dict.fromkeys(printed, "printed cell"),
    )
