"""House rules that no other tool keeps: sizes, names, what a tracked file may hold, seams, pins, what loads when."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import permutations, product
from pathlib import Path

import grimp
import pytest
from click.testing import CliRunner
from importlinter.cli import lint_imports
from packaging.requirements import Requirement

import engine
import studio
from engine.cli import COMMANDS, boxwright
from engine.cli.faces import FACES
from engine.registry import Registry

ROOT = Path(__file__).resolve().parents[1]
MAX_MODULE_LINES, MAX_FUNCTION_LINES = 500, 50
BANNED_WORDS = {"core", "common", "utils", "util", "helpers", "helper", "manager", "base"}
KNOWN_HOSTS = {"www.apache.org", "www.w3.org"}
"""Hosts whose addresses are part of a licence or a file format, and are never asked for anything."""

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w|[A-Z]:\\Users\\")
ADDRESS = re.compile(r"(?<![\w.=])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
URL = re.compile(r"\b(?:https?|ftp|git|ssh)://([\w.-]+)")


def tracked() -> list[Path]:
    """The files under version control; where there is none, all that a checkout would have."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        found = (path for folder in ("engine", "studio", "tests", "packaging") for path in (ROOT / folder).rglob("*"))
        return [path for path in found if path.is_file() and "__pycache__" not in path.parts]
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TRACKED = tracked()
MODULES = [path for path in TRACKED if path.suffix == ".py"]
LINES = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
TREES = {path: ast.parse(path.read_text(encoding="utf-8"), filename=str(path)) for path in MODULES}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def words(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name, lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def test_modules_and_functions_stay_small() -> None:
    too_long = [name_of(path) for path, lines in LINES.items() if lines > MAX_MODULE_LINES]
    for path, tree in TREES.items():
        sizes = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions(tree)}
        too_long += [f"{name_of(path)}: {name}" for name, size in sizes.items() if size > MAX_FUNCTION_LINES]
    assert not too_long


def test_every_module_says_what_is_in_it() -> None:
    silent = [path for path, tree in TREES.items() if LINES[path] and len(ast.get_docstring(tree) or "") <= 10]
    assert not [name_of(path) for path in silent]


def test_names_are_nouns_of_the_glossary_and_never_a_drawer_for_everything() -> None:
    drawers = []
    for path, tree in TREES.items():
        names = [*path.relative_to(ROOT).with_suffix("").parts]
        names += [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        drawers += [f"{name_of(path)}: {name}" for name in names if words(name) & BANNED_WORDS]
    assert not drawers


def test_tracked_files_name_no_hosts_machines_or_locks() -> None:
    problems = []
    for path in TRACKED:
        if path.suffix == ".lock" or path.name in {"package-lock.json", "Pipfile.lock"}:
            problems.append(f"{name_of(path)} is a lock file")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        hosts = [host for host in URL.findall(text) if host not in KNOWN_HOSTS and not host.endswith(".invalid")]
        found = [*hosts, *ADDRESS.findall(text), *MACHINE_PATH.findall(text)]
        problems += [f"{name_of(path)} names {what}" for what in found if path != Path(__file__)]
    assert not problems


def test_the_import_contracts_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True) == 0


def loaded_after(code: str) -> set[str]:
    """The top-level modules that a fresh Python has loaded after this code."""
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.splitlines()}


def test_the_window_is_up_before_torch_loads() -> None:
    if find_spec("studio.app") is None:
        pytest.skip("there is no window yet")
    loaded = loaded_after("import studio.app")
    assert "PySide6" in loaded
    assert not loaded & {"torch", "torchvision"}


def test_no_module_of_the_window_loads_torch() -> None:
    """Also those that `app` leaves until they are first shown."""
    walk = "import importlib, pkgutil, studio\nfor each in pkgutil.walk_packages(studio.__path__, 'studio.'):"
    loaded = loaded_after(f"{walk}\n    each.name.endswith('__main__') or importlib.import_module(each.name)")
    assert "PySide6" in loaded
    assert not loaded & {"torch", "torchvision"}


@pytest.mark.parametrize("arguments", [["--help"], ["info", "--help"], ["new", "--help"], ["--version"]], ids=" ".join)
def test_asking_for_help_loads_neither_torch_nor_qt(arguments: list[str]) -> None:
    loaded = loaded_after(f"from studio.__main__ import main\nassert main({arguments}) == 0")
    assert "engine" in loaded
    assert not loaded & {"torch", "torchvision", "PySide6"}


