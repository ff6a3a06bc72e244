"""Writes `tflite/*.tflite`, tiny networks with random weights, one for each variant of an operator, and `tflite.json`, LiteRT's
results for each. It also writes `tflite/refused/*.tflite`, networks that the import must refuse.

Value i of every input is `((37 * i + 11) % 97 - 48) / 12`, computed in f64 and rounded to f32: about -4 to 4.
"""

import json
import zlib
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

HERE = Path(__file__).parent
FOLDER = HERE / "tflite"
MAX_FILE, MAX_TOTAL = 10_000, 200_000

TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "float16": schema.TensorType.FLOAT16,
    "int32": schema.TensorType.INT32,
    "int64": schema.TensorType.INT64,
    "int8": schema.TensorType.INT8,
    "uint8": schema.TensorType.UINT8,
}
SAME, VALID = schema.Padding.SAME, schema.Padding.VALID
ACTIVATIONS = {"relu": 1, "relu_n1_to_1": 2, "relu6": 3}
# Operators that share an option table, or whose table has another name than the operator.
TABLES = {
    "AVERAGE_POOL_2D": "Pool2D",
    "CONV_2D": "Conv2D",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2D",
    "L2_NORMALIZATION": "L2Norm",
    "MAXIMUM": "MaximumMinimum",
    "MAX_POOL_2D": "Pool2D",
    "MEAN": "Reducer",
    "MINIMUM": "MaximumMinimum",
    "SUM": "Reducer",
}


class Network:
    """A network under construction. A value is the index of its tensor."""

    def __init__(self, seed: int, shape: tuple[int, ...]) -> None:
        self.random = np.random.default_rng(seed)
        # TFLite keeps the first buffer empty.
        self.buffers = [schema.BufferT()]
        self.tensors: list[schema.TensorT] = []
        self.codes: list[str] = []
        self.operators: list[schema.OperatorT] = []
        self.input = self.tensor("x", shape, schema.TensorType.FLOAT32, 0)

    def tensor(self, name: str, shape: tuple[int, ...], kind: int, buffer: int, quantisation: Any = None) -> int:
        self.tensors.append(schema.TensorT(list(shape), kind, buffer, name, quantisation))
        return len(self.tensors) - 1

    def constant(self, values: np.ndarray, quantisation: Any = None) -> int:
        self.buffers.append(schema.BufferT(np.frombuffer(values.tobytes(), np.uint8)))
        return self.tensor(f"c{len(self.buffers)}", values.shape, TYPES[values.dtype.name], len(self.buffers) - 1, quantisation)

    def draw(self, *shape: int) -> np.ndarray:
        return self.random.uniform(-1, 1, shape).astype(np.float32)

    def weights(self, *shape: int) -> int:
        return self.constant(self.draw(*shape))

    def half(self, *shape: int) -> int:
        return self.add("DEQUANTIZE", self.constant(self.draw(*shape).astype(np.float16)))

    def quantised(self, kind: type, *shape: int, axis: int | None = None) -> int:
        """Bytes behind a DEQUANTIZE, with one scale or, if there is an axis, one for each position along it."""
        count = 1 if axis is None else shape[axis]
        quantisation = schema.QuantizationParametersT()
        quantisation.scale = self.random.uniform(0.002, 0.01, count).astype(np.float32)
        # With several scales, LiteRT expects zero points of 0.
        quantisation.zeroPoint = np.array([3] if axis is None else [0] * count, np.int64)
        quantisation.quantizedDimension = axis or 0
        limits = np.iinfo(kind)
        values = self.random.integers(limits.min, limits.max + 1, shape).astype(kind)
        return self.add("DEQUANTIZE", self.constant(values, quantisation))

    def add(self, op: str, *inputs: int, **options: Any) -> int:
        """Adds an operator; an input of -1 is omitted."""
        if op not in self.codes:
            self.codes.append(op)
        output = self.tensor(f"v{len(self.operators)}", (1,), schema.TensorType.FLOAT32, 0)
        operator = schema.OperatorT(self.codes.index(op), list(inputs), [output])
        table = TABLES.get(op, op.title().replace("_", "")) + "Options"
        # Some operators have no options.
        if hasattr(schema.BuiltinOptions, table):
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, table)
            operator.builtinOptions = getattr(schema, table + "T")(**options)
        self.operators.append(operator)
        return output

    def pack(self, outputs: list[int], has_old_codes: bool) -> bytes:
        graph = schema.SubGraphT(self.tensors, [self.input], outputs, self.operators, "main")
        codes = []
        for name in self.codes:
            # A name that is not in the schema belongs to a custom operator.
            code = getattr(schema.BuiltinOperator, name, schema.BuiltinOperator.CUSTOM)
            custom = name if code == schema.BuiltinOperator.CUSTOM else None
            codes.append(schema.OperatorCodeT(min(code, 127), custom, 1, 0 if has_old_codes else code))
        model = schema.ModelT(3, codes, [graph], "", self.buffers)
        builder = flatbuffers.Builder()
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    # Layers that several cases share.

    def conv(self, x: int, kernel: tuple[int, ...], stride: int | tuple[int, int] = 1, padding: int = SAME, **more: Any) -> int:
        """`kernel` is out, height, width, in; `more` are fused, dilation, weights."""
        weights = more.get("weights") or self.weights
        return self.add("CONV_2D", x, weights(*kernel), weights(kernel[0]), **self.window(stride, padding, **more))

    def depthwise(self, x: int, kernel: tuple[int, ...], stride: int = 1, padding: int = SAME, **more: Any) -> int:
        """`kernel` is height, width, in, multiplier."""
        weights = more.get("weights") or self.weights
        height, width, channels, multiplier = kernel
        inputs = [x, weights(1, height, width, channels * multiplier), weights(channels * multiplier)]
        return self.add("DEPTHWISE_CONV_2D", *inputs, depthMultiplier=multiplier, **self.window(stride, padding, **more))

    @staticmethod
    def window(stride: int | tuple[int, int], padding: int, **more: Any) -> dict[str, int]:
        down, across = (stride, stride) if isinstance(stride, int) else stride
        options = {"padding": padding, "strideH": down, "strideW": across}
        options["fusedActivationFunction"] = ACTIVATIONS.get(more.get("fused", ""), 0)
        if dilation := more.get("dilation"):
            options |= {"dilationHFactor": dilation, "dilationWFactor": dilation}
        return options

    def pool(self, op: str, x: int, kernel: tuple[int, int], stride: int, padding: int = SAME, **more: Any) -> int:
        return self.add(op, x, filterHeight=kernel[0], filterWidth=kernel[1], **self.window(stride, padding, **more))

    def integers(self, *values: int, kind: type = np.int32) -> int:
        return self.constant(np.array(values, kind))

    def reshape(self, x: int, *shape: int) -> int:
        return self.add("RESHAPE", x, self.integers(*shape))

    def pad(self, x: int, *pairs: tuple[int, int], kind: type = np.int32) -> int:
        return self.add("PAD", x, self.constant(np.array(pairs, kind)))

    def linear(self, x: int, out: int, features: int, **options: Any) -> int:
        return self.add("FULLY_CONNECTED", x, self.weights(out, features), self.weights(out), **options)


