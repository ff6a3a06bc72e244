"""Checks a report of `serfiq audit`, which compares groups of images, by recomputing it in the simplest way.

Takes the labels, `serfiq score --format csv` of the images, and, if the report has error rates, the pairs and
`serfiq embed --format csv`; computes every number from scratch with numpy, and compares it with the report's JSON file. Intervals
are redrawn with another generator, so they agree only as far as chance allows: to a fraction of their width. Run by hand:

    python3 audit.py labels.csv scores.csv report.json [pairs.csv embeddings.csv]
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np

from edc import first_faces

RESAMPLES = 2000


def rows(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def delta(ours, others):
    """Cliff's delta, pair by pair."""
    return np.sign(ours[:, None] - others[None, :]).mean()


def share_of_lowest(qualities, member, fraction):
    """Share of the group among the lowest; ties at the edge are averaged over every order."""
    wanted = fraction * len(qualities)
    edge = np.sort(qualities)[min(int(np.ceil(wanted - 1e-9)), len(qualities)) - 1]
    below, alike = qualities < edge, qualities == edge
    return (member[below].sum() + (wanted - below.sum()) * member[alike].mean()) / wanted


def of_group(qualities, member):
    """The statistics with an interval: the difference, Cliff's delta, and the group's relative frequency among the lowest."""
    ours, others = qualities[member], qualities[~member]
    if not len(ours) or not len(others):
        return [np.nan] * 5
    times = [share_of_lowest(qualities, member, fraction) / member.mean() for fraction in (0.05, 0.1, 0.2)]
    return [ours.mean() - others.mean(), delta(ours, others), *times]


def intervals(subjects, statistic):
    """Percentiles over resamples of the subjects, each with all of its images."""
    generator = np.random.default_rng(1)
    images_of = [np.flatnonzero(subjects == subject) for subject in np.unique(subjects)]
    drawn = []
    for _ in range(RESAMPLES):
        chosen = generator.integers(len(images_of), size=len(images_of))
        drawn.append(statistic(np.concatenate([images_of[subject] for subject in chosen])))
    return np.nanpercentile(np.array(drawn), [2.5, 97.5], axis=0).T


class Check:
    """Keeps the largest differences."""

    def __init__(self):
        self.of_numbers, self.of_ends = 0.0, 0.0

    def number(self, found, expected):
        if found is None or np.isnan(expected):
            assert found is None and np.isnan(expected), (found, expected)
            return
        self.of_numbers = max(self.of_numbers, abs(found - expected))

    def interval(self, found, expected):
        difference = np.abs(np.array(found) - expected).max()
        self.of_ends = max(self.of_ends, difference / (found[1] - found[0]))


def groups(report, labels, scores, root, check):
    raw = {row["image"]: scores[str(root / row["image"])]["raw"] for row in labels}
    for attribute in report["measures"][0]["attributes"]:
        name = attribute["name"]
        labelled = [row for row in labels if row[name]]
        assert attribute["unlabelled"] == len(labels) - len(labelled)
        scored = [row for row in labelled if raw[row["image"]]]
        qualities = np.array([float(raw[row["image"]]) for row in scored])
        subjects = np.array([row["subject"] for row in scored])
        of_image = np.array([row[name] for row in scored])
        for index, group in enumerate(attribute["groups"]):
            member = of_image == group["name"]
            ours = qualities[member]
            assert group["images"] == member.sum() and group["subjects"] == len(set(subjects[member]))
            assert group["images_without_a_score"] == sum(row[name] == group["name"] for row in labelled) - member.sum()
            check.number(group["summary"]["mean"], ours.mean())
            for key, at in (("q05", 5), ("q25", 25), ("median", 50), ("q75", 75), ("q95", 95)):
                check.number(group["summary"][key], np.percentile(ours, at))
            counts, _ = np.histogram(ours, bins=len(group["distribution"]), range=(qualities.min(), qualities.max()))
            assert np.abs(np.array(group["distribution"]) * member.sum() - counts).sum() <= 2, "an edge may round either way"
            for at in attribute["shares"]:
                check.number(at["shares"][index], share_of_lowest(qualities, member, at["fraction"]))
            few = len(set(subjects[member])) < 20, len(set(subjects[~member])) < 20
            assert group["small"] == few[0] and (group["difference"] is None) == any(few)
            if any(few):
                continue
            expected = of_group(qualities, member)
            found = [group["difference"], group["cliffs_delta"], *(lowest["times"] for lowest in group["among_lowest"])]
            ends = intervals(subjects, lambda drawn: of_group(qualities[drawn], member[drawn]))
            for estimate, value, of_value in zip(found, expected, ends, strict=True):
                check.number(estimate["value"], value)
                check.interval(estimate["interval"], of_value)
            print(f"{name} {group['name']}: {expected[0]:+.4f}, delta {expected[1]:+.3f}, lowest tenth {expected[3]:.2f}x")


def rates(report, labels, pairs, embeddings, root, check):
    def embedding(image):
        row = embeddings[str(root / image)]
        vector = [float(row[key]) for key in row if key.startswith("e") and key[1:].isdigit() and row["face"]]
        return np.array(vector) / np.linalg.norm(vector) if vector else None

    found = [(pair, embedding(pair["image_a"]), embedding(pair["image_b"])) for pair in pairs]
    compared = [(pair, float(a @ b)) for pair, a, b in found if a is not None and b is not None]
    mated = np.array([pair["same_person"] == "1" for pair, _ in compared])
    similarities = np.array([similarity for _, similarity in compared])
    impostors = np.sort(similarities[~mated])[::-1]
    threshold = impostors[int(report["recogniser"]["fmr"] * len(impostors) + 1e-9)]
    check.number(report["recogniser"]["threshold"], threshold)
    check.number(report["recogniser"]["fnmr"], (similarities[mated] <= threshold).mean())
    labelled = {row["image"]: row for row in labels}
    for attribute in report["measures"][0]["attributes"]:
        for group in attribute["groups"]:
            both = lambda pair: all(
                labelled.get(pair[key], {}).get(attribute["name"]) == group["name"] for key in ("image_a", "image_b")
            )
            inside = np.array([both(pair) for pair, _ in compared])
            missed, matched = similarities[inside & mated] <= threshold, similarities[inside & ~mated] > threshold
            found = group["rates"]
            counts = [found["mated"], found["missed"], found["non_mated"], found["false_matches"]]
            assert counts == [len(missed), missed.sum(), len(matched), matched.sum()], (group["name"], counts)
            for key, errors in (("fnmr", missed), ("fmr", matched)):
                value = found[key] and found[key]["value"]
                check.number(value, errors.mean() if len(errors) else np.nan)
            print(f"{attribute['name']} {group['name']}: {missed.sum()} of {len(missed)} missed")


def main():
    labels_path, scores_path, report_path, *of_pairs = sys.argv[1:]
    root, check = Path(labels_path).parent, Check()
    report, labels = json.loads(Path(report_path).read_text()), rows(labels_path)
    groups(report, labels, first_faces(scores_path), root, check)
    if of_pairs:
        rates(report, labels, rows(of_pairs[0]), first_faces(of_pairs[1]), root, check)
    print(f"largest difference: {check.of_numbers:.2g}; of the ends of intervals: {check.of_ends:.0%} of their width")
    sys.exit(check.of_numbers > 1e-6 or check.of_ends > 0.25)


if __name__ == "__main__":
    main()
