"""A folder to a table: statuses, order, resume after any death, shards, reports, exit codes."""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import json
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data

from faceage_stats.cli import main
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.validate import validate
from faceage_stats.errors import FaceageError, InputError
from faceage_stats.scoring._checkpoints import hold
from faceage_stats.scoring._job import Job
from faceage_stats.scoring._report import failed_rows, report_path
from faceage_stats.scoring.images import _pillow, crop_face, standardise
from faceage_stats.scoring.model import load_model
from faceage_stats.scoring.run_options import RunOptions
from faceage_stats.scoring.score import score
from faceage_stats.scoring.scorer import ScoreOptions, Scorer, open_scorer

_spec = importlib.util.spec_from_file_location("bad", Path(__file__).with_name("bad_photos.py"))
bad_photos = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bad_photos)

QUIET = RunOptions(device="cpu", workers=2, checkpoint=7)
KILLED = 1 if os.name == "nt" else -signal.SIGKILL


def _table(path):
    frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    return frame.drop(columns="seconds")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    _pillow()
    path = tmp_path_factory.mktemp("photos")
    expected = bad_photos.write_folder(path, 42)
    return path, expected


@pytest.fixture(scope="module")
def finished(folder, demo_model, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "b.parquet"
    report = score(folder[0], model=demo_model, out=out, run=QUIET)
    return out, report


class TestFolder:
    def test_every_file_is_a_row(self, folder, finished):
        table = _table(finished[0])
        assert dict(zip(table["photo"], table["status"], strict=True)) == folder[1]
        assert table["photo"].tolist() == sorted(
            table["photo"], key=lambda p: p.encode().replace(b"\\xff", b"\xff")
        )

    def test_rows_are_complete(self, finished):
        table = _table(finished[0])
        scored = table["status"].isin(["ok", "several_faces"])
        assert (table["score"].notna() == scored).all()
        assert table.loc[~scored, "reason"].notna().all()
        assert (
            table.loc[scored, ["box_width", "confidence", "nose_x", "blur", "yaw"]]
            .notna()
            .all()
            .all()
        )
        assert (table["model"] == "demo").all()
        assert not table["reason"].dropna().str.contains("/").any()  # no path in a reason
        assert not table["reason"].dropna().str.contains("internal").any()

    def test_several_faces_are_flagged(self, finished):
        table = _table(finished[0]).query("status == 'several_faces'")
        assert (table["n_faces"] == 2).all()
        assert (table["reason"] == "2 faces; scored the most confident one").all()

    def test_same_face_in_lossless_formats_gives_the_same_kind_of_row(self, finished):
        table = _table(finished[0]).query("status == 'ok'")
        assert np.ptp(table["box_x"]) <= 15  # one portrait, slightly noisy, in ten formats

    def test_report(self, finished, folder):
        out, report = finished
        assert json.loads(report_path(out).read_text(encoding="utf-8")) == report
        assert report["n_rows"] == len(folder[1]) == sum(report["counts"].values())
        assert report["n_ignored_files"] == 2
        assert report["providers"] == ["CPUExecutionProvider"]
        assert report["demo"] is True
        assert failed_rows(report) == report["n_rows"] - sum(
            report["counts"][k] for k in ("ok", "several_faces")
        )
        assert not out.with_name("b.parquet.parts").exists()

    def test_against_the_schema(self, finished):
        """The table is what the cohort tools read."""
        table = pd.read_parquet(finished[0])
        validated = validate(table, "biomarkers")
        assert len(validated) == len(table)
        names = [field.name for field in load_schema("biomarkers").fields]
        assert [name for name in names if name in table] == list(table)
        assert {name for name in names if name not in table} == {"patient_id", "taken_on"}

    # Truth: the steps of the published pipeline, one after the other.
    def test_score_of_the_portrait(self, demo_model, tmp_path):
        Image.fromarray(data.astronaut()).save(tmp_path / "a.png")
        score(tmp_path, model=demo_model, out=tmp_path / "o.parquet", run=QUIET,
              options=ScoreOptions(embedding=True))  # fmt: skip
        row = pd.read_parquet(tmp_path / "o.parquet").iloc[0]
        assert row[["box_x", "box_y", "box_width", "box_height"]].tolist() == [179, 60, 89, 113]
        opened = load_model(demo_model, device="cpu")
        x = standardise(crop_face(data.astronaut(), (179, 60, 89, 113)))[None]
        years, embedding = opened.run(x, embedding=True)
        assert row["score"] == years[0]
        np.testing.assert_array_equal(
            row.filter(like="embedding_").astype(np.float32), embedding[0]
        )


class TestOptions:
    @pytest.fixture
    def photos(self, tmp_path):
        folder = tmp_path / "p"
        folder.mkdir()
        img = data.astronaut()
        canvas = np.full((512, 800, 3), 60, np.uint8)
        canvas[:, :512] = img
        small = np.asarray(Image.fromarray(img[30:230, 130:330]).resize((110, 110)))
        canvas[50:160, 620:730] = small
        Image.fromarray(canvas).save(folder / "two.png")
        exif = Image.Exif()
        exif[0x0112] = 6
        turned = Image.fromarray(np.rot90(img).copy())
        turned.save(folder / "turned.png", exif=exif)
        return folder

    def _rows(self, photos, model, tmp_path, name, **options):
        out = tmp_path / f"{name}.parquet"
        score(photos, model=model, out=out, run=QUIET, options=ScoreOptions(**options))
        return pd.read_parquet(out).set_index("photo")

    def test_which_face_and_exif(self, photos, demo_model, tmp_path):
        confident = self._rows(photos, demo_model, tmp_path, "c")
        assert confident.loc["turned.png", "status"] == "ok"
        largest = self._rows(photos, demo_model, tmp_path, "l", on_several="largest")
        row = largest.loc["two.png"]
        assert row["status"] == "several_faces"
        assert row["reason"] == "2 faces; scored the largest one"
        assert row["box_width"] > 80
        refused = self._rows(photos, demo_model, tmp_path, "e", on_several="error")
        assert pd.isna(refused.loc["two.png", "score"])
        validate(refused.reset_index(), "biomarkers")
        assert refused.loc["two.png", "reason"] == "2 faces; not scored as asked"
        published = self._rows(photos, demo_model, tmp_path, "i", exif=False)
        assert published.loc["turned.png", "status"] == "no_face"

    def test_margin_align_and_smallest_face(self, photos, demo_model, tmp_path):
        plain = self._rows(photos, demo_model, tmp_path, "c")["score"]
        for name, options in [("m", {"margin": 0.2}), ("a", {"align": True})]:
            changed = self._rows(photos, demo_model, tmp_path, name, **options)["score"]
            assert (changed != plain).all()
        rows = self._rows(photos, demo_model, tmp_path, "s", min_face=130)
        assert set(rows["status"]) == {"too_small"}
        assert rows["reason"].iloc[0] == "the face is smaller than 130 pixels"
        rows = self._rows(photos, demo_model, tmp_path, "t", min_face=500)
        assert set(rows["reason"]) == {"no face of 500 pixels or more was found"}

    def test_batches_give_the_same_rows(self, photos, demo_model, tmp_path):
        one = self._rows(photos, demo_model, tmp_path, "one")
        out = tmp_path / "many.parquet"
        score(photos, model=demo_model, out=out, run=RunOptions(device="cpu", batch=8))
        many = pd.read_parquet(out).set_index("photo")
        np.testing.assert_allclose(one["score"], many["score"], atol=1e-4)

    def test_batches_leave_no_worker_without_work(self, demo_model):
        scorer = open_scorer(demo_model, device="cpu")

        def batch(n, **options):
            return Job(scorer, None, RunOptions(workers=4, **options), None, 0, n).batch

        assert [batch(n) for n in (1, 4, 8, 20, 1000)] == [1, 1, 2, 5, 8]
        assert batch(4, batch=16) == 16

    def test_refused_options(self, demo_model, tmp_path, photos):
        with pytest.raises(InputError, match="on_several is 'first'"):
            ScoreOptions(on_several="first")
        with pytest.raises(InputError, match="margin is 2"):
            ScoreOptions(margin=2)
        with pytest.raises(InputError, match="max_megapixels must lie"):
            ScoreOptions(max_megapixels=0)
        with pytest.raises(InputError, match="workers is 0"):
            RunOptions(workers=0)
        with pytest.raises(InputError, match=r"end it in \.parquet or \.csv"):
            score(photos, model=demo_model, out=tmp_path / "t.txt")
        with pytest.raises(InputError, match="does not exist"):
            score(photos, model=demo_model, out=tmp_path / "no/t.csv")
        run = RunOptions(shard=(3, 2))
        with pytest.raises(InputError, match="Shard 3/2 does not exist"):
            score(photos, model=demo_model, out=tmp_path / "t.parquet", run=run)
        with pytest.raises(InputError, match=r"end it in \.parquet, which `faceage merge` joins"):
            score(photos, model=demo_model, out=tmp_path / "t.csv", run=RunOptions(shard=(1, 2)))

    def test_flat_face_and_failing_model(self, photos, demo_model, tmp_path, monkeypatch):
        from faceage_stats.scoring import model as models
        from faceage_stats.scoring import scorer

        monkeypatch.setattr(scorer, "crop_face", lambda *a, **k: np.zeros((160, 160, 3), np.uint8))
        rows = self._rows(photos, demo_model, tmp_path, "flat")
        assert set(rows["status"]) == {"flat"}
        monkeypatch.undo()
        monkeypatch.setattr(
            models.Model, "run", lambda self, batch, embedding: [batch[:, 0, 0, 0] * np.nan]
        )
        rows = self._rows(photos, demo_model, tmp_path, "nan")
        assert set(rows["reason"]) == {"the model's answer is not a number"}
        monkeypatch.undo()

        def broken(*args):
            raise ZeroDivisionError("secret detail")

        monkeypatch.setattr(scorer, "face_quality", broken)
        rows = self._rows(photos, demo_model, tmp_path, "bug")
        assert set(rows["reason"]) == {"internal ZeroDivisionError"}

    def test_no_embedding_to_keep(self, photos, demo_model, tmp_path):
        card = json.loads(demo_model.with_suffix(".json").read_text(encoding="utf-8")) | {
            "embedding": None
        }
        (tmp_path / "m.onnx").write_bytes(demo_model.read_bytes())
        (tmp_path / "m.json").write_text(json.dumps(card), encoding="utf-8")
        with pytest.raises(InputError, match="offers no embedding"):
            self._rows(photos, tmp_path / "m.onnx", tmp_path, "x", embedding=True)


class TestManifest:
    def _write(self, path, rows, header=("photo", "patient_id", "taken_on", "ward")):
        with path.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle)
            writer.writerow(header)
            writer.writerows(rows)
        return path

    def test_order_columns_and_places(self, folder, demo_model, tmp_path):
        photos = folder[0]
        outside = os.path.relpath("/etc/hostname", photos)
        rows = [
            [next(n for n, s in folder[1].items() if s == "ok"), "p1", "2020-02-29", "A, B"],
            [outside, "p2", "", ""],
            ["absent.jpg", "p3", "2021-01-01", "C"],
            ["sub", "p4", "2021-01-01", "C"],
        ]  # fmt: skip
        manifest = self._write(tmp_path / "m.csv", rows)
        report = score(
            manifest, model=demo_model, out=tmp_path / "o.parquet", root=photos, run=QUIET
        )
        table = pd.read_parquet(tmp_path / "o.parquet")
        assert table["photo"].tolist() == [row[0] for row in rows]
        assert table["status"].tolist() == ["ok", "outside_root", "missing", "unreadable"]
        assert table["patient_id"].tolist() == ["p1", "p2", "p3", "p4"]
        assert str(table["taken_on"][0]) == "2020-02-29"
        assert pd.isna(table["taken_on"][1])
        assert table["ward"].tolist() == ["A, B", "", "C", "C"]
        assert failed_rows(report) == 3
        validate(table, "biomarkers")
        with pytest.raises(InputError, match=r"o\.run\.json exists already"):
            score(manifest, model=demo_model, out=tmp_path / "o.csv", root=photos, run=QUIET)
        score(manifest, model=demo_model, out=tmp_path / "p.csv", root=photos, run=QUIET)
        validate(pd.read_csv(tmp_path / "p.csv"), "biomarkers")
        text = pd.read_csv(tmp_path / "p.csv")
        np.testing.assert_allclose(text["score"], table["score"])

    def test_root_defaults_to_its_folder(self, demo_model, tmp_path):
        Image.fromarray(data.astronaut()).save(tmp_path / "a.png")
        manifest = self._write(tmp_path / "m.csv", [["a.png"]], ["photo"])
        report = score(manifest, model=demo_model, out=tmp_path / "o.csv", run=QUIET)
        assert report["counts"] == {"ok": 1}

    @pytest.mark.parametrize(
        ("header", "rows", "message"),
        [
            (["file"], [["a"]], r"no column `photo`; it has file"),
            (["photo", "x", "x"], [["a", "1", "2"]], "columns x appear more than once"),
            (["photo", "Photo"], [["a", "b"]], "two columns of the same name but for capitals"),
            (["photo", "score"], [["a", "1"]], "writes itself: score"),
            (["photo", "embedding_1"], [["a", "1"]], "writes itself: embedding_1"),
            (["photo"], [], "lists no photographs"),
            (["photo"], [["a"], ["b"], ["a"], ["a"]], "2 rows repeat a photograph"),
            (["photo", "x"], [["a", "1"], ["b"]], r"1 row has another number: line 3"),
            (["photo"], [[" "]] * 7, r"7 rows name no photograph \(rows 1, 2, 3, 4, 5, …\)"),
            (["photo", "taken_on"], [["a", "3/4/20"]], r"`taken_on` that is not YYYY-MM-DD"),
        ],
    )
    def test_refused(self, tmp_path, demo_model, header, rows, message):
        manifest = self._write(tmp_path / "m.csv", rows, header)
        with pytest.raises(InputError, match=message):
            score(manifest, model=demo_model, out=tmp_path / "o.csv")

    def test_nothing_there(self, tmp_path, demo_model):
        for photos, root, message in [
            (tmp_path / "absent", None, "neither a folder nor a manifest"),
            (tmp_path, None, "holds no photographs"),
            (
                self._write(tmp_path / "m.csv", [["a"]], ["photo"]),
                tmp_path / "no",
                "photograph folder",
            ),
        ]:
            with pytest.raises(InputError, match=message):
                score(photos, model=demo_model, out=tmp_path / "o.csv", root=root)

    def test_odd_paths(self, tmp_path, demo_model):
        (tmp_path / "loop").symlink_to("loop")
        manifest = self._write(tmp_path / "m.csv", [["loop"], ["..."]], ["photo"])
        score(manifest, model=demo_model, out=tmp_path / "o.parquet", run=QUIET)
        statuses = pd.read_parquet(tmp_path / "o.parquet")["status"].tolist()
        assert statuses == ["unreadable", "missing"]
        manifest = self._write(tmp_path / "m.csv", [["a\0b"]], ["photo"])
        with pytest.raises(InputError, match="holds binary data"):
            score(manifest, model=demo_model, out=tmp_path / "p.parquet", run=QUIET)

    def test_large_manifest_streams(self, tmp_path, monkeypatch):
        """Memory per row of a manifest: the hash only."""
        import tracemalloc

        from faceage_stats.scoring.manifest import open_manifest

        monkeypatch.setattr("faceage_stats.cohorts.tables.delimited._BLOCK", 1 << 18)
        peaks, sizes = [], (30_000, 60_000)  # several blocks of text each
        for n in sizes:
            path = tmp_path / "m.csv"
            names = (f"folder/photo_{i:09d}.jpg\n" for i in range(n))
            path.write_text("photo\n" + "".join(names), encoding="utf-8")
            tracemalloc.start()
            manifest = open_manifest(path)
            assert manifest.n == n
            last = list(manifest.photos(n - 2, n))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert last[-1].name == f"folder/photo_{n - 1:09d}.jpg"
        # eight bytes per hash, and what an array holds in reserve
        assert peaks[1] - peaks[0] < 20 * (sizes[1] - sizes[0])


