"""Every number that decides what a memory is, in one place; `docs/memories.md` measures them."""

from datetime import timedelta

EVENT_GAP = timedelta(hours=36)
"""A pause this long ends an event: it bridges a night and a lazy morning, but not a whole day."""

HOME_GAP = timedelta(hours=18)
"""Between two days at home a shorter pause ends an event: a party may go on at breakfast, but Saturday's walk
and Sunday's cake are two. Away from home, and where home is not known, it takes `EVENT_GAP`."""

JUMP_KM = 100.0
"""Photos further apart than this were not taken at one place: more than a day's outings from one bed."""

JUMP_PAUSE = timedelta(hours=6)
"""A jump ends an event only with a pause this long in it: a drive with photos on the way is one event,
a night between two towns is two. It also parts the photos of one day into sessions."""

EVENT_SPAN = timedelta(days=30)
"""No event is longer. Who takes photos every day has no pauses of `EVENT_GAP` for years; such a run is parted
at its longest pause, again and again, until no part is longer than this."""

NIGHT_ENDS = 5
"""The hour until which a party still belongs to the evening on which it began."""

CLUSTER_KM = 25.0
"""Photos within this distance were taken at one place: a town with its surroundings."""

HOME_PHOTOS, HOME_DAYS, HOME_SPAN, HOME_WEEKS = 10, 10, timedelta(days=45), 8
"""A place is a home when it has this many photos, on this many days, over this long, in this many different
weeks: a conference has fewer days, a holiday a shorter span, and where one goes for a fortnight every summer
fewer weeks."""

AWAY_KM = 50.0
"""Further from home than this is away: beyond where one works, shops and walks the dog."""

TRIP_GAP = timedelta(days=5)
"""Between two photos of one trip lie at most this many days without any photo, at home or away."""

TRIP_HOP_KM = 800.0
"""Two stops of a trip are at most this far apart, save where photos follow within `EVENT_GAP`: who lands on
another continent the next day is still on the way."""

TRIP_DAYS, TRIP_PHOTOS = (2, 30), 20
"""A trip has this many calendar days, and at least this many photos: fewer are an outing, longer is moving.
Where home is not known it must lead over more than `JUMP_KM`, too; else it is an event."""

HIGHLIGHTS = 4
"""How many of its best photos a memory names, the cover first."""

SHARP = 1000.0
"""The variance of the Laplacian from which a photo counts as fully sharp."""

WORTH_SHOWING = 0.35
"""Memories with a lower score are kept, but not announced."""