Build = Callable[[Network, int], int | list[int]]
Case = tuple[str, tuple[int, ...], Build]

PICTURE = (1, 5, 6, 3)
ODD, EVEN = (1, 7, 5, 2), (1, 6, 8, 2)


def convolutions() -> Iterator[Case]:
    yield "conv_same", PICTURE, lambda n, x: n.conv(x, (4, 3, 3, 3))
    yield "conv_valid", PICTURE, lambda n, x: n.conv(x, (4, 3, 3, 3), padding=VALID)
    yield "conv_same_stride_odd", ODD, lambda n, x: n.conv(x, (3, 3, 3, 2), 2)
    yield "conv_same_stride_even", EVEN, lambda n, x: n.conv(x, (3, 3, 3, 2), 2)
    yield "conv_valid_stride", EVEN, lambda n, x: n.conv(x, (3, 3, 3, 2), 2, VALID)
    yield "conv_same_even_kernel", EVEN, lambda n, x: n.conv(x, (3, 2, 4, 2), (1, 2))
    yield "conv_same_stride_beyond_kernel", ODD, lambda n, x: n.conv(x, (3, 1, 1, 2), (3, 2))
    yield "conv_same_dilation", ODD, lambda n, x: n.conv(x, (3, 3, 3, 2), dilation=2)
    yield "conv_valid_dilation", ODD, lambda n, x: n.conv(x, (3, 3, 2, 2), padding=VALID, dilation=2)
    yield "conv_groups", (1, 4, 4, 6), lambda n, x: n.conv(x, (4, 3, 3, 3))
    yield "conv_half", PICTURE, lambda n, x: n.conv(x, (4, 3, 3, 3), weights=n.half)
    yield "conv_one_pixel", (1, 3, 3, 4), lambda n, x: n.conv(x, (7, 3, 3, 4), 3, VALID)
    yield "conv_batch", (2, 4, 3, 3), lambda n, x: n.conv(x, (4, 3, 3, 3))
    for fused in ACTIVATIONS:
        yield f"conv_{fused}", PICTURE, lambda n, x, fused=fused: n.conv(x, (4, 3, 3, 3), fused=fused)


