"""Runs a tool under the pinned Python packages, in a virtual environment that it makes when needed."""
import importlib.metadata
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "tools" / "requirements-export.txt"
RESTARTED = "ONYX_TOOL_RESTARTED"


def pins(requirements=REQUIREMENTS):
    """The pinned versions by package name."""
    lines = (line.strip() for line in requirements.read_text().splitlines())
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def installed(name):
    """The version of a package that this interpreter sees, without a build tag such as `+cpu`."""
    try:
        return importlib.metadata.version(name).split("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return None


def ensure(*names, requirements=REQUIREMENTS, home=ROOT / ".venv"):
    """Returns when this interpreter has the pinned versions of the named packages, by default of all.

    Otherwise it installs them into the virtual environment `home` and starts the same command again there.
    """
    wanted = {name: version for name, version in pins(requirements).items() if name in names or not names}
    unmet = [f"{name}=={version}" for name, version in wanted.items() if installed(name) != version]
    if not unmet:
        return
    python = home / "bin" / "python"
    if RESTARTED in os.environ:
        sys.exit(f"error: this Python still lacks {', '.join(unmet)}")
    if not python.exists():
        venv.create(home, with_pip=True)
    print(f"installing into {home}: {', '.join(wanted)}", file=sys.stderr)
    packages = [f"{name}=={version}" for name, version in wanted.items()]
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"exit code {done.returncode}"]
        reason = next((line for line in lines if line.startswith("ERROR")), lines[-1]).removeprefix("ERROR: ")
        network = re.search(r"connection broken by .*: ([^:'\"]+)['\")]", done.stderr)
        sys.exit(f"error: pip cannot install {', '.join(unmet)}: {reason}" + (f"; {network[1]}" if network else ""))
    os.execve(python, [str(python), *sys.argv], {**os.environ, RESTARTED: "1"})
