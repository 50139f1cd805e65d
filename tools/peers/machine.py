"""Facts about the machine, for the report."""
import datetime
import json
import os
import platform
import subprocess
from pathlib import Path

CPU = Path("/sys/devices/system/cpu/cpu0")


def cpu_model():
    """The name that the processor gives itself."""
    if platform.system() == "Darwin":
        return subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True).stdout.strip()
    fields = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    place = f" (family {fields['cpu family']}, model {fields['model']})" if "cpu family" in fields else ""
    return fields.get("model name", platform.machine()) + place


def caches():
    """Sizes of the caches of core 0 by level, in KiB: [["L1d", 32, cores that share it], …]."""
    found = []
    for entry in sorted((CPU / "cache").glob("index*")):
        kind, level = (entry / "type").read_text().strip(), (entry / "level").read_text().strip()
        if kind != "Instruction":
            size = (entry / "size").read_text().strip()
            found.append([f"L{level}" + ("d" if kind == "Data" else ""), size, (entry / "shared_cpu_list").read_text().strip()])
    return found


def peaks(program):
    """What `kernel-bench --machine` measures; None without it."""
    if not program:
        return None
    done = subprocess.run([program, "--machine", "--json"], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def versions():
    """Versions of what is compared."""
    from export import environment

    return {name: environment.installed(name) for name in ("onnxruntime", "openvino", "tract")}


def is_virtual():
    """Whether the processor says that a hypervisor is there."""
    path = Path("/proc/cpuinfo")
    return path.exists() and " hypervisor" in path.read_text()


def facts(program):
    """Everything that is measured or read once."""
    return {
        "cpu": cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "virtual": is_virtual(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "caches": caches() if CPU.exists() else [],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": versions(),
        "peaks": peaks(program),
        "date": datetime.date.today().isoformat(),
    }
