"""Opens films, and names what is wrong with them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction

import av
import av.error
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.frame import Frame
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from safelight.errors import CorruptFile, UnsupportedFormat
from safelight.files.seekable import Seekable

TICKS = 90_000
"""In how many parts of a second moments of a film are counted: every usual frame rate has whole ones."""

THREADS = min(8, os.cpu_count() or 1)
"""How many threads decode, and encode, at most: each has frames of its own in memory."""

TICK = Fraction(1, TICKS)
_BUFFER_BYTES = 1 << 20
_MARGINS = (0, 2 * TICKS, 10 * TICKS)
"""How much earlier to begin where what is sought first lies behind what was asked for."""

_DEMUXERS = {
    "MP4": "mov",
    "MOV": "mov",
    "M4V": "mov",
    "3GP": "mov",
    "WebM": "matroska",
    "Matroska": "matroska",
    "MPEG-TS": "mpegts",
    "AVI": "avi",
}
"""What reads films of each format. Were it guessed, what seems a playlist could have other files read."""


@dataclass(frozen=True)
class Source:
    """An open film: its container, its picture, its sound or None, and in which second it begins."""

    container: InputContainer
    video: VideoStream
    audio: AudioStream | None
    origin: Fraction
    filename: str

    def ticks(self, moment: int, time_base: Fraction) -> int:
        """Return when a timestamp is, in ticks since the film begins."""
        return round((moment * time_base - self.origin) * TICKS)

    def moment(self, frame: Frame) -> Fraction:
        """Return when `frame` is seen or heard, in seconds since the film begins."""
        return (frame.pts or 0) * (frame.time_base or TICK) - self.origin

    def key_frames(self) -> list[int]:
        """Return the ticks of its key frames that its index lists, which goes by decoding; some have none."""
        if self.container.format.name == "mpegts":  # what is there then is of what was read, and all of it
            return []
        base = self.video.time_base or TICK
        return [self.ticks(each.timestamp, base) for each in self.video.index_entries if each.is_keyframe]

    def frames(self, start: int = 0) -> Iterator[tuple[int, VideoFrame]]:
        """Yield frames and their ticks, from the last before or at `start` on that can be decoded.

        Raises:
            CorruptFile: nothing in it can be decoded.
        """
        for margin in (*_MARGINS, start):
            self.seek(self.video, start - margin)
            frames = self._seen()
            first = next(frames, None)
            if (first and first[0] <= start) or start <= margin:
                break
        if first is None:
            raise CorruptFile(
                f"{self.filename} has no picture that can be decoded: its data are damaged. "
                "Copy it again from the camera or from a backup."
            )
        yield first
        yield from frames

    def seek(self, stream: VideoStream | AudioStream, ticks: int) -> None:
        """Go to the last key frame at or before a moment. Raises what `packets` does."""
        base = stream.time_base or TICK
        at = int((Fraction(ticks, TICKS) + self.origin) / base)
        if ticks > 0:
            with suppress(av.error.FFmpegError):  # before the first
                self.container.seek(at, stream=stream, backward=True)
                return
        with _named(self.filename):  # transport streams are sought by decoding times, which are earlier
            self.container.seek(0)

    def packets(self, stream: VideoStream | AudioStream) -> "Iterator[Packet[Stream]]":
        """Yield the packets of `stream` from where the file is on.

        Raises:
            CorruptFile, UnsupportedFormat
            MemoryError: there is not enough memory.
        """
        with _named(self.filename):
            yield from self.container.demux(stream)

    def sounds(self) -> Iterator[AudioFrame]:
        """Yield the sound, decoded, from its beginning on. Raises what `packets` does."""
        if self.audio is not None:
            self.seek(self.audio, 0)
            yield from (each for each in self._decoded(self.audio) if isinstance(each, AudioFrame))

    def _seen(self) -> Iterator[tuple[int, VideoFrame]]:
        for frame in self._decoded(self.video):
            if isinstance(frame, VideoFrame):
                yield round(self.moment(frame) * TICKS), frame

    def _decoded(self, stream: VideoStream | AudioStream) -> Iterator[Frame]:
        with _named(self.filename):
            for packet in self.container.demux(stream):
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:  # as players do, go on behind what is damaged
                    continue
                yield from (each for each in frames if isinstance(each, Frame) and each.pts is not None)


@contextmanager
def opened(file: Seekable, filename: str, format_: str) -> Iterator[Source]:
    """Open the film in `file`, of `format_`, to be read where that is needed; `filename` is for the messages.

    Raises:
        UnsupportedFormat: it is coded in a way that no decoder here knows, or has no picture.
        CorruptFile: it cannot be read.
        MemoryError: there is not enough memory.
    """
    with _named(filename):
        container = av.open(
            file,
            "r",
            format=_DEMUXERS[format_],
            buffer_size=_BUFFER_BYTES,
            metadata_errors="replace",  # titles in other codes than UTF-8 are no damage
        )
    with container:
        video = next((it for it in container.streams.video if _is_picture(it)), None)
        if video is None:
            raise UnsupportedFormat(f"{filename} has no moving picture that can be decoded.")
        video.thread_type, video.codec_context.thread_count = "AUTO", THREADS
        audio = next((it for it in container.streams.audio if it.codec_context), None)
        origin = (_first(container, video, filename) or 0) * (video.time_base or Fraction(0))
        yield Source(container, video, audio, Fraction(origin), filename)


def _first(container: InputContainer, video: VideoStream, filename: str) -> int | None:
    """Return the timestamp of the first picture, which a film in Matroska does not say.

    FFmpeg looks for it in the first seconds alone, and sound may come long before. Whoever reads on seeks.
    """
    if not container.format.name.startswith("matroska"):
        return video.start_time
    with _named(filename):
        return next((packet.pts for packet in container.demux(video) if packet.pts is not None), None)


@contextmanager
def _named(filename: str) -> Iterator[None]:
    """Give what FFmpeg complains of while it reads a name of ours."""
    try:
        yield
    except av.error.MemoryError as error:
        raise MemoryError(str(error)) from error
    except (av.error.DecoderNotFoundError, av.error.PatchWelcomeError) as error:
        raise UnsupportedFormat(
            f"{filename} is coded in a way that nothing here decodes. Export it as H.264 and upload that."
        ) from error
    except av.error.FFmpegError as error:
        raise CorruptFile(
            f"{filename} cannot be read as a film: its data are damaged. "
            "Copy it again from the camera or from a backup."
        ) from error


def _is_picture(stream: VideoStream) -> bool:
    return bool(stream.codec_context) and not stream.disposition & stream.disposition.attached_pic
