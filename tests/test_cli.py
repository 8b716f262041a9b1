"""The command line as a whole. Truth: the contract of `_exits` and the habits of the shell."""

from __future__ import annotations

import argparse
import importlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from faceage_stats import cli
from faceage_stats._exits import MEANINGS, Exit
from faceage_stats._parser import option_names, refuse_unknown_options, subcommands, walk
from faceage_stats.errors import FaceageError

ROOT = Path(__file__).parents[1]
PARSERS = {" ".join(("faceage", *path)): parser for path, parser in walk(cli.build_parser())}
FAULTS = [
    (FaceageError("column 'age' is text."), 1, "column 'age' is text."),
    (
        PermissionError(13, "Permission denied", "folder/t.csv"),
        1,
        "t.csv cannot be read or written",
    ),
    (OSError(28, "No space left on device", "t.csv"), 1, "the disk is full"),
    (OSError(30, "Read-only file system", "t.csv"), 1, "the folder is read-only"),
    (IsADirectoryError(21, "Is a directory", "t.csv"), 1, "it is a folder. Name a file"),
    (NotADirectoryError(20, "Not a directory", "t.csv"), 1, "a file, not a folder"),
    (FileNotFoundError(2, "No such file", "t.csv"), 1, "it does not exist. Check the path"),
    (OSError("odd"), 1, "the output cannot be read or written: odd."),
    (MemoryError(), 1, "the memory of this machine is not enough"),
    (KeyboardInterrupt(), 130, "interrupted."),
    (KeyboardInterrupt("Give it again."), 130, "interrupted. Give it again."),
]


def run(*arguments: str, **more) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "faceage_stats.cli", *arguments]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=120, **more)


def code_of(arguments) -> int:
    try:
        return cli.main(arguments)
    except SystemExit as stop:
        return stop.code


def examples(parser: argparse.ArgumentParser) -> list[list[str]]:
    """The commands in a parser's help, as words after `faceage`."""
    block = re.search(r"^examples:\n((?:  .*\n)+)", parser.format_help(), re.M)
    lines = [line.split("#")[0].strip() for line in block[1].splitlines()]
    lines = [re.sub(r'^eval "\$\((.*)\)"$|^(.*) \| source$', r"\1\2", line) for line in lines]
    return [shlex.split(line)[1:] for line in lines]


# ---- help


@pytest.mark.parametrize("name", PARSERS)
def test_every_help_has_examples_that_parse_and_the_exit_codes(name):
    parser = PARSERS[name]
    shown = parser.format_help()
    assert all(f"{code:>3}  {meaning}" in shown for code, meaning in MEANINGS.items())
    assert examples(parser)
    for words in examples(parser):
        refuse_unknown_options(PARSERS["faceage"], words)
        PARSERS["faceage"].parse_args(words)
    own = [words for words in examples(parser) if f"faceage {' '.join(words)}".startswith(name)]
    assert own, "an example shows the command itself"


def test_help_in_all_its_forms_is_the_same(capsys):
    for words in ([], ["models"], ["models", "verify"], ["score"]):
        assert code_of([*words, "--help"]) == 0
        long = capsys.readouterr().out
        assert code_of(["help", *words]) == 0
        assert capsys.readouterr().out == long
        assert long.startswith(" ".join(["usage: faceage", *words]))
    for words in ([], ["models"]):  # nothing was said to do
        assert code_of(words) == 0
        assert capsys.readouterr().out.startswith("usage: faceage")


def test_help_loads_no_library():
    """What makes help slow is pandas and its like; the time itself depends on the machine."""
    code = (
        "import sys\nfrom faceage_stats.cli import COMMANDS, main\n"
        "for name in COMMANDS:\n"
        "    try: main([name, '--help'])\n"
        "    except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'pyarrow', 'scipy', 'matplotlib', 'numba', 'onnxruntime'}\n"
        "sys.exit(str(sorted(heavy & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("name", PARSERS)
def test_quiet_json_and_force_mean_the_same_everywhere(name):
    options = option_names(PARSERS[name])
    if "--json" in options:
        assert "--quiet" in options
    writes = {"--out"} & set(options) or name.split()[-1] in ("convert", "fetch", "demo", "export")
    assert bool(writes) == ("--force" in options)
    prints_result = not subcommands(PARSERS[name]) and name.split()[-1] not in (
        "help",
        "completion",
    )
    assert ("--quiet" in options) == prints_result


# ---- near misses


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("simulat", "simulate"),
        ("models verfy", "verify"),
        ("help scroe", "score"),
        ("completion bsh", "bash"),
        ("simulate --cohort mastro", "maastro"),
        ("simulate --chort maastro", "--cohort"),
        ("simulate --coh maastro", "--cohort"),  # abbreviations are refused, with their name
        ("validate t.csv --shema=maastro", "--schema"),
        ("validate t.csv --schema Maastro", "maastro"),
        ("score p --model m --out o.csv --device cudda", "cuda"),
        ("score p --model m --out o.csv --on-several largst", "largest"),
        ("merge a.parquet --out o.csv --per-patient meen", "mean"),
        ("--versoin", "--version"),
    ],
)
def test_a_near_miss_is_named(capsys, line, meant):
    assert code_of(line.split()) == 2
    err = capsys.readouterr().err
    assert f"Did you mean '{meant}'?" in err
    assert "usage: faceage" in err


