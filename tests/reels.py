"""Films that move and sound, made by FFmpeg; what each frame shows can be told from it."""

import io
from collections.abc import Callable, Mapping
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from safelight.contracts import Film

Drawn = NDArray[np.uint8]
HERTZ = 44_100


def moving(size: tuple[int, int], number: int) -> Drawn:
    """Return a picture with a red corner at the upper left, a gradient, and a bar that moves."""
    width, height = size
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    picture = np.stack([across * 200 // width, down * 200 // height, np.full_like(across, 90)], axis=2)
    at = number * 4 % width
    picture[:, at : at + 6] = 235
    picture[: height // 4, : width // 4] = (250, 60, 60)
    return picture.astype(np.uint8)


def reel(
    seconds: float = 2,
    *,
    container: str = "mp4",
    codec: str = "libx264",
    size: tuple[int, int] = (160, 90),
    rate: int = 25,
    turned: int = 0,
    sound: bool = False,
    heard: float = 1e9,
    pixels: str = "yuv420p",
    options: Mapping[str, str] | None = None,
    metadata: Mapping[str, str] | None = None,
    draw: Callable[[tuple[int, int], int], Drawn] = moving,
    transfer: int = 1,
    keys: Mapping[str, str] | None = None,
) -> bytes:
    """Return a film whose display matrix turns it `turned` degrees against the clock; its tone is 440 Hz.

    It sounds for `heard` seconds; `keys` are what a phone says of it.
    """
    body = io.BytesIO()
    with av.open(
        body, "w", format=container, options={"movflags": "use_metadata_tags"} if keys else {}
    ) as out:
        out.metadata.update(keys or {})
        quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
        how = {"preset": "ultrafast", **quiet, **(options or {})}
        out.metadata.update(metadata or {})
        pictures = out.add_stream(codec, rate=rate, options=how)
        pictures.width, pictures.height, pictures.pix_fmt = *size, pixels
        pictures.codec_context.color_trc = transfer
        if turned:
            pictures.set_display_rotation(turned)
        tone = out.add_stream("aac", rate=HERTZ, layout="mono") if sound else None
        for number in range(round(seconds * rate)):
            frame = av.VideoFrame.from_ndarray(draw(size, number), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            out.mux(pictures.encode(frame))
        out.mux(pictures.encode())
        if tone is not None:
            for at in range(0, round(min(seconds, heard) * HERTZ), 1024):
                wave = np.sin(np.arange(at, at + 1024) * 2 * np.pi * 440 / HERTZ) * 0.4
                tones = av.AudioFrame.from_ndarray(
                    wave[None].astype(np.float32), format="fltp", layout="mono"
                )
                tones.sample_rate, tones.pts = HERTZ, at
                out.mux(tone.encode(tones))
            out.mux(tone.encode())
    return body.getvalue()


def damaged(body: bytes) -> bytes:
    """Return an MP4 or MOV whose index is whole, and whose frames are zeros."""
    at = body.index(b"mdat")
    size = int.from_bytes(body[at - 4 : at]) - 8
    return body[: at + 4] + bytes(size) + body[at + 4 + size :]


def film(seconds: float = 2, *, rotation: int = 0, transfer: str = "sdr", **others: object) -> Film:
    """Return what the validate function says of such a film."""
    return {  # type: ignore[return-value]
        "duration": float(seconds),
        "frame_rate": 25.0,
        "video": "avc1",
        "audio": None,
        "rotation": rotation,
        "transfer": transfer,
        **others,
    }
