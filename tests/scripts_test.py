#!/usr/bin/env python3
"""No script takes a flag that it does not know for a file's name: scripts_test.py SOURCE.

Shell scripts are run with two such flags in an empty folder. Those in Python, of which many begin by loading PyTorch, are
read: arguments go through argparse. Python's own library suffices."""
import argparse
import ast
import pathlib
import subprocess
import sys
import tempfile

FOLDERS = ("bench", "tests", "tools")
PASSED_ON = {"tests/python/run.py"}  # pytest's arguments
SOURCED = {"tests/steps.sh", "tools/gpu_libraries.sh"}
FLAGS = ("--help", "--no-such-flag")


def reads_arguments(tree):
    """Whether sys.argv is read; not in a text that another process is given."""
    return any(isinstance(node, ast.Attribute) and node.attr == "argv" for node in ast.walk(tree))


def is_script(text):
    return text.startswith("#!") or '__name__ == "__main__"' in text


def python_faults(source):
    for folder in FOLDERS:
        for path in sorted((source / folder).rglob("*.py")):
            name, text = str(path.relative_to(source)), path.read_text(encoding="utf-8")
            if name in PASSED_ON:
                continue
            if reads_arguments(ast.parse(text)):
                yield f"{name} reads sys.argv; argparse refuses what it does not know"
            elif is_script(text) and "parse_args(" not in text and "compare_nets(" not in text:
                yield f"{name} takes whatever it is given; let argparse refuse it"


def shell_faults(source):
    for folder in FOLDERS:
        for path in sorted((source / folder).rglob("*.sh")):
            name = str(path.relative_to(source))
            for flag in FLAGS if name not in SOURCED else ():
                if name == "tools/test.sh" and flag != "--help":
                    continue  # hands ctest's on, once all is built
                with tempfile.TemporaryDirectory() as scratch:
                    call = ["bash", str(path), flag]
                    ended = subprocess.run(call, cwd=scratch, capture_output=True, text=True, timeout=20)
                    if ended.returncode not in (0, 2) or "usage" not in ended.stdout + ended.stderr:
                        yield f"{name} {flag}: code {ended.returncode}, {(ended.stdout + ended.stderr)[:200]!r}"
                    if any(pathlib.Path(scratch).iterdir()):
                        yield f"{name} {flag}: leaves files behind"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", type=pathlib.Path)
    source = parser.parse_args().source.resolve()
    faults = [*python_faults(source), *shell_faults(source)]
    print("\n".join(faults) or "every script refuses what it does not know")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
