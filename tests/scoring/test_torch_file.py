"""PyTorch checkpoints: read as data, whatever the pickle in them would like to do."""

from __future__ import annotations

import os
import pickle
import zipfile

import numpy as np
import pytest

from faceage_stats.errors import ModelFileError
from faceage_stats.scoring._torch_file import read_checkpoint
from tests.scoring.vits import _text, pickled_tensor, write_torch

ONE = {"a": np.arange(6, dtype=np.float32).reshape(2, 3)}


def _archive(path, program, *, compress=zipfile.ZIP_STORED, members=()):
    with zipfile.ZipFile(path, "w", compress) as archive:
        archive.writestr("archive/data.pkl", program)
        for name, data in members:
            archive.writestr(name, data)
    return path


class TestReading:
    @pytest.mark.parametrize(
        ("kind", "dtype"),
        [("FloatStorage", "<f4"), ("DoubleStorage", "<f8"), ("HalfStorage", "<f2"),
         ("LongStorage", "<i8"), ("ByteStorage", "u1"), ("BoolStorage", "?")],
    )  # fmt: skip
    def test_kinds_of_numbers(self, tmp_path, kind, dtype):
        array = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
        path = write_torch(tmp_path / "m.pth", {"a": array}, kind=kind)
        found = read_checkpoint(path)["model_state_dict"]["a"].read()
        np.testing.assert_array_equal(found, array)
        assert found.dtype == (np.float32 if dtype == "<f2" else np.dtype(dtype))

    # Truth: a bfloat16 is the upper half of a float32.
    def test_bfloat16(self, tmp_path):
        numbers = np.float32([1.0, -2.5, 1024.0])
        upper = (numbers.view("<u4") >> 16).astype("<u2")
        path = write_torch(tmp_path / "m.pth", {"a": upper}, kind="BFloat16Storage")
        found = read_checkpoint(path)["model_state_dict"]["a"].read()
        assert found.tolist() == numbers.tolist()

    def test_what_stands_beside_the_weights(self, tmp_path):
        """Every instruction that is carried out, also those of newer protocols."""
        program = (
            b"\x80\x04\x95" + (0).to_bytes(8, "little") + b"}\x94("
            + _text("list") + b"]\x94(K\x01M\x01\x02Je" + b"\x00\x00\x00" + b"e"
            + _text("one") + b"]K\x07a"
            + _text("none") + b"N" + _text("yes") + b"\x88" + _text("no") + b"\x89"
            + _text("float") + b"G?\xf8" + bytes(6)
            + _text("tuples") + b"K\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87\x87"
            + _text("long") + b"\x8a\x03\x00\x00\x01" + _text("same") + b"h\x01"
            + b"\x8c\x05short" + b")" + b"u."
        )  # fmt: skip
        found = read_checkpoint(_archive(tmp_path / "m.pth", program))
        assert found["list"] == found["same"] == [1, 513, 101]
        assert [found[k] for k in ("one", "none", "yes", "no")] == [[7], None, True, False]
        assert (found["float"], found["long"], found["short"]) == (1.5, 65536, ())
        assert found["tuples"] == ((1,), (1, 2), (1, 2, 3))

    def test_strided_view(self, tmp_path):
        """A transposed tensor shares its numbers, with other steps."""
        straight = pickled_tensor("0", (2, 3))
        turned = straight.replace(
            b"(J\x02\0\0\0J\x03\0\0\0t(J\x03\0\0\0J\x01\0\0\0t",
            b"(J\x03\0\0\0J\x02\0\0\0t(J\x01\0\0\0J\x03\0\0\0t",
        )
        assert turned != straight
        data = ("archive/data/0", ONE["a"].tobytes())
        path = _archive(tmp_path / "m.pth", b"\x80\x02" + turned + b".", members=[data])
        np.testing.assert_array_equal(read_checkpoint(path).read(), ONE["a"].T)


