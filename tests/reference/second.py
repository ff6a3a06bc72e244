"""Writes `second.json`: onnxruntime's results for the recogniser that the tests add (`tests/recognisers/faceplugin.toml`), on the
uncut graph, whose last 1x1 convolution reads its input times a dropout mask."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from models import CROP, monte_carlo, read_picture, session, sha256, versions
from philox import scaled_masks
from reference import digits, write

HERE = Path(__file__).parent
MEAN, SCALE = 127.0, 1 / 128
DROPOUT = 0.4
SEED, PASSES = 1, 100


class Recogniser:
    def __init__(self, path: Path) -> None:
        model = onnx.load(path)
        graph = model.graph
        self.last = [node for node in graph.node if node.op_type == "Conv"][-1]
        features = self.last.input[0]
        constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self.weights = constants[self.last.input[1]].astype(np.float64)[:, :, 0, 0]
        self.bias = constants[self.last.input[2]].astype(np.float64)
        self.features = self.weights.shape[1]
        multiplication = helper.make_node("Mul", [features, "mask"], ["masked"])
        graph.node.insert(list(graph.node).index(self.last), multiplication)
        self.last.input[0] = "masked"
        # One embedding per pass; the graph has a single one.
        shape = next(node for node in graph.node if node.op_type == "Reshape").input[1]
        [constant] = [tensor for tensor in graph.initializer if tensor.name == shape]
        constant.CopyFrom(numpy_helper.from_array(np.array([-1, len(self.bias)], np.int64), shape))
        graph.input.append(helper.make_tensor_value_info("mask", onnx.TensorProto.FLOAT, ["passes", self.features, 1, 1]))
        graph.output[0].type.tensor_type.shape.dim[0].dim_param = "passes"
        graph.output.append(helper.make_tensor_value_info(features, onnx.TensorProto.FLOAT, [1, self.features, 1, 1]))
        self.names = [graph.output[0].name, features]
        self.session: onnxruntime.InferenceSession = session(model, 1)

    def run(self, crop: np.ndarray, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Embeddings [passes, 512] under `masks` [passes, 512], and the features [512]."""
        data = (crop.transpose(2, 0, 1)[None].astype(np.float32) - MEAN) * SCALE
        feed = {"input": data.astype(np.float32), "mask": masks.reshape(-1, self.features, 1, 1)}
        embeddings, features = self.session.run(self.names, feed)
        return embeddings, features.reshape(-1)

    def effective_dimensions(self, features: np.ndarray) -> float:
        """t^2 / tr(S^2), S the covariance under dropout across the mean."""
        mean = self.weights @ features + self.bias
        covariance = (self.weights * features.astype(np.float64) ** 2) @ self.weights.T
        unit = mean / np.linalg.norm(mean)
        across = np.eye(len(unit)) - np.outer(unit, unit)
        s = across @ covariance @ across
        return float(np.trace(s) ** 2 / np.trace(s @ s))


def measure(recogniser: Recogniser, path: Path) -> dict[str, Any]:
    crop = read_picture(path)
    if crop.shape != (CROP, CROP, 3):
        raise ValueError(f"{path.name} is {crop.shape[1]} x {crop.shape[0]}, expected {CROP} x {CROP}")
    whole, features = recogniser.run(crop, np.ones((1, recogniser.features), np.float32))
    masks = scaled_masks(SEED, range(PASSES), recogniser.features, DROPOUT)
    portrait, degradation = path.stem.split("__")
    return {
        "portrait": portrait,
        "degradation": degradation,
        "rgb_sha256": sha256(crop.tobytes()),
        "embedding": digits(whole[0], 6),
        "effective_dimensions": round(recogniser.effective_dimensions(features), 3),
        "monte_carlo": {"seed": SEED, "passes": PASSES} | asdict(monte_carlo(recogniser.run(crop, masks)[0])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="fr_feature.onnx")
    parser.add_argument("--crops", type=Path, required=True, help="folder of PORTRAIT__DEGRADATION.png, 112 x 112")
    parser.add_argument("--out", type=Path, default=HERE / "second.json")
    arguments = parser.parse_args()
    paths = sorted(arguments.crops.glob("*__*.png"))
    if not paths:
        raise FileNotFoundError(f"no PORTRAIT__DEGRADATION.png in {arguments.crops}")
    recogniser = Recogniser(arguments.model)
    crops = [measure(recogniser, path) for path in paths]
    write(arguments.out, {"versions": versions(), "dropout": DROPOUT, "crops": crops})


if __name__ == "__main__":
    main()
