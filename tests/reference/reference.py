"""Writes the reference for the Rust tests: `faces.json` (detector, alignment) and `scores.json` (recogniser, score)."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from models import CROP, DROPOUT, Detector, Recogniser, align, monte_carlo, read_picture, sha256, versions
from philox import scaled_masks

HERE = Path(__file__).parent
PORTRAITS = [
    "astronaut.png", "impostor_1.jpg", "impostor_2.jpg",
    "person_a_1.jpg", "person_a_2.jpg", "person_b_1.jpg", "person_b_2.jpg",
]  # fmt: skip
PIXELS = 400
SEEDS = (1, 42)
PASSES = 100
LONG_SEED, LONG_PASSES = 7, 4000


def digits(values: np.ndarray, significant: int) -> list[float]:
    return [float(f"{value:.{significant}g}") for value in np.asarray(values).reshape(-1)]


def write(path: Path, content: dict[str, Any]) -> None:
    """JSON with one portrait or crop per line."""
    lines = []
    for name, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join("    " + json.dumps(row) for row in value)
            lines.append(f"  {json.dumps(name)}: [\n{rows}\n  ]")
        else:
            lines.append(f"  {json.dumps(name)}: {json.dumps(value)}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def faces(models: Path, portraits: Path) -> dict[str, Any]:
    detector = Detector(models)
    positions = np.sort(np.random.default_rng(0).choice(CROP * CROP, PIXELS, replace=False))
    rows = []
    for name in PORTRAITS:
        picture = read_picture(portraits / name)
        found = detector.detect(picture)
        crop = align(picture, found[0].landmarks)
        rows.append({
            "file": name,
            "sha256": sha256((portraits / name).read_bytes()),
            "width": picture.shape[1],
            "height": picture.shape[0],
            "faces": [
                {
                    "box": digits(face.box, 7),
                    "landmarks": [digits(point, 7) for point in face.landmarks],
                    "confidence": round(face.confidence, 6),
                }
                for face in found
            ],
            "crop_rgb": crop.reshape(-1, 3)[positions].reshape(-1).tolist(),
        })  # fmt: skip
    # An index i stands for the pixel (x = i % 112, y = i / 112) of the largest face's crop.
    return {"versions": versions(), "crop_pixels": positions.tolist(), "portraits": rows}


def check_batch(recogniser: Recogniser, crop: np.ndarray) -> float:
    """Largest difference of one run with many masks from one run per mask, and from the folded head in f64."""
    masks = scaled_masks(SEEDS[0], range(10), recogniser.features, DROPOUT)
    batch, features = recogniser.run(crop, masks)
    one_by_one = np.concatenate([recogniser.run(crop, mask[None])[0] for mask in masks])
    folded = (masks * features).astype(np.float64) @ recogniser.weights.T + recogniser.bias
    return float(max(np.abs(batch - one_by_one).max(), np.abs(batch - folded).max()))


def measured(recogniser: Recogniser, crops: list[np.ndarray], seed: int, passes: int) -> list[dict[str, Any]]:
    return [
        {"seed": seed, "passes": passes} | asdict(monte_carlo(embeddings))
        for embeddings in recogniser.sample(crops, seed, passes)
    ]  # fmt: skip


def scores(models: Path, folder: Path) -> dict[str, Any]:
    recogniser = Recogniser(models)
    paths = sorted(folder.glob("*__*.png"))
    if not paths:
        raise FileNotFoundError(f"no PORTRAIT__DEGRADATION.png in {folder}")
    crops = [read_picture(path) for path in paths]
    for path, crop in zip(paths, crops):
        if crop.shape != (CROP, CROP, 3):
            raise ValueError(f"{path.name} is {crop.shape[1]} x {crop.shape[0]}, expected {CROP} x {CROP}")
    difference = check_batch(recogniser, crops[0])
    if difference > 1e-4:
        raise AssertionError(f"embeddings of batched and single runs differ by {difference}, expected at most 1e-4")
    by_seed = [measured(recogniser, crops, seed, PASSES) for seed in SEEDS]
    rows = []
    for path, crop, *runs in zip(paths, crops, *by_seed):
        portrait, degradation = path.stem.split("__")
        rows.append({
            "portrait": portrait,
            "degradation": degradation,
            "rgb_sha256": sha256(crop.tobytes()),
            "embedding": digits(recogniser.embed(crop)[0], 7),
            "monte_carlo": runs,
        })  # fmt: skip
    clean = [(row["portrait"], crop) for row, crop in zip(rows, crops) if row["degradation"] == "none"]
    runs = measured(recogniser, [crop for _, crop in clean], LONG_SEED, LONG_PASSES)
    long_run = [{"portrait": portrait} | run for (portrait, _), run in zip(clean, runs)]
    return {
        "versions": versions(), "dropout": DROPOUT, "batch_difference": difference, "crops": rows, "long_run": long_run,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["faces", "scores"])
    parser.add_argument("--models", type=Path, required=True, help="folder of the two ONNX files")
    parser.add_argument("--portraits", type=Path, help="folder of the seven portraits (faces)")
    parser.add_argument("--crops", type=Path, help="folder of PORTRAIT__DEGRADATION.png, 112 x 112 (scores)")
    parser.add_argument("--out", type=Path, help="default: faces.json or scores.json beside this file")
    arguments = parser.parse_args()
    folder = arguments.portraits if arguments.what == "faces" else arguments.crops
    if folder is None:
        parser.error(f"{arguments.what} needs --{'portraits' if arguments.what == 'faces' else 'crops'}")
    content = (faces if arguments.what == "faces" else scores)(arguments.models, folder)
    write(arguments.out or HERE / f"{arguments.what}.json", content)


if __name__ == "__main__":
    main()
