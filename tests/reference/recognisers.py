"""Writes three recognisers with random weights, `recognisers/*.onnx`, and onnxruntime's results for them, `recognisers.json`.

Each network imitates how one family of recognisers is exported. Nothing was trained, so no weights need a licence or a download.
The committed files are skeletons: a tensor of random weights holds two values, `low` and `high`, although its dims ask for more.
`fill` draws the weights: element i is `low + (high - low) * u`, computed in f64 and rounded to f32. `u` is `(word >> 8) / 2^24`,
and `word` is word i % 4 of Philox4x32-10 with counter (i / 4, 0, 0, 0) and key (CRC-32 of the tensor's name, 0).
"""

import argparse
import json
import math
import sys
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from models import CROP, monte_carlo, read_picture, session, sha256, versions
from philox import philox4x32, scaled_masks
from reference import PORTRAITS, digits, write

HERE = Path(__file__).parent
SEED, PASSES = 1, 100
CROPS = [f"{name.split('.')[0]}__none" for name in PORTRAITS] + ["astronaut__blur", "person_a_1__occlusion"]


# Skeletons


def is_skeleton(tensor: TensorProto) -> bool:
    return tensor.data_type == TensorProto.FLOAT and len(tensor.float_data) == 2 != math.prod(tensor.dims)


