"""Decodes the page of a TIFF file that is its picture, from what says where its pixels are and how coded.

libtiff complains of all that it finds in a file: unknown tags, directories that hold no image, broken
metadata. It is shown a copy of the one directory without them, so that what it still complains of are pixels.
Where libvips takes samples for what they are not, it is given them as plain numbers, which are read here.
"""

import mmap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyvips

from safelight.confined import mapped_to_change
from safelight.errors import CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.files import tiff
from safelight.files.jpeg import EOI
from safelight.files.tiff import Directory, Entry, OutsideFile, Tiff

_PIXEL_TAGS = frozenset(
    {
        *(tiff.IMAGE_WIDTH, tiff.IMAGE_LENGTH, tiff.BITS_PER_SAMPLE, tiff.COMPRESSION, tiff.PHOTOMETRIC),
        *(tag for tags in tiff.PIECES for tag in tags),
        *(tiff.ORIENTATION, tiff.SAMPLES_PER_PIXEL, tiff.PLANAR, tiff.INK_SET),
        *(tiff.EXTRA_SAMPLES, tiff.SAMPLE_FORMAT, tiff.COLOR_MAP),
        *(tiff.YCBCR_COEFFICIENTS, tiff.YCBCR_SUBSAMPLING, tiff.REFERENCE_BLACK_WHITE),
        *(266, 278, 292, 293, 317, 322, 323, 334, 340, 341, 347, 531),
    }
)
"""The last are FillOrder, RowsPerStrip, T4Options, T6Options, Predictor, TileWidth, TileLength,
NumberOfInks, SMinSampleValue, SMaxSampleValue, JPEGTables and YCbCrPositioning."""

_PLACES = frozenset(tag for tags in tiff.PIECES for tag in tags)
_PER_SAMPLE = frozenset({tiff.BITS_PER_SAMPLE, tiff.SAMPLE_FORMAT})
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR, _CIELAB, _ICCLAB = 0, 1, 2, 3, 5, 6, 8, 9
_COLORS = {_RGB: 3, _CMYK: 4, _YCBCR: 3, _CIELAB: 3, _ICCLAB: 3}
"""How many samples colour takes, where it is not one."""

_RGB_AND_ALPHA = _RGB, 4
"""What a fourth sample is of which nothing is said; libtiff's own picture of it has the same."""

_JPEG = 7
_COMPRESSIONS = frozenset({1, 2, 3, 4, 5, _JPEG, 8, 32766, 32771, 32773, 32809, 32946, 34676, 34677, 50001})
"""None, and what libvips' libtiff is built with: CCITT, LZW, JPEG, Deflate, NeXT, PackBits, ThunderScan,
SGILog, WebP."""

_OF_ANY_DEPTH = frozenset({1, 5, 8, 32773, 32946})
"""None, LZW, Deflate and PackBits, which code bytes."""

_OLD_JPEG = 6
_RARE = {
    _OLD_JPEG: "JPEG as TIFF had it before 1995",
    34887: "LERC",
    34925: "LZMA",
    50000: "Zstandard",
}
"""What the libtiff of the develop function is built with besides."""

_OLD_JPEG_TAGS = frozenset(range(512, 522))
_OTHERS = {33003: "JPEG 2000", 33005: "JPEG 2000", 34661: "JBIG", 50002: "JPEG XL"}
_BITS, _FEW_BITS = (8, 16, 32), (1, 2, 4)
"""Of a sample, as libvips has them; the few only where a pixel is one sample."""

_UNSIGNED, _FLOATING, _UNKNOWN = 1, 3, 4
_RARE_FORMATS = frozenset({_UNSIGNED, _FLOATING, _UNKNOWN})
_RARE_COLORS = frozenset({_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK})
_ASSOCIATED, _UNASSOCIATED = 1, 2
_DEEP = {"ushort": "rgb16", "uchar": "srgb", "char": "srgb", "float": "scrgb"}
_DEEP_GREY = {"ushort": "grey16"}
_MOST_PLANES = 64
"""Photoshop writes 56 at most; each is read by itself."""
_BT601 = (0.299, 0.587, 0.114)
_FULL_RANGE = (0.0, 255.0, 128.0, 255.0, 128.0, 255.0)
"""What libtiff takes where ReferenceBlackWhite is missing, as JPEG has it."""

_CODE_RANGE = 127
_TOP_TONE, _TOP_OF_32_BITS, _TOP_OF_SIGNED = 65535, 4294967295, 32767
_TO_SIXTEEN_BITS = {
    "uint": (1 / 65537, 0.0),
    "int": (1 / 65537, 32768.0),
    "short": (1.0, 32768.0),
}
"""What to multiply tones by, and to add."""


