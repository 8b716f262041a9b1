"""Published values beside those of this build."""

import json

import numpy as np
import pandas as pd

import faceage_stats as fs
from faceage_stats.reporting.agreement import RATIO, pool, standard_error
from faceage_stats.reporting.paper import STATUS, compare
from faceage_stats.reporting.store.item import DEFAULT_VARIANT
from faceage_stats.reporting.store.read_item import read_item
from faceage_stats.reporting.words import in_words
from items._present import need
from items._unmatched import unmatched

TABLES = ()
RESULTS = ("ext1", "fig2a", "fig2b", "fig3b", "fig3c", "thoracic", "palliative",
           "ext8_teachh", "fig4d", "genes", "fahr_accuracy", "fahr_quartiles", "far",
           "discordance")  # fmt: skip
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
    "published_decimals": "decimals that were printed",
    "published_p": "published p value",
    "planted": "value in the model that drew the synthetic rows",
    "recovered_estimate": "value computed by this build",
    "recovered_conf_low": "its lower confidence limit",
    "recovered_conf_high": "its upper confidence limit",
    "recovered_p": "its p value",
    "recovered_n": "patients it was computed from",
    "difference": "our value minus the published one; of ratios divided by it",
    "difference_conf_low": "its lower confidence limit",
    "difference_conf_high": "its upper confidence limit",
    "difference_p": "p value of no difference",
    "i_squared": "proportion of the variation of both that is more than chance",
    "variant": "default, or as_published where an error of the public code is reproduced",
    "status": "what the comparison says",
    "meaning": "what the status means",
    "values": "how many published or planted values",
    "reason": "why no table of this build gives the value",
}

IN_THE_TERM = ("cohort", "unit", "variant")
SHOWN = [name for name in COLUMNS
         if name not in ("display_item", "quantity", "recovered_n", *IN_THE_TERM)
         and not name.startswith("difference")]  # fmt: skip
EMPTY = ["id", "estimate"]
# The table that a published cohort is in, where its name does not begin with that of the table.
TABLE_OF = {"harvard_rt serial": "serial_photos", "teachh": "palliative",
            "thoracic genotyped": "genotypes"}  # fmt: skip


def make(data, settings):
    """Join by id; synthetic values are judged by what was planted, real ones by the publication."""
    stored = {name: read_item(settings.results / name) for name in settings.earlier}
    found = [item.values for item in stored.values()]
    values = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=EMPTY)
    real = [i for item in stored.values() if not item.provenance["synthetic"]
            for i in item.values["id"]]  # fmt: skip
    original = [i for item in stored.values() if is_original(item, settings)
                for i in item.values["id"]]  # fmt: skip
    truths = [json.loads(path.read_text(encoding="utf-8"))
              for path in sorted(set(settings.truth_files.values()))]  # fmt: skip
    truth = [record for each in truths for record in each["planted"]]
    matched = {i for each in truths for i in each.get("matched", {}).get("ids", [])}
    table = compare(values, truth, real=real, original=original, matched=matched)
    if "private" in settings.sources.values():
        table = within_reach(table, settings)
    recovered = table[table["status"] != "not recovered"]
    need(len(recovered), "a value that the papers give as well")
    drawn = recovered[recovered["quantity"] == "hazard_ratio"]
    once = table[table["variant"].fillna(DEFAULT_VARIANT) == DEFAULT_VARIANT]
    counts = once["status"].value_counts().rename_axis("status").reset_index(name="values")
    n_recovered = int((once["status"] != "not recovered").sum())
    sources = "published, planted and recovered" if truth else "published and recovered"
    return fs.Item(
        figure=figure_of(drawn, sources) if len(drawn) else None,
        caption=(
            f"{n_recovered} values are recomputed by this build; hazard ratios are drawn with "
            f"their intervals: {sources}. A row has the name of the cohort that was published."
        ),
        tables={
            "every_value": said(in_order(table))[[column for column in SHOWN if column in table]],
            "every_value_numbers": table[[column for column in COLUMNS if column in table]],
            **differences(recovered),
            **({"not_matched": unmatched(table)} if matched else {}),
            "status": counts.assign(meaning=counts["status"].map(STATUS)),
        },
        source_data=drawn[[column for column in COLUMNS if column in drawn]],
        columns=COLUMNS,
        roles={"values": "setting"},
    )


