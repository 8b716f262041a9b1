"""Face Aging Rate, cut-offs. Where the line is drawn, who drew it, and what the rate adds."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._present import curate, model, need
from items._serial import CLASSES, COVARIATES, above, by_class, hazard_ratios, in_a_third

TABLES = ("serial_photos",)
CUT_OFFS = {"short": 20, "mid": 10, "long": 1}  # years per year, second-hand
PHOTO_SD = 4  # years, noise of one photograph
RULES = {
    "one": "1 in all classes",
    "article": "20, 10 and 1",
    "own": "found in these patients",
    "tested": "found in a third, tested in the rest",
}
SHOWN = ["level", "model", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event", "scale"]


def make(data, settings):
    """One cut-off for all, the article's, and one found in the data, honestly and not."""
    cohort = curate(data["serial_photos"], "serial_photos")
    parts = {name: rows for name, rows in by_class(cohort.rows).items() if rows["death"].sum() > 20}
    need(parts, "an interval class with more than 20 deaths")
    searches = {name: search(rows) for name, rows in parts.items()}
    hr = pd.concat(
        [ratios(name, rows, searches[name], settings.seed) for name, rows in parts.items()],
        ignore_index=True,
    )
    tests, gains = zip(*(added(name, rows) for name, rows in parts.items()), strict=True)
    tests, gains = pd.concat(tests, ignore_index=True), pd.concat(gains, ignore_index=True)
    found = pd.concat([each.glance() for each in searches.values()]).assign(group=list(parts))
    return fs.Item(
        figure=fs.Figure(partial(
            fs.figures.forest, hr, effect="Adjusted HR, rate above the cut-off against the others",
            label="model", group="level", width="double",
        ), label="Hazard ratios by cut-off"),
        caption=(
            "Hazard ratio of death of {n} patients with two photographs by Face Aging Rate above "
            "and below a cut-off, by the time between the photographs and by who chose the "
            "cut-off, with 95% confidence interval; adjusted for interval, sex, race and diagnosis."
        ),
        answer=(
            "Of photographs {apart} apart, a rate above 1 "
            "{far_added:vs 0|raises|lowers|does not clearly change} the C index beside FaceAge of "
            "both photographs, by {far_added:.3}; a cut-off that was found in the same patients "
            "makes any p value too small."
        ),
        checks=(
            "The p value of a cut-off found in the data stands beside the one that is adjusted for "
            "the search ([table](far-cut-offs-table-search))."
        ),
        numbers={"n": sum(map(len, parts.values())), "apart": CLASSES[next(iter(parts))]},
        tables={
            "hazard_ratios": hr,
            "search": found[["group", "cut_point", "statistic", "p_value", "p_adjusted", "n"]],
            "added_to_faceage": tests,
            "c_index_gained": gains,
            "noise": pd.DataFrame([noise(name, rows) for name, rows in parts.items()]),
        },
        values=gains.head(1).assign(id="far_added")[
            ["id", "estimate", "conf_low", "conf_high", "p_value"]
        ],
        source_data=hr,
        flow=cohort.flow,
        columns={
            "level": "time between the photographs",
            "model": "cut-off, years per year",
            "std_dev": "standard deviation of the rate",
            "noise_sd": f"of which noise would give, with {PHOTO_SD} years in a photograph",
        },
        roles={"noise_sd": "estimate"},
    )  # fmt: skip


def search(rows):
    """The cut-off that parts survival best in these rows."""
    return fs.maxstat_test("Surv(years, death) ~ far", rows)


def ratios(name, rows, found, seed):
    """Hazard ratios of one class under every rule."""
    first, rest = in_a_third(rows, seed)
    fits = {
        "one": above(rows, 1),
        "article": above(rows, CUT_OFFS[name]),
        "own": above(rows, found.cut_point),
        "tested": above(rest, search(first).cut_point) if first["death"].sum() > 5 else None,
    }
    table = hazard_ratios({RULES[rule]: fit for rule, fit in fits.items()})
    return table.assign(level=CLASSES[name]).reindex(columns=SHOWN)


def added(name, rows):
    """What the rate above 1 adds to FaceAge of the later photograph, and of both."""
    rows = rows.assign(faceage1_10=rows["faceage1"] / 10, faceage2_10=rows["faceage2"] / 10,
                       above=(rows["far"] > 1).astype(int))  # fmt: skip
    tests, gains = [], []
    for label, faces in {
        "later photograph": ["faceage2_10"],
        "both photographs": ["faceage1_10", "faceage2_10"],
    }.items():
        right = model(rows, faces, COVARIATES)
        old = fs.coxph(f"Surv(years, death) ~ {right}", data=rows)
        new = fs.coxph(f"Surv(years, death) ~ {right} + above", data=rows)
        named = {"level": CLASSES[name], "model": f"FaceAge of {label}"}
        tests.append(fs.anova(old, new).tidy().tail(1)[["statistic", "df", "p_value"]]
                     .assign(**named))  # fmt: skip
        gains.append(fs.concordance_test(old, new).tidy().drop(columns=["marker1", "marker2"])
                     .assign(**named))  # fmt: skip
    first = ["level", "model"]
    tests, gains = (
        table[[*first, *table.columns.drop(first)]] for table in map(pd.concat, (tests, gains))
    )
    return tests, gains.iloc[::-1]


def noise(name, rows):
    """Spread of the rate, and the spread that the noise of two photographs gives by itself."""
    expected = (2 * PHOTO_SD**2 / rows["interval_years"] ** 2).mean() ** 0.5
    return {
        "level": CLASSES[name], "n": len(rows), "median": rows["interval_days"].median(),
        "std_dev": rows["far"].std(), "noise_sd": expected,
    }  # fmt: skip
