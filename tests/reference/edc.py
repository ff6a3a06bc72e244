"""Checks a report of `serfiq edc`, error versus discard, by recomputing it in the simplest way.

Takes `serfiq embed --format csv` and `serfiq score --format csv` of the images, computes every number from scratch with numpy,
and compares it with the report's JSON file. Run by hand:

    python3 edc.py pairs.csv embeddings.csv scores.csv report.json
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np


def first_faces(path):
    """The row of each image's largest face, keyed by the image's file name as given."""
    with open(path, newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file) if row["face"] in ("", "1")}


def curve(qualities, missed, fraction):
    """FNMR of the rest once at most this fraction is discarded; equal qualities are discarded together or not at all."""
    cuts = [q for q in np.unique(qualities) if np.mean(qualities < q) <= fraction + 1e-9]
    return np.mean(missed[qualities >= cuts[-1]])


def area(qualities, missed, to):
    """The integral of a step function, by its definition."""
    cuts = np.unique(qualities)
    starts = [np.mean(qualities < q) for q in cuts]
    ends = starts[1:] + [1.0]
    return sum(max(0.0, min(e, to) - s) * np.mean(missed[qualities >= q]) for q, s, e in zip(cuts, starts, ends))


def main():
    pairs_path, embeddings_path, scores_path, report_path = sys.argv[1:]
    root = Path(pairs_path).parent
    embeddings, scores = first_faces(embeddings_path), first_faces(scores_path)
    with open(pairs_path, newline="") as file:
        pairs = list(csv.DictReader(file))

    def embedding(image):
        row = embeddings[str(root / image)]
        if not row["face"]:
            return None
        vector = np.array([float(row[key]) for key in row if key.startswith("e") and key[1:].isdigit()])
        return vector / np.linalg.norm(vector)

    similarities, qualities, mated = [], [], []
    for pair in pairs:
        a, b = embedding(pair["image_a"]), embedding(pair["image_b"])
        if a is None or b is None:
            continue
        similarities.append(float(a @ b))
        qualities.append(min(float(scores[str(root / pair[key])]["raw"]) for key in ("image_a", "image_b")))
        mated.append(pair["same_person"] == "1")
    similarities, qualities, mated = np.array(similarities), np.array(qualities), np.array(mated)

    report = json.loads(Path(report_path).read_text())
    assert report["comparisons"]["mated"] == mated.sum() and report["comparisons"]["non_mated"] == (~mated).sum()
    impostors = np.sort(similarities[~mated])[::-1]
    worst = 0.0
    for at in report["at"]:
        threshold = impostors[int(at["fmr"] * len(impostors) + 1e-9)]
        missed = similarities[mated] <= threshold
        measure = at["measures"][0]
        ours = [at["threshold"], at["fnmr"], *(point["fnmr"] for point in measure["curve"])]
        ours += [of["area"] for of in measure["areas"]]
        expected = [threshold, missed.mean()]
        expected += [curve(qualities[mated], missed, point["discarded"]) for point in measure["curve"]]
        expected += [area(qualities[mated], missed, of["to"]) for of in measure["areas"]]
        worst = max(worst, float(np.abs(np.array(ours) - expected).max()))
        print(f"FMR {at['fmr']}: threshold {threshold:.4f}, FNMR {missed.mean():.4f}, areas {expected[-2:]}")
    print(f"largest difference: {worst:.2g}")
    sys.exit(worst > 1e-6)


if __name__ == "__main__":
    main()
