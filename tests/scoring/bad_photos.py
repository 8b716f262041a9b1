"""A folder of photographs that hospitals really have: good, odd and broken ones."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

__all__ = ["KINDS", "write_folder"]


def _jpeg(pixels, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=92, **options)
    return buffer.getvalue()


def write_folder(folder: Path, n: int) -> dict[str, str]:
    """Write `n` files; the expected status by name."""
    portrait = data.astronaut()[20:260, 100:380]
    rng = np.random.default_rng(0)
    kinds = sorted(KINDS)
    expected = {}
    (folder / "sub" / "a folder.jpg").mkdir(parents=True)
    (folder / "notes.txt").write_text("not a photograph", encoding="utf-8")
    (folder / ".hidden.jpg").write_bytes(b"")
    for i in range(n):
        kind = kinds[i % len(kinds)]
        suffix, status, write = KINDS[kind]
        name = f"{'sub/' if i % 2 else ''}{i:03d}_{kind}.{suffix}"
        noisy = np.clip(portrait.astype(int) + rng.integers(-4, 5, portrait.shape), 0, 255)
        write(folder / name, noisy.astype(np.uint8))
        expected[name] = status
    raw = os.fsencode(folder) + b"/zz_\xff_name.jpg"  # a name that is not UTF-8
    with open(raw, "wb") as handle:
        handle.write(_jpeg(portrait))
    expected["zz_\\xff_name.jpg"] = "ok"
    return dict(sorted(expected.items(), key=lambda item: item[0].replace("\\xff", "\xff")))


def _save(kind, **options):
    return lambda path, x: Image.fromarray(x).save(path, kind, **options)


def _mode(mode, kind):
    return lambda path, x: Image.fromarray(x).convert(mode).save(path, kind)


def _bytes(make):
    return lambda path, x: path.write_bytes(make(x))


def _sixteen(path, x):
    grey = np.asarray(Image.fromarray(x).convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(path, "PNG")


def _rotated(path, x):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(x).copy()).save(path, "JPEG", quality=92, exif=exif)


def _animated(path, x):
    one, other = (Image.fromarray(each).convert("L") for each in (x, 255 - x))  # no palette to find
    one.save(path, "GIF", save_all=True, append_images=[other])


def _two(path, x):
    Image.fromarray(np.concatenate([x, x[:, ::-1]], axis=1)).save(path, "PNG")


def _chunk(name, body):
    crc = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + crc


def _huge(path, _):
    """A picture that claims to be 30,000 x 30,000: the claim is enough to be refused."""
    header = _chunk(b"IHDR", struct.pack(">II5B", 30_000, 30_000, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + _chunk(b"IDAT", b"\0" * 9))


def _link(path, _):
    path.symlink_to("/etc/hostname")


KINDS = {
    "jpeg": ("jpg", "ok", _save("JPEG", quality=92)),
    "png": ("png", "ok", _save("PNG")),
    "tiff": ("TIFF", "ok", _save("TIFF")),
    "webp": ("webp", "ok", _save("WEBP", quality=92)),
    "heic": ("heic", "ok", _save("HEIF", quality=92)),
    "grey": ("jpg", "ok", _mode("L", "JPEG")),
    "rgba": ("png", "ok", _mode("RGBA", "PNG")),
    "cmyk": ("jpg", "ok", _mode("CMYK", "JPEG")),
    "sixteen": ("png", "ok", _sixteen),
    "exif": ("jpg", "ok", _rotated),
    "misnamed": ("png", "ok", _bytes(_jpeg)),
    "two": ("png", "several_faces", _two),
    "truncated": ("jpg", "unreadable", _bytes(lambda x: _jpeg(x)[:3000])),
    "empty": ("jpg", "unreadable", _bytes(lambda x: b"")),
    "text": ("jpg", "unreadable", _bytes(lambda x: b"patient list")),
    "broken_png": ("png", "unreadable", _bytes(lambda x: b"\x89PNG\r\n\x1a\n" + b"\0" * 50)),
    "one_pixel": ("png", "too_small", lambda path, x: Image.new("RGB", (1, 1)).save(path)),
    "animated": ("gif", "animated", _animated),
    "huge": ("png", "too_large", _huge),
    "blank": ("png", "no_face", lambda path, x: Image.new("RGB", (90, 80)).save(path)),
    "link": ("jpg", "outside_root", _link),
}
