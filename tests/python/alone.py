"""The wheel with NumPy alone, as `pip install serfiq` leaves it: scores a portrait, and has brought nothing else."""

import importlib.metadata
import os
from pathlib import Path

import serfiq

assessment = serfiq.Scorer()(Path(os.environ["SERFIQ_PORTRAITS"]) / "person_a_1.jpg")
assert assessment.status == "ok" and 0 < assessment.raw <= 1 and 0 <= assessment.quality <= 100, assessment

brought = {distribution.name.lower() for distribution in importlib.metadata.distributions()} - {"pip", "setuptools", "wheel"}
assert brought == {"serfiq", "numpy"}, brought
files = {str(file) for file in importlib.metadata.files("serfiq")}
for name in ["LICENSE-MIT", "LICENSE-APACHE", "MODELS.txt", "THIRD-PARTY.txt"]:
    assert any(file.endswith(name) for file in files), (name, files)
