"""Check how docstrings open: `python -m tests.docstrings [FOLDER ...]` lists those that do not.

The first sentence begins with a verb in the imperative (ruff's D401 sees to its form) or names
the thing: CONTRIBUTING.md. An opening word that asks, points back or has no subject is refused.
"""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OPENINGS = """
    what who whom whose which where when how why whether whatever whoever whichever wherever
    it its they their he she him her his this that these those there here such
    as if so only also not no nothing nobody everybody everything one's once again
    is are was were has have had does did may can must will would could should
    in of on with from to by at for after before until since while because through under over
"""
REFUSED = set(OPENINGS.split())
PHRASES = ("the same ", "the other ", "the first of ", "all that ", "one that ", "anything that ")


def fault(docstring):
    """Say what is wrong with how a docstring opens, or return None."""
    words = docstring.split()
    first_sentence = docstring.split("\n\n")[0].strip()
    if len(words) < 2:
        return "needs a sentence, not a word"
    if first_sentence.endswith("?"):
        return "asks a question"
    if words[0].strip(".,:;!`'\"").lower() in REFUSED or docstring.lower().startswith(PHRASES):
        return f"begins with '{' '.join(words[:2])}'"
    return None


def faults(path):
    """Yield (line, what is wrong) for each docstring of a module, and for a missing one."""
    tree = ast.parse(path.read_text())
    if tree.body and ast.get_docstring(tree) is None:
        yield 1, "the module has no docstring"
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            docstring = ast.get_docstring(node)
            wrong = fault(docstring) if docstring is not None else None
            if wrong:
                yield node.body[0].lineno, wrong


def in_folders(*folders):
    """List `path:line: what is wrong` for the Python files under folders, migrations aside."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [Path(name) for name in listed.splitlines() if name.endswith(".py")]
    return [
        f"{path}:{line}: {wrong}"
        for path in paths
        if "migrations" not in path.parts and (ROOT / path).is_file()
        for line, wrong in faults(ROOT / path)
    ]


if __name__ == "__main__":
    found = in_folders(*sys.argv[1:])
    print("\n".join(found) or "Every docstring opens with a verb or names the thing.")
    sys.exit(bool(found))
