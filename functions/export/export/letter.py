"""The letter that says that an archive is ready. Pure."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import TypedDict

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


class Ready(TypedDict):
    """An archive that is ready: its filename, its URL and its size in bytes."""

    name: str
    url: str
    bytes: int


class Letter(TypedDict):
    """A letter, in plain text and in HTML."""

    subject: str
    text: str
    html: str


def letter(title: str, count: int, archives: Sequence[Ready], expires_at: str, cover: str | None) -> Letter:
    """Return the letter about the archives of `count` photos, which can be had until `expires_at`."""
    until = datetime.fromisoformat(expires_at)
    day = f"{until.day} {_MONTHS[until.month - 1]} {until.year}"
    photos = "1 photo" if count == 1 else f"{count:,} photos"
    size = size_of(sum(each["bytes"] for each in archives))
    what = f"{photos}, {size}" + (f", in {len(archives)} files" if len(archives) > 1 else "")
    links = "\n".join(f"{each['name']} ({size_of(each['bytes'])}):\n{each['url']}\n" for each in archives)
    text = (
        f"{title} is ready to download: {what}.\n\n{links}\n"
        f"The link works until {day}. Whoever has it can download the photos.\n"
        "A download that is interrupted can go on where it ended.\n"
    )
    return {
        "subject": f"{title}: your photos are ready",
        "text": text,
        "html": _html(title, what, archives, day, cover),
    }


def size_of(size: int) -> str:
    """Return a number of bytes as people read it."""
    for unit, factor in (("GB", 1_000_000_000), ("MB", 1_000_000)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size / 1000:.0f} KB"


def _html(title: str, what: str, archives: Sequence[Ready], day: str, cover: str | None) -> str:
    """Return the letter as mail programs show it: tables, styles in place, and no script."""
    picture = (
        f'<tr><td><img src="{escape(cover)}" alt="" width="520" style="display:block;width:100%;'
        'max-height:340px;object-fit:cover;border-radius:12px 12px 0 0"></td></tr>'
        if cover
        else ""
    )
    buttons = "".join(
        f'<p style="margin:0 0 12px"><a href="{escape(each["url"])}" style="display:inline-block;'
        "background:#b3261e;color:#ffffff;text-decoration:none;font-weight:600;padding:12px 22px;"
        f'border-radius:8px">Download {escape(each["name"]) if len(archives) > 1 else "the photos"}'
        f" ({size_of(each['bytes'])})</a></p>"
        for each in archives
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>'
        f"{escape(title)}</title></head>"
        '<body style="margin:0;background:#f4f1ee;font-family:-apple-system,Segoe UI,Roboto,Helvetica,'
        'Arial,sans-serif;color:#221e1b"><table role="presentation" width="100%" cellpadding="0" '
        'cellspacing="0"><tr><td align="center" style="padding:32px 12px">'
        '<table role="presentation" width="520" cellpadding="0" cellspacing="0" style="max-width:520px;'
        'width:100%;background:#ffffff;border-radius:12px">'
        f'{picture}<tr><td style="padding:28px 28px 24px">'
        f'<h1 style="margin:0 0 6px;font-size:24px;line-height:1.25">{escape(title)}</h1>'
        f'<p style="margin:0 0 22px;color:#6b625b;font-size:15px">{escape(what)}</p>{buttons}'
        '<p style="margin:18px 0 0;color:#6b625b;font-size:13px;line-height:1.5">'
        f"The link works until {day}. Whoever has it can download the photos. "
        "A download that is interrupted can go on where it ended.</p>"
        "</td></tr></table></td></tr></table></body></html>"
    )