def depthwise_convolutions() -> Iterator[Case]:
    yield "depthwise_same", PICTURE, lambda n, x: n.depthwise(x, (3, 3, 3, 1))
    yield "depthwise_valid", PICTURE, lambda n, x: n.depthwise(x, (3, 2, 3, 1), padding=VALID)
    yield "depthwise_stride_odd", ODD, lambda n, x: n.depthwise(x, (3, 3, 2, 1), 2)
    yield "depthwise_stride_even", EVEN, lambda n, x: n.depthwise(x, (3, 3, 2, 1), 2)
    yield "depthwise_dilation", ODD, lambda n, x: n.depthwise(x, (3, 3, 2, 1), dilation=2)
    yield "depthwise_multiplier", PICTURE, lambda n, x: n.depthwise(x, (3, 3, 3, 2))
    yield "depthwise_multiplier_of_one_channel", (1, 5, 4, 1), lambda n, x: n.depthwise(x, (3, 3, 1, 3), 2)
    yield "depthwise_relu6", PICTURE, lambda n, x: n.depthwise(x, (3, 3, 3, 1), fused="relu6")
    yield "depthwise_half", PICTURE, lambda n, x: n.depthwise(x, (3, 3, 3, 1), weights=n.half)


def linear() -> Iterator[Case]:
    def rows(n: Network, x: int) -> int:
        return n.linear(x, 4, 6)

    yield "linear", (1, 6), rows
    yield "linear_rows", (3, 6), rows
    yield "linear_of_pixels", (1, 3, 2, 6), rows
    yield "linear_keeps_axes", (1, 3, 2, 6), lambda n, x: n.linear(x, 4, 6, keepNumDims=True)
    yield "linear_of_picture", (1, 3, 2, 6), lambda n, x: n.linear(x, 4, 36)
    yield "linear_no_bias", (2, 6), lambda n, x: n.add("FULLY_CONNECTED", x, n.weights(4, 6), -1)
    yield "linear_relu", (2, 6), lambda n, x: n.linear(x, 4, 6, fusedActivationFunction=ACTIVATIONS["relu"])


def activations() -> Iterator[Case]:
    for op in ("LOGISTIC", "RELU", "RELU6", "RELU_N1_TO_1", "TANH", "HARD_SWISH"):
        yield op.lower(), PICTURE, lambda n, x, op=op: n.add(op, x)
    yield "leaky_relu", PICTURE, lambda n, x: n.add("LEAKY_RELU", x, alpha=0.3)
    for name, shape in {"channels": (1, 1, 3), "all": (1, 1, 1), "pixels": (5, 6, 3), "rows": (5, 1, 1)}.items():
        yield f"prelu_{name}", PICTURE, lambda n, x, shape=shape: n.add("PRELU", x, n.weights(*shape))
    yield "prelu_half", PICTURE, lambda n, x: n.add("PRELU", x, n.half(1, 1, 3))
    yield "prelu_features", (2, 6), lambda n, x: n.add("PRELU", x, n.weights(6))
    yield "softmax", (2, 6), lambda n, x: n.add("SOFTMAX", x, beta=1.0)
    yield "softmax_beta", (2, 6), lambda n, x: n.add("SOFTMAX", x, beta=0.5)
    yield "softmax_picture", PICTURE, lambda n, x: n.add("SOFTMAX", x, beta=1.0)


