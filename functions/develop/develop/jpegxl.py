"""Decodes JPEG XL with libjxl.

The library is the one that the package imagecodecs brings. Its own binding gives the pixels alone, which
mean nothing without their colours: it is called here by its C interface (libjxl 0.11, jxl/decode.h).
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import cffi
import pyvips

from safelight.errors import CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.files import jpegxl
from safelight.imaging import cicp
from safelight.imaging.cicp import Cicp
from safelight.imaging.picture import Decoded

_UPRIGHT = 1
_SUCCESS, _ERROR, _NEED_MORE_INPUT, _NEED_BUFFER = 0, 1, 2, 5
_BASIC_INFO, _COLOR_ENCODING, _FULL_IMAGE = 0x40, 0x100, 0x1000
_UINT8, _UINT16 = 2, 3
_AS_DECODED = 1
_BLACK = 4
_HDR = (16, 18)
_P3, _P3_OF_H273 = 11, 12
"""JPEG XL numbers primaries as ITU-T H.273 does, but for one: Display P3 is theatres' P3 with D65."""

_D65 = 1
_INTERPRETATIONS = {(1, 1): "b-w", (1, 2): "grey16", (3, 1): "srgb", (3, 2): "rgb16"}
"""By the number of colours, and the bytes of a tone."""

_DECLARATIONS = """
typedef struct {
    uint32_t have_container, xsize, ysize, bits_per_sample, exponent_bits_per_sample;
    float intensity_target, min_nits;
    int relative_to_max_display;
    float linear_below;
    int uses_original_profile, have_preview, have_animation, orientation;
    uint32_t num_color_channels, num_extra_channels, alpha_bits, alpha_exponent_bits;
    int alpha_premultiplied;
    uint32_t preview[2], animation[4], intrinsic_xsize, intrinsic_ysize;
    uint8_t padding[100];
} BasicInfo;
typedef struct {
    int type;
    uint32_t bits_per_sample, exponent_bits_per_sample, dim_shift, name_length;
    int alpha_premultiplied;
    float spot_color[4];
    uint32_t cfa_channel;
} ExtraChannelInfo;
typedef struct {
    int color_space, white_point;
    double white_point_xy[2];
    int primaries;
    double red_xy[2], green_xy[2], blue_xy[2];
    int transfer_function;
    double gamma;
    int rendering_intent;
} ColorEncoding;
typedef struct { uint32_t num_channels; int data_type, endianness; size_t align; } PixelFormat;
typedef struct Decoder Decoder;
Decoder* JxlDecoderCreate(void* memory_manager);
void JxlDecoderDestroy(Decoder*);
int JxlDecoderSubscribeEvents(Decoder*, int events);
int JxlDecoderSetUnpremultiplyAlpha(Decoder*, int yes);
int JxlDecoderSetInput(Decoder*, const uint8_t* data, size_t size);
int JxlDecoderProcessInput(Decoder*);
int JxlDecoderGetBasicInfo(const Decoder*, BasicInfo*);
int JxlDecoderGetExtraChannelInfo(const Decoder*, size_t index, ExtraChannelInfo*);
int JxlDecoderGetColorAsEncodedProfile(const Decoder*, int target, ColorEncoding*);
int JxlDecoderGetICCProfileSize(const Decoder*, int target, size_t*);
int JxlDecoderGetColorAsICCProfile(const Decoder*, int target, uint8_t* profile, size_t size);
int JxlDecoderSetImageOutBuffer(Decoder*, const PixelFormat*, void* buffer, size_t size);
"""


def decode_jpegxl(path: Path, filename: str) -> Decoded:
    """Return the first picture of the JPEG XL file at `path`, upright; `filename` is for the messages.

    Raises:
        TruncatedFile: pixels are missing.
        CorruptFile: the file cannot be decoded.
        UnsupportedFormat: it is in CMYK, which libjxl gives as light and ink apart.
        MemoryError: there is not enough memory.
    """
    picture = _Picture(path.read_bytes(), filename)
    image = picture.image
    with path.open("rb") as file:
        if exif := jpegxl.exif_in(file):
            image.set_type(pyvips.GValue.blob_type, "exif-data", b"Exif\x00\x00" + exif)
    return Decoded(image, _UPRIGHT, picture.profile, (image.width, image.height))


