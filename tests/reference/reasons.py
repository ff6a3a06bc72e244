"""How often a low score gets a reason, and how often the right one: on pictures into which faults were drawn.

    serfiq score --format jsonl --output scores.jsonl FOLDER
    python tests/reference/reasons.py --scores scores.jsonl --faults faults.csv

`faults.csv` has the columns `name`, a file of the folder, and `faults`, such as `dark:0.4 motion:0.5`. Only Python itself is needed.
"""

import argparse
import csv
import json
from collections import defaultdict
from pathlib import Path

# The instructions that name a fault. Others (small, jpeg, noise) have no instruction of their own.
RIGHT = {
    "mask": {"mouth_covered", "face_covered"},
    "glasses": {"eyes_covered", "face_covered"},
    "hand": {"mouth_covered", "eyes_covered", "face_covered"},
    "defocus": {"blurred"},
    "motion": {"blurred"},
    "dark": {"too_dark"},
    "bright": {"too_bright"},
    "side": {"light_from_left", "light_from_right"},
    # Drawn up to 55 degrees: beyond about 40, a face is taken for one on its side.
    "turn": {"tilt_left", "tilt_right", "turned"},
}
LIMIT = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scores", type=Path, required=True)
    parser.add_argument("--faults", type=Path, required=True)
    arguments = parser.parse_args()
    with open(arguments.faults, newline="") as file:
        drawn = {Path(row["name"]).name: {fault.split(":")[0] for fault in row["faults"].split()} for row in csv.DictReader(file)}
    faces = reasons = named = right = 0
    of_fault: dict[str, list[bool]] = defaultdict(list)
    for line in arguments.scores.read_text().splitlines():
        record = json.loads(line)
        if not record.get("faces") or record["faces"][0]["quality"] is None or record["faces"][0]["quality"] >= LIMIT:
            continue
        issues = set(record["issues"]) - {"hard_to_recognise"}
        faces += 1
        reasons += bool(issues)
        faults = drawn[Path(record["path"]).name] & RIGHT.keys()
        for fault in faults:
            of_fault[fault].append(bool(issues & RIGHT[fault]))
        named += bool(faults)
        right += any(issues & RIGHT[fault] for fault in faults)
    print(f"{faces} faces with a quality below {LIMIT}; {100 * reasons / faces:.1f} % get a reason")
    print(f"{named} of them have a fault that an instruction names; {100 * right / named:.1f} % get that instruction")
    for fault, found in sorted(of_fault.items()):
        print(f"  {fault:8} {len(found):4} {100 * sum(found) / len(found):5.1f} %")


if __name__ == "__main__":
    main()
