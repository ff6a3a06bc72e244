"""Makes a folder of photos from the portraits: each at three sizes, also mirrored, in two JPEG qualities, subsampled (4:2:0) as
by cameras and cropping tools. Prints their paths in a fixed random order, and OpenCV's version.

Usage: photos.py PORTRAITS FOLDER
"""

import itertools
import json
import random
import sys
from pathlib import Path

import cv2

LONG_SIDES = (250, 640, 1280)
QUALITIES = (75, 90)


def main() -> None:
    portraits, folder = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for portrait in sorted(portraits.iterdir()):
        picture = cv2.imread(str(portrait))
        for long_side, quality, mirrored in itertools.product(LONG_SIDES, QUALITIES, (False, True)):
            scale = long_side / max(picture.shape[:2])
            way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
            photo = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=way)
            path = str(folder / f"{portrait.stem}-{long_side}-{quality}{'-mirrored' * mirrored}.jpg")
            if not cv2.imwrite(path, cv2.flip(photo, 1) if mirrored else photo, [cv2.IMWRITE_JPEG_QUALITY, quality]):
                sys.exit(f"cannot write {path}")
            paths.append(path)
    random.Random(0).shuffle(paths)
    print(json.dumps({"opencv": cv2.__version__, "paths": paths}))


if __name__ == "__main__":
    main()