class _Picture:
    """The first picture of a JPEG XL file, and the ICC profile of its pixels; None is sRGB."""

    def __init__(self, data: bytes, filename: str) -> None:
        self._ffi, self._library = _libjxl()
        self._filename = filename
        self.profile: bytes | None = None
        self._hdr: Cicp | None = None
        decoder = self._library.JxlDecoderCreate(self._ffi.NULL)
        if decoder == self._ffi.NULL:
            raise MemoryError("libjxl cannot start")
        try:
            self._decode(decoder, data)
        finally:
            self._library.JxlDecoderDestroy(decoder)

    def _decode(self, decoder: Any, data: bytes) -> None:
        library = self._library
        library.JxlDecoderSubscribeEvents(decoder, _BASIC_INFO | _COLOR_ENCODING | _FULL_IMAGE)
        library.JxlDecoderSetUnpremultiplyAlpha(decoder, 1)
        source = self._ffi.from_buffer("uint8_t[]", data)
        library.JxlDecoderSetInput(decoder, source, len(data))
        info = self._ffi.new("BasicInfo*")
        pixels = bytearray()
        while (status := library.JxlDecoderProcessInput(decoder)) != _FULL_IMAGE:
            if status == _BASIC_INFO:
                library.JxlDecoderGetBasicInfo(decoder, info)
                self._check_inks(decoder, info)
            elif status == _COLOR_ENCODING:
                self._read_colors(decoder)
            elif status == _NEED_BUFFER:
                pixels = self._buffer(decoder, info)
            else:
                raise self._named(status)
        self.image = self._image_of(pixels, info)

    def _check_inks(self, decoder: Any, info: Any) -> None:
        extra = self._ffi.new("ExtraChannelInfo*")
        for index in range(info.num_extra_channels):
            self._library.JxlDecoderGetExtraChannelInfo(decoder, index, extra)
            if extra.type == _BLACK:
                raise UnsupportedFormat(
                    f"{self._filename} is a JPEG XL image in CMYK, which cannot be read. "
                    "Export it as JPEG, in RGB, and upload that."
                )

    def _read_colors(self, decoder: Any) -> None:
        encoding = self._ffi.new("ColorEncoding*")
        named = self._library.JxlDecoderGetColorAsEncodedProfile(decoder, _AS_DECODED, encoding)
        if named == _SUCCESS and encoding.transfer_function in _HDR:
            display_p3 = (encoding.primaries, encoding.white_point) == (_P3, _D65)
            numbered = _P3_OF_H273 if display_p3 else encoding.primaries
            self._hdr = Cicp(numbered, encoding.transfer_function)
            return
        size = self._ffi.new("size_t*")
        if self._library.JxlDecoderGetICCProfileSize(decoder, _AS_DECODED, size) == _SUCCESS:
            profile = bytearray(size[0])
            place = self._ffi.from_buffer("uint8_t[]", profile)
            self._library.JxlDecoderGetColorAsICCProfile(decoder, _AS_DECODED, place, size[0])
            self.profile = bytes(profile)

    def _shape(self, info: Any) -> tuple[int, int, bool]:
        """Return the number of colours, the bytes of a tone, and whether there is alpha."""
        deep = info.bits_per_sample > 8
        return info.num_color_channels, 2 if deep else 1, info.alpha_bits > 0

    def _buffer(self, decoder: Any, info: Any) -> bytearray:
        colors, size, alpha = self._shape(info)
        form = self._ffi.new("PixelFormat*")
        form.num_channels, form.data_type = colors + alpha, _UINT16 if size == 2 else _UINT8
        pixels = bytearray(info.xsize * info.ysize * size * (colors + alpha))
        place = self._ffi.from_buffer("uint8_t[]", pixels)
        self._library.JxlDecoderSetImageOutBuffer(decoder, form, place, len(pixels))
        return pixels

    def _image_of(self, pixels: bytearray, info: Any) -> pyvips.Image:
        colors, size, alpha = self._shape(info)
        form = "ushort" if size == 2 else "uchar"
        image = pyvips.Image.new_from_memory(pixels, info.xsize, info.ysize, colors + alpha, form)
        image = image.copy(interpretation=_INTERPRETATIONS[colors, size])
        return cicp.applied(image, self._hdr)[0] if self._hdr else image

    def _named(self, status: int) -> Exception:
        if status in (_NEED_MORE_INPUT, _SUCCESS):
            return TruncatedFile(f"{self._filename} ends before its image does. Copy or upload it again.")
        return CorruptFile(
            f"{self._filename} cannot be decoded: its image data are damaged. Copy it again from a backup."
        )


@cache
def _libjxl() -> tuple[cffi.FFI, Any]:
    """Return the library, opened, and what speaks with it."""
    binding = import_module("imagecodecs._jpegxl")  # it knows where the libraries are that libjxl needs
    ffi = cffi.FFI()
    ffi.cdef(_DECLARATIONS)
    folder = Path(str(binding.__file__)).parents[1] / "imagecodecs.libs"
    (library,) = folder.glob("libjxl-*")
    return ffi, ffi.dlopen(str(library))
