"""Converts the kinds of pictures in Python to the engine's input."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Union

import numpy as np
import numpy.typing as npt

from . import _core

if TYPE_CHECKING:
    import PIL.Image

    Picture = Union[str, os.PathLike[str], bytes, bytearray, memoryview, npt.NDArray[np.uint8], PIL.Image.Image]

EXPECTED = "expected a path, the bytes of a JPEG, PNG or WebP, an array (H x W x 3, RGB, uint8) or a PIL image"


def parts(picture: Picture) -> tuple[Any, ...]:
    """Returns the kind of a picture and its data.

    Raises
    ------
    PictureError
        If it is a PIL image that cannot be decoded.
    TypeError
        If it is not a picture.
    ValueError
        If it is an array of another shape or type.
    """
    if isinstance(picture, (str, os.PathLike)):
        return ("path", os.fsdecode(picture))
    if isinstance(picture, (bytes, bytearray, memoryview)):
        return ("file", bytes(picture))
    if isinstance(picture, np.ndarray):
        return _pixels(picture)
    if hasattr(picture, "convert") and hasattr(picture, "getexif"):
        return _pixels(_decoded(picture))
    raise TypeError(f"{type(picture).__name__} is not a picture; {EXPECTED}")


def parts_or_why_not(picture: Picture) -> tuple[Any, ...]:
    """Like `parts`, but a picture that cannot be read gives ``("unreadable", why)``, so that it does not end a batch."""
    try:
        return parts(picture)
    except ValueError as error:
        return ("unreadable", str(error))


def _pixels(array: npt.NDArray[Any]) -> tuple[str, int, int, bytes]:
    if array.ndim != 3 or array.shape[2] != 3:
        raise ValueError(f"the array has the shape {array.shape}; expected (height, width, 3): RGB{_remedy_for_shape(array)}")
    if array.dtype != np.uint8:
        raise ValueError(f"the array is of {array.dtype}; expected uint8, with values of 0 to 255{_remedy_for_type(array)}")
    height, width, _ = array.shape
    return ("pixels", width, height, np.ascontiguousarray(array).tobytes())


def _remedy_for_shape(array: npt.NDArray[Any]) -> str:
    if array.ndim == 2:
        return "; of a grey picture: np.stack([image] * 3, axis=-1)"
    if array.ndim == 3 and array.shape[2] == 4:
        return "; without the alpha: image[..., :3]"
    if array.ndim == 3 and array.shape[0] == 3:
        return "; with the channels last: image.transpose(1, 2, 0)"
    if array.ndim == 4:
        return "; one picture at a time, or all of them through Scorer.many"
    return ""


def _remedy_for_type(array: npt.NDArray[Any]) -> str:
    if np.issubdtype(array.dtype, np.floating):
        return "; of values from 0 to 1: (image * 255).round().astype(np.uint8)"
    return ""


def _decoded(image: PIL.Image.Image) -> npt.NDArray[Any]:
    # Pillow reads a file only when its pixels are needed. Damage raises whatever the format's code runs into, such as SyntaxError.
    try:
        image.load()
        return np.asarray(_upright(image).convert("RGB"))
    except Exception as error:
        raise _core.PictureError(f"the PIL image cannot be decoded: {error!r}") from error


def _upright(image: PIL.Image.Image) -> PIL.Image.Image:
    """Applies the EXIF orientation, as the engine does for files: data without a readable one is ignored."""
    # Not `ImageOps.exif_transpose`, which also rewrites the data, and fails if any of it is damaged.
    from PIL.ExifTags import Base
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    try:
        turn = turns.get(image.getexif().get(Base.Orientation, 1))
    except Exception:
        return image
    return image if turn is None else image.transpose(turn)
