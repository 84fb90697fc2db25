"""Brings the colours that HEIF and AVIF name by numbers ("nclx", ITU-T H.273) to sRGB or Display P3."""

import struct
from pathlib import Path
from typing import TypedDict

import numpy as np
import pyvips
from numpy.typing import NDArray

from safelight.files.boxes import items_in

Tones = NDArray[np.float64]

_BT2020, _P3_D65 = 9, 12
_LINEAR, _PQ, _HLG = 8, 16, 18

_SDR_WHITE_NITS = 203.0
"""What is white on paper, in an HDR picture (ITU-R BT.2408-7, 2.2)."""

_HLG_PEAK_NITS, _HLG_GAMMA = 1000.0, 1.2
"""The display that HLG is graded on (ITU-R BT.2100-2, table 5)."""

_KNEE = 0.6
"""Up to this much of SDR white, HDR light stays as it is; what is brighter is rolled off below white."""

_TOP_TONE = 65535
_TO_BT709 = {
    _BT2020: ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
    _P3_D65: ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979)),
}
"""Linear light of other primaries in those of sRGB (ITU-R BT.2087-0; and from the primaries, D65)."""


class Nclx(TypedDict):
    """Colour primaries and transfer characteristics as numbered in ITU-T H.273."""

    color_primaries: int
    transfer_characteristics: int


def in_file(path: Path) -> Nclx | None:
    """Return the nclx of the primary item of the HEIF or AVIF file at `path`, or None where it has none."""
    with path.open("rb") as file:
        try:
            items = items_in(file)
        except ValueError:  # a table that libheif does not need, as it has decoded the file
            return None
    for body in items.properties_of(items.primary, b"colr"):
        if body[:4] == b"nclx" and len(body) >= 8:
            primaries, transfer = struct.unpack(">HH", body[4:8])
            return {"color_primaries": primaries, "transfer_characteristics": transfer}
    return None


def applied(image: pyvips.Image, colors: Nclx) -> tuple[pyvips.Image, bytes | None]:
    """Return `image` with its colours as sRGB, or as they were with the ICC profile that names them.

    Display P3 keeps its colours. HDR (PQ and HLG) becomes SDR at its best effort: light up to 60 % of SDR
    white is kept, and what is brighter is rolled off, channel by channel. BT.2020 becomes sRGB. All else
    is taken for sRGB, as its curve and primaries differ too little to be seen, or are not told.
    """
    primaries, transfer = colors["color_primaries"], colors["transfer_characteristics"]
    is_hdr = transfer in (_PQ, _HLG)
    if primaries == _P3_D65 and not is_hdr:
        return image, bytes(pyvips.Image.profile_load("p3"))
    if image.bands < 3 or not (is_hdr or primaries == _BT2020):
        return image, None
    deep = image if image.format == "ushort" else (image * 257).cast("ushort")
    light = deep.extract_band(0, n=3).maplut(_curve(transfer))
    if primaries in _TO_BT709:
        light = light.recomb([list(row) for row in _TO_BT709[primaries]])
    flat = light.copy(interpretation="scrgb").colourspace("srgb")
    if image.bands > 3:
        flat = flat.bandjoin((deep.extract_band(3) / 257).rint().cast("uchar"))
    return flat.copy_memory(), None


def _curve(transfer: int) -> pyvips.Image:
    """Return the light of each tone of 16 bits, 1 for SDR white."""
    tone = np.linspace(0.0, 1.0, _TOP_TONE + 1)
    if transfer == _PQ:
        light = _rolled_off(_pq_nits(tone) / _SDR_WHITE_NITS)
    elif transfer == _HLG:
        light = _rolled_off(_HLG_PEAK_NITS * _hlg_scene(tone) ** _HLG_GAMMA / _SDR_WHITE_NITS)
    elif transfer == _LINEAR:
        light = tone
    else:
        light = np.where(tone <= 0.04045, tone / 12.92, ((tone + 0.055) / 1.055) ** 2.4)
    return pyvips.Image.new_from_memory(light.astype(np.float32), _TOP_TONE + 1, 1, 1, "float")


def _pq_nits(
    tone: Tones,
) -> Tones:
    """The electro-optical transfer function of SMPTE ST 2084, as in ITU-R BT.2100-2, table 4."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = tone ** (1 / m2)
    return 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)


def _hlg_scene(
    tone: Tones,
) -> Tones:
    """The inverse of the opto-electronic transfer function of HLG, ITU-R BT.2100-2, table 5."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(tone <= 0.5, tone**2 / 3, (np.exp((tone - c) / a) + b) / 12)


def _rolled_off(
    light: Tones,
) -> Tones:
    room = 1 - _KNEE
    return np.where(light <= _KNEE, light, 1 - room * np.exp(-(light - _KNEE) / room))
