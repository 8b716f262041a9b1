"""How scripts end: one line and an exit code."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from endings import finish
from faceage_stats.errors import InputError

from .conftest import ROOT


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
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{Path(sys.argv[0]).name}: ")


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
