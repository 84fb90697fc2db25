"""Brings colours that a file names by numbers (ITU-T H.273: PNG's cICP, nclx of HEIF and AVIF) to ours."""

from math import log2
from typing import NamedTuple

import pyvips

from safelight.imaging import primaries
from safelight.imaging.primaries import Curve, Primaries

_PRIMARIES = {
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), (0.310, 0.316)),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    9: primaries.BT2020,
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: primaries.DISPLAY_P3,
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
"""H.273, table 2; all others are those of sRGB."""

_TELEVISION = Curve(2.4)
"""What displays make of the cameras' curve of BT.709 and its kin (ITU-R BT.1886)."""

_CURVES = {
    1: _TELEVISION,
    4: Curve(2.2),
    5: Curve(2.8),
    6: _TELEVISION,
    7: Curve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0912),
    8: Curve(1.0),
    11: _TELEVISION,
    14: _TELEVISION,
    15: _TELEVISION,
}
"""H.273, table 3; all others are taken for that of sRGB, save for PQ and HLG."""

_PQ, _HLG = 16, 18
_SDR_WHITE_NITS = 203.0
"""What is white on paper, in an HDR picture (ITU-R BT.2408-7, 2.2)."""

_HLG_PEAK_NITS, _HLG_GAMMA = 1000.0, 1.2
"""The display that HLG is graded on (ITU-R BT.2100-2, table 5)."""

_GRADED_NITS = 1000.0
"""How bright HDR pictures are graded that do not say it, as browsers have it."""

_STOPS_PER_STOP = 2.0
"""How much headroom a picture gets at most, by how far its brightest pixel is above SDR white."""

_BENDING = 0.65
"""Where, between its two ends, the middle point of the roll-off lies (see `_factor`)."""

_MASTERING_UNIT = 1e-4
"""In cd/m2, of the luminance of the display that a picture was graded on."""

_TOP_TONE = 65535


class Cicp(NamedTuple):
    """Colour primaries and transfer characteristics as numbered in ITU-T H.273."""

    primaries: int
    transfer: int


def stated_nits(light_level: int, mastering: bytes) -> float | None:
    """Return how bright the brightest pixel of an HDR picture is, in cd/m2; None where nothing says it.

    `light_level` is that of `clli` of HEIF (ISO/IEC 14496-12, 12.1.6) or of PNG's cLLI (third edition,
    11.3.2.8); `mastering` the body of `mdcv` (12.1.7) or mDCV (11.3.2.7), empty where there is none. Zero is
    unknown.
    """
    return light_level or int.from_bytes(mastering[16:20], "big") * _MASTERING_UNIT or None


def applied(
    image: pyvips.Image, colors: Cicp, video: bool = False, nits: float | None = None
) -> tuple[pyvips.Image, bytes | None]:
    """Return `image`, and the ICC profile that its numbers have by `colors`; None is sRGB.

    HDR (PQ and HLG) becomes SDR of sRGB, in memory, as well as it can without a grading; `nits` is the light
    of its brightest pixel in cd/m2, where that is stated. `video` takes the curve of BT.709 and its kin for
    sRGB's, as viewers of HEIF and AVIF do.
    """
    light = _PRIMARIES.get(colors.primaries, primaries.SRGB)
    if colors.transfer in (_PQ, _HLG):
        return _toned_down(image, light, colors.transfer, nits or _GRADED_NITS), None
    curve = _CURVES.get(colors.transfer, primaries.SRGB_CURVE)
    if video and curve is _TELEVISION:
        curve = primaries.SRGB_CURVE
    if (light, curve) == (primaries.SRGB, primaries.SRGB_CURVE):
        return image, None
    return image, primaries.profile(light, curve)


