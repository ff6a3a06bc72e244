"""Draws things that cover a face onto photographs, and faults and harmless things that do not.

They train and test a detector of hidden parts of a face.

Writes JPEG files in `train` and `test`, and `covers.csv`, which says what each file shows and which part of the face it
hides. The face mesh places everything. No person is in both splits, and some materials, patterns and shapes are only in
`test`. The `clean` pictures are unchanged: covers that they already show are not labelled.
"""

import argparse
import csv
import hashlib
import io
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import OpResolverType
from landmarks import located
from mesh import Mesh, network
from PIL import Image, ImageDraw
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter, uniform_filter1d

Array = np.ndarray

# A label follows from the covered shares alone. Both eyes are hidden if at least this share of the two is, which leaves
# each at most about half free. The mouth is hidden if at least this share of the lips is.
EYES_HIDDEN, MOUTH_HIDDEN = 0.75, 0.6
# A face is hidden if more than this share of its oval is.
FACE_HIDDEN = 0.25
# The label is the mouth alone if at most this share of eyes and forehead is hidden with it. It is the eyes alone if at
# most this share of the mouth is hidden with them, and less than half of the forehead: large glasses reach the brows,
# and hair on forehead and eyes is more than the eyes. Any other cover of less than FACE_HIDDEN is "some", which a
# detector may or may not report.
BESIDE, FOREHEAD_BESIDE = 0.25, 0.5

# Pictures of LFW have this side, and their funnelling brings right eye, left eye, nose and corners of the mouth near
# these points.
SIZE = 250
NEAR = np.array([[103, 112], [147, 112], [125, 140], [108, 165], [142, 165]], float)
# Landmarks are plausible within these: the logit of a face; pixels between the eyes, and from eyes to mouth; the
# farthest that the middle of eyes and mouth lies from that of NEAR; tilt in degrees; and the least distance between the
# eyes, as a share of that to the mouth.
LEAST_LOGIT, APART, FARTHEST, MOST_TILT, LEAST_TURNED = 3.0, (28, 65), 28, 25, 0.55

# Polygons of the mesh. Left is the left of the picture: the right side of the person.
LEFT_EDGE = [10, 109, 67, 103, 54, 21, 162, 127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152]
RIGHT_EDGE = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152]
LIPS = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146]
BROWS = [300, 293, 334, 296, 336, 9, 107, 66, 105, 63, 70]
REGIONS = {
    # The face's outline.
    "share": [LEFT_EDGE + RIGHT_EDGE[-2:0:-1]],
    # Each eye with its lids.
    "eyes": [
        [130, 247, 30, 29, 27, 28, 56, 190, 243, 112, 26, 22, 23, 24, 110, 25],
        [359, 467, 260, 259, 257, 258, 286, 414, 463, 341, 256, 252, 253, 254, 339, 255],
    ],
    # From between the eyes to below the nostrils.
    "nose": [[168, 193, 188, 198, 129, 98, 2, 327, 358, 420, 412, 417]],
    # The lips' outline.
    "mouth": [LIPS],
    # From the outline's top to the upper edges of the brows.
    "forehead": [LEFT_EDGE[5:0:-1] + RIGHT_EDGE[:6] + BROWS],
    # The outline, halved by the straight line from top to chin.
    "left": [LEFT_EDGE],
    "right": [RIGHT_EDGE],
}

SPLITS = ("train", "test")
COVERS_PER_PICTURE = 3
QUALITY = 95
VARIANTS = {
    "sunglasses": ["aviator", "round", "square", "large", "mirror", "wraparound"],
    "mask": ["blue", "white", "black", "cup", "checked", "floral"],
    "scarf": ["knitted", "ribbed", "striped", "tartan"],
    "hand": ["mouth", "eyes", "eye", "half", "forehead", "cheek"],
    "hair": ["eye", "eyes", "half"],
    "phone": ["half", "mouth", "middle"],
    "patch": ["mouth", "eyes", "left", "right", "forehead-eye"],
    "other": ["dark", "bright", "defocus", "motion", "side-light", "small", "jpeg", "turned"],
    "harmless": ["beard", "glasses", "fringe", "hat"],
}
# Never used in training, so that the test shows whether a detector knows covers or only their materials.
TEST_ONLY = {
    "sunglasses": ["wraparound"],
    "mask": ["checked", "floral"],
    "scarf": ["tartan"],
    "phone": VARIANTS["phone"],
}
# Colours of cloth, frames and mirrors also differ.
CLOTH = {
    "train": [(150, 30, 40), (40, 60, 110), (200, 190, 170), (70, 70, 75), (120, 85, 60), (225, 225, 225)],
    "test": [(30, 100, 70), (215, 160, 50), (110, 60, 130), (25, 25, 30), (180, 110, 120), (60, 130, 160)],
}
FRAMES = {
    "train": [(15, 15, 18), (70, 45, 30), (170, 140, 70)],
    "test": [(150, 150, 155), (90, 20, 25), (230, 225, 215)],
}
MIRRORS = {
    "train": [((60, 90, 160), (190, 200, 210)), ((120, 70, 30), (240, 190, 90))],
    "test": [((30, 110, 80), (170, 220, 180)), ((110, 40, 120), (230, 150, 180))],
}
SKIN = np.array([(246, 214, 192), (226, 176, 142), (192, 138, 104), (143, 97, 68), (94, 62, 44), (60, 40, 32)], float)
HAIR = np.array([(22, 18, 17), (48, 33, 25), (88, 60, 40), (176, 140, 88), (140, 138, 136), (122, 62, 34)], float)

