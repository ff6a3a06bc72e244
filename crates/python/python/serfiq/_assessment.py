"""What is known about a picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Face:
    """One face of a picture. An unknown value is None, never 0.

    Attributes
    ----------
    raw : float or None
        SER-FIQ's score s, in (0, 1]. None for a face that was not scored.
    quality : float or None
        The score on a scale of 0 to 100. None for a recogniser without calibration.
    percentile : float or None
        Percentage of known faces, 0 to 100, that score lower. None for a recogniser whose card has no such table.
    std_error : float or None
        Standard error of `raw`. None for the limit, which has none.
    box : ndarray of float32, shape (4,), or None
        x, y, width and height in pixels.
    landmarks : ndarray of float32, shape (5, 2), or None
        Right eye, left eye, nose, right and left mouth corner, x and y in pixels. None in an aligned crop, where none are detected.
    confidence : float or None
        The detector's score, 0 to 1. None in an aligned crop.
    """

    raw: float | None
    quality: float | None
    percentile: float | None
    std_error: float | None
    box: npt.NDArray[np.float32] | None
    landmarks: npt.NDArray[np.float32] | None
    confidence: float | None


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a score is what it is: where on the face the recogniser reads, and how much. Maps have the shape (rows, columns) and cover the
    aligned face from its top left; SFace has 7 x 7 cells.

    Attributes
    ----------
    corners : ndarray of float32, shape (4, 2)
        Where the corners of the maps lie in the picture, x and y in pixels: top left, top right, bottom right, bottom left.
    signal : ndarray of float32
        How much of the embedding each cell adds.
    noise : ndarray of float32
        How much of the embedding's variance under dropout each cell adds.
    energy : ndarray of float32
        How much the recogniser finds in each cell.
    reading : ndarray of float32 or None
        How much it reads in each cell compared with what is usual: 0 for nothing, 1 for as much or more. None for a recogniser whose card
        has no usual values.
    parts : dict or None
        The same for ``forehead``, ``eyes``, ``nose``, ``mouth``, and the ``left`` and ``right`` of the face as the picture shows it.
    cover : dict or None
        The natural logarithm of the odds of a hidden ``mouth``, hidden ``eyes`` and a hidden part of the ``face``, each against no cover.
        None for a recogniser whose card has no entries on covers.
    """

    corners: npt.NDArray[np.float32]
    signal: npt.NDArray[np.float32]
    noise: npt.NDArray[np.float32]
    energy: npt.NDArray[np.float32]
    reading: npt.NDArray[np.float32] | None
    parts: dict[str, float] | None
    cover: dict[str, float] | None


@dataclass(frozen=True, eq=False)
class EmbeddedFace:
    """A face and its embedding.

    Attributes
    ----------
    embedding : ndarray of float32, shape (dimension,)
        The recogniser's output without dropout, not normalised.
    box, landmarks, confidence
        As in `Face`.
    """

    embedding: npt.NDArray[np.float32]
    box: npt.NDArray[np.float32] | None
    landmarks: npt.NDArray[np.float32] | None
    confidence: float | None


