"""Encodes parts of a film, or copies them, into pieces that play as if they had never been apart."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import av.error
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.filter import Graph
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import Interpolation
from av.video.stream import VideoStream

from film import fragments
from film.develop import Developer
from film.fragments import Segment
from film.ladder import MOST_FRAMES, is_copied
from film.ladder import rate as rate_of
from film.parts import segments
from film.source import THREADS, TICK, TICKS, Source
from safelight.contracts import Film, Rung
from safelight.errors import CorruptFile

AUDIO = "audio"
"""What the track of the sound is called."""

QUALITY, EFFORT = 22, "veryfast"
"""x264's constant rate factor and preset; docs/performance.md has what others cost and save."""

_BT709, _LIMITED = 1, 1
_AUDIO_RATE, _AUDIO_BITS = 48_000, 160_000
_AAC_FRAME = 1024
_SOUND_PIECE_MICROSECONDS = 1_000_000
_PIECES = "cmaf+default_base_moof+negative_cts_offsets"


@dataclass(frozen=True)
class Track:
    """A part of a track: its codec as RFC 6381 has it, the header that all parts share, and segments."""

    name: str
    codec: str
    header: bytes
    segments: list[Segment]


@dataclass
class _Coded:
    """The packets of a part, in order of decoding, with their moments in ticks."""

    encoder: VideoStream
    output: OutputContainer
    body: io.BytesIO
    packets: "list[Packet[Stream]]" = field(default_factory=list)


def encoded(
    source: Source, film: Film, rungs: list[Rung], part: tuple[int, int], folder: Path
) -> list[Track]:
    """Return the picture of `source` within `part`, in ticks, in the size of each of `rungs`.

    There is none behind the last frame, where the sound goes on, and none where all frames are damaged.

    Raises:
        CorruptFile: nothing in the film can be decoded.
    """
    largest = rungs[0]["width"], rungs[0]["height"]
    developer = Developer(film, largest, "yuv420p", folder)
    encoders = [_encoder(rung, film) for rung in rungs]
    starts = segments(*part, _length(film))
    shown: list[int] = []
    ends: list[int] = []
    for ticks, picture in developer.developed(_paced(source, part[0], _until(part, film), ends)):
        begins = not shown or any(shown[-1] < start <= ticks for start in starts)
        for coded, rung in zip(encoders, rungs, strict=True):
            sized = picture
            if rung is not rungs[0]:
                sized = picture.reformat(rung["width"], rung["height"], interpolation=Interpolation.BICUBIC)
            sized.pts, sized.time_base = ticks, TICK
            sized.pict_type = PictureType.I if begins else PictureType.NONE
            coded.packets += coded.encoder.encode(sized)
        shown.append(ticks)
    if not shown:
        return []
    end = ends[0] if ends else max(part[1], shown[-1] + round(TICKS / rate_of(film)))
    return [_finished(each, rung, shown, starts, end) for each, rung in zip(encoders, rungs, strict=True)]


def _until(part: tuple[int, int], film: Film) -> int | None:
    """Return where `part` ends, None of the last: some films go on for a frame longer than they say."""
    return part[1] if part[1] < _length(film) else None


def _paced(
    source: Source, start: int, until: int | None, ends: list[int]
) -> Iterator[tuple[int, VideoFrame]]:
    """Yield the frames from `start` on, no two of one moment, and no more than are played.

    The moment of the first that is not before `until`, up to which that before is shown, is added to `ends`.
    """
    due = start
    for ticks, frame in source.frames(start):
        if until is not None and ticks >= until:
            ends.append(ticks)
            return
        if ticks >= due:
            yield ticks, frame
            due = ticks + TICKS // (MOST_FRAMES + 3)


def _encoder(rung: Rung, film: Film) -> _Coded:
    body = io.BytesIO()
    output = _output(body, {"movflags": f"{_PIECES}+frag_keyframe"})
    rate = Fraction(rate_of(film)).limit_denominator(1001)
    encoder = output.add_stream("libx264", rate=rate)
    context: VideoCodecContext = encoder.codec_context
    context.width, context.height, context.pix_fmt = rung["width"], rung["height"], "yuv420p"
    context.time_base = encoder.time_base = TICK
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED
    context.options = {
        "preset": EFFORT,
        "profile": "high",
        "crf": str(QUALITY),
        "maxrate": str(rung["bits_per_second"]),
        "bufsize": str(rung["bits_per_second"] * 2),
        "g": str(round(rate * 10)),  # groups end where segments do
        "forced-idr": "1",
        "threads": str(THREADS),
    }
    return _Coded(encoder, output, body)