def test_a_near_model_name_is_named(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("FACEAGE_MODELS", str(tmp_path))
    (tmp_path / "ours.onnx").write_bytes(b"")
    for name, meant in [("facage", "faceage"), ("our", "ours")]:
        assert code_of(["models", "verify", name]) == 1
        assert f"Did you mean '{meant}'?" in capsys.readouterr().out
    assert code_of(["models", "fetch", "facage"]) == 1
    assert "Did you mean 'faceage'?" in capsys.readouterr().err


# ---- exit codes


@pytest.mark.parametrize("name", cli.COMMANDS)
@pytest.mark.parametrize(("fault", "code", "message"), FAULTS, ids=lambda v: type(v).__name__)
def test_a_fault_is_one_line_and_one_code_in_every_command(
    capsys, monkeypatch, name, fault, code, message
):
    def fail(args):
        raise fault

    module = importlib.import_module(f"faceage_stats.{cli.COMMANDS[name][0]}")
    monkeypatch.setattr(module, "run", fail)
    words = next(words for words in examples(PARSERS[f"faceage {name}"]) if words[0] == name)
    assert code_of(words) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"faceage {name}: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        "validate folder.csv --schema maastro",
        "validate absent.csv --schema maastro",
        "validate text.parquet --schema maastro",
        "simulate --cohort survey --out text.parquet",
        "score absent --model absent.onnx --out t.csv",
        "score folder.csv --model folder.onnx --out t.csv",
        "score folder.csv --model text.onnx --out t.csv",
        "score folder.csv --model text.onnx --out absent/t.csv",
        "merge folder.parquet --out t.csv",
        "merge text.parquet --out t.csv",
        "merge absent.parquet --out t.csv",
        "convert folder.h5 t.onnx",
        "convert text.h5 t.onnx",
        "convert absent.h5 t.onnx",
        "models verify folder.onnx",
        "models verify text.onnx",
        "models demo text.parquet",
    ],
)
def test_paths_of_the_wrong_kind(capsys, monkeypatch, tmp_path, line):
    monkeypatch.chdir(tmp_path)
    for name in ("folder.csv", "folder.onnx", "folder.parquet", "folder.h5"):
        Path(name).mkdir()
    for name in ("text.parquet", "text.run.json", "text.onnx", "text.json", "text.h5"):
        Path(name).write_text("text", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    assert code_of(line.split()) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"faceage {line.split()[0]}: ")
    assert err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    module = importlib.import_module("faceage_stats._cli_completion")
    monkeypatch.setattr(module, "run", lambda args: {}["x"])
    with pytest.raises(KeyError):
        cli.main(["completion", "bash"])


def test_warnings_are_one_line_and_said_once(capsys, monkeypatch):
    import warnings

    def warn(args):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            for _ in range(2):  # a manifest is read twice, its encoding guessed twice
                warnings.warn("fell back", UserWarning, 2)
        return 0

    module = importlib.import_module("faceage_stats._cli_completion")
    monkeypatch.setattr(module, "run", warn)
    assert cli.main(["completion", "bash"]) == 0
    assert capsys.readouterr() == ("", "faceage completion: fell back\n")


@pytest.mark.skipif(os.name == "nt", reason="pipes end differently on Windows")
@pytest.mark.parametrize("line", ["completion bash", "--help", "models list", "models list --json"])
def test_a_closed_pipe_is_quiet(line):
    reader, writer = os.pipe()
    os.close(reader)  # as `head` after its lines
    try:
        for unbuffered in ("", "1"):  # found at the end, or with the first letter
            environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
            done = run(*line.split(), stdout=writer, env=environment)
            assert (done.returncode, done.stderr) == (Exit.BROKEN_PIPE, "")
    finally:
        os.close(writer)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a disk that is full")
@pytest.mark.parametrize("line", ["completion bash", "models list", "help models"])
def test_a_full_output_is_one_line(line):
    with open("/dev/full", "wb") as full:
        done = run(*line.split(), stdout=full)
    command = line.split()[0]
    assert done.returncode == 1
    assert done.stderr.startswith(f"faceage {command}: the output cannot be read or written: the ")
    assert done.stderr.count("\n") == 1


