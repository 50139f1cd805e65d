"""Runs a tool under the pinned Python packages, in a `.venv` that it makes beside the package when needed."""
import importlib.metadata
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "tools" / "requirements-export.txt"


def pins():
    """The pinned versions by package name."""
    lines = (line.strip() for line in REQUIREMENTS.read_text().splitlines())
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def missing():
    """The pins that this interpreter does not meet; a build tag such as `+cpu` does not matter."""
    found = {}
    for name in pins():
        try:
            found[name] = importlib.metadata.version(name).split("+")[0]
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return {name: found[name] for name, version in pins().items() if found[name] != version}


def ensure():
    """Returns under the pinned packages, or starts the same command again in `.venv`, installing it first."""
    if not missing():
        return
    home = ROOT / ".venv"
    python = home / "bin" / "python"
    if Path(sys.prefix) == home or os.environ.get("ONYX_NO_VENV"):
        sys.exit(f"error: this Python does not meet {REQUIREMENTS.name}: {missing()}")
    if not python.exists():
        print(f"making {home.name}/ with the packages of {REQUIREMENTS.name}", file=sys.stderr)
        venv.create(home, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
    os.execv(python, [str(python), *sys.argv])
