"""python measure.py COMMAND...: prints the CPU and wall time in seconds and the peak memory in MB it took.

A process of its own, since what a child is reported to have had at most includes what its parent had.
"""

import resource
import subprocess
import sys
import time

started = time.perf_counter()
subprocess.run(sys.argv[1:], check=True)
wall = time.perf_counter() - started
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)