class TestInterruption:
    def _start(self, photos, model, out):
        """A run in a process of its own, which has imported the package already."""
        how = "spawn" if os.name == "nt" else "forkserver"
        context = multiprocessing.get_context(how)
        context.set_forkserver_preload(["faceage_stats.scoring.score"])
        run = RunOptions(device="cpu", workers=2, checkpoint=5)
        process = context.Process(
            target=score, args=(photos,), kwargs={"model": model, "out": out, "run": run}
        )
        process.start()
        return process

    # Truth: the undisturbed run.
    def test_killed_ten_times_and_the_same_table(self, folder, finished, demo_model, tmp_path):
        """kill -9 at ten random moments of ten runs; each is then finished."""
        undisturbed = _table(finished[0])
        moments = random.Random(4)
        for name in ("first.parquet", "timed.parquet"):  # the first waits for imports
            start = time.perf_counter()
            process = self._start(folder[0], demo_model, tmp_path / name)
            process.join(300)
            assert process.exitcode == 0
            whole = time.perf_counter() - start
        for k in range(10):
            out = tmp_path / f"{k}.parquet"
            self._killed(moments, whole, folder[0], demo_model, out)
            report = score(folder[0], model=demo_model, out=out, run=QUIET)
            pd.testing.assert_frame_equal(_table(out), undisturbed)
            assert report["n_rows"] == len(undisturbed)
            left = sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(f"{k}."))
            assert left == [f"{k}.parquet", f"{k}.run.json"]

    def _killed(self, moments, whole, *arguments):
        """Start a run and kill it while it works; one that was too fast is started again."""
        for attempt in range(20):
            process = self._start(*arguments)
            time.sleep(moments.uniform(0.2, 1.0) * whole * 0.9**attempt)
            process.kill()
            process.join(60)
            if process.exitcode == KILLED:
                return
            for path in arguments[-1].parent.glob(f"{arguments[-1].stem}.*"):
                path.unlink()
        pytest.fail("no run could be caught at work")

    def test_ctrl_c_keeps_what_was_done(
        self, folder, finished, demo_model, tmp_path, monkeypatch, capsys
    ):
        out = tmp_path / "c.parquet"
        real, seen = Scorer.prepare, []

        def interrupted(self, photo):
            seen.append(photo)
            if len(seen) == 18:
                raise KeyboardInterrupt
            return real(self, photo)

        monkeypatch.setattr(Scorer, "prepare", interrupted)
        arguments = ["score", str(folder[0]), "--model", str(demo_model), "--out", str(out)]
        arguments += ["--device", "cpu", "--workers", "1", "--batch", "1", "--checkpoint", "10"]
        arguments += ["--quiet"]
        assert main(arguments) == 130
        assert "give the same command again" in capsys.readouterr().err
        monkeypatch.undo()
        report = score(folder[0], model=demo_model, out=out, run=QUIET)
        assert report["n_resumed"] == 17  # ten in a full checkpoint and seven after it
        pd.testing.assert_frame_equal(_table(out), _table(finished[0]))

    def test_full_disk(self, folder, finished, demo_model, tmp_path, monkeypatch):
        from faceage_stats import _files

        out, real, calls = tmp_path / "d.parquet", _files.replacing, []

        @contextlib.contextmanager
        def full(path):
            calls.append(path)
            if len(calls) == 5:  # the key, then parts
                raise OSError(28, "No space left on device")
            with real(path) as draft:
                yield draft

        monkeypatch.setattr(_files, "replacing", full)
        with pytest.raises(FaceageError, match=r"the disk is full.*is kept"):
            score(folder[0], model=demo_model, out=out, run=QUIET)
        monkeypatch.undo()
        assert score(folder[0], model=demo_model, out=out, run=QUIET)["n_resumed"] > 0
        pd.testing.assert_frame_equal(_table(out), _table(finished[0]))

    def test_finished_run_is_not_repeated(self, folder, finished, demo_model, monkeypatch):
        monkeypatch.setattr(Job, "run", lambda self: pytest.fail("scored again"))
        assert score(folder[0], model=demo_model, out=finished[0], run=QUIET) == finished[1]

    def test_edited_table_is_noticed(self, folder, finished, demo_model, tmp_path):
        out = tmp_path / "b.parquet"
        pd.read_parquet(finished[0]).assign(score=50.0).to_parquet(out)
        report_path(out).write_bytes(report_path(finished[0]).read_bytes())
        with pytest.raises(InputError, match="was changed after it was written"):
            score(folder[0], model=demo_model, out=out, run=QUIET)

    def test_other_settings_are_protected(self, folder, demo_model, tmp_path, finished):
        out = tmp_path / "b.parquet"
        out.write_bytes(finished[0].read_bytes())
        with pytest.raises(InputError, match=r"b\.parquet exists and was made from another"):
            score(folder[0], model=demo_model, out=out, run=QUIET)
        parts = tmp_path / "n.parquet.parts"
        parts.mkdir()
        (parts / "key.json").write_text("{}", encoding="utf-8")
        with pytest.raises(InputError, match="unfinished run with another list"):
            score(folder[0], model=demo_model, out=tmp_path / "n.parquet", run=QUIET)
        few = tmp_path / "few"
        few.mkdir()
        Image.new("RGB", (50, 50)).save(few / "a.png")
        again = RunOptions(device="cpu", force=True)
        report = score(few, model=demo_model, out=tmp_path / "n.parquet", run=again)
        assert report["counts"] == {"no_face": 1}
        assert not parts.exists()

    def test_two_runs_at_once(self, folder, demo_model, tmp_path):
        parts = tmp_path / "o.parquet.parts"
        parts.mkdir()
        with (parts / "lock").open("wb") as lock:
            hold(lock)
            with pytest.raises(InputError, match="Another run is writing"):
                score(folder[0], model=demo_model, out=tmp_path / "o.parquet", run=QUIET)

    def test_parts_removed_during_the_run(self, folder, demo_model, tmp_path, monkeypatch):
        monkeypatch.setattr(Job, "run", lambda self: None)
        with pytest.raises(FaceageError, match="was changed during the run"):
            score(folder[0], model=demo_model, out=tmp_path / "o.parquet", run=QUIET)


