"""Decodes TIFF files of rare codings and depths, with a libtiff that knows more than that of libvips."""

from functools import cached_property
from pathlib import Path

import imagecodecs
import numpy as np
import numpy.typing as npt
import pyvips

from safelight.errors import CorruptFile
from safelight.imaging.picture import Decoded
from safelight.imaging.read import decode, naming
from safelight.imaging.tiff import Picture

_WHITE_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 2, 3, 5, 6
_ASSOCIATED = 1
_BYTE, _WORD = 8, 16
_GREYS, _COLORS = (
    {"uint8": "b-w", "uint16": "grey16"},
    {"uint8": "srgb", "uint16": "rgb16", "float32": "scrgb"},
)
"""What libvips calls them, by their samples."""

_FORMATS = {"uint8": "uchar", "uint16": "ushort", "float32": "float"}

_Samples = npt.NDArray[np.unsignedinteger]
"""Rows of pixels of samples."""


def decode_tiff(path: Path, filename: str) -> Decoded:
    """Return the picture of the TIFF file at `path`, rare or not; `filename` is for the messages.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat, MemoryError: see `safelight.imaging.read.naming`.
    """
    picture = _Rare(path, filename)
    if not picture.is_rare:
        return decode(path, filename, picture.size)
    with naming(filename):
        return Decoded(picture.image(), picture.orientation, picture.profile, picture.size)


class _Rare(Picture):
    """A page of samples that libtiff gives as numbers, of up to 64 bits."""

    def loaded(self) -> pyvips.Image:
        """Return the page in memory; see `Picture.loaded`.

        Raises:
            CorruptFile: the image data are damaged.
            UnsupportedFormat: libtiff does not know the coding, or finds other samples than the file says.
        """
        return self._image

    @cached_property
    def _image(self) -> pyvips.Image:
        tones = self._tones(self._decoded())
        height, width, bands = tones.shape
        names = _COLORS if self._photometric in (_RGB, _PALETTE, _YCBCR) else _GREYS
        name = "cmyk" if self._photometric == _CMYK else names.get(tones.dtype.name, "b-w")
        form = _FORMATS[tones.dtype.name]
        image = pyvips.Image.new_from_memory(tones.tobytes(), width, height, bands, form)
        image = image.copy(interpretation=name)
        return image.unpremultiply().cast(form) if _ASSOCIATED in self._extras[:1] else image

    def _decoded(self) -> _Samples:
        try:
            found = imagecodecs.tiff_decode(self.alone()[:])
        except (imagecodecs.TiffError, IndexError, ValueError) as error:
            raise CorruptFile(
                f"{self._filename} cannot be decoded ({error}): its image data are damaged. "
                "Copy it again from the camera or from a backup."
            ) from error
        width, height = self.size
        if self._planar:
            found = np.moveaxis(found, 0, -1)
        if found.shape != ((height, width, self._samples) if self._samples > 1 else (height, width)):
            raise self._unreadable(self._rarity)
        return found.reshape(height, width, self._samples)

    def _tones(self, samples: _Samples) -> npt.NDArray[np.number]:
        """Return samples that use all of 8 or 16 bits, 0 being black, or floating point ones as they are."""
        if samples.dtype.kind == "f":
            return samples.astype("float32")
        if samples.dtype == bool:
            samples = samples.astype("uint8")
        tones = _spread(samples, self._bits)
        if self._photometric == _PALETTE:
            if len(self._palette) != 3 << self._bits:
                raise self._unreadable("a palette of another length than its indexes")
            table = np.array(self._palette, "uint16").reshape(3, -1).T
            extras = _spread(samples[:, :, 1:], self._bits, _WORD)
            return np.concatenate([table[samples[:, :, 0]], extras], axis=2)
        if self._photometric == _WHITE_IS_ZERO:
            tones[:, :, 0] = np.iinfo(tones.dtype).max - tones[:, :, 0]
        return tones


def _spread(samples: _Samples, bits: int, least: int = _BYTE) -> _Samples:
    """Return unsigned samples of so many bits as such of 8 or 16, whichever loses nothing, or of 16."""
    if bits > _WORD:
        return (samples >> np.uint64(bits - _WORD)).astype("uint16")
    wide = max(least, _BYTE if bits <= _BYTE else _WORD)
    if bits == wide:
        return samples.copy()
    most = (1 << bits) - 1
    return ((samples.astype("uint32") * ((1 << wide) - 1) + most // 2) // most).astype(f"uint{wide}")
