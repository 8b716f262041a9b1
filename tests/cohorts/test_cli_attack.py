"""`faceage attack`: what it prints and how it ends. Truth: the findings of `attack`."""

import json
from pathlib import Path

from faceage_stats.cli import main
from faceage_stats.cohorts.disclosure.attack.attack import attack

LEAKY = Path(__file__).parent / "disclosure" / "attack" / "leaky"


def test_findings_are_listed_and_end_with_a_refusal(capsys):
    assert main(["attack", str(LEAKY / "now" / "fig3c"), "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed == attack(LEAKY / "now" / "fig3c").to_dict(orient="records")


def test_results_of_synthetic_rows_have_no_findings(capsys):
    assert main(["attack", str(LEAKY / "now" / "fig2b")]) == 0
    assert capsys.readouterr().out == "0 findings in 0 items.\n"
