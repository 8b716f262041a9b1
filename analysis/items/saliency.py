"""Saliency: which parts of the face move the score, in two people."""

import numpy as np
import pandas as pd

import faceage_stats as fs
from items import _demonstration as demo

TABLES = ()
READS = "two portraits"
PATCH, STRIDE, N_MASKS = 16, 4, 400  # pixels of a crop of 64


def make(data, settings):
    """Occlusion and RISE maps of both models on the same crop, and their regions."""
    from faceage_stats.scoring.maps import occlusion_map, rise_map
    from faceage_stats.scoring.regions import region_summary
    from faceage_stats.scoring.scorer import open_scorer

    scorer = open_scorer(demo.MODEL, device="cpu")
    model = scorer.model
    faces, maps = {}, {}
    for name, portrait in demo.portraits().items():
        face = scorer.choose(scorer.detector.detect(portrait))
        crop = scorer.crop(portrait, face)
        faces[name] = crop, scorer.landmarks(portrait, face)
        maps[name, "occlusion"] = occlusion_map(model, crop, patch=PATCH, stride=STRIDE)
        maps[name, "RISE"] = rise_map(model, crop, n_masks=N_MASKS, seed=settings.seed)
    regions = pd.concat(
        [region_summary(found, faces[person][1]).assign(person=person, method=method)
         for (person, method), found in maps.items()], ignore_index=True,
    )  # fmt: skip
    regions = regions[["person", "method", *regions.columns.drop(["person", "method"])]]
    return fs.Item(
        figure=fs.Figure(draw(faces, maps), label="What the parts of a face add"),
        caption=(
            "What a part of the face adds to the score (red) or takes off it (blue), in years, by "
            "dlib's small model of apparent age, which is not FaceAge. Occlusion: a patch of "
            f"{PATCH} pixels moved by {STRIDE} over a crop of 64; RISE: {N_MASKS} random masks. "
            "Lines: the regions of the table, placed by the landmarks. The faces are "
            f"{demo.FACES}: the only photographs in these results."
        ),
        answer=(
            "The part of the face that moves the score of dlib's model (not FaceAge) most, by "
            f"occlusion, is the {most(regions, 'astronaut')} in one person and the "
            f"{most(regions, 'Grace Hopper')} in the other."
        ),
        checks=(
            "The two methods are set beside each other: where they disagree, neither is to be "
            "believed (correlation over pixels in the table of maps)."
        ),
        tables={"regions": regions, "comparison": compare(regions), "maps": describe(maps)},
        values=values(regions),
        source_data=coarse(maps),
        columns={
            "person": "who is on the portrait",
            "region": "part of the face, by the landmarks",
            "n_pixels": "pixels of the crop (64 x 64) in the region",
            "mean_effect": "mean of the map (years): score with the part visible minus hidden",
            "mean_abs_effect": "mean of its absolute value (years)",
            "proportion": "proportion of the map's summed absolute values",
            "proportion_a": "proportion in the astronaut",
            "proportion_b": "proportion in Grace Hopper",
            "difference": "Grace Hopper minus astronaut",
            "n_runs": "evaluations of the model",
            "score": "score of the unchanged face (years)",
            "lowest": "most negative value of the map (years)",
            "highest": "most positive value of the map (years)",
            "beyond_2_se": "proportion of pixels whose value exceeds 2 standard errors over "
            "the random masks; about 0.05 were the model to ignore the face",
            "r_with_other": "correlation over pixels with the same map of the other person",
            "row": "row of blocks of 4 x 4 pixels, from the top",
            "column": "column of blocks, from the left",
            "effect": "mean of the map over the block (years)",
        },
    )


def most(regions, person):
    """The region with the largest proportion of the map of occlusion."""
    rows = regions[(regions["person"] == person) & (regions["method"] == "occlusion")]
    return rows.sort_values("proportion")["region"].iloc[-1]


def compare(regions):
    """Proportions of the regions in the two people."""
    wide = regions.pivot_table("proportion", ["method", "region"], "person", sort=False)
    table = wide.set_axis(["proportion_a", "proportion_b"], axis=1).reset_index()
    return table.assign(difference=table["proportion_b"] - table["proportion_a"])


def describe(maps):
    """Range, noise and agreement of the maps; pixels are not independent, hence no interval."""
    rows = []
    for (person, method), found in maps.items():
        other = next(m for (name, kind), m in maps.items() if kind == method and name != person)
        beyond = (np.abs(found.values) > 2 * found.std_error).mean()
        rows.append(
            {"person": person, "method": method, "n_runs": found.n_runs, "score": found.baseline,
             "lowest": found.values.min(), "highest": found.values.max(),
             "beyond_2_se": beyond if method == "RISE" else np.nan,
             "r_with_other": np.corrcoef(found.values.ravel(), other.values.ravel())[0, 1]}
        )  # fmt: skip
    return pd.DataFrame(rows)


def coarse(maps):
    """The maps in blocks of 4 x 4 pixels."""
    parts = []
    for (person, method), found in maps.items():
        side = found.values.shape[0] // 4
        blocks = found.values.reshape(side, 4, side, 4).mean(axis=(1, 3))
        row, column = np.indices(blocks.shape)
        parts.append(
            pd.DataFrame({"person": person, "method": method, "row": row.ravel(),
                          "column": column.ravel(), "effect": blocks.ravel()})
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def values(regions):
    """Proportion of each region, each under an id."""
    keys = regions[["person", "method", "region"]].apply(lambda row: "_".join(row), axis=1)
    ids = "saliency_" + keys.str.lower().str.replace(" ", "_")
    return regions.assign(id=ids, quantity="proportion", estimate=regions["proportion"])[
        ["id", "quantity", "estimate"]
    ]


@fs.figures.styled
def draw(faces, maps):
    """A row per person: the overlay, and the map of each method."""
    from faceage_stats.scoring.maps import overlay
    from faceage_stats.scoring.regions import REGIONS, face_regions

    figure = fs.figures.new_figure("double", 112)
    panels = figure.subplots(len(faces), 3)
    for row, (person, (crop, points)) in zip(panels, faces.items(), strict=True):
        labels = face_regions(points, crop.shape[0])
        occlusion, rise = maps[person, "occlusion"], maps[person, "RISE"]
        row[0].imshow(overlay(crop, occlusion))
        row[0].set_title(f"{person}: occlusion on the face")
        for axes, found, title in ((row[1], occlusion, "occlusion"), (row[2], rise, "RISE")):
            limit = np.abs(found.values).max()
            image = axes.imshow(found.values, cmap="RdBu_r", vmin=-limit, vmax=limit)
            axes.set_title(f"{person}: {title}")
            figure.colorbar(image, ax=axes, label="Effect, years", shrink=0.85)
        for axes in row:
            for index in range(1, len(REGIONS)):
                axes.contour(labels == index, levels=[0.5], colors="black", linewidths=0.4)
            axes.plot(*points.T, "+", color="black", ms=4, mew=0.6)
            axes.set_axis_off()
    figure.alt_text = (
        "Two rows, one per person: a face with its occlusion map on top, the occlusion map and the "
        "RISE map, with the outlines of forehead, eyes, nose, cheeks, mouth and jaw."
    )
    return demo.marked(figure)
