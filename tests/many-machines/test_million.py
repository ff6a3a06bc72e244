"""A million pictures in one run: memory, and runs that are killed and resumed. Run by hand, because it takes minutes.

Scoring a million photos would take hours, so all but a hundred of the files are empty: `serfiq` refuses an empty file at once, and reports
it as unreadable in a record of its own. The others are portraits. Linux only: memory is read in `/proc`.
"""

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from support import PORTRAITS, SERFIQ, score

ASKED_FOR = "SERFIQ_MILLION"
FOLDERS = FILES_IN_FOLDER = 1000
PORTRAIT_EVERY = 10_000
KILLS = 10

# The most memory that may be needed beyond that for 10,000 files, in bytes.
SPARE = 64e6
# What is known to grow, in bytes: with --resume, the path of each earlier record is kept until all files are found (130 measured).
PER_EARLIER = 150
# A resumed run names as many of the pictures that an earlier one could not read, and counts the others.
TOLD_AGAIN = 20

INTERVAL_SECONDS = 0.005
PATIENCE_SECONDS = 600


def setUpModule():
    if not os.environ.get(ASKED_FOR):
        reason = f"takes minutes, and a million files in the temporary folder; set {ASKED_FOR} to a number, the seed, to run it"
        print(f"skipped: a million pictures: {reason}", file=sys.stderr)
        raise unittest.SkipTest(reason)


@dataclass
class Run:
    """A run that has ended, or was killed."""

    status: int
    seconds: float
    # Until the output grew, in seconds; `None` if it never did.
    waited: float | None
    # The length of the output and the resident memory at intervals, in bytes.
    samples: list[tuple[int, int]]
    peak: int


def run(arguments, cwd, output, kill_at=None, **streams):
    """Runs `serfiq score`, and kills it once its output has `kill_at` bytes."""
    before = size(output)
    started = time.monotonic()
    process = subprocess.Popen([SERFIQ, "score", "--format", "jsonl", *arguments], cwd=cwd, **streams)
    samples, peak, waited = [(before, 0)], 0, None
    try:
        while process.poll() is None:
            seconds, length = time.monotonic() - started, size(output)
            if length > before and waited is None:
                waited = seconds
            if memory := resident(process.pid):
                samples.append((length, memory["VmRSS"]))
                peak = memory["VmHWM"]
            if kill_at is not None and length >= kill_at:
                process.kill()
            if seconds > PATIENCE_SECONDS:
                raise TimeoutError(f"serfiq still runs after {PATIENCE_SECONDS} s")
            time.sleep(INTERVAL_SECONDS)
    finally:
        process.kill()
        process.wait()
    return Run(process.returncode, time.monotonic() - started, waited, samples, peak)


def size(file):
    return file.stat().st_size if file.exists() else 0