def arithmetic() -> Iterator[Case]:
    for op in ("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM"):
        yield f"{op.lower()}_channels", PICTURE, lambda n, x, op=op: n.add(op, x, n.weights(3))
        yield f"{op.lower()}_computed", PICTURE, lambda n, x, op=op: n.add(op, n.add("LOGISTIC", x), n.conv(x, (3, 1, 1, 3)))
    yield "add_pixels", PICTURE, lambda n, x: n.add("ADD", x, n.weights(*PICTURE))
    yield "add_plane", PICTURE, lambda n, x: n.add("ADD", x, n.weights(5, 6, 1))
    yield "add_number", PICTURE, lambda n, x: n.add("ADD", x, n.weights())
    yield "add_half", PICTURE, lambda n, x: n.add("ADD", x, n.half(1, 1, 1, 3))
    yield "add_int8", PICTURE, lambda n, x: n.add("ADD", x, n.quantised(np.int8, *PICTURE))
    yield "add_uint8", PICTURE, lambda n, x: n.add("ADD", x, n.quantised(np.uint8, *PICTURE))
    yield "add_int8_rows", PICTURE, lambda n, x: n.add("ADD", x, n.quantised(np.int8, *PICTURE, axis=1))
    yield "add_int8_channels", PICTURE, lambda n, x: n.add("ADD", x, n.quantised(np.int8, *PICTURE, axis=3))
    yield "sub_from_constant", PICTURE, lambda n, x: n.add("SUB", n.weights(6, 1), x)
    for fused, code in ACTIVATIONS.items():
        yield f"add_{fused}", PICTURE, lambda n, x, code=code: n.add("ADD", x, n.weights(3), fusedActivationFunction=code)
    yield "mul_relu", PICTURE, lambda n, x: n.add("MUL", x, n.weights(3), fusedActivationFunction=ACTIVATIONS["relu"])
    yield "mul_gate", PICTURE, lambda n, x: n.add("MUL", x, n.add("MEAN", x, n.integers(1, 2)))
    yield "l2_normalization", (2, 6), lambda n, x: n.add("L2_NORMALIZATION", x)
    yield "l2_normalization_picture", PICTURE, lambda n, x: n.add("L2_NORMALIZATION", x)
    for name, axes in {"plane": (1, 2), "channels": (-1,), "rows": (1,), "all": (0, 1, 2, 3)}.items():
        yield f"mean_{name}", PICTURE, lambda n, x, axes=axes: n.add("MEAN", x, n.integers(*axes))
        yield f"mean_{name}_kept", PICTURE, lambda n, x, axes=axes: n.add("MEAN", x, n.integers(*axes), keepDims=True)
    yield "sum_features", (2, 3, 4), lambda n, x: n.add("SUM", x, n.integers(2))


def pooling() -> Iterator[Case]:
    for name, op in {"max_pool": "MAX_POOL_2D", "average_pool": "AVERAGE_POOL_2D"}.items():
        yield f"{name}_valid", EVEN, lambda n, x, op=op: n.pool(op, x, (2, 2), 2, VALID)
        yield f"{name}_valid_rest", ODD, lambda n, x, op=op: n.pool(op, x, (2, 2), 2, VALID)
        yield f"{name}_same_odd", ODD, lambda n, x, op=op: n.pool(op, x, (2, 2), 2)
        yield f"{name}_same_even", EVEN, lambda n, x, op=op: n.pool(op, x, (3, 3), 2)
        yield f"{name}_same_overlap", ODD, lambda n, x, op=op: n.pool(op, x, (3, 2), 1)
        yield f"{name}_relu6", EVEN, lambda n, x, op=op: n.pool(op, x, (2, 2), 2, fused="relu6")
        yield f"{name}_whole", ODD, lambda n, x, op=op: n.pool(op, x, (7, 5), 1, VALID)
        yield f"{name}_whole_same", ODD, lambda n, x, op=op: n.pool(op, x, (7, 5), 4)


