"""Published, planted and recovered values side by side."""

import json

import pandas as pd

import faceage_stats as fs
from faceage_stats.reporting.formats import format_estimate_ci, format_number
from faceage_stats.reporting.paper import STATUS, compare
from faceage_stats.reporting.store.read_item import read_item

TABLES = ()
RESULTS = ("ext1", "fig2a", "fig2b", "fig3b", "fig3c", "thoracic", "palliative",
           "ext8_teachh", "fig4d", "genes", "fahr_quartiles", "far")  # fmt: skip
COLUMNS = {
    "id": "identifier of the published value",
    "display_item": "figure or table of the paper",
    "cohort": "cohort",
    "quantity": "what is estimated",
    "term": "what is compared",
    "model": "covariates of the model",
    "unit": "unit",
    "published_estimate": "published value",
    "published_conf_low": "published lower limit",
    "published_conf_high": "published upper limit",
    "published_p": "published p value",
    "planted": "value in the model that drew the synthetic rows",
    "recovered_estimate": "value computed by this build",
    "recovered_conf_low": "its lower confidence limit",
    "recovered_conf_high": "its upper confidence limit",
    "recovered_p": "its p value",
    "recovered_n": "patients it was computed from",
    "variant": "default, or as_published where an error of the public code is reproduced",
    "status": "what the comparison says",
    "published": "published value with its interval",
    "recovered": "value computed by this build, with its interval",
    "meaning": "what the status means",
}


def make(data, settings):
    """Join by id; a value from synthetic rows is judged against what was planted in them."""
    stored = {name: read_item(settings.results / name) for name in RESULTS}
    values = pd.concat([item.values for item in stored.values()], ignore_index=True)
    real = [
        i for item in stored.values() if not item.provenance["synthetic"] for i in item.values["id"]
    ]
    truth = [
        record
        for path in sorted(set(settings.truth_files.values()))
        for record in json.loads(path.read_text(encoding="utf-8"))["planted"]
    ]
    table = compare(values, truth, real=real)
    recovered = table[table["status"] != "not recovered"]
    drawn = recovered[recovered["quantity"] == "hazard_ratio"]
    figure = fs.figures.published_vs_recovered(by_source(drawn))
    counts = table["status"].value_counts().rename_axis("status").reset_index(name="n")
    return fs.Item(
        figure=figure,
        caption=(
            f"{len(recovered)} values are recomputed by this build; hazard ratios are drawn: "
            "published with interval, planted, and recovered with interval."
        ),
        tables={
            "recovered": printed(recovered),
            "status": counts.assign(meaning=counts["status"].map(STATUS)),
            "every_value": table[[column for column in COLUMNS if column in table]],
        },
        source_data=drawn[[column for column in COLUMNS if column in drawn]],
        columns=COLUMNS,
    )


def printed(table):
    """Three columns of printed values: published, planted, recovered."""
    cells = {source: [cell(row, source) for _, row in table.iterrows()] for source in
             ("published", "recovered")}  # fmt: skip
    shown = table[["cohort", "term", "model", "planted", "status"]].assign(**cells)
    return shown[["cohort", "term", "model", "published", "planted", "recovered", "status"]]


def cell(row, source):
    """Estimate with its interval where one is known."""
    estimate, low, high = (
        row[f"{source}_{name}"] for name in ("estimate", "conf_low", "conf_high")
    )
    if pd.isna(estimate):
        return ""
    return format_number(estimate) if pd.isna(low) else format_estimate_ci(estimate, low, high)


def by_source(drawn):
    """One row per value and source, as the figure wants them."""
    model, item = (drawn[name].astype(object).fillna("") for name in ("model", "display_item"))
    labels = drawn["cohort"] + ", " + drawn["term"] + " (" + model + ", " + item + ")"
    blocks = [
        pd.DataFrame(
            {
                "label": labels,
                "source": source,
                "estimate": drawn[estimate],
                "conf_low": drawn.get(f"{source}_conf_low", float("nan")),
                "conf_high": drawn.get(f"{source}_conf_high", float("nan")),
                "unit": drawn["unit"],
            }
        )
        for source, estimate in {
            "published": "published_estimate",
            "planted": "planted",
            "recovered": "recovered_estimate",
        }.items()
    ]
    return pd.concat(blocks, ignore_index=True).dropna(subset="estimate")
