"""From a hospital's export to a table of a schema, by one mapping; every rule is counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats.cohorts.curation.flow import (
    COMPLETE_CASES,
    FLOW_COLUMNS,
    Curated,
    flow_of,
)
from faceage_stats.cohorts.prepare.add_scores import add_scores
from faceage_stats.cohorts.prepare.cells import coded_missing, keys
from faceage_stats.cohorts.prepare.columns import FEW, add_columns, condition, said
from faceage_stats.cohorts.prepare.declared import Bmi, Verbatim
from faceage_stats.cohorts.prepare.export import joined, read_export, read_others
from faceage_stats.cohorts.prepare.follow_up import add_dates, add_follow_up, check_order
from faceage_stats.cohorts.prepare.mapping import load_mapping
from faceage_stats.cohorts.prepare.preparation import Preparation
from faceage_stats.cohorts.prepare.repeats import drop_identical, one_row_per_patient
from faceage_stats.cohorts.schema.validate import validate
from faceage_stats.cohorts.tables.read_table import read_table
from faceage_stats.errors import InputError, SchemaError

__all__ = ["prepare", "prepared"]


@checked_call
def prepare(
    raw: pd.DataFrame | str | Path | None,
    mapping: str | Path | Mapping[str, Any],
    *,
    scores: pd.DataFrame | None = None,
) -> Curated:
    """Turn a hospital's export into a table of a schema, by one mapping.

    Parameters
    ----------
    raw : pandas.DataFrame, path or None
        The export, rows as the hospital wrote them, or its file; None: the file that the
        mapping names. Files that the mapping joins are read as it says.
    mapping : path or dict
        The declaration of the hospital (``.yaml``), or a dict of the same keys: see the page
        "Bring your own cohort".
    scores : pandas.DataFrame, optional
        A biomarker table, in place of the file that the mapping names below ``scores``.

    Returns
    -------
    Curated
        ``rows``, as the schema has them (the result of `validate`), numbered from 0, and
        ``flow``: every rule of the mapping is a step, from the first row of the export, with
        ``n_excluded`` and ``n_changed``. `curate` of the rows continues this flow.

    Raises
    ------
    InputError
        A mapping that cannot be meant (line, key, near match), or an export that it does not fit:
        unknown codes with their counts, dates that can be read in two ways or stand in an
        impossible order, several rows of a patient. All are listed, with the cure.
    SchemaError
        If the prepared table is not as the schema says.

    See Also
    --------
    add_scores : Join the scores of photographs.
    validate : What the schema asks for.
    curate : Apply the exclusions of the cohort.

    Notes
    -----
    The order: files that are joined, identical rows, codes for missing values, dates, one row per
    patient, impossible orders of dates, columns, follow-up, exclusions, scores, complete rows,
    numbers in place of the hospital's. Nothing in a mapping
    is run as code: conditions are written in the language of formulas.

    Examples
    --------
    >>> import pandas as pd
    >>> import faceage_stats as fs
    >>> raw = pd.DataFrame({"Nr": ["7", "8", "8"], "Alter": ["61,5", "70", "70"],
    ...                     "FaceAge": ["63", "72,5", "72,5"], "Geschlecht": ["w", "m", "m"]})
    >>> mapping = {"schema": "utk", "duplicates": {"identical": "drop"},
    ...            "columns": {"subj_id": "Nr", "age": "Alter", "faceage": "FaceAge",
    ...                        "gender": {"from": "Geschlecht", "codes": {"m": 0, "w": 1}},
    ...                        "race": {"value": 0}}}
    >>> prepared = fs.prepare(raw, mapping)
    >>> prepared.rows["age"].tolist()
    [61.5, 70.0]
    >>> prepared.flow.tidy()[["step", "n_before", "n_after"]].head(2).values.tolist()
    [['Export as received', 3, 3], ['Identical rows', 3, 2]]
    """
    declared = load_mapping(mapping)
    return prepared(joined(declared, read_export(raw, declared), read_others(declared)), scores)


def prepared(work: Preparation, scores: pd.DataFrame | None) -> Curated:
    """Apply every rule of a mapping to the rows of its export."""
    declared = work.mapping
    drop_identical(work)
    _set_missing(work)
    add_dates(work)
    one_row_per_patient(work)
    check_order(work)
    add_columns(work)
    add_follow_up(work)
    for rule in declared.exclude:
        holds = condition(work, rule.where, rule.name).fillna(False)
        work.drop(holds, rule.name, said(rule.where))
    if declared.scores is not None:
        _join_scores(work, scores)
    _complete(work)
    return _finished(work)


def _set_missing(work: Preparation) -> None:
    """Codes for missing values, in the columns that rules read."""
    declared = work.mapping
    changed = np.zeros(len(work.cells), dtype=bool)
    rows_of = Counter[str]()
    cells = work.cells.copy()
    own = {
        source: declared.missing_in[name]
        for name, rule in declared.columns.items()
        if name in declared.missing_in
        for source in _sources(rule)
    }
    for source in cells.columns:
        codes = (*declared.missing, *own.get(source, ()))
        coded = coded_missing(cells[source], codes) if codes else changed & False
        if coded.any():
            cells[source] = cells[source].mask(coded, None)
        if source in declared.sources:
            changed |= coded
            rows_of.update({c: int(coded_missing(work.cells[source], [c]).sum()) for c in codes})
    work.cells = cells
    if declared.missing or own:
        listed = dict.fromkeys([*declared.missing, *sum(own.values(), ())])
        shown = [code for code in listed if rows_of[code] >= FEW]  # others may be a patient's
        if len(shown) < len(listed):
            shown.append(f"{len(listed) - len(shown)} of fewer than {FEW} rows each")
        work.note("Codes for missing values", f"{', '.join(shown)} count as missing", changed)


def _sources(rule: Any) -> list[str]:
    if isinstance(rule, Bmi):
        return [rule.weight.source, rule.height.source]
    return [rule.source] if hasattr(rule, "source") else []


def _join_scores(work: Preparation, scores: pd.DataFrame | None) -> None:
    """Scores of the photographs, joined to the rows by patient."""
    declared = work.mapping.scores
    assert declared is not None
    if scores is None:
        if declared.path is None:
            raise InputError(
                f"{work.mapping.name}: scores, `path` is missing: the biomarker table."
            )
        scores = read_table(declared.path, "biomarkers")
    table = scores
    if declared.model:
        table = table[table["model"] == declared.model]
    zeros, key = declared.leading_zeros, work.mapping.schema.primary_key[0]
    table = table.assign(patient_id=keys(table["patient_id"], zeros))
    table = table[~table["patient_id"].isin(_excluded(work, zeros))]
    dates = {declared.date: work.dates[declared.date]} if declared.date else {}
    joined = add_scores(
        work.rows.assign(**{key: keys(work.rows[key], zeros)}, **dates),
        table,
        rule=declared.rule,
        date=declared.date or None,
        within_days=declared.within_days,
        into=declared.into,
    )
    steps = joined.flow.tidy().iloc[1:].itertuples(index=False)
    work.rows = work.rows.assign(**{declared.into: joined.rows[declared.into].to_numpy()})
    work.rows.attrs["scores"] = joined.rows.attrs["scores"]
    work.record += [dict(zip(FLOW_COLUMNS, step, strict=True)) for step in steps]


def _excluded(work: Preparation, zeros: str) -> set[str]:
    """Patients of the export who were excluded: their photographs are no strangers."""
    key = work.mapping.schema.primary_key[0]
    rule = work.mapping.columns.get(key)
    if not isinstance(rule, Verbatim):
        return set()
    known = keys(work.rows[key], zeros).dropna()
    return {*keys(work.export[rule.source], zeros).dropna()} - {*known}


def _complete(work: Preparation) -> None:
    """Exclude rows without a value that the schema needs, where the mapping says so."""
    if work.mapping.incomplete == "refuse":
        return
    for field in work.mapping.schema.fields:
        if field.required and field.name in work.rows:
            gaps = work.rows[field.name].isna()
            if gaps.any():
                name = f"{COMPLETE_CASES}: {field.name}"
                work.drop(gaps, name, f"{field.name} is not known")


def _number(work: Preparation) -> None:
    """Numbers from 1 in place of the hospital's, which stay behind once all is joined."""
    for name, rule in work.mapping.columns.items():
        if isinstance(rule, Verbatim) and rule.numbered:
            known = work.rows[name].notna()
            numbers = np.arange(1, len(known) + 1).astype(str).astype(object)
            work.rows[name] = pd.Series(numbers, known.index).mask(~known, None)
            work.note(f"Numbers for {name}", "in the order of the rows", known)


def _finished(work: Preparation) -> Curated:
    """The rows as the schema has them, with what is known of their making."""
    declared = work.mapping
    scores = work.rows.attrs.get("scores", {})
    _number(work)
    absent = [f.name for f in declared.schema.fields if f.name not in work.rows and not f.optional]
    rows = work.rows.assign(**dict.fromkeys(absent)).reset_index(drop=True)
    try:
        rows = validate(rows, declared.schema.name)
    except SchemaError as error:
        told = f"{declared.name}: the prepared table is not as its schema says. {error}"
        raise SchemaError(told, error.problems) from None
    flow = flow_of(declared.schema.name, work.record)
    steps = json.loads(flow.tidy().to_json(orient="records"))  # Parquet keeps plain values
    attrs = {"steps": steps, "label": declared.label, "short_name": declared.short_name}
    rows.attrs |= {key: value for key, value in attrs.items() if value}
    rows.attrs |= {"scores": scores} if scores else {}
    return Curated(rows, flow)