def registries() -> dict[str, Registry[object]]:
    """Every seam of the program, by its package."""
    found = {}
    for root in (engine, studio):
        for module in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            if module.ispkg:
                package = importlib.import_module(module.name)
                found.update({value.package: value for value in vars(package).values() if isinstance(value, Registry)})
    return found


REGISTRIES = registries()


def test_there_are_seams() -> None:
    assert {"engine.formats", "engine.detectors"} <= set(REGISTRIES)


@pytest.mark.parametrize("seam", REGISTRIES)
def test_every_drop_in_of_a_seam_loads_and_has_a_title_of_its_own(seam: str) -> None:
    drop_ins = dict(REGISTRIES[seam])
    assert list(drop_ins) == REGISTRIES[seam].names()
    titles = [title for drop_in in drop_ins.values() if (title := getattr(drop_in, "title", None)) is not None]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("seam", REGISTRIES)
def test_drop_ins_of_a_seam_never_import_each_other(seam: str, graph: grimp.ImportGraph) -> None:
    drop_ins = [f"{seam}.{name}" for name in REGISTRIES[seam].names()]
    chains = [graph.find_shortest_chain(*pair, as_packages=True) for pair in permutations(drop_ins, 2)]
    assert not [" -> ".join(chain) for chain in chains if chain]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("engine", "studio", cache_dir=None)


def test_the_readme_names_only_what_there_is_and_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)\b", readme))
    assert {"demo", "test"} <= named <= targets
    commands = [*COMMANDS, *(f"faces {name}" for name in FACES)]
    assert not [name for name in commands if f"boxwright {name}" not in readme]
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", readme)
    assert not [link for link in links if not (ROOT / link).exists()]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_about_itself_what_the_list_says_and_has_json(name: str) -> None:
    entry = COMMANDS[name]
    if find_spec(entry.module) is None:
        pytest.skip(f"{entry.module} is not written yet")
    command = getattr(importlib.import_module(entry.module), entry.attribute)
    assert command.name == name
    assert command.get_short_help_str(200) == entry.summary
    assert "--json" in CliRunner().invoke(boxwright, [name, "--help"]).output or name == "demo"


def test_what_the_program_reads_beside_its_code_goes_into_a_wheel() -> None:
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["*"]
    parts = [path for path in TRACKED if path.relative_to(ROOT).parts[0] in {"engine", "studio", "resources"}]
    assert not [name_of(path) for path in parts if path.suffix != ".py" and not any(map(path.match, patterns))]


def requirements(*groups: list[str]) -> list[Requirement]:
    return [Requirement(line) for group in groups for line in group]


def pins(name: str) -> list[Requirement]:
    return [Requirement(line) for line in (ROOT / "packaging" / name).read_text(encoding="utf-8").splitlines()]


RUN, DEV = PYPROJECT["project"]["dependencies"], PYPROJECT["dependency-groups"]["dev"]
PYTHONS, PLATFORMS = ("3.11", "3.12", "3.13", "3.14"), ("linux", "darwin", "win32")


@pytest.mark.parametrize(("file", "wanted"), [("pins-run.txt", [RUN]), ("pins-dev.txt", [RUN, DEV])])
@pytest.mark.parametrize(("python", "platform"), list(product(PYTHONS, PLATFORMS)))
def test_pins_are_what_pyproject_allows(file: str, wanted: list[list[str]], python: str, platform: str) -> None:
    machine = {"python_version": python, "python_full_version": f"{python}.1", "sys_platform": platform}
    pinned: dict[str, str] = {}
    for pin in pins(file):
        if pin.marker is None or pin.marker.evaluate(machine):
            assert pin.name not in pinned, f"{pin.name} is pinned twice"
            pinned[pin.name] = str(pin.specifier).removeprefix("==")
    for requirement in requirements(*wanted):
        if requirement.marker is None or requirement.marker.evaluate(machine):
            assert requirement.specifier.contains(pinned[requirement.name.lower().replace("_", "-")]), requirement


@pytest.mark.parametrize("file", ["pins-run.txt", "pins-dev.txt"])
def test_pins_are_plain_lines_of_name_and_version(file: str) -> None:
    lines = (ROOT / "packaging" / file).read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines, key=lambda line: re.split(r"[=; ]", line)[0])
    assert not [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .+)?", line)]


def test_what_runs_is_pinned_alike_for_developers() -> None:
    assert {str(pin) for pin in pins("pins-run.txt")} <= {str(pin) for pin in pins("pins-dev.txt")}
