"""Learns what covers of a face do to the cells of a recogniser, and tests that on other people and other covers.

Reads the list of pictures that `covers.py` writes, and the cells that the example `cells` prints for them. Writes the
tables `[cells]` of the recogniser's card. Prints how many covers are reported, and how many false alarms there are.

A cell counts by two deviations from what clean faces have there, in robust standard deviations: its signal, and the
logarithm of its energy relative to the mean of all cells. A logistic regression over both and their squares tells which
cover is likeliest.
"""

import argparse
import csv
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

Array = np.ndarray

SIDE = 7
LABELS = ["none", "mouth", "eyes", "face"]
# Deviations are clamped to this, so that a single odd cell does not decide.
MOST = 6.0
# Strength of the ridge on weights of deviations in units of three, and on those of their squares.
RIDGE, UNIT = 1e-3, 3.0
# A cover is reported if it is likelier than none: above this logarithm of the odds.
LIMIT = 0.0
# Standard deviation of a normal distribution, as a multiple of its median deviation.
OF_NORMAL = 1.4826

# People who wear sunglasses or hold something in front of the face in the original picture, found by eye among those
# that were reported first. Their faces are not clean.
COVERED_ALREADY = {
    f"{name}.jpg"
    for name in (
        "Ain_Seppik_0001 Alisha_Richman_0001 Bono_0002 Bono_0003 Fernando_Vargas_0002 Fernando_Vargas_0004 "
        "Gerard_Tronche_0001 Gwendal_Peizerat_0002 Henry_Suazo_0001 Ismail_Cem_0001 Jack_Nicholson_0003 "
        "Janice_Goldfinger_0001 Jeremy_Greenstock_0007 Jessica_Lange_0001 Luis_Horna_0002 Marc_Anthony_0001 "
        "Mireya_Moscoso_0001 Oracene_Williams_0001 Ozzy_Osbourne_0002 Ozzy_Osbourne_0003 Richard_Gere_0010 "
        "Roy_Moore_0006 Samuel_Waksal_0002 Shania_Twain_0001 Sofyan_Dawood_0001 Stephan_Eberharter_0001 "
        "Thaksin_Shinawatra_0003 Todd_Parrott_0001 Victoria_Beckham_0002 Victoria_Beckham_0003 Wendy_Selig_0001 "
        "Will_Smith_0002 Zach_Safrin_0001"
    ).split()
}


class Pictures:
    """The pictures, with the two senses of each cell, `[pictures, 2, cells]`."""

    def __init__(self, covers: Path, cells: Path) -> None:
        known = {}
        for line in cells.read_text().splitlines():
            record = json.loads(line)
            if record["cells"]:
                known[record["file"]] = record["cells"]
        with covers.open(newline="") as file:
            rows = list(csv.DictReader(file))
        self.not_found = sum(row["file"] not in known for row in rows)
        rows = [row for row in rows if row["file"] in known and row["source"] not in COVERED_ALREADY]
        column = lambda name: np.array([row[name] for row in rows])  # noqa: E731
        self.kind, self.variant, self.label, self.split = map(column, ("kind", "variant", "label", "split"))
        self.share = column("share").astype(float)
        signal, energy = (np.array([known[row["file"]][name] for row in rows]) for name in ("signal", "energy"))
        self.senses = np.stack([signal, np.log(energy / energy.mean(1, keepdims=True))], axis=1)

    def of(self, split: str, *kinds: str) -> Array:
        return (self.split == split) & np.isin(self.kind, kinds)


def typical(senses: Array) -> tuple[Array, Array]:
    """Median and robust standard deviation of each cell, `[2, cells]`, alike for the two halves of a face."""
    senses = np.concatenate([senses, mirrored(senses)])
    median = np.median(senses, axis=0)
    return median, OF_NORMAL * np.median(np.abs(senses - median), axis=0)


def mirrored(senses: Array) -> Array:
    return senses.reshape(*senses.shape[:-1], SIDE, SIDE)[..., ::-1].reshape(senses.shape)


def deviations(senses: Array, median: Array, deviation: Array) -> Array:
    return np.clip((senses - median) / deviation, -MOST, MOST)


def terms(z: Array) -> Array:
    """Each deviation, its square, and a 1: `[pictures, 4 cells + 1]`."""
    flat = z.reshape(len(z), -1) / UNIT
    return np.hstack([flat, flat**2, np.ones((len(z), 1))])