# Lenses in distances between the eyes: half width and height, exponent of the rounding, how much the outer side droops.
LENSES = {
    "aviator": (0.40, 0.36, 2.4, 0.10),
    "round": (0.33, 0.34, 2.0, 0.0),
    "square": (0.40, 0.30, 4.5, 0.0),
    "large": (0.47, 0.44, 2.8, 0.03),
}
# A hand from the picture's right: where on the face, in Face's coordinates; degrees of its fingers from upwards to the
# left; and how far from the knuckles towards the fingertips its point there is, in its own units.
POSES = {
    "mouth": (0.0, 0.95, 68, 0.15),
    "eyes": (0.0, 0.0, 82, 0.15),
    "eye": (0.5, 0.05, 35, 0.7),
    "half": (0.6, 0.35, 8, -0.1),
    "forehead": (0.1, -1.05, 75, 0.4),
    "cheek": (1.2, 0.8, 8, 0.2),
}
# Strands run from between two roots to between two ends, in Face's coordinates, for the picture's right side.
STRANDS = {
    "eye": [(-0.6, -1.6), (0.7, -1.8), (0.05, 0.4), (1.3, 0.8)],
    "eyes": [(-0.8, -1.75), (0.8, -1.75), (-1.15, 0.4), (1.15, 0.4)],
    "half": [(-0.2, -1.8), (0.8, -1.7), (0.1, 1.5), (1.4, 1.9)],
}
# Patches, in Face's coordinates.
PATCHES = {
    "mouth": [(-0.75, 0.65), (0, 0.55), (0.75, 0.65), (0.7, 1.35), (0, 1.5), (-0.7, 1.35)],
    "eyes": [(-1.0, -0.3), (0, -0.35), (1.0, -0.3), (1.0, 0.3), (0, 0.35), (-1.0, 0.3)],
    "right": [(0, -1.1), (0.8, -1.0), (1.3, 0), (1.0, 1.3), (0.1, 1.8), (-0.05, 0.4)],
    "forehead-eye": [(-0.8, -1.1), (0.8, -1.1), (1.15, -0.2), (0.9, 0.4), (0.1, 0.35), (-0.1, -0.35), (-0.9, -0.45)],
}

# Outlines are drawn this many times as large, against stairs at their edges.
FINE = 4
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE].astype(np.float32)


def filled(*outlines: Array) -> Array:
    """Share of each pixel within the outlines."""
    image = Image.new("L", (SIZE * FINE, SIZE * FINE))
    for outline in outlines:
        ImageDraw.Draw(image).polygon([tuple(point) for point in (outline + 0.5) * FINE], fill=255)
    return np.asarray(image.reduce(FINE), np.float32) / 255


def stroked(lines: Iterable[Array], width: float) -> Array:
    """Share of each pixel on lines of a width in pixels."""
    image = Image.new("L", (SIZE * FINE, SIZE * FINE))
    for line in lines:
        points = [tuple(point) for point in (line + 0.5) * FINE]
        ImageDraw.Draw(image).line(points, fill=255, width=max(round(width * FINE), 1), joint="curve")
    return np.asarray(image.reduce(FINE), np.float32) / 255


def rounded(points: Array, closed: bool = True) -> Array:
    """A smooth curve through the points."""
    points = np.concatenate([points, points[:1]]) if closed else points
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    curve = CubicSpline(length, points, bc_type="periodic" if closed else "natural")
    return curve(np.linspace(0, length[-1], 100))


def limb(points: Array, radii: Iterable[float]) -> tuple[Array, Array]:
    """Share of each pixel within a rounded limb along the points, and how far it is from the axis, in radii."""
    shape, across = np.zeros((SIZE, SIZE), np.float32), np.full((SIZE, SIZE), 9, np.float32)
    for (a, b), (first, last) in zip(pairwise(points), pairwise(radii), strict=True):
        x, y = COLUMNS - a[0], ROWS - a[1]
        along = np.clip((x * (b - a)[0] + y * (b - a)[1]) / max(((b - a) ** 2).sum(), 1e-6), 0, 1)
        distance = np.hypot(x - along * (b - a)[0], y - along * (b - a)[1])
        radius = first + (last - first) * along
        shape, across = np.maximum(shape, np.clip(radius - distance + 0.5, 0, 1)), np.minimum(across, distance / radius)
    return shape, across


@dataclass
class Face:
    """The landmarks, and coordinates in the face.

    u goes from one eye, -0.5, to the other, 0.5; v from the eyes, 0, to the mouth, 1.
    """

    points: Array

    @cached_property
    def eye_centres(self) -> tuple[Array, Array]:
        return self.points[[33, 133]].mean(axis=0), self.points[[362, 263]].mean(axis=0)

    @cached_property
    def axes(self) -> tuple[Array, Array, Array]:
        right_eye, left_eye = self.eye_centres
        eyes = (right_eye + left_eye) / 2
        return eyes, left_eye - right_eye, self.points[[61, 291]].mean(axis=0) - eyes

    @cached_property
    def unit(self) -> float:
        """The distance between the eyes in pixels, as if the face were not turned."""
        return float(max(np.hypot(*self.axes[1]), 0.85 * np.hypot(*self.axes[2])))

    @cached_property
    def along(self) -> Array:
        """One unit down the face."""
        return self.axes[2] / np.hypot(*self.axes[2]) * self.unit

    @cached_property
    def grid(self) -> tuple[Array, Array]:
        """u and v of each pixel."""
        eyes, between, down = self.axes
        inverse = np.linalg.inv(np.stack([between, down], axis=1)).astype(np.float32)
        x, y = COLUMNS - np.float32(eyes[0]), ROWS - np.float32(eyes[1])
        return inverse[0, 0] * x + inverse[0, 1] * y, inverse[1, 0] * x + inverse[1, 1] * y

    @cached_property
    def regions(self) -> dict[str, Array]:
        return {name: filled(*(self.points[part] for part in parts)) for name, parts in REGIONS.items()}

    def at(self, places: Array | list[tuple[float, float]]) -> Array:
        """Pixels of places given in u and v."""
        eyes, between, down = self.axes
        return eyes + np.asarray(places) @ np.stack([between, down])

    def beyond(self, landmarks: list[int], by: float) -> Array:
        """Landmarks, moved from the nose by a share of their distance."""
        return self.points[5] + (self.points[landmarks] - self.points[5]) * (1 + by)

    def plausible(self, logit: float) -> bool:
        eyes, between, down = self.axes
        far = np.hypot(*(eyes + down / 2 - (NEAR[:2].mean(axis=0) + NEAR[3:].mean(axis=0)) / 2))
        apart, tilt = np.hypot(*between), abs(np.degrees(np.arctan2(between[1], between[0])))
        fits = APART[0] < apart < APART[1] and APART[0] < np.hypot(*down) < 1.3 * APART[1]
        inside = (self.points > 0).all() and (self.points < SIZE).all()
        turned = apart / np.hypot(*down) < LEAST_TURNED
        return bool(logit > LEAST_LOGIT and fits and inside and far < FARTHEST and tilt < MOST_TILT and not turned)


