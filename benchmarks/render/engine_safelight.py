"""python engine_safelight.py ORIGINAL RENDITION PLAN."""

import json
import sys
from pathlib import Path

from render.rendition import render

original, rendition, plan = sys.argv[1:]
made = render(Path(original), original, json.loads(plan))
Path(rendition).write_bytes(made.body)
