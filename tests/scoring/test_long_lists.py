"""Long lists: the work grows as the rows do, counted in calls, which no busy machine changes."""

from __future__ import annotations

import sys
import threading

import pytest

from faceage_stats.scoring.run_options import RunOptions
from faceage_stats.scoring.score import score
from faceage_stats.scoring.scorer import Scorer

RUN = RunOptions(device="cpu", workers=1, checkpoint=20)
SIZES = (200, 400, 800)


def calls(task):
    """How many functions a task calls, in all of its threads."""
    n = 0

    def note(frame, event, argument):
        nonlocal n
        n += event in ("call", "c_call")

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        task()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return n


@pytest.fixture
def place(tmp_path, demo_model):
    """A manifest of absent photographs, and how to score it."""
    (tmp_path / "photos").mkdir()

    def run(n):
        listed = tmp_path / f"{n}.csv"
        rows = "".join(f"photos/{i}.jpg,p{i // 3},2020-01-01\n" for i in range(n))
        listed.write_text(f"photo,patient_id,taken_on\n{rows}", encoding="utf-8")
        return lambda: score(listed, model=demo_model, out=tmp_path / f"{n}.parquet", run=RUN)

    run(3)()  # what is imported and opened once is not counted below
    return run


def grows_with_the_rows(counts):
    """Twice as many more rows are twice as many more calls, whatever a run costs by itself."""
    a, b, c = (counts[n] for n in SIZES)
    return (c - b) / (b - a) == pytest.approx(2, rel=0.1)


def test_a_first_run_and_the_same_command_again(place):
    first = {n: calls(place(n)) for n in SIZES}
    again = {n: calls(place(n)) for n in SIZES}
    assert grows_with_the_rows(first)
    assert grows_with_the_rows(again)
    assert again[800] < first[800]


def test_what_was_scored_is_not_scored_again(place, monkeypatch):
    real = Scorer.prepare
    resumed = {}
    for n in SIZES:
        task, seen = place(n), []

        def stopped(self, photo, seen=seen, n=n):
            seen.append(photo.name)
            if len(seen) == n * 3 // 4:
                raise KeyboardInterrupt
            return real(self, photo)

        monkeypatch.setattr(Scorer, "prepare", stopped)
        with pytest.raises(KeyboardInterrupt):
            task()
        monkeypatch.setattr(Scorer, "prepare", real)
        resumed[n] = calls(task)
    assert grows_with_the_rows(resumed)
