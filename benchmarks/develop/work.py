"""Does one step as a warm function does it, and prints its CPU time in seconds and its bytes.

Arguments: `render` or `develop`, the format of the photo, the photo, the plan as JSON, and where to write.
"""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Run the step."""
    step, format_, photo, plan, target = sys.argv[1:]
    path, wanted = Path(photo), json.loads(plan)
    if step == "develop":
        from develop.master import develop

        began = time.process_time()
        body = develop(path, path.name, format_, wanted).body
    else:
        from render.rendition import render

        began = time.process_time()
        body = render(path, path.name, wanted).body
    spent = time.process_time() - began
    Path(target).write_bytes(body)
    print(spent, len(body))


if __name__ == "__main__":
    main()
