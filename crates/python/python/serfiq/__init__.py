"""Face image quality for face recognition, by SER-FIQ (Terhörst et al., CVPR 2020).

One face passes through a face-recognition network many times under random dropout. The less its embedding moves, the more useful the
picture is for recognition::

    import serfiq

    scorer = serfiq.Scorer()
    assessment = scorer("portrait.jpg")
    print(assessment.quality, assessment.accepted, assessment.issues)

`Scorer` scores pictures, one at a time or many on all cores. Records are those of the command line ``serfiq score --format jsonl``. `edc`,
`thresholds` and `audit` report what scores are worth, and to whom.
"""

from ._assessment import Assessment, EmbeddedFace, Explanation, Face
from ._core import EngineError, PictureError, __version__
from ._reports import Report, audit, edc, thresholds
from ._scorer import Scorer

__all__ = ["Assessment", "EmbeddedFace", "EngineError", "Explanation", "Face", "PictureError", "Report", "Scorer", "__version__", "audit", "edc", "thresholds"]
