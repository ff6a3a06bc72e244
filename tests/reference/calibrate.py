"""Fits SFace's calibration (k, alpha, r) on the LFW development images, and measures whether the score is useful there.

Only the original images are fitted; degraded copies just show where on the scale they fall.

Writes only numbers: no picture, crop or embedding leaves this process.
"""

import argparse
import csv
import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from degrade import DEGRADATIONS
from models import (
    DROPOUT, Detector, Face, Head, Moments, Recogniser, align, monte_carlo, raw_score, read_picture, sha256, versions,
)  # fmt: skip

HERE = Path(__file__).parent
DEGRADED_EVERY = 20  # every twentieth image is also measured in degraded copies
K_EVERY = 10  # every tenth image gives its k
SEED = 7
PERCENTILES = (0.1, 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9)
# The two points that fix the quality scale q = 100 / (1 + exp(-alpha (s - r))): percentile of s among the images, and its q.
POOR = (5, 50)
ORDINARY = (50, 90)
DISCARDS = (0.0, 0.1, 0.2, 0.3)
FALSE_MATCH_RATES = (1e-2, 1e-3)


@dataclass
class Measured:
    """The recogniser's results for one crop."""

    name: str
    embedding: np.ndarray
    moments: Moments
    k: float | None


def central_face(faces: list[Face], width: int, height: int) -> Face:
    """LFW's subject: the largest face that contains the picture's centre, else the one nearest to it."""
    centre = np.array([width, height]) / 2
    holding = [face for face in faces if np.all(face.box[:2] <= centre) and np.all(centre <= face.box[:2] + face.box[2:])]
    if holding:
        return max(holding, key=lambda face: face.area)
    return min(faces, key=lambda face: float(np.linalg.norm(face.box[:2] + face.box[2:] / 2 - centre)))


def load_crops(models: Path, images: list[Path]) -> tuple[dict[str, np.ndarray], list[str]]:
    """Aligned crops by file name, and the names of the images without a detected face."""
    detector = Detector(models)
    crops, missing = {}, []
    for path in images:
        picture = read_picture(path)
        faces = detector.detect(picture)
        if faces:
            crops[path.name] = align(picture, central_face(faces, picture.shape[1], picture.shape[0]).landmarks)
        else:
            missing.append(path.name)
    return crops, missing


def measure(recogniser: Recogniser, head: Head, crops: dict[str, np.ndarray], k_every: int) -> list[Measured]:
    measured = []
    for index, (name, crop) in enumerate(crops.items()):
        embedding, features = recogniser.embed(crop)
        k = head.effective_dimension(features) if index % k_every == 0 else None
        measured.append(Measured(name, embedding / np.linalg.norm(embedding), head.moments(features), k))
    return measured


def raws(measured: list[Measured], k: float) -> np.ndarray:
    return np.array([raw_score(one.moments.distance(k)) for one in measured])


def percentiles(values: np.ndarray) -> dict[str, float]:
    return {str(percent): round(float(np.percentile(values, percent)), 5) for percent in PERCENTILES}