@pytest.fixture(scope="module")
def shards(folder, demo_model, tmp_path_factory):
    place = tmp_path_factory.mktemp("shards")
    paths = []
    for i in (1, 2, 3):
        paths.append(place / f"s{i}.parquet")
        run = RunOptions(device="cpu", shard=(i, 3))
        score(folder[0], model=demo_model, out=paths[-1], run=run)
    return paths


class TestShards:
    def test_merged_equals_whole(self, shards, finished, tmp_path, capsys):
        out = tmp_path / "all.parquet"
        shuffled = [str(shards[i]) for i in (2, 0, 1)]
        assert main(["merge", *shuffled, "--out", str(out)]) == 3
        assert "DEMONSTRATION MODEL" in capsys.readouterr().out
        pd.testing.assert_frame_equal(_table(out), _table(finished[0]))
        report = json.loads(report_path(out).read_text(encoding="utf-8"))
        assert report["counts"] == finished[1]["counts"]
        assert report["n_shards"] == 3
        assert main(["merge", *shuffled, "--out", str(out)]) == 1
        assert "all.parquet exists already" in capsys.readouterr().err
        assert main(["merge", *shuffled, "--out", str(out), "--force", "--json"]) == 3
        assert json.loads(capsys.readouterr().out)["n_rows"] == report["n_rows"]

    def test_refused(self, shards, finished, tmp_path, capsys):
        out = str(tmp_path / "all.csv")
        a, b, c = map(str, shards)
        for paths, message in [
            ([a, c], "2/3 is missing"),
            ([a, b, b, c], "2/3 is given 2 times"),
            ([a, b, str(finished[0])], "1/3 is of another division|1/1 is of another division"),
            ([a, b, c, str(tmp_path / "absent.parquet")], "is missing"),
            ([a, str(tmp_path / "x.csv")], r"Shards are \.parquet"),
        ]:
            assert main(["merge", *paths, "--out", out]) == 1
            import re

            assert re.search(message, capsys.readouterr().err)

    def test_changed_shard(self, shards, tmp_path, capsys):
        copy = tmp_path / "s1.parquet"
        pd.read_parquet(shards[0]).assign(score=1.0).to_parquet(copy)
        report_path(copy).write_bytes(report_path(shards[0]).read_bytes())
        assert (
            main(["merge", str(copy), *map(str, shards[1:]), "--out", str(tmp_path / "o.csv")]) == 1
        )
        assert "was changed after it was written" in capsys.readouterr().err

    def test_other_run(self, shards, tmp_path, capsys):
        copy = tmp_path / "s1.parquet"
        copy.write_bytes(shards[0].read_bytes())
        report = json.loads(report_path(shards[0]).read_text(encoding="utf-8"))
        report["key"]["options"]["margin"] = 0.5
        report_path(copy).write_text(json.dumps(report), encoding="utf-8")
        assert (
            main(["merge", str(copy), *map(str, shards[1:]), "--out", str(tmp_path / "o.csv")]) == 1
        )
        assert "different lists, models, devices or options" in capsys.readouterr().err


