"""How scripts end: one line and an exit code."""

import errno
import os
import subprocess
import sys

import pytest

from endings import finish, in_words
from faceage_stats.errors import InputError

from .conftest import ROOT


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left", "a.svg"), "a.svg: the disk is full; free some"),
        (OSError(errno.EROFS, "Read-only", "a.svg"), "a.svg: the file system is read-only; run"),
        (PermissionError(errno.EACCES, "denied", "a"), "a: permission denied; give yourself"),
        (OSError("cannot identify image file"), "cannot identify image file."),
        (InputError("`seed` is 'x'."), "`seed` is 'x'."),
    ],
)
def test_faults_of_the_machine_are_said_in_one_line(error, words):
    assert in_words(error).startswith(words)


@pytest.mark.parametrize(
    ("error", "code"),
    [(InputError("no"), 1), (OSError(errno.ENOSPC, "full"), 1), (KeyboardInterrupt(), 130)],
)
def test_exit_codes(error, code, capsys):
    def main():
        raise error

    with pytest.raises(SystemExit) as stop:
        finish(main)
    assert stop.value.code == code
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no broken pipes of this kind")
def test_a_reader_that_went_away_is_no_fault():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from endings import finish\n"
        "def main():\n"
        "    for i in range(100000): print(i)\n"
        "    return 0\n"
        "finish(main)"
    )
    command = [sys.executable, "-c", code, str(ROOT / "analysis")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        run.stdout.readline()
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 141