@dataclass
class Scene:
    """A photograph with what was drawn on it."""

    pixels: Array
    face: Face
    random: np.random.Generator
    split: str
    # A piece of another photograph of the split.
    strange: Callable[[np.random.Generator], Image.Image]
    covered: Array = field(default_factory=lambda: np.zeros((SIZE, SIZE), np.float32))

    @cached_property
    def light(self) -> Array:
        """The photograph's light on the face, softly, so that what is drawn is lit alike; beside the face, its mean."""
        grey, inside = self.pixels.mean(axis=2), self.face.regions["share"]
        mean = np.average(grey, weights=inside)
        grey = mean + gaussian_filter((grey - mean) * inside, 14)
        return (np.clip(grey / mean, 0.4, 1.6) ** 0.6 * np.clip(mean / 140, 0.45, 1.2))[..., None]

    def between(self, low: float, high: float) -> float:
        return float(self.random.uniform(low, high))

    def one_of(self, things: Array | list) -> Array:
        return np.array(things[self.random.integers(len(things))], np.float32)

    def side(self) -> int:
        return int(self.random.choice([-1, 1]))

    def put(self, shape: Array, colour: Array, opacity: float = 1.0, shadow: float = 0.35, hides: bool = True) -> None:
        """Draws a shape with a soft shadow around and below it."""
        dark = np.roll(gaussian_filter(shape, 2.5), 2, axis=0)
        light = self.light
        self.pixels = self.pixels * (1 - shadow * opacity * dark)[..., None]
        self.pixels += (opacity * shape)[..., None] * (colour * light - self.pixels)
        if hides:
            self.covered = np.maximum(self.covered, shape)

    def finished(self) -> Array:
        """As soft and noisy as a photograph where something was drawn."""
        near = np.clip(gaussian_filter(self.covered, 1) * 2, 0, 1)[..., None]
        soft = gaussian_filter(self.pixels, (*[self.between(0.4, 0.8)] * 2, 0))
        noise = self.random.normal(0, self.between(0.5, 4), (SIZE, SIZE, 1))
        return self.pixels + near * (soft + gaussian_filter(noise, (0.5, 0.5, 0)) - self.pixels)


def shaded(colour: Array, shade: Array) -> Array:
    return colour * shade[..., None]


def weave(scene: Scene, roughness: float) -> Array:
    """The uneven surface of cloth."""
    fine = gaussian_filter(scene.random.normal(0, 1, (SIZE, SIZE)), 0.6)
    coarse = gaussian_filter(scene.random.normal(0, 1, (SIZE, SIZE)), 5) * 9
    return (1 + roughness * (fine + coarse)).astype(np.float32)


def lenses(scene: Scene, shape: str, size: float) -> list[Array]:
    """Outlines of the two lenses."""
    width, height, exponent, droop = LENSES[shape]
    angle = np.linspace(0, 2 * np.pi, 80)
    x, y = (np.sign(axis) * np.abs(axis) ** (2 / exponent) for axis in (np.cos(angle), np.sin(angle)))
    face, outlines = scene.face, []
    for centre, outer in zip(face.eye_centres, (-1, 1), strict=True):
        lens_x, lens_y = size * width * x, size * height * (y + 0.12) + droop * x * (y > 0)
        outlines.append(centre + np.outer(outer * lens_x + outer * 0.04, face.axes[1]) + np.outer(lens_y, face.along))
    return outlines


def frame(scene: Scene, outlines: list[Array], colour: Array, width: float) -> None:
    """Rims, bridge and temples."""
    face = scene.face
    inner = [
        outline[np.argmin(np.hypot(*(outline - other.mean(axis=0)).T))]
        for outline, other in zip(outlines, outlines[::-1], strict=True)
    ]
    top = (inner[0] + inner[1]) / 2 - 0.09 * face.along
    outer = [
        outline[np.argmax(np.hypot(*(outline - other.mean(axis=0)).T))]
        for outline, other in zip(outlines, outlines[::-1], strict=True)
    ]
    ears = face.beyond([127, 356], 0.08)
    sides = [np.stack([hinge - 0.1 * face.along, ear]) for hinge, ear in zip(outer, ears, strict=True)]
    scene.put(stroked([*outlines, rounded(np.stack([inner[0], top, inner[1]]), closed=False), *sides], width), colour)


def sunglasses(scene: Scene, variant: str) -> None:
    u, v = scene.face.grid
    colour = scene.one_of(FRAMES[scene.split])
    streak = np.exp(-(((u * 1.2 + v + scene.between(-0.5, 0.5)) / 0.12) ** 2))
    ramp = np.clip(v + 0.5, 0, 1)[..., None]
    if variant == "mirror":
        dark, bright = MIRRORS[scene.split][scene.random.integers(2)]
        glass = np.array(dark) + ramp * (np.array(bright) - np.array(dark)) + 50 * streak[..., None]
    else:
        glass = scene.one_of([(14, 14, 16), (34, 22, 16), (16, 26, 22)]) * (0.7 + 0.9 * ramp)
        glass = glass + scene.between(5, 60) * streak[..., None]
    opacity = 1.0 if variant == "mirror" else scene.between(0.8, 1.0)
    size = scene.between(0.92, 1.15)
    if variant == "wraparound":
        x = np.linspace(-1, 1, 40)
        upper = np.stack([0.98 * x, -0.27 * size * (1 - 0.35 * x**4)], axis=1)
        lower = np.stack([0.98 * x, 0.34 * size * (1 - 0.75 * x**4) - 0.16 * np.exp(-((x / 0.16) ** 2))], axis=1)
        outline = scene.face.at(np.concatenate([upper, lower[::-1]]))
        temples = [
            np.stack([outline[at], ear]) for at, ear in zip((0, 39), scene.face.beyond([127, 356], 0.08), strict=True)
        ]
        scene.put(stroked(temples, 3), colour)
        scene.put(filled(outline), glass, opacity)
        scene.put(stroked([outline[:40]], scene.between(1.5, 3)), colour)
        return
    shape = variant if variant in LENSES else str(scene.random.choice(list(LENSES)))
    outlines = lenses(scene, shape, size)
    scene.put(filled(*outlines), glass, opacity)
    frame(scene, outlines, colour, scene.between(1.2, 3.5))