def _finished(coded: _Coded, rung: Rung, shown: list[int], starts: list[int], end: int) -> Track:
    coded.packets += coded.encoder.encode(None)
    moments = _timed(coded.packets, end)
    for packet in coded.packets:
        packet.stream = coded.encoder
        coded.output.mux_one(packet)
    extradata = bytes(coded.encoder.codec_context.extradata or b"")
    coded.output.close()
    made = fragments.split(coded.body.getvalue())
    keys = [moment for moment, packet in zip(moments, coded.packets, strict=True) if packet.is_keyframe]
    return Track(
        rung["name"], _avc(extradata), made.header, _placed(made.pieces, keys, starts, end, shown[0])
    )


def _timed(packets: "list[Packet[Stream]]", end: int) -> list[int]:
    """Give `packets`, in order of decoding, times of it without gaps up to `end`; return these, in ticks.

    They are decoded at the moments at which frames are shown: so each part lasts as long as it is shown.
    """
    shown = [packet.pts or 0 for packet in packets]
    moments = sorted(shown)
    delay = max(moment - pts for moment, pts in zip(moments, shown, strict=True))
    for packet, moment, after in zip(packets, moments, [*moments[1:], end], strict=True):
        packet.dts, packet.duration = moment - delay, max(1, after - moment)
    return moments


def _placed(pieces: list[bytes], keys: list[int], starts: list[int], end: int, first: int) -> list[Segment]:
    """Return segments of `pieces`, which begin to be decoded at the moments of key frames."""
    placed = [
        (moment, fragments.placed(piece, moment, 1 + moment))
        for piece, moment in zip(pieces, keys, strict=True)
    ]
    return fragments.joined(placed, [first, *starts[1:]], end)


def copied(source: Source, film: Film, rung: Rung, part: tuple[int, int]) -> list[Track]:
    """Return the picture of `source` from the key frame at `part`'s start to that at its end, as it is coded.

    There is none behind the last, where the sound goes on.
    """
    body = io.BytesIO()
    output = _output(body, {"movflags": f"{_PIECES}+frag_keyframe"})
    stream = output.add_stream_from_template(source.video, opaque=True)
    stream.time_base = TICK
    base = source.video.time_base or TICK
    packets: list[Packet[Stream]] = []
    source.seek(source.video, part[0])
    end, until = part[1], _until(part, film)
    for packet in source.packets(source.video):
        if packet.pts is None:
            continue
        ticks = source.ticks(packet.pts, base)
        if packet.is_keyframe and until is not None and ticks >= until:
            end = ticks
            break
        end = max(end, ticks + round(TICKS / rate_of(film)))
        if ticks < part[0] or not (packets or packet.is_keyframe):
            continue
        packet.time_base, packet.pts = TICK, ticks
        packets.append(packet)
    if not packets:
        return []
    moments = _timed(packets, end)
    for packet in packets:
        packet.stream = stream
        output.mux_one(packet)
    output.close()
    made = fragments.split(body.getvalue())
    keys = [moment for moment, packet in zip(moments, packets, strict=True) if packet.is_keyframe]
    extradata = bytes(source.video.codec_context.extradata or b"")
    placed = _placed(made.pieces, keys, segments(*part, _length(film)), end, moments[0])
    return [Track(rung["name"], _avc(extradata), made.header, placed)]


def _length(film: Film) -> int:
    return max(1, round(film["duration"] * TICKS))


def _avc(extradata: bytes) -> str:
    """Return the codec of H.264 as RFC 6381 has it: profile, constraints, level (ISO/IEC 14496-15, 5.3.3)."""
    if extradata[:1] == b"\x01":
        return f"avc1.{extradata[1:4].hex()}"
    at = extradata.find(b"\x00\x00\x01\x67")
    return f"avc1.{extradata[at + 4 : at + 7].hex()}"


