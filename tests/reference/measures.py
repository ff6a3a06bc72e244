"""Writes `measures.json`: native values of ISO/IEC 29794-5's measures on the portraits, computed with numpy, Pillow and SciPy.

The landmarks are those that LiteRT found (`landmarks.json`), the boxes those that onnxruntime found (`faces.json`).
"""

import argparse
import json
import math
import struct
import tomllib
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import convolve, map_coordinates
from scipy.spatial import ConvexHull, Delaunay

HERE = Path(__file__).parent

OUTLINE = [
    *(127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356),
    *(46, 70, 63, 105, 66, 107, 276, 300, 293, 334, 296, 336),
]
LIDS = [
    [(246, 7), (161, 163), (160, 144), (159, 145), (158, 153), (157, 154), (173, 155)],
    [(466, 249), (388, 390), (387, 373), (386, 374), (385, 380), (384, 381), (398, 382)],
]
LIPS = [(191, 95), (80, 88), (81, 178), (82, 87), (13, 14), (312, 317), (311, 402), (310, 318), (415, 324)]


def linear(rgb: np.ndarray) -> np.ndarray:
    value = rgb / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance, 0..255."""
    return 255 * (linear(rgb) @ [0.2126, 0.7152, 0.0722])


def within(corners: np.ndarray, points: np.ndarray) -> np.ndarray:
    return Delaunay(corners).find_simplex(points, tol=1e-12) >= 0


def histogram(values: np.ndarray) -> np.ndarray:
    return np.bincount(np.round(values).astype(int), minlength=256) / len(values)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB under D50 of sRGB, [n, 3]."""
    matrix = np.array(
        [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
    )
    ratio = linear(rgb) @ matrix.T / [0.96422, 1.0, 0.82521]
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def fields(data: bytes) -> list[tuple[int, int | bytes]]:
    """A message in Protocol Buffers: numbers and values of its fields."""

    def varint(at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            value |= (data[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 128:
                return value, at

    at, found = 0, []
    while at < len(data):
        key, at = varint(at)
        if key & 7 == 0:
            value, at = varint(at)
        else:
            length, at = (4, at) if key & 7 == 5 else varint(at)
            value, at = data[at : at + length], at + length
        found.append((key >> 3, value))
    return found


def canonical(file: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The canonical face [468, 3], y down, and its points' weights in a pose [468]."""
    message = fields(file)
    geometry = fields(next(value for number, value in message if number == 1))
    points = np.frombuffer(b"".join(value for number, value in geometry if number == 3), "<f4").reshape(-1, 5)[:, :3] * [1, -1, 1]
    weights = np.zeros(len(points))
    for number, value in message:
        if number == 2:
            weight = dict(fields(value))
            weights[weight.get(1, 0)] = struct.unpack("<f", weight[2])[0]
    return points, weights / weights.sum()


def pose(points: np.ndarray, face: np.ndarray, weights: np.ndarray) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees: Kabsch's rotation, and how much of a turn the network shows (`src/measure/pose.rs`)."""
    seen = points * [1, 1, -1]
    from_, to = ((values - weights @ values) for values in (face, seen))
    u, _, vt = np.linalg.svd((from_ * weights[:, None]).T @ to)
    turn = vt.T @ np.diag([1, 1, np.linalg.det(u @ vt)]) @ u.T
    roll = math.atan2(-turn[1, 0], turn[0, 0])
    cos, sin = math.cos(roll), math.sin(roll)
    x, y, z = turn[:, 2]
    aside, below = x * cos - y * sin, x * sin + y * cos
    yaw = 1.4 * math.degrees(math.atan2(aside, z))
    pitch = 1.2 * (math.degrees(math.atan2(below, math.hypot(aside, z))) - 3.7) - 0.00184 * min(abs(yaw), 45) ** 2
    return yaw, pitch, math.degrees(roll)


def background(picture: np.ndarray, points: np.ndarray, right: np.ndarray, across: np.ndarray, apart: float) -> float:
    """Mean Sobel gradient outside the head, in the part of OFIQ's aligned picture above the chin."""
    width, height, scale = 354, 295, 354 / 492
    step = apart / 113
    samples = min(max(math.ceil(step / scale), 1), 8)
    down = np.array([-across[1], across[0]])

    def place(columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
        x, y = step * (columns / scale + 62 - 251), step * (rows / scale - 272)
        return right + x[..., None] * across + y[..., None] * down

    light = luminance(picture)
    rows, columns = np.mgrid[:height, :width].astype(float)
    total, inside = np.zeros((height, width)), np.ones((height, width), bool)
    for part in range(samples * samples):
        shift_x, shift_y = (part % samples + 0.5) / samples, (part // samples + 0.5) / samples
        at = place(columns + shift_x, rows + shift_y)
        inside &= ((at >= 0) & (at <= np.array(picture.shape[1::-1]) - 1)).all(axis=-1)
        total += map_coordinates(light, [at[..., 1], at[..., 0]], order=1, mode="nearest")
    hull = points[ConvexHull(points).vertices]
    middle = (hull.min(axis=0) + hull.max(axis=0)) / 2
    head = within(middle + 1.6 * (hull - middle), place(columns + 0.5, rows + 0.5).reshape(-1, 2)).reshape(height, width)
    mean, used = total / samples**2, inside & ~head
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gradient = np.hypot(convolve(mean, kernel), convolve(mean, kernel.T))
    whole = convolve(used.astype(int), np.ones((3, 3), int), mode="constant") == 9
    return float(gradient[whole].mean())


def measures(picture: np.ndarray, points3: np.ndarray, areas: list[float], face: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
    points = points3[:, :2]
    height, width = picture.shape[:2]
    right, left, mouth = (points[list(pair)].mean(axis=0) for pair in ((33, 133), (362, 263), (61, 291)))
    eyes, apart = (right + left) / 2, math.dist(right, left)
    across = (left - right) / apart
    down = np.array([-across[1], across[0]])
    length = math.dist(eyes, points[152])
    ys, xs = np.mgrid[:height, :width]
    places = np.stack([xs.ravel(), ys.ravel()], axis=1).astype(float)
    samples = picture.reshape(-1, 3)

    outline = points[OUTLINE]
    light = luminance(samples[within(outline[ConvexHull(outline).vertices], places)])
    share = histogram(light)
    levels = np.arange(256) / 255
    mean = share @ levels

    half_way, side = (mouth - eyes) @ down / 2, 0.3 * apart
    cheeks = []
    for eye, outward in ((right, -1), (left, 1)):
        u, v = (places - eye) @ across * outward, (places - eye) @ down - half_way
        cheeks.append(samples[(u >= 0) & (u <= side) & (v >= 0) & (v <= side)])
    _, a, b = lab(np.concatenate(cheeks)).mean(axis=0)
    yaw, pitch, roll = pose(points3, *face)

    def opening(pairs: list[tuple[int, int]]) -> float:
        return max(math.dist(points[upper], points[lower]) for upper, lower in pairs)

    return {
        "BackgroundUniformity": background(picture, points, right, across, apart),
        "IlluminationUniformity": float(np.minimum(*(histogram(luminance(cheek)) for cheek in cheeks)).sum()),
        "LuminanceMean": float(mean),
        "LuminanceVariance": float(share @ (levels - mean) ** 2),
        "UnderExposurePrevention": float(share[:26].sum()),
        "OverExposurePrevention": float(share[247:].sum()),
        "DynamicRange": float(-(share[share > 0] * np.log2(share[share > 0])).sum()),
        "NaturalColour": math.hypot(max(5 - a, a - 25, 0), max(5 - b, b - 35, 0)),
        "SingleFacePresent": sorted(areas)[-2] / max(areas) if len(areas) > 1 else 0.0,
        "EyesOpen": min(opening(pairs) for pairs in LIDS) / length,
        "MouthClosed": opening(LIPS) / length,
        "InterEyeDistance": apart / math.cos(math.radians(yaw)),
        "HeadSize": length / height,
        "LeftwardCropOfTheFaceImage": (min(right[0], left[0]) + 0.5) / apart,
        "RightwardCropOfTheFaceImage": (width - max(right[0], left[0]) - 0.5) / apart,
        "MarginAboveOfTheFaceImage": (eyes[1] + 0.5) / length,
        "MarginBelowOfTheFaceImage": (height - eyes[1] - 0.5) / length,
        "HeadPoseYaw": yaw,
        "HeadPosePitch": pitch,
        "HeadPoseRoll": roll,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portraits", type=Path, required=True, help="folder of the portraits")
    parser.add_argument("--mesh", type=Path, required=True, help="models/files/face_mesh.bin")
    parser.add_argument("--out", type=Path, default=HERE / "measures.json")
    arguments = parser.parse_args()
    network, geometry = tomllib.loads((HERE.parents[1] / "models" / "face-mesh.toml").read_text())["source"]["parts"]
    face = canonical(arguments.mesh.read_bytes()[network["bytes"] :][: geometry["bytes"]])
    faces = json.loads((HERE / "faces.json").read_text())["portraits"]
    rows = []
    for portrait, found in zip(json.loads((HERE / "landmarks.json").read_text())["portraits"], faces, strict=True):
        picture = np.asarray(Image.open(arguments.portraits / portrait["file"]).convert("RGB")).astype(float)
        areas = [one["box"][2] * one["box"][3] for one in found["faces"]]
        values = measures(picture, np.array(portrait["points"]), areas, face)
        rows.append({"file": portrait["file"], "native": {name: round(float(value), 6) for name, value in values.items()}})
    lines = ",\n".join("    " + json.dumps(row) for row in rows)
    arguments.out.write_text('{\n  "portraits": [\n' + lines + "\n  ]\n}\n")


if __name__ == "__main__":
    main()
