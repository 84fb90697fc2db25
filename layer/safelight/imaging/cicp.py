"""Brings colours that a file names by numbers (ITU-T H.273: PNG's cICP, nclx of HEIF and AVIF) to ours."""

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

_KNEE = 0.75
"""Up to this much of SDR white, HDR light stays as it is; what is brighter is rolled off to white."""

_TOP_TONE = 65535


class Cicp(NamedTuple):
    """Colour primaries and transfer characteristics as numbered in ITU-T H.273."""

    primaries: int
    transfer: int


def applied(image: pyvips.Image, colors: Cicp, video: bool = False) -> tuple[pyvips.Image, bytes | None]:
    """Return `image`, and the ICC profile that its numbers have by `colors`; None is sRGB.

    HDR (PQ and HLG) becomes SDR of sRGB, in memory, as well as it can without a grading. `video` takes the
    curve of BT.709 and its kin for sRGB's, as viewers of HEIF and AVIF do.
    """
    light = _PRIMARIES.get(colors.primaries, primaries.SRGB)
    if colors.transfer in (_PQ, _HLG):
        return _toned_down(image, light, colors.transfer), None
    curve = _CURVES.get(colors.transfer, primaries.SRGB_CURVE)
    if video and curve is _TELEVISION:
        curve = primaries.SRGB_CURVE
    if (light, curve) == (primaries.SRGB, primaries.SRGB_CURVE):
        return image, None
    return image, primaries.profile(light, curve)


def _toned_down(image: pyvips.Image, light: Primaries, transfer: int) -> pyvips.Image:
    image = image.copy_memory()  # it is looked at twice
    deep = image if image.format == "ushort" else (image * 257).cast("ushort")
    tones = deep.extract_band(0, n=3) if image.bands > 2 else deep[0].bandjoin([deep[0], deep[0]])
    if transfer == _PQ:
        shown = tones.maplut(_pq_nits(_ramp()) / _SDR_WHITE_NITS)
    else:
        scene = tones.maplut(_hlg_scene(_ramp()))
        seen = scene.recomb([primaries.luminance(light)])
        shown = scene * seen ** (_HLG_GAMMA - 1) * (_HLG_PEAK_NITS / _SDR_WHITE_NITS)
    flat = _rolled_off(shown.recomb(primaries.to_srgb(light)))
    flat = flat.copy(interpretation="scrgb").colourspace("srgb")
    if image.hasalpha():
        flat = flat.bandjoin((deep[image.bands - 1] / 257).rint().cast("uchar"))
    return flat.copy_memory()


def _rolled_off(light: pyvips.Image) -> pyvips.Image:
    """Return `light`, where 1 is SDR white, with what is above the knee bent so that the peak becomes white.

    By Reinhard's curve with a white point (Reinhard and others, Photographic Tone Reproduction for Digital
    Images, 2002, equation 4), on the brightest of the three: each colour keeps its hue, and a picture that
    is nowhere brighter than SDR white stays as it is.
    """
    brightest = light[0].maxpair(light[1]).maxpair(light[2])
    peak = brightest.max()
    if peak <= 1:
        return light
    room = 1 - _KNEE
    over, most = (brightest - _KNEE) / room, (peak - _KNEE) / room
    bent = over * (over / most**2 + 1) / (over + 1) * room + _KNEE
    return light * (brightest > _KNEE).ifthenelse(bent / brightest, 1.0)


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
