"""Writes the playlists of a film, and reads them: HTTP Live Streaming (RFC 8216), by relative URIs."""

import posixpath
import re
from collections.abc import Sequence
from urllib.parse import quote, unquote

from film.encode import AUDIO
from film.source import TICKS
from safelight.contracts import EncodedTrack, Rung


def of_track(key: str, header_key: str, parts: Sequence[tuple[str, EncodedTrack]]) -> str:
    """Return the playlist, to lie at `key`, of a track whose header is at `header_key`; parts by keys."""
    segments = [(end - start) / TICKS for _, part in parts for start, end, _ in part["segments"]]
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, round(max(segments)))}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{_relative(header_key, key)}"',
    ]
    for part_key, part in parts:
        offset = 0
        for start, end, size in part["segments"]:
            lines += [f"#EXTINF:{(end - start) / TICKS:.5f},", f"#EXT-X-BYTERANGE:{size}@{offset}"]
            lines.append(_relative(part_key, key))
            offset += size
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def of_all(
    key: str,
    playlists: dict[str, str],
    tracks: dict[str, list[EncodedTrack]],
    rungs: Sequence[Rung],
    rate: float,
) -> str:
    """Return the playlist, to lie at `key`, that lists the others: `playlists` are their keys by track.

    The smallest size comes first, as players begin with that.
    """
    sound = tracks.get(AUDIO)
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if sound:
        lines.append(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,'
            f'URI="{_relative(playlists[AUDIO], key)}"'
        )
    for rung in reversed(rungs):
        parts = tracks[rung["name"]]
        peak, mean = _bits(parts)
        if sound:
            peak, mean = (one + other for one, other in zip((peak, mean), _bits(sound), strict=True))
        codecs = ",".join(each[0]["codec"] for each in (parts, sound) if each)
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={mean},"
            f'RESOLUTION={rung["width"]}x{rung["height"]},FRAME-RATE={rate:.3f},CODECS="{codecs}"'
            + (',AUDIO="sound"' if sound else "")
        )
        lines.append(_relative(playlists[rung["name"]], key))
    return "\n".join([*lines, ""])


def named_in(text: str, key: str) -> list[str]:
    """Return the keys of what a playlist at `key` names, each once: what it plays, and other playlists."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    uris = [*re.findall(r'[:,]URI="([^"]+)"', text), *lines]
    folder = posixpath.dirname(key)
    return list(dict.fromkeys(posixpath.normpath(f"{folder}/{unquote(uri)}") for uri in uris))


def _bits(parts: Sequence[EncodedTrack]) -> tuple[int, int]:
    """Return the bits of a second of the busiest segment, and of all."""
    segments = [((end - start) / TICKS, size * 8) for part in parts for start, end, size in part["segments"]]
    peak = max(bits / max(seconds, 0.5) for seconds, bits in segments)
    whole = sum(bits for _, bits in segments) / max(sum(seconds for seconds, _ in segments), 0.5)
    return round(peak), round(min(whole, peak))


def _relative(to: str, playlist: str) -> str:
    """Return the URI by which the playlist at one key names another: no address of the library is in it."""
    return quote(posixpath.relpath(f"/{to}", f"/{posixpath.dirname(playlist)}"), safe="/~")
