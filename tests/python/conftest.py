"""Shared by the tests: the program to compare with, and pictures."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import serfiq


def setting(name):
    """A setting that `cargo xtask python` passes to the tests as an environment variable."""
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set; `cargo xtask python` sets it, and README.md says how to set it by hand")
    return value


PORTRAITS = Path(setting("SERFIQ_PORTRAITS"))


@pytest.fixture(scope="session")
def portraits():
    """Every portrait, in the order of their names."""
    found = sorted(PORTRAITS.glob("*.jpg"))
    assert len(found) >= 6
    return found


@pytest.fixture(scope="session")
def people(portraits, tmp_path_factory):
    """A folder of pictures that are named after the people in them: `anna_1.jpg`, `anna_2.jpg` and so on."""
    names = {"person_a": "anna", "person_b": "ben", "impostor_1": "cleo", "impostor_2": "dora"}
    folder = tmp_path_factory.mktemp("people")
    for path in portraits:
        [name] = [name for start, name in names.items() if path.name.startswith(start)]
        shutil.copy(path, folder / f"{name}_{path.stem[-1]}.jpg")
    return folder


@pytest.fixture(scope="session")
def portrait():
    """A portrait of one face."""
    return PORTRAITS / "person_a_1.jpg"


@pytest.fixture(scope="session")
def scorer():
    """The built-in recogniser, with its defaults."""
    return serfiq.Scorer()


def command_line(*arguments, status=0):
    """The records that the command line prints."""
    program = [setting("SERFIQ_CLI"), *map(str, arguments), "--models-dir", setting("SERFIQ_MODELS")]
    done = subprocess.run(program, capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