def compare_with_monte_carlo(
    recogniser: Recogniser, crops: dict[str, np.ndarray], limit: dict[str, float], count: int
) -> dict[str, Any]:
    """Rank correlation and error of the limit, and of the paper's 100 passes, against 1000 passes."""
    names = list(crops)[:: max(1, len(crops) // count)][:count]
    chosen = [crops[name] for name in names]
    long = np.array([monte_carlo(embeddings).raw for embeddings in recogniser.sample(chosen, SEED, 1000)])
    short = np.array([monte_carlo(embeddings).raw for embeddings in recogniser.sample(chosen, SEED + 1, 100)])
    exact = np.array([limit[name] for name in names])

    def against_long(values: np.ndarray) -> dict[str, float]:
        error = values - long
        return {
            "rank_correlation": round(float(spearmanr(values, long).statistic), 5),
            "max_error": round(float(np.abs(error).max()), 6),
            "mean_error": round(float(error.mean()), 6),
        }

    return {"images": len(names), "limit": against_long(exact), "monte_carlo_100": against_long(short)}


def fit_quality(raw: np.ndarray) -> tuple[float, float]:
    """alpha and r: news photographs score 90 at their median and 50 at their 5th percentile."""
    low, high = (float(np.percentile(raw, percent)) for percent, _ in (POOR, ORDINARY))
    low_logit, high_logit = (float(np.log(q / (100 - q))) for _, q in (POOR, ORDINARY))
    alpha = (high_logit - low_logit) / (high - low)
    return float(f"{alpha:.3g}"), round(low - low_logit / alpha, 4)


def quality(raw: np.ndarray, alpha: float, r: float) -> np.ndarray:
    return 100 / (1 + np.exp(-alpha * (raw - r)))


def person(name: str) -> str:
    return name.rsplit("_", 1)[0]


def discard_curve(measured: list[Measured], scores: dict[str, float], pairs_csv: Path) -> dict[str, Any]:
    """False non-match rate after discarding the pairs whose worse image scores lowest.

    Thresholds come from every pair of two persons among the images (the listed ones are too few for 1e-3). Genuine pairs: the
    listed ones, and every pair of one person.
    """
    names = [one.name for one in measured]
    index = {name: position for position, name in enumerate(names)}
    cosines = np.stack([one.embedding for one in measured]).astype(np.float64)
    cosines = cosines @ cosines.T
    people = np.array([person(name) for name in names])
    first, second = np.triu_indices(len(names), 1)
    same = people[first] == people[second]
    impostors = cosines[first[~same], second[~same]]
    with pairs_csv.open() as file:
        rows = [(Path(row["image_a"]).name, Path(row["image_b"]).name, row["same_person"]) for row in csv.DictReader(file)]
    listed = np.array([(index[a], index[b]) for a, b, genuine in rows if genuine == "1" and a in index and b in index])
    worth = np.array([scores[name] for name in names])
    curves: dict[str, Any] = {"impostor_pairs": len(impostors)}
    for title, a, b in (("listed", listed[:, 0], listed[:, 1]), ("all", first[same], second[same])):
        genuine = cosines[a, b][np.argsort(np.minimum(worth[a], worth[b]))]
        curves[title] = {"genuine_pairs": len(genuine)}
        for rate in FALSE_MATCH_RATES:
            refused = genuine < np.quantile(impostors, 1 - rate)
            left = [refused[round(share * len(genuine)) :] for share in DISCARDS]
            curves[title][f"fnmr_at_fmr_{rate:g}"] = {
                f"discard_{share:g}": round(float(rest.mean()), 5) for share, rest in zip(DISCARDS, left)
            }  # fmt: skip
    return curves


def calibrate(models: Path, lfw: Path, compared: int) -> dict[str, Any]:
    images = sorted((lfw / "images").glob("*.jpg"))
    recogniser = Recogniser(models)
    head = Head(recogniser)
    crops, missing = load_crops(models, images)
    clean = measure(recogniser, head, crops, K_EVERY)
    chosen = list(crops.items())[::DEGRADED_EVERY]
    degraded = {
        name: measure(recogniser, head, {file: degrade(crop) for file, crop in chosen}, K_EVERY)
        for name, degrade in DEGRADATIONS.items()
    }  # fmt: skip
    ks = np.array([one.k for one in clean if one.k is not None])
    k = round(float(np.median(ks)), 1)
    clean_raw = raws(clean, k)
    limit = dict(zip(crops, clean_raw))
    degraded_raw = {name: raws(measured, k) for name, measured in degraded.items()}
    alpha, r = fit_quality(clean_raw)
    before = np.array([limit[file] for file, _ in chosen])
    return {
        "date": datetime.date.today().isoformat(),
        "versions": versions(),
        "images": {
            "what": "LFW View 1, deep-funnelled",
            "count": len(images),
            "names_sha256": sha256("\n".join(path.name for path in images).encode()),
            "without_face": missing,
            "degraded": len(chosen),
        },
        "dropout": DROPOUT,
        "k": {
            "median": k,
            "min": round(float(ks.min()), 1),
            "max": round(float(ks.max()), 1),
            "images": len(ks),
            "degraded_median": {
                name: round(float(np.median([one.k for one in measured if one.k is not None])), 1)
                for name, measured in degraded.items()
            },
        },
        "raw": percentiles(clean_raw),
        "quality_scale": {
            "rule": " and ".join(f"q = {q} at percentile {percent} of s" for percent, q in (POOR, ORDINARY)),
            "alpha": alpha,
            "r": r,
        },
        "quality": percentiles(quality(clean_raw, alpha, r)),
        "degraded": {
            name: {
                "median_raw": round(float(np.median(raw)), 5),
                "median_quality": round(float(quality(np.median(raw), alpha, r)), 1),
                "share_lowered": round(float((raw < before).mean()), 4),
            }
            for name, raw in degraded_raw.items()
        },
        "limit_against_monte_carlo_1000": compare_with_monte_carlo(recogniser, crops, limit, compared) if compared else None,
        "error_versus_discard": discard_curve(clean, limit, lfw / "pairs.csv"),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="folder of the two ONNX files")
    parser.add_argument("--lfw", type=Path, required=True, help="folder with pairs.csv and images/")
    parser.add_argument("--out", type=Path, default=HERE / "calibration.json")
    parser.add_argument("--compared", type=int, default=64, help="images for limit against Monte Carlo; 0: leave it out")
    arguments = parser.parse_args()
    report = json.dumps(calibrate(arguments.models, arguments.lfw, arguments.compared), indent=2)
    print(report)
    arguments.out.write_text(report + "\n")


if __name__ == "__main__":
    main()