def mask_colours(scene: Scene, variant: str) -> Array:
    """The mask's material without its shape's shade."""
    u, v = scene.face.grid
    bent = v + 0.12 * u**2
    if variant in ("blue", "white"):
        colour = scene.one_of(
            [(150, 195, 220), (125, 180, 205), (165, 210, 215)] if variant == "blue" else [(232, 234, 236)]
        )
        pleat = (bent * scene.between(3.5, 5)) % 1
        deep = np.where(np.abs(bent - 0.95) < 0.5, 1, 0)
        return shaded(
            colour, (1 - 0.16 * deep * np.exp(-((pleat / 0.18) ** 2)) + 0.06 * deep * pleat) * weave(scene, 0.012)
        )
    if variant == "black":
        return (
            shaded(np.array([30, 30, 34]), 1 + 0.3 * np.exp(-((u / 0.05) ** 2)) * (v > 0.4))
            * weave(scene, 0.06)[..., None]
        )
    if variant == "cup":
        seam = np.exp(-(((bent - 0.62) / 0.025) ** 2)) + np.exp(-(((bent - 1.25) / 0.025) ** 2))
        return shaded(scene.one_of([(228, 228, 222), (236, 236, 238)]), (1 - 0.2 * seam) * weave(scene, 0.02))
    first, second = scene.random.permutation(CLOTH[scene.split])[:2]
    if variant == "checked":
        many = scene.between(4, 8)
        dark = (np.floor(u * many) % 2 + np.floor(bent * many * 1.2) % 2) / 2
        return (first + dark[..., None] * (second - first)) * weave(scene, 0.04)[..., None]
    flowers = Image.new("RGB", (SIZE * FINE, SIZE * FINE), tuple(int(value) for value in first))
    for x, y in scene.random.uniform(0, SIZE * FINE, (700, 2)):
        fill, radius = tuple(int(value) for value in scene.one_of(CLOTH[scene.split])), scene.between(4, 11)
        for turn in np.arange(5) * 2 * np.pi / 5 + scene.between(0, 1):
            petal = (x + radius * np.cos(turn), y + radius * np.sin(turn))
            ImageDraw.Draw(flowers).circle(petal, radius * 0.7, fill=fill)
        ImageDraw.Draw(flowers).circle((x, y), radius * 0.5, fill=(240, 220, 120))
    return np.asarray(flowers.reduce(FINE), np.float32) * weave(scene, 0.03)[..., None]


def mask(scene: Scene, variant: str) -> str:
    """Also says whether the mask is worn below the nose."""
    face, low = scene.face, scene.random.random() < 1 / 3
    wide = scene.between(-0.06, 0.03)
    jaw = face.beyond([58, 172, 136, 149, 152, 378, 365, 397, 288], 0.07)
    if low:
        upper = np.concatenate(
            [face.beyond([361], wide), face.points[[426, 2, 206]] + 0.06 * face.along, face.beyond([132], wide)]
        )
    else:
        bridge = face.points[6] + scene.between(0, 1) * (face.points[195] - face.points[6])
        upper = np.concatenate(
            [face.beyond([323], wide), face.points[[330]], bridge[None], face.points[[101]], face.beyond([93], wide)]
        )
    outline = rounded(np.concatenate([jaw, upper]))
    ears = face.beyond([454, 234], 0.12)
    loops = [np.stack([upper[end], ear]) for end, ear in zip((0, -1), ears, strict=True)]
    loops += [np.stack([jaw[end], ear]) for end, ear in zip((-1, 0), ears, strict=True)]
    string = np.array([40, 40, 42] if variant == "black" else [225, 225, 225], np.float32)
    scene.put(stroked(loops, 1.3), string, shadow=0.5)
    shape, (u, v) = filled(outline), face.grid
    nose = 0.1 * np.exp(-((u / 0.16) ** 2)) - 0.07 * np.exp(-(((np.abs(u) - 0.32) / 0.12) ** 2))
    # The paper bulges over mouth and chin, and falls off towards the ears.
    shade = 1.05 - 0.3 * np.clip(np.abs(u), 0, 1.3) ** 2 - 0.16 * np.clip(v - 1.1, 0, 1) + nose * (v < 1.0)
    colours = shaded(
        mask_colours(scene, variant), shade * (0.8 + 0.2 * np.clip(gaussian_filter(shape, 2) * 2 - 1, 0, 1))
    )
    scene.put(shape, colours, shadow=0.45)
    if variant in ("blue", "white"):
        scene.put(stroked([np.concatenate([outline, outline[:1]])], 0.8) * shape, colours * 0.88, shadow=0)
    return "low" if low else "high"