def _toned_down(image: pyvips.Image, light: Primaries, transfer: int, nits: float) -> pyvips.Image:
    image = image.copy_memory()  # it is looked at twice
    deep = image if image.format == "ushort" else (image * 257).cast("ushort")
    tones = deep.extract_band(0, n=3) if image.bands > 2 else deep[0].bandjoin([deep[0], deep[0]])
    if transfer == _PQ:
        shown = tones.maplut(_pq_nits(_ramp()) / _SDR_WHITE_NITS)
    else:
        scene = tones.maplut(_hlg_scene(_ramp()))
        seen = scene.recomb([primaries.luminance(light)])
        shown = scene * seen ** (_HLG_GAMMA - 1) * (_HLG_PEAK_NITS / _SDR_WHITE_NITS)
    wide = shown.recomb(primaries.between(light, primaries.BT2020))
    brightest = _brightest(wide)
    factor = _factor(brightest, _headroom(brightest.max(), nits))
    flat = (wide * factor).recomb(primaries.between(primaries.BT2020, primaries.SRGB))
    most = _brightest(flat)
    flat = (most > 1).ifthenelse(flat / most, flat)  # what sRGB cannot show as bright keeps its hue
    flat = flat.copy(interpretation="scrgb").colourspace("srgb")
    if image.hasalpha():
        flat = flat.bandjoin((deep[image.bands - 1] / 257).rint().cast("uchar"))
    return flat.copy_memory()


def _brightest(light: pyvips.Image) -> pyvips.Image:
    return light[0].maxpair(light[1]).maxpair(light[2])


def _headroom(brightest: float, nits: float) -> float:
    """Return how many stops above SDR white are to be brought below it.

    They are those that the file states, but for a picture that is hardly brighter than white: one that is
    nowhere brighter stays as it is.
    """
    return max(0.0, min(log2(nits / _SDR_WHITE_NITS), _STOPS_PER_STOP * log2(max(brightest, 1.0))))


def _factor(brightest: pyvips.Image, headroom: float) -> pyvips.Image | float:
    """Return what to multiply light by whose `brightest` component, in BT.2020, is that; 1 is SDR white.

    This is the operator of SMPTE ST 2094-50 for pictures that bring no grading of their own, as Chromium has
    it (Skia, SkHdrAgtm): what is up to SDR white is dimmed, by at most a half, and what is above bends along
    a Bezier curve, so that the top of the headroom becomes white. As a factor, it keeps each hue.
    """
    if headroom == 0:
        return 1.0
    white = 1 - 0.5 * min(headroom / log2(_GRADED_NITS / _SDR_WHITE_NITS), 1)
    top = 2**headroom
    middle = (1 - _BENDING) + _BENDING / white, (1 - _BENDING) * white + _BENDING
    slope, bend = 2 * (middle[0] - 1), 1 - 2 * middle[0] + top
    over = (brightest > 1).ifthenelse(brightest - 1, 0.0)
    along = over * 2 / ((over * (4 * bend) + slope**2) ** 0.5 + slope)
    along = (along < 1).ifthenelse(along, 1.0)
    bent = along * (along * (white - 2 * middle[1] + 1) + 2 * (middle[1] - white)) + white
    return (brightest > 1).ifthenelse(bent / brightest, white)


def _ramp() -> pyvips.Image:
    """Return each tone of 16 bits, from 0 to 1."""
    return pyvips.Image.identity(ushort=True, size=_TOP_TONE + 1) / _TOP_TONE


def _pq_nits(tone: pyvips.Image) -> pyvips.Image:
    """The electro-optical transfer function of SMPTE ST 2084, as in ITU-R BT.2100-2, table 4."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = tone ** (1 / m2)
    above = (root - c1 > 0).ifthenelse(root - c1, 0)
    return (above / (root * -c3 + c2)) ** (1 / m1) * 10_000


def _hlg_scene(tone: pyvips.Image) -> pyvips.Image:
    """The inverse of the opto-electronic transfer function of HLG, ITU-R BT.2100-2, table 5."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return (tone <= 0.5).ifthenelse(tone**2 / 3, (((tone - c) / a).exp() + b) / 12)