def draw(name: str, dims: list[int], low: float, high: float) -> np.ndarray:
    elements = math.prod(dims)
    counter = np.zeros((-(-elements // 4), 4), np.uint32)
    counter[:, 0] = np.arange(len(counter))
    words = philox4x32(counter, (zlib.crc32(name.encode()), 0)).reshape(-1)[:elements]
    u = (words >> 8).astype(np.float64) * 2.0**-24
    return (low + (high - low) * u).astype(np.float32).reshape(dims)


def fill(skeleton: onnx.ModelProto) -> tuple[onnx.ModelProto, str]:
    """The model with its weights, and the SHA-256 of all drawn values: little-endian f32, in the order of the file."""
    model = onnx.ModelProto()
    model.CopyFrom(skeleton)
    drawn = b""
    for tensor in model.graph.initializer:
        if is_skeleton(tensor):
            values = draw(tensor.name, list(tensor.dims), *tensor.float_data)
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
            drawn += values.astype("<f4").tobytes()
    return model, sha256(drawn)


class Graph:
    """A graph under construction: each method appends nodes and returns its output's name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[TensorProto] = []

    def random(self, name: str, dims: list[int], low: float, high: float) -> str:
        if math.prod(dims) < 3:
            raise ValueError(f"{name} has {math.prod(dims)} elements: a skeleton needs at least 3, to differ from a whole tensor")
        self.tensors.append(TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims, float_data=[low, high]))
        return name

    def weight(self, name: str, dims: list[int], fan_in: int, gain: float) -> str:
        """Uniform weights that multiply the variance of their input by gain^2."""
        bound = gain * math.sqrt(3 / fan_in)
        return self.random(name, dims, -bound, bound)

    def whole(self, name: str, values: Any, dtype: type = np.float32) -> str:
        """A tensor stored with all its values. An existing name is shared."""
        if all(tensor.name != name for tensor in self.tensors):
            self.tensors.append(numpy_helper.from_array(np.array(values, dtype), name))
        return name

    def constant(self, name: str, values: Any, dtype: type = np.float32) -> str:
        """A Constant node, as PyTorch's exporter writes scalars and shapes."""
        value = numpy_helper.from_array(np.array(values, dtype))
        self.nodes.append(helper.make_node("Constant", [], [name], name, value=value))
        return name

    def node(self, op: str, name: str, *inputs: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, list(inputs), [name], name, **attributes))
        return name

    def model(
        self, name: str, inputs: dict[str, list[Any]], output: tuple[str, list[Any]], opset: int, ir: int
    ) -> onnx.ModelProto:
        declared = [helper.make_tensor_value_info(n, TensorProto.FLOAT, dims) for n, dims in inputs.items()]
        graph = helper.make_graph(
            self.nodes, name, declared, [helper.make_tensor_value_info(output[0], TensorProto.FLOAT, output[1])], self.tensors
        )
        opsets = [helper.make_opsetid("", opset)]
        return helper.make_model(graph, producer_name="tests/reference/recognisers.py", ir_version=ir, opset_imports=opsets)


# Networks

# The running means of the last batch norm are drawn from -SPREAD..SPREAD and shift all embeddings by one vector. Untrained
# weights respond to dropout as strongly as to a face, which puts raw scores below 0.7. The shift brings them to 0.75 to 0.9.
IRESNET_SPREAD, SQUEEZE_SPREAD, VIT_SPREAD = 13.0, 15.0, 3.5


def iresnet() -> onnx.ModelProto:
    """ArcFace's residual network as MXNet exports it: gammas of 1, constants listed as inputs, pixels scaled in the graph."""
    graph = Graph()

    def norm(name: str, x: str, channels: int, beta: str | None = None, spread: float = 0.3) -> str:
        gamma = graph.whole(f"{name}_gamma", np.ones(channels))
        beta = beta or graph.random(f"{name}_beta", [channels], -0.2, 0.2)
        mean = graph.random(f"{name}_moving_mean", [channels], -spread, spread)
        variance = graph.random(f"{name}_moving_var", [channels], 0.5, 1.5)
        return graph.node("BatchNormalization", name, x, gamma, beta, mean, variance, epsilon=2e-5, momentum=0.9)

    def convolution(name: str, x: str, source: int, target: int, kernel: int, stride: int) -> str:
        weight = graph.weight(f"{name}_weight", [target, source, kernel, kernel], source * kernel**2, 1.0)
        pad = kernel // 2
        return graph.node(
            "Conv", name, x, weight, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, dilations=[1, 1], group=1
        )

    def prelu(name: str, x: str, channels: int) -> str:
        return graph.node("PRelu", name, x, graph.random(f"{name}_gamma", [channels, 1, 1], -0.2, 0.5))

    def unit(name: str, x: str, source: int, target: int, stride: int) -> str:
        y = norm(f"{name}_bn1", x, source)
        y = convolution(f"{name}_conv1", y, source, target, 3, 1)
        y = prelu(f"{name}_relu1", norm(f"{name}_bn2", y, target), target)
        # The norms before the sum share one beta of zeros for each width.
        zeros = graph.whole(f"zeros_{target}", np.zeros(target))
        y = norm(f"{name}_bn3", convolution(f"{name}_conv2", y, target, target, 3, stride), target, zeros)
        if stride == 2:
            x = norm(f"{name}_sc", convolution(f"{name}_conv1sc", x, source, target, 1, 2), target, zeros)
        return graph.node("Add", f"{name}_plus", y, x)

    x = graph.node("Sub", "minusscalar0", "data", graph.whole("scalar_op1", [127.5]))
    x = graph.node("Mul", "mulscalar0", x, graph.whole("scalar_op2", [1 / 128]))
    widths, units = [16, 32, 48, 64], [1, 2, 2, 1]
    x = prelu("relu0", norm("bn0", convolution("conv0", x, 3, widths[0], 3, 1), widths[0]), widths[0])
    source = widths[0]
    for stage, (width, count) in enumerate(zip(widths, units), 1):
        for index in range(count):
            x = unit(f"stage{stage}_unit{index + 1}", x, source, width, 2 if index == 0 else 1)
            source = width
    x = norm("bn1", x, source)
    x = graph.node("Flatten", "flatten0", graph.node("Dropout", "dropout0", x, ratio=0.4), axis=1)
    size, features = 256, source * 7 * 7
    weight = graph.weight("pre_fc1_weight", [size, features], features, 1.0)
    bias = graph.whole("pre_fc1_bias", np.zeros(size))
    x = graph.node("Gemm", "pre_fc1", x, weight, bias, alpha=1.0, beta=1.0, transA=0, transB=1)
    x = norm("fc1", x, size, graph.whole("fc1_beta", np.zeros(size)), spread=IRESNET_SPREAD)
    inputs = {"data": [1, 3, CROP, CROP]} | {tensor.name: list(tensor.dims) for tensor in graph.tensors}
    return graph.model("iresnet", inputs, (x, [1, size]), opset=11, ir=4)


def squeeze_excite() -> onnx.ModelProto:
    """MobileNetV3 with two Ghost modules as PyTorch exports them: each spelling of the hard activations, and no Dropout."""
    graph = Graph()

    def convolution(name: str, x: str, source: int, target: int, kernel: int = 1, stride: int = 1, *, bias: bool = True,
                    group: int = 1, pads: list[int] | None = None) -> str:  # fmt: skip
        fan_in = source // group * kernel**2
        inputs = [graph.weight(f"{name}.weight", [target, source // group, kernel, kernel], fan_in, 1.5)]
        if bias:
            inputs.append(graph.random(f"{name}.bias", [target], -0.2, 0.2))
        pads = pads or [kernel // 2] * 4
        return graph.node(
            "Conv", name, x, *inputs, dilations=[1, 1], group=group, kernel_shape=[kernel] * 2, pads=pads, strides=[stride] * 2
        )

    def norm(name: str, x: str, channels: int, spread: float = 0.3) -> str:
        ranges = {"weight": (0.7, 1.3), "bias": (-0.2, 0.2), "running_mean": (-spread, spread), "running_var": (0.5, 1.5)}
        inputs = [graph.random(f"{name}.{part}", [channels], *bounds) for part, bounds in ranges.items()]
        return graph.node("BatchNormalization", name, x, *inputs, epsilon=1e-5, momentum=0.9)

    def sixth(name: str, x: str) -> str:
        """min(max(x + 3, 0), 6) / 6, in four nodes."""
        y = graph.node("Add", f"{name}/Add", x, graph.constant(f"{name}/three", 3))
        y = graph.node("Clip", f"{name}/Clip", y, graph.constant(f"{name}/zero", 0), graph.constant(f"{name}/six", 6))
        return graph.node("Div", f"{name}/Div", y, graph.constant(f"{name}/divisor", 6))

    def swish_operator(name: str, x: str) -> str:
        return graph.node("HardSwish", name, x)

    def swish_sigmoid(name: str, x: str) -> str:
        return graph.node("Mul", name, x, graph.node("HardSigmoid", f"{name}/HardSigmoid", x, alpha=1 / 6))

    def swish_parts(name: str, x: str) -> str:
        return graph.node("Mul", name, x, sixth(name, x))

    def excite(name: str, x: str, channels: int, hidden: int, *, parts: bool = False, mean: bool = False) -> str:
        if mean:
            y = graph.node("ReduceMean", f"{name}/pool", x, axes=[2, 3], keepdims=1)
        else:
            y = graph.node("GlobalAveragePool", f"{name}/pool", x)
        y = graph.node("Relu", f"{name}/relu", convolution(f"{name}.fc1", y, channels, hidden))
        y = convolution(f"{name}.fc2", y, hidden, channels)
        y = sixth(f"{name}/scale", y) if parts else graph.node("HardSigmoid", f"{name}/scale", y, alpha=1 / 6)
        return graph.node("Mul", f"{name}/Mul", y, x)

    def ghost(name: str, x: str, source: int, target: int, *, relu: bool) -> str:
        """A 1x1 convolution makes half of the channels, a depthwise one the rest from those. Surplus channels are cut off."""
        half = -(-target // 2) + 4
        y = norm(f"{name}.primary.1", convolution(f"{name}.primary.0", x, source, half, bias=False), half)
        y = graph.node("Relu", f"{name}.primary.2", y) if relu else y
        z = norm(f"{name}.cheap.1", convolution(f"{name}.cheap.0", y, half, half, 3, group=half, bias=False), half)
        z = graph.node("Relu", f"{name}.cheap.2", z) if relu else z
        whole = graph.node("Concat", f"{name}/Concat", y, z, axis=1)
        bounds = [graph.constant(f"{name}/{part}", [value], np.int64) for part, value in
                  (("starts", 0), ("ends", target), ("axes", 1), ("steps", 1))]  # fmt: skip
        return graph.node("Slice", f"{name}/Slice", whole, *bounds)

    def inverted(name: str, x: str, source: int, middle: int, target: int, kernel: int, stride: int,
                 swish: Callable[[str, str], str], **squeeze: bool) -> str:  # fmt: skip
        y = swish(f"{name}.act1", convolution(f"{name}.expand", x, source, middle))
        y = swish(f"{name}.act2", convolution(f"{name}.depthwise", y, middle, middle, kernel, stride, group=middle))
        y = convolution(f"{name}.project", excite(f"{name}.se", y, middle, middle // 4, **squeeze), middle, target)
        return graph.node("Add", f"{name}/Add", x, y) if (source, stride) == (target, 1) else y

    x = swish_operator("stem.act", convolution("stem.conv", "input", 3, 16, 3, 2))
    # TensorFlow's "same" padding at stride 2: bottom and right only.
    x = graph.node("Relu", "first.act", convolution("first.depthwise", x, 16, 16, 3, 2, group=16, pads=[0, 0, 1, 1]))
    x = convolution("first.project", excite("first.se", x, 16, 8), 16, 24)
    x = inverted("block1", x, 24, 72, 24, 5, 1, swish_parts, parts=True)
    y = ghost("ghost1", x, 24, 60, relu=True)
    y = norm("ghost.norm", convolution("ghost.depthwise", y, 60, 60, 3, 2, group=60, bias=False), 60)
    y = ghost("ghost2", excite("ghost.se", y, 60, 16, parts=True), 60, 64, relu=False)
    x = norm("shortcut.1", convolution("shortcut.0", x, 24, 24, 3, 2, group=24, bias=False), 24)
    x = norm("shortcut.3", convolution("shortcut.2", x, 24, 64, bias=False), 64)
    x = graph.node("Add", "ghost/Add", y, x)
    x = inverted("block2", x, 64, 160, 64, 3, 1, swish_sigmoid, mean=True)
    x = inverted("block3", x, 64, 192, 96, 5, 2, swish_operator)
    features, size = 320, 128
    x = swish_parts("last.act", convolution("last.conv", x, 96, features))
    x = convolution("global.conv", x, features, features, 7, group=features, bias=False, pads=[0, 0, 0, 0])
    x = norm("global.norm", x, features)
    batch = graph.node("Gather", "flatten/Gather", graph.node("Shape", "flatten/Shape", x),
                       graph.constant("flatten/index", 0, np.int64), axis=0)  # fmt: skip
    batch = graph.node("Unsqueeze", "flatten/Unsqueeze", batch, graph.constant("flatten/axes", [0], np.int64))
    shape = graph.node("Concat", "flatten/Concat", batch, graph.constant("flatten/rest", [-1], np.int64), axis=0)
    x = graph.node("Reshape", "flatten/Reshape", x, shape)
    weight = graph.weight("fc.weight", [size, features], features, 1.0)
    x = graph.node("Gemm", "fc", x, weight, graph.random("fc.bias", [size], -0.2, 0.2), alpha=1.0, beta=1.0, transB=1)
    x = norm("embedding", x, size, spread=SQUEEZE_SPREAD)
    return graph.model("squeeze_excite", {"input": ["batch", 3, CROP, CROP]}, (x, ["batch", size]), opset=14, ir=7)


def vit() -> onnx.ModelProto:
    """A small vision transformer. Each block splits q, k and v in its own way; block 1 spells out LayerNormalization and Gelu."""
    graph = Graph()
    width, heads, patch = 128, 4, 14
    tokens, each = (CROP // patch) ** 2, width // heads

    def norm(name: str, x: str, *, parts: bool = False) -> str:
        gamma = graph.random(f"{name}.weight", [width], 0.7, 1.3)
        beta = graph.random(f"{name}.bias", [width], -0.2, 0.2)
        if not parts:
            return graph.node("LayerNormalization", name, x, gamma, beta, axis=-1, epsilon=1e-6)
        axes = graph.whole("last_axis", [-1], np.int64)
        mean = graph.node("ReduceMean", f"{name}/mean", x, axes, keepdims=1)
        centred = graph.node("Sub", f"{name}/Sub", x, mean)
        squares = graph.node("Pow", f"{name}/Pow", centred, graph.whole("two", 2))
        variance = graph.node("ReduceMean", f"{name}/variance", squares, axes, keepdims=1)
        deviation = graph.node(
            "Sqrt", f"{name}/Sqrt", graph.node("Add", f"{name}/epsilon", variance, graph.whole("epsilon", 1e-6))
        )
        scaled = graph.node("Mul", f"{name}/Mul", graph.node("Div", f"{name}/Div", centred, deviation), gamma)
        return graph.node("Add", name, scaled, beta)

    def linear(name: str, x: str, source: int, target: int, gain: float = 1.0) -> str:
        product = graph.node("MatMul", f"{name}/MatMul", x, graph.weight(f"{name}.weight", [source, target], source, gain))
        return graph.node("Add", name, graph.random(f"{name}.bias", [target], -0.1, 0.1), product)

    def reshape(name: str, x: str, *shape: int) -> str:
        return graph.node("Reshape", name, x, graph.whole(f"{name}_shape", shape, np.int64))

    def gathered(name: str, qkv: str) -> list[str]:
        """Reshape to five axes, Transpose, and one Gather each for q, k and v."""
        five = graph.node("Transpose", f"{name}/Transpose", reshape(f"{name}/Reshape", qkv, -1, tokens, 3, heads, each),
                          perm=[2, 0, 3, 1, 4])  # fmt: skip
        return [graph.node("Gather", f"{name}/{part}", five, graph.whole(f"index_{index}", index, np.int64), axis=0)
                for index, part in enumerate("qkv")]  # fmt: skip

    def split_first(name: str, qkv: str) -> list[str]:
        """The same with one Split and three Squeezes. The 0 in the shape keeps the length of the batch."""
        five = graph.node("Transpose", f"{name}/Transpose", reshape(f"{name}/Reshape", qkv, 0, tokens, 3, heads, each),
                          perm=[2, 0, 3, 1, 4])  # fmt: skip
        parts = [f"{name}/split_{part}" for part in "qkv"]
        graph.nodes.append(helper.make_node("Split", [five], parts, f"{name}/Split", axis=0, num_outputs=3))
        axis = graph.whole("first_axis", [0], np.int64)
        return [graph.node("Squeeze", f"{name}/{part}", split, axis) for part, split in zip("qkv", parts)]

    def split_last(name: str, qkv: str) -> list[str]:
        """Split the channels by explicit lengths, then Reshape and Transpose q, k and v with four axes."""
        parts = [f"{name}/split_{part}" for part in "qkv"]
        lengths = graph.whole(f"{name}_lengths", [width] * 3, np.int64)
        graph.nodes.append(helper.make_node("Split", [qkv, lengths], parts, f"{name}/Split", axis=-1))
        return [graph.node("Transpose", f"{name}/{part}", reshape(f"{name}/Reshape_{part}", split, 1, tokens, heads, each),
                           perm=[0, 2, 1, 3]) for part, split in zip("qkv", parts)]  # fmt: skip

    def attention(name: str, x: str, separate: Callable[[str, str], list[str]], *, scale_query: bool) -> str:
        # A gain above 1 sharpens the attention: nearly uniform attention would hide a missing scale.
        q, k, v = separate(name, linear(f"{name}.qkv", x, width, 3 * width, gain=1.7))
        if scale_query:
            q = graph.node("Mul", f"{name}/scale", q, graph.whole("scale", each**-0.5))
        logits = graph.node("MatMul", f"{name}/qk", q, graph.node("Transpose", f"{name}/k_transposed", k, perm=[0, 1, 3, 2]))
        if not scale_query:
            logits = graph.node("Div", f"{name}/scale", logits, graph.whole("divisor", each**0.5))
        mixed = graph.node("MatMul", f"{name}/mixed", graph.node("Softmax", f"{name}/Softmax", logits, axis=-1), v)
        back = graph.node("Transpose", f"{name}/back", mixed, perm=[0, 2, 1, 3])
        return linear(f"{name}.proj", reshape(f"{name}/heads", back, 1, tokens, width), width, width)

    def gelu(name: str, x: str, *, parts: bool) -> str:
        if not parts:
            return graph.node("Gelu", name, x)
        y = graph.node("Erf", f"{name}/Erf", graph.node("Div", f"{name}/Div", x, graph.whole("root_two", math.sqrt(2))))
        y = graph.node("Mul", f"{name}/Mul", x, graph.node("Add", f"{name}/Add", y, graph.whole("one", 1)))
        return graph.node("Mul", name, y, graph.whole("half", 0.5))

    def block(name: str, x: str, separate: Callable[[str, str], list[str]], *, parts: bool, scale_query: bool) -> str:
        y = attention(f"{name}.attn", norm(f"{name}.norm1", x, parts=parts), separate, scale_query=scale_query)
        x = graph.node("Add", f"{name}/Add_1", x, y)
        y = linear(f"{name}.mlp.fc1", norm(f"{name}.norm2", x, parts=parts), width, 3 * width, gain=1.5)
        y = linear(f"{name}.mlp.fc2", gelu(f"{name}.mlp.act", y, parts=parts), 3 * width, width, gain=1.5)
        return graph.node("Add", f"{name}/Add_2", x, y)

    weight = graph.weight("patch.weight", [width, 3, patch, patch], 3 * patch**2, 3.0)
    x = graph.node("Conv", "patch", "input", weight, graph.random("patch.bias", [width], -0.2, 0.2),
                   kernel_shape=[patch] * 2, strides=[patch] * 2)  # fmt: skip
    x = graph.node("Transpose", "tokens", reshape("patch/Reshape", x, 0, width, -1), perm=[0, 2, 1])
    x = graph.node("Add", "positions", x, graph.random("pos_embed", [1, tokens, width], -0.5, 0.5))
    x = block("blocks.0", x, gathered, parts=False, scale_query=True)
    x = block("blocks.1", x, split_first, parts=True, scale_query=False)
    x = block("blocks.2", x, split_last, parts=False, scale_query=True)
    x = graph.node("Flatten", "flatten", norm("norm", x), axis=1)
    x = graph.node("Dropout", "dropout", x, graph.whole("ratio", 0.3))
    size, features = 256, tokens * width
    weight = graph.weight("feature.weight", [size, features], features, 1.0)
    x = graph.node("Gemm", "feature", x, weight, graph.random("feature.bias", [size], -0.2, 0.2), transB=1)
    ranges = {"weight": (0.7, 1.3), "bias": (-0.2, 0.2), "running_mean": (-VIT_SPREAD, VIT_SPREAD), "running_var": (0.5, 1.5)}
    inputs = [graph.random(f"embedding.{part}", [size], *bounds) for part, bounds in ranges.items()]
    x = graph.node("BatchNormalization", "embedding", x, *inputs, epsilon=1e-5)
    return graph.model("vit", {"input": [1, 3, CROP, CROP]}, (x, [1, size]), opset=20, ir=9)


@dataclass
class Recogniser:
    """The network's model card. `probability`: the card must state it if the graph has no Dropout."""

    build: Callable[[], onnx.ModelProto]
    colour: str
    mean: float
    scale: float
    dropout: float
    features: list[int]
    probability: float | None = None


RECOGNISERS = [
    Recogniser(iresnet, "rgb", 0.0, 1.0, 0.4, [64, 7, 7]),
    Recogniser(squeeze_excite, "rgb", 127.5, 1 / 127.5, 0.4, [320], probability=0.4),
    Recogniser(vit, "bgr", 127.5, 1 / 127.5, 0.3, [64 * 128]),
]


# Answers


class Masked:
    """The whole graph, with its features multiplied by the input `mask`: in place of its Dropout, or before its last Gemm."""

    def __init__(self, recogniser: Recogniser, filled: onnx.ModelProto) -> None:
        model = onnx.ModelProto()
        model.CopyFrom(filled)
        graph = model.graph
        dropouts = [node for node in graph.node if node.op_type == "Dropout"]
        last = dropouts[0] if dropouts else [node for node in graph.node if node.op_type == "Gemm"][-1]
        features = last.input[0]
        multiplication = helper.make_node("Mul", [features, "mask"], [last.output[0] if dropouts else "masked"])
        graph.node.insert(list(graph.node).index(last), multiplication)
        if dropouts:
            graph.node.remove(last)
        else:
            last.input[0] = "masked"
        self.card = recogniser
        self.input = graph.input[0].name
        graph.input.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["passes", *recogniser.features]))
        graph.output[0].type.tensor_type.shape.dim[0].dim_param = "passes"
        graph.output.append(helper.make_tensor_value_info(features, TensorProto.FLOAT, [1, *recogniser.features]))
        self.names = [graph.output[0].name, features]
        self.session: onnxruntime.InferenceSession = session(model, 1)

    def run(self, crop: np.ndarray, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Embeddings [passes, size] under `masks` [passes, features], and the features."""
        pixels = crop[:, :, ::-1] if self.card.colour == "bgr" else crop
        data = (pixels.transpose(2, 0, 1)[None].astype(np.float32) - np.float32(self.card.mean)) * np.float32(self.card.scale)
        embeddings, features = self.session.run(self.names, {self.input: data, "mask": masks.reshape(-1, *self.card.features)})
        return embeddings, features.reshape(-1)


def measure(network: Masked, path: Path) -> dict[str, Any]:
    crop = read_picture(path)
    length = math.prod(network.card.features)
    whole, features = network.run(crop, np.ones((1, length), np.float32))
    masks = scaled_masks(SEED, range(PASSES), length, network.card.dropout)
    robustness = monte_carlo(network.run(crop, masks)[0])
    name = network.card.build.__name__
    print(f"{name:15} {path.stem:22} raw {robustness.raw:.4f}, spread of features {features.std():.3f}", file=sys.stderr)
    portrait, degradation = path.stem.split("__")
    return {
        "recogniser": name,
        "portrait": portrait,
        "degradation": degradation,
        "rgb_sha256": sha256(crop.tobytes()),
        "embedding": digits(whole[0], 6),
        "monte_carlo": {"seed": SEED, "passes": PASSES} | asdict(robustness),
    }


def check_crops(rows: list[dict[str, Any]]) -> None:
    """Raises unless the crops are the ones that `scores.json` was made from."""
    listed = {row["rgb_sha256"] for row in json.loads((HERE / "scores.json").read_text())["crops"]}
    for row in rows:
        if row["rgb_sha256"] not in listed:
            raise ValueError(f"{row['portrait']}__{row['degradation']}.png is not the crop in scores.json: write the crops again")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crops", type=Path, required=True, help="folder of PORTRAIT__DEGRADATION.png, 112 x 112")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of recognisers/ and recognisers.json")
    parser.add_argument("--filled", type=Path, help="also write the filled ONNX files into this folder")
    arguments = parser.parse_args()
    folders = [arguments.out / "recognisers"] + ([arguments.filled] if arguments.filled else [])
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    networks, rows = [], []
    for recogniser in RECOGNISERS:
        skeleton = recogniser.build()
        filled, weights = fill(skeleton)
        onnx.checker.check_model(filled, full_check=True)
        name = recogniser.build.__name__
        for folder, model in zip(folders, (skeleton, filled)):
            (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
        network = Masked(recogniser, filled)
        measured = [measure(network, arguments.crops / f"{crop}.png") for crop in CROPS]
        check_crops(measured)
        rows += measured
        networks.append({
            "name": name,
            "input": {
                "name": network.input, "layout": "nchw", "width": CROP, "height": CROP,
                "colour": recogniser.colour, "mean": recogniser.mean, "scale": recogniser.scale,
            },
            "dropout": recogniser.dropout,
            "probability": recogniser.probability,
            "features": math.prod(recogniser.features),
            "dimension": len(measured[0]["embedding"]),
            "weights_sha256": weights,
        })  # fmt: skip
    write(arguments.out / "recognisers.json", {"versions": versions(), "recognisers": networks, "crops": rows})


if __name__ == "__main__":
    main()
