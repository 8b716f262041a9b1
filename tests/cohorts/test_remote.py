"""Public data by hash. Truth: small files made here, and the published numbers of the real one."""

from __future__ import annotations

import hashlib
import http.server
import os
import threading
import time
from pathlib import Path

import pytest

from faceage_stats.cohorts import remote
from faceage_stats.errors import DataUnavailableError

CONTENT = b"subj_id,faceage,age,gender,race\n1,60.5,61,0,1\n2,71.25,70,1,4\n"


@pytest.fixture(name="published")
def _published(monkeypatch, tmp_path):
    """A small stand-in for the published file, its hash, an empty cache, no network."""
    monkeypatch.setattr(remote, "UTK_SHA256", hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setattr(remote, "UTK_URL", "http://127.0.0.1:9/utk.csv")
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache" / name)
    monkeypatch.delenv(remote.DATA_DIR, raising=False)
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", remote.UTK_NAMES)
def test_from_the_environment_variable(published, monkeypatch, name):
    (published / name).write_bytes(CONTENT)
    monkeypatch.setenv(remote.DATA_DIR, str(published))
    assert remote.utk_path() == published / name
    utk = remote.fetch_utk()
    assert utk["subj_id"].tolist() == ["1", "2"]
    assert utk["faceage"].tolist() == [60.5, 71.25]


def test_from_a_folder_given_and_copied(published, monkeypatch, tmp_path):
    (published / remote.UTK_NAMES[0]).write_bytes(CONTENT)
    assert len(remote.fetch_utk(published)) == 2
    monkeypatch.setenv(remote.DATA_DIR, str(published))
    assert remote.copy_utk(tmp_path / "utk.csv").read_bytes() == CONTENT


def test_another_file_under_the_name_is_refused(published):
    (published / remote.UTK_NAMES[0]).write_bytes(CONTENT + b"3,1,1,0,0\n")
    with pytest.raises(
        DataUnavailableError, match=r"not the published file: its SHA-256 is [0-9a-f]{64}, expected"
    ):
        remote.fetch_utk(published)


def test_unreachable(published):
    started = time.perf_counter()
    with pytest.raises(DataUnavailableError) as caught:
        remote.fetch_utk(published)
    assert time.perf_counter() - started < 10.5
    text = str(caught.value)
    assert "are not on this machine, and no download (ConnectionError)" in text
    for part in (remote.UTK_URL, remote.UTK_SHA256, "utk_faceage_ext.csv", "FACEAGE_DATA_DIR"):
        assert part in text
    assert remote.how_to_get_utk() in text


class _Server(http.server.BaseHTTPRequestHandler):
    delay = 0.0
    content = CONTENT

    def do_GET(self):
        time.sleep(self.delay)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *args):
        pass


@pytest.fixture(name="serve")
def _serve(published, monkeypatch):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(remote, "UTK_URL", f"http://127.0.0.1:{server.server_port}/utk.csv")
    yield
    server.shutdown()
    server.server_close()


def test_download_is_verified_and_cached(serve, monkeypatch):
    path = remote.utk_path()
    assert path.read_bytes() == CONTENT
    monkeypatch.setattr(remote, "UTK_URL", "http://127.0.0.1:9/utk.csv")
    assert remote.utk_path() == path  # no second download


def test_another_file_at_the_address(serve, monkeypatch):
    monkeypatch.setattr(_Server, "content", b"something else")
    with pytest.raises(DataUnavailableError, match="what was downloaded is not the published file"):
        remote.utk_path()


def test_a_server_that_does_not_answer(serve, monkeypatch):
    monkeypatch.setattr(_Server, "delay", 2.0)
    monkeypatch.setattr(remote, "_DEADLINE", 0.2)
    with pytest.raises(DataUnavailableError, match=r"no download \(no answer within 0.2 s\)"):
        remote.utk_path()


REAL = [Path(os.environ.get(remote.DATA_DIR, "/nowhere")) / name for name in remote.UTK_NAMES]


@pytest.mark.skipif(
    not any(path.is_file() for path in REAL),
    reason=f"needs the public file: {remote.how_to_get_utk()}",
)
def test_the_real_file():
    """MAE 7.459 and r 0.90143 over 2,547 rows; age >= 60: n 671, MAE 6.504, mean gap +0.276."""
    utk = remote.fetch_utk()
    gap = utk["faceage"] - utk["age"]
    assert len(utk) == 2547
    assert round(gap.abs().mean(), 3) == 7.459
    assert round(utk["faceage"].corr(utk["age"]), 5) == 0.90143
    older = gap[utk["age"] >= 60]
    assert (len(older), round(older.abs().mean(), 3), round(older.mean(), 3)) == (671, 6.504, 0.276)