def moving() -> Iterator[Case]:
    yield "pad_plane", PICTURE, lambda n, x: n.pad(x, (0, 0), (1, 2), (0, 3), (0, 0))
    yield "pad_channels", PICTURE, lambda n, x: n.pad(x, (0, 0), (0, 0), (0, 0), (1, 2))
    yield "pad_features", (2, 6), lambda n, x: n.pad(x, (1, 0), (2, 3))
    yield "pad_int64", PICTURE, lambda n, x: n.pad(x, (0, 0), (1, 1), (1, 1), (0, 0), kind=np.int64)
    yield "pad_conv", EVEN, lambda n, x: n.conv(n.pad(x, (0, 0), (1, 1), (1, 1), (0, 0)), (3, 3, 3, 2), 2, VALID)
    yield "reshape_flat", PICTURE, lambda n, x: n.reshape(x, 1, -1)
    yield "reshape_linear", (1, 3, 2, 4), lambda n, x: n.linear(n.reshape(n.conv(x, (4, 1, 1, 4)), 1, 24), 5, 24)
    yield "reshape_picture", PICTURE, lambda n, x: n.reshape(x, 1, 6, 3, 5)
    yield "reshape_rows", PICTURE, lambda n, x: n.reshape(x, 30, 3)
    yield "reshape_boxes", PICTURE, lambda n, x: n.reshape(n.conv(x, (4, 1, 1, 3)), 1, 60, 2)
    yield "reshape_to_picture", (2, 24), lambda n, x: n.conv(n.reshape(x, 2, 3, 2, 4), (3, 3, 3, 4))
    yield "reshape_by_option", PICTURE, lambda n, x: n.add("RESHAPE", x, newShape=[1, 90])
    yield "squeeze", (1, 1, 1, 5), lambda n, x: n.add("SQUEEZE", n.conv(x, (4, 1, 1, 5)), squeezeDims=[1, 2])
    yield "squeeze_all", (1, 3, 1, 5), lambda n, x: n.add("SQUEEZE", x)
    for order in ((0, 3, 1, 2), (0, 2, 1, 3), (3, 0, 2, 1)):
        name = "transpose_" + "".join(map(str, order))
        yield name, PICTURE, lambda n, x, order=order: n.add("TRANSPOSE", x, n.integers(*order))
    yield "transpose_201", (2, 3, 4), lambda n, x: n.add("TRANSPOSE", x, n.integers(2, 0, 1))
    for name, axis in {"channels": 3, "last": -1, "rows": 1, "columns": 2}.items():
        yield f"concat_{name}", PICTURE, lambda n, x, axis=axis: n.add("CONCATENATION", x, n.add("RELU", x), axis=axis)
    yield "concat_widths", PICTURE, lambda n, x: n.add("CONCATENATION", x, n.conv(x, (2, 1, 1, 3)), n.weights(*PICTURE), axis=3)
    yield "concat_features", (2, 6), lambda n, x: n.add("CONCATENATION", x, x, axis=1)


def resizing() -> Iterator[Case]:
    corners = {"": {}, "_corners": {"alignCorners": True}, "_half_pixel": {"halfPixelCenters": True}}
    for op in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"):
        for name, options in corners.items():
            for change, size in {"double": (10, 12), "other": (8, 4)}.items():
                build = lambda n, x, op=op, size=size, o=options: n.add(op, n.add("RELU", x), n.integers(*size), **o)
                yield f"{op.lower()}_{change}{name}", PICTURE, build


def networks() -> Iterator[Case]:
    def residual(n: Network, x: int) -> list[int]:
        """The blocks of the face mesh: half floats, a shortcut around each block, two outputs."""
        x = n.add("PRELU", n.conv(x, (4, 3, 3, 3), 2, weights=n.half), n.half(1, 1, 4))
        block = n.conv(n.depthwise(x, (3, 3, 4, 1), weights=n.half), (4, 1, 1, 4), padding=VALID, weights=n.half)
        x = n.add("PRELU", n.add("ADD", block, x), n.half(1, 1, 4))
        block = n.conv(n.depthwise(x, (3, 3, 4, 1), 2, weights=n.half), (6, 1, 1, 4), padding=VALID, weights=n.half)
        short = n.pad(n.pool("MAX_POOL_2D", x, (2, 2), 2, VALID), (0, 0), (0, 0), (0, 0), (0, 2))
        x = n.add("PRELU", n.add("ADD", block, short), n.half(1, 1, 6))
        return [n.conv(x, (9, 2, 2, 6), 2, VALID, weights=n.half), n.conv(x, (1, 2, 2, 6), 2, VALID, weights=n.half)]

    def gated(n: Network, x: int) -> int:
        """An inverted residual with squeeze and excitation, then an embedding."""
        wide = n.add("HARD_SWISH", n.conv(x, (8, 1, 1, 4)))
        wide = n.depthwise(wide, (3, 3, 8, 1), fused="relu6")
        gate = n.add("MEAN", wide, n.integers(1, 2), keepDims=True)
        gate = n.add("LOGISTIC", n.conv(n.conv(gate, (2, 1, 1, 8), fused="relu"), (8, 1, 1, 2)))
        x = n.add("ADD", n.conv(n.add("MUL", wide, gate), (4, 1, 1, 8)), x)
        mean = n.pool("AVERAGE_POOL_2D", x, (4, 4), 1, VALID)
        return n.add("L2_NORMALIZATION", n.linear(n.reshape(mean, -1, 4), 6, 4))

    yield "network_residual", (1, 8, 8, 3), residual
    yield "network_gated", (1, 4, 4, 4), gated


FAMILIES = (
    convolutions, depthwise_convolutions, linear, activations, arithmetic, pooling, moving, resizing, networks,
)  # fmt: skip