class TestCommand:
    @pytest.fixture
    def one(self, tmp_path):
        photos = tmp_path / "p"
        photos.mkdir()
        Image.fromarray(data.astronaut()).save(photos / "a.png")
        return photos

    def _run(self, photos, model, out, *more):
        return main(["score", str(photos), "--model", str(model), "--out", str(out), *more])

    def test_exit_codes_and_words(self, one, demo_model, tmp_path, capsys):
        out = tmp_path / "o.csv"
        assert self._run(one, demo_model, out, "--shard", "1/1") == 0
        text = capsys.readouterr()
        assert "1 photographs (ok 1)" in text.out
        assert text.err == ""  # a bar only on a terminal
        (one / "b.jpg").write_text("", encoding="utf-8")
        (one / "c.txt").write_text("", encoding="utf-8")
        assert self._run(one, demo_model, out, "--quiet") == 1  # another list
        assert "choose another" in capsys.readouterr().err.lower()
        assert self._run(one, demo_model, out, "--force") == 3
        assert "1 files without the extension of an image" in capsys.readouterr().out
        assert self._run(one, tmp_path / "absent.onnx", tmp_path / "n.csv") == 1
        assert self._run(one, demo_model, tmp_path / "g.csv", "--device", "cuda") == 1
        for wrong in (
            ["--shard", "third"],
            ["--shard", "3/2"],
            ["--device", "gpu"],
            ["--batch", "0"],
        ):
            with pytest.raises(SystemExit) as stop:
                self._run(one, demo_model, out, *wrong)
            assert stop.value.code == 2

    def test_a_bar_only_on_a_terminal(self, one, demo_model, tmp_path, capsys, monkeypatch):
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        assert self._run(one, demo_model, tmp_path / "a.csv", "--json") == 0
        out, err = capsys.readouterr()
        assert "photo/s" in err
        record = json.loads(out)
        assert (record["counts"], record["demo"]) == ({"ok": 1}, True)
        assert self._run(one, demo_model, tmp_path / "b.csv", "--quiet") == 0
        assert capsys.readouterr() == ("", "")

    def test_a_broken_report_is_no_report(self, one, demo_model, tmp_path, capsys):
        out = tmp_path / "o.csv"
        out.write_text("photo\n", encoding="utf-8")
        for text in ("", "[1]", "{}"):
            report_path(out).write_text(text, encoding="utf-8")
            assert self._run(one, demo_model, out) == 1
            assert "o.run.json is not the report of a scoring run" in capsys.readouterr().err
        assert self._run(one, demo_model, out, "--force", "--quiet") == 0

    def test_per_patient(self, one, demo_model, tmp_path, capsys):
        (tmp_path / "m.csv").write_text(
            "photo,patient_id\np/a.png,007\np/none.png,007\n", encoding="utf-8"
        )
        out = tmp_path / "o.csv"
        assert self._run(tmp_path / "m.csv", demo_model, out, "--per-patient", "mean") == 3
        reduced = pd.read_csv(tmp_path / "o.patients.csv", dtype={"patient_id": str})
        assert reduced[["patient_id", "n_photos", "n_scored"]].values.tolist() == [["007", 2, 1]]
        again = (tmp_path / "m.csv", demo_model, out, "--per-patient")
        assert self._run(*again, "mean") == 3  # given twice, nothing changes
        assert self._run(*again, "median", "--quiet") == 1
        assert "o.patients.csv exists already" in capsys.readouterr().err
        assert self._run(*again, "median", "--force") == 3
        with pytest.raises(SystemExit):
            self._run(*again, "nearest")


def test_two_hundred_files(demo_model, tmp_path):
    """Generated and broken, every one accounted for."""
    _pillow()
    photos = tmp_path / "photos"
    photos.mkdir()
    expected = bad_photos.write_folder(photos, 199)
    report = score(photos, model=demo_model, out=tmp_path / "b.parquet", run=QUIET)
    table = pd.read_parquet(tmp_path / "b.parquet")
    assert len(table) == 200 == report["n_rows"]
    assert dict(zip(table["photo"], table["status"], strict=True)) == expected
