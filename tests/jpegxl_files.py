"""Makes JPEG XL files with libjxl's encoder: colours, turns and Exif, which imagecodecs does not write."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from develop import jpegxl

_DECLARATIONS = """
typedef struct Encoder Encoder;
typedef struct FrameSettings FrameSettings;
Encoder* JxlEncoderCreate(void*);
void JxlEncoderDestroy(Encoder*);
void JxlEncoderInitBasicInfo(BasicInfo*);
void JxlEncoderInitExtraChannelInfo(int type, ExtraChannelInfo*);
int JxlEncoderSetBasicInfo(Encoder*, const BasicInfo*);
int JxlEncoderSetExtraChannelInfo(Encoder*, size_t, const ExtraChannelInfo*);
int JxlEncoderSetExtraChannelBuffer(FrameSettings*, const PixelFormat*, const void*, size_t, uint32_t);
int JxlEncoderSetColorEncoding(Encoder*, const ColorEncoding*);
int JxlEncoderSetICCProfile(Encoder*, const uint8_t*, size_t);
int JxlEncoderUseBoxes(Encoder*);
int JxlEncoderAddBox(Encoder*, const char* type, const uint8_t*, size_t, int compress);
FrameSettings* JxlEncoderFrameSettingsCreate(Encoder*, void*);
int JxlEncoderSetFrameLossless(FrameSettings*, int);
int JxlEncoderAddImageFrame(FrameSettings*, const PixelFormat*, const void*, size_t);
void JxlEncoderCloseInput(Encoder*);
int JxlEncoderProcessOutput(Encoder*, uint8_t** next, size_t* left);
"""
FFI, LIBRARY = jpegxl._libjxl()
FFI.cdef(_DECLARATIONS)
BLACK = 4


def encoded(
    tones: NDArray[Any],
    profile: bytes = b"",
    primaries: int = 1,
    transfer: int = 13,
    orientation: int = 1,
    exif: bytes = b"",
    lossless: bool = True,
    black: bool = False,
) -> bytes:
    """`tones` of 8 or 16 bits, rows by columns by channels, the fourth of which is alpha or black."""
    height, width, bands = tones.shape
    colors = bands - (bands in (2, 4))
    encoder = LIBRARY.JxlEncoderCreate(FFI.NULL)
    info = FFI.new("BasicInfo*")
    LIBRARY.JxlEncoderInitBasicInfo(info)
    info.xsize, info.ysize, info.num_color_channels = width, height, colors
    info.bits_per_sample, info.orientation = 8 * tones.itemsize, orientation
    info.uses_original_profile = lossless
    if bands > colors:
        info.num_extra_channels = 1
        info.alpha_bits = 0 if black else info.bits_per_sample
    if exif:
        _done(LIBRARY.JxlEncoderUseBoxes(encoder))
        _done(LIBRARY.JxlEncoderAddBox(encoder, b"Exif", bytes(4) + exif, 4 + len(exif), 0))
    _done(LIBRARY.JxlEncoderSetBasicInfo(encoder, info))
    if black:
        extra = FFI.new("ExtraChannelInfo*")
        LIBRARY.JxlEncoderInitExtraChannelInfo(BLACK, extra)
        _done(LIBRARY.JxlEncoderSetExtraChannelInfo(encoder, 0, extra))
    if profile:
        _done(LIBRARY.JxlEncoderSetICCProfile(encoder, profile, len(profile)))
    else:
        encoding = FFI.new("ColorEncoding*")
        encoding.color_space, encoding.white_point, encoding.primaries = int(colors == 1), 1, primaries
        encoding.transfer_function = transfer
        _done(LIBRARY.JxlEncoderSetColorEncoding(encoder, encoding))
    frame = LIBRARY.JxlEncoderFrameSettingsCreate(encoder, FFI.NULL)
    _done(LIBRARY.JxlEncoderSetFrameLossless(frame, lossless))
    form = FFI.new("PixelFormat*")
    form.num_channels, form.data_type = colors if black else bands, 1 + tones.itemsize
    pixels = np.ascontiguousarray(tones[..., :colors] if black else tones).tobytes()
    _done(LIBRARY.JxlEncoderAddImageFrame(frame, form, pixels, len(pixels)))
    if black:
        form.num_channels = 1
        ink = np.ascontiguousarray(tones[..., colors]).tobytes()
        _done(LIBRARY.JxlEncoderSetExtraChannelBuffer(frame, form, ink, len(ink), 0))
    LIBRARY.JxlEncoderCloseInput(encoder)
    buffer = FFI.new("uint8_t[]", 4_000_000)
    start, left = FFI.new("uint8_t**", buffer), FFI.new("size_t*", len(buffer))
    _done(LIBRARY.JxlEncoderProcessOutput(encoder, start, left))
    LIBRARY.JxlEncoderDestroy(encoder)
    return bytes(FFI.buffer(buffer, len(buffer) - left[0]))


def _done(status: int) -> None:
    assert status == 0
