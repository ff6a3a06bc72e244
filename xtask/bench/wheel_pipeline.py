"""`serfiq.Scorer().many` of the wheel: reads picture paths, one per line, a round at a time, and answers each, in order, with the raw scores of
its faces, largest first.

Usage: wheel_pipeline.py PHOTOS, the number of paths in a round.
"""

import itertools
import json
import sys

import serfiq


def main() -> None:
    photos = int(sys.argv[1])
    scorer = serfiq.Scorer()
    # `many` draws some pictures ahead: it would wait for those of the next round.
    while paths := [line.rstrip("\n") for line in itertools.islice(sys.stdin, photos)]:
        for path, assessment in zip(paths, scorer.many(paths)):
            print(json.dumps({"path": path, "faces": [{"raw": face.raw} for face in assessment.faces]}), flush=True)


if __name__ == "__main__":
    main()