def resident(pid):
    """The resident memory of a process and its peak, in bytes; empty once the process has ended."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    # Linux counts in units of 1024 bytes, and calls them kB.
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.startswith(("VmRSS", "VmHWM"))}


def say(text):
    print(text, file=sys.stderr, flush=True)


def without_path(record):
    return {key: value for key, value in record.items() if key != "path"}


class Million(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.seed = int(os.environ[ASKED_FOR])
        say(f"seed {cls.seed}, in {cls.folder}")
        portraits = sorted(PORTRAITS.glob("*.jpg"))
        first = cls.seed % PORTRAIT_EVERY
        scored = {portrait: without_path(json.loads(score("--format", "jsonl", str(portrait)))) for portrait in portraits}

        folders = [f"pictures/{folder:03}" for folder in range(FOLDERS)]
        cls.paths = [f"{folder}/{file:03}.jpg" for folder in folders for file in range(FILES_IN_FOLDER)]
        for folder in folders:
            (cls.folder / folder).mkdir(parents=True)
        # The record of each portrait; every other path has that of an empty file.
        cls.records = {}
        started = time.monotonic()
        for index, path in enumerate(cls.paths):
            if index % PORTRAIT_EVERY == first:
                portrait = portraits[len(cls.records) % len(portraits)]
                shutil.copy(portrait, cls.folder / path)
                cls.records[path] = scored[portrait]
            else:
                os.mknod(cls.folder / path)
        cls.list = cls.folder / "list"
        cls.list.write_text("".join(f"{path}\n" for path in cls.paths))
        say(f"{len(cls.paths)} files made in {time.monotonic() - started:.0f} s, {len(cls.records)} of them portraits")

        # Every hundredth file, and every portrait.
        few, output = cls.folder / "few", cls.folder / "few.jsonl"
        few.write_text("".join(f"{path}\n" for path in cls.paths[first % 100 :: 100]))
        cls.few = cls.run_list(few, output)
        with output.open("rb") as lines:
            line = next(line for line in lines if json.loads(line)["path"] not in cls.records)
        cls.empty = without_path(json.loads(line))
        # Paths have the same length, so these records have, too. Those of portraits are longer.
        cls.shortest = len(line)
        say(f"10,000 files: {cls.described(cls.few)}")

    @classmethod
    def run_list(cls, paths, output):
        """Scores the paths that a file lists, on standard input."""
        with paths.open("rb") as stdin, output.open("wb") as stdout:
            return run(["--stdin"], cls.folder, output, stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL)

    @staticmethod
    def described(run):
        # A small run needs the most memory while it starts.
        return f"{run.seconds:.1f} s, peak {run.peak / 1e6:.0f} MB, at the end {run.samples[-1][1] / 1e6:.0f} MB"

    def check_records(self, output):
        """Checks that every path has one whole record, in order, with what the picture has elsewhere."""
        with output.open("rb") as lines:
            for number, (path, line) in enumerate(itertools.zip_longest(self.paths, lines), start=1):
                self.assertTrue(line and line.endswith(b"\n"), f"record {number}, of {path}, is missing or torn: {line}")
                record = json.loads(line)
                self.assertEqual(record["path"], path, f"record {number}")
                self.assertEqual(without_path(record), self.records.get(path, self.empty), path)

    def check_memory(self, run, earlier=0):
        most = self.few.peak + SPARE + earlier * PER_EARLIER
        self.assertLess(run.peak, most, f"{run.peak / 1e6:.0f} MB, expected less than {most / 1e6:.0f} MB")

    def test_a_run_killed_at_ten_places_is_gone_on_with(self):
        places = random.Random(self.seed)
        whole = self.shortest * len(self.paths)
        output, problems = self.folder / "scores.jsonl", self.folder / "problems"
        earlier = 0
        for kill_at in [*sorted(places.uniform(0, whole) for _ in range(KILLS)), None]:
            with problems.open("wb") as stderr:
                arguments = ["--output", output, "--resume", "pictures"]
                ended = run(arguments, self.folder, output, kill_at, stdout=subprocess.DEVNULL, stderr=stderr)
            self.assertEqual(ended.status, 1 if kill_at is None else -9, f"killed at {kill_at} bytes")
            with output.open("rb") as lines:
                records = sum(line.endswith(b"\n") for line in lines)
            waited = "-" if ended.waited is None else f"{ended.waited:.1f} s"
            said = f"from record {earlier} to {records}: {self.described(ended)}; the first new record after {waited}"
            self.check_memory(ended, earlier=earlier)
            done, earlier = earlier, records
            if kill_at is not None:
                with output.open("r+b") as file:
                    file.seek(-1, os.SEEK_END)
                    torn = "torn by the kill" if file.read() != b"\n" else "whole"
                    # A kill seldom tears a record, because each is written at once. Half of the times, the test does.
                    if torn == "whole" and places.random() < 0.5:
                        torn = "torn by the test"
                        file.truncate(size(output) - places.randint(1, self.shortest - 1))
                        earlier -= 1
                said += f"; the last record is {torn}"
            say(said)
        self.check_records(output)
        # Each reason of the last run, and the first of those before.
        of_last_run = sum(path not in self.records for path in self.paths[done:])
        with problems.open("rb") as lines:
            self.assertEqual(sum(1 for _ in lines), TOLD_AGAIN + 1 + of_last_run)

    def test_a_million_paths_on_standard_input(self):
        output = self.folder / "stdin.jsonl"
        ended = self.run_list(self.list, output)
        say(f"a million paths on standard input: {self.described(ended)}")
        self.assertEqual(ended.status, 1)
        self.check_records(output)
        self.check_memory(ended)

    def test_a_million_earlier_records_of_readable_pictures(self):
        # No picture is read again, so records can be made up: all but those of the last hundred files.
        output = self.folder / "earlier.jsonl"
        made_up = {**self.empty, "status": "no_face"}
        del made_up["error"]
        kept = len(self.paths) - 100
        with output.open("w") as file:
            file.writelines(json.dumps({"path": path, **made_up}, separators=(",", ":")) + "\n" for path in self.paths[:kept])
        arguments = ["--output", output, "--resume", "pictures"]
        ended = run(arguments, self.folder, output, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        say(f"{kept} earlier records of readable pictures: {self.described(ended)}")
        with output.open() as lines:
            self.assertEqual([json.loads(line)["path"] for line in lines], self.paths)
        self.check_memory(ended, earlier=kept)

    def test_readable_pictures_leave_nothing_in_memory(self):
        picture, paths, output = self.folder / "one pixel.png", self.folder / "readable", self.folder / "readable.jsonl"
        Image.new("RGB", (1, 1), (90, 120, 60)).save(picture)
        number = 100_000
        paths.write_text(f"{picture.name}\n" * number)
        ended = self.run_list(paths, output)
        self.assertEqual(ended.status, 0)
        with output.open() as lines:
            self.assertEqual([json.loads(line)["status"] for line in lines], ["no_face"] * number)
        early = next(memory for length, memory in ended.samples if length > size(output) / 10)
        late = ended.samples[-1][1]
        say(f"{number} readable pictures: {self.described(ended)}, after a tenth of them {early / 1e6:.0f} MB")
        self.check_memory(ended)
        self.assertLess(late - early, 8e6)


if __name__ == "__main__":
    unittest.main()
