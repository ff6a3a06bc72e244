"""The two networks on onnxruntime, and the steps around them, written independently of the Rust code they check."""

import hashlib
import importlib.metadata
import platform
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from PIL import Image, ImageOps
from skimage.transform import SimilarityTransform

from philox import scaled_masks

RECOGNISER = "face_recognition_sface_2021dec_int8bq.onnx"
DETECTOR = "face_detection_yunet_2023mar_int8bq.onnx"
DROPOUT = 0.4
CROP = 112
# Positions of the five landmarks in an aligned crop (the ArcFace template).
TEMPLATE = np.array([(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)])


def versions() -> dict[str, str]:
    packages = ("numpy", "onnx", "onnxruntime", "opencv-python-headless", "pillow", "scikit-image")
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in packages}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# Graphs


def load_graph(path: Path) -> onnx.ModelProto:
    """The published model, after repairing the faults that make onnxruntime reject it.

    The weights stay quantised: onnxruntime expands them itself.
    """
    model = onnx.load(path)
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    # Weights that quantisation replaced are still listed as inputs.
    del graph.input[1:]
    # The recorded inner shapes hold only for one pass, or for 640 x 640 pixels.
    del graph.value_info[:]
    # A single scale for a whole tensor is stored as a 1 x 1 block; onnxruntime wants a scalar and no block size.
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and numpy_helper.to_array(constants[node.input[1]]).size == 1:
            for name in node.input[1:]:
                del constants[name].dims[:]
            kept = [attribute for attribute in node.attribute if attribute.name != "block_size"]
            del node.attribute[:]
            node.attribute.extend(kept)
    return model


