#!/usr/bin/env python3
"""Runs the tests of the Python package, or says why not and exits with 77: run.py [pytest's arguments]."""

import importlib
import os
import sys

for needed in ("pytest", "numpy"):
    try:
        importlib.import_module(needed)
    except ImportError:
        print(f"skipped: {sys.executable} has no {needed}; tools/setup.sh test installs it")
        sys.exit(77)

import pytest

os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
sys.dont_write_bytecode = True
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-rs", os.path.dirname(os.path.abspath(__file__)), *sys.argv[1:]]))
