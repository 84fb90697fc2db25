"""Films of a second or less, made by FFmpeg in each container."""

import tempfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

_HERTZ, _SAMPLES = 48_000, 1024
_QUIET = {"libx265": {"x265-params": "log-level=none"}}


def film(
    container: str = "mp4",
    video: str | None = "libx264",
    audio: str | None = None,
    *,
    frames: int = 10,
    rate: int = 25,
    size: tuple[int, int] = (64, 48),
    options: Mapping[str, str] | None = None,
    coding: Mapping[str, str] | None = None,
    metadata: Mapping[str, str] | None = None,
    unit: bytes = b"",
    **attributes: Any,
) -> bytes:
    """Return a film of `frames` pictures that grow brighter, with silence where it has `audio`.

    `options` are those of the muxer, `coding` of the coder, on which `attributes` are set. A `unit` of H.264
    comes before the first picture.
    """
    with tempfile.NamedTemporaryFile() as file:  # the muxer opens it once more to move the index to the front
        with av.open(file.name, "w", format=container, options=dict(options or {})) as out:
            out.metadata.update(metadata or {})
            how = {**_QUIET.get(video or "", {}), **(coding or {})}
            pictures = out.add_stream(video, rate=rate, options=how) if video else None
            sound = out.add_stream(audio, rate=_HERTZ) if audio else None
            if pictures is not None:
                pictures.width, pictures.height = size
                for name, value in attributes.items():
                    setattr(pictures, name, value)
                for number in range(frames):
                    frame = _picture(size, number / frames, number, rate)
                    unit = _mux(out, pictures.encode(frame), unit)
                _mux(out, pictures.encode(), unit)
            if sound is not None:
                for number in range(max(frames * _HERTZ // rate // _SAMPLES, 1)):
                    out.mux(sound.encode(_silence(number)))
                out.mux(sound.encode())
        return Path(file.name).read_bytes()


def _mux(out: av.container.OutputContainer, packets: list[av.Packet], unit: bytes) -> bytes:
    """Write packets, the first with `unit` before it; return what there is to write before the next."""
    for packet in packets:
        if unit:
            with_unit = av.Packet(unit + bytes(packet))
            for name in ("pts", "dts", "time_base", "stream", "is_keyframe"):
                setattr(with_unit, name, getattr(packet, name))
            packet, unit = with_unit, b""
        out.mux(packet)
    return unit


def _picture(size: tuple[int, int], tone: float, number: int, rate: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(
        np.full((size[1], size[0], 3), 16 + tone * 200, "uint8"), format="rgb24"
    )
    frame.pts, frame.time_base = number, Fraction(1, rate)
    return frame


def _silence(number: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.zeros((1, _SAMPLES), "float32"), format="fltp", layout="mono")
    frame.sample_rate, frame.pts = _HERTZ, number * _SAMPLES
    return frame


def camcorder(rows: Mapping[int, bytes]) -> bytes:
    """Return a unit of H.264 with what AVCHD's camcorders write before a picture: four bytes by tag."""
    told = bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66") + b"MDPM" + bytes([len(rows)])
    told += b"".join(bytes([tag]) + value for tag, value in sorted(rows.items()))
    kept_apart = told.replace(b"\x00\x00", b"\x00\x00\x03")
    return b"\x00\x00\x00\x01\x06\x05" + bytes([len(told)]) + kept_apart + b"\x80"
