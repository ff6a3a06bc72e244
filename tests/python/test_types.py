"""The types that the package declares, by mypy."""

import subprocess
import sys
from pathlib import Path

import serfiq

USE = """
from pathlib import Path
import numpy as np
import numpy.typing as npt
import serfiq

scorer = serfiq.Scorer("sface", method="mc", passes=10, threads=2)
assessment: serfiq.Assessment = scorer(Path("a.jpg"))
quality: float | None = assessment.quality
faces: tuple[serfiq.Face, ...] = scorer(np.zeros((1, 1, 3), np.uint8)).faces
for one in scorer.many(["a.jpg", b""]):
    accepted: bool = one.accepted
embedding: npt.NDArray[np.float32] = scorer.embed(b"")[0].embedding
report: serfiq.Report = serfiq.edc({"image_a": [1]}, {"a": {1: 0.5}}, fmr=[0.1])
"""
MISUSE = {
    'serfiq.Scorer(method="best")': "arg-type",
    "serfiq.Scorer(passes='10')": "arg-type",
    "serfiq.Scorer()(3.5)": "arg-type",
    'serfiq.Scorer()("a.jpg").score': "attr-defined",
}


def mypy(*arguments):
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_package_is_typed_throughout():
    status, said = mypy("--package", "serfiq")
    assert status == 0, said
    assert (Path(serfiq.__file__).parent / "py.typed").exists()


def test_programs_are_checked(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(USE)
    status, said = mypy(program)
    assert status == 0, said
    for number, (wrong, code) in enumerate(MISUSE.items()):
        program = tmp_path / f"wrong{number}.py"
        program.write_text(f"import serfiq\n{wrong}\n")
        status, said = mypy(program)
        assert status == 1 and f"[{code}]" in said, (wrong, said)


def test_the_stubs_are_true():
    done = subprocess.run([sys.executable, "-m", "mypy.stubtest", "serfiq._core"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
