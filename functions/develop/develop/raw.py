"""Develops camera RAW with LibRaw: the preview that the camera embedded, or a demosaic of the sensor data."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
import rawpy
from numpy.typing import NDArray

from develop.said import Said, said_in
from safelight.errors import BadInput, CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.imaging.geometry import as_stored, fit
from safelight.imaging.picture import Decoded
from safelight.imaging.read import decode

_ORIENTATIONS = {0: 1, 3: 3, 5: 8, 6: 6}
"""LibRaw's `flip` (0, 180 degrees, 90 degrees to the left and to the right) in terms of Exif."""

_TOLERANCE = 0.02
"""Cameras crop their previews by up to some pixels a side: more than 2 % off is another picture."""

_TONES = 65535
_CLIPPED_PERCENT = 1.0
"""How much of a picture may be white, as with LibRaw's own automatic brightness."""

_MOST_GAIN = 2.0
"""One stop: more turns a photo of the night into noise."""

_SAMPLED = 8


class Negative:
    """An open camera RAW file; use `opened` to get one."""

    def __init__(self, raw: rawpy.RawPy, said: Said, filename: str, scratch: Path) -> None:
        """`raw` is the open file that says `said`, `filename` is for the messages, `scratch` a folder."""
        self._raw, self._said, self._filename, self._scratch = raw, said, filename, scratch
        sizes = raw.sizes
        aspect = sizes.pixel_aspect
        self._size = round(sizes.width * max(aspect, 1)), round(sizes.height / min(aspect, 1))
        self._orientation = _ORIENTATIONS.get(sizes.flip, 1)

    def preview(self, box: tuple[int, int]) -> Decoded | None:
        """Return the embedded preview, where it is as good as the RAW for what fits inside `box` pixels.

        That is a JPEG of the same picture, no larger than the RAW, and as large as is needed. Its pixels
        are not decoded yet: see `safelight.imaging.read.decode`.
        """
        try:
            thumbnail = self._raw.extract_thumb()
        except rawpy.LibRawError:  # there is none, or none that LibRaw can read
            return None
        if thumbnail.format is not rawpy.ThumbFormat.JPEG:
            return None
        path = self._scratch / "preview.jpg"
        path.write_bytes(bytes(thumbnail.data))
        try:
            decoded = decode(path, self._filename, box)
        except BadInput:
            return None
        orientation = self._turn_of(decoded.full_size)
        if orientation is None:
            return None
        needed = as_stored(fit(self._size, box, self._orientation), self._orientation)
        if any(
            have < need * (1 - _TOLERANCE)
            for have, need in zip(decoded.full_size, as_stored(needed, orientation), strict=True)
        ):
            return None
        profile = decoded.profile or self._said.preview_profile
        return Decoded(decoded.image, orientation, profile, decoded.full_size)

    def _turn_of(self, preview: tuple[int, int]) -> int | None:
        """Return how to turn a preview of that size: as the RAW, or not at all where that was done already.

        LibRaw writes the RAW's orientation into previews, so that what theirs says does not tell. None
        means that it is another picture than the RAW, or larger.
        """
        if _alike(preview, self._size):
            return self._orientation
        if _alike(preview, as_stored(self._size, self._orientation)):
            return 1
        return None

    def demosaic(self, box: tuple[int, int]) -> Decoded:
        """Return the sensor data developed in sRGB with the camera's white balance, 8 bits.

        In half the size, a pixel for each 2 x 2 of the sensor, where that is enough for what fits inside
        `box` pixels.

        Raises:
            TruncatedFile, CorruptFile, UnsupportedFormat: see `opened`. What LibRaw does not find it leaves
                black, and every sensor has noise.
        """
        needed = fit(self._size, box, self._orientation)
        half = all(have // 2 >= need for have, need in zip(self._size, needed, strict=True))
        with _naming(self._filename):
            linear = self._raw.postprocess(
                use_camera_wb=True,
                user_flip=0,
                half_size=half,
                no_auto_bright=True,
                gamma=(1, 1),
                output_bps=16,
                output_color=rawpy.ColorSpace.sRGB,
            )
        if not linear.any():
            raise CorruptFile(
                f"{self._filename} cannot be developed: its sensor data hold no picture, not even noise. "
                "Copy it again from the card or from a backup."
            )
        height, width, bands = linear.shape
        image = pyvips.Image.new_from_memory(linear, width, height, bands, "ushort")
        image = image.maplut(_tones(_gain(linear, self._said.exposure)))
        image = image.copy(interpretation="srgb" if bands == 3 else "b-w")
        return Decoded(image, self._orientation, None, (width, height))


@contextmanager
def opened(path: Path, filename: str) -> Iterator[Negative]:
    """Open the camera RAW file at `path`; `filename` is for the messages.

    Raises:
        TruncatedFile: sensor data are missing.
        CorruptFile: the file cannot be read.
        UnsupportedFormat: it is of a camera, or packed in a way, that LibRaw does not know.
    """
    with _naming(filename):
        raw = rawpy.imread(str(path))
    with raw, tempfile.TemporaryDirectory() as scratch:
        yield Negative(raw, said_in(path), filename, Path(scratch))


@contextmanager
def _naming(filename: str) -> Iterator[None]:
    try:
        yield
    except (rawpy.LibRawFileUnsupportedError, rawpy.LibRawNotImplementedError) as error:
        raise UnsupportedFormat(
            f"{filename} is a camera RAW file that cannot be developed: LibRaw does not know its camera or "
            "the way it is packed. Convert it to DNG with Adobe's converter, or export it as a JPEG or TIFF."
        ) from error
    except rawpy.LibRawUnsufficientMemoryError as error:
        raise MemoryError(str(error)) from error
    except rawpy.LibRawIOError as error:
        raise TruncatedFile(
            f"{filename} ends before its image does: sensor data are missing. Copy it again from the card."
        ) from error
    except rawpy.LibRawError as error:
        raise CorruptFile(
            f"{filename} cannot be developed ({error}): its sensor data are damaged. "
            "Copy it again from the card or from a backup."
        ) from error


def _alike(preview: tuple[int, int], full: tuple[int, int]) -> bool:
    shape = (preview[0] * full[1]) / (preview[1] * full[0])
    larger = max(preview[0] / full[0], preview[1] / full[1])
    return abs(shape - 1) <= _TOLERANCE and larger <= 1 + _TOLERANCE


def _gain(linear: NDArray[Any], exposure: float) -> float:
    """Return by how much to brighten: by what the file says, and then until 1 % of the picture is white.

    The latter by no more than a stop.
    """
    brightest = linear[::_SAMPLED, ::_SAMPLED].max(axis=2)
    white = float(np.percentile(brightest, 100 - _CLIPPED_PERCENT)) * exposure
    return exposure * float(np.clip(_TONES / max(white, 1.0), 1.0, _MOST_GAIN))


def _tones(gain: float) -> pyvips.Image:
    """Return the 8-bit sRGB level of each linear one of 16 bits (IEC 61966-2-1), brightened by `gain`."""
    light = np.minimum(np.arange(_TONES + 1) * (gain / _TONES), 1.0)
    levels = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    table = np.round(255 * levels).astype(np.uint8)
    return pyvips.Image.new_from_memory(table, _TONES + 1, 1, 1, "uchar")