@dataclass(frozen=True, eq=False)
class Assessment:
    """Everything known about one picture: the record of ``serfiq score --format jsonl``.

    Attributes
    ----------
    status : str
        ``"ok"``, ``"no_face"``, or, from `Scorer.many` alone, ``"unreadable"``.
    faces : tuple of Face
        The faces, largest first.
    issues : tuple of str
        Everything that is wrong with the picture and its largest face, in order of precedence, such as ``"too_dark"``.
    accepted : bool
        The verdict: the largest face was scored, and nothing is wrong.
    measures : dict or None
        Light, sharpness, pose and position of the largest face. None for an aligned crop, and for a picture that cannot be read.
    threshold : float or None
        Minimum accepted score: a quality, or a raw score if the recogniser has no qualities. None if every score is accepted.
    width, height : int or None
        Size of the picture in pixels.
    model, model_sha256 : str
        Name of the recogniser, and the SHA-256 of its file. Scores of different recognisers are not comparable.
    method : str
        ``"mc"`` or ``"limit"``.
    passes, seed : int or None
        Dropout passes, and the seed of their masks. None for the limit.
    dropout : float
        Dropout probability.
    standard_measures : dict or None
        The measures of ISO/IEC 29794-5 by OFIQ's names, such as ``"EyesOpen"``: each with its `native` value, its `quality` of 0 to 100, why
        it is `unassessed`, and whether it is `approximate`. None unless `Scorer` was asked for them.
    explanation : Explanation or None
        Why the score of the largest face is what it is. None unless the picture was given to `Scorer.explain`.
    error : str or None
        Why the picture cannot be read.
    """

    status: str
    faces: tuple[Face, ...]
    issues: tuple[str, ...]
    accepted: bool
    measures: dict[str, Any] | None
    threshold: float | None
    width: int | None
    height: int | None
    model: str
    model_sha256: str
    method: str
    passes: int | None
    seed: int | None
    dropout: float
    standard_measures: dict[str, dict[str, Any]] | None
    explanation: Explanation | None
    error: str | None
    _json: str

    @property
    def raw(self) -> float | None:
        """Raw score of the largest face. None if there is no face."""
        return self.faces[0].raw if self.faces else None

    @property
    def quality(self) -> float | None:
        """Quality of the largest face, 0 to 100. None if there is no face or no calibration."""
        return self.faces[0].quality if self.faces else None

    def to_json(self) -> str:
        """The record as a line of ``serfiq score --format jsonl``, without its path."""
        return self._json

    def to_dict(self) -> dict[str, Any]:
        """The record as plain numbers, texts, lists and dictionaries, such as for a data frame."""
        record: dict[str, Any] = json.loads(self._json)
        return record


def assessment(record: str) -> Assessment:
    """Makes an assessment from a record."""
    fields = json.loads(record)
    faces = tuple(Face(**_place(face)) for face in fields.pop("faces"))
    issues = tuple(fields.pop("issues"))
    standard = fields.pop("standard_measures", None)
    explained = fields.pop("explanation", None)
    return Assessment(
        faces=faces,
        issues=issues,
        standard_measures=standard,
        explanation=None if explained is None else _explanation(**explained),
        error=None,
        _json=record,
        **fields,
    )


def unreadable(about: dict[str, Any], threshold: float | None, error: str) -> Assessment:
    """Makes the assessment of a picture that cannot be read: like the command line's record, it has no score."""
    record = json.dumps({"status": "unreadable", **about, "threshold": threshold, "faces": [], "error": error})
    return Assessment(
        status="unreadable",
        faces=(),
        issues=(),
        accepted=False,
        measures=None,
        threshold=threshold,
        width=None,
        height=None,
        standard_measures=None,
        explanation=None,
        error=error,
        _json=record,
        **about,
    )


def embedded_faces(places: str, embeddings: bytes, dimension: int) -> list[EmbeddedFace]:
    """Pairs the places of faces with their embeddings."""
    rows = np.frombuffer(embeddings, np.float32).reshape(-1, dimension)
    return [EmbeddedFace(embedding=row.copy(), **_place(place)) for place, row in zip(json.loads(places), rows, strict=True)]


def _explanation(rows: int, columns: int, corners: Any, parts: Any, cover: Any, **maps: list[float] | None) -> Explanation:
    arrays = {name: None if values is None else np.array(values, np.float32).reshape(rows, columns) for name, values in maps.items()}
    return Explanation(corners=np.array(corners, np.float32), parts=parts, cover=cover, **arrays)  # type: ignore[arg-type]


def _place(face: dict[str, Any]) -> dict[str, Any]:
    arrays = {name: None if face[name] is None else np.array(face[name], np.float32) for name in ("box", "landmarks")}
    return {**face, **arrays}