def test_letters_that_a_console_does_not_know():
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "FACEAGE_MODELS": "Modelle für Ärzte"}
    done = run("models", "list", stdout=subprocess.PIPE, env=environment)
    assert (done.returncode, done.stderr) == (0, "")


# ---- completion

COMPLETED = [
    ("", "validate simulate score merge convert models completion help"),
    ("sim", "simulate"),
    ("simulate --coh", "--cohort"),
    ("simulate --cohort ma", "maastro maastro_rt"),
    ("simulate --cohort survey --se", "--seed"),
    ("models ", "list verify fetch demo"),
    ("models verify --", "--help --quiet --json"),
    ("score p --device ", "auto cpu cuda tensorrt"),
    ("completion ", "bash zsh fish"),
    ("validate ", ""),  # the shell offers files
    ("validate t.csv --out ", ""),
]


@pytest.mark.skipif(os.name == "nt", reason="bash is not at home on Windows")
@pytest.mark.parametrize(("typed", "offered"), COMPLETED)
def test_bash_completes(typed, offered):
    """Let bash itself call the function that it registered, on the words typed so far."""
    words = ["faceage", *typed.split(), *([""] if not typed or typed.endswith(" ") else [])]
    listed = " ".join(map(shlex.quote, words))
    script = (
        f'eval "$({shlex.quote(sys.executable)} -m faceage_stats.cli completion bash)"\n'
        "[[ $(complete -p faceage) == *'-o default'*'-F _faceage'* ]] || exit 9\n"
        f'COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; _faceage; echo "${{COMPREPLY[*]}}"'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(offered.split()) <= set(done.stdout.split())
    assert offered or not done.stdout.strip()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_every_word(capsys, shell):
    assert cli.main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for parser in PARSERS.values():
        for word in [*subcommands(parser), *option_names(parser)]:
            assert re.search(rf"[ \"(-]{re.escape(word.lstrip('-'))}\b", script)


# ---- what we advise

ADVICE = re.compile(r"(?:^|`)(faceage [a-z][^`\n]*)(?:`|$)", re.M)


def advised() -> list[tuple[str, str]]:
    """Every `faceage ...` in a page, and every one between backticks in the sources."""
    pages = [ROOT / "README.md", *ROOT.glob("book/*.md"), *ROOT.glob("data_schemas/*.md")]
    found = [(p.name, text) for p in pages for text in ADVICE.findall(p.read_text("utf-8"))]
    for path in [*ROOT.glob("faceage_stats/**/*.py"), *ROOT.glob("analysis/**/*.py")]:
        texts = re.findall(r"`(faceage [a-z][^`\n]*)`", path.read_text("utf-8"))
        texts += re.findall(
            r"(?:[:,] |Run |See: )(faceage [a-z][^\"'`\n]*)", path.read_text("utf-8")
        )
        found += [(path.name, text) for text in texts]
    return found


def test_commands_that_we_advise_exist():
    """Each starts with a command, and has only options that this command has."""
    assert len(advised()) > 15
    for where, text in advised():
        line = text.removesuffix("\\")  # the first line of a command that goes on
        words = shlex.split(re.sub(r"\{[^}]*\}", "x", line), comments=True)[1:]
        parser = PARSERS["faceage"]
        while words and words[0] in subcommands(parser):
            parser = subcommands(parser)[words.pop(0)]
        assert parser is not PARSERS["faceage"], f"{where}: {text}"
        unknown = [w for w in words if w.startswith("--") and w not in option_names(parser)]
        assert unknown == [], f"{where}: {text}"


@pytest.mark.parametrize("name", ["demo", "faceage", "fahr-faceage", "fahr-facesurvival"])
def test_the_way_to_get_a_model_works(name, capsys, monkeypatch, tmp_path):
    """What is advised for a model that is not there: write it, download it, or neither."""
    monkeypatch.setenv("FACEAGE_MODELS", str(tmp_path / "with a blank"))
    assert code_of(["models", "verify", name]) == 1
    said = capsys.readouterr().out
    if name == "demo":
        command = re.search(r"faceage (models demo .*)", said)[1]
        assert code_of(shlex.split(command)) == 0
        assert code_of(["models", "verify", name]) == 0
    elif name == "faceage":
        assert "`faceage models fetch faceage`" in said
    elif name == "fahr-faceage":
        command = re.search(r"faceage (convert .*)", said)[1]
        assert shlex.split(command)[1:] == [
            "fahr_faceage.pth", str(tmp_path / "with a blank" / "fahr-faceage.onnx"),
        ]  # fmt: skip
    else:
        assert "faceage models fetch" not in said
        assert "weights are not public" in said


def test_a_misspelt_command_is_named_before_its_options(capsys):
    assert code_of(["simulat", "--cohort", "maastro"]) == Exit.ARGUMENTS
    assert "Did you mean 'simulate'?" in capsys.readouterr().err
