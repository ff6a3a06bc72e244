"""The example with Apache Spark, with one process acting as a cluster."""

import csv
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import pyarrow.parquet
import pyspark
from support import EXAMPLES, SERFIQ, make_pictures, score, setting, write_program

ARCHIVE = Path(setting("SERFIQ_ARCHIVE", "an archive of the command line, as it is released"))
SPARK = Path(pyspark.__file__).parent
EXAMPLE = EXAMPLES / "score_with_spark.py"
MAX_BYTES = 256 << 20

# Time limit of a job, on a machine that is busy with other work.
PATIENCE_SECONDS = 300

# Keeps Spark on this machine, and fast; nothing here changes the results.
QUIETLY = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
    # Lighter Java compilation saves seconds of work.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}


class Spark(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.pictures = cls.folder / "pictures"
        make_pictures(cls.pictures)

    def submit(self, arguments, cores=2, **settings):
        """Runs the example as on a cluster."""
        settings = [f"--conf={name}={value}" for name, value in {**QUIETLY, **settings}.items()]
        environment = {
            **os.environ,
            "SPARK_HOME": str(SPARK),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(self.folder / "spark"),
            "PYSPARK_PYTHON": sys.executable,
            # The encoding Java reads file names in; Spark skips names it cannot read.
            "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            [SPARK / "bin/spark-submit", f"--master=local[{cores}]", *settings, EXAMPLE, *map(str, arguments)],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_SECONDS,
        )

    def failed(self, run, words, scores):
        self.assertNotEqual(run.returncode, 0, run.stdout)
        self.assertIn(words, run.stdout)
        self.assertFalse((scores / "_SUCCESS").exists(), "incomplete output is not marked as complete")

    def test_parquet_holds_what_one_run_prints(self):
        options = ["--method", "mc", "--passes", "10", "--seed", "3"]
        expected = list(csv.DictReader(score("--format", "csv", *options, str(self.pictures)).splitlines()))

        too_large = self.pictures / "too large.png"
        self.addCleanup(too_large.unlink)
        with too_large.open("wb") as file:
            file.truncate(MAX_BYTES + 1)
        for name in ("phone.HEIC", "inner/phone.heic", "inner/scan.tif"):
            (self.pictures / name).write_text("no picture that is read")
            self.addCleanup((self.pictures / name).unlink)
        scores = self.folder / "scores.parquet"
        # The job ships the archive; everything in it is below a folder of the same name.
        program = f"shipped/{ARCHIVE.name.removesuffix('.tar.gz')}/serfiq"
        run = self.submit(
            [self.pictures, scores, "--serfiq", program, "--", *options],
            **{"spark.archives": f"{ARCHIVE}#shipped", "spark.sql.files.maxPartitionBytes": "500k"},
        )
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertIn("serfiq: files are left out, because only JPEG, PNG and WebP are read: 2 heic, 1 tif\n", run.stdout)

        tables = [pyarrow.parquet.read_table(part) for part in scores.glob("*.parquet")]
        scored = [table for table in tables if "ok" in table["status"].to_pylist()]
        self.assertGreater(len(scored), 1, "several tasks share the work")
        rows = [row for table in tables for row in table.to_pylist()]
        refused = [row for row in rows if row["path"].endswith("/too large.png")]
        self.assertEqual(
            [(row["status"], row["error"]) for row in refused],
            [("unreadable", f"the file has {MAX_BYTES + 1} bytes, expected at most {MAX_BYTES}")],
        )

        number = {"int32": int, "int64": int, "double": float, "string": str, "bool": lambda text: text == "true"}
        types = {field.name: number[str(field.type)] for field in tables[0].schema}
        self.assertEqual(list(types), list(expected[0]), "the columns are those of CSV")
        for row in expected:
            row["path"] = f"file:{row['path']}"
        expected = [{name: types[name](text) if text else None for name, text in row.items()} for row in expected]
        rows = [row for row in rows if row not in refused]
        order = lambda row: (row["path"], row["face"] or 0)
        self.assertEqual(sorted(rows, key=order), sorted(expected, key=order))

    def test_a_program_that_ends_too_early_fails_the_job_with_what_it_said(self):
        program = self.folder / "program"
        write_program(program, [f'head -c 1000 | "{SERFIQ}" "$@"'])
        scores = self.folder / "no scores"
        run = self.submit([self.pictures, scores, "--serfiq", program], cores=1)
        words = "serfiq ended with status 2 before all pictures were scored: serfiq: standard input ends within picture 1"
        self.failed(run, words, scores)

    def test_a_program_that_is_not_there_fails_the_job(self):
        scores = self.folder / "nothing"
        run = self.submit([self.pictures, scores, "--serfiq", "nowhere/serfiq"], cores=1)
        self.failed(run, "there is no program nowhere/serfiq on this executor", scores)

    def test_the_program_takes_as_many_bytes_as_the_example_sends(self):
        length = (MAX_BYTES + 1).to_bytes(4, "big")
        run = subprocess.run([SERFIQ, "score", "--stdin-bytes"], input=length, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, 2)
        self.assertIn(f"expected at most {MAX_BYTES}", run.stderr.decode())


if __name__ == "__main__":
    unittest.main()