def scarf(scene: Scene, variant: str) -> None:
    face = scene.face
    u, v = face.grid
    top, deep, edge = scene.between(0.5, 0.75), scene.between(2.6, 3.4), scene.between(1.15, 1.45)
    upper = [
        (-edge, top + 0.15),
        (-0.7, top + 0.08),
        (0, top + scene.between(-0.1, 0.05)),
        (0.7, top + 0.08),
        (edge, top + 0.15),
    ]
    lower = [(edge + 0.25, 1.7), (edge + 0.6, deep), (0, deep + 0.2), (-edge - 0.6, deep), (-edge - 0.25, 1.7)]
    outline = rounded(face.at(upper + lower) + scene.random.normal(0, 1, (10, 2)))
    first, second, third = scene.random.permutation(CLOTH[scene.split])[:3].astype(np.float32)
    bent = v - 0.22 * u**2 + 0.1 * u * scene.side()
    colours = np.broadcast_to(first, (SIZE, SIZE, 3))
    fine = scene.between(10, 16)
    stitch = (
        np.abs(np.sin(np.pi * (bent * fine + 0.9 * np.abs((u * fine) % 1 - 0.5))))
        * np.abs(np.sin(np.pi * u * fine)) ** 0.4
    )
    if variant == "ribbed":
        stitch = np.abs(np.sin(np.pi * u * fine * 0.8)) ** 0.7
    if variant in ("striped", "tartan"):
        bands = [second, third] if variant == "tartan" else [second]
        for colour, many in zip(bands, scene.random.uniform(2, 4.5, len(bands)), strict=True):
            share = (np.sin(2 * np.pi * bent * many) > 0.1) * (0.5 if variant == "tartan" else 1.0)
            if variant == "tartan":
                share = share + (np.sin(2 * np.pi * u * many) > 0.1) * 0.45
            colours = colours + share[..., None] * (colour - colours)
    folds = sum(np.sin(bent * scene.between(4, 9) + u * scene.between(-2, 2) + scene.between(0, 6)) for _ in range(3))
    shape = filled(outline)
    rim = 0.75 + 0.25 * np.clip(gaussian_filter(shape, 3) * 2 - 1, 0, 1)
    shade = (0.72 + 0.28 * stitch) * (1 + 0.1 * folds) * (1.05 - 0.16 * np.clip(np.abs(u), 0, 1.6) ** 2) * rim
    # It is wound twice: the upper turn lies on the lower.
    turn = bent - scene.between(1.45, 1.75)
    shade = shade * (1 - 0.45 * np.exp(-np.clip(turn, 0, None) / 0.15) * (turn > 0))
    scene.put(shape, shaded(colours, shade) * weave(scene, 0.04)[..., None], shadow=0.5)


def skin(scene: Scene) -> Array:
    """The person's own colour in half of the cases, otherwise any from light to dark."""
    if scene.random.random() < 0.5:
        cheeks = np.round(scene.face.points[[50, 280]]).astype(int)
        return np.mean([scene.pixels[y, x] / scene.light[y, x] for x, y in cheeks], axis=0)
    tone = scene.between(0, len(SKIN) - 1)
    return np.array([np.interp(tone, np.arange(len(SKIN)), SKIN[:, channel]) for channel in range(3)])


def finger(scene: Scene, joints: Array, radius: float, colour: Array) -> None:
    """A limb of three parts with a nail and creases at its joints."""
    shape, across = limb(joints, [radius, radius * 0.98, radius * 0.9, radius * 0.78])
    scene.put(shape, shaded(colour, 1.05 - 0.26 * np.minimum(across, 1) ** 2), shadow=0.3)
    ahead = joints[3] - joints[2]
    ahead = ahead / max(np.hypot(*ahead), 1e-6) * radius
    aside = np.array([-ahead[1], ahead[0]])
    nail, _ = limb(np.stack([joints[3] - 0.25 * ahead, joints[3] + 0.25 * ahead]), [radius * 0.45] * 2)
    scene.put(nail, np.minimum(colour * 1.08 + [16, 8, 10], 255), 0.7, shadow=0.1)
    creases = [np.stack([joints[at] - 0.5 * aside, joints[at] + 0.5 * aside]) for at in (1, 2)]
    scene.put(stroked(creases, 0.7), colour * 0.7, 0.5, shadow=0)


def hand(scene: Scene, variant: str) -> None:
    face, side, thumb_side = scene.face, scene.side(), scene.side()
    u, v, turn, own = POSES[variant]
    turn = np.radians(turn + scene.random.normal(0, 7))
    up, outwards = -face.along / face.unit, side * np.array([face.along[1], -face.along[0]]) / face.unit
    ahead = np.cos(turn) * up - np.sin(turn) * outwards
    aside = thumb_side * np.array([-ahead[1], ahead[0]])
    scale = face.unit * scene.between(0.88, 1.12)
    spot = face.at([(side * u, v)])[0] + scene.random.normal(0, 0.06 * face.unit, 2) - own * scale * ahead

    def place(x: float, y: float) -> Array:
        return spot + scale * (x * aside + y * ahead)

    colour = skin(scene)
    sleeve = scene.random.random() < 0.5
    shape, across = limb(np.stack([place(0, -1.5), place(0, -6)]), [0.42 * scale, 0.62 * scale])
    scene.put(shape, shaded(colour, 1.05 - 0.35 * across**2))
    thumb = np.stack([place(-0.35, -1.1), place(-0.66, -0.75), place(-0.82, -0.4), place(-0.84, -0.1)])
    finger(scene, thumb, 0.19 * scale, colour)
    palm, shade = np.zeros((SIZE, SIZE), np.float32), np.zeros((SIZE, SIZE), np.float32)
    for x in (-0.44, -0.15, 0.15, 0.42):
        shape, across = limb(np.stack([place(x * 0.6, -1.4), place(x, -0.05)]), [0.3 * scale, 0.22 * scale])
        palm, shade = np.maximum(palm, shape), np.maximum(shade, shape * (1.04 - 0.3 * np.minimum(across, 1) ** 2))
    scene.put(palm, shaded(colour, gaussian_filter(shade, 2) + 0.06))
    if sleeve:
        shape, across = limb(np.stack([place(0, -1.95), place(0, -6)]), [0.55 * scale, 0.8 * scale])
        scene.put(
            shape, shaded(scene.one_of(CLOTH[scene.split]), 1.05 - 0.4 * across**2) * weave(scene, 0.04)[..., None]
        )
    spread, bend = scene.between(0.0, 0.14), scene.between(-0.12, 0.12)
    for at, (x, length, radius) in enumerate(
        [(-0.5, 1.08, 0.155), (-0.17, 1.22, 0.16), (0.16, 1.12, 0.155), (0.47, 0.88, 0.135)]
    ):
        slope = spread * (at - 1.5) + bend * np.array([0, 0.4, 0.75, 1])
        reach = length * np.array([0, 0.45, 0.76, 1]) - 0.02 * at**2
        finger(
            scene, np.stack([place(x + y * s, y) for y, s in zip(reach, slope, strict=True)]), radius * scale, colour
        )


