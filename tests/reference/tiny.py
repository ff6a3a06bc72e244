"""Writes the networks of `serfiq::example`: a recogniser and a detector of a few kilobytes, for examples and tests.

Neither knows anything about faces. The detector takes anything bright for a face; the recogniser's weights are drawn at random,
with a fixed seed. Both have the inputs, outputs and operators of real ones: the recogniser SFace's, the detector YuNet's.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).parents[2] / "src" / "example"
OPSET = helper.make_opsetid("", 13)
FLOAT = TensorProto.FLOAT

# The detector's geometry, in cells of 32 pixels: half the side of a face, and its landmarks around the centre.
STRIDES = (8, 16, 32)
SIDE = 4.0
LANDMARKS = ((-0.7, -0.6), (0.7, -0.6), (0.0, 0.1), (-0.6, 0.75), (0.6, 0.75))
# Channel mean over a face, 0 to 255: where the confidence begins to rise, and the further rise to full confidence.
DARK, BRIGHT = 40.0, 200.0


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, model in (("recogniser", recogniser()), ("detector", detector())):
        onnx.checker.check_model(model, full_check=True)
        (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())


def model(nodes, name, inputs, outputs, constants) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, name, inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[OPSET], ir_version=8)


def recogniser() -> onnx.ModelProto:
    """Two convolutions, a dropout and a fully connected layer, with 8-bit weights."""
    random = np.random.default_rng(0)
    nodes, constants = [], []

    def constant(name: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(value, name))
        return name

    def weights(name: str, shape: tuple[int, ...]) -> str:
        """Drawn so that a layer's outputs have the variance of its inputs."""
        drawn = random.normal(0.0, 1.0, shape) / np.sqrt(np.prod(shape[1:]))
        scale = np.abs(drawn).max() / 127
        integers = constant(f"{name}.integers", np.rint(drawn / scale).astype(np.int8))
        nodes.append(
            helper.make_node(
                "DequantizeLinear",
                [integers, constant(f"{name}.scale", np.array(scale, np.float32)), constant(f"{name}.zero", np.array(0, np.int8))],
                [name],
            )
        )
        return name

    def add(operator: str, inputs: list[str], output: str, **attributes) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    centred = add("Sub", ["data", constant("mean", np.array(127.5, np.float32))], "centred")
    pixels = add("Mul", [centred, constant("scale", np.array(1 / 127.5, np.float32))], "pixels")
    x = add("Conv", [pixels, weights("first", (6, 3, 8, 8))], "convolved", strides=[8, 8])
    x = add("PRelu", [x, constant("slope", np.full((6, 1, 1), 0.25, np.float32))], "active")
    x = add("Conv", [x, weights("second", (16, 6, 3, 3))], "features", strides=[3, 3])
    x = add("Flatten", [x], "flat")
    x = add("Dropout", [x, constant("ratio", np.array(0.4, np.float32))], "dropped")
    add("Gemm", [x, weights("last", (16, 256))], "embedding", transB=1)
    return model(
        nodes,
        "recogniser",
        [helper.make_tensor_value_info("data", FLOAT, [1, 3, 112, 112])],
        [helper.make_tensor_value_info("embedding", FLOAT, [1, 16])],
        constants,
    )


def detector() -> onnx.ModelProto:
    """The brightness around a cell says how likely it is the centre of a face; all else is constant."""
    nodes, constants, outputs = [], [], []

    def output(name: str, stride: int, pooled: str, weights: np.ndarray, bias: list[float]) -> None:
        constants.append(numpy_helper.from_array(weights.astype(np.float32).reshape(*weights.shape, 1, 1), f"{name}.weights"))
        constants.append(numpy_helper.from_array(np.array(bias, np.float32), f"{name}.bias"))
        nodes.append(helper.make_node("Conv", [pooled, f"{name}.weights", f"{name}.bias"], [f"{name}.planes"]))
        nodes.append(helper.make_node("Transpose", [f"{name}.planes"], [f"{name}.rows"], perm=[0, 2, 3, 1]))
        constants.append(numpy_helper.from_array(np.array([1, -1, len(bias)], np.int64), f"{name}.shape"))
        last = f"{name}.values" if len(bias) == 1 else name
        nodes.append(helper.make_node("Reshape", [f"{name}.rows", f"{name}.shape"], [last]))
        if len(bias) == 1:
            nodes.append(helper.make_node("Sigmoid", [last], [name]))
        outputs.append(helper.make_tensor_value_info(name, FLOAT, [1, (640 // stride) ** 2, len(bias)]))

    none = lambda channels: np.zeros((channels, 3))  # noqa: E731
    kinds = {
        "cls": lambda stride: (np.full((1, 3), 8 / BRIGHT / 3), [-8 * (DARK + BRIGHT / 2) / BRIGHT]) if stride == 32 else (none(1), [-9.0]),
        "obj": lambda stride: (none(1), [9.0]),
        "bbox": lambda stride: (none(4), [0.5, 0.5, np.log(SIDE), np.log(SIDE)]),
        "kps": lambda stride: (none(10), [0.5 + value for point in LANDMARKS for value in point]),
    }
    for stride in STRIDES:
        # The last stride averages over a whole face around each cell.
        kernel, pad = (160, 64) if stride == 32 else (stride, 0)
        nodes.append(
            helper.make_node(
                "AveragePool", ["input"], [f"mean_{stride}"], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, count_include_pad=1
            )
        )
    for kind, of in kinds.items():
        for stride in STRIDES:
            output(f"{kind}_{stride}", stride, f"mean_{stride}", *of(stride))
    return model(nodes, "detector", [helper.make_tensor_value_info("input", FLOAT, [1, 3, 640, 640])], outputs, constants)


if __name__ == "__main__":
    main()