class Picture:
    """The page of a TIFF file that is its picture; nothing is decoded before it is asked for.

    Attributes:
        size: width and height in pixels as stored.
        orientation: how to turn it upright, 1 to 8 as in Exif.
        profile: its ICC profile as embedded, sound or not.
        is_rare: whether its pixels are coded as libvips does not know, and the develop function does.
    """

    def __init__(self, path: Path, filename: str) -> None:
        """Choose the page of the file at `path`; `filename` is for the messages.

        Raises:
            TruncatedFile: what describes the page is missing.
            CorruptFile: there is no page, or a strip or a tile of it is lost.
            UnsupportedFormat: its pixels are coded in a way that no decoder here reads right.
        """
        self._path, self._filename = path, filename
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            reader = Tiff(data)
            with self._whole():
                page = reader.shown()
                if page is None:
                    raise CorruptFile(
                        f"{filename} is a TIFF without a page. Copy it again from where it came from."
                    )
                self._describe(reader, page)
                self._refuse()
                self._check_pieces(reader, page, data)
        self._page = page

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Name what a value that is not in the file leads to."""
        try:
            yield
        except OutsideFile as outside:
            raise TruncatedFile(
                f"{self._filename} ends after {self._path.stat().st_size:,} bytes of the {outside.needed:,} "
                "that it needs. Copy or upload it again."
            ) from outside

    def _describe(self, reader: Tiff, page: Directory) -> None:
        def first(tag: int, otherwise: int) -> int:
            return next(iter(reader.integers(page, tag)), otherwise)

        self.size = first(tiff.IMAGE_WIDTH, 0), first(tiff.IMAGE_LENGTH, 0)
        try:
            self.profile = reader.bytes_of(page, tiff.ICC_PROFILE) or None
        except OutsideFile:  # the pixels are whole without it
            self.profile = None
        turn = first(tiff.ORIENTATION, 1)
        self.orientation = turn if 1 <= turn <= 8 else 1
        self._bits, self._compression = first(tiff.BITS_PER_SAMPLE, 1), first(tiff.COMPRESSION, 1)
        self._photometric = first(tiff.PHOTOMETRIC, _BLACK_IS_ZERO)
        self._samples = first(tiff.SAMPLES_PER_PIXEL, _COLORS.get(self._photometric, 1))
        self._planar = self._samples > 1 and first(tiff.PLANAR, 1) == 2
        unsaid = (_UNASSOCIATED,) if (self._photometric, self._samples) == _RGB_AND_ALPHA else ()
        self._extras = reader.integers(page, tiff.EXTRA_SAMPLES) or unsaid
        self._subsampled = (reader.integers(page, tiff.YCBCR_SUBSAMPLING) or (2, 2)) != (1, 1)
        self._luma = reader.rationals(page, tiff.YCBCR_COEFFICIENTS) or _BT601
        self._range = reader.rationals(page, tiff.REFERENCE_BLACK_WHITE) or _FULL_RANGE
        self._palette = reader.integers(page, tiff.COLOR_MAP)
        self._format = first(tiff.SAMPLE_FORMAT, _UNSIGNED)
        whole = self._bits in _BITS or (self._bits in _FEW_BITS and (self._planar or self._samples == 1))
        self.is_rare = self._compression in _RARE or not whole

    def _refuse(self) -> None:
        if self._compression not in _COMPRESSIONS | _RARE.keys():
            what = _OTHERS.get(self._compression, f"compression {self._compression}")
        elif self.is_rare and not self._is_known_rarity:
            what = f"{self._rarity} with colours or a coding that are as rare"
        elif self._photometric == _YCBCR and self._planar and self._subsampled:
            what = "planes of differing sizes"
        elif self._planar and self._samples > _MOST_PLANES:
            what = f"{self._samples:,} planes"
        elif self._photometric == _YCBCR and not self._sane_ycbcr:
            what = "colours that are not defined"
        else:
            return
        raise self._unreadable(what)

    def _unreadable(self, what: str) -> UnsupportedFormat:
        return UnsupportedFormat(
            f"{self._filename} is coded in a way that cannot be read (a TIFF of {what}). "
            "Export it as JPEG and upload that."
        )

    def _check_pieces(self, reader: Tiff, page: Directory, data: mmap.mmap) -> None:
        """Find the pieces of the picture that libtiff makes something up for, or only warns of."""
        for places, sizes in tiff.PIECES:
            for start, size in zip(reader.integers(page, places), reader.integers(page, sizes), strict=False):
                cut = self._compression == _JPEG and size and data.rfind(EOI, start, start + size) < 0
                if cut or start < reader.header_bytes:
                    raise CorruptFile(
                        f"{self._filename} is damaged: a piece of its picture, at byte {start:,}, is lost. "
                        "Copy it again from where it came from."
                    )

    @property
    def _rarity(self) -> str:
        return _RARE.get(self._compression, f"{self._bits} bits")

    @property
    def _is_known_rarity(self) -> bool:
        coded = self._compression in _OF_ANY_DEPTH | _RARE.keys()
        known = coded and self._photometric in _RARE_COLORS and self._format in _RARE_FORMATS
        return known or (self._compression == _OLD_JPEG and self._photometric == _YCBCR)

    @property
    def _sane_ycbcr(self) -> bool:
        spans = [white - black for black, white in zip(self._range[::2], self._range[1::2], strict=False)]
        return len(self._luma) == 3 and self._luma[1] > 0 and len(spans) == 3 and all(spans)

    def image(self) -> pyvips.Image:
        """Return the picture, streamed: grey, RGB, CMYK or Lab, with alpha where the file says so.

        An extra channel that the file does not call alpha, like a saved selection, is left out. Greys of
        another depth than 8 and 16 bits are scaled by the tones that there are. Floating point RGB stays as
        it is: libvips takes it for linear light, which is what programs write.

        Raises:
            pyvips.Error: libvips does not know the coding; and when pixels are asked for, they are damaged.
        """
        image = self._colors_and_alpha(self.loaded())
        bands = image.bands - image.hasalpha()
        if image.format == "char":  # programs that call 8 bits signed mean nothing by it
            image = image.copy(format="uchar")
        if bands == 1 and image.format not in ("uchar", "ushort"):
            return self._grey(image)
        if image.format in _TO_SIXTEEN_BITS:
            scale, offset = _TO_SIXTEEN_BITS[image.format]
            deep = image.linear(scale, offset).cast("ushort")
            return deep.copy(interpretation="cmyk" if bands == _COLORS[_CMYK] else "rgb16")
        return image.colourspace("rgb16") if image.format == "float" and image.hasalpha() else image

    def header(self) -> pyvips.Image:
        """Return the picture as libvips finds it, not to be decoded. Raises as `image`."""
        return self.loaded()

    def alone(self) -> mmap.mmap:
        """Return the file with nothing but the page, its samples being plain numbers, but for old JPEG."""
        kept = _PIXEL_TAGS | _OLD_JPEG_TAGS
        instead = {} if self._compression == _OLD_JPEG else {tiff.PHOTOMETRIC: _BLACK_IS_ZERO}
        return self._copy({tag: entry for tag, entry in self._page.entries.items() if tag in kept}, instead)

    def loaded(self) -> pyvips.Image:
        """Return the samples of the page, as the colours that they are. Raises as `image`.

        Raises:
            UnsupportedFormat: they are rare.
        """
        if self.is_rare:
            raise self._unreadable(self._rarity)
        if not self._planar:
            return self._named(self._view()) if self._is_plain else self._view()
        planes = [self._view(plane) for plane in range(self._samples)]
        image = self._named(planes[0].bandjoin(planes[1:]))
        return image.unpremultiply().cast(image.format) if _ASSOCIATED in self._extras[:1] else image

    @property
    def _is_plain(self) -> bool:
        """Whether libvips does not know what the samples are, and is given them as numbers."""
        if self._photometric == _YCBCR:
            return self._compression != _JPEG and not self._subsampled
        return self._photometric in (_CIELAB, _ICCLAB)

    def _named(self, image: pyvips.Image) -> pyvips.Image:
        """Return plain samples as the colours that they are."""
        if self._photometric == _YCBCR:
            return self._from_ycbcr(image)
        if self._photometric in (_CIELAB, _ICCLAB):
            return self._from_lab(image)
        if self._photometric == _CMYK:
            return image.copy(interpretation="cmyk")
        names = _DEEP if self._photometric in (_RGB, _PALETTE) else _DEEP_GREY
        return image.copy(interpretation=names.get(image.format, "b-w"))

    def _view(self, plane: int | None = None) -> pyvips.Image:
        """Return what libvips makes of the page, or of one plane of it as a grey image."""
        entries = {tag: entry for tag, entry in self._page.entries.items() if tag in _PIXEL_TAGS}
        instead = {}
        if plane is not None:
            entries = {tag: self._of_plane(tag, entry, plane) for tag, entry in entries.items()}
            entries.pop(tiff.EXTRA_SAMPLES, None)
            greys = (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _PALETTE)
            kept = plane == 0 and self._photometric in greys
            instead = {
                tiff.SAMPLES_PER_PIXEL: 1,
                tiff.PLANAR: 1,
                tiff.PHOTOMETRIC: self._photometric if kept else _BLACK_IS_ZERO,
            }
        elif self._is_plain:
            instead = {tiff.PHOTOMETRIC: _RGB}
        source = pyvips.Source.new_from_memory(self._copy(entries, instead))
        return pyvips.Image.new_from_source(source, "", unlimited=True, access="sequential", fail_on="error")

    def _copy(self, entries: Mapping[int, Entry], instead: Mapping[int, int]) -> mmap.mmap:
        """Return the file with the page alone in it, and no more of its entries than these."""
        with self._path.open("rb") as file:
            copy = mapped_to_change(file)
        with self._whole():
            Tiff(copy).keep_alone(copy, self._page.start, entries, instead)
        return copy

    def _of_plane(self, tag: int, entry: Entry, plane: int) -> Entry:
        if tag in _PLACES:
            size, count = entry.length // max(entry.amount, 1), entry.amount // self._samples
            return Entry(entry.kind, count, entry.start + plane * count * size)
        return entry._replace(amount=1) if tag in _PER_SAMPLE else entry

    def _colors_and_alpha(self, image: pyvips.Image) -> pyvips.Image:
        extras = max(0, self._samples - _COLORS.get(self._photometric, 1))
        colors = image.bands - extras
        kinds = self._extras[:extras]
        alpha = next((n for n, kind in enumerate(kinds) if kind in (_ASSOCIATED, _UNASSOCIATED)), None)
        if extras == 0 or colors < 1 or (extras == 1 and alpha == 0):
            return image
        visible = image.extract_band(0, n=colors)
        return visible if alpha is None else visible.bandjoin(image[colors + alpha])

    def _grey(self, image: pyvips.Image) -> pyvips.Image:
        tones = self._colors_and_alpha(self.loaded())[0].stats()
        low, high = tones(0, 0)[0], tones(1, 0)[0]
        if image.format in ("float", "double") and low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        elif image.format not in ("float", "double") and low >= 0:
            least = _TOP_OF_SIGNED if image.format == "short" else _TOP_TONE
            tops = (least, _TOP_OF_32_BITS) if high > _TOP_OF_32_BITS / 2 else (least,)
            low, high = next(((0.0, float(top)) for top in tops if high <= top), (low, high))
        scale = _TOP_TONE / (high - low) if high > low else 0.0
        return image.linear(scale, -low * scale).cast("ushort").copy(interpretation="grey16")

    def _from_ycbcr(self, image: pyvips.Image) -> pyvips.Image:
        """Bring luma and differences of colour to RGB (TIFF 6.0, section 21)."""
        red, green, blue = self._luma
        unit = 257 if image.format == "ushort" else 1
        blacks, whites = self._range[::2], self._range[1::2]
        full = (255, _CODE_RANGE, _CODE_RANGE)
        gains = [each / (white - black) for each, black, white in zip(full, blacks, whites, strict=True)]
        scaled = image.extract_band(0, n=3).linear(
            gains, [-black * unit * gain for black, gain in zip(blacks, gains, strict=True)]
        )
        to_red, to_blue = 2 - 2 * red, 2 - 2 * blue
        rgb = scaled.recomb(
            [
                [1, 0, to_red],
                [1, -to_blue * blue / green, -to_red * red / green],
                [1, to_blue, 0],
            ]
        )
        colors = rgb.rint().cast(image.format).copy(interpretation=_DEEP[image.format])
        return colors.bandjoin(image.extract_band(3, n=image.bands - 3)) if image.bands > 3 else colors

    def _from_lab(self, image: pyvips.Image) -> pyvips.Image:
        """Bring the numbers of CIELAB (TIFF 6.0, section 23) and ICCLAB to Lab."""
        if image.format == "float":
            return image.copy(interpretation="lab")
        deep = image.format == "ushort"
        opponents, unit = image.extract_band(1, n=2), 256 if deep else 1
        if self._photometric == _CIELAB:
            white, opponents = (
                65535 if deep else 255,
                opponents.copy(format="short" if deep else "char") / unit,
            )
        else:
            white, opponents = 255 * unit, opponents / unit - 128
        lab = (image[0] * (100 / white)).bandjoin(opponents).cast("float").copy(interpretation="lab")
        return lab.bandjoin(image.extract_band(3, n=image.bands - 3) / unit) if image.bands > 3 else lab
