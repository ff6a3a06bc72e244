"""Shared by the tests: the program, and pictures to score."""

import os
import shutil
import subprocess
from pathlib import Path

from PIL import Image


def setting(name, meaning):
    """A setting that `cargo xtask test` passes to the tests as an environment variable."""
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set: expected {meaning}. `cargo xtask test` sets it; README.md says how to set it by hand")
    return value


SERFIQ = setting("SERFIQ_CLI", "the path of `serfiq`")
PORTRAITS = Path(setting("SERFIQ_PORTRAITS", "the folder of the portraits"))
EXAMPLES = Path(__file__).resolve().parents[2] / "docs/many-machines"


def make_pictures(folder):
    """Fills a new folder with pictures of every kind, and a file whose name is not a picture's."""
    (folder / "inner").mkdir(parents=True)
    for portrait, name in [
        ("person_a_1.jpg", "a face.jpg"),
        ("person_a_2.jpg", "inner/it's \"one\" & $HOME.jpg"),
        ("person_b_1.jpg", "inner/Zoë Müller.JPG"),
        ("impostor_1.jpg", "z.jpg"),
    ]:
        shutil.copy(PORTRAITS / portrait, folder / name)
    Image.new("RGB", (320, 240), (90, 120, 60)).save(folder / "no face.webp")
    faces = [Image.open(PORTRAITS / name) for name in ("person_b_2.jpg", "impostor_2.jpg")]
    two = Image.new("RGB", (faces[0].width + faces[1].width, max(face.height for face in faces)))
    two.paste(faces[0], (0, 0))
    two.paste(faces[1], (faces[0].width, 0))
    two.save(folder / "two faces.png")
    (folder / "broken.jpeg").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("no picture, and not called like one")


def score(*arguments):
    """The output of `serfiq score`; status 1 means that some pictures cannot be read."""
    run = subprocess.run([SERFIQ, "score", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode not in (0, 1):
        raise RuntimeError(f"serfiq score ended with status {run.returncode}: {run.stderr.decode(errors='replace')}")
    return run.stdout.decode()


def write_program(path, lines):
    """Writes a shell script that stands in for `serfiq`."""
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