def learn(z: Array, labels: Array) -> Array:
    """Weights `[terms, labels]` of a logistic regression, from faces and their mirror images."""
    x = terms(np.concatenate([z, mirrored(z)]))
    wanted = np.eye(len(LABELS))[np.tile([LABELS.index(label) for label in labels], 2)]

    def loss(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(x.shape[1], len(LABELS))
        logs = log_softmax(x @ weights, axis=1)
        ridge = np.vstack([weights[:-1], np.zeros((1, len(LABELS)))])
        gradient = x.T @ (np.exp(logs) - wanted) / len(x) + 2 * RIDGE * ridge
        return -(wanted * logs).sum() / len(x) + RIDGE * (ridge**2).sum(), gradient.ravel()

    start = np.zeros(x.shape[1] * len(LABELS))
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x.reshape(-1, len(LABELS))


def odds(z: Array, weights: Array) -> Array:
    """Logarithms of the odds of each cover against none, `[pictures, 3]`."""
    logits = terms(z) @ weights
    return logits[:, 1:] - logits[:, :1]


def report(told: Array, pictures: Pictures) -> None:
    alarm = told.max(1) > LIMIT
    right = alarm & (np.array(LABELS[1:])[told.argmax(1)] == pictures.label)

    def line(name: str, chosen: Array) -> None:
        print(f"| {name} | {chosen.sum()} | {100 * alarm[chosen].mean():.1f} % | {100 * right[chosen].mean():.1f} % |")

    tested = pictures.split == "test"
    large = (pictures.share > 0.25) & np.isin(pictures.label, LABELS[1:])
    print("\n| cover | faces | reported | by its right name |\n|---|---|---|---|")
    for kind in ("mask", "scarf", "sunglasses"):
        line(kind, tested & (pictures.kind == kind))
    for kind in ("hand", "hair", "patch", "phone"):
        line(f"{kind} over more than a quarter", tested & (pictures.kind == kind) & large)
    line("anything over more than a quarter", tested & large)
    print("\n| no cover | faces | reported nevertheless |\n|---|---|---|")
    for kind in ("clean", "harmless", "other"):
        chosen = tested & (pictures.kind == kind)
        print(f"| {kind} | {chosen.sum()} | {100 * alarm[chosen].mean():.1f} % |")
        for variant in sorted(set(pictures.variant[chosen]) - {""}):
            of_variant = chosen & (pictures.variant == variant)
            print(f"| {kind}: {variant} | {of_variant.sum()} | {100 * alarm[of_variant].mean():.1f} % |")


def numbers(values: Iterable[float]) -> str:
    values = [f"{value:.4g}" for value in values]
    lines = [", ".join(values[start : start + SIDE]) for start in range(0, len(values), SIDE)]
    return "[\n" + "".join(f"    {line},\n" for line in lines) + "]"


def tables(median: Array, deviation: Array, weights: Array) -> str:
    """The tables of the card. Weights are those of a cover relative to none, of deviations in standard deviations."""
    text = [
        "# What clean faces have in each cell of the features, by `tests/reference/cover.py` on LFW, View 1: medians, and",
        "# robust standard deviations. Energies are logarithms, relative to the mean of all cells.",
        f"[cells]\nrows = {SIDE}\ncolumns = {SIDE}",
    ]
    for name, sense in (("signal", 0), ("energy", 1)):
        text.append(f"{name} = {numbers(median[sense])}\n{name}_deviation = {numbers(deviation[sense])}")
    relative = weights[:, 1:] - weights[:, :1]
    for cover, column in zip(LABELS[1:], relative.T, strict=True):
        linear, squares = column[:-1].reshape(2, 2, -1) / np.array([UNIT, UNIT**2])[:, None, None]
        text.append(f"\n[cells.covers.{cover}]\nbias = {column[-1]:.4g}")
        for name, sense in (("signal", 0), ("energy", 1)):
            text.append(f"{name} = {numbers(linear[sense])}\n{name}_squared = {numbers(squares[sense])}")
    return "\n".join(text) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--covers", type=Path, required=True, help="covers.csv")
    parser.add_argument("--cells", type=Path, required=True, help="what the example `cells` printed for these pictures")
    parser.add_argument("--card", type=Path, required=True, help="card whose tables [cells] are replaced")
    arguments = parser.parse_args()

    pictures = Pictures(arguments.covers, arguments.cells)
    print(f"{len(pictures.kind)} pictures; no face was found in {pictures.not_found} more")
    median, deviation = typical(pictures.senses[pictures.of("train", "clean")])
    z = deviations(pictures.senses, median, deviation)
    taught = (pictures.split == "train") & (pictures.label != "some")
    weights = learn(z[taught], pictures.label[taught])
    report(odds(z, weights), pictures)

    card = arguments.card.read_text()
    before = card.split("# What clean faces have in each cell", 1)[0]
    arguments.card.write_text(before.rstrip() + "\n\n" + tables(median, deviation, weights))


if __name__ == "__main__":
    main()
