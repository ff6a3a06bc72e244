"""How often `too_dark` sends people with dark and with light faces back, at equal exposure.

    python tests/reference/exposure.py --serfiq PROGRAM --images FOLDER

The pictures are darkened in linear light, all by the same number of stops, and scored. The thirds are by the luminance of the face in the
original picture. That depends on the skin, and on the light in the picture, so it separates the faces further than skin alone would.
Needs NumPy and Pillow.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

STOPS = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
# The guide's limit, beyond which a picture is certainly too dark, and an earlier one to compare.
LIMITS = [0.015, 0.04]


def linear(samples: np.ndarray) -> np.ndarray:
    encoded = samples / 255.0
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def encoded(light: np.ndarray) -> np.ndarray:
    samples = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * samples).astype(np.uint8)


def records(program: Path, folder: Path) -> dict[str, dict]:
    output = subprocess.run([program, "score", "--format", "jsonl", folder], check=True, capture_output=True, text=True).stdout
    found = map(json.loads, output.splitlines())
    return {Path(record["path"]).stem: record for record in found if record.get("faces")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serfiq", type=Path, required=True)
    parser.add_argument("--images", type=Path, required=True)
    arguments = parser.parse_args()
    taken = records(arguments.serfiq, arguments.images)
    names = sorted(taken, key=lambda name: taken[name]["measures"]["light"]["luminance"])
    thirds = np.array_split(names, 3)
    print(f"{len(names)} faces; percent of the darkest third, the middle one and the lightest: reported as too dark, certainly or as a")
    print(f"suspicion; below {' and '.join(map(str, LIMITS))}; with a quality of 50 or more")
    for stops in STOPS:
        with tempfile.TemporaryDirectory() as folder:
            for path in arguments.images.iterdir():
                if path.stem in taken:
                    light = linear(np.asarray(Image.open(path).convert("RGB"))) * 2.0**-stops
                    Image.fromarray(encoded(light)).save(Path(folder) / f"{path.stem}.png", compress_level=1)
            darker = records(arguments.serfiq, Path(folder))
        known = [[darker[name] for name in third if name in darker] for third in thirds]
        judged = [
            lambda record: "too_dark" in record["issues"],
            *(lambda record, limit=limit: record["measures"]["light"]["luminance"] < limit for limit in LIMITS),
            lambda record: record["faces"][0]["quality"] >= 50,
        ]
        rates = [[100 * np.mean([judge(record) for record in third]) for third in known] for judge in judged]
        print(f"-{stops:.1f} stops: " + "; ".join(" ".join(f"{rate:5.1f}" for rate in thirds) for thirds in rates), flush=True)


if __name__ == "__main__":
    main()