class _Evil:
    """Unpickled, it would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


EVIL = {
    "function by name": b"cos\nsystem\n(" + _text("touch x") + b"tR",
    "function by two texts": _text("os") + _text("system") + b"\x93(" + _text("touch x") + b"tR",
    "old instance": b"(" + _text("touch x") + b"ios\nsystem\n",
    "old object": b"(cos\nsystem\n" + _text("touch x") + b"o",
    "new object": b"cos\nsystem\n(" + _text("touch x") + b"t\x81",
    "registered number": b"\x82\x01(" + _text("touch x") + b"tR",
    "evaluated text": b"cbuiltins\neval\n(" + _text("__import__('os').mkdir('pwned')") + b"tR",
    "loading from the net": b"ctorch.hub\nload\n(" + _text("x/y") + b"tR",
    "numbers by NumPy": b"cnumpy._core.multiarray\nscalar\n)R",
    "arguments of a run": b"cargparse\nNamespace\n)\x81",
    "filled dictionary": b"ccollections\nOrderedDict\n(]tR",
    "called text": _text("os.system") + b"(" + _text("touch x") + b"tR",
    "state of an object": b"}" + b"}(" + _text("__class__") + b"K\x01ub",
    "persistent text": b"P0\n",
    "storage called": b"ctorch\nFloatStorage\n(K\x01tR",
}


class TestPoison:
    @pytest.mark.parametrize("name", EVIL)
    def test_nothing_is_run(self, tmp_path, monkeypatch, name):
        """Alone, and hidden behind weights that are in order."""
        monkeypatch.chdir(tmp_path)
        alone = _archive(tmp_path / "evil.pth", b"\x80\x02" + EVIL[name] + b".")
        hidden = write_torch(tmp_path / "hidden.pth", ONE, extra=EVIL[name])
        for path in (alone, hidden):
            before = sorted(os.listdir())
            with pytest.raises(ModelFileError, match=r"Nothing in it was run|is damaged"):
                read_checkpoint(path)
            assert sorted(os.listdir()) == before

    def test_the_same_file_would_run_in_pickle(self, tmp_path):
        """So that the test above can fail."""
        program = pickle.dumps({"model": _Evil(tmp_path / "pwned")}, 2)
        path = _archive(tmp_path / "m.pth", program)
        with pytest.raises(ModelFileError, match=r"asks for (posix|nt)\.mkdir, which is no tensor"):
            read_checkpoint(path)
        assert not (tmp_path / "pwned").exists()
        pickle.loads(program)
        assert (tmp_path / "pwned").exists()

    def test_every_other_name_is_refused_by_name(self, tmp_path):
        program = b"\x80\x02ctorch.nn.modules.linear\nLinear\n)\x81."
        with pytest.raises(ModelFileError, match=r"asks for torch\.nn\.modules\.linear\.Linear"):
            read_checkpoint(_archive(tmp_path / "m.pth", program))

    @pytest.mark.parametrize(
        ("shape", "stride", "offset"),
        [((2, 3), (3, 1), 1), ((3, 3), (3, 1), 0), ((2, 3), (3, 2), 0), ((2, 3), (-3, 1), 3),
         ((-2, 3), (3, 1), 0), ((9, 9), (0, 0), 0)],
    )  # fmt: skip
    def test_a_tensor_stays_inside_its_numbers(self, tmp_path, shape, stride, offset):
        def numbers(values):
            return b"(" + b"".join(b"J" + int(v).to_bytes(4, "little", signed=True) for v in values)

        program = pickled_tensor("0", (2, 3))
        start = program.index(b"tQ") + 2
        end = program.index(b"\x89ccollections")
        inner = b"J" + offset.to_bytes(4, "little") + numbers(shape) + b"t" + numbers(stride) + b"t"
        spoilt = b"\x80\x02" + program[:start] + inner + program[end:] + b"."
        data = ("archive/data/0", ONE["a"].tobytes())
        with pytest.raises(ModelFileError, match=r"exceeds its storage|repeats numbers"):
            read_checkpoint(_archive(tmp_path / "m.pth", spoilt, members=[data]))

    # Truth: whatever is in the file, either data come out or one class of error.
    def test_random_damage(self, tmp_path):
        path = write_torch(tmp_path / "m.pth", ONE)
        with zipfile.ZipFile(path) as archive:
            program = archive.read("archive/data.pkl")
        rng = np.random.default_rng(0)
        refused = 0
        for _ in range(400):
            spoilt = bytearray(program)
            for at in rng.integers(0, len(program), rng.integers(1, 4)):
                spoilt[at] = rng.integers(256)
            try:
                read_checkpoint(_archive(tmp_path / "s.pth", bytes(spoilt)))
            except ModelFileError:
                refused += 1
        assert refused > 200


class TestFiles:
    def test_refused(self, tmp_path):
        program = b"\x80\x02}."
        cases = {
            "compressed": _archive(tmp_path / "c.pth", program, compress=zipfile.ZIP_DEFLATED),
            "big-endian": _archive(tmp_path / "b.pth", program,
                                   members=[("archive/byteorder", "big")]),
            "too long": _archive(tmp_path / "l.pth", bytes(64_000_001)),
            "before 1.6": tmp_path / "old.pth",
            "no PyTorch checkpoint": tmp_path / "z.pth",
            "does not exist": tmp_path / "none.pth",
        }  # fmt: skip
        cases["before 1.6"].write_bytes(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.")
        with zipfile.ZipFile(cases["no PyTorch checkpoint"], "w") as archive:
            archive.writestr("x", "y")
        for message, path in cases.items():
            with pytest.raises(ModelFileError, match=message):
                read_checkpoint(path)

    def test_cut_off(self, tmp_path):
        path = write_torch(tmp_path / "m.pth", ONE)
        with zipfile.ZipFile(path) as archive:
            program = archive.read("archive/data.pkl")
        data = ("archive/data/0", ONE["a"].tobytes()[:-4])
        found = read_checkpoint(_archive(tmp_path / "s.pth", program, members=[data]))
        with pytest.raises(ModelFileError, match="a tensor is cut off"):
            found["model_state_dict"]["a"].read()
        with pytest.raises(ModelFileError, match=r"is damaged"):
            read_checkpoint(_archive(tmp_path / "t.pth", program[:-20]))
