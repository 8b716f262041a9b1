"""The same command again: nothing twice, what changed is new, and no other folder's scores."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data

from faceage_stats.cli import main
from faceage_stats.errors import InputError
from faceage_stats.scoring import images
from faceage_stats.scoring._report import report_path
from faceage_stats.scoring.run_options import RunOptions
from faceage_stats.scoring.score import score
from faceage_stats.scoring.scorer import Scorer

CPU = RunOptions(device="cpu", workers=2)


def table(path):
    frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    return frame.set_index("photo")


@pytest.fixture
def site(tmp_path):
    """Two photographs, one of them damaged."""
    folder = tmp_path / "siteA"
    folder.mkdir()
    Image.fromarray(data.astronaut()[20:260, 100:380]).save(folder / "a.png")
    (folder / "b.png").write_bytes((folder / "a.png").read_bytes()[:3000])
    return folder


@pytest.fixture
def scored(monkeypatch):
    """Names of the photographs that are really scored."""
    real, seen = Scorer.prepare, []

    def noted(self, photo):
        seen.append(photo.name)
        return real(self, photo)

    monkeypatch.setattr(Scorer, "prepare", noted)
    return seen


@pytest.mark.parametrize("ending", ["parquet", "csv"])
class TestFinished:
    def test_another_folder_with_the_same_names(self, site, demo_model, tmp_path, ending):
        out = tmp_path / f"o.{ending}"
        score(site, model=demo_model, out=out, run=CPU)
        shutil.copytree(site, tmp_path / "siteB")
        with pytest.raises(InputError, match="made from another photograph folder"):
            score(tmp_path / "siteB", model=demo_model, out=out, run=CPU)

    def test_a_repaired_photograph_is_scored_again(
        self, site, demo_model, tmp_path, ending, scored
    ):
        out = tmp_path / f"o.{ending}"
        score(site, model=demo_model, out=out, run=CPU)
        before = table(out)
        assert before["status"].tolist() == ["ok", "unreadable"]
        scored.clear()
        shutil.copy(site / "a.png", site / "b.png")
        report = score(site, model=demo_model, out=out, run=CPU)
        assert scored == ["b.png"]
        assert (report["n_rescored"], report["counts"]) == (1, {"ok": 2})
        after = table(out)
        assert after.loc["b.png", "score"] == after.loc["a.png", "score"]
        pd.testing.assert_series_equal(after.loc["a.png"], before.loc["a.png"])
        assert sorted(p.name for p in tmp_path.iterdir()) == [f"o.{ending}", "o.run.json", "siteA"]

    def test_retry_failed(self, site, demo_model, tmp_path, ending, scored):
        out = tmp_path / f"o.{ending}"
        first = score(site, model=demo_model, out=out, run=CPU)
        scored.clear()
        assert score(site, model=demo_model, out=out, run=CPU) == first
        assert scored == []
        retry = RunOptions(device="cpu", retry_failed=True)
        report = score(site, model=demo_model, out=out, run=retry)
        assert scored == ["b.png"]
        assert report["counts"] == first["counts"]

    def test_photographs_by_their_content(self, site, demo_model, tmp_path, ending, scored):
        out, run = tmp_path / f"o.{ending}", RunOptions(device="cpu", hash_photos=True)
        score(site, model=demo_model, out=out, run=run)
        assert table(out)["file_version"].str.fullmatch("sha256:[0-9a-f]{64}").all()
        scored.clear()
        os.utime(site / "a.png", (1, 1))
        score(site, model=demo_model, out=out, run=run)
        assert scored == []
        before = (site / "a.png").stat()
        Image.fromarray(data.astronaut()[21:261, 100:380]).save(site / "c.png")
        content = (site / "c.png").read_bytes()
        (site / "c.png").unlink()
        (site / "a.png").write_bytes(content)
        os.utime(site / "a.png", ns=(before.st_atime_ns, before.st_mtime_ns))
        score(site, model=demo_model, out=out, run=run)
        assert scored == ["a.png"]
        with pytest.raises(InputError, match="hash-photos"):
            score(site, model=demo_model, out=out, run=CPU)


def test_carried_cells_come_back_from_a_csv_as_they_were(site, demo_model, tmp_path):
    """A finished table is read again to the last digit: text, dates, blanks, formulas."""
    rows = {
        "photo": ["a.png", "b.png", "=c.png"],
        "patient_id": ["007", "NA", "=1+1"],
        "taken_on": ["2020-02-29", "", "2021-01-01"],
        "note": ['line\nbreak, "quoted"', "", "-"],
    }
    pd.DataFrame(rows).to_csv(site / "m.csv", index=False)
    for ending in ("csv", "parquet"):
        out = tmp_path / f"{ending}.{ending}"
        score(site / "m.csv", model=demo_model, out=out, run=CPU)
        before = out.read_bytes()
        (site / "=c.png").write_bytes(b"")
        score(site / "m.csv", model=demo_model, out=out, run=CPU)  # one row is made anew
        (site / "=c.png").unlink()
        score(site / "m.csv", model=demo_model, out=out, run=CPU)
        columns = [c for c in table(out).columns if c != "seconds"]
        (tmp_path / f"before.{ending}").write_bytes(before)
        pd.testing.assert_frame_equal(
            table(out)[columns], table(tmp_path / f"before.{ending}")[columns]
        )


def test_an_unfinished_run_of_another_folder_is_not_continued(
    site, demo_model, tmp_path, monkeypatch
):
    def stopped(self, photo):
        raise KeyboardInterrupt

    out = tmp_path / "o.parquet"
    monkeypatch.setattr(Scorer, "prepare", stopped)
    with pytest.raises(KeyboardInterrupt):
        score(site, model=demo_model, out=out, run=CPU)
    monkeypatch.undo()
    shutil.copytree(site, tmp_path / "siteB")
    with pytest.raises(InputError, match="unfinished run with another photograph folder"):
        score(tmp_path / "siteB", model=demo_model, out=out, run=CPU)
    score(site, model=demo_model, out=out, run=CPU)


def test_a_photograph_that_changes_while_a_run_is_interrupted(
    site, demo_model, tmp_path, monkeypatch
):
    for name in "cd":
        shutil.copy(site / "a.png", site / f"{name}.png")
    real, seen = Scorer.prepare, []

    def interrupted(self, photo):
        seen.append(photo.name)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return real(self, photo)

    out = tmp_path / "o.parquet"
    run = RunOptions(device="cpu", workers=1, batch=1, checkpoint=2)
    monkeypatch.setattr(Scorer, "prepare", interrupted)
    with pytest.raises(KeyboardInterrupt):
        score(site, model=demo_model, out=out, run=run)
    shutil.copy(site / "a.png", site / "b.png")
    seen += [None]
    report = score(site, model=demo_model, out=out, run=run)
    assert seen[5:] == ["b.png", "d.png"]
    assert (report["n_resumed"], report["n_rescored"], report["counts"]) == (3, 1, {"ok": 4})


def test_an_empty_parts_folder_opens_no_table(site, demo_model, tmp_path):
    out = tmp_path / "o.parquet"
    out.write_bytes(b"another table")
    (tmp_path / "o.parquet.parts").mkdir()
    with pytest.raises(InputError, match="exists and was made from another run"):
        score(site, model=demo_model, out=out, run=CPU)
    assert out.read_bytes() == b"another table"


def test_two_tables_never_share_a_report(site, demo_model, tmp_path):
    (tmp_path / "o.csv.parts").mkdir()
    with pytest.raises(InputError, match=r"o\.csv\.parts holds an unfinished run"):
        score(site, model=demo_model, out=tmp_path / "o.parquet", run=CPU)
    (tmp_path / "o.csv.parts").rmdir()
    score(site, model=demo_model, out=tmp_path / "o.parquet", run=CPU)
    (tmp_path / "o.csv").write_text("another table", encoding="utf-8")
    with pytest.raises(InputError, match="was changed after it was written"):
        score(site, model=demo_model, out=tmp_path / "o.csv", run=CPU)


def test_words_of_the_command(site, demo_model, tmp_path, capsys):
    out = tmp_path / "o.csv"
    words = ["score", str(site), "--model", str(demo_model), "--out", str(out), "--device", "cpu"]
    assert main(words) == 3
    assert "already finished" not in capsys.readouterr().out
    assert main(words) == 3
    assert "already finished on 20" in capsys.readouterr().out
    assert main([*words, "--retry-failed"]) == 3
    assert "1 of an earlier run were scored again" in capsys.readouterr().out
    assert main(words) == 3
    said = capsys.readouterr().out
    assert "already finished" in said
    assert "scored again" not in said
    one = ["score", str(site / "a.png"), "--model", str(demo_model), "--device", "cpu"]
    assert main([*one, "--out", str(tmp_path / "one.csv"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {"ok": 1}


def test_a_pipe_does_not_hold_up_the_run(site, demo_model, tmp_path):
    os.mkfifo(site / "pipe.jpg")
    (site / "folder.jpg").mkdir()
    pd.DataFrame({"photo": ["a.png", "pipe.jpg", "folder.jpg"]}).to_csv(site / "m.csv", index=False)
    for photos, n in ((site, 3), (site / "m.csv", 3)):
        out = tmp_path / f"{photos.stem}.parquet"
        score(photos, model=demo_model, out=out, run=CPU)
        rows = table(out)
        assert len(rows) == n
        assert rows.loc["pipe.jpg", "reason"] == "a pipe, socket or device, not a file"
    assert rows.loc["folder.jpg", "reason"] == "a folder, not a photograph"


def test_ctrl_c_ends_the_run_at_once(site, demo_model, tmp_path):
    for i in range(60):
        shutil.copy(site / "a.png", site / f"x{i}.png")
    os.mkfifo(site / "0.jpg")
    out = tmp_path / "o.parquet"
    command = [sys.executable, "-m", "faceage_stats.cli", "score", site, "--out", out]
    command += ["--model", demo_model, "--device", "cpu", "--checkpoint", "1"]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob("o.parquet.parts/rows-*1.parquet")):
        assert run.poll() is None
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    assert "give the same command again" in run.communicate(timeout=60)[1]
    assert run.returncode == 130
    report = score(site, model=demo_model, out=out, run=CPU)
    assert 1 <= report["n_resumed"] < report["n_rows"] == 63


def test_remarks_of_pillow_stay_with_their_photograph(site, demo_model, tmp_path, monkeypatch):
    real = images._rgb

    def remarked(picture):
        if picture.size != (280, 240):
            code = 'import warnings\nfor _ in range(2): warnings.warn("Corrupt\\n EXIF data")'
            exec(code, {"__name__": "PIL.TiffImagePlugin"})
        return real(picture)

    monkeypatch.setattr(images, "_rgb", remarked)
    for name, shift in (("c", 1), ("d", 2)):
        Image.fromarray(data.astronaut()[20:260, 100 : 380 + shift]).save(site / f"{name}.png")
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("default")
        score(site, model=demo_model, out=tmp_path / "o.parquet", run=CPU)
    assert not shown
    rows = table(tmp_path / "o.parquet")
    assert rows["reason"].fillna("").tolist() == [
        "", "damaged picture: image file is truncated", "Corrupt EXIF data", "Corrupt EXIF data"
    ]  # fmt: skip
    assert np.isfinite(rows.loc["c.png", "score"])


class TestPerPatient:
    @pytest.fixture
    def manifest(self, site):
        rows = {"photo": ["a.png", "b.png"], "patient_id": ["NA", "NA"], "taken_on": ["", ""]}
        pd.DataFrame(rows).to_csv(site / "m.csv", index=False)
        return site / "m.csv"

    @pytest.mark.parametrize(
        ("columns", "rule", "message"),
        [
            (["photo"], "mean", "needs a manifest with the column `patient_id`"),
            (["photo", "patient_id"], "first", "needs a manifest with the column `taken_on`"),
            (["photo", "patient_id", "taken_on"], "first", "2 rows have no `taken_on`"),
            (["photo", "patient_id"], "nearest", "'nearest' needs a date per patient"),
            (["photo", "patient_id"], "largest", "choose one of first, mean, median"),
        ],
    )
    def test_refused_before_anything_is_scored(
        self, manifest, demo_model, tmp_path, scored, columns, rule, message
    ):
        pd.read_csv(manifest, keep_default_na=False)[columns].to_csv(manifest, index=False)
        with pytest.raises(InputError, match=message):
            score(manifest, model=demo_model, out=tmp_path / "o.csv", run=CPU, per_patient=rule)
        assert scored == []

    def test_a_folder_has_no_patients(self, site, demo_model, tmp_path):
        with pytest.raises(InputError, match="column `patient_id`"):
            score(site, model=demo_model, out=tmp_path / "o.csv", run=CPU, per_patient="mean")

    def test_never_over_a_shard(self, manifest, demo_model, tmp_path, capsys):
        shards = [tmp_path / f"{i}.parquet" for i in (1, 2)]
        for i, out in enumerate(shards, start=1):
            run = RunOptions(device="cpu", shard=(i, 2))
            with pytest.raises(InputError, match="part of some patients"):
                score(manifest, model=demo_model, out=out, run=run, per_patient="mean")
            score(manifest, model=demo_model, out=out, run=run)
        words = ["merge", *map(str, shards), "--out", str(tmp_path / "o.csv")]
        assert main([*words, "--per-patient", "first"]) == 1
        assert "2 rows have no `taken_on`" in capsys.readouterr().err
        assert not (tmp_path / "o.csv").exists()
        assert main([*words, "--per-patient", "mean"]) == 3

    def test_the_table_says_which_model(self, manifest, demo_model, tmp_path):
        for ending, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
            out = tmp_path / f"{ending}.{ending}"
            report = score(manifest, model=demo_model, out=out, run=CPU, per_patient="mean")
            options = {"keep_default_na": False} if ending == "csv" else {}
            reduced = read(out.with_suffix(f".patients.{ending}"), **options).iloc[0]
            assert reduced["patient_id"] == "NA"
            assert reduced["score"] == pd.read_parquet(out)["score"][0] if ending != "csv" else True
            assert (reduced["model"], reduced["score_unit"]) == ("demo", "years")
            assert reduced["model_sha256"] == report["key"]["model_sha256"]
            assert bool(reduced["demonstration"]) is True


class TestMergePlaces:
    @pytest.fixture
    def shards(self, site, demo_model, tmp_path):
        paths = [tmp_path / f"a{i}.parquet" for i in (1, 2)]
        for i, out in enumerate(paths, start=1):
            run = RunOptions(device="cpu", shard=(i, 2))
            score(site, model=demo_model, out=out, run=run)
        return paths

    def test_a_shard_is_never_written_over(self, shards, tmp_path, capsys):
        before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
        for out in ("a1.parquet", "a2.csv", "../" + tmp_path.name + "/a1.parquet"):
            words = ["merge", *map(str, shards), "--out", str(tmp_path / out), "--force"]
            assert main(words) == 1
            assert "is one of the shards, or shares its report" in capsys.readouterr().err
        assert before == {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}

    def test_nor_a_run_that_is_under_way(self, shards, tmp_path, capsys):
        (tmp_path / "o.parquet.parts").mkdir()
        words = ["merge", *map(str, shards), "--out", str(tmp_path / "o.parquet")]
        assert main(words) == 1
        assert "holds an unfinished run" in capsys.readouterr().err
        (tmp_path / "o.parquet.parts").rmdir()
        (tmp_path / "o.parquet").write_bytes(b"")
        assert main(words) == 1
        assert "exists already" in capsys.readouterr().err
        assert not report_path(tmp_path / "o.parquet").exists()
