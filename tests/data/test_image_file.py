"""Decoding: whatever a file holds becomes upright RGB, and what is broken is told in a few words."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nas.data.image_file import Undecodable, decode, decode_plainly, pixels, traits
from tests.helpers.photos import content, write

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 255, (24, 32, 3), dtype=np.uint8)


def orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def test_a_plain_image_has_its_own_pixels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", content(Image.fromarray(COLOUR)))
    assert np.array_equal(pixels(path), COLOUR)
    assert traits(path.read_bytes()) == ()


@pytest.mark.parametrize(("value", "turns", "mirrored"), [(3, 2, False), (6, 3, False), (8, 1, False), (2, 0, True)])
def test_exif_turns_the_image_as_the_standard_says(tmp_path: Path, value: int, turns: int, mirrored: bool) -> None:
    path = write(tmp_path / "a.png", content(Image.fromarray(COLOUR), exif=orientation(value)))
    upright = np.rot90(COLOUR, turns)
    assert np.array_equal(pixels(path), upright[:, ::-1] if mirrored else upright)
    assert traits(path.read_bytes()) == ("turned",)
    assert np.array_equal(np.asarray(decode_plainly(path)), COLOUR)


def test_gray_has_three_equal_channels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", content(Image.fromarray(COLOUR[..., 0])))
    assert np.array_equal(pixels(path), np.repeat(COLOUR[..., :1], 3, 2))
    assert traits(path.read_bytes()) == ("gray",)


def test_transparent_pixels_are_white_and_half_transparent_ones_between(tmp_path: Path) -> None:
    layer = np.zeros((1, 3, 4), np.uint8)
    layer[0, :, 0] = 200
    layer[0, :, 3] = (255, 0, 128)
    path = write(tmp_path / "a.png", content(Image.fromarray(layer)))
    found = pixels(path)[0]
    assert found[0].tolist() == [200, 0, 0]
    assert found[1].tolist() == [255, 255, 255]
    assert found[2] == pytest.approx([200 * 128 / 255 + 127, 127, 127], abs=1)
    assert traits(path.read_bytes()) == ("alpha",)


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path) -> None:
    deep = np.array([[0, 256, 257, 32768, 65535]], np.uint16)
    path = write(tmp_path / "a.png", content(Image.fromarray(deep)))
    assert pixels(path)[0, :, 0].tolist() == [0, 1, 1, 128, 255]
    assert traits(path.read_bytes()) == ("16-bit", "gray")


def test_cmyk_and_palettes_keep_their_colours(tmp_path: Path) -> None:
    red = Image.new("RGB", (16, 16), (255, 0, 0))
    for name, image, word in (("a.jpg", red.convert("CMYK"), "cmyk"), ("a.png", red.quantize(4), "palette")):
        path = write(tmp_path / name, content(image, "JPEG" if word == "cmyk" else "PNG"))
        assert pixels(path).reshape(-1, 3).mean(0) == pytest.approx([255, 0, 0], abs=3)
        assert traits(path.read_bytes()) == (word,)


def test_sixteen_bit_colour_is_told(tmp_path: Path) -> None:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    row = b"\0" + np.array([0, 65535, 32768, 257, 514, 65535], ">u2").tobytes()
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row)) + chunk(b"IEND", b"")
    path = write(tmp_path / "a.png", png)
    assert traits(png) == ("16-bit",)
    assert pixels(path).tolist() == [[[0, 255, 128], [1, 2, 255]]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello", "no image"),
        (content(Image.fromarray(COLOUR), "JPEG")[:700], "(?i)truncated"),
        (content(Image.fromarray(COLOUR))[:400], "truncated"),
        (content(Image.fromarray(np.ones((4, 4), np.float32)), "TIFF"), "floats"),
    ],
)
def test_what_is_broken_is_told_in_a_few_words(tmp_path: Path, data: bytes, words: str) -> None:
    path = write(tmp_path / "a.jpg", data)
    with pytest.raises(Undecodable, match=words):
        traits(data)
    with pytest.raises(Undecodable):
        decode(path)


def test_no_change_of_a_byte_brings_another_error(tmp_path: Path) -> None:
    for kind in ("PNG", "JPEG", "TIFF", "BMP", "WEBP"):
        whole = bytearray(content(Image.fromarray(COLOUR), kind))
        for place in RNG.integers(0, len(whole), 150):
            damaged = bytearray(whole)
            damaged[place] ^= int(RNG.integers(1, 255))
            path = write(tmp_path / "a", bytes(damaged))
            try:
                found = traits(bytes(damaged))
            except Undecodable:
                continue
            assert set(found) <= {"turned", "cmyk", "alpha", "16-bit", "gray", "palette"}
            assert pixels(path).shape[2] == 3


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(Undecodable, match="exceeds limit"):
        traits(content(Image.fromarray(COLOUR)))
