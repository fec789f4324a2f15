"""What is built and installed: complete, the same from the sources and from the sdist, and at work away from them."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

import evalkit
from tests.models import tiny

CHECKOUT = Path(__file__).parents[2]
LIBRARY = ("tasks", "prompts", "reports")


def run(*command: str | Path, folder: Path) -> str:
    """A command's output; it has to succeed, and may not see the checkout."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    kept = {key: value for key, value in os.environ.items() if key not in hidden and not key.startswith("EVALKIT_")}
    environment = {**kept, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy of the sources: what git tracks, or would."""
    if not (CHECKOUT / ".git").exists():
        pytest.skip("no git checkout: what belongs to the sources cannot be told")
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=CHECKOUT)
    copy = tmp_path_factory.mktemp("tree")
    for name in listed.rstrip("\0").split("\0"):
        if (CHECKOUT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CHECKOUT / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def built(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The sdist, the wheel built from it, and the wheel built from the sources themselves."""
    folder = tmp_path_factory.mktemp("built")
    build = (sys.executable, "-m", "build", "--no-isolation")
    run(*build, "--outdir", folder / "sdist", tree, folder=folder)
    run(*build, "--wheel", "--outdir", folder / "direct", tree, folder=folder)
    (sdist,), (wheel,), (direct,) = (
        list(folder.glob(pattern)) for pattern in ("sdist/*.tar.gz", "sdist/*.whl", "direct/*.whl")
    )
    return {"sdist": sdist, "wheel": wheel, "direct": direct}


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sources(tree: Path, *folders: str) -> dict[str, bytes]:
    files = [path for folder in folders for path in (tree / folder).rglob("*") if path.is_file()]
    return {path.relative_to(tree).as_posix(): path.read_bytes() for path in files}


def test_the_wheel_holds_the_package_and_the_library_and_nothing_else(tree: Path, built: Mapping[str, Path]) -> None:
    held = contents(built["wheel"])
    library = {f"evalkit/_library/{name}": content for name, content in sources(tree, *LIBRARY).items()}
    assert {name: content for name, content in held.items() if ".dist-info/" not in name} == {
        **sources(tree, "evalkit"),
        **library,
    }
    assert {
        "evalkit/py.typed",
        "evalkit/_library/tasks/superglue/boolq.toml",
        "evalkit/_library/prompts/superglue/boolq/gpt3.jinja",
        "evalkit/_library/reports/report.html.jinja",
        "evalkit/samples/superglue/boolq/validation.jsonl",
        "evalkit/models/demo/weights/model.safetensors",
    } <= set(held)


def test_the_metadata(built: Mapping[str, Path]) -> None:
    held = {
        name.rpartition("/")[2]: content.decode()
        for name, content in contents(built["wheel"]).items()
        if name.startswith(f"evalkit-{evalkit.__version__}.dist-info/")
    }
    for line in ("Name: evalkit", f"Version: {evalkit.__version__}", "License-Expression: Apache-2.0"):
        assert f"\n{line}\n" in held["METADATA"]
    assert (CHECKOUT / "README.md").read_text(encoding="utf-8") in held["METADATA"]
    assert held["LICENSE"] == (CHECKOUT / "LICENSE").read_text(encoding="utf-8")
    assert "evalkit = evalkit.cli:main" in held["entry_points.txt"]


def test_the_sdist_holds_the_sources_where_they_stand(tree: Path, built: Mapping[str, Path]) -> None:
    held = {}
    with tarfile.open(built["sdist"]) as archive:
        for member in archive.getmembers():
            if member.isfile():
                file = archive.extractfile(member)
                assert file is not None
                held[member.name.partition("/")[2]] = file.read()
    wanted = sources(tree, "evalkit", *LIBRARY, "tests")
    assert {name: content for name, content in held.items() if name in wanted} == wanted
    assert {"pyproject.toml", "README.md", "LICENSE", "Makefile", "constraints.txt"} <= set(held)
    assert {name for name in held if "/" in name} <= set(wanted)


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_sources(built: Mapping[str, Path]) -> None:
    assert contents(built["wheel"]) == contents(built["direct"])


@pytest.fixture(scope="module")
def installed(built: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel in it; what it depends on is borrowed from this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", scripts / "python")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", built["wheel"], folder=folder)
    place = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(scripts / "python", "-c", place, folder=folder).strip())
    borrowed = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (packages / "borrowed.pth").write_text("\n".join(borrowed))  # its own packages stand before these
    return scripts


def test_the_installed_package_works_away_from_its_sources(installed: Path, tmp_path: Path) -> None:
    where = "import evalkit.library as it; print(it.PACKAGE); print(it.home())"
    package, home = map(Path, run(installed / "python", "-c", where, folder=tmp_path).splitlines())
    assert package.is_relative_to(installed.parent)
    assert home == package / "_library"

    listed = run(installed / "evalkit", "tasks", "list", folder=tmp_path)
    assert "boolq" in listed
    assert "wsc" in listed
    shown = run(
        installed / "evalkit", "prompt", "superglue/rte", "--shots", "2", "--data-dir", "samples", folder=tmp_path
    )
    assert shown.count("question: ") == 3

    model = tiny.save(tmp_path / "model")
    words = ("run", "--model", model, "--tasks", "superglue/rte,superglue/copa", "--shots", "0,1", "--limit", "4")
    printed = run(
        installed / "evalkit", *words, "--data-dir", "samples", "--output", "out", "--device", "cpu", folder=tmp_path
    )
    assert "report: out" in printed
    assert "<html" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["status"], manifest["versions"]["evalkit"]) == ("complete", evalkit.__version__)


def test_the_demo_model_is_installed_too(installed: Path, tmp_path: Path) -> None:
    words = ("run", "--model", "demo", "--tasks", "superglue/cb", "--limit", "2", "--data-dir", "samples")
    run(installed / "evalkit", *words, "--output", "out", "--device", "cpu", folder=tmp_path)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["model"]["name"] == "evalkit-demo"
