"""Degraded copies of an aligned crop [112, 112, 3], in ways selfies commonly go wrong, to see where they fall on the scale."""

from collections.abc import Callable

import cv2
import numpy as np

from models import CROP

Degradation = Callable[[np.ndarray], np.ndarray]


def blur(sigma: float) -> Degradation:
    return lambda crop: cv2.GaussianBlur(crop, (0, 0), sigma)


def dark(light: float) -> Degradation:
    """Less light, and the read noise of a small sensor: standard deviation 4 grey levels, the same for each call."""
    noise = np.random.default_rng(0).normal(0, 4, (CROP, CROP, 3))
    return lambda crop: np.clip(np.rint(crop * light + noise), 0, 255).astype(np.uint8)


def low_resolution(side: int) -> Degradation:
    def degrade(crop: np.ndarray) -> np.ndarray:
        small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (CROP, CROP), interpolation=cv2.INTER_LINEAR)

    return degrade


def occlude(top: int, bottom: int) -> Degradation:
    """A grey bar over rows top..bottom: glasses (the eyes) or a mask (nose and mouth)."""

    def degrade(crop: np.ndarray) -> np.ndarray:
        covered = crop.copy()
        covered[top:bottom] = 128
        return covered

    return degrade


def half(crop: np.ndarray) -> np.ndarray:
    """Only the left half of the face, the rest black: a face turned away or cut off at the edge."""
    cut = crop.copy()
    cut[:, CROP // 2 :] = 0
    return cut


DEGRADATIONS: dict[str, Degradation] = {
    "blur-1.5": blur(1.5),
    "blur-3": blur(3),
    "dark-0.25": dark(0.25),
    "dark-0.08": dark(0.08),
    "lowres-28": low_resolution(28),
    "lowres-16": low_resolution(16),
    "eyes-covered": occlude(40, 64),
    "mouth-covered": occlude(72, CROP),
    "half": half,
}
