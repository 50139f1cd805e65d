"""Waits until a machine is idle, and tells how much others used it meanwhile (Linux: /proc/stat)."""
import os
import resource
import sys
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
STAT = Path("/proc/stat")


def busy_seconds():
    """Processor seconds of the whole machine so far, those that the hypervisor took away included; None if unknown."""
    if not STAT.exists():
        return None
    user, nice, system, _, _, irq, softirq, steal = map(int, STAT.read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def wait(seconds, limit, allowed=0.04):
    """Returns when all cores together were busy for at most `allowed` of one core over `seconds`.

    Ends the program with a message when that has not happened after `limit` seconds. A limit of 0 waits for nothing.
    """
    start = time.monotonic()
    while limit > 0 and busy_seconds() is not None:
        before, begin = busy_seconds(), time.monotonic()
        time.sleep(seconds)
        share = (busy_seconds() - before) / (time.monotonic() - begin)
        # A tick is all that can be seen of a short while.
        if share <= allowed + 1 / TICKS / seconds:
            return
        if time.monotonic() - start > limit:
            sys.exit(f"error: the machine was not idle for {seconds} s within {limit:.0f} s (now {share:.0%} of a core is busy);"
                     " stop what runs, or allow more time with --idle-wait, or 0 to measure anyway")


def process_seconds(pid):
    """Processor seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Watch:
    """The share of one core that was used by processes that are not ours, from its making to `share`."""

    def __init__(self, pids):
        self.pids, self.begin = list(pids), time.monotonic()
        self.start = self.foreign()

    def foreign(self):
        """Busy seconds of the machine without ours."""
        if busy_seconds() is None:
            return 0.0
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = ended.ru_utime + ended.ru_stime + time.process_time() + sum(process_seconds(pid) for pid in self.pids)
        return busy_seconds() - own

    def share(self):
        """0 … the number of cores."""
        return max(0.0, self.foreign() - self.start) / max(time.monotonic() - self.begin, 1e-9)
