"""Reports on what a quality is worth, and to whom."""

from __future__ import annotations

import html as _html
import json
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from . import _core
from ._whole_file import write_whole

FMR, RESAMPLES = _core.FMR, _core.RESAMPLES


class Report:
    """A report: its numbers, and its page, which a notebook shows.

    Attributes
    ----------
    numbers : dict
        All numbers, with the names of the JSON that the command line writes.
    html : str
        The page: one HTML file that contains everything.
    """

    def __init__(self, numbers: dict[str, Any], page: str) -> None:
        self.numbers = numbers
        self.html = page

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the page to a file, whole or not at all."""
        write_whole(Path(path), self.html)

    def _repr_html_(self) -> str:
        # In a frame of its own, so that its styles and the notebook's stay apart.
        frame = 'style="width: 100%; height: 42em; border: 0" sandbox=""'
        return f'<iframe title="serfiq" {frame} srcdoc="{_html.escape(self.html)}"></iframe>'


def edc(
    pairs: Any,
    scores: Mapping[str, Any],
    *,
    fmr: float | Sequence[float] | None = None,
    refit: bool = False,
    resamples: int = RESAMPLES,
) -> Report:
    """Error versus discard: how the recogniser's misses fall as the worst pictures are discarded.

    Parameters
    ----------
    pairs : data frame, or mapping of columns
        Columns ``image_a`` and ``image_b``, names or numbers of images; ``same_person``, true or 1 for a mated pair; and ``similarity``,
        higher for the same person. None and NaN stand for a pair that could not be compared: it is left out.
    scores : mapping from the name of a measure to its scores
        The scores of one measure: a mapping from image to score, such as a dictionary or a pandas Series, or an array that the numbers
        of images index. None and NaN stand for an image without a score, such as one without a face: its pairs are left out.
    fmr : float or sequence of float, optional
        False match rates at which the threshold is set. By default those of 0.01, 0.001 and 0.0001 that the pairs can measure.
    refit : bool, default False
        Whether to add the curve with the threshold refitted to the remaining pairs.
    resamples : int, default 1000
        Resamples of the people, for 95 % confidence intervals; 0 for none, at most 1,000,000.

    Returns
    -------
    Report

    Raises
    ------
    KeyError
        If a column or the score of an image is missing.
    ValueError
        If the pairs contradict each other or cannot measure a rate.

    Warns
    -----
    UserWarning
        If the similarities seem to be distances, or too few pairs are left for a rate.
    """
    images, rows = _pairs(pairs)
    rates = None if fmr is None else [float(rate) for rate in np.atleast_1d(fmr)]
    return _report(_core.edc(_input(images, rows, scores, resamples, "edc"), rates, refit))


def thresholds(pairs: Any, scores: Mapping[str, Any], *, fmr: float = FMR, resamples: int = RESAMPLES) -> Report:
    """What a quality threshold would do: how many images it keeps, and how many of the recogniser's errors remain.

    Parameters
    ----------
    pairs, scores, resamples
        As for `edc`.
    fmr : float, default 0.01
        False match rate at which the recogniser's threshold is set.

    Returns
    -------
    Report

    Raises
    ------
    KeyError, ValueError
        As `edc`.
    """
    images, rows = _pairs(pairs)
    return _report(_core.thresholds(_input(images, rows, scores, resamples, "thresholds"), fmr))


def audit(
    labels: Any,
    scores: Mapping[str, Any],
    pairs: Any = None,
    *,
    columns: Sequence[str] | None = None,
    readings: Any = None,
    fmr: float = FMR,
    resamples: int = RESAMPLES,
) -> Report:
    """Compares groups of images: whether a quality treats them alike.

    Parameters
    ----------
    labels : data frame, or mapping of columns
        Columns ``image``; optionally ``subject``, who is on it; and one for each way of grouping, such as light. An empty cell, None or
        NaN stands for an image in no group.
    scores, resamples
        As for `edc`.
    pairs : optional
        As for `edc`; adds the recogniser's error rates within each group.
    columns : sequence of str, optional
        The columns to group by. By default all but ``image`` and ``subject``.
    readings : mapping or array, optional
        How much the recogniser reads in each cell of each image, 0 to 1, as in ``explanation.reading`` of `Scorer.explain`: a mapping from
        image to array of shape (rows, columns), or an array of shape (images, rows, columns) that the numbers of images index. None stands
        for an image without a map. Adds the mean map of the worst tenth of each group.
    fmr : float, default 0.01
        False match rate of the recogniser's threshold, over all pairs.

    Returns
    -------
    Report

    Raises
    ------
    KeyError, ValueError
        As `edc`; also if labels and pairs disagree on who is who.
    """
    images = _Images()
    named = _column(labels, "image", "labels")
    for image in named:
        images.index_of(image)
    if len(images.names) != len(named):
        raise ValueError("an image is labelled twice; expected every image once")
    given = [name for name in _names(labels) if name not in ("image", "subject")] if columns is None else list(columns)
    if not given:
        raise ValueError("labels have no column to group by: expected one beside image and subject")
    attributes = [(name, [_label(value) for value in _column(labels, name, "labels")]) for name in given]
    subjects = None
    if "subject" in _names(labels):
        people = _column(labels, "subject", "labels")
        number_of = {person: number for number, person in enumerate(dict.fromkeys(people))}
        subjects = [number_of[person] for person in people]
    labelled = len(named)
    images, rows = (images, []) if pairs is None else _pairs(pairs, images)
    rate = None if pairs is None else fmr
    given_readings = None if readings is None else _readings(readings, images)
    made = _core.audit(_input(images, rows, scores, resamples, "audit"), labelled, attributes, subjects, rate, given_readings)
    return _report(made)


class _Images:
    """The distinct images, in the order of their first mention."""

    def __init__(self) -> None:
        self.names: list[Any] = []
        self._indices: dict[Any, int] = {}

    def index_of(self, name: Any) -> int:
        index = self._indices.setdefault(name, len(self.names))
        if index == len(self.names):
            self.names.append(name)
        return index


class _Input:
    """The engine's input for a report."""

    def __init__(self, images: list[str], pairs: list[Any], measures: list[Any], resamples: int, call: str) -> None:
        self.images, self.pairs, self.measures, self.resamples, self.call = images, pairs, measures, resamples, call


