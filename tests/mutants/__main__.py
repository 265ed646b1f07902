"""Undo each fix and see its test fail: `make mutants`, or `python -m tests.mutants WORD...`.

The checkout is copied to a scratch folder first and never touched; styles are built there. A mutant
that survives, or whose text is no longer in its file, makes this exit with 1. Each module of this
package has a list MUTANTS: a new kind is a new module. Each WORD is in the module's name or in the
mutant's: `python -m tests.mutants jobs.py offers`.
"""

import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import mutants
from tests.databases import ROOT
from tests.mutants.mutant import Mutant

SHARED = (".venv", "node_modules")
# Shared too, but for what is built from styles/: a mutant there is built in the copy.
CACHE, BUILT = ".cache", "front-end"


def main(words: list[str]) -> int:
    chosen = [
        each
        for module, mutants_of in known().items()
        for each in mutants_of
        if all(word in f"{module}.py: {each.name}" for word in words)
    ]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder) / "copy"
        copy_to(copy)
        results = [("without a mutant", *control(copy, chosen))]
        show(*results[0])
        for mutant in chosen:
            results.append((mutant.name, *outcome(copy, mutant)))
            show(*results[-1])
    bad = [name for name, result, _ in results if result not in ("killed", "passed")]
    print(f"\n{len(chosen)} mutants, {len(bad)} not as they should be: {', '.join(bad) or 'none'}")
    return 1 if bad else 0


def known() -> dict[str, list[Mutant]]:
    """List the mutants of each module."""
    names = {module.name for module in pkgutil.iter_modules(mutants.__path__)} - {"__main__"}
    modules = {name: importlib.import_module(f"tests.mutants.{name}") for name in sorted(names)}
    return {name: list(getattr(module, "MUTANTS", ())) for name, module in modules.items()}


def copy_to(copy: Path) -> None:
    """Copy tracked and new files as they are now; link the built folders in SHARED."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if not (ROOT / name).is_file() or Path(name).parts[0] in (*SHARED, CACHE):
            continue
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((ROOT / name).read_bytes())
    for name in SHARED:
        if (ROOT / name).exists():
            (copy / name).symlink_to((ROOT / name).resolve())
    (copy / CACHE).mkdir()
    for each in (ROOT / CACHE).resolve().iterdir():
        if each.name == BUILT:
            shutil.copytree(each, copy / CACHE / BUILT)
        else:
            (copy / CACHE / each.name).symlink_to(each.resolve())


def control(copy: Path, chosen: list[Mutant]) -> tuple[str, float]:
    """Run the tests without a mutant: they must pass, or their failing would prove nothing."""
    code, seconds = run(copy, sorted({each.test for each in chosen}))
    return "passed" if code == 0 else "FAILED", seconds


def outcome(copy: Path, mutant: Mutant) -> tuple[str, float]:
    path = copy / mutant.file
    was = path.read_text()
    if any(old not in was for old, _ in mutant.changes):
        return "TEXT IS GONE", 0.0
    now = was
    for old, new in mutant.changes:
        now = now.replace(old, new)
    write(copy, mutant.file, now)
    try:
        code, seconds = run(copy, [mutant.test])
    finally:
        write(copy, mutant.file, was)
    # 1: tests ran and some failed. Anything else is no proof.
    return {0: "SURVIVED", 1: "killed"}.get(code, f"PYTEST ENDED WITH {code}"), seconds


def write(copy: Path, file: str, text: str) -> None:
    """Write a file of the copy, and build what a browser loads anew if it is made of it."""
    (copy / file).write_text(text)
    if file.startswith("styles/"):
        subprocess.run(
            ["npm", "run", "--silent", "build"], cwd=copy, check=True, stdout=subprocess.DEVNULL
        )


def run(copy: Path, tests: list[str]) -> tuple[int, float]:
    began = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *tests],
        cwd=copy,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode > 1:
        print(done.stdout[-2000:], done.stderr[-2000:], sep="\n")
    return done.returncode, time.perf_counter() - began


def show(name: str, result: str, seconds: float) -> None:
    print(f"{name:<78} {result:<12} {seconds:5.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
