"""The manners of the repository: what no tracked file may hold, and how long a function may be."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ("base", "replica", "test")

MAX_BYTES = 1_000_000
MAX_FUNCTION_LINES = 50
MAX_MODULE_LINES = 300

# Written so that this file does not hold what it forbids.
FORBIDDEN = {
    "a mark of unfinished work": re.compile(rb"\b(?:TO" + rb"DO|FIX" + rb"ME|X" + rb"XX)\b"),
    "a path of one machine": re.compile(
        rb"(?<![\w.~/-])/(?:wo" + rb"rk|ro" + rb"ot|ho" + rb"me|Us" + rb"ers|opt)/\w"
    ),
    "the host of a package registry": re.compile(
        rb"py" + rb"pi\.org|python" + rb"hosted\.org|^--(?:extra-)?(?:index-url|find-links)",
        re.MULTILINE,
    ),
}


def tracked_files() -> list[Path]:
    """What git knows, without what was deleted and not yet committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def name_of(path: Path) -> str:
    """A file's name from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


FILES = tracked_files()
MODULES = sorted((ROOT / "observer_crawler").rglob("*.py"))


def faults(data: bytes) -> list[str]:
    """What a file holds that no file may hold, with its line."""
    return [
        f"line {_line_of(data, match.start())}: {what}: {match[0].decode()}"
        for what, pattern in FORBIDDEN.items()
        for match in pattern.finditer(data)
    ]


def _line_of(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1


def long_functions(source: str) -> list[str]:
    """Functions over the limit, decorators not counted."""
    return [
        f"{node.name} has {length} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]


def pins_of(lock: str) -> dict[str, str]:
    """Name and version of each package of a lock."""
    text = (ROOT / f"requirements/{lock}.txt").read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE))


def test_no_tracked_file_holds_marks_machine_paths_or_registry_hosts() -> None:
    # A page is bytes of a stranger: it may show the paths of the stranger's machine.
    ours = [path for path in FILES if path.name != "page.html"]
    found = {name_of(path): faults(path.read_bytes()) for path in ours}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "text",
    [
        b"# TO" + b"DO later",
        b"see /wo" + b"rk/main",
        b"'/ro" + b"ot/x'",
        b"https://py" + b"pi.org/simple",
        b"--index-url https://mirror.example/simple",
    ],
)
def test_a_forbidden_text_is_reported(text: bytes) -> None:
    assert len(faults(b"first line\n" + text)) == 1


def test_no_tracked_file_is_over_one_megabyte() -> None:
    assert [name_of(path) for path in FILES if path.stat().st_size > MAX_BYTES] == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_function_is_too_long(module: Path) -> None:
    assert long_functions(module.read_text("utf-8")) == []


def test_a_long_function_is_reported() -> None:
    source = "class A:\n    async def long(self):\n" + "        x = 1\n" * MAX_FUNCTION_LINES
    assert long_functions(source) == ["long has 51 lines"]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_module_is_too_long(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= MAX_MODULE_LINES


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.txt")), ids=name_of)
def test_every_package_of_a_lock_has_hashes(lock: Path) -> None:
    text = lock.read_text("utf-8")
    packages = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_agrees_with_the_largest_one(lock: str) -> None:
    assert pins_of(lock).items() <= pins_of("test").items()


def test_a_crawl_needs_neither_the_replica_nor_the_tests() -> None:
    assert pins_of("base").keys().isdisjoint(("jinja2", "pytest", "hypothesis", "mypy", "ruff"))


def test_the_build_backend_is_locked_as_the_project_asks_for_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["dependency-groups"]["build"] == project["build-system"]["requires"]


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_readme_shows_the_two_commands(command: str) -> None:
    assert command in (ROOT / "README.md").read_text("utf-8")


def stats_in_the_code() -> set[str]:
    """The names of the project's stats as the code writes them, variable ends cut off."""
    sources = (
        path.read_text("utf-8") for path in sorted((ROOT / "observer_crawler").rglob("*.py"))
    )
    return {name for text in sources for name in re.findall(r'"(observer/[a-z_/]+)', text)}


def test_the_readme_documents_every_stat() -> None:
    documented = re.findall(r"`(observer/[A-Za-z_/]+)`", (ROOT / "README.md").read_text("utf-8"))
    pattern = "|".join(re.sub("[A-Z]+", "[a-z_0-9]*", name) for name in documented)
    names = stats_in_the_code()
    assert names
    assert [name for name in sorted(names) if not re.fullmatch(pattern, name)] == []