def _input(images: _Images, pairs: list[Any], scores: Mapping[str, Any], resamples: int, call: str) -> _Input:
    if not isinstance(scores, Mapping):
        raise TypeError(f'scores are {type(scores).__name__}; expected a mapping from names to scores, such as {{"SER-FIQ": scores}}')
    if not scores:
        raise ValueError("there are no scores; expected those of at least one measure")
    if not 0 <= resamples <= _core.MAX_RESAMPLES:
        raise ValueError(f"resamples={resamples}; expected 0 to {_core.MAX_RESAMPLES}")
    measures = [(str(name), [_score(of, image, name) for image in images.names]) for name, of in scores.items()]
    return _Input([str(name) for name in images.names], pairs, measures, resamples, f"serfiq.{call}")


def _score(scores: Any, image: Any, measure: Any) -> float | None:
    try:
        score = scores[image]
    except (KeyError, IndexError) as error:
        raise KeyError(f"{measure!r} has no score of the image {image!r}; expected one for each, None or NaN if there is none") from error
    return None if _is_missing(score) else float(score)


def _readings(readings: Any, images: _Images) -> tuple[int, int, list[list[float] | None]]:
    maps: list[np.ndarray[Any, Any] | None] = []
    for image in images.names:
        try:
            reading = readings[image]
        except (KeyError, IndexError) as error:
            raise KeyError(f"readings has no map of the image {image!r}; expected one for each, None if there is none") from error
        maps.append(None if reading is None else np.asarray(reading, np.float32))
    shapes = sorted({of.shape for of in maps if of is not None})
    if len(shapes) != 1 or len(shapes[0]) != 2 or 0 in shapes[0]:
        found = ", ".join(map(str, shapes)) or "none"
        raise ValueError(f"readings has maps of these shapes: {found}; expected the same (rows, columns) for all")
    rows, columns = shapes[0]
    if not all(np.all((of >= 0) & (of <= 1)) for of in maps if of is not None):
        raise ValueError("readings has values beyond 0 to 1; expected explanation.reading, not signal, noise or energy")
    return rows, columns, [None if of is None else of.ravel().tolist() for of in maps]


def _pairs(pairs: Any, images: _Images | None = None) -> tuple[_Images, list[tuple[int, int, bool, float | None]]]:
    images = images or _Images()
    a, b, same_person, similarity = (_column(pairs, name, "pairs") for name in ("image_a", "image_b", "same_person", "similarity"))
    rows, seen = [], set()
    for first, second, same, alike in zip(a, b, same_person, similarity, strict=True):
        if same not in (0, 1):
            raise ValueError(f"same_person is {same!r}; expected 1 or True for two images of one person, else 0 or False")
        indices = (images.index_of(first), images.index_of(second))
        if indices[0] == indices[1]:
            raise ValueError(f"the image {first!r} is compared with itself")
        if frozenset(indices) in seen:
            raise ValueError(f"the images {first!r} and {second!r} are compared twice; expected every pair once")
        seen.add(frozenset(indices))
        rows.append((*indices, bool(same), None if _is_missing(alike) else float(alike)))
    return images, rows


def _names(table: Any) -> list[str]:
    if isinstance(table, np.ndarray):
        return list(table.dtype.names or ())
    return [str(name) for name in (table.columns if hasattr(table, "columns") else table)]


def _column(table: Any, name: str, what: str) -> list[Any]:
    if name not in _names(table):
        raise KeyError(f"{what} have no column {name!r}; found {', '.join(_names(table)) or 'none'}")
    column = table[name]
    # Plain values: a NumPy number is not equal to its text, and slow to hash.
    values: list[Any] = column.tolist() if hasattr(column, "tolist") else list(column)
    return values


def _label(value: Any) -> str:
    return "" if _is_missing(value) else str(value)


def _is_missing(value: Any) -> bool:
    # pandas' own mark is neither equal to itself nor different.
    return value is None or type(value).__name__ == "NAType" or value != value


def _report(made: tuple[str, str, list[str]]) -> Report:
    numbers, page, cautions = made
    for caution in cautions:
        warnings.warn(caution, UserWarning, stacklevel=3)
    return Report(json.loads(numbers), page)