def session(model: onnx.ModelProto, threads: int) -> onnxruntime.InferenceSession:
    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class Recogniser:
    """The whole, uncut SFace graph; its Dropout node is a multiplication with the input `mask` [passes, 1024, 7, 7]."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        model = load_graph(folder / RECOGNISER)
        graph = model.graph
        dropout = next(node for node in graph.node if node.op_type == "Dropout")
        self.before_dropout = dropout.input[0]
        self.shape = (1024, 7, 7)
        self.features = int(np.prod(self.shape))
        multiplication = helper.make_node("Mul", [self.before_dropout, "mask"], [dropout.output[0]])
        graph.node.insert(list(graph.node).index(dropout), multiplication)
        graph.node.remove(dropout)
        graph.input.append(helper.make_tensor_value_info("mask", onnx.TensorProto.FLOAT, ["passes", *self.shape]))
        graph.output[0].type.tensor_type.shape.dim[0].dim_param = "passes"
        graph.output.append(helper.make_tensor_value_info(self.before_dropout, onnx.TensorProto.FLOAT, [1, *self.shape]))
        self.weights, self.bias = self._head(model, threads)
        self.session = session(model, threads)

    def _head(self, model: onnx.ModelProto, threads: int) -> tuple[np.ndarray, np.ndarray]:
        """W [128, 50176] and b [128] with embedding = W x + b: the Gemm with its batch norm folded in, in f64."""
        constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        gemm = next(node for node in model.graph.node if node.op_type == "Gemm")
        norm = next(node for node in model.graph.node if gemm.output[0] in node.input)
        names = list(gemm.input[1:])
        expansion = onnx.ModelProto()
        expansion.CopyFrom(model)
        del expansion.graph.output[:]
        del expansion.graph.input[:]
        nodes = [node for node in model.graph.node if node.output[0] in names]
        del expansion.graph.node[:]
        expansion.graph.node.extend(nodes)
        expansion.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
        weights, bias = (tensor.astype(np.float64) for tensor in session(expansion, threads).run(names, {}))
        gamma, beta, mean, variance = (constants[name].astype(np.float64) for name in norm.input[1:])
        epsilon = next(attribute.f for attribute in norm.attribute if attribute.name == "epsilon")
        gain = gamma / np.sqrt(variance + epsilon)
        return weights * gain[:, None], (bias - mean) * gain + beta

    def run(self, crop: np.ndarray, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Embeddings [passes, 128] of one crop [112, 112, 3] RGB under `masks` [passes, 50176], and its features [50176]."""
        data = np.ascontiguousarray(crop.transpose(2, 0, 1)[None], np.float32)
        feed = {"data": data, "mask": masks.reshape(-1, *self.shape)}
        embeddings, features = self.session.run(["fc1", self.before_dropout], feed)
        return embeddings, features.reshape(-1)

    def embed(self, crop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Embedding [128], not normalised, without dropout; and the features [50176]."""
        embeddings, features = self.run(crop, np.ones((1, self.features), np.float32))
        return embeddings[0], features

    def sample(self, crops: list[np.ndarray], seed: int, passes: int, p: float = DROPOUT) -> list[np.ndarray]:
        """Embeddings [passes, 128] of each crop under the masks of `seed`, 500 masks at a time to bound the memory."""
        chunks: list[list[np.ndarray]] = [[] for _ in crops]
        for start in range(0, passes, 500):
            masks = scaled_masks(seed, range(start, min(start + 500, passes)), self.features, p)
            for crop, chunk in zip(crops, chunks):
                chunk.append(self.run(crop, masks)[0])
        return [np.concatenate(chunk) for chunk in chunks]


# The score


@dataclass
class Robustness:
    distance: float
    raw: float
    std_error: float


def raw_score(distance: float) -> float:
    return float(2 / (1 + np.exp(distance)))


def monte_carlo(embeddings: np.ndarray) -> Robustness:
    """D as the mean over pairs, s = 2 / (1 + exp(D)), and the delete-one jackknife's standard error of s."""
    units = embeddings.astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    m = len(units)
    distances = np.sqrt(np.maximum(0, 2 - 2 * units @ units.T))
    np.fill_diagonal(distances, 0)
    rows = distances.sum(axis=1)
    distance = float(rows.sum() / (m * (m - 1)))
    without_one = (rows.sum() - 2 * rows) / ((m - 1) * (m - 2))
    error = float(np.sqrt((m - 1) / m * ((without_one - without_one.mean()) ** 2).sum()))
    raw = raw_score(distance)
    return Robustness(distance, raw, raw * (1 - raw / 2) * error)


@dataclass
class Moments:
    """Moments of the embedding under dropout: |mean|^2, variance along the mean (P) and across it (t)."""

    length2: float
    along: float
    across: float

    def distance(self, k: float) -> float:
        """The limit of D for infinitely many passes."""
        rho = self.along / self.length2
        tau = self.across / self.length2 * (1 + 3 * rho)
        variance = tau**2 * (2 / k + 4 * rho)
        squared = 2 * (tau / (1 + tau) - 0.75 * variance / (1 + tau) ** 3)
        return float(np.sqrt(squared) * (1 - (1 / k + (1 / k + 2 * rho) / (1 + tau) ** 2) / 8))


class Head:
    """embedding = W x + b: the recogniser's affine end, as the limit needs it, with c = p / (1 - p)."""

    def __init__(self, recogniser: Recogniser, p: float = DROPOUT) -> None:
        self.weights, self.bias = recogniser.weights, recogniser.bias
        self.c = p / (1 - p)
        self.columns = (self.weights**2).sum(axis=0)

    def moments(self, features: np.ndarray) -> Moments:
        x = features.astype(np.float64)
        mean = self.weights @ x + self.bias
        length2 = float(mean @ mean)
        along = float(self.c * x**2 @ (mean @ self.weights) ** 2 / length2)
        return Moments(length2, along, float(self.c * x**2 @ self.columns) - along)

    def effective_dimension(self, features: np.ndarray) -> float:
        """k = t^2 / tr(S^2), from the whole covariance S across the mean."""
        x = features.astype(np.float64)
        spread = (self.weights * x).astype(np.float32)
        covariance = self.c * (spread @ spread.T).astype(np.float64)
        mean = self.weights @ x + self.bias
        unit = mean / np.linalg.norm(mean)
        across = np.eye(len(unit)) - np.outer(unit, unit)
        s = across @ covariance @ across
        return float(np.trace(s) ** 2 / (s**2).sum())


# Pictures


def read_picture(path: Path) -> np.ndarray:
    """RGB [height, width, 3], rotated by its EXIF orientation."""
    return np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))


