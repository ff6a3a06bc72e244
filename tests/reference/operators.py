"""Writes `operators.onnx-list`: tiny graphs, one per variant of an operator, with onnxruntime's results for each.

Each file is the graph that onnxruntime ran, plus constants that no node reads: `given:x`, the input, and `expected:NAME` for
each output NAME.
"""

import struct
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi import onnxruntime_pybind11_state

ARCHIVE = Path(__file__).parent / "operators.onnx-list"
MAX_FILE, MAX_ARCHIVE = 12_000, 1_000_000
LAST = 2**63 - 1  # what exporters write for "to the end" in a Slice
Pair = tuple[float, float]


# Building a case


@dataclass(frozen=True)
class Random:
    """A constant whose values are drawn when the case is built."""

    shape: tuple[int, ...]
    low: float
    high: float


def rand(*shape: int, low: float = -1.0, high: float = 1.0) -> Random:
    return Random(shape, low, high)


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def number(value: float) -> np.ndarray:
    """A constant of rank 0."""
    return np.array(value, np.float32)


Input = str | Random | np.ndarray | onnx.TensorProto


class Graph:
    """The nodes and constants of one case; an input is the name of a value, "" for an omitted one, or a constant."""

    def __init__(self, opset: int, seed: int) -> None:
        self.opset = opset
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.values = 0

    def draw(self, source: Random) -> np.ndarray:
        return self.random.uniform(source.low, source.high, source.shape).astype(np.float32)

    def constant(self, value: Random | np.ndarray | onnx.TensorProto) -> str:
        name = f"c{len(self.constants)}"
        if isinstance(value, Random):
            value = self.draw(value)
        if isinstance(value, onnx.TensorProto):
            value.name = name
        else:
            value = numpy_helper.from_array(value, name)
        self.constants.append(value)
        return name

    def add_all(self, op: str, *inputs: Input, outputs: int, **attributes: Any) -> list[str]:
        names = [value if isinstance(value, str) else self.constant(value) for value in inputs]
        results = [f"v{self.values + i}" for i in range(outputs)]
        self.values += outputs
        self.nodes.append(helper.make_node(op, names, results, **attributes))
        return results

    def add(self, op: str, *inputs: Input, **attributes: Any) -> str:
        return self.add_all(op, *inputs, outputs=1, **attributes)[0]

    # Operators whose axes were an attribute before the opset that made them an input.

    def _with_axes(self, op: str, inputs_since: int, data: Input, axes: Sequence[int], **attributes: Any) -> str:
        if self.opset < inputs_since:
            return self.add(op, data, axes=list(axes), **attributes)
        return self.add(op, data, ints(*axes), **attributes)

    def squeeze(self, data: Input, *axes: int) -> str:
        return self._with_axes("Squeeze", 13, data, axes)

    def unsqueeze(self, data: Input, *axes: int) -> str:
        return self._with_axes("Unsqueeze", 13, data, axes)

    def reduce(self, op: str, data: Input, *axes: int, keepdims: int = 1) -> str:
        return self._with_axes(op, 13 if op == "ReduceSum" else 18, data, axes, keepdims=keepdims)

    def slice(self, data: Input, start: int, end: int, axis: int) -> str:
        if self.opset < 10:
            return self.add("Slice", data, starts=[start], ends=[end], axes=[axis])
        return self.add("Slice", data, ints(start), ints(end), ints(axis))

    def split(self, data: Input, sizes: Sequence[int], axis: int) -> list[str]:
        if self.opset < 13:
            return self.add_all("Split", data, outputs=len(sizes), split=list(sizes), axis=axis)
        return self.add_all("Split", data, ints(*sizes), outputs=len(sizes), axis=axis)

    def clip(self, data: Input, low: float, high: float) -> str:
        if self.opset < 11:
            return self.add("Clip", data, min=float(low), max=float(high))
        return self.add("Clip", data, number(low), number(high))

    # Layers that several cases share.

    def size(self, data: str, axis: int) -> str:
        """One size of a value as a scalar, the way PyTorch exports `data.size(axis)`."""
        return self.add("Gather", self.add("Shape", data), np.array(axis, np.int64), axis=0)

    def sizes(self, *parts: str | int) -> str:
        """A shape assembled from scalars."""
        pieces = [self.unsqueeze(part, 0) if isinstance(part, str) else ints(part) for part in parts]
        return self.add("Concat", *pieces, axis=0)

    def conv(self, data: str, into: int, per_group: int, kernel: int, **attributes: Any) -> str:
        return self.add("Conv", data, rand(into, per_group, kernel, kernel), rand(into), **attributes)

    def norm(self, data: str, channels: int, gamma: Input | None = None, **attributes: Any) -> str:
        scale = rand(channels, low=0.3, high=1.7) if gamma is None else gamma
        others = rand(channels), rand(channels), rand(channels, low=0.4, high=2)
        return self.add("BatchNormalization", data, scale, *others, **attributes)


Outputs = str | list[str]


@dataclass(frozen=True)
class Case:
    operator: str
    variant: str
    opset: int
    shape: tuple[int, ...]
    build: Callable[[Graph], Outputs]
    span: Pair
    batch: int | str

    @property
    def name(self) -> str:
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in self.operator).strip("_")
        # A single capital is not a word of its own: prelu, lp_normalization.
        snake = snake.replace("p_relu", "prelu").replace("l_p_", "lp_")
        return f"{snake}_{self.variant}__opset{self.opset}"


Cases = Iterator[Case]
SPAN = (-2.0, 2.0)
POSITIVE = (0.2, 3.0)


def graph(
    operator: str, variant: str, opsets: Sequence[int], shape: tuple[int, ...], build: Callable[[Graph], Outputs],
    span: Pair = SPAN, batch: int | str = 1,
) -> Cases:  # fmt: skip
    """A case of several nodes for each opset; `span` bounds the values of x."""
    for opset in opsets:
        yield Case(operator, variant, opset, shape, build, span, batch)


def one(
    operator: str, variant: str, opsets: Sequence[int], shape: tuple[int, ...], *inputs: Input,
    outputs: int = 1, span: Pair = SPAN, **attributes: Any,
) -> Cases:  # fmt: skip
    """A case of a single node for each opset; without `inputs` it reads x alone."""

    def build(g: Graph) -> Outputs:
        return g.add_all(operator, *(inputs or ("x",)), outputs=outputs, **attributes)

    yield from graph(operator, variant, opsets, shape, build, span)


Variants = dict[str, dict[str, Any]]


def many(operator: str, opsets: Sequence[int], shape: tuple[int, ...], variants: Variants, **common: Any) -> Cases:
    """Single nodes that read x alone and differ in their attributes."""
    for variant, attributes in variants.items():
        yield from one(operator, variant, opsets, shape, **(common | attributes))


# Convolutions


