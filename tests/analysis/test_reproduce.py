"""Whole runs in a folder with a blank and an umlaut: made, healed, killed, refused."""

import random
import subprocess
import time

import pytest

from faceage_stats.scoring.demo import write_demo_model

from .conftest import SMALL, environment

KILLS = 10


def test_a_run_in_a_folder_with_blanks_is_made_once_and_heals(checkout):
    first = checkout.reproduce(*SMALL)
    assert first.returncode == 0, first.stderr
    assert "To make: 2 of 2 items, 1 synthetic cohort\n" in first.stdout
    made = checkout.results()
    again = checkout.reproduce(*SMALL)
    assert "Nothing to do" in again.stdout
    folder = checkout.root / "results" / "audit"
    (folder / "table_flagged.csv").unlink()
    (folder / "values.json").write_text("[]", encoding="utf-8")
    (folder / ".." / ".audit.1.partial").mkdir()
    (checkout.root / "analysis" / "data" / "serial_photos.csv").unlink()
    healed = checkout.reproduce(*SMALL)
    assert healed.returncode == 0, healed.stderr
    assert "audit: table_flagged.csv is missing; the item is made again" in healed.stdout
    assert "audit: values.json is changed; the item is made again" in healed.stdout
    assert checkout.results() == made


def test_a_table_in_the_place_of_a_synthetic_one_is_kept_and_not_read(checkout):
    own = checkout.root / "analysis" / "data" / "serial_photos.csv"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("patient_id,faceage\nA,60\n", encoding="utf-8")
    done = checkout.reproduce("cohort_serial")
    assert done.returncode == 1
    assert "serial_photos.csv is not what `faceage simulate` wrote" in done.stderr
    assert own.read_text(encoding="utf-8") == "patient_id,faceage\nA,60\n"
    assert not (checkout.root / "results" / "cohort_serial").exists()


def test_a_run_killed_at_ten_moments_ends_as_an_undisturbed_one(checkout):
    undisturbed = checkout.reproduce(*SMALL)
    assert undisturbed.returncode == 0, undisturbed.stderr
    expected = checkout.results()
    for path in (checkout.root / "results").glob("*/provenance.json"):
        path.unlink()
    moments = random.Random(9)
    for _ in range(KILLS):
        with checkout.running(*SMALL):
            time.sleep(moments.uniform(0.2, 3.5))
        record = checkout.root / "results" / "audit" / "provenance.json"
        record.unlink(missing_ok=True)  # the next run always has something to make
    last = checkout.reproduce(*SMALL)
    assert last.returncode == 0, last.stderr
    assert checkout.results() == expected


def test_another_run_is_named_even_when_only_its_child_is_left(checkout):
    asleep = checkout.root / "asleep"
    code = f"import pathlib, time\n\npathlib.Path({str(asleep)!r}).touch()\ntime.sleep(600)\n"
    sleeper = checkout.root / "analysis" / "items" / "sleeper.py"
    sleeper.write_text(f'"""Sleeps."""\nTABLES = ()\n{code}', encoding="utf-8")
    with checkout.running("sleeper") as first:
        # not before: a Snakemake that still has something to say ends when nobody listens
        while not asleep.exists():
            assert first.poll() is None
            time.sleep(0.05)
        second = checkout.reproduce("audit")
        assert second.returncode == 1
        refusal = "Another run is at work in this folder: process "
        assert f"{refusal}{first.pid}, since " in second.stderr
        first.kill()
        first.wait()
        third = checkout.reproduce("audit")
        assert third.returncode == 1
        assert refusal in third.stderr
        assert f"process {first.pid}," not in third.stderr
    last = checkout.reproduce("audit")
    assert last.returncode == 0, last.stderr
    assert f"Cleared what an ended run left (process {first.pid}, since " in last.stdout


def test_what_went_wrong_in_a_job_reaches_the_reader(checkout):
    script = checkout.root / "analysis" / "items" / "audit.py"
    planted = 'import os\n\nfull = OSError(28, "No space left on device", "figure.svg")\n'
    text = script.read_text(encoding="utf-8").replace("def make", "def old_make")
    script.write_text(f"{text}\n{planted}\n\ndef make(*_):\n    raise full\n", encoding="utf-8")
    done = checkout.reproduce("audit", "benchmarks")
    assert done.returncode == 1
    assert "audit: figure.svg cannot be read or written: the disk is full. Free" in done.stderr
    assert "Not made: audit." in done.stderr
    assert "Traceback" not in done.stderr
    assert "  benchmarks " in done.stdout
    script.write_text("import os\n\nTABLES = ()\nos._exit(7)\n", encoding="utf-8")
    killed = checkout.reproduce("audit")
    assert killed.returncode == 1
    assert "non-zero exit status 7" in killed.stderr
    with_another = checkout.reproduce("audit", "cohort_serial")  # neither is made
    assert with_another.returncode == 1
    assert "A process that made an item was ended" in with_another.stderr
    assert "Not made: audit" in with_another.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cores", "0"], "'0' is not a whole number from 1"),
        (["--cores", "-2"], "'-2' is not a whole number from 1"),
        (["--cores", "two"], "'two' is not a whole number from 1"),
        (["adit"], "there is no item `adit`; did you mean `audit`?"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(checkout, arguments, message):
    done = checkout.reproduce(*arguments)
    assert done.returncode == 2
    assert message in done.stderr.splitlines()[-1]


def test_photographs_are_scored_in_shards_in_such_a_folder(checkout):
    from PIL import Image
    from skimage import data

    photos = checkout.root / "photographs of Müller"
    photos.mkdir()
    Image.fromarray(data.astronaut()).save(photos / "one photo.jpg")
    model = write_demo_model(checkout.root / "my model")
    command = [
        str(checkout.python), "-m", "snakemake", "--snakefile", "analysis/score.smk",
        "--cores", "2",
        "--config", f"photos={photos}", f"model={model}", "out=my scores/all of them.csv",
        "shards=2", "options=--device cpu",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=checkout.root, env=environment(), capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    lines = (checkout.root / "my scores" / "all of them.csv").read_text(encoding="utf-8")
    assert "one photo.jpg" in lines
