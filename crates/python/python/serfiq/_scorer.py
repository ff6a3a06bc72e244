"""Scoring pictures."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from . import _core
from ._assessment import Assessment, EmbeddedFace, assessment, embedded_faces, unreadable
from ._picture import parts, parts_or_why_not

if TYPE_CHECKING:
    from ._picture import Picture

MODELS = Path(__file__).parent / "models"


class Scorer:
    """A face recogniser that says how useful pictures are to it.

    Parameters
    ----------
    recogniser : str or path, default ``"sface"``
        The built-in recogniser, or the path of an ONNX or TFLite file for aligned crops of 112 x 112 pixels. The card beside it, of the same
        name and with the extension ``.toml``, adds what the file lacks.
    method : ``"limit"`` or ``"mc"``, optional
        The noise-free limit of many dropout passes in closed form, or the paper's Monte Carlo over random passes, with its standard
        error. By default the limit, or for a recogniser without calibration ``"mc"``.
    passes : int, optional
        Dropout passes, 2 to 1000; implies ``"mc"``. By default 100.
    seed : int, optional
        Seed of the dropout masks; implies ``"mc"``. By default 0.
    dropout : float, optional
        Dropout probability, between 0 and 1. By default the recogniser's own.
    threshold : float, optional
        Minimum accepted score: a quality of 0 to 100, or a raw score if there are no qualities. By default a quality of 50.
    threads : int, optional
        Threads, 1 to 1024; by default one a core. `many` scores a picture on each of them; a single picture is divided among them.
    aligned : bool, default False
        Whether pictures are aligned crops of 112 x 112 pixels already, so that no face is searched for.
    standard_measures : bool, default False
        Whether assessments also have the measures of ISO/IEC 29794-5, see `Assessment.standard_measures`. Not for aligned crops.

    Raises
    ------
    EngineError
        If the recogniser cannot be used, for the reason in the message.
    ValueError
        If an argument is out of its range.

    Warns
    -----
    UserWarning
        If the recogniser was trained without dropout: its scores say less.

    Examples
    --------
    >>> scorer = serfiq.Scorer()
    >>> scorer("portrait.jpg").quality
    83.1
    """

    def __init__(
        self,
        recogniser: str | os.PathLike[str] = "sface",
        *,
        method: Literal["limit", "mc"] | None = None,
        passes: int | None = None,
        seed: int | None = None,
        dropout: float | None = None,
        threshold: float | None = None,
        threads: int | None = None,
        aligned: bool = False,
        standard_measures: bool = False,
    ) -> None:
        if threads is not None and not 1 <= threads <= _core.MAX_THREADS:
            raise ValueError(f"threads={threads}; expected 1 to {_core.MAX_THREADS}")
        if aligned and standard_measures:
            raise ValueError("standard_measures=True with aligned=True; expected whole pictures: an aligned crop shows too little to measure")
        name = os.fspath(recogniser)
        network = MODELS / _core.RECOGNISERS[name] if name in _core.RECOGNISERS else Path(name)
        card = network.with_suffix(".toml")
        self._core = _core.Scorer(
            recogniser=name,
            network=_read(network, name),
            card=card.read_text("utf-8") if card.is_file() else None,
            detector=(MODELS / _core.DETECTOR).read_bytes(),
            landmarks=(MODELS / _core.LANDMARKS).read_bytes(),
            method=method,
            passes=passes,
            seed=seed,
            dropout=dropout,
            threshold=threshold,
            threads=threads,
            aligned=aligned,
            standard_measures=standard_measures,
        )
        if not self._core.trained_with_dropout:
            warnings.warn(
                f"the recogniser {name} was not trained with dropout, so its embeddings were never made robust to it: its scores may "
                "follow quality less closely. serfiq.edc shows what they are worth",
                UserWarning,
                stacklevel=2,
            )

    def __call__(self, image: Picture) -> Assessment:
        """Finds, scores and judges the faces of a picture.

        Parameters
        ----------
        image : path, bytes, ndarray or PIL image
            A JPEG, PNG or WebP as a path or its bytes; or pixels: an array of shape (height, width, 3), RGB, uint8, or a PIL image,
            whose EXIF orientation is applied.

        Returns
        -------
        Assessment
            A picture without a face has no score, and ``status == "no_face"``.

        Raises
        ------
        PictureError
            If the picture cannot be read.
        TypeError, ValueError
            If `image` is not a picture, or an array of another shape or type.
        """
        return assessment(self._core.assess(parts(image)))

    def explain(self, image: Picture) -> Assessment:
        """As `__call__`, with an explanation of the largest face's score: which parts of the face the recogniser reads little in.

        Parameters
        ----------
        image
            As in `__call__`.

        Returns
        -------
        Assessment
            Its `explanation` is None if there is no face.

        Raises
        ------
        PictureError, TypeError, ValueError
            As `__call__`.
        EngineError
            If the recogniser's features do not lie on a grid over the face.
        """
        return assessment(self._core.explain(parts(image)))

    def many(self, images: Iterable[Picture]) -> Iterator[Assessment]:
        """Assesses pictures on all threads, in order.

        Pictures are drawn from `images` only as fast as assessments are taken, so that a generator of any length needs little memory.

        Parameters
        ----------
        images : iterable
            Each as in `__call__`.

        Yields
        ------
        Assessment
            One for each picture. One that cannot be read does not end the batch: it has ``status == "unreadable"``, no score, and `error`.
        """
        about, threshold = json.loads(self._core.about()), self._core.threshold
        for record, error in self._core.stream(map(parts_or_why_not, images)):
            if error is not None:
                yield unreadable(about, threshold, error)
            elif record is not None:
                yield assessment(record)

    def embed(self, image: Picture) -> list[EmbeddedFace]:
        """Returns the embedding of every face, largest first, without dropout.

        Parameters
        ----------
        image
            As in `__call__`.

        Returns
        -------
        list of EmbeddedFace
            Empty if no face is found.

        Raises
        ------
        PictureError, TypeError, ValueError
            As `__call__`.
        """
        return embedded_faces(*self._core.embed(parts(image)), self._core.dimension)

    def __repr__(self) -> str:
        about = json.loads(self._core.about())
        return f"<serfiq.Scorer {about['model']}, method {about['method']}, {self._core.threads} threads>"


def _read(network: Path, name: str) -> bytes:
    try:
        return network.read_bytes()
    except OSError as error:
        known = ", ".join(map(repr, _core.RECOGNISERS))
        raise _core.EngineError(
            f"there is no recogniser called {name!r}, and no file of that name can be read ({error.strerror}); expected {known}, or the "
            "path of an ONNX or TFLite file"
        ) from error