def letterbox(picture: np.ndarray, long_side: int = 640) -> tuple[np.ndarray, np.ndarray]:
    """BGR planes [3, h, w] in 0..255, h and w multiples of 32; and letterboxed pixels per picture pixel, along x and y."""
    height, width = picture.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    small_width, small_height = (max(1, round(side * scale)) for side in (width, height))
    small = np.asarray(Image.fromarray(picture).resize((small_width, small_height), Image.Resampling.BILINEAR))
    padded = np.zeros((-(-small_height // 32) * 32, -(-small_width // 32) * 32, 3), np.float32)
    padded[:small_height, :small_width] = small[:, :, ::-1]
    return np.ascontiguousarray(padded.transpose(2, 0, 1)), np.array([small_width / width, small_height / height])


@dataclass
class Face:
    box: np.ndarray  # x, y, width, height in pixels of the picture
    landmarks: np.ndarray  # [5, 2]
    confidence: float

    @property
    def area(self) -> float:
        return float(self.box[2] * self.box[3])


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes x, y, width, height."""
    sides = np.minimum(a[:2] + a[2:], b[:2] + b[2:]) - np.maximum(a[:2], b[:2])
    common = float(np.prod(np.maximum(sides, 0)))
    return common / float(a[2] * a[3] + b[2] * b[3] - common)


class Detector:
    """YuNet. The graph declares 640 x 640 but is fully convolutional: one session per requested size."""

    THRESHOLD = 0.6
    MAX_OVERLAP = 0.3

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self.path = folder / DETECTOR
        self.threads = threads
        self.sessions: dict[tuple[int, int], onnxruntime.InferenceSession] = {}

    def _session(self, height: int, width: int) -> onnxruntime.InferenceSession:
        if (height, width) not in self.sessions:
            model = load_graph(self.path)
            dims = model.graph.input[0].type.tensor_type.shape.dim
            dims[2].dim_value, dims[3].dim_value = height, width
            for output in model.graph.output:
                output.type.tensor_type.ClearField("shape")
            self.sessions[height, width] = session(model, self.threads)
        return self.sessions[height, width]

    def detect(self, picture: np.ndarray) -> list[Face]:
        """Faces in pixels of the picture, largest first."""
        planes, scale = letterbox(picture)
        _, height, width = planes.shape
        names = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)]
        outputs = dict(zip(names, self._session(height, width).run(names, {"input": planes[None]})))
        found: list[Face] = []
        for stride in (8, 16, 32):
            cls, obj, bbox, kps = (outputs[f"{kind}_{stride}"][0] for kind in ("cls", "obj", "bbox", "kps"))
            confidence = np.sqrt(cls[:, 0] * obj[:, 0])
            for cell in np.flatnonzero(confidence >= self.THRESHOLD):
                corner = np.array([cell % (width // stride), cell // (width // stride)], np.float64)
                centre, size = (corner + bbox[cell, :2]) * stride, np.exp(bbox[cell, 2:]) * stride
                landmarks = (corner + kps[cell].reshape(5, 2)) * stride
                box = np.concatenate([(centre - size / 2) / scale, size / scale])
                found.append(Face(box, landmarks / scale, float(confidence[cell])))
        kept: list[Face] = []
        for face in sorted(found, key=lambda face: -face.confidence):
            if all(overlap(face.box, other.box) <= self.MAX_OVERLAP for other in kept):
                kept.append(face)
        return sorted(kept, key=lambda face: -face.area)


def align(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """RGB crop [112, 112, 3]: scikit-image's least-squares similarity, OpenCV's bilinear warp, black outside."""
    similarity = SimilarityTransform()
    if not similarity.estimate(landmarks, TEMPLATE):
        raise ValueError(f"landmarks do not span a face: {landmarks.tolist()}")
    return cv2.warpAffine(picture, similarity.params[:2], (CROP, CROP), flags=cv2.INTER_LINEAR)
