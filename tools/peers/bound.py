"""How close a run is to what the machine allows: for each step the larger of its arithmetic at the measured peak and its bytes at the
measured bandwidth of the last cache, the whole not less than the weights at the bandwidth of memory where no cache holds them."""
import json
import os
import subprocess

# Multiply-adds that Winograd's form saves: (n + 2)² products for n² outputs of a 3×3 window, by the end of the row's name.
WINOGRAD = {"winograd4": 9 * 16 / 36, "winograd2": 9 * 4 / 16}
# Products of bytes that an instruction does for each of float32.
BYTES = 4
KIBI = 1024


class Machine:
    """The peaks for one instruction set and a number of threads."""

    def __init__(self, facts, isa, threads):
        one = next(peak for peak in facts["peaks"]["peaks"] if peak["isa"] == isa)
        suffix = "_2" if threads > 1 else ""
        self.flops = one["gflops" + suffix] * 1e9
        self.cache = one["l3_read_gbs"] * 1e9 * threads
        self.memory = one["dram_read_gbs" + suffix] * 1e9
        self.cache_bytes = max(int(size.removesuffix("K")) * KIBI for _, size, _ in facts["caches"])

    def step(self, step):
        """Seconds that a step takes at least; one with bodies, what the steps inside take."""
        if step["body"]:
            return sum(self.step(inside) for inside in step["body"])
        cheaper = next((saving for name, saving in WINOGRAD.items() if name in step["kernel"]), 1)
        cheaper *= BYTES if step.get("type") in ("int8", "uint8") else 1
        return max(2 * step["macs"] / cheaper / self.flops, step["bytes"] / self.cache)

    def run(self, profile, weights):
        """Milliseconds that a run takes at least; `weights` in bytes."""
        steps = sum(self.step(step) for step in profile["steps"])
        return 1e3 * max(steps, weights / self.memory if weights > self.cache_bytes else 0)


def profile(onyx, path, inputs, threads):
    """What `onyx profile` tells of a model."""
    command = [onyx, "profile", str(path), *inputs, "--threads", str(threads), "--runs", "5", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def references(step):
    """Milliseconds of a step that pass in references, its own or those of the steps inside."""
    if step["body"]:
        return sum(references(inside) for inside in step["body"])
    return step["ms"] if step["kernel"].startswith("reference") else 0


def facts(onyx, path, inputs, threads, machine):
    """The bound of a run in milliseconds and the share of its time in references; empty where they cannot be had."""
    one = profile(onyx, path, inputs, threads)
    if one is None or not machine.get("peaks"):
        return {}
    slow = sum(references(step) for step in one["steps"])
    total = sum(step["ms"] for step in one["steps"])
    bound = Machine(machine, one["isa"], threads).run(one, os.path.getsize(path))
    return {"bound_ms": bound, "reference_share": slow / total if total else 0}
