"""Figures of the survey: readers, patients, and death within six months."""

import pandas as pd

import faceage_stats as fs

HORIZON = 0.5  # years
STUDY = {"reader": "reader_id", "case": "patient_id", "modality": "arm"}
OCCUPATIONS = {"staff": "Staff physicians", "resident": "Residents", "lay": "Lay readers"}


def known(survey):
    """Add who had died by six months; missing for those censored earlier."""
    return survey.assign(dead=fs.state_by(survey, HORIZON))


def names_of(readers, arms):
    """Printed names of the arms and of the occupations of these readers."""
    present = set(readers["group"].astype(str))
    arms = {key: name for key, name in arms.items() if key in set(readers["modality"].astype(str))}
    return arms | {key: name for key, name in OCCUPATIONS.items() if key in present}


def labelled(tables, column):
    """Stack tables under a first column that names them."""
    table = pd.concat([t.assign(**{column: name}) for name, t in tables.items()], ignore_index=True)
    return table[[column, *table.columns.drop(column)]]
