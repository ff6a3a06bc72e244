"""`serfiq score` in Python, with OpenCV and onnxruntime: reads one picture path per line, and answers each, in order, with the
raw scores of its faces, largest first.

Usage: opencv_pipeline.py FOLDER THREADS, with the folder that `cargo xtask bench` fills.
"""

import json
import os
import sys
from multiprocessing.pool import ThreadPool
from pathlib import Path

# Each core already works on a picture of its own. Set before numpy is loaded, which reads it only then.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import cv2
import numpy as np
import onnxruntime

# Long side at which faces are detected, in pictures padded to multiples of the coarsest grid's stride.
LONG_SIDE = 640
STRIDES = (8, 16, 32)
MIN_CONFIDENCE, MAX_OVERLAP = 0.6, 0.3

CROP = 112
TEMPLATE = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
)
TEMPLATE_MEAN = TEMPLATE.mean(axis=0)
TEMPLATE_CENTRED = TEMPLATE - TEMPLATE_MEAN


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class Detector:
    """YuNet."""

    def __init__(self, folder: Path) -> None:
        self.network = session(folder / "detect.onnx")
        self.outputs = [output.name for output in self.network.get_outputs()]

    def landmarks(self, picture: np.ndarray) -> np.ndarray:
        """The five landmarks of each face, largest first: [faces, 5, 2]."""
        height, width = picture.shape[:2]
        scale = min(1.0, LONG_SIDE / max(height, width))
        if scale < 1.0:
            size = (int(width * scale + 0.5), int(height * scale + 0.5))
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        bottom, right = (-side % STRIDES[-1] for side in picture.shape[:2])
        padded = cv2.copyMakeBorder(picture, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
        outputs = dict(zip(self.outputs, self.network.run(None, {"input": cv2.dnn.blobFromImage(padded)})))

        confidences, boxes, points = [], [], []
        for stride in STRIDES:
            cls, obj, bbox, kps = (outputs[f"{name}_{stride}"][0] for name in ("cls", "obj", "bbox", "kps"))
            confidence = np.sqrt(cls * obj).ravel()
            cells = np.flatnonzero(confidence >= MIN_CONFIDENCE)
            grid = np.stack([cells % (padded.shape[1] // stride), cells // (padded.shape[1] // stride)], axis=1)
            bbox, kps = bbox[cells], kps[cells].reshape(-1, 5, 2)
            size = np.exp(bbox[:, 2:])
            confidences.append(confidence[cells])
            boxes.append(np.hstack([grid + bbox[:, :2] - size / 2, size]) * (stride / scale))
            points.append((grid[:, None] + kps) * (stride / scale))
        boxes, points = np.concatenate(boxes), np.concatenate(points)
        kept = np.array(cv2.dnn.NMSBoxes(boxes, np.concatenate(confidences), MIN_CONFIDENCE, MAX_OVERLAP), int)
        return points[kept[np.argsort(-boxes[kept, 2:].prod(axis=1))]]


def align(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The face on ArcFace's template, by Umeyama's least-squares similarity transform."""
    mean = landmarks.mean(axis=0)
    centred = landmarks - mean
    u, singular, v = np.linalg.svd(TEMPLATE_CENTRED.T @ centred)
    # No mirroring.
    singular[1] *= np.sign(np.linalg.det(u @ v))
    u[:, 1] *= np.sign(np.linalg.det(u @ v))
    linear = singular.sum() / np.square(centred).sum() * u @ v
    matrix = np.column_stack([linear, TEMPLATE_MEAN - linear @ mean])
    return cv2.warpAffine(picture, matrix, (CROP, CROP), flags=cv2.INTER_LINEAR)


class Recogniser:
    """SFace, and the limit of its score under dropout (`crates/score/src/limit.rs`)."""

    def __init__(self, folder: Path) -> None:
        self.network = session(folder / "features.onnx")
        limit = json.loads((folder / "limit.json").read_text())
        self.k, self.c = limit["k"], limit["dropout"] / (1 - limit["dropout"])
        self.bias = np.array(limit["bias"], np.float32)
        self.weight = np.fromfile(folder / "head.f32", np.float32).reshape(len(self.bias), -1)
        self.energy = np.square(self.weight).sum(axis=0)

    def score(self, crop: np.ndarray) -> float:
        [[features]] = self.network.run(None, {"data": cv2.dnn.blobFromImage(crop, swapRB=True)})
        mean = self.weight @ features + self.bias
        squares = np.square(features)
        length_squared = float(mean @ mean)
        trace = self.c * float(squares @ self.energy)
        along = self.c * float(squares @ np.square(mean @ self.weight)) / length_squared

        rho, k = along / length_squared, self.k
        tau = (trace - along) / length_squared * (1 + 3 * rho)
        variance = tau**2 * (2 / k + 4 * rho)
        squared = 2 * (tau / (1 + tau) - 0.75 * variance / (1 + tau) ** 3)
        distance = squared**0.5 * (1 - (1 / k + (1 / k + 2 * rho) / (1 + tau) ** 2) / 8)
        return 2 / (1 + float(np.exp(distance)))


def main() -> None:
    folder, threads = Path(sys.argv[1]), int(sys.argv[2])
    detector, recogniser = Detector(folder), Recogniser(folder)
    cv2.setNumThreads(1)

    def answer(line: str) -> str:
        path = line.rstrip("\n")
        picture = cv2.imread(path)
        faces = [{"raw": recogniser.score(align(picture, points))} for points in detector.landmarks(picture)]
        return json.dumps({"path": path, "faces": faces})

    with ThreadPool(threads) as pool:
        for line in pool.imap(answer, sys.stdin):
            print(line, flush=True)


if __name__ == "__main__":
    main()