def strands(paths: Array, colours: Array, width: float) -> tuple[Array, Array]:
    """Share of each pixel on many thin lines of their own colours, and the colours."""
    ground = tuple(int(value) for value in colours.mean(axis=0) * 0.8)
    image, shape = Image.new("RGB", (SIZE * FINE, SIZE * FINE), ground), Image.new("L", (SIZE * FINE, SIZE * FINE))
    colour_draw, shape_draw = ImageDraw.Draw(image), ImageDraw.Draw(shape)
    for path, colour in zip((paths + 0.5) * FINE, np.clip(colours, 0, 255).astype(int), strict=True):
        points = [tuple(point) for point in path]
        colour_draw.line(points, fill=tuple(colour.tolist()), width=max(round(width * FINE), 1))
        shape_draw.line(points, fill=255, width=max(round(width * FINE), 1))
    return np.asarray(shape.reduce(FINE), np.float32) / 255, np.asarray(image.reduce(FINE), np.float32)


def hair_colour(scene: Scene) -> Array:
    """The colour above the forehead in half of the cases, if it looks like hair; otherwise any."""
    x, y = np.clip(np.round(scene.face.at([(0, -1.45)])[0]).astype(int), 3, SIZE - 4)
    own = np.clip(scene.pixels[y - 3 : y + 3, x - 3 : x + 3].mean(axis=(0, 1)) / scene.light[y, x], 15, 190)
    brownish = own[0] + 4 > own[1] > own[2] - 4
    return own if brownish and scene.random.random() < 0.5 else scene.one_of(HAIR)


def lock(scene: Scene, corners: list[tuple[float, float]], many: int, ragged: float, width: float) -> None:
    """Strands from between the first two corners to between the others."""
    first, last, first_end, last_end = np.array(corners)
    # Strands come in tufts, whose ends lie close.
    tufts = scene.random.uniform(0, 1, 16)
    share = np.clip(scene.random.permutation(np.linspace(0, 1, many)), 0, 1)[:, None]
    nearest = tufts[np.argmin(np.abs(share - tufts), axis=1)][:, None]
    end_share = share + 0.35 * (nearest - share)
    roots, ends = first + share * (last - first), first_end + end_share * (last_end - first_end)
    ends[:, 1] += ragged * (scene.random.normal(0, 1, many) - 1.5 * np.abs(end_share - nearest)[:, 0] * 10)
    middle = (roots + ends) / 2 + [scene.random.normal(0, 0.12), -0.12] + scene.random.normal(0, 0.05, (many, 2))
    t = np.linspace(0, 1, 12)[:, None, None]
    paths = ((1 - t) ** 2 * roots + 2 * t * (1 - t) * middle + t**2 * ends).transpose(1, 0, 2)
    shine = 1 + 0.2 * scene.random.normal(0, 1, (many, 1))
    shape, colours = strands(scene.face.at(paths), hair_colour(scene) * shine, width)
    _, v = scene.face.grid
    shape = shape * np.clip((v - min(first[1], last[1])) / 0.45, 0, 1)
    gloss = 0.95 + 0.25 * np.exp(-(((v + scene.between(0.3, 0.9)) / 0.22) ** 2))
    scene.put(shape, shaded(colours, gloss), shadow=0.45)


def hair(scene: Scene, variant: str) -> None:
    side, longer = scene.side(), scene.between(-0.15, 0.25)
    corners = [(side * u, v + longer * (at > 1)) for at, (u, v) in enumerate(STRANDS[variant])]
    lock(scene, corners, int(scene.between(250, 900)), 0.09, scene.between(0.9, 1.6))


def phone(scene: Scene, variant: str) -> None:
    face, side = scene.face, scene.side()
    u, v, turn = {"half": (side * 0.6, 0.3, 0), "mouth": (0, 1.0, 90), "middle": (0, 0.45, 0)}[variant]
    turn = np.radians(turn + scene.random.normal(0, 10))
    up = -face.along / face.unit
    right = np.array([-up[1], up[0]])
    axes = np.stack([np.cos(turn) * right + np.sin(turn) * up, np.cos(turn) * up - np.sin(turn) * right])
    scale = face.unit * scene.between(0.95, 1.2)
    centre = face.at([(u, v)])[0] + scene.random.normal(0, 0.06 * face.unit, 2)

    def box(x: float, y: float, half_width: float, half_height: float, corner: float) -> Array:
        local = (np.stack([COLUMNS, ROWS], axis=-1) - centre) @ axes.T / scale - [x, y]
        outside = np.maximum(np.abs(local) - [half_width - corner, half_height - corner], 0)
        return np.clip((corner - np.hypot(outside[..., 0], outside[..., 1])) * scale + 0.5, 0, 1).astype(np.float32)

    colour = scene.one_of([(28, 28, 32), (48, 52, 60), (20, 26, 40), (70, 68, 66)])
    local = (np.stack([COLUMNS, ROWS], axis=-1) - centre) @ axes.T / scale
    sheen = np.exp(-(((local[..., 0] + 0.6 * local[..., 1] + scene.between(-0.6, 0.6)) / 0.25) ** 2))
    scene.put(box(0, 0, 0.58, 1.18, 0.14), colour * 1.7, shadow=0.5)
    scene.put(box(0, 0, 0.545, 1.145, 0.12), shaded(colour, 0.9 + scene.between(0.2, 0.9) * sheen), shadow=0)
    scene.put(box(-0.27, 0.82, 0.22, 0.25, 0.09), colour * 1.35, shadow=0.2)
    for x, y in [(-0.35, 0.93), (-0.35, 0.71), (-0.18, 0.82)][: scene.random.integers(1, 4)]:
        scene.put(box(x, y, 0.085, 0.085, 0.085), np.array([8, 8, 12]), shadow=0.2)
        scene.put(box(x - 0.02, y + 0.02, 0.025, 0.025, 0.025), np.array([120, 130, 160]), shadow=0)
    if scene.random.random() < 0.6:
        tone, edge = skin(scene), scene.side()
        for y in (-0.85, -0.57, -0.29, -0.02):
            reach = np.array([(0.75, y - 0.1), (0.6, y - 0.03), (0.45, y), (0.3, y + 0.02)]) * [edge, 1]
            finger(scene, centre + scale * reach @ axes, 0.13 * scale, tone)