def refused() -> Iterator[tuple[str, Build]]:
    """Networks on a picture that the import must refuse."""

    def bytes_without(n: Network, *shape: int) -> int:
        return n.constant(n.draw(*shape).astype(np.int8))

    def bytes_read(n: Network, x: int) -> int:
        n.tensors[x].type = schema.TensorType.UINT8
        return n.add("RELU", x)

    def missing(n: Network, x: int) -> int:
        return n.add("ADD", x, n.tensor("nothing", PICTURE, schema.TensorType.FLOAT32, 0))

    yield "operators", lambda n, x: n.add("Mystery", n.add("STABLEHLO_CBRT", n.add("FLOOR", x)))
    yield "int8_weights", lambda n, x: n.conv(x, (4, 3, 3, 3), weights=lambda *shape: bytes_without(n, *shape))
    yield "uint8_input", bytes_read
    yield "computed_weights", lambda n, x: n.add("CONV_2D", x, n.add("RELU", x), n.weights(1))
    yield "channels", lambda n, x: n.conv(x, (4, 3, 3, 5))
    yield "no_scale", lambda n, x: n.add("ADD", x, n.add("DEQUANTIZE", bytes_without(n, 3)))
    yield "nothing_makes_it", missing
    yield "activation", lambda n, x: n.add("ADD", x, n.weights(3), fusedActivationFunction=schema.ActivationFunctionType.TANH)


def inputs(shape: tuple[int, ...]) -> np.ndarray:
    i = np.arange(np.prod(shape), dtype=np.int64)
    return (((37 * i + 11) % 97 - 48) / 12).astype(np.float32).reshape(shape)


def run(data: bytes, shape: tuple[int, ...]) -> Interpreter:
    # Plain loops: optimised kernels only differ in the order of additions.
    interpreter = Interpreter(model_content=data, num_threads=1, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], inputs(shape))
    interpreter.invoke()
    return interpreter


def judged(name: str, shape: tuple[int, ...], build: Build) -> tuple[bytes, dict[str, Any]]:
    """The file, and LiteRT's results for it."""
    network = Network(zlib.crc32(name.encode()), shape)
    outputs = build(network, network.input)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    # Half of the files use the older encoding, from when TFLite had at most 127 operators.
    has_old_codes = len(name) % 2 == 0
    # LiteRT computes the shapes, which are then written too.
    interpreter = run(network.pack(outputs, has_old_codes), shape)
    for detail in interpreter.get_tensor_details():
        if detail["index"] < len(network.tensors):
            network.tensors[detail["index"]].shape = detail["shape"].tolist()
    data = network.pack(outputs, has_old_codes)
    interpreter = run(data, shape)
    results = [(network.tensors[output].name, interpreter.get_tensor(output)) for output in outputs]
    if not all(np.isfinite(result).all() for _, result in results):
        raise AssertionError(f"{name} is not finite")
    rows = [{"name": o, "shape": r.shape, "values": [float(str(value)) for value in r.flatten()]} for o, r in results]
    return data, {"name": name, "input": shape, "outputs": rows}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    rows, sizes = [], {}
    for name, shape, build in (case for family in FAMILIES for case in family()):
        if name in sizes:
            raise AssertionError(f"two cases are called {name}")
        data, row = judged(name, shape, build)
        (FOLDER / f"{name}.tflite").write_bytes(data)
        rows.append(row)
        sizes[name] = len(data)
    for path in FOLDER.glob("*.tflite"):
        if path.stem not in sizes:
            path.unlink()
    versions = {package: version(package) for package in ("ai-edge-litert", "flatbuffers", "numpy")}
    lines = ",\n".join("    " + json.dumps(row) for row in rows)
    (FOLDER / "refused").mkdir(exist_ok=True)
    for name, build in refused():
        network = Network(0, PICTURE)
        (FOLDER / "refused" / f"{name}.tflite").write_bytes(network.pack([build(network, network.input)], False))
    (HERE / "tflite.json").write_text(f'{{\n  "versions": {json.dumps(versions)},\n  "cases": [\n{lines}\n  ]\n}}\n')
    total, largest = sum(sizes.values()), max(sizes.values())
    print(f"{len(sizes)} cases, {total} bytes, the largest {largest}")
    if total > MAX_TOTAL or largest > MAX_FILE:
        raise AssertionError(f"expected at most {MAX_TOTAL} bytes, {MAX_FILE} in a file")


if __name__ == "__main__":
    main()
