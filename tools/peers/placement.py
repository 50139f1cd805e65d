"""Whether the threads of a virtual machine run on cores of their own that share a cache, which a hypervisor changes by itself."""
import json
import subprocess
import time

# A cache line between two cores with a common cache takes less, between others more.
FAR_NS = 200
# Two threads on one core together do little more arithmetic than one.
FEW_CORES = 1.7


class Placement:
    """Asks `kernel-bench` where two threads stand; without it, every place is good. `kept` counts what was taken from a bad place in the end."""

    def __init__(self, program, limit):
        self.program, self.limit = program, limit
        self.asked, self.bad, self.kept, self.trips = 0, 0, 0, []

    def is_good(self):
        """Two cores with a common cache."""
        if not self.program:
            return True
        place = json.loads(subprocess.run([self.program, "--placement"], capture_output=True, text=True, check=True).stdout)
        good = place["round_trip_ns"] <= FAR_NS and not 0 < place["cores"] < FEW_CORES
        self.asked, self.bad = self.asked + 1, self.bad + (not good)
        self.trips.append(place["round_trip_ns"])
        return good

    def settled(self, measure):
        """What `measure` returns; it is called again, for `limit` seconds at most, when the place was bad before or after."""
        begin = time.monotonic()
        while True:
            before, late = self.is_good(), time.monotonic() - begin > self.limit
            if before or late:
                result = measure()
                good = self.is_good() and before
                if good or late:
                    self.kept += not good
                    return result
            time.sleep(0.1)
