"""A run of the program with its wall time, CPU and the highest sum of PSS of all its processes."""
import os
import re
import resource
import subprocess
import tempfile
import time

from plimsoll import PLIMSOLL


def family(pid):
    found, open_ones = [], [pid]
    while open_ones:
        now = open_ones.pop()
        found.append(now)
        try:
            for task in os.listdir(f"/proc/{now}/task"):
                with open(f"/proc/{now}/task/{task}/children", encoding="ascii") as f:
                    open_ones += map(int, f.read().split())
        except OSError:
            pass  # it ended meanwhile
    return found


def pss(pid):
    """KiB of a process and its children; of what ended meanwhile none."""
    total = 0
    for one in family(pid):
        try:
            with open(f"/proc/{one}/smaps_rollup", encoding="ascii") as f:
                total += int(re.search(r"^Pss: +(\d+)", f.read(), re.M).group(1))
        except (OSError, AttributeError):
            pass
    return total


class Measured:
    """`code`, `out` (bytes), `errors` (text), `wall` and `cpu` in seconds, `peak` in MiB."""

    def __init__(self, *args, timeout=300):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start, peak = time.monotonic(), 0
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            p = subprocess.Popen([PLIMSOLL, *map(str, args)], stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            while p.poll() is None:
                peak = max(peak, pss(p.pid))
                if time.monotonic() - start > timeout:
                    p.kill()
                    p.wait()
                    raise AssertionError(f"not ended after {timeout} s, {peak >> 10} MiB")
                time.sleep(0.02)
            self.wall = time.monotonic() - start
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            self.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            self.code, self.peak = p.returncode, peak >> 10
            out.seek(0)
            err.seek(0)
            self.out, self.errors = out.read(), err.read().decode("utf-8", "backslashreplace")
