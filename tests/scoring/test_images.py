"""Decoding, orientation, crops and standardisation."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from skimage import data

from faceage_stats.scoring import images
from faceage_stats.scoring.images import (
    Unscorable,
    crop_face,
    decode,
    read_photograph,
    standardise,
    upright,
)


@pytest.fixture(scope="module")
def portrait():
    return data.astronaut()[:200, 100:400]


def _encoded(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    buffer.seek(0)
    return buffer


def _refused(source, **options):
    with pytest.raises(Unscorable) as caught:
        decode(source, **options)
    return caught.value.status, caught.value.reason


# Truth: the array that was written (lossless formats).
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_lossless_formats_return_the_pixels(portrait, kind):
    np.testing.assert_array_equal(decode(_encoded(Image.fromarray(portrait), kind)), portrait)


def test_webp_lossless(portrait):
    picture = Image.fromarray(portrait)
    np.testing.assert_array_equal(decode(_encoded(picture, "WEBP", lossless=True)), portrait)


@pytest.mark.parametrize(("kind", "limit"), [("JPEG", 4), ("WEBP", 6), ("HEIF", 6)])
def test_lossy_formats_are_close(portrait, kind, limit):
    images._pillow()  # registers HEIC
    found = decode(_encoded(Image.fromarray(portrait), kind, quality=95))
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - portrait).mean() < limit


def test_wrong_extension_is_read_by_content(portrait, tmp_path):
    path = tmp_path / "really_a_png.jpg"
    Image.fromarray(portrait).save(path, "PNG")
    np.testing.assert_array_equal(read_photograph(path), portrait)


def test_sixteen_bit_grey_is_scaled():
    levels = np.array([[0, 128, 129, 257, 65535, 32768]], np.uint16)
    found = decode(_encoded(Image.fromarray(levels), "PNG"))
    # closed form: nearest of level / 257
    assert found[0, :, 0].tolist() == [0, 0, 1, 1, 255, 128]
    assert (found == found[:, :, :1]).all()


def test_thirty_two_bit_and_float_grey_are_refused():
    wide = Image.fromarray(np.array([[70000, 0]], np.int32))
    assert _refused(_encoded(wide, "TIFF")) == (
        "unreadable", "grey levels beyond 16 bits; export as 8 or 16 bits",
    )  # fmt: skip
    real = Image.fromarray(np.array([[0.5, 0.1]], np.float32))
    assert "floating-point" in _refused(_encoded(real, "TIFF"))[1]


def test_grey_rgba_cmyk_and_palette(portrait):
    picture = Image.fromarray(portrait)
    grey = decode(_encoded(picture.convert("L"), "PNG"))
    np.testing.assert_array_equal(grey, np.asarray(picture.convert("L").convert("RGB")))
    clear = picture.convert("RGBA")
    clear.putalpha(7)
    np.testing.assert_array_equal(decode(_encoded(clear, "PNG")), portrait)
    ink = decode(_encoded(picture.convert("CMYK"), "TIFF"))
    assert np.abs(ink.astype(int) - portrait).max() <= 1
    palette = picture.convert("P")
    palette.info["transparency"] = bytes(range(256))
    expected = np.asarray(picture.convert("P").convert("RGB"))
    found = decode(_encoded(palette, "PNG", transparency=bytes(range(256))))
    np.testing.assert_array_equal(found, expected)


# Truth: Pillow's own exif_transpose.
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_orientation(portrait, orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = _encoded(Image.fromarray(portrait), kind, exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(source)).convert("RGB"))
    np.testing.assert_array_equal(decode(source), expected)
    if kind != "TIFF":  # Pillow turns a TIFF while it loads it
        source.seek(0)
        assert decode(source, exif=False).shape == portrait.shape


def test_unknown_orientation_means_upright(portrait):
    np.testing.assert_array_equal(upright(portrait, 0), portrait)


class TestRefusals:
    def test_truncated_empty_and_text(self, portrait):
        whole = _encoded(Image.fromarray(portrait), "JPEG").getvalue()
        status, reason = _refused(io.BytesIO(whole[: len(whole) // 2]))
        assert (status, reason[:15]) == ("unreadable", "damaged picture")
        for junk in (b"", b"name,age\n", b"\x89PNG\r\n\x1a\n"):
            assert _refused(io.BytesIO(junk))[0] == "unreadable"

    def test_animated(self, portrait):
        frames = [Image.fromarray(portrait), Image.fromarray(portrait[::-1].copy())]
        for kind in ("GIF", "WEBP", "TIFF", "PNG"):
            source = _encoded(frames[0], kind, save_all=True, append_images=frames[1:])
            expected = ("animated", "holds 2 pictures; export the one to be scored")
            assert _refused(source) == expected

    def test_phone_pictures_with_a_second_picture_are_read(self, portrait):
        pair = Image.fromarray(portrait), Image.fromarray(portrait)
        source = _encoded(pair[0], "MPO", save_all=True, append_images=pair[1:])
        assert decode(source).shape == portrait.shape

    def test_too_large(self):
        source = _encoded(Image.new("1", (30_000, 3_000)), "PNG")
        status, reason = _refused(source)
        assert status == "too_large"
        assert "more than 64 megapixels" in reason
        assert "--max-megapixels" in reason
        bomb = _encoded(Image.new("1", (30_000, 8_000)), "PNG")
        assert _refused(bomb, max_megapixels=1000)[0] == "too_large"

    def test_long_thin_picture_within_the_limit_is_read(self):
        assert decode(_encoded(Image.new("L", (30_000, 2)), "PNG")).shape == (2, 30_000, 3)

    def test_missing_folder_and_odd_names(self, tmp_path):
        for path, status in [
            (tmp_path / "absent.jpg", "missing"),
            (tmp_path, "unreadable"),
            (tmp_path / "a\0b", "unreadable"),
            (tmp_path / ("x" * 300), "unreadable"),
        ]:
            with pytest.raises(Unscorable) as caught:
                read_photograph(path)
            assert caught.value.status == status

    @pytest.mark.skipif(os.name == "nt", reason="Windows does not lock files by their mode")
    def test_unreadable_permissions(self, tmp_path, portrait):
        path = tmp_path / "locked.png"
        Image.fromarray(portrait).save(path)
        path.chmod(0)
        if os.geteuid() == 0:  # root reads everything: ask as nobody
            tmp_path.chmod(0o755)
            code = (
                "import os, sys, pathlib; from faceage_stats.scoring import images; "
                "images._pillow(); os.setuid(65534); "
                "p = pathlib.Path(sys.argv[1])\n"
                "try: images.read_photograph(p)\n"
                "except images.Unscorable as e: print(e.status, e.reason)"
            )
            answer = subprocess.run(
                [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
            ).stdout  # fmt: skip
            assert answer.strip() == "unreadable permission denied"
        else:
            with pytest.raises(Unscorable, match="permission denied"):
                read_photograph(path)


REFERENCE = Path(__file__).parent / "reference" / "pillow_crops.json"
PILLOW_9 = {
    tuple(crop["box"]): crop["sha256"]
    for crop in json.loads(REFERENCE.read_text(encoding="utf-8"))["crops"]
}


class TestCrop:
    # Truth: the bytes of the Pillow release of the published pipeline's time.
    @pytest.mark.parametrize("box", PILLOW_9)
    def test_bytes_of_the_published_crop(self, box):
        crop = crop_face(data.astronaut(), box)
        assert hashlib.sha256(crop.tobytes()).hexdigest() == PILLOW_9[box]

    # Truth: Pillow's kernel written out with its documented definition, in float64, one pass
    # per axis with rounding between them.
    def test_two_passes_by_definition(self, portrait):
        found = crop_face(portrait, (79, 60, 89, 113), size=160)
        face = portrait[60:173, 79:168].astype(float)
        expected = _bicubic(_bicubic(face, 160, axis=1), 160, axis=0)
        assert np.abs(found - expected).max() <= 1
        assert np.abs(found - expected).mean() < 0.01

    def test_shrinking_by_definition(self):
        image = data.astronaut()
        found = crop_face(image, (0, 0, 512, 400), size=96)
        expected = _bicubic(_bicubic(image[:400].astype(float), 96, axis=1), 96, axis=0)
        assert np.abs(found - expected).max() <= 1

    def test_far_corner_is_cut_and_near_corner_kept(self, portrait):
        inside = crop_face(portrait, (250, 150, 50, 50))
        beyond = crop_face(portrait, (250, 150, 80, 90))
        np.testing.assert_array_equal(inside, beyond)

    def test_margin_widens_the_box(self, portrait):
        wide = crop_face(portrait, (100, 60, 40, 60), margin=0.25)
        np.testing.assert_array_equal(wide, crop_face(portrait, (90, 45, 60, 90)))

    def test_roll_turns_about_the_box(self):
        square = np.zeros((101, 101, 3), np.uint8)
        square[50, 20:81] = 255  # a level line
        turned = crop_face(square, (20, 20, 61, 61), size=61, roll=90)
        assert (turned[:, 30:32].max(axis=1) > 100).all()  # an upright line

    def test_empty_box(self, portrait):
        with pytest.raises(Unscorable, match="no pixel") as caught:
            crop_face(portrait, (400, 10, 20, 20))
        assert caught.value.status == "too_small"


def _bicubic(pixels, size, axis):
    """Antialiased cubic convolution (a = -0.5) along one axis, rounded to 8 bits."""
    moved = np.moveaxis(pixels, axis, 0)
    n = moved.shape[0]
    scale = n / size
    support = max(scale, 1.0)
    centre = (np.arange(size) + 0.5) * scale
    t = np.abs((np.arange(n)[None, :] + 0.5 - centre[:, None]) / support)
    kernel = np.where(
        t < 1, 1.5 * t**3 - 2.5 * t**2 + 1, np.where(t < 2, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2, 0)
    )
    kernel /= kernel.sum(1, keepdims=True)
    out = np.clip(np.floor(np.tensordot(kernel, moved, 1) + 0.5), 0, 255)
    return np.moveaxis(out, 0, axis)


class TestStandardise:
    # Truth: mean 0 and standard deviation 1 by definition.
    def test_own_moments(self, portrait):
        out = standardise(portrait[:160, :160])
        assert out.dtype == np.float32
        assert abs(out.astype(float).mean()) < 1e-6
        assert abs(out.astype(float).std() - 1) < 1e-6

    def test_fixed_moments(self):
        crop = np.full((2, 2, 3), 255, np.uint8)
        out = standardise(crop, mean=[0.5, 0.25, 0.0], std=[0.5, 0.25, 2.0])
        np.testing.assert_allclose(out[0, 0], [1.0, 3.0, 0.5])

    def test_flat_crop(self):
        with pytest.raises(Unscorable, match="every pixel") as caught:
            standardise(np.full((160, 160, 3), 9, np.uint8))
        assert caught.value.status == "flat"