def patch(scene: Scene, variant: str) -> None:
    mirror = np.array([-1 if variant == "left" or (variant == "forehead-eye" and scene.side() > 0) else 1, 1])
    places = np.array(PATCHES["right" if variant == "left" else variant]) * mirror
    grown = places.mean(axis=0) + (places - places.mean(axis=0)) * scene.between(0.85, 1.2)
    outline = scene.face.at(grown + scene.random.normal(0, 0.06, places.shape))
    shape = filled(rounded(outline) if scene.random.random() < 0.6 else outline)
    piece = np.asarray(scene.strange(scene.random), np.float32)
    surface = np.pad(
        piece, [(0, SIZE - side) if side < SIZE else (0, 0) for side in piece.shape[:2]] + [(0, 0)], "symmetric"
    )
    scene.put(shape, surface[:SIZE, :SIZE], shadow=scene.between(0.1, 0.5))


def other(scene: Scene, variant: str) -> None:
    """A fault of the whole picture that hides nothing."""
    pixels, image = scene.pixels, Image.fromarray(scene.pixels.astype(np.uint8))
    match variant:
        case "dark":
            pixels = pixels * scene.between(0.1, 0.4) + scene.random.normal(0, scene.between(3, 9), pixels.shape)
        case "bright":
            pixels = pixels * scene.between(1.5, 2.4) + scene.between(0, 40)
        case "defocus":
            pixels = gaussian_filter(pixels, (*[scene.between(1.5, 5)] * 2, 0))
        case "motion":
            pixels = uniform_filter1d(pixels, int(scene.between(7, 22)), axis=scene.random.integers(2))
        case "side-light":
            u, _ = scene.face.grid
            dark, steep = scene.between(0.1, 0.4), scene.between(2, 6)
            pixels = pixels * (dark + (1.15 - dark) / (1 + np.exp(-steep * scene.side() * u)))[..., None]
        case "small":
            side = int(scene.between(45, 100))
            pixels = image.resize((side, side), Image.Resampling.BOX).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
        case "jpeg":
            held = io.BytesIO()
            image.save(held, "JPEG", quality=10)
            pixels = Image.open(held)
        case "turned":
            pixels = image.rotate(scene.side() * scene.between(8, 30), Image.Resampling.BICUBIC)
    scene.pixels = np.asarray(pixels, np.float32)


def beard(scene: Scene) -> None:
    """Dark hairs on chin, jaw and above the lip."""
    face = scene.face
    edge = [132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361]
    area = filled(face.points[[*edge, 436, 426, 327, 2, 98, 206, 216]])
    area = gaussian_filter(area * (1 - filled(face.points[LIPS])), 2.5) * (1 - filled(face.points[LIPS]))
    colour = scene.one_of(HAIR[:3]) * scene.between(0.8, 1.3)
    scene.put(area, colour, scene.between(0.1, 0.55), shadow=0, hides=False)
    rows, columns = np.nonzero(area > 0.5)
    chosen = scene.random.integers(0, len(rows), int(scene.between(300, 2500)))
    roots = np.stack([columns[chosen], rows[chosen]], axis=1) + scene.random.uniform(-0.5, 0.5, (len(chosen), 2))
    slope = np.stack([(roots[:, 0] - face.points[152, 0]) * 0.03, np.ones(len(roots))], axis=1)
    ends = roots + (slope + scene.random.normal(0, 0.4, roots.shape)) * scene.random.uniform(1.5, 4.5, (len(roots), 1))
    shine = colour * (1 + 0.35 * scene.random.normal(0, 1, (len(roots), 1)))
    shape, colours = strands(np.stack([roots, ends], axis=1), shine, 0.4)
    scene.put(shape * (1 - filled(face.points[LIPS])), colours, scene.between(0.6, 0.95), shadow=0.1, hides=False)


def hat(scene: Scene) -> None:
    """A crown, and a brim whose lower edge stays above the brows."""
    face = scene.face
    brow = min(
        np.linalg.solve(np.stack(face.axes[1:], axis=1), face.points[at] - face.axes[0])[1]
        for at in (66, 105, 296, 334)
    )
    _, top = np.linalg.solve(np.stack(face.axes[1:], axis=1), face.points[10] - face.axes[0])
    low = brow - 0.03 + scene.between(0.1, 0.6) * (top - brow)
    colour, wide = scene.one_of(CLOTH[scene.split]), scene.between(1.25, 1.75)
    u, v = face.grid
    crown = rounded(
        face.at(
            [
                (-1.15, low - 0.1),
                (-1.1, low - 0.8),
                (-0.6, low - 1.3),
                (0.6, low - 1.3),
                (1.1, low - 0.8),
                (1.15, low - 0.1),
            ]
        )
    )
    scene.put(
        filled(crown), shaded(colour, 1.05 - 0.3 * np.clip(np.abs(u), 0, 1.2) ** 2) * weave(scene, 0.04)[..., None]
    )
    brim = rounded(
        face.at(
            [
                (-wide, low + 0.02),
                (-0.6, low - 0.03),
                (0, low - 0.05),
                (0.6, low - 0.03),
                (wide, low + 0.02),
                (0, low - 0.32),
            ]
        )
    )
    scene.put(
        filled(brim),
        shaded(colour, np.clip(0.75 - 0.6 * (v - low), 0.5, 1)) * weave(scene, 0.03)[..., None],
        shadow=0.6,
    )