def convolutions() -> Cases:
    # Variant: opsets, shape of x, shape of the weights, attributes.
    planes, line, every, main = (1, 4, 6, 5), (1, 4, 9), [7, 11, 22], [11]
    table: list[tuple[str, list[int], tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
        ("plain", every, planes, (3, 4, 3, 3), {"pads": [1, 1, 1, 1]}),
        ("no_pads", main, planes, (3, 4, 3, 3), {}),
        ("grouped", main, planes, (6, 2, 3, 3), {"group": 2, "pads": [1, 1, 1, 1]}),
        ("grouped_dilated", every, planes, (6, 2, 3, 2), {"group": 2, "dilations": [2, 3], "pads": [1, 2, 1, 0]}),
        ("grouped_strided", main, planes, (4, 2, 3, 3), {"group": 2, "strides": [2, 2], "pads": [1, 1, 1, 1]}),
        ("depthwise", every, planes, (4, 1, 3, 3), {"group": 4, "pads": [1, 1, 1, 1]}),
        ("depthwise_strided", main, planes, (4, 1, 3, 3), {"group": 4, "pads": [1, 1, 1, 1], "strides": [2, 2]}),
        ("depthwise_dilated", main, planes, (4, 1, 3, 3), {"group": 4, "pads": [2, 2, 2, 2], "dilations": [2, 2]}),
        ("depthwise_multiplier", main, planes, (8, 1, 3, 3), {"group": 4, "pads": [1, 1, 1, 1]}),
        ("depthwise_5x5", main, planes, (4, 1, 5, 5), {"group": 4, "pads": [2, 2, 2, 2]}),
        ("depthwise_1x1", main, planes, (4, 1, 1, 1), {"group": 4}),
        ("depthwise_whole_plane", main, planes, (4, 1, 6, 5), {"group": 4}),
        ("dilated", main, planes, (3, 4, 3, 2), {"dilations": [2, 1], "pads": [2, 0, 2, 1]}),
        ("stride_asymmetric", main, planes, (3, 4, 3, 3), {"strides": [2, 1], "pads": [1, 1, 1, 1]}),
        ("stride_beyond_kernel", main, planes, (3, 4, 2, 2), {"strides": [3, 4]}),
        ("pads_asymmetric", main, planes, (3, 4, 3, 3), {"pads": [0, 1, 2, 3]}),
        ("pads_asymmetric_strided", main, planes, (3, 4, 3, 3), {"pads": [0, 0, 1, 1], "strides": [2, 2]}),
        ("kernel_even", main, planes, (3, 4, 2, 4), {"pads": [1, 2, 0, 1]}),
        ("kernel_larger", main, planes, (2, 4, 5, 7), {"pads": [2, 3, 2, 3]}),
        ("kernel_beyond_plane", main, (1, 2, 3, 2), (2, 2, 5, 5), {"pads": [2, 2, 2, 2]}),
        ("1x1", main, planes, (5, 4, 1, 1), {}),
        ("1x1_strided", main, planes, (5, 4, 1, 1), {"strides": [2, 2]}),
        ("1x1_padded", main, planes, (5, 4, 1, 1), {"pads": [1, 0, 0, 1]}),
        ("1x1_grouped", main, planes, (6, 2, 1, 1), {"group": 2}),
        ("one_channel", main, (1, 1, 7, 6), (3, 1, 3, 3), {"pads": [1, 1, 1, 1]}),
        ("1d_plain", [7, 11], line, (3, 4, 3), {"pads": [1, 1]}),
        ("1d_grouped_dilated", main, line, (6, 2, 3), {"group": 2, "dilations": [2], "pads": [2, 1]}),
        ("1d_depthwise", main, line, (4, 1, 3), {"group": 4, "pads": [1, 1]}),
        ("1d_depthwise_multiplier", main, line, (8, 1, 3), {"group": 4}),
        ("1d_strided", main, line, (3, 4, 4), {"strides": [3], "pads": [0, 2]}),
        ("1d_1x1", main, line, (5, 4, 1), {}),
        ("1d_1x1_strided", main, line, (5, 4, 1), {"strides": [2]}),
        ("1d_kernel_beyond_line", main, (1, 2, 3), (2, 2, 7), {"pads": [3, 3]}),
    ]  # fmt: skip
    for auto_pad, (kind, shape, weights) in product(
        ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"), (("", planes, (2, 4, 3, 4)), ("1d_", line, (2, 4, 4)))
    ):
        table.append((f"{kind}auto_pad_{auto_pad.lower()}", main, shape, weights, {"auto_pad": auto_pad}))
        if auto_pad.startswith("SAME"):
            strides = [2, 3][: len(shape) - 2]
            attributes = {"auto_pad": auto_pad, "strides": strides}
            opsets = main if kind else every
            table.append((f"{kind}auto_pad_{auto_pad.lower()}_strided", opsets, shape, weights, attributes))
    for auto_pad in ("SAME_UPPER", "SAME_LOWER"):
        attributes = {"auto_pad": auto_pad, "dilations": [2, 1]}
        table.append((f"auto_pad_{auto_pad.lower()}_dilated", main, planes, (2, 4, 2, 2), attributes))
    for variant, opsets, shape, weights, attributes in table:
        attributes = {"kernel_shape": list(weights[2:])} | attributes
        yield from one("Conv", variant, opsets, shape, "x", rand(*weights), rand(weights[0]), **attributes)
    for variant, shape, weights, attributes in (
        ("no_bias", planes, (3, 4, 3, 3), {"pads": [1, 1, 1, 1]}),
        ("no_bias_1x1", planes, (3, 4, 1, 1), {}),
        ("no_bias_depthwise", planes, (4, 1, 3, 3), {"group": 4}),
        ("1d_no_bias", line, (3, 4, 3), {"pads": [1, 1]}),
    ):
        # These omit kernel_shape too; it follows from the weights.
        yield from one("Conv", variant, every if variant == "no_bias" else main, shape, "x", rand(*weights), **attributes)
    yield from graph("Conv", "weight_from_nodes", main, planes, lambda g: g.add(
        "Conv", "x", g.add("Mul", g.add("Constant", value=numpy_helper.from_array(g.draw(rand(3, 4, 2, 2)))), rand(3, 1, 1, 1)),
        g.add("Identity", rand(3)),
    ))  # fmt: skip
    yield from graph("Conv", "shared_weight", main, (1, 4, 5, 5), lambda g: (
        lambda weight: g.add("Conv", g.add("Conv", "x", weight, pads=[1, 1, 1, 1]), weight, rand(4), strides=[2, 2])
    )(g.constant(rand(4, 4, 3, 3))))  # fmt: skip


def transposed_convolutions() -> Cases:
    planes, line, every, main = (1, 4, 4, 3), (1, 4, 5), [7, 11, 22], [11]
    table: list[tuple[str, list[int], tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
        ("plain", every, planes, (4, 3, 3, 3), {}),
        ("strided", main, planes, (4, 3, 2, 2), {"strides": [2, 2]}),
        ("stride_asymmetric", main, planes, (4, 3, 3, 2), {"strides": [2, 3]}),
        ("stride_beyond_kernel", main, planes, (4, 2, 1, 2), {"strides": [2, 3]}),
        ("pads", main, planes, (4, 3, 3, 3), {"pads": [1, 1, 1, 1], "strides": [2, 2]}),
        ("pads_asymmetric", main, planes, (4, 2, 3, 3), {"pads": [0, 1, 2, 0], "strides": [2, 1]}),
        ("output_padding", every, planes, (4, 3, 3, 3), {"pads": [1] * 4, "strides": [2, 2], "output_padding": [1, 1]}),
        ("output_padding_asymmetric", main, planes, (4, 2, 2, 2), {"strides": [2, 3], "output_padding": [0, 2]}),
        ("grouped", main, planes, (4, 3, 3, 3), {"group": 2, "strides": [2, 2], "pads": [1, 1, 1, 1]}),
        ("depthwise", main, planes, (4, 1, 4, 4), {"group": 4, "strides": [2, 2], "pads": [1, 1, 1, 1]}),
        ("dilated", main, planes, (4, 2, 3, 2), {"dilations": [2, 1], "pads": [1, 0, 1, 0]}),
        ("grouped_dilated_strided", main, planes, (4, 2, 2, 2), {"group": 2, "dilations": [1, 2], "strides": [2, 1]}),
        ("1x1", main, planes, (4, 3, 1, 1), {}),
        ("1d_plain", main, line, (4, 3, 3), {}),
        ("1d_strided", main, line, (4, 3, 4), {"strides": [2], "pads": [1, 0]}),
        ("1d_output_padding", main, line, (4, 3, 3), {"strides": [3], "pads": [1, 1], "output_padding": [2]}),
        ("1d_grouped_dilated", main, line, (4, 1, 3), {"group": 2, "dilations": [2]}),
    ]  # fmt: skip
    for auto_pad, strides in product(("VALID", "SAME_UPPER", "SAME_LOWER"), ([1, 1], [2, 2])):
        # A kernel of 3 at stride 2 needs an odd amount of padding: SAME_UPPER and SAME_LOWER split it differently.
        variant = f"auto_pad_{auto_pad.lower()}" + ("_strided" if strides != [1, 1] else "")
        opsets = every if auto_pad.startswith("SAME") and strides != [1, 1] else main
        table.append((variant, opsets, planes, (4, 2, 3, 3), {"auto_pad": auto_pad, "strides": strides}))
        if auto_pad != "VALID":
            table.append((f"1d_{variant}", main, line, (4, 2, 3), {"auto_pad": auto_pad, "strides": strides[:1]}))
            attributes = {"auto_pad": auto_pad, "strides": strides, "output_shape": [5, 4] if strides == [1, 1] else [8, 6]}
            table.append((f"output_shape_{variant}", opsets, planes, (4, 2, 3, 3), attributes))
    table.append(("output_shape", every, planes, (4, 2, 3, 3), {"strides": [2, 2], "output_shape": [8, 6]}))
    table.append(("output_shape_larger", main, planes, (4, 2, 3, 3), {"strides": [3, 3], "output_shape": [13, 10]}))
    table.append(("1d_output_shape", main, line, (4, 2, 3), {"strides": [2], "output_shape": [10]}))
    for variant, opsets, shape, weights, attributes in table:
        into = weights[1] * attributes.get("group", 1)
        attributes = {"kernel_shape": list(weights[2:])} | attributes
        yield from one("ConvTranspose", variant, opsets, shape, "x", rand(*weights), rand(into), **attributes)
    yield from one("ConvTranspose", "no_bias", main, planes, "x", rand(4, 3, 2, 2), strides=[2, 2])


# Matrices


def matrices() -> Cases:
    rows = (1, 12)

    def gemm(bias: Input | None, trans_a: int = 0, trans_b: int = 0, **attributes: float) -> Callable[[Graph], Outputs]:
        """x as 3 rows of 4, times 4 x 5 numbers."""

        def build(g: Graph) -> Outputs:
            a = g.add("Reshape", "x", ints(4, 3) if trans_a else ints(3, 4))
            b = rand(5, 4) if trans_b else rand(4, 5)
            kept = {name: value for name, value in (("transA", trans_a), ("transB", trans_b)) if value}
            return g.add("Gemm", a, b, *([] if bias is None else [bias]), **kept, **attributes)

        return build

    biases: dict[str, Input | None] = {
        "none": None, "scalar": rand(), "one": rand(1), "row": rand(5), "row_2d": rand(1, 5), "column": rand(3, 1),
        "full": rand(3, 5),
    }  # fmt: skip
    for name, bias in biases.items():
        opsets = {"none": [11, 13], "row": [7, 9, 11, 13], "scalar": [7, 13]}.get(name, [13])
        yield from graph("Gemm", f"bias_{name}", opsets, rows, gemm(bias))
    for trans_a, trans_b in product((0, 1), (0, 1)):
        opsets = [7, 9, 11, 13] if (trans_a, trans_b) == (0, 1) else [13]
        scaled = gemm(rand(5), trans_a, trans_b, alpha=0.5, beta=-1.5)
        yield from graph("Gemm", f"scaled_trans_a{trans_a}_b{trans_b}", opsets, rows, scaled)
        yield from graph("Gemm", f"trans_a{trans_a}_b{trans_b}", [13], rows, gemm(rand(5), trans_a, trans_b))
    yield from one("Gemm", "one_row", [7, 13], (1, 6), "x", rand(4, 6), rand(4), transB=1)
    yield from one("Gemm", "one_column", [13], (1, 6), "x", rand(6, 1), rand(1), transB=0)
    yield from one("Gemm", "alpha_without_bias", [13], (1, 6), "x", rand(6, 4), alpha=0.25)
    yield from one("Gemm", "beta_zero", [13], (1, 6), "x", rand(6, 4), rand(4), beta=0.0)
    yield from one("Gemm", "constant_left", [13], (1, 6), rand(3, 1), "x", rand(6))
    yield from graph("Gemm", "both_computed", [13], rows, lambda g: (
        lambda a: g.add("Gemm", a, g.add("Tanh", a), rand(3), transB=1)
    )(g.add("Reshape", "x", ints(3, 4))))  # fmt: skip
    yield from graph("Gemm", "bias_computed", [13], (1, 6), lambda g: g.add("Gemm", "x", rand(6, 6), "x", alpha=2.0, beta=0.5))

    every = [7, 9, 13]
    yield from one("MatMul", "2d", every, (1, 4), "x", rand(4, 5))
    yield from one("MatMul", "3d_by_2d", every, (1, 3, 4), "x", rand(4, 5))
    yield from one("MatMul", "4d_by_2d", [13], (1, 2, 3, 4), "x", rand(4, 5))
    yield from one("MatMul", "one_number", [13], (1, 1, 1), "x", rand(1, 1, 5))
    yield from one("MatMul", "constant_left", every, (1, 3, 4), rand(5, 3), "x")
    yield from one("MatMul", "constant_left_batched", [13], (1, 2, 3, 4), rand(2, 5, 3), "x")
    yield from one("MatMul", "batched", [13], (1, 2, 3, 4), "x", rand(2, 4, 5))
    yield from one("MatMul", "broadcast_x", [13], (1, 1, 3, 4), "x", rand(2, 4, 5))
    yield from one("MatMul", "broadcast_x_2d", [13], (1, 4), "x", rand(2, 4, 3))
    yield from one("MatMul", "broadcast_constant", [13], (1, 2, 3, 4), "x", rand(1, 1, 4, 5))
    yield from one("MatMul", "vector_right", every, (1, 3, 4), "x", rand(4))
    yield from one("MatMul", "vector_left", every, (1, 3, 4), rand(3), "x")
    yield from one("MatMul", "vector_right_2d", [13], (1, 4), "x", rand(4))
    yield from graph("MatMul", "computed", every, (1, 2, 3, 4), lambda g: g.add(
        "MatMul", "x", g.add("Transpose", "x", perm=[0, 1, 3, 2]),
    ))  # fmt: skip
    yield from graph("MatMul", "computed_3d", [13], (1, 3, 4), lambda g: g.add(
        "MatMul", g.add("Transpose", "x", perm=[0, 2, 1]), "x",
    ))  # fmt: skip
    yield from graph("MatMul", "computed_broadcast", [13], (1, 2, 3, 4), lambda g: g.add(
        "MatMul", "x", g.add("Transpose", g.reduce("ReduceMean", "x", 1), perm=[0, 1, 3, 2]),
    ))  # fmt: skip
    yield from graph("MatMul", "computed_vector", [13], (1, 3, 4), lambda g: g.add(
        "MatMul", "x", g.add("Reshape", g.reduce("ReduceMean", "x", 1), ints(4)),
    ))  # fmt: skip
    yield from graph("MatMul", "computed_two_vectors", [13], (1, 4), lambda g: (
        lambda v: g.add("Reshape", g.add("MatMul", v, g.add("Tanh", v)), ints(1, 1))
    )(g.add("Reshape", "x", ints(4))))  # fmt: skip
    yield from graph("MatMul", "then_add", [13], (1, 3, 4), lambda g: g.add("Add", rand(5), g.add("MatMul", "x", rand(4, 5))))


# Normalisation


def normalisation() -> Cases:
    every = [7, 9, 14, 15]
    batch_norm = "BatchNormalization"
    for shape in ((1, 5), (1, 3, 4), (1, 3, 4, 5)):
        opsets = every if len(shape) == 4 else [7, 9, 15]
        yield from graph(batch_norm, f"{len(shape)}d", opsets, shape, lambda g, c=shape[1]: g.norm("x", c))
    planes = (1, 3, 5, 4)
    ones, twos = np.ones(3, np.float32), np.full(3, 2, np.float32)
    yield from graph(batch_norm, "epsilon", every, planes, lambda g: g.norm("x", 3, epsilon=0.1, momentum=0.5))
    yield from graph(batch_norm, "spatial", [7], planes, lambda g: g.norm("x", 3, spatial=1))
    yield from one(
        batch_norm, "not_spatial", [7], (1, 2, 3, 2), "x", rand(2, 3, 2), rand(2, 3, 2), rand(2, 3, 2), rand(2, 3, 2, low=0.4),
        spatial=0,
    )  # fmt: skip
    yield from graph(batch_norm, "equal_gammas", [15], planes, lambda g: g.norm("x", 3, gamma=twos))
    yield from graph(batch_norm, "unit_gammas", [9, 15], planes, lambda g: g.norm("x", 3, gamma=ones))
    yield from graph(batch_norm, "negative_gammas", [15], planes, lambda g: g.norm("x", 3, gamma=floats(-1.5, 0, 0.5)))
    yield from graph(batch_norm, "shared_constants", [15], planes, lambda g: (
        lambda same: g.add(batch_norm, "x", same, same, same, same)
    )(g.constant(rand(3, low=0.5))))  # fmt: skip

    pads = {"pads": [1, 1, 1, 1]}
    after: dict[str, Callable[[Graph], str]] = {
        "conv": lambda g: g.conv("x", 3, 3, 3, **pads),
        "conv_without_bias": lambda g: g.add("Conv", "x", rand(3, 3, 3, 3), **pads),
        "depthwise_conv": lambda g: g.conv("x", 3, 1, 3, group=3, **pads),
        "conv_transpose": lambda g: g.add("ConvTranspose", "x", rand(3, 3, 2, 2), rand(3), strides=[2, 2]),
        "conv_and_relu": lambda g: g.add("Relu", g.conv("x", 3, 3, 3, **pads)),
        "add": lambda g: g.add("Add", "x", g.conv("x", 3, 3, 1)),
    }
    for name, layer in after.items():
        opsets = [9, 15] if name == "conv" else [15]
        yield from graph(batch_norm, f"after_{name}", opsets, planes, lambda g, layer=layer: g.norm(layer(g), 3))
    yield from graph(batch_norm, "after_gemm", [9, 15], (1, 4), lambda g: g.norm(
        g.add("Gemm", "x", rand(3, 4), rand(3), transB=1), 3,
    ))  # fmt: skip
    yield from graph(batch_norm, "after_matmul", [15], (1, 4), lambda g: g.norm(g.add("MatMul", "x", rand(4, 3)), 3))

    def branched(g: Graph) -> Outputs:
        """Another node reads the convolution's result, so folding the norm into it would be wrong."""
        result = g.conv("x", 3, 3, 3, **pads)
        return g.add("Add", g.norm(result, 3), g.add("Tanh", result))

    yield from graph(batch_norm, "after_branching_conv", [15], planes, branched)
    # The convolution pads with zeros after the norm, so the norm's shift must not be folded into a bias.
    before: dict[str, Callable[[Graph], str]] = {
        "padded_conv": lambda g: g.conv(g.norm("x", 3), 2, 3, 3, **pads),
        "unpadded_conv": lambda g: g.conv(g.norm("x", 3), 2, 3, 3),
        "1x1_conv": lambda g: g.conv(g.norm("x", 3), 2, 3, 1),
        "padded_depthwise_conv": lambda g: g.conv(g.norm("x", 3), 3, 1, 3, group=3, **pads),
        "same_upper_conv": lambda g: g.conv(g.norm("x", 3), 2, 3, 3, auto_pad="SAME_UPPER"),
    }
    for name, build in before.items():
        yield from graph(batch_norm, f"before_{name}", [9, 15] if name == "padded_conv" else [15], planes, build)
    yield from graph(batch_norm, "before_gemm", [15], (1, 3, 2, 2), lambda g: g.add(
        "Gemm", g.add("Flatten", g.norm("x", 3)), rand(4, 12), rand(4), transB=1,
    ))  # fmt: skip
    yield from graph(batch_norm, "before_two_readers", [15], planes, lambda g: (
        lambda normed: g.add("Add", normed, g.conv(normed, 3, 3, 3, **pads))
    )(g.norm("x", 3)))  # fmt: skip
    yield from graph(batch_norm, "twice", [15], planes, lambda g: g.norm(g.norm("x", 3), 3))

    layer_norm, shape = "LayerNormalization", (1, 3, 4, 5)
    for axis in (-1, 1, -2):
        normed = shape[axis:]
        name = f"axis_{axis}".replace("-", "minus_")
        yield from one(layer_norm, name, [17], shape, "x", rand(*normed), rand(*normed), axis=axis)
        yield from one(layer_norm, f"{name}_no_bias", [17], shape, "x", rand(*normed), axis=axis)
    yield from one(layer_norm, "default_axis", [17], (1, 4, 6), "x", rand(6), rand(6), epsilon=0.1)
    yield from one(layer_norm, "2d", [17], (1, 6), "x", rand(6), rand(6), stash_type=1)
    yield from one(layer_norm, "broadcast_scale", [17], (1, 3, 4), "x", rand(4), rand(3, 1), axis=1)
    yield from graph(layer_norm, "channels_last", [17], (1, 4, 3, 2), lambda g: g.add("Transpose", g.add(
        layer_norm, g.add("Transpose", "x", perm=[0, 2, 3, 1]), rand(4), rand(4), epsilon=1e-6,
    ), perm=[0, 3, 1, 2]))  # fmt: skip
    for p, axis in product((1, 2), (1, 2, -1)):
        opsets = [7, 22] if axis == 1 else [7]
        name = f"p{p}_axis_{axis}".replace("-", "minus_")
        yield from one("LpNormalization", name, opsets, (1, 3, 4, 2), p=p, axis=axis)
    yield from one("LpNormalization", "defaults", [7, 22], (1, 6))
    yield from one("LpNormalization", "zeros", [22], (1, 6), span=(0.0, 0.0))
    yield from one("InstanceNormalization", "4d", [7, 22], (1, 3, 4, 5), "x", rand(3), rand(3))
    yield from one("InstanceNormalization", "3d", [7], (1, 3, 5), "x", rand(3), rand(3), epsilon=0.1)


# Activations


def activations() -> Cases:
    shape, wide = (1, 3, 2, 4), (-8.0, 8.0)
    for operator, opsets in {
        "Relu": [7, 13, 14], "Sigmoid": [7, 13], "Tanh": [7, 13], "Erf": [9, 13], "HardSwish": [14, 22], "Neg": [7, 13],
        "Abs": [7, 13], "Exp": [7, 13], "Reciprocal": [7, 13], "HardSigmoid": [7, 22], "LeakyRelu": [7, 16], "Gelu": [20],
    }.items():  # fmt: skip
        span = POSITIVE if operator == "Reciprocal" else (-4.0, 4.0)
        yield from one(operator, "4d", opsets, shape, span=span)
        yield from one(operator, "2d", opsets[-1:], (1, 7), span=span)
    for operator in ("Sqrt", "Log"):
        yield from one(operator, "4d", [7, 13], shape, span=POSITIVE)
    for operator in ("Sigmoid", "Tanh", "Gelu", "Erf"):
        # Far beyond where e^x is finite in f32.
        yield from one(operator, "far_values", [20], (1, 24), span=(-200.0, 200.0))
    yield from one("Exp", "far_values", [13], (1, 24), span=(-120.0, 20.0))
    for operator, opsets in {"Elu": [7, 22], "Softplus": [7, 22], "Mish": [18]}.items():
        yield from one(operator, "4d", opsets, shape, span=wide if operator == "Mish" else (-4.0, 4.0))
        yield from one(operator, "far_values", opsets[-1:], (1, 24), span=(-200.0, 200.0))
    yield from one("Elu", "alpha", [7], shape, alpha=0.3)
    yield from one("Gelu", "tanh", [20], shape, span=wide, approximate="tanh")
    yield from one("Gelu", "tanh_far_values", [20], (1, 24), span=(-200.0, 200.0), approximate="tanh")
    yield from one("Gelu", "none", [20], shape, span=wide, approximate="none")
    yield from one("LeakyRelu", "alpha", [7, 16], shape, alpha=0.2)
    yield from one("HardSigmoid", "alpha_beta", [7, 22], shape, span=wide, alpha=1 / 6, beta=0.5)
    yield from one("HardSigmoid", "beta", [7], shape, span=wide, beta=0.1)

    cube = (1, 4, 3, 4)
    slopes: dict[str, Input] = {
        "channels": rand(4, 1, 1), "one": rand(1), "full": rand(1, 4, 3, 4), "channels_4d": rand(1, 4, 1, 1), "scalar": rand(),
        # Broadcasting puts these on the last axis, although their number also matches the channels.
        "last_axis": rand(4), "without_batch": rand(4, 3, 4),
    }  # fmt: skip
    for name, slope in slopes.items():
        yield from one("PRelu", name, [7, 9, 16] if name in ("channels", "one") else [16], cube, "x", slope)
    yield from one("PRelu", "2d", [7, 16], (1, 6), "x", rand(6))
    yield from one("PRelu", "3d", [16], (1, 4, 3), "x", rand(4, 1))
    yield from graph("PRelu", "slope_computed", [16], cube, lambda g: g.add("PRelu", "x", g.add("GlobalAveragePool", "x")))

    for name, bounds in {"both": {"min": -1.0, "max": 1.5}, "min": {"min": -0.5}, "max": {"max": 0.5}, "neither": {}}.items():
        inputs = [number(bounds[bound]) if bound in bounds else "" for bound in ("min", "max")]
        inputs = inputs[: 1 + max((i for i, bound in enumerate(("min", "max")) if bound in bounds), default=-1)]
        yield from one("Clip", name, [7], shape, **bounds)
        yield from one("Clip", name, [11, 12, 13] if name == "both" else [11, 13], shape, "x", *inputs)
    yield from one("Clip", "relu6", [7], shape, span=(-10, 10), min=0.0, max=6.0)
    yield from one("Clip", "relu6", [13], shape, "x", number(0), number(6), span=(-10, 10))
    yield from one("Clip", "min_above_max", [13], (1, 9), "x", number(1), number(-1))
    yield from graph("Clip", "bounds_from_nodes", [13], shape, lambda g: g.add(
        "Clip", "x", g.add("Constant", value_float=-0.7), g.add("Cast", np.array(1, np.int64), to=TensorProto.FLOAT),
    ))  # fmt: skip

    def hard_swish(g: Graph) -> Outputs:
        return g.add("Div", g.add("Mul", "x", g.clip(g.add("Add", "x", number(3)), 0, 6)), number(6))

    def gelu(g: Graph) -> Outputs:
        inner = g.add("Add", g.add("Erf", g.add("Div", "x", number(2**0.5))), number(1))
        return g.add("Mul", g.add("Mul", "x", inner), number(0.5))

    yield from graph("HardSwish", "decomposed", [7, 11, 13], shape, hard_swish, wide)
    yield from graph("HardSwish", "by_hard_sigmoid", [13], shape, lambda g: g.add(
        "Mul", "x", g.add("HardSigmoid", "x", alpha=1 / 6, beta=0.5),
    ), wide)  # fmt: skip
    yield from graph("Gelu", "decomposed", [9, 13], shape, gelu)
    yield from graph("Sigmoid", "silu", [13], shape, lambda g: g.add("Mul", "x", g.add("Sigmoid", "x")))

    # Before opset 13 Softmax normalises over all axes from `axis` on; since then, over `axis` alone.
    for axis in (None, 1, 2, -1):
        name = "default_axis" if axis is None else f"axis_{axis}".replace("-", "minus_")
        attributes = {} if axis is None else {"axis": axis}
        yield from one("Softmax", name, [7, 11, 13], (1, 3, 4, 2), **attributes)
    yield from one("Softmax", "axis_0", [7, 13], (1, 3, 2), axis=0)
    yield from one("Softmax", "2d", [7, 11, 13], (1, 9))
    yield from one("Softmax", "3d_last_axis", [11, 13], (1, 4, 5), axis=2)
    yield from one("Softmax", "5d", [11], (1, 2, 3, 2, 2), axis=2)
    yield from one("Softmax", "far_values", [13], (1, 4, 5), span=(-200, 200), axis=-1)


# Arithmetic


def arithmetic() -> Cases:
    shape = (1, 3, 2, 4)
    away = {"low": 0.4, "high": 2.0}
    for operator in ("Add", "Sub", "Mul", "Div"):
        shapes = {
            "scalar": (), "one": (1,), "channels": (3, 1, 1), "channels_4d": (1, 3, 1, 1), "last_axis": (4,), "rows": (2, 1),
            "plane": (1, 2, 4), "full": shape, "ones_5d": (1, 1, 1, 1, 1),
        }  # fmt: skip
        for name, other in shapes.items():
            opsets = [7, 13, 14] if name == "channels" else [14]
            yield from one(operator, name, opsets, shape, "x", rand(*other, **away))
        for name in ("scalar", "channels"):
            left = rand(*shapes[name], **away)
            yield from one(operator, f"{name}_left", [14], shape, left, "x", span=POSITIVE)
        yield from one(operator, "constant_larger", [14], (1, 3, 1, 1), "x", rand(1, 3, 2, 4, **away))
        yield from one(operator, "constant_larger_left", [14], (1, 1, 4, 1), rand(3, 1, 2, **away), "x", span=POSITIVE)
        yield from one(operator, "both_grow", [14], (1, 3, 1, 5), "x", rand(4, 1, **away))
        yield from one(operator, "constant_of_higher_rank", [14], (1, 4), "x", rand(2, 3, 1, **away))
        yield from graph(operator, "computed", [7, 14], (1, 3, 4, 4), lambda g, operator=operator: g.add(
            operator, "x", g.add("Exp", g.add("Transpose", "x", perm=[0, 1, 3, 2])),
        ))  # fmt: skip
        yield from graph(operator, "computed_gate", [14], shape, lambda g, operator=operator: g.add(
            operator, "x", g.add("Sigmoid", g.add("GlobalAveragePool", "x")),
        ))  # fmt: skip
        yield from graph(operator, "computed_gate_left", [14], shape, lambda g, operator=operator: g.add(
            operator, g.add("Sigmoid", g.add("GlobalAveragePool", "x")), "x",
        ), POSITIVE)  # fmt: skip
        yield from graph(operator, "computed_both_grow", [14], shape, lambda g, operator=operator: g.add(
            operator, g.reduce("ReduceMean", "x", 2), g.add("Exp", g.reduce("ReduceMean", "x", 3)),
        ))  # fmt: skip
        yield from one(operator, "with_itself", [14], (1, 2, 3), "x", "x", span=POSITIVE)

    every = [7, 12, 13, 15]
    for name, exponent, span in (
        ("square", number(2), SPAN), ("root", number(0.5), POSITIVE), ("cube", number(3), SPAN),
        ("inverse", number(-1), POSITIVE), ("one_number", floats(2), SPAN),
        ("per_channel", floats(0.5, 2, -1.5).reshape(3, 1, 1), POSITIVE),
    ):  # fmt: skip
        yield from one("Pow", name, every if name == "square" else [7, 13], (1, 3, 4, 2), "x", exponent, span=span)
    yield from one("Pow", "cube_2d", [13], (1, 9), "x", number(3))
    yield from one("Pow", "inverse_square", [13], (1, 9), "x", number(-2), span=(0.5, 2.0))
    # Since opset 12 the exponent may have another type.
    yield from one("Pow", "integer_exponent", every[1:], (1, 3, 4, 2), "x", np.array(2, np.int64))
    yield from one("Pow", "integer_exponents", [13], (1, 3, 4, 2), "x", ints(2, 3))
    yield from one("Pow", "constant_base", [13], (1, 3, 2), number(2.5), "x")
    yield from graph("Pow", "computed_exponent", [13], (1, 3, 2), lambda g: g.add("Pow", g.add("Exp", "x"), "x"))

    for operator in ("Min", "Max", "Sum"):
        name = "constant_same_shape"
        yield from one(operator, name, [7], (1, 3, 4), "x", rand(1, 3, 4))
        yield from one(operator, "alone", [7, 13], (1, 3, 4))
        yield from one(operator, "three", [8, 12, 13], (1, 3, 4), "x", rand(3, 1), rand(4))
        yield from one(operator, "scalar", [8, 13], (1, 3, 4), "x", number(0.25))
        yield from one(operator, "constant_larger", [13], (1, 3, 1), number(0.1), "x", rand(2, 1, 4))
        yield from graph(operator, "computed", [7, 8, 13], (1, 3, 4), lambda g, operator=operator: g.add(
            operator, "x", g.add("Tanh", "x"), g.add("Neg", "x"),
        ))  # fmt: skip
    yield from one("Mean", "three", [8, 13], (1, 3, 4), "x", rand(3, 1), rand(4))
    yield from one("Mean", "alone", [8], (1, 3, 4))
    condition = np.array([[True], [False], [True]])
    yield from one("Where", "condition", [9, 16], (1, 3, 4), condition, "x", number(-3))
    yield from one("Where", "condition_larger", [16], (1, 3, 1), np.array([True, False, False, True]), "x", rand(3, 4))
    yield from one("Where", "condition_of_higher_rank", [16], (1, 4), np.array([[[True]], [[False]]]), "x", rand(1, 1, 1))
    yield from graph("Where", "computed", [16], (1, 3, 4), lambda g: g.add("Where", condition, g.add("Exp", "x"), "x"))


# Pooling and reduction


def pooling() -> Cases:
    planes, line = (1, 2, 7, 6), (1, 2, 9)
    kernel3, kernel = {"kernel_shape": [3, 3]}, {"kernel_shape": [3, 2]}
    everywhere: Variants = {
        "plain": kernel3,
        "strided": kernel3 | {"strides": [2, 2]},
        "stride_asymmetric": kernel | {"strides": [1, 3]},
        "pads": kernel3 | {"strides": [2, 2], "pads": [1, 1, 1, 1]},
        "pads_asymmetric": kernel3 | {"strides": [2, 1], "pads": [0, 1, 2, 0]},
        "auto_pad_valid": kernel3 | {"strides": [2, 2], "auto_pad": "VALID"},
        "auto_pad_same_upper": {"kernel_shape": [3, 4], "strides": [2, 2], "auto_pad": "SAME_UPPER"},
        "auto_pad_same_lower": {"kernel_shape": [3, 4], "strides": [2, 2], "auto_pad": "SAME_LOWER"},
        "auto_pad_same_upper_unstrided": {"kernel_shape": [2, 2], "auto_pad": "SAME_UPPER"},
        "auto_pad_same_lower_unstrided": {"kernel_shape": [2, 2], "auto_pad": "SAME_LOWER"},
    }
    # 7 x 6 at stride 2 or 4 leaves a remainder that only ceil_mode covers.
    ceil: Variants = {
        "ceil": kernel | {"strides": [4, 4], "ceil_mode": 1},
        "ceil_pads": kernel3 | {"strides": [2, 2], "pads": [1, 1, 1, 1], "ceil_mode": 1},
        "ceil_pads_asymmetric": kernel3 | {"strides": [3, 3], "pads": [0, 1, 0, 0], "ceil_mode": 1},
        # The last window would start inside the padding, so onnxruntime drops it.
        "ceil_window_in_padding": {"kernel_shape": [2, 2], "strides": [4, 3], "pads": [1, 1, 1, 1], "ceil_mode": 1},
        "ceil_exact": {"kernel_shape": [3, 2], "strides": [2, 2], "ceil_mode": 1},
    }
    dilated: Variants = {
        "dilated": kernel | {"dilations": [2, 3]},
        "dilated_pads": kernel | {"dilations": [2, 2], "pads": [2, 1, 1, 0], "strides": [2, 1]},
        "dilated_ceil": kernel | {"dilations": [2, 2], "strides": [2, 3], "ceil_mode": 1},
    }
    flat: Variants = {
        "1d": {"kernel_shape": [3], "strides": [2]},
        "1d_pads": {"kernel_shape": [4], "strides": [3], "pads": [0, 2]},
        "1d_same_lower": {"kernel_shape": [4], "strides": [2], "auto_pad": "SAME_LOWER"},
    }

    def some(variants: Variants, *names: str) -> Variants:
        return {name: variants[name] for name in names}

    # All values are negative, so padding with zeros would change the maximum.
    below = (-4.0, -1.0)
    yield from many("MaxPool", [8], planes, everywhere, span=below)
    yield from many("MaxPool", [7, 10, 11, 12, 22], planes, some(everywhere, "pads", "auto_pad_same_lower"), span=below)
    yield from many("MaxPool", [12], planes, ceil | dilated, span=below)
    changed = some(ceil | dilated, "ceil_window_in_padding", "dilated_pads")
    yield from many("MaxPool", [10, 11, 22], planes, changed, span=below)
    yield from many("MaxPool", [8, 12], line, flat, span=below)
    yield from many("MaxPool", [12], line, {
        "1d_dilated": {"kernel_shape": [3], "dilations": [2], "pads": [1, 1]},
        "1d_ceil": {"kernel_shape": [2], "strides": [3], "ceil_mode": 1},
    }, span=below)  # fmt: skip
    # The graph ignores the second output.
    yield from graph("MaxPool", "unread_indices", [12], planes, lambda g: g.add_all("MaxPool", "x", outputs=2, **kernel3)[0])

    yield from many("AveragePool", [7], planes, everywhere)
    yield from many("AveragePool", [10, 11, 19, 22], planes, some(everywhere, "pads_asymmetric", "auto_pad_same_upper"))
    yield from many("AveragePool", [11, 19], planes, ceil)
    yield from many("AveragePool", [10, 22], planes, some(ceil, "ceil_window_in_padding"))
    yield from many("AveragePool", [19], planes, dilated)
    yield from many("AveragePool", [22], planes, some(dilated, "dilated_pads"))
    yield from many("AveragePool", [7, 11], line, flat)
    counted = {
        f"{name}_count_pads": attributes | {"count_include_pad": 1}
        for name, attributes in (everywhere | ceil | dilated).items()
        if "pad" in name or "ceil" in name
    }
    early = {name: attributes for name, attributes in counted.items() if not attributes.keys() & {"ceil_mode", "dilations"}}
    later = {name: attributes for name, attributes in counted.items() if name not in early}
    yield from many("AveragePool", [7], planes, early)
    yield from many("AveragePool", [11], planes, {name: value for name, value in later.items() if "dilations" not in value})
    yield from many("AveragePool", [19], planes, later)
    yield from many("AveragePool", [22], planes, some(later, "ceil_pads_count_pads", "dilated_pads_count_pads"))
    yield from one("AveragePool", "1d_count_pads", [7, 11], line, kernel_shape=[4], strides=[3], pads=[0, 2], count_include_pad=1)
    yield from one("AveragePool", "whole_plane", [7], (1, 2, 3, 4), kernel_shape=[3, 4])
    for operator, shape in product(("GlobalAveragePool", "GlobalMaxPool"), (planes, line)):
        yield from one(operator, f"{len(shape)}d", [7, 22] if shape is planes else [7], shape, span=below)


def reductions() -> Cases:
    shape = (1, 3, 4, 2)
    axes_of: dict[str, list[int] | None] = {
        "channels": [1], "plane": [2, 3], "last": [-1], "unordered": [-1, 1], "batch": [0, 2], "all": None,
    }  # fmt: skip
    for operator in ("ReduceMean", "ReduceL2", "ReduceSum", "ReduceMax"):
        input_since = 13 if operator == "ReduceSum" else 18
        opsets = [7, 11, 13, 18] + ([12, 20] if operator == "ReduceMax" else [])
        for (name, axes), keepdims in product(axes_of.items(), (0, 1)):
            if name in ("last", "batch") and keepdims == 0:
                continue
            # Reductions over the plane run at every opset. The others run at 11, which allowed negative axes, and at the opset
            # that made axes an input.
            for opset in opsets if name == "plane" else [11, input_since]:
                attributes: dict[str, Any] = {} if keepdims and name == "plane" else {"keepdims": keepdims}
                inputs: list[Input] = ["x"]
                if axes is not None and opset >= input_since:
                    inputs.append(ints(*axes))
                elif axes is not None:
                    attributes["axes"] = axes
                variant = f"{name}_{'kept' if keepdims else 'dropped'}"
                yield from one(operator, variant, [opset], shape, *inputs, **attributes)
        for noop in (0, 1):
            yield from one(operator, f"empty_axes_noop{noop}", [input_since], shape, "x", ints(), noop_with_empty_axes=noop)
        yield from one(operator, "no_axes_noop", [input_since], shape, "x", noop_with_empty_axes=1)
        yield from graph(operator, "axes_from_node", [input_since], shape, lambda g, operator=operator: g.add(
            operator, "x", g.add("Constant", value_ints=[2, 3]), keepdims=0,
        ))  # fmt: skip

    for operator in ("ReduceL1", "ReduceMin", "ReduceSumSquare"):
        yield from one(operator, "plane_dropped", [7, 11], shape, axes=[2, 3], keepdims=0)
        yield from one(operator, "last_kept", [18], shape, "x", ints(-1))
        yield from one(operator, "no_axes_noop", [18], shape, "x", noop_with_empty_axes=1)

    def normalised(g: Graph) -> Outputs:
        """`torch.nn.functional.normalize` as PyTorch exports it."""
        length = g.reduce("ReduceL2", "x", 1)
        bounded = g.add("Clip", length, min=1e-12) if g.opset < 11 else g.add("Clip", length, number(1e-12))
        return g.add("Div", "x", g.add("Expand", bounded, g.add("Shape", "x")))

    yield from graph("ReduceL2", "normalize", [9, 11, 18], (1, 7), normalised)
    yield from graph("ReduceSum", "normalize", [11, 13], (1, 7), lambda g: g.add(
        "Div", "x", g.add("Sqrt", g.reduce("ReduceSum", g.add("Mul", "x", "x"), -1)),
    ))  # fmt: skip


# Moving values about


def moving() -> Cases:
    shape = (1, 3, 4, 5)

    # Padding before each axis, then after each axis.
    padding = {
        "zeros": ([0, 0, 1, 2, 0, 0, 0, 1], {}), "value": ([0, 1, 0, 2, 0, 0, 1, 0], {"value": -1.5}),
        "reflect": ([0, 0, 2, 1, 0, 0, 1, 3], {"mode": "reflect"}), "edge": ([0, 1, 2, 1, 0, 0, 1, 3], {"mode": "edge"}),
        "negative": ([0, 0, -1, 1, 0, 0, 0, -2], {}), "negative_value": ([0, -1, 2, 0, 0, 0, -1, -1], {"value": 0.5}),
    }  # fmt: skip
    for name, (pads, attributes) in padding.items():
        value = [number(attributes["value"])] if "value" in attributes else []
        mode = {key: text for key, text in attributes.items() if key == "mode"}
        yield from one("Pad", name, [7], shape, pads=pads, **attributes)
        opsets = [11, 13, 18, 19, 21] if name in ("value", "reflect") else [11, 18]
        yield from one("Pad", name, opsets, shape, "x", ints(*pads), *value, **mode)
    yield from one("Pad", "negative_edge", [11, 18], shape, "x", ints(0, 0, -1, 2, 0, 0, 1, -1), mode="edge")
    yield from one("Pad", "constant_mode", [11], shape, "x", ints(0, 0, 1, 1, 0, 0, 1, 1), "", mode="constant")
    yield from one("Pad", "axes", [18, 21], shape, "x", ints(1, 2, 0, 1), number(2), ints(3, 1))
    yield from one("Pad", "axes_negative", [18], shape, "x", ints(1, 0, 2, 1), "", ints(-2, -1))
    yield from one("Pad", "axes_reflect", [18], shape, "x", ints(2, 3), "", ints(2), mode="reflect")
    yield from one("Pad", "wrap", [19, 21], shape, "x", ints(0, 0, 1, 3, 0, 0, 2, 0), mode="wrap")
    yield from one("Pad", "reflect_far", [11], (1, 1, 3), "x", ints(0, 0, 2, 0, 0, 2), mode="reflect")
    yield from one("Pad", "negative_reflect", [18], (1, 1, 6), "x", ints(0, 0, -2, 0, 0, 2), mode="reflect")
    yield from graph("Pad", "before_conv", [11], shape, lambda g: g.conv(
        g.add("Pad", "x", ints(0, 0, 1, 1, 0, 0, 0, 1)), 2, 3, 3,
    ))  # fmt: skip
    yield from graph("Pad", "before_max_pool", [11], shape, lambda g: g.add(
        "MaxPool", g.add("Pad", "x", ints(0, 0, 1, 1, 0, 0, 1, 1)), kernel_shape=[3, 3], strides=[2, 2],
    ), (-4, -1))  # fmt: skip

    every = [7, 11, 13]
    yield from one("Concat", "constant", every, shape, "x", rand(1, 2, 4, 5), axis=1)
    yield from one("Concat", "constant_first", [13], (1, 3, 4), rand(1, 1, 4), "x", axis=1)
    yield from one("Concat", "last_axis", [13], shape, "x", rand(1, 3, 4, 2), axis=-1)
    yield from one("Concat", "twice", [13], (1, 3, 4), "x", "x", axis=2)
    yield from one("Concat", "alone", [13], (1, 3, 4), axis=1)
    yield from graph("Concat", "computed", every, (1, 3, 4), lambda g: g.add(
        "Concat", "x", g.add("Relu", "x"), g.add("Neg", "x"), axis=1,
    ))  # fmt: skip
    yield from graph("Concat", "computed_last_axis", [11, 13], shape, lambda g: g.add(
        "Concat", g.reduce("ReduceMean", "x", 3), "x", axis=-1,
    ))  # fmt: skip
    yield from graph("Concat", "batch_axis", [13], (1, 3, 4), lambda g: g.add("Concat", "x", g.add("Neg", "x"), axis=0))

    def split_then(g: Graph) -> Outputs:
        """The parts are joined in another order; one of them is unused."""
        first, _, last = g.split("x", [2, 1, 2], 1)
        return g.add("Concat", last, g.add("Tanh", first), axis=1)

    five = (1, 5, 4)
    yield from one("Split", "sizes", [7, 11], five, outputs=2, axis=1, split=[2, 3])
    yield from one("Split", "sizes", [13, 18], five, "x", ints(2, 3), outputs=2, axis=1)
    yield from one("Split", "equal", [7, 11, 13], (1, 6, 2), outputs=3, axis=1)
    yield from one("Split", "equal", [18], (1, 6, 2), outputs=3, axis=1, num_outputs=3)
    yield from one("Split", "uneven", [18], five, outputs=3, axis=1, num_outputs=3)
    yield from one("Split", "last_axis", [11], (1, 2, 6), outputs=2, axis=-1, split=[4, 2])
    yield from one("Split", "last_axis", [13, 18], (1, 2, 6), "x", ints(4, 2), outputs=2, axis=-1)
    yield from one("Split", "default_axis", [13], five, outputs=1)
    yield from graph("Split", "then_concat", [7, 11, 13, 18], five, split_then)

    slices: dict[str, tuple[list[int], list[int], list[int] | None, list[int] | None]] = {
        "plain": ([1, 0], [3, 2], [2, 1], None),
        "negative": ([-3], [-1], [3], None),
        "to_end": ([1], [LAST], [2], None),
        "beyond_end": ([2, -100], [1000, 2], [3, 2], None),
        "no_axes": ([0, 1, 0, 2], [1, 3, 4, 5], None, None),
        "negative_axes": ([1], [3], [-1], None),
        "steps": ([0, 1], [LAST, LAST], [2, 3], [2, 2]),
        "reversed": ([-1], [-LAST - 1], [3], [-1]),
        "negative_steps": ([3, 4], [0, -6], [2, 3], [-2, -3]),
        "first_axes": ([0, 1], [1, 3], None, None),
    }
    for name, (starts, ends, axes, steps) in slices.items():
        if steps is None:
            attributes = {"starts": starts, "ends": ends} | ({} if axes is None else {"axes": axes})
            yield from one("Slice", name, [7], shape, **attributes)
        parts = [ints(*starts), ints(*ends)] + [ints(*part) for part in (axes, steps) if part is not None]
        yield from one("Slice", name, [10, 11, 13] if name in ("plain", "steps", "negative") else [13], shape, "x", *parts)
    small = [np.array(part, np.int32) for part in ([0, 1], [2, -1], [1, 3], [1, 2])]
    yield from one("Slice", "int32", [13], shape, "x", *small)
    yield from one("Slice", "steps_without_axes", [13], (1, 4, 5), "x", ints(0, 1, 4), ints(1, 4, 0), "", ints(1, 2, -1))
    yield from one("Slice", "reversed_from_before", [13], (1, 5), "x", ints(-100), ints(-101), ints(1), ints(-1))
    yield from one("Slice", "reversed_from_beyond", [13], (1, 5), "x", ints(100), ints(-100), ints(1), ints(-1))
    yield from graph("Slice", "focus", [11], (1, 3, 4, 6), lambda g: g.add("Concat", *(
        g.add("Slice", g.add("Slice", "x", ints(i), ints(LAST), ints(2), ints(2)), ints(j), ints(LAST), ints(3), ints(2))
        for i, j in product((0, 1), (0, 1))
    ), axis=1))  # fmt: skip

    every = [7, 11, 13]
    for name, indices, axis in (
        ("axis_0", ints(0), 0), ("axis_1", ints(2, 0, 1, 1), 1), ("axis_2", ints(3, 1), 2), ("negative_axis", ints(4, 0), -1),
        ("negative", ints(-1, 0, -2), 1), ("scalar", np.array(1), 1), ("scalar_axis_0", np.array(0), 0),
        ("scalar_negative", np.array(-1), 3), ("matrix", ints(0, 2, 1, 1, 0, 2).reshape(2, 3), 1),
    ):  # fmt: skip
        opsets = every if name in ("axis_1", "scalar") else [11, 13] if "negative" in name else [13]
        yield from one("Gather", name, opsets, shape, "x", indices, axis=axis)
    yield from one("Gather", "int32", [13], shape, "x", np.array([2, 1], np.int32), axis=2)
    yield from one("Gather", "default_axis", [13], shape, "x", np.array([0], np.int64))
    table = ints(*(i * 2 % 7 for i in range(9))).reshape(3, 3)
    yield from graph("Gather", "of_constant", every, (1, 3, 3), lambda g: g.add(
        "Add", "x", g.add("Gather", rand(7), table, axis=0),
    ))  # fmt: skip
    yield from graph("Gather", "position_bias", [13], (1, 2, 3, 3), lambda g: g.add("Add", "x", g.unsqueeze(g.add(
        "Transpose", g.add("Reshape", g.add("Gather", rand(7, 2), table.reshape(-1)), ints(3, 3, -1)), perm=[2, 0, 1],
    ), 0)))  # fmt: skip

    every = [7, 13, 21]
    for name, perm, size in (
        ("to_channels_last", [0, 2, 3, 1], shape), ("to_channels_first", [0, 3, 1, 2], shape), ("swap_last", [0, 1, 3, 2], shape),
        ("tokens", [0, 2, 1], (1, 3, 4)), ("5d_heads", [2, 0, 3, 1, 4], (1, 2, 3, 2, 4)),
        ("5d", [0, 4, 1, 3, 2], (1, 2, 3, 2, 4)), ("identity", [0, 1, 2, 3], shape),
        ("6d_pixel_shuffle", [0, 1, 4, 2, 5, 3], (1, 2, 2, 3, 2, 2)),
        ("batch_moved", [1, 0, 2], (1, 3, 4)),
    ):  # fmt: skip
        yield from one("Transpose", name, every if name in ("to_channels_last", "5d_heads") else [13], size, perm=perm)
    yield from one("Transpose", "default", [7, 13], (1, 3, 4))
    yield from graph("Transpose", "around_conv", [13], (1, 4, 5, 3), lambda g: g.add(
        "Transpose", g.conv(g.add("Transpose", "x", perm=[0, 3, 1, 2]), 2, 3, 3), perm=[0, 2, 3, 1],
    ))  # fmt: skip


def shapes() -> Cases:
    shape, every = (1, 3, 2, 4), [7, 13, 14, 19, 21]
    for name, target in {
        "rest": (1, -1), "keep_and_rest": (0, -1), "keep_two": (0, 0, -1), "keep_later": (-1, 3, 0), "all": (-1,),
        "split": (1, 3, 2, 2, 2), "rows": (6, 4),
    }.items():  # fmt: skip
        yield from one("Reshape", name, every if name == "keep_and_rest" else [13], shape, "x", ints(*target))
    yield from one("Reshape", "allow_zero", [14, 21], shape, "x", ints(1, 6, -1), allowzero=1)
    yield from one("Reshape", "no_allow_zero", [14], shape, "x", ints(0, 6, -1), allowzero=0)
    yield from graph("Reshape", "shape_from_node", [7, 13], shape, lambda g: g.add(
        "Reshape", "x", g.add("Constant", value=numpy_helper.from_array(ints(0, -1))),
    ))  # fmt: skip
    yield from graph("Reshape", "channel_shuffle", [13], (1, 6, 2, 3), lambda g: g.add("Reshape", g.add(
        "Transpose", g.add("Reshape", "x", ints(0, 2, 3, 2, 3)), perm=[0, 2, 1, 3, 4],
    ), ints(0, -1, 2, 3)))  # fmt: skip
    yield from graph("Reshape", "pixel_shuffle", [13], (1, 8, 2, 3), lambda g: g.add("Reshape", g.add(
        "Transpose", g.add("Reshape", "x", ints(0, 2, 2, 2, 2, 3)), perm=[0, 1, 4, 2, 5, 3],
    ), ints(0, 2, 4, 6)))  # fmt: skip

    for axis in (None, 0, 1, 2, 3, 4, -1, -2):
        name = "default_axis" if axis is None else f"axis_{axis}".replace("-", "minus_")
        opsets = [7, 9, 11, 13, 21] if axis == 1 else [11, 13] if axis is not None and axis < 0 else [7, 13]
        yield from one("Flatten", name, opsets, shape, **({} if axis is None else {"axis": axis}))
    yield from one("Flatten", "2d", [13], (1, 6))

    thin = (1, 3, 1, 1)
    for operator, size, variants in (
        ("Squeeze", thin, {"plane": [2, 3], "one_axis": [3], "negative": [-1, -2], "batch": [0], "unordered": [3, 0]}),
        ("Unsqueeze", (1, 3), {"plane": [2, 3], "one_axis": [1], "negative": [-1], "batch": [0], "unordered": [3, 0]}),
    ):
        for name, axes in variants.items():
            opsets = [7, 11, 13, 21] if name == "plane" else [11, 13] if name == "negative" else [7, 13]
            for opset in opsets:
                if opset < 13:
                    yield from one(operator, name, [opset], size, axes=axes)
                else:
                    yield from one(operator, name, [opset], size, "x", ints(*axes))
    yield from one("Squeeze", "no_axes", [7, 11, 13, 21], (1, 3, 1, 2))
    yield from one("Unsqueeze", "scalar_axis", [13], (1, 3), "x", np.array(1, np.int64))

    # PyTorch's exports of x.view(x.size(0), -1) and the like.
    def flattened(g: Graph) -> Outputs:
        return g.add("Reshape", "x", g.sizes(g.size("x", 0), -1))

    def heads(g: Graph) -> Outputs:
        """x.reshape(B, N, heads, C // heads).transpose(1, 2)"""
        width = g.add("Div", g.size("x", 2), np.array(2, np.int64))
        return g.add("Transpose", g.add("Reshape", "x", g.sizes(g.size("x", 0), g.size("x", 1), 2, width)), perm=[0, 2, 1, 3])

    def plane_flattened(g: Graph) -> Outputs:
        """x.flatten(2), with the product of two sizes."""
        area = g.add("Mul", g.size("x", 2), g.size("x", 3))
        return g.add("Reshape", "x", g.sizes(g.size("x", 0), g.size("x", 1), area))

    def sliced_shape(g: Graph) -> Outputs:
        return g.add("Reshape", "x", g.add("Concat", g.slice(g.add("Shape", "x"), 0, 2, 0), ints(-1), axis=0))

    def cropped(g: Graph) -> Outputs:
        """x[:, :, : h - 1, : w // 2]"""
        height = g.unsqueeze(g.add("Sub", g.size("x", 2), np.array(1, np.int64)), 0)
        width = g.unsqueeze(g.add("Div", g.size("x", 3), np.array(2, np.int64)), 0)
        rows = g.add("Slice", "x", ints(0), height, ints(2))
        return g.add("Slice", rows, ints(0), width, ints(3))

    def as_numbers(g: Graph) -> Outputs:
        """The shape itself as the result, through a float and back."""
        real = g.add("Mul", g.add("Cast", g.add("Shape", "x"), to=TensorProto.FLOAT), number(0.45))
        whole = g.add("Cast", real, to=TensorProto.INT64)
        return g.add("Cast", g.add("Add", whole, ints(1)), to=TensorProto.FLOAT)

    def scaled_by_size(g: Graph) -> Outputs:
        """A size inside the arithmetic of values: x / sqrt(width)."""
        return g.add("Div", "x", g.add("Sqrt", g.add("Cast", g.size("x", -1), to=TensorProto.FLOAT)))

    for name, opsets, size, build in (
        ("flatten", [7, 9, 11, 13, 15, 19, 21], shape, flattened), ("heads", [9, 11, 13], (1, 3, 6), heads),
        ("plane_flatten", [9, 13], shape, plane_flattened), ("sliced", [9, 11, 13], shape, sliced_shape),
        ("crop", [11, 13], shape, cropped), ("numbers", [9, 13], shape, as_numbers),
        ("scale", [9, 13], (1, 2, 5), scaled_by_size),
    ):  # fmt: skip
        yield from graph("Shape", name, opsets, size, build)
    yield from graph("Shape", "flatten_named_batch", [9, 13], shape, flattened, batch="batch")
    ranges = {"start": {"start": 1}, "end": {"end": -1}, "start_end": {"start": -3, "end": 3}, "whole": {}}
    for name, attributes in ranges.items():
        yield from graph("Shape", name, [15], shape, lambda g, attributes=attributes: g.add(
            "Cast", g.add("Shape", "x", **attributes), to=TensorProto.FLOAT,
        ))  # fmt: skip

    filler = numpy_helper.from_array(floats(1.5))
    yield from graph("ConstantOfShape", "zeros", [9, 20, 21], (1, 3), lambda g: g.add(
        "Concat", "x", g.add("ConstantOfShape", ints(1, 2)), axis=1,
    ))  # fmt: skip
    yield from graph("ConstantOfShape", "value", [9, 20], (1, 3), lambda g: g.add(
        "Add", "x", g.add("ConstantOfShape", ints(3), value=filler),
    ))  # fmt: skip
    yield from graph("ConstantOfShape", "like_x", [9, 13], (1, 3, 2), lambda g: g.add(
        "Sub", "x", g.add("ConstantOfShape", g.add("Shape", "x"), value=filler),
    ))  # fmt: skip

    def expanded_token(g: Graph) -> Outputs:
        """cls_token.expand(B, -1, -1), then a concatenation: -1 is replaced by 1 through Equal and Where."""
        wanted = g.sizes(g.size("x", 0), -1, -1)
        ones = g.add("ConstantOfShape", g.add("Shape", wanted), value=numpy_helper.from_array(ints(1)))
        unknown = g.add("Equal", wanted, g.add("Mul", ones, np.array(-1, np.int64)))
        token = g.add("Expand", rand(1, 1, 4), g.add("Where", unknown, ones, wanted))
        return g.add("Concat", token, "x", axis=1)

    yield from one("Expand", "plane", [8, 13], thin, "x", ints(1, 3, 2, 4))
    yield from one("Expand", "shorter_shape", [8, 13], (1, 3, 1), "x", ints(4))
    yield from one("Expand", "longer_shape", [13], (1, 3), "x", ints(2, 1, 1))
    yield from one("Expand", "by_ones", [13], (1, 3, 2), "x", ints(1, 1, 1))
    yield from one("Expand", "middle_axis", [13], (1, 1, 3), "x", ints(1, 4, 1))
    yield from graph("Expand", "constant", [8, 13], (1, 3, 4), lambda g: g.add(
        "Mul", "x", g.add("Expand", rand(3, 1), ints(1, 3, 4)),
    ))  # fmt: skip
    yield from graph("Expand", "token", [11, 13], (1, 3, 4), expanded_token)


# Scaling of planes


def scaling() -> Cases:
    shape = (1, 1, 4, 5)
    # Factors 2 and 0.5 produce exact ties, where the rounding modes differ. The other factors avoid whole and half coordinates,
    # where the rounding error of f32 would decide.
    scales = {"up": floats(1, 1, 2, 2.3), "down": floats(1, 1, 0.5, 0.7), "mixed": floats(1, 1, 0.75, 1.5)}
    sizes = {"down": ints(1, 1, 2, 4), "mixed": ints(1, 1, 3, 8)}
    nearest = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
    coordinates = ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel")

    def resize(name: str, opsets: Sequence[int], by: Input, size: tuple[int, ...] = shape, **attributes: Any) -> Cases:
        # Scales are the third input, sizes the fourth, which leaves the third empty; no roi is needed in these modes.
        is_sizes = isinstance(by, np.ndarray) and by.dtype == np.int64
        for opset in opsets:
            roi: Input = floats() if opset < 13 else ""
            without: Input = floats() if opset < 13 else ""
            yield from one("Resize", name, [opset], size, "x", roi, *([without, by] if is_sizes else [by]), **attributes)

    def variants(opsets: Sequence[int], direction: str, mode: str, coordinate: str, rounding: str | None, by_size: bool) -> Cases:
        attributes = {"mode": mode, "coordinate_transformation_mode": coordinate}
        if rounding is not None:
            attributes["nearest_mode"] = rounding
        by = (sizes if by_size else scales)[direction]
        parts = [mode, coordinate, *([rounding] if rounding is not None else []), direction, "by_size" if by_size else "by_scale"]
        yield from resize("_".join(parts), opsets, by, **attributes)

    for coordinate, rounding in product((*coordinates, "half_pixel_symmetric"), nearest):
        symmetric = coordinate == "half_pixel_symmetric"
        for direction in ("up", "down"):
            opsets = [19] if symmetric else [11, 18] if rounding == "floor" else [11]
            yield from variants(opsets, direction, "nearest", coordinate, rounding, by_size=False)
        if rounding in ("round_prefer_floor", "floor"):
            for direction in ("mixed", "down"):
                yield from variants([19] if symmetric else [13], direction, "nearest", coordinate, rounding, by_size=True)
    for coordinate in (*coordinates, "half_pixel_symmetric"):
        symmetric = coordinate == "half_pixel_symmetric"
        for direction in ("up", "down", "mixed"):
            opsets = [19] if symmetric else [11, 18] if direction == "mixed" else [11]
            yield from variants(opsets, direction, "linear", coordinate, None, by_size=False)
        for direction in ("down", "mixed"):
            yield from variants([19] if symmetric else [13], direction, "linear", coordinate, None, by_size=True)
    for direction in ("up", "down"):
        yield from variants([11], direction, "nearest", "tf_half_pixel_for_nn", "floor", by_size=False)
    for mode, direction in product(("nearest", "linear"), ("up", "down", "mixed")):
        yield from one("Resize", f"{mode}_{direction}", [10], shape, "x", scales[direction], mode=mode)
        yield from resize(f"defaults_{mode}_{direction}", [11, 19], scales[direction], mode=mode)
    for coordinate in ("pytorch_half_pixel", "align_corners"):
        attributes = {"mode": "linear", "coordinate_transformation_mode": coordinate}
        yield from resize(f"linear_{coordinate}_to_one", [11], ints(1, 1, 1, 1), **attributes)
    yield from resize("nearest_twice", [11, 13], floats(1, 1, 2, 2), (1, 2, 2, 3), mode="nearest", nearest_mode="floor",
                      coordinate_transformation_mode="asymmetric")  # fmt: skip
    yield from resize("linear_twice", [11, 13], floats(1, 1, 2, 2), (1, 2, 2, 3), mode="linear")
    yield from resize("1d_nearest", [13], floats(1, 1, 1.5), (1, 2, 4), mode="nearest")
    yield from resize("1d_linear", [13], floats(1, 1, 1.5), (1, 2, 4), mode="linear")
    yield from resize("axes_by_scale", [18, 19], floats(2, 0.6), mode="linear", axes=[2, 3])
    yield from resize("axes_by_size", [18], ints(3, 7), mode="linear", axes=[3, 2])
    for policy in ("not_larger", "not_smaller", "stretch"):
        yield from resize(f"keep_aspect_{policy}", [18], ints(7, 6), mode="linear", axes=[2, 3], keep_aspect_ratio_policy=policy)

    region = floats(0, 0, 0.2, 0.1, 1, 1, 0.7, 0.9)
    for opset, mode in product((11, 13, 18), ("nearest", "linear")):
        attributes = {"mode": mode, "coordinate_transformation_mode": "tf_crop_and_resize"}
        crop: list[Input] = ["x", region, "" if opset >= 13 else floats(), ints(1, 1, 3, 8)]
        yield from one("Resize", f"{mode}_crop_by_size", [opset], (1, 1, 6, 7), *crop, **attributes)
        yield from one("Resize", f"{mode}_crop_by_scale", [opset], (1, 1, 6, 7), "x", region, floats(1, 1, 2, 0.5), **attributes)
    yield from resize("linear_5d", [13], floats(1, 1, 2, 1.5, 1), (1, 1, 4, 4, 3), mode="linear")
    yield from resize("linear_channels_last", [13], floats(1, 2, 1.5, 1), (1, 4, 4, 3), mode="linear",
                      coordinate_transformation_mode="align_corners")  # fmt: skip
    yield from resize("nearest_channels_last", [13], floats(1, 2, 2, 1), (1, 4, 4, 3), mode="nearest", nearest_mode="floor",
                      coordinate_transformation_mode="asymmetric")  # fmt: skip
    # The size stays, yet the coordinates follow the scale.
    yield from resize("linear_size_kept", [13], floats(1, 1, 1.1, 1.1), (1, 1, 5, 5), mode="linear")
    # Enlarging needs no smoothing.
    yield from resize("linear_antialias_up", [18], floats(1, 1, 2, 2), (1, 1, 5, 5), mode="linear", antialias=1)

    def twice_its_size(g: Graph) -> Outputs:
        """F.interpolate(x, size=(2 h, 2 w)) with the sizes computed from x."""
        doubled = g.add("Mul", g.slice(g.add("Shape", "x"), 2, 4, 0), ints(2, 2))
        target = g.add("Concat", g.slice(g.add("Shape", "x"), 0, 2, 0), doubled, axis=0)
        unused: Input = floats() if g.opset < 13 else ""
        return g.add("Resize", "x", unused, unused, target, mode="nearest", nearest_mode="floor",
                     coordinate_transformation_mode="asymmetric")  # fmt: skip

    def factor_from_shape(g: Graph) -> Outputs:
        """The factors as old PyTorch exports compute them: floor(2 h) / h."""
        sizes = g.add("Cast", g.slice(g.add("Shape", "x"), 2, 4, 0), to=TensorProto.FLOAT)
        factors = g.add("Div", g.add("Floor", g.add("Mul", sizes, floats(2, 2))), sizes)
        return g.add("Upsample", "x", g.add("Concat", floats(1, 1), factors, axis=0), mode="nearest")

    yield from graph("Resize", "sizes_from_shape", [11, 13], (1, 2, 3, 2), twice_its_size)
    for mode, (direction, factors) in product(("nearest", "linear"), {"up": (1, 1, 2, 3), "fraction": (1, 1, 2, 2.3)}.items()):
        yield from one("Upsample", f"{mode}_{direction}", [7], shape, mode=mode, scales=[float(factor) for factor in factors])
        yield from one("Upsample", f"{mode}_{direction}", [9], shape, "x", floats(*factors), mode=mode)
    yield from graph("Upsample", "factors_from_shape", [9], (1, 2, 3, 2), factor_from_shape)


# Constants


def constants() -> Cases:
    shape = (1, 3, 4)
    for ratio in ({}, {"ratio": 0.3}):
        yield from one("Dropout", "ratio" if ratio else "plain", [7, 10], shape, **ratio)
    yield from one("Dropout", "plain", [12, 13, 22], shape)
    yield from one("Dropout", "ratio", [12, 13], shape, "x", number(0.3))
    yield from one("Dropout", "not_training", [12, 13, 22], shape, "x", number(0.3), np.array(False))
    yield from one("Dropout", "not_training_default_ratio", [13], shape, "x", "", np.array(False))
    yield from graph("Dropout", "unread_mask", [7, 10, 12, 13], shape, lambda g: g.add_all("Dropout", "x", outputs=2)[0])
    yield from one("Identity", "plain", [7, 13, 14, 16, 19, 21], shape)
    yield from graph("Identity", "of_constant", [9, 13], shape, lambda g: g.add("Mul", "x", g.add("Identity", rand(3, 1))))
    yield from graph("Identity", "chain", [13], shape, lambda g: g.add("Identity", g.add("Relu", g.add("Identity", "x"))))

    def two_results(g: Graph) -> Outputs:
        """One result is also read by another node."""
        first = g.add("Relu", "x")
        return [first, g.add("Neg", first)]

    yield from graph("Identity", "two_results", [13], shape, two_results)

    packed = helper.make_tensor("", TensorProto.FLOAT, [3, 1], [0.5, -1.25, 3.0])
    yield from graph("Constant", "value", [7, 9, 11, 12, 13, 19, 21], shape, lambda g: g.add(
        "Mul", "x", g.add("Constant", value=numpy_helper.from_array(g.draw(rand(3, 1)))),
    ))  # fmt: skip
    yield from graph("Constant", "value_scalar", [9, 13], shape, lambda g: g.add(
        "Mul", "x", g.add("Constant", value=numpy_helper.from_array(number(0.75))),
    ))  # fmt: skip
    # The values are stored in `float_data` instead of raw bytes.
    yield from graph("Constant", "value_typed", [9, 13], shape, lambda g: g.add("Mul", "x", g.add("Constant", value=packed)))
    for name, opsets, read in (
        ("value_float", [12, 13, 21], lambda g: g.add("Add", "x", g.add("Constant", value_float=0.75))),
        ("value_floats", [12, 13], lambda g: g.add("Add", "x", g.add("Constant", value_floats=[0.5, -1.0, 2.0, 0.25]))),
        ("value_int", [12, 13], lambda g: g.add("Gather", "x", g.add("Constant", value_int=2), axis=1)),
        ("value_ints", [12, 13, 21], lambda g: g.add("Reshape", "x", g.add("Constant", value_ints=[1, -1, 2]))),
    ):
        yield from graph("Constant", name, opsets, shape, read)

    typed: dict[str, onnx.TensorProto] = {
        "float": helper.make_tensor("", TensorProto.FLOAT, [4], [0.5, -1.5, 2.0, 3.25]),
        "float16": helper.make_tensor("", TensorProto.FLOAT16, [4], [0.5, -1.5, 2.0, 0.1]),
        "double": helper.make_tensor("", TensorProto.DOUBLE, [4], [0.1, -1.5, 2.0, 3.25]),
        "int32": helper.make_tensor("", TensorProto.INT32, [4], [3, -1, 2, 0]),
        "int64": helper.make_tensor("", TensorProto.INT64, [4], [3, -1, 2, 0]),
        "uint8": helper.make_tensor("", TensorProto.UINT8, [4], [3, 200, 2, 0]),
        "int8": helper.make_tensor("", TensorProto.INT8, [4], [3, -100, 2, 0]),
        "bool": helper.make_tensor("", TensorProto.BOOL, [4], [True, False, True, True]),
    }
    for name, tensor in typed.items():
        raw = numpy_helper.from_array(numpy_helper.to_array(tensor))
        for variant, constant in {name: raw, f"{name}_typed": tensor}.items():
            opsets = [7, 9, 13, 19, 21] if variant == "float16" else [9, 13] if variant == "double" else [13]
            yield from graph("Cast", f"from_{variant}", opsets, shape, lambda g, constant=constant: g.add(
                "Add", "x", g.add("Cast", constant, to=TensorProto.FLOAT),
            ))  # fmt: skip
    yield from one("Cast", "float_to_float", [7, 9, 13, 19, 21], shape, to=TensorProto.FLOAT)
    yield from graph("Cast", "float16_weight", [11, 13], (1, 3, 5, 4), lambda g: g.add(
        "Conv", "x", g.add("Cast", g.draw(rand(2, 3, 3, 3)).astype(np.float16), to=TensorProto.FLOAT),
        g.add("Cast", g.draw(rand(2)).astype(np.float16), to=TensorProto.FLOAT),
    ))  # fmt: skip
    yield from graph("Cast", "truncates", [13], (1, 4), lambda g: g.add("Add", "x", g.add(
        "Cast", g.add("Cast", floats(1.7, -1.7, 0.5, 2), to=TensorProto.INT64), to=TensorProto.FLOAT,
    )))  # fmt: skip

    # Computed from constants alone.
    yield from graph("Range", "floats", [11], (1, 5), lambda g: g.add(
        "Add", "x", g.add("Range", number(0.5), number(3), number(0.5)),
    ))  # fmt: skip
    yield from graph("Range", "integers", [11], (1, 5), lambda g: g.add(
        "Gather", "x", g.add("Range", np.array(4), np.array(0), np.array(-2)), axis=1,
    ))  # fmt: skip
    for operator in ("Floor", "Ceil"):
        yield from graph(operator, "constant", [13], (1, 4), lambda g, operator=operator: g.add(
            "Add", "x", g.add(operator, floats(1.5, -1.5, 2, 0.2)),
        ))  # fmt: skip
    for operator in ("Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Equal"):
        yield from graph(operator, "constant", [16], (1, 4), lambda g, operator=operator: g.add(
            "Add", "x", g.add("Cast", g.add(operator, floats(1, 2, 3, 4), floats(2)), to=TensorProto.FLOAT),
        ))  # fmt: skip
    left, right = np.array([True, True, False, False]), np.array([True, False, True, False])
    for operator in ("And", "Or"):
        yield from graph(operator, "constant_not", [16], (1, 4), lambda g, operator=operator: g.add(
            "Add", "x", g.add("Cast", g.add("Not", g.add(operator, left, right)), to=TensorProto.FLOAT),
        ))  # fmt: skip


def quantised() -> Cases:
    """Weights that DequantizeLinear expands."""

    def integers(g: Graph, shape: tuple[int, ...], kind: str) -> np.ndarray:
        bounds = np.iinfo(kind)
        return g.random.integers(bounds.min, bounds.max, shape, endpoint=True).astype(kind)

    def scale(g: Graph, shape: tuple[int, ...]) -> np.ndarray:
        return g.draw(rand(*shape, low=0.002, high=0.02))

    def expanded(
        g: Graph, kind: str, weights: tuple[int, ...], scales: tuple[int, ...], zero: bool, **attributes: int
    ) -> str:  # fmt: skip
        inputs = [integers(g, weights, kind), scale(g, scales), *([integers(g, scales, kind)] if zero else [])]
        return g.add("DequantizeLinear", *inputs, **attributes)

    # One scale in all, one for each output channel, or one for each block of weights.
    conv, gemm = (4, 3, 3, 2), (4, 12)
    ways: dict[str, tuple[list[int], tuple[int, ...], tuple[int, ...], dict[str, int]]] = {
        "per_tensor": ([10, 13, 19, 21], (), (), {}),
        "per_axis": ([13, 19, 21], (4,), (4,), {"axis": 0}),
        "per_axis_negative": ([13, 21], (3,), (12,), {"axis": -1}),
        "per_default_axis": ([13, 21], (3,), (12,), {}),
        "block": ([21], (2, 3, 3, 2), (4, 3), {"axis": 0, "block_size": 2}),
    }
    for (way, row), kind, zero in product(ways.items(), ("int8", "uint8"), (True, False)):
        opsets, conv_scales, gemm_scales, attributes = row
        if (kind, zero) != ("int8", True) and way in ("per_axis_negative", "per_default_axis"):
            continue
        conv_attributes, gemm_attributes = dict(attributes), dict(attributes)
        if way == "per_axis_negative":
            conv_attributes["axis"] = -3
        if way == "block":
            gemm_attributes = {"axis": 1, "block_size": 4}
        name = f"{way}_{kind}" + ("" if zero else "_no_zero_point")
        chosen = opsets if (kind, zero) in (("int8", True), ("uint8", False)) else opsets[-1:]
        yield from graph(
            "DequantizeLinear", f"conv_{name}", chosen, (1, 3, 5, 4),
            lambda g, kind=kind, zero=zero, scales=conv_scales, attributes=conv_attributes: g.add(
                "Conv", "x", expanded(g, kind, conv, scales, zero, **attributes), rand(4)
            ),
        )  # fmt: skip
        yield from graph(
            "DequantizeLinear", f"gemm_{name}", chosen[-1:], (1, 12),
            lambda g, kind=kind, zero=zero, scales=gemm_scales, attributes=gemm_attributes: g.add(
                "Gemm", "x", expanded(g, kind, gemm, scales, zero, **attributes), rand(4), transB=1
            ),
        )  # fmt: skip
    yield from graph("DequantizeLinear", "block_uneven", [21], (1, 12), lambda g: g.add(
        "MatMul", "x", expanded(g, "int8", (12, 4), (3, 4), True, axis=0, block_size=5),
    ))  # fmt: skip
    yield from graph("DequantizeLinear", "one_scale_in_a_list", [13, 21], (1, 12), lambda g: g.add(
        "Gemm", "x", expanded(g, "int8", gemm, (1,), True), rand(4), transB=1,
    ))  # fmt: skip
    yield from graph("DequantizeLinear", "bias_int32", [10, 13, 21], (1, 12), lambda g: g.add(
        "Gemm", "x", rand(4, 12),
        g.add("DequantizeLinear", g.random.integers(-500, 500, 4).astype(np.int32), scale(g, ())), transB=1,
    ))  # fmt: skip
    for kind, values in {"int4": [-8, 7, 1, -3, 2, 0], "uint4": [15, 7, 1, 3, 2, 0]}.items():
        tensor_type = TensorProto.DataType.Value(kind.upper())
        weights = helper.make_tensor("", tensor_type, [2, 3], values)
        zeros = helper.make_tensor("", tensor_type, [2], [1, 2])
        yield from graph("DequantizeLinear", f"gemm_per_axis_{kind}", [21], (1, 3), lambda g, weights=weights, zeros=zeros: g.add(
            "Gemm", "x", g.add("DequantizeLinear", weights, floats(0.5, 0.25), zeros, axis=0), transB=1,
        ))  # fmt: skip
        # The second block of each row holds a single weight.
        scales = floats(0.5, 0.25, 1, 2).reshape(2, 2)
        yield from graph(
            "DequantizeLinear", f"gemm_block_{kind}", [21], (1, 3), lambda g, weights=weights, scales=scales: g.add(
                "Gemm", "x", g.add("DequantizeLinear", weights, scales, axis=1, block_size=2), transB=1,
            ),
        )  # fmt: skip


# Whole networks


def networks() -> Cases:
    pads = {"pads": [1, 1, 1, 1]}

    def residual(g: Graph) -> Outputs:
        inner = g.add("PRelu", g.norm(g.add("Conv", "x", rand(4, 4, 3, 3), **pads), 4), rand(4, 1, 1, low=0))
        return g.add("Add", g.conv(inner, 4, 4, 3, **pads), "x")

    def downsampled(g: Graph) -> Outputs:
        """The shortcut has a convolution as well."""
        inner = g.add("Relu", g.norm(g.add("Conv", "x", rand(6, 4, 3, 3), strides=[2, 2], **pads), 6))
        inner = g.norm(g.add("Conv", inner, rand(6, 6, 3, 3), **pads), 6)
        return g.add("Relu", g.add("Add", inner, g.norm(g.add("Conv", "x", rand(6, 4, 1, 1), strides=[2, 2]), 6)))

    def activated_first(g: Graph) -> Outputs:
        ones = g.constant(np.ones(4, np.float32))
        inner = g.add("Conv", g.norm("x", 4, ones), rand(4, 4, 3, 3), **pads)
        inner = g.add("PRelu", g.norm(inner, 4, ones), rand(4, 1, 1, low=0))
        inner = g.add("Conv", inner, rand(4, 4, 3, 3), strides=[2, 2], **pads)
        return g.add("Add", g.norm(inner, 4, ones), g.add("MaxPool", "x", kernel_shape=[1, 1], strides=[2, 2]))

    def hard_swish(g: Graph, data: str) -> str:
        if g.opset >= 14:
            return g.add("HardSwish", data)
        return g.add("Div", g.add("Mul", data, g.clip(g.add("Add", data, number(3)), 0, 6)), number(6))

    def inverted_residual(g: Graph) -> Outputs:
        wide = hard_swish(g, g.norm(g.add("Conv", "x", rand(8, 4, 1, 1)), 8))
        wide = hard_swish(g, g.norm(g.add("Conv", wide, rand(8, 1, 3, 3), group=8, **pads), 8))
        pooled = g.add("GlobalAveragePool", wide) if g.opset >= 14 else g.reduce("ReduceMean", wide, 2, 3)
        gate = g.conv(g.add("Relu", g.conv(pooled, 2, 8, 1)), 8, 2, 1)
        gate = g.add("HardSigmoid", gate, alpha=1 / 6, beta=0.5)
        return g.add("Add", "x", g.norm(g.add("Conv", g.add("Mul", wide, gate), rand(4, 8, 1, 1)), 4))

    def squeeze_excite(g: Graph) -> Outputs:
        """With Gemm on vectors, as older recognisers have it."""
        pooled = g.add("Flatten", g.add("GlobalAveragePool", "x"))
        hidden = g.add("PRelu", g.add("Gemm", pooled, rand(2, 4), rand(2), transB=1), rand(2, low=0))
        gate = g.add("Sigmoid", g.add("Gemm", hidden, rand(4, 2), rand(4), transB=1))
        return g.add("Mul", "x", g.add("Reshape", gate, g.sizes(g.size("x", 0), g.size("x", 1), 1, 1)))

    def layer_norm(g: Graph, data: str, width: int) -> str:
        if g.opset >= 17:
            return g.add("LayerNormalization", data, rand(width, low=0.5), rand(width), axis=-1, epsilon=1e-6)
        centred = g.add("Sub", data, g.reduce("ReduceMean", data, -1))
        variance = g.reduce("ReduceMean", g.add("Pow", centred, number(2)), -1)
        normed = g.add("Div", centred, g.add("Sqrt", g.add("Add", variance, number(1e-6))))
        return g.add("Add", g.add("Mul", normed, rand(width, low=0.5)), rand(width))

    def gelu(g: Graph, data: str) -> str:
        if g.opset >= 20:
            return g.add("Gelu", data)
        inner = g.add("Add", g.add("Erf", g.add("Div", data, number(2**0.5))), number(1))
        return g.add("Mul", g.add("Mul", data, inner), number(0.5))

    def transformer(separate: str) -> Callable[[Graph], Outputs]:
        """A vision transformer with one block: 4 patches and a class token, 8 numbers each, 2 heads."""

        def build(g: Graph) -> Outputs:
            patches = g.add("Conv", "x", rand(8, 2, 3, 3, low=-0.4, high=0.4), rand(8), strides=[3, 3])
            tokens = g.add("Transpose", g.add("Reshape", patches, ints(0, 8, -1)), perm=[0, 2, 1])
            tokens = g.add("Add", g.add("Concat", rand(1, 1, 8), tokens, axis=1), rand(1, 5, 8))
            qkv = g.add("Add", rand(24), g.add("MatMul", layer_norm(g, tokens, 8), rand(8, 24)))
            qkv = g.add("Transpose", g.add("Reshape", qkv, ints(1, 5, 3, 2, 4)), perm=[2, 0, 3, 1, 4])
            if separate == "gather":
                query, key, value = (g.add("Gather", qkv, np.array(i), axis=0) for i in range(3))
            else:
                query, key, value = (g.squeeze(part, 0) for part in g.split(qkv, [1, 1, 1], 0))
            scores = g.add("MatMul", g.add("Mul", query, number(0.5)), g.add("Transpose", key, perm=[0, 1, 3, 2]))
            # Before opset 13 only the last axis gives a Softmax over a single axis; -1 is allowed since 11.
            mixed = g.add("MatMul", g.add("Softmax", scores, axis=3 if g.opset < 13 else -1), value)
            mixed = g.add("Reshape", g.add("Transpose", mixed, perm=[0, 2, 1, 3]), ints(0, 5, 8))
            tokens = g.add("Add", tokens, g.add("Add", rand(8), g.add("MatMul", mixed, rand(8, 8))))
            hidden = gelu(g, g.add("Add", rand(16), g.add("MatMul", layer_norm(g, tokens, 8), rand(8, 16))))
            tokens = g.add("Add", tokens, g.add("Add", rand(8), g.add("MatMul", hidden, rand(16, 8))))
            return g.add("Gemm", g.add("Gather", layer_norm(g, tokens, 8), np.array(0), axis=1), rand(4, 8), rand(4), transB=1)

        return build

    def scaled_front(g: Graph) -> Outputs:
        """Scales pixels to about -1..1. The convolution pads after that, so its zeros are not black pixels."""
        return g.conv(g.add("Mul", g.add("Sub", "x", number(127.5)), number(1 / 128)), 3, 3, 3, strides=[2, 2], **pads)

    def standardised_front(g: Graph) -> Outputs:
        """Mean and deviation of each channel, as many exporters write them."""
        mean, deviation = floats(123.7, 116.3, 103.5).reshape(1, 3, 1, 1), floats(58.4, 57.1, 57.4).reshape(1, 3, 1, 1)
        return g.conv(g.add("Div", g.add("Sub", "x", mean), deviation), 3, 3, 3, **pads)

    def embedding(g: Graph) -> Outputs:
        """The end of a recogniser: norm, dropout, dense layer, norm."""
        features = g.add_all("Dropout", g.norm("x", 4), outputs=1)[0]
        dense = g.add("Gemm", g.add("Flatten", features), rand(6, 24), rand(6), transB=1)
        return g.norm(dense, 6, np.ones(6, np.float32), epsilon=2e-5)

    def pyramid(g: Graph) -> Outputs:
        """Two results at two sizes; the coarser is enlarged and added, as in a detector's neck."""
        fine = g.add("Relu", g.conv("x", 4, 4, 3, **pads))
        coarse = g.add("Relu", g.conv(fine, 4, 4, 3, strides=[2, 2], **pads))
        grown = g.add("Resize", coarse, floats() if g.opset < 13 else "", floats(1, 1, 2, 2), mode="nearest",
                      nearest_mode="floor", coordinate_transformation_mode="asymmetric")  # fmt: skip
        merged = g.add("Add", fine, grown)
        flat = [g.add("Reshape", g.add("Transpose", level, perm=[0, 2, 3, 1]), ints(1, -1, 4)) for level in (merged, coarse)]
        return [g.add("Sigmoid", flat[0]), flat[1]]

    planes, pixels = (1, 4, 6, 5), (0.0, 255.0)
    table: list[tuple[str, list[int], tuple[int, ...], Callable[[Graph], Outputs], Pair]] = [
        ("residual", [7, 15], planes, residual, SPAN),
        ("residual_downsampled", [11], planes, downsampled, SPAN),
        ("conv_relu_norm", [9], planes, lambda g: g.norm(g.add("Relu", g.conv("x", 4, 4, 3, **pads)), 4), SPAN),
        ("norm_before_conv", [9], planes, activated_first, SPAN),
        ("inverted_residual", [11, 14], planes, inverted_residual, SPAN),
        ("squeeze_excite", [9], planes, squeeze_excite, SPAN),
        ("transformer_gather", [11, 17], (1, 2, 6, 6), transformer("gather"), SPAN),
        ("transformer_split", [13, 20], (1, 2, 6, 6), transformer("split"), SPAN),
        ("layer_norm_decomposed", [11, 13], (1, 3, 6), lambda g: layer_norm(g, "x", 6), SPAN),
        ("pixel_scaling", [9, 13], (1, 3, 6, 5), scaled_front, pixels),
        ("pixel_standardising", [11], (1, 3, 6, 5), standardised_front, pixels),
        ("embedding", [9], (1, 4, 3, 2), embedding, SPAN),
        ("pyramid", [11, 13], (1, 4, 6, 4), pyramid, SPAN),
    ]
    for name, opsets, shape, build, span in table:
        yield from graph("Network", name, opsets, shape, build, span)


FAMILIES = (
    convolutions, transposed_convolutions, matrices, normalisation, activations, arithmetic, pooling, reductions, moving, shapes,
    scaling, constants, quantised, networks,
)  # fmt: skip


# Running and writing

REFUSALS = tuple(
    value for value in vars(onnxruntime_pybind11_state).values() if isinstance(value, type) and issubclass(value, Exception)
)


def judged(case: Case) -> onnx.ModelProto:
    """The case's graph with its input and the results of onnxruntime."""
    g = Graph(case.opset, zlib.crc32(case.name.encode()))
    values = g.random.uniform(*case.span, case.shape).astype(np.float32)
    results = case.build(g)
    results = [results] if isinstance(results, str) else results
    names = {result: "y" if len(results) == 1 else f"y{i}" for i, result in enumerate(results)}
    for node in g.nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    tensor_type = TensorProto.FLOAT
    inputs = [helper.make_tensor_value_info("x", tensor_type, [case.batch, *case.shape[1:]])]
    outputs = [helper.make_tensor_value_info(name, tensor_type, None) for name in names.values()]
    model = helper.make_model(
        helper.make_graph(g.nodes, "g", inputs, outputs, g.constants),
        opset_imports=[helper.make_opsetid("", case.opset)], ir_version=10 if case.opset >= 21 else 8,
    )  # fmt: skip
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Optimised graphs would replace the operator under test.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    expected = dict(zip(names.values(), session.run(list(names.values()), {"x": values})))
    for output in model.graph.output:
        output.CopyFrom(helper.make_tensor_value_info(output.name, tensor_type, expected[output.name].shape))
        if not np.isfinite(expected[output.name]).all():
            raise AssertionError(f"{case.name}: {output.name} is not finite")
    onnx.checker.check_model(model)
    known = {"given:x": values} | {f"expected:{name}": result for name, result in expected.items()}
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in known.items())
    return model


def write(files: dict[str, bytes]) -> None:
    """All files in one, each preceded by its length (four bytes, big-endian)."""
    ARCHIVE.write_bytes(b"".join(struct.pack(">I", len(data)) + data for _, data in sorted(files.items())))


def main() -> None:
    # main prints the refusals itself.
    onnxruntime.set_default_logger_severity(4)
    files: dict[str, bytes] = {}
    opsets: dict[str, list[int]] = defaultdict(list)
    refused = []
    for case in chain.from_iterable(family() for family in FAMILIES):
        if case.name in files:
            raise AssertionError(f"two cases are called {case.name}")
        try:
            model = judged(case)
        except REFUSALS as error:
            refused.append(f"{case.name}: {' '.join(str(error).split())[:200]}")
            continue
        model.graph.name = case.name
        data = model.SerializeToString(deterministic=True)
        if len(data) > MAX_FILE:
            raise AssertionError(f"{case.name} has {len(data)} bytes, expected at most {MAX_FILE}")
        files[case.name] = data
        opsets[case.operator].append(case.opset)
    write(files)
    for operator, used in sorted(opsets.items()):
        print(f"{operator}: {len(used)} at opset {', '.join(map(str, sorted(set(used))))}")
    for line in refused:
        print(f"refused: {line}")
    sizes, packed = [len(data) for data in files.values()], ARCHIVE.stat().st_size
    print(f"{len(files)} cases, {sum(sizes)} bytes, the largest {max(sizes)}; {packed} in the archive")
    if packed > MAX_ARCHIVE:
        raise AssertionError(f"{ARCHIVE.name} has {packed} bytes, expected at most {MAX_ARCHIVE}")


if __name__ == "__main__":
    main()