def figure_of(drawn, sources):
    """Hazard ratios of the papers beside those of this build."""
    drawing = fs.figures.published_vs_recovered(by_source(drawn))
    return fs.Figure(drawing, label=f"{sources.capitalize()} hazard ratios")


def within_reach(table, settings):
    """Of another hospital: the published values that its tables can give, found or not."""
    private = [name for name, source in settings.sources.items() if source == "private"]
    tables = table["cohort"].map(lambda cohort: TABLE_OF.get(cohort, cohort.split()[0]))
    return table[tables.isin(private) | (table["status"] != "not recovered")]


def in_order(table):
    """What this build recovered first."""
    return table.sort_values("status", key=lambda status: status == "not recovered", kind="stable")


def said(table):
    """Cohort, unit and variant in the cell of the term: the table is no wider than the page."""
    unit = (", " + table["unit"]).where(table["unit"].isin(["years", "months", "percent"]), "")
    variant = table["variant"].fillna(DEFAULT_VARIANT)
    variant = (": " + variant).where(variant != DEFAULT_VARIANT, "")
    return table.assign(term=table["cohort"] + ": " + table["term"] + unit + variant)


def is_original(item, settings):
    """Whether an item was made from the tables that the papers were written from."""
    sources = item.provenance["parameters"].get("sources", {})
    others = [t for t, kind in sources.items() if kind == "private" and t not in settings.originals]
    return not item.provenance["synthetic"] and not others


def differences(recovered):
    """Of another cohort: its difference from each published value, and both pooled."""
    known = recovered.dropna(subset="difference").reset_index(drop=True)
    if known.empty:
        return {}
    shown = ["cohort", "term", "model", "difference", "difference_conf_low",
             "difference_conf_high", "difference_p", "status"]  # fmt: skip
    return {"differences": known[shown], "pooled": pooled(known)}


def pooled(known):
    """Random-effects mean of the published value and ours, and how unlike they are."""
    rows = []
    for row in known.to_dict(orient="records"):
        log = row["unit"] == RATIO
        pairs = [(row[f"{s}_estimate"], error(row, s, log)) for s in ("published", "recovered")]
        both = pool([np.log(e) if log else e for e, _ in pairs], [se for _, se in pairs])
        limits = [both.estimate, both.conf_low, both.conf_high]
        shown = np.exp(limits) if log else limits
        numbers = dict(zip(["estimate", "conf_low", "conf_high"], shown, strict=True))
        rows.append(
            {"cohort": row["cohort"], "term": row["term"], "model": row["model"], **numbers,
             "statistic": both.q, "p_value": both.q_p_value, "i_squared": both.i_squared}
        )  # fmt: skip
    return pd.DataFrame(rows)


def error(row, source, log):
    """Standard error of a value, from its interval or its p value."""
    p = pd.to_numeric(row[f"{source}_p"], errors="coerce")
    low, high = row[f"{source}_conf_low"], row[f"{source}_conf_high"]
    return standard_error(low, high, log=log, estimate=row[f"{source}_estimate"], p=p)


def by_source(drawn):
    """One row per value and source, as the figure wants them."""
    model, item = (drawn[name].astype(object).fillna("") for name in ("model", "display_item"))
    item = item.str.replace("fig", "figure ").str.replace("ext", "extended figure ")
    term = drawn["term"].str.replace("faceage", "FaceAge")
    labels = drawn["cohort"].map(in_words) + ", " + term + " (" + model + ", " + item + ")"
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