def harmless(scene: Scene, variant: str) -> None:
    """What a photograph of a face may show without hiding what counts."""
    face = scene.face
    match variant:
        case "beard":
            beard(scene)
        case "glasses":
            outlines = lenses(scene, str(scene.random.choice(["round", "square"])), scene.between(0.85, 1.1))
            u, v = face.grid
            streak = np.exp(-(((u * 1.2 + v + scene.between(-0.6, 0.6)) / scene.between(0.05, 0.15)) ** 2))
            glass = filled(*outlines) * (0.1 + streak)
            scene.put(glass, np.array([235, 240, 245]), scene.between(0.05, 0.3), shadow=0, hides=False)
            frame(scene, outlines, scene.one_of(FRAMES[scene.split]), scene.between(0.7, 1.8))
        case "fringe":
            inverse = np.linalg.inv(np.stack(face.axes[1:], axis=1))
            (_, top), (_, brow) = (inverse @ (face.points[at] - face.axes[0]) for at in (10, 9))
            end = top + scene.between(0.1, 0.3) * (brow - top)
            corners = [(-0.8, top - 0.8), (0.8, top - 0.8), (-0.85, end), (0.85, end)]
            lock(scene, corners, int(scene.between(300, 600)), 0.04, scene.between(0.8, 1.4))
        case "hat":
            hat(scene)


DRAWN = {
    "sunglasses": sunglasses,
    "mask": mask,
    "scarf": scarf,
    "hand": hand,
    "hair": hair,
    "phone": phone,
    "patch": patch,
}
PLAIN = {"other": other, "harmless": harmless}


def label(shares: dict[str, float]) -> str:
    """What a detector should report for a cover."""
    eyes, mouth = shares["eyes"] >= EYES_HIDDEN, shares["mouth"] >= MOUTH_HIDDEN
    if mouth and max(shares["eyes"], shares["forehead"]) <= BESIDE:
        return "mouth"
    if eyes and shares["mouth"] <= BESIDE and shares["forehead"] < FOREHEAD_BESIDE:
        return "eyes"
    if shares["share"] > FACE_HIDDEN or (eyes and mouth):
        return "face"
    return "mouth" if mouth else "eyes" if eyes else "some"


def number(text: str) -> int:
    """The same number for the same text, on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def split_of(name: str) -> str:
    """The split of a picture, by the person in its name."""
    return SPLITS[number(name.rsplit("_", 1)[0]) % len(SPLITS)]


def strange_pieces(paths: list[Path]) -> Callable[[np.random.Generator], Image.Image]:
    """Gives pieces of photographs from beside the face: neither a face nor the black margins of funnelling."""

    def piece(random: np.random.Generator) -> Image.Image:
        while True:
            left, top = random.choice([5, 180]), random.integers(40, 160)
            found = Image.open(paths[random.integers(len(paths))]).convert("RGB").crop((left, top, left + 65, top + 85))
            if np.asarray(found).std() > 15 and (np.asarray(found).max(axis=2) < 4).mean() < 0.02:
                zoom = random.uniform(1, 2.5)
                size = (round(65 * zoom), round(85 * zoom))
                return found.resize(size, Image.Resampling.BICUBIC).rotate(90 * random.integers(4), expand=True)

    return piece


def wanted(name: str, split: str) -> list[str]:
    """The kinds that are drawn on a picture, after the clean one."""
    kinds = [kind for kind in DRAWN if split == "test" or TEST_ONLY.get(kind) != VARIANTS[kind]]
    return [*np.random.default_rng(number(name)).choice(kinds, COVERS_PER_PICTURE, replace=False).tolist(), *PLAIN]


def drawn(scene: Scene, kind: str) -> tuple[Array, str, str, dict[str, float]]:
    """The picture, its variant, its label and the covered shares."""
    out = TEST_ONLY.get(kind, []) if scene.split == "train" else []
    variant = str(scene.random.choice([name for name in VARIANTS[kind] if name not in out]))
    worn = (DRAWN | PLAIN)[kind](scene, variant)
    shares = {name: float((area * scene.covered).sum() / area.sum()) for name, area in scene.face.regions.items()}
    pixels = scene.pixels if kind == "other" else scene.finished()
    return pixels, f"{variant}-{worn}" if worn else variant, label(shares) if kind in DRAWN else "none", shares


def written(
    folder: Path, path: Path, face: Face, strange: Callable[[np.random.Generator], Image.Image]
) -> list[dict[str, str]]:
    """Writes all pictures made of one, and says what they show."""
    pixels, split, rows = np.asarray(Image.open(path).convert("RGB"), np.float32), split_of(path.stem), []
    for kind in ["clean", *wanted(path.stem, split)]:
        shown, variant, told, shares = pixels, "", "none", dict.fromkeys(REGIONS, 0.0)
        if kind != "clean":
            random = np.random.default_rng(number(f"{path.stem} {kind}"))
            shown, variant, told, shares = drawn(Scene(pixels, face, random, split, strange), kind)
        file = Path(split) / f"{path.stem}-{kind}.jpg"
        Image.fromarray(np.clip(np.round(shown), 0, 255).astype(np.uint8)).save(folder / file, quality=QUALITY)
        row = {"file": str(file), "split": split, "source": path.name, "kind": kind, "variant": variant, "label": told}
        rows.append(row | {name: f"{value:.3f}" for name, value in shares.items()})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="folder of LFW's deep-funnelled pictures")
    parser.add_argument(
        "--mesh", type=Path, required=True, help="the archive with the face mesh that `npm pack` fetched"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for the pictures and covers.csv")
    parser.add_argument("--every", type=int, default=1, help="takes only one picture in so many, for a quick look")
    arguments = parser.parse_args()
    start, litert = time.monotonic(), Mesh(network(arguments.mesh), OpResolverType.AUTO)
    paths = sorted(arguments.images.glob("*.jpg"))
    strange = {split: strange_pieces([path for path in paths if split_of(path.stem) == split]) for split in SPLITS}
    rows, dropped = [], []
    for split in SPLITS:
        (arguments.output / split).mkdir(parents=True, exist_ok=True)
    for path in paths[:: arguments.every]:
        points, _, logit = located(litert, Image.open(path).convert("RGB"), NEAR)
        face = Face(points[:, :2])
        if face.plausible(logit):
            rows += written(arguments.output, path, face, strange[split_of(path.stem)])
        else:
            dropped.append(path.name)
    with (arguments.output / "covers.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    for (split, kind, told), count in sorted(
        Counter((row["split"], row["kind"], row["label"]) for row in rows).items()
    ):
        print(f"{split:6} {kind:12} {told:6} {count}")
    print(f"dropped {len(dropped)}: {' '.join(dropped)}")
    print(f"{len(rows)} pictures in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