def sounded(source: Source, length: int) -> Track:
    """Return the whole sound of `source`, a film of `length` in ticks: AAC as it is, else coded as such.

    What an encoder hears before the beginning is left out, so that no player is late by it.

    Raises:
        CorruptFile: nothing of it can be decoded.
    """
    body = io.BytesIO()
    output = _output(body, {"movflags": _PIECES, "frag_duration": str(_SOUND_PIECE_MICROSECONDS)})
    packets = list(_copied_sound(source, output) if is_copied(source) else _coded_sound(source, output))
    rate = _rate(source) if is_copied(source) else _AUDIO_RATE
    kept = [
        packet for packet in packets if packet.pts is not None and 0 <= packet.pts * TICKS < length * rate
    ]
    if not kept:
        raise CorruptFile(
            f"The sound of {source.filename} cannot be decoded. Copy it again, or export it anew."
        )
    moments = [packet.pts or 0 for packet in kept]
    for packet in kept:
        output.mux_one(packet)
    output.close()
    made = fragments.split(body.getvalue())
    firsts = accumulate(map(fragments.sample_count, made.pieces[:-1]), initial=0)
    placed = [
        (moments[first], fragments.placed(piece, moments[first], 1 + first))
        for first, piece in zip(firsts, made.pieces, strict=True)
    ]
    end = round((moments[-1] + _AAC_FRAME) * TICKS / rate)
    return Track(
        AUDIO, "mp4a.40.2", made.header, fragments.joined(placed, segments(0, length, length), end, rate)
    )


def _copied_sound(source: Source, output: OutputContainer) -> "Iterator[Packet[Stream]]":
    audio, rate = _sound_of(source), _rate(source)
    stream = output.add_stream_from_template(audio, opaque=True)
    base = audio.time_base or Fraction(1, rate)
    source.seek(audio, 0)
    last = None
    for packet in source.packets(audio):
        if packet.pts is None:
            continue
        moment = round((packet.pts * base - source.origin) * rate)
        if last is not None and abs(moment - last - _AAC_FRAME) < _AAC_FRAME // 2:
            moment = last + _AAC_FRAME  # some files round to milliseconds
        elif last is not None and moment <= last:
            continue
        last = moment
        packet.stream, packet.time_base = stream, Fraction(1, rate)
        packet.pts = packet.dts = moment
        packet.duration = _AAC_FRAME
        yield packet


def _coded_sound(source: Source, output: OutputContainer) -> "Iterator[Packet[Stream]]":
    encoder = output.add_stream("aac", rate=_AUDIO_RATE)
    encoder.codec_context.bit_rate = _AUDIO_BITS
    encoder.codec_context.layout = "stereo"
    encoder.time_base = Fraction(1, _AUDIO_RATE)
    for frame in _resampled(source):
        yield from encoder.encode(frame)
    yield from encoder.encode(None)


def _resampled(source: Source) -> Iterator[AudioFrame]:
    """Yield the sound from when the picture begins, without gaps, in whole frames of AAC's."""
    graph: Graph | None = None
    for frame in source.sounds():
        moment = source.moment(frame)
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round(moment * frame.sample_rate)
        if graph is None:
            graph = _sound_graph(frame)
        graph.push(frame)
        yield from _pulled(graph)
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph)


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        if isinstance(frame, AudioFrame):
            yield frame


def _sound_graph(frame: AudioFrame) -> Graph:
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout, time_base=frame.time_base
    )
    steady = graph.add("aresample", f"{_AUDIO_RATE}:async=1000:first_pts=0")
    shaped = graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo")
    whole = graph.add("asetnsamples", f"n={_AAC_FRAME}")
    sink = graph.add("abuffersink")
    for one, next_ in ((source, steady), (steady, shaped), (shaped, whole), (whole, sink)):
        one.link_to(next_)
    graph.configure()
    return graph


def _sound_of(source: Source) -> AudioStream:
    if source.audio is None:
        raise CorruptFile(f"{source.filename} has lost its sound. Copy it again from the camera.")
    return source.audio


def _rate(source: Source) -> int:
    return _sound_of(source).codec_context.sample_rate


def _output(body: io.BytesIO, pieces: dict[str, str]) -> OutputContainer:
    options = {**pieces, "use_editlist": "0", "video_track_timescale": str(TICKS)}
    return av.open(body, "w", format="mp4", options=options)
