"""Writes `landmarks.json`: the face mesh's landmarks on the portraits, by LiteRT on crops that numpy cuts.

The faces' five landmarks are those of `faces.json`, which onnxruntime found.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import OpResolverType
from mesh import HERE, SIDE, Mesh, network, write
from PIL import Image

# Side of the region, in the larger of the distances between the eyes and from eyes to mouth; and how far below the middle of eyes and mouth
# its centre is, as a share of their distance.
SIDE_IN_FACES, BELOW = 3.6, 0.05

# A region is good enough if it differs from the face's own by less than NEAR, in place, and in size and tilt. From FAR on, the network
# looks again. In between, the next look is weighted by how far the difference is beyond NEAR.
NEAR, FAR, MAX_LOOKS = 0.06, 0.08, 4

# A copy begins and ends at multiples of these pixels, and its pixels have sides of multiples of a sixteenth.
GRID, SHRINKS = 16, 16


def region(right_eye: np.ndarray, left_eye: np.ndarray, mouth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre of the square, and its 2 x 2 matrix from pixels of the crop to pixels of the picture."""
    eyes = (right_eye + left_eye) / 2
    between, down = left_eye - right_eye, mouth - eyes
    scale = SIDE_IN_FACES * max(np.hypot(*between), np.hypot(*down)) / SIDE
    cos, sin = scale * between / np.hypot(*between)
    return (eyes + mouth) / 2 + BELOW * down, np.array([[cos, -sin], [sin, cos]])


def need_of_another(centre: np.ndarray, matrix: np.ndarray, own_centre: np.ndarray, own_matrix: np.ndarray) -> float:
    scale = math.hypot(*matrix[:, 0])
    place = math.hypot(*(centre - own_centre)) / (SIDE * scale)
    size = math.hypot(*(matrix[:, 0] - own_matrix[:, 0])) / scale
    return min(max((max(place, size) - NEAR) / (FAR - NEAR), 0.0), 1.0)


def crop(picture: Image.Image, centre: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """RGB [192, 192, 3], 0..255: made as small as the crop by Pillow's bilinear filter, then turned bilinearly; 0 beyond the picture."""
    scale = math.hypot(*matrix[:, 0])
    half = SIDE / 2 * np.abs(matrix[:, 0]).sum() + 2 * scale
    left, top = (max(math.floor(value / GRID) * GRID, 0) for value in centre - half)
    right, bottom = (
        min(math.ceil(value / GRID) * GRID, most) for value, most in zip(centre + half, picture.size, strict=True)
    )
    size = np.array([right - left, bottom - top])
    shrink = max(math.floor(scale * SHRINKS) / SHRINKS, 1.0)
    copied = np.maximum(np.round(size / shrink).astype(int), 1)
    copy = np.asarray(picture.crop((left, top, right, bottom)).resize(tuple(copied), Image.Resampling.BILINEAR), float)
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(float)
    place = np.stack([columns + 0.5, rows + 0.5], axis=-1) - SIDE / 2
    place = (place @ matrix.T + centre - [left, top] + 0.5) * (copied / size) - 0.5
    # A margin of zeros, so that no sample has to be treated differently.
    padded = np.pad(copy, ((2, 2), (2, 2), (0, 0)))
    x, y = (np.clip(place[..., axis], -2, copied[axis]) + 2 for axis in (0, 1))
    first_x, first_y = np.floor(x).astype(int), np.floor(y).astype(int)
    right_share, bottom_share = (x - first_x)[..., None], (y - first_y)[..., None]
    above = padded[first_y, first_x] * (1 - right_share) + padded[first_y, first_x + 1] * right_share
    below = padded[first_y + 1, first_x] * (1 - right_share) + padded[first_y + 1, first_x + 1] * right_share
    return np.floor(above * (1 - bottom_share) + below * bottom_share + 0.5)


def located(litert: Mesh, picture: Image.Image, near: np.ndarray) -> tuple[np.ndarray, float, float]:
    """The landmarks of the face whose five points are `near`: x, y and depth in pixels; pixels of the picture to one of the crop; logit."""
    own = region(near[0], near[1], (near[3] + near[4]) / 2)
    weight, placed, logit = 1.0, np.zeros(1), 0.0
    for _ in range(MAX_LOOKS):
        centre, matrix = own
        points, found = litert.run(crop(picture, centre, matrix) / 255)
        scale = math.hypot(*matrix[:, 0])
        seen = np.concatenate([(points[:, :2] - SIDE / 2) @ matrix.T + centre, scale * points[:, 2:]], axis=1)
        placed, logit = placed + weight * (seen - placed), logit + weight * (found - logit)
        right_eye, left_eye, mouth = (placed[list(pair), :2].mean(axis=0) for pair in ((33, 133), (362, 263), (61, 291)))
        own = region(right_eye, left_eye, mouth)
        if weight < 1:
            break
        weight = need_of_another(centre, matrix, *own)
        if weight == 0:
            break
    return placed, scale, logit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="what `npm pack` fetched")
    parser.add_argument("--portraits", type=Path, required=True, help="folder of the portraits")
    parser.add_argument("--out", type=Path, default=HERE / "landmarks.json")
    arguments = parser.parse_args()
    litert = Mesh(network(arguments.archive), OpResolverType.BUILTIN_REF)
    rows = []
    for portrait in json.loads((HERE / "faces.json").read_text())["portraits"]:
        near = np.array(portrait["faces"][0]["landmarks"])
        picture = Image.open(arguments.portraits / portrait["file"]).convert("RGB")
        placed, scale, logit = located(litert, picture, near)
        rows.append(
            {
                "file": portrait["file"],
                "near": near.tolist(),
                "scale": round(scale, 6),
                "logit": round(logit, 3),
                "points": [[round(float(value), 2) for value in point] for point in placed],
            }
        )
    write(arguments.out, {"portraits": rows})


if __name__ == "__main__":
    main()
