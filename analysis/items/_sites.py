"""Tumour sites of patients with curative intent, with the names that figures print."""

SITES = {
    "breast": "Breast",
    "gi": "Gastrointestinal",
    "gu": "Genitourinary",
    "lung": "Lung",
    "hn": "Head and neck",
    "other": "Other site",
}
