"""Shows that each of the standard's measures gets worse with its own degradation: those of `ofiq-syngen`, in six steps.

Its degradations need OFIQ's 98 landmarks and a segmentation. Here they get the face mesh's landmarks, by LiteRT, in the places of the 98, and
the head is the enlarged hull of the mesh. The pose is left out: its degradations take minutes a picture, and `tests/native/` turns
faces by known angles. Prints a table in Markdown.
"""

import argparse
import csv
import json
import subprocess
import tempfile
import warnings
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import OpResolverType
from landmarks import located
from mesh import Mesh
from ofiq_syngen.components import COMPONENT_REGISTRY
from ofiq_syngen.face_context import FaceContext
from PIL import Image
from scipy.stats import spearmanr

STEPS = np.linspace(0, 1, 6)
SEED = 7
# A measure follows its degradation from this rank correlation of step and badness.
FOLLOWS = 0.9

# Whether a larger native value is worse. Where both ends are bad, the quality counts instead.
WORSE = {
    "BackgroundUniformity": 1,
    "IlluminationUniformity": -1,
    "LuminanceMean": 0,
    "LuminanceVariance": 0,
    "UnderExposurePrevention": 1,
    "OverExposurePrevention": 1,
    "DynamicRange": -1,
    "NaturalColour": 1,
    "SingleFacePresent": 1,
    "EyesOpen": -1,
    "MouthClosed": 1,
    "InterEyeDistance": -1,
    "HeadSize": -1,
    "LeftwardCropOfTheFaceImage": -1,
    "RightwardCropOfTheFaceImage": -1,
    "MarginAboveOfTheFaceImage": -1,
    "MarginBelowOfTheFaceImage": -1,
}

JAW = [127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356]
# OFIQ's landmarks 33 to 95 by the mesh's numbers: brows, nose, eyes, lips. Left is the left of the picture.
OTHERS = [
    *(70, 63, 105, 66, 107, 55, 65, 52, 53),
    *(336, 296, 334, 293, 300, 283, 282, 295, 285),
    *(168, 197, 5, 4, 98, 97, 2, 326, 327),
    *(33, 160, 159, 158, 133, 153, 145, 144),
    *(362, 385, 386, 387, 263, 373, 374, 380),
    *(61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91),
    *(78, 81, 13, 311, 308, 402, 14, 178),
]


def of_ofiq(points: np.ndarray) -> np.ndarray:
    """OFIQ's 98 landmarks, in the places where the mesh has them."""
    jaw, chin = points[JAW], JAW.index(152)
    halves = []
    for half in (jaw[: chin + 1], jaw[chin:]):
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(half, axis=0).T))])
        at = np.linspace(0, length[-1], 17)
        halves.append(np.stack([np.interp(at, length, half[:, axis]) for axis in (0, 1)], axis=1))
    contour = np.concatenate([halves[0], halves[1][1:]])
    others = points[OTHERS]
    pupils = np.stack([others[27:35].mean(axis=0), others[35:43].mean(axis=0)])
    return np.round(np.concatenate([contour, others, pupils])).astype(int)


def context(image: np.ndarray, points: np.ndarray) -> FaceContext:
    height, width = image.shape[:2]
    hull = cv2.convexHull(points.astype(np.float32))[:, 0]
    centre = hull.mean(axis=0)
    head = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(head, np.round(centre + 1.6 * (hull - centre)).astype(int), 1)
    return FaceContext(
        image=image,
        is_aligned=False,
        landmarks_98=of_ofiq(points),
        parsing_map=cv2.resize(head, (400, 400), interpolation=cv2.INTER_NEAREST),
        occlusion_mask=np.ones((height, width), np.uint8),
        head_pose=(0.0, 0.0, 0.0),
        raw_3ddfa_params=np.zeros(62, np.float32),
    )


def badness(name: str, row: dict[str, str]) -> float:
    if not row[name]:
        return float("nan")
    native, quality = float(row[name]), float(row[f"{name}.scalar"])
    return WORSE[name] * native if WORSE[name] else -quality


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--serfiq", default="serfiq", help="the program")
    parser.add_argument("--mesh", type=Path, required=True, help="the file of the face mesh")
    parser.add_argument("--keep", type=Path, help="folder for the degraded pictures; a temporary one by default")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    litert = Mesh(arguments.mesh.read_bytes(), OpResolverType.BUILTIN_REF)
    scored = subprocess.run([arguments.serfiq, "score", "--format", "jsonl", *arguments.pictures], capture_output=True, check=True, text=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        for line in scored.stdout.splitlines():
            record = json.loads(line)
            picture = Image.open(record["path"]).convert("RGB")
            points = located(litert, picture, np.array(record["faces"][0]["landmarks"]))[0][:, :2]
            image = np.asarray(picture)[:, :, ::-1].copy()
            of_face = context(image, points)
            for name in WORSE:
                degrade = COMPONENT_REGISTRY[f"{name}.scalar"][0].function
                for step, severity in enumerate(STEPS):
                    file = folder / name / f"{Path(record['path']).stem}-{step}.png"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    cv2.imwrite(str(file), degrade(image.copy(), float(severity), SEED, of_face) if severity else image)
        command = [arguments.serfiq, "measures", "--format", "csv", folder]
        table = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    rows = {Path(row["path"]).relative_to(folder).as_posix(): row for row in csv.DictReader(table.splitlines())}
    print("| measure | pictures | follow | the others |\n|---|---|---|---|")
    for name in WORSE:
        found = {}
        for picture in arguments.pictures:
            values = [badness(name, rows[f"{name}/{picture.stem}-{step}.png"]) for step in range(len(STEPS))]
            known = [(step, value) for step, value in enumerate(values) if not np.isnan(value)]
            found[picture.stem] = spearmanr(*zip(*known, strict=True))[0] if len({value for _, value in known}) > 1 else float("nan")
        others = {stem: rank for stem, rank in found.items() if not rank >= FOLLOWS}
        shown = ", ".join(f"{stem} {rank:.2f}" for stem, rank in list(others.items())[:5]) + (" ..." if len(others) > 5 else "")
        print(f"| {name} | {len(found)} | {len(found) - len(others)} | {shown} |")


if __name__ == "__main__":
    main()
