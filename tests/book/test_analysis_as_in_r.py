"""R beside Python: what stands below R's lines is what R prints, and ours has the same numbers."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from faceage_stats.reporting.book.how_to import cells, run

PAGE = Path(__file__).parents[2] / "book" / "analysis_as_in_r.md"
TEXT = PAGE.read_text(encoding="utf-8")
IN_R = re.compile(r"^```r\n(.*?)^```\n\n```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]\d+)?(?![\w.])")
END = "-- end of a block --"


def numbers(printed):
    """Numbers of a print-out, to the four decimals that R was asked for."""
    return {f"{abs(float(number)):.4f}" for number in NUMBER.findall(printed)}


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """What our cells show, in a folder that then holds the file for R."""
    folder = tmp_path_factory.mktemp("r")
    return folder, run(cells(TEXT), folder)


def test_every_number_of_r_is_one_of_ours(ours):
    blocks = IN_R.findall(TEXT)
    assert len(blocks) == TEXT.count("```r\n") >= 8
    shown = set().union(*map(numbers, ours[1]))
    for code, printed in blocks:
        lines = [re.sub(r"^\s*\[?\d+\]?\s", "", line) for line in printed.splitlines()]
        found = numbers("\n".join(lines))
        assert found, code
        assert found - shown == set(), code


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="what R printed stands on the page")
def test_r_prints_what_stands_on_the_page(ours):
    blocks = IN_R.findall(TEXT)
    script = f'\ncat("{END}\\n")\n'.join(["options(width = 96)", *(code for code, _ in blocks), ""])
    call = ["Rscript", "--vanilla", "-"]
    made = subprocess.run(call, input=script, cwd=ours[0], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    printed = [part.strip("\n") for part in made.stdout.split(f"{END}\n")][1:-1]
    assert printed == [shown.strip("\n") for _, shown in blocks]
