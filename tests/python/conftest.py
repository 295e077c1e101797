"""What the tests share: the command, photographs, explainers."""

import json
import os
import subprocess
from pathlib import Path

import hdecomp
import pytest

source = Path(__file__).resolve().parents[2]


def command(*words):
    """The JSON of the hdecomp command, with the smaller bundled model."""
    call = [os.environ["HDECOMP_COMMAND"], *words, "--model", "vgg16-slim", "--device", "cpu", "--json"]
    return json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout)


def without_times(result):
    return {key: value for key, value in result.items() if key != "timings_ms"}


@pytest.fixture(scope="session")
def photo():
    return str(source / "tools/photos/portrait.jpg")


@pytest.fixture(scope="session")
def explainer():
    return hdecomp.Explainer(hdecomp.Model.bundled("vgg16-slim"), device="cpu")
