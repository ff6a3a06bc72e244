from collections.abc import Iterable, Iterator
from typing import Any, final

from ._reports import _Input

__all__ = [
    "DETECTOR",
    "FMR",
    "LANDMARKS",
    "MAX_RESAMPLES",
    "MAX_THREADS",
    "RECOGNISERS",
    "RESAMPLES",
    "EngineError",
    "PictureError",
    "Scorer",
    "Stream",
    "__version__",
    "audit",
    "edc",
    "thresholds",
]

__version__: str
RECOGNISERS: dict[str, str]
DETECTOR: str
LANDMARKS: str
FMR: float
RESAMPLES: int
MAX_RESAMPLES: int
MAX_THREADS: int

class EngineError(RuntimeError): ...
class PictureError(ValueError): ...

@final
class Scorer:
    dimension: int
    trained_with_dropout: bool
    threshold: float | None
    threads: int

    def __new__(
        cls,
        *,
        recogniser: str,
        network: bytes,
        card: str | None,
        detector: bytes,
        landmarks: bytes,
        method: str | None,
        passes: int | None,
        seed: int | None,
        dropout: float | None,
        threshold: float | None,
        threads: int | None,
        aligned: bool,
        standard_measures: bool,
    ) -> Scorer: ...
    def assess(self, picture: tuple[Any, ...]) -> str: ...
    def explain(self, picture: tuple[Any, ...]) -> str: ...
    def embed(self, picture: tuple[Any, ...]) -> tuple[str, bytes]: ...
    def stream(self, pictures: Iterable[tuple[Any, ...]]) -> Stream: ...
    def about(self) -> str: ...

@final
class Stream(Iterator[tuple[str | None, str | None]]):
    def __next__(self) -> tuple[str | None, str | None]: ...

def edc(input: _Input, fmr: list[float] | None, refit: bool) -> tuple[str, str, list[str]]: ...
def thresholds(input: _Input, fmr: float) -> tuple[str, str, list[str]]: ...
def audit(
    input: _Input,
    labelled: int,
    attributes: list[tuple[str, list[str]]],
    subjects: list[int] | None,
    fmr: float | None,
    readings: tuple[int, int, list[list[float] | None]] | None,
) -> tuple[str, str, list[str]]: ...
