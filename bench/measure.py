"""What a run of a program costs: CPU and wall of it and its children, and their highest sum of PSS."""
import os
import re
import subprocess
import threading
import time


def children(pid):
    found, open_ones = [], [pid]
    while open_ones:
        now = open_ones.pop()
        found.append(now)
        try:
            for task in os.listdir(f"/proc/{now}/task"):
                with open(f"/proc/{now}/task/{task}/children") as f:
                    open_ones += map(int, f.read().split())
        except OSError:
            pass
    return found


def pss_kib(pid):
    total = 0
    for one in children(pid):
        try:
            with open(f"/proc/{one}/smaps_rollup") as f:
                total += int(re.search(r"^Pss: +(\d+)", f.read(), re.M).group(1))
        except (OSError, AttributeError):
            pass
    return total


class Run:
    """One run of a program: wall, cpu, blocks written, what it printed; peak PSS when sampled."""

    def __init__(self, command, sample=False):
        self.peak = 0
        started = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out = []
        readers = [threading.Thread(target=lambda f: out.append((f, f.read())), args=(f,))
                   for f in (child.stdout, child.stderr)]
        for reader in readers:
            reader.start()
        if sample:
            self.sample(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
        self.wall = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        for reader in readers:
            reader.join()
        texts = dict(out)
        self.out, self.err = texts[child.stdout].decode(), texts[child.stderr].decode()
        self.cpu = usage.ru_utime + usage.ru_stime
        self.written = usage.ru_oublock * 512
        self.code = child.returncode

    def sample(self, pid):
        while True:
            try:
                with open(f"/proc/{pid}/stat") as f:
                    if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                        return
            except OSError:
                return
            self.peak = max(self.peak, pss_kib(pid))
            time.sleep(0.005)
