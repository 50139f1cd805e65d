"""The build backend of the Python package: that of setuptools, and for the extension Swift compiles Onyx, which tools/build_extension links
into one file.

ONYX_PROGRAMS names the folder of a release build to take instead of making one.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from setuptools import Extension
from setuptools.build_meta import *  # noqa: F403 - the hooks
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parents[2]
version = re.search(r'static let version = "(.*)"', (ROOT / "Sources/Onyx/Version.swift").read_text())[1]


class BuildLibrary(build_ext):
    """Links the extension with Swift's linker instead of compiling it with Python's."""

    def build_extension(self, ext: Extension) -> None:
        programs = os.environ.get("ONYX_PROGRAMS")
        try:
            if not programs:
                subprocess.run([ROOT / "tools/install"], check=True)
                build = ["swift", "build", "-c", "release", "--product", "OnyxC"]
                subprocess.run(build, cwd=ROOT, check=True)
                programs = subprocess.run(
                    [*build[:4], "--show-bin-path"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
                ).stdout.strip()
            static = ["--static"] if os.environ.get("ONYX_STATIC") else []
            subprocess.run(
                [ROOT / "tools/build_extension", Path(self.get_ext_fullpath(ext.name)).resolve(), programs, *static],
                env={**os.environ, "PYTHON": sys.executable},
                check=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(
                f"Onyx could not be built: {error}.\n"
                "To build it from source takes a Swift 6.3 toolchain (https://www.swift.org/install), clang, and the libraries"
                " that tools/install gets. Wheels need none of them."
            ) from None


class Wheel(bdist_wheel):
    """One wheel for every CPython from 3.11 on."""

    def finalize_options(self) -> None:
        self.py_limited_api = "cp311"
        super().finalize_options()
