"""Model cards: what each model takes, what its number means, and where its weights are."""

import pandas as pd

import faceage_stats as fs

TABLES = ()
READS = "model cards"
FILES = ("faceage_stats/scoring/cards/*.json",)


def make(data, settings):
    """One column per card that ships with the package."""
    from faceage_stats.scoring.model import shipped_card, shipped_names

    cards = {name: described(shipped_card(name)) for name in shipped_names()}
    table = pd.DataFrame(cards).rename_axis("entry").reset_index()
    return fs.Item(
        caption=(
            "Cards that ship with the package. Weights never do: a card says which file is meant, "
            "by its SHA-256, and no other file is opened under its name. `demo` is the "
            "demonstration model with random weights."
        ),
        tables={"cards": table},
        columns={
            "entry": "what the card states",
            **{name: f"card `{name}`" for name in cards},
        },
    )


def described(card):
    """A card in words."""
    entry, rule = card["input"], card["input"]["standardisation"]
    fixed = rule["kind"] == "fixed"
    scaling = f"mean {rule['mean']}, SD {rule['std']}" if fixed else "of its own mean and SD"
    crop = card["crop"]
    hashes = card["source_sha256"] or "stated when a model is installed"
    return {
        "name": f"{card['name']} ({card['version']})",
        "number": f"{card['output']['meaning']} ({card['output']['unit']})",
        "input": f"{entry['size']} x {entry['size']} pixels, {entry['colour']}, {entry['layout']}",
        "standardised by": scaling,
        "detector": card["detector"],
        "crop": f"most {crop['face']} face, margin {crop['margin']:g}"
        + (", eyes made level" if crop["align"] else ""),
        "embedding": f"{card['embedding']['width']} numbers" if card["embedding"] else "none",
        "weights": "faceage models fetch" if card["fetch"] else how_to_get(card),
        "SHA-256 of the source": hashes,
        "licence": card["licence"],
        "citation": card["citation"] or "none",
        "note": card["note"],
    }


def how_to_get(card):
    """Where weights come from that cannot be downloaded."""
    return "random: faceage models demo" if card["demo"] else "from whoever holds them"
