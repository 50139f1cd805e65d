"""What the pages for Python show is run as it stands, and what they say of the package is true."""

import re
import shutil
import subprocess
import sys

import onyx
import pytest
from conftest import ROOT

PAGES = ["README.md", "docs/python.md", "docs/from-onnxruntime.md", "docs/clusters.md"]


@pytest.mark.parametrize("page", PAGES)
def test_snippets_run(page, tmp_path, digits):
    if "clusters" in page:
        pytest.importorskip("dask.distributed")
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert blocks
    shutil.copy(digits, tmp_path / "model.onnx")
    shutil.copy(ROOT / "models" / "digits" / "samples" / "digit-7-1314.png", tmp_path / "photo.png")
    shutil.copytree(ROOT / "models" / "digits", tmp_path / "case")
    # In the order of the page, in one program; a function of tests is called by pytest.
    (tmp_path / "page.py").write_text("\n".join(block for block in blocks if "def test_" not in block), "utf-8")
    done = subprocess.run([sys.executable, "page.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for number, block in enumerate(block for block in blocks if "def test_" in block):
        (tmp_path / f"test_{number}.py").write_text(block, "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"test_{number}.py"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout
    # A comment behind a print of a NodeArg is what it prints.
    for line in re.findall(r"print\(session.get_inputs\(\)\[0\]\) +# (.*)", (ROOT / page).read_text("utf-8")):
        assert line == str(onyx.InferenceSession(digits).get_inputs()[0])


def test_links_lead_somewhere():
    for page in PAGES:
        prose = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", prose):
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page}: {target}"


def test_the_example_classifies(digits):
    for picture in sorted((ROOT / "models" / "digits" / "samples").glob("*.png")):
        label = picture.stem.split("-")[1]
        done = subprocess.run(
            [
                sys.executable,
                ROOT / "tools" / "examples" / "python" / "classify.py",
                digits,
                ROOT / "models" / "digits" / "labels.txt",
                picture,
            ],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{label} ") and "stage2.attention (SE): channels " in done.stdout and "node_linear" in done.stdout


def test_public_names_are_documented():
    import inspect

    for name in onyx.__all__:
        member = getattr(onyx, name)
        if not inspect.isclass(member) and not inspect.isfunction(member):
            continue
        assert member.__doc__, name
        for inner, value in vars(member).items() if inspect.isclass(member) else ():
            if not inner.startswith("_") and (inspect.isfunction(value) or isinstance(value, (property, classmethod))):
                assert value.__doc__ or getattr(value, "__func__", None).__doc__, f"{name}.{inner}"


def test_the_package_is_typed(tmp_path):
    """The stubs suit the extension, and code that uses the package is checked."""
    import onyx._onyx as extension

    stub = (ROOT / "Sources" / "Python" / "onyx" / "_onyx.pyi").read_text("utf-8")
    for name in [name for name in dir(extension) if not name.startswith("__")]:
        assert re.search(rf"^(def|class) {name}\b", stub, re.MULTILINE), name
    for kind in (extension.Session, extension.Value, extension.Control):
        for name in [name for name in vars(kind) if not name.startswith("__")]:
            assert re.search(rf"^    (def )?{name}\b", stub, re.MULTILINE), f"{kind.__name__}.{name}"
    (tmp_path / "user.py").write_text(
        "import numpy as np\nimport onyx\n\nsession = onyx.InferenceSession('m.onnx', providers=['CPUExecutionProvider'])\n"
        "reveal_type(session.run(None, {'x': np.ones(1)}))\nreveal_type(session.attention({})[0].name)\n"
        "session.run(None, {}, fetched=['y'])\nonyx.InferenceSession()\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "user.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    if "No module named mypy" in done.stderr:
        pytest.skip("mypy is not here")
    assert 'Revealed type is "list[Any]"' in done.stdout and done.stdout.count("error:") == 2, done.stdout + done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "-p", "onyx"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
