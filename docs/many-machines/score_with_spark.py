"""Scores the face pictures of a folder on all machines of an Apache Spark cluster, and writes Parquet.

    release=serfiq-0.1.0-x86_64-unknown-linux-gnu
    spark-submit --archives $release.tar.gz#serfiq score_with_spark.py PICTURES SCORES --serfiq serfiq/$release/serfiq [-- OPTION ...]

Spark reads the pictures, from any store that it supports, and distributes their bytes. Each task keeps one `serfiq` process for
all of its pictures, so an executor needs only the archive of the command line, Python, pandas and PyArrow.
"""

import argparse
import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pandas
from pyspark import SparkFiles, TaskContext
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

# The columns of `serfiq score --format csv`: one row per face, and one for a picture without a face.
SCHEMA = """
    path string, status string, model string, model_sha256 string, method string, passes int, seed bigint, dropout double,
    threshold double, face int, x double, y double, width double, height double, confidence double, raw double, quality double,
    percentile double, std_error double, accepted boolean, issues string, error string
"""
COLUMNS = [column.split()[0] for column in SCHEMA.split(",")]
OF_A_FACE = COLUMNS[COLUMNS.index("face") : COLUMNS.index("accepted")]

# Extensions by which `serfiq` recognises pictures in a folder, in upper or lower case.
EXTENSIONS = ["jpg", "jpeg", "jpe", "jfif", "jif", "pjpeg", "pjp", "png", "webp"]
# Extensions of picture formats that it does not read.
NOT_READ = [
    "heic", "heif", "hif", "avif", "avifs", "tif", "tiff", "bmp", "dib", "gif", "apng", "jxl", "jp2", "j2k", "jpf", "jpx", "jxr", "psd",
    "psb", "xcf", "tga", "pcx", "ppm", "pgm", "pbm", "pnm", "pam", "exr", "hdr", "qoi", "ico", "svg", "dng", "cr2", "cr3", "crw", "nef",
    "nrw", "arw", "sr2", "srf", "srw", "orf", "raf", "rw2", "rwl", "raw", "pef", "x3f", "3fr", "fff", "iiq", "erf", "mrw", "mos", "dcr",
    "kdc", "gpr",
]

# The largest picture that `serfiq` accepts on standard input, in bytes.
MAX_BYTES = 256 << 20


def scores(spark, pictures, serfiq="serfiq", options=()):
    """The scores of all pictures in a folder and its subfolders, or in whatever a glob pattern matches."""
    files = files_in(spark, pictures, EXTENSIONS)
    can_be_sent = f.col("length") <= MAX_BYTES
    score = functools.partial(score_partition, serfiq=serfiq, options=options)
    scored = files.where(can_be_sent).select("path", "content").mapInPandas(score, SCHEMA)
    error = f.format_string(f"the file has %d bytes, expected at most {MAX_BYTES}", "length")
    too_large = files.where(~can_be_sent).select("path", f.lit("unreadable").alias("status"), error.alias("error"))
    return scored.unionByName(too_large, allowMissingColumns=True)


def left_out(spark, pictures):
    """The number of files in picture formats that `serfiq` does not read, by extension."""
    extension = f.lower(f.substring_index("path", ".", -1)).alias("extension")
    counts = files_in(spark, pictures, NOT_READ).groupBy(extension).count().sort("extension")
    return {row["extension"]: row["count"] for row in counts.collect()}


def files_in(spark, pictures, extensions):
    """The files with one of these extensions, in upper or lower case."""
    names = ",".join("".join(f"[{letter}{letter.upper()}]" for letter in extension) for extension in extensions)
    reader = spark.read.format("binaryFile").option("pathGlobFilter", f"*.{{{names}}}").option("recursiveFileLookup", True)
    return reader.load(pictures)


def score_partition(batches, serfiq, options):
    """Scores the pictures of one task, a few at a time."""
    # Spark's own default is one core per task.
    arguments = ["score", "--stdin-bytes", "--format", "jsonl", "--threads", str(TaskContext.get().cpus()), *options]
    with (
        tempfile.TemporaryFile() as messages,
        ThreadPoolExecutor(max_workers=1) as sender,
        running([program(serfiq), *arguments], messages) as process,
    ):
        for batch in batches:
            # Answers are read while pictures are sent, so neither pipe can fill up and block.
            sending = sender.submit(send, process, batch["content"])
            rows = []
            for path in batch["path"]:
                line = process.stdout.readline()
                if not line:
                    raise failure(process, messages)
                rows.extend(rows_of(path, json.loads(line)))
            sending.result()
            yield pandas.DataFrame(rows, columns=COLUMNS, dtype=object)
        process.stdin.close()
        # Status 1 means unreadable pictures, which their rows report, too.
        if process.wait() not in (0, 1):
            raise failure(process, messages)


def program(serfiq):
    """The program on this executor: on its path, or among the files that `--archives` and `--files` brought."""
    found = shutil.which(serfiq) or shutil.which(os.path.join(SparkFiles.getRootDirectory(), serfiq))
    if not found:
        raise FileNotFoundError(
            f"there is no program {serfiq} on this executor, or it is not executable; ship it with --archives, as .tar.gz, or "
            "install it, and name it with --serfiq"
        )
    return found


@contextlib.contextmanager
def running(command, messages):
    """A process that ends when the task does, for whatever reason."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=messages)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def send(process, pictures):
    """Sends each picture after its length, as `--stdin-bytes` expects."""
    for picture in pictures:
        process.stdin.write(len(picture).to_bytes(4, "big"))
        process.stdin.write(picture)
    process.stdin.flush()


def failure(process, messages):
    """The error for a process that ended too early; Spark shows it with the failed task."""
    status = process.wait()
    messages.seek(0)
    said = messages.read().decode(errors="replace").strip()
    return RuntimeError(f"serfiq ended with status {status} before all pictures were scored: {said}")


def rows_of(path, record):
    """One picture's rows, from the line that `serfiq` wrote."""
    about = [path, *(record[column] for column in COLUMNS[1 : COLUMNS.index("face")])]
    # A picture that cannot be read is not judged.
    issues = " ".join(record.get("issues", [])) or None
    verdict = [record.get("accepted"), issues, record.get("error")]
    faces = [
        [number, *face["box"], face["confidence"], face["raw"], face["quality"], face["percentile"], face["std_error"]]
        for number, face in enumerate(record["faces"], start=1)
    ]
    return [[*about, *face, *verdict] for face in faces or [[None] * len(OF_A_FACE)]]


def main():
    parser = argparse.ArgumentParser(
        description="Scores face pictures on a Spark cluster, and writes Parquet, one row per face.",
        epilog="What follows -- are options of `serfiq score`, as in: PICTURES SCORES -- --method mc",
    )
    parser.add_argument("pictures", metavar="PICTURES", help="folder, or glob pattern, in any store that Spark reads")
    parser.add_argument("scores", metavar="SCORES", help="folder for the Parquet files, which must not exist yet")
    parser.add_argument("--serfiq", default="serfiq", help="the program, as the executors find it [default: serfiq]")
    own, options = split(sys.argv[1:])
    arguments = parser.parse_args(own)
    spark = (
        SparkSession.builder.appName("serfiq")
        # Keeps few pictures of a task in memory at once. Of the largest, no more than seven fit into one Arrow batch (2 GiB).
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 4)
        # Tasks of equal bytes, however small the pictures are: starting a process for a handful of them would not pay off.
        .config("spark.sql.files.openCostInBytes", 0)
        .getOrCreate()
    )
    if unread := left_out(spark, arguments.pictures):
        counts = ", ".join(f"{count} {extension}" for extension, count in unread.items())
        print(f"serfiq: files are left out, because only JPEG, PNG and WebP are read: {counts}", file=sys.stderr)
    scores(spark, arguments.pictures, arguments.serfiq, options).write.parquet(arguments.scores)
    spark.stop()


def split(words):
    """The words before `--`, and those after it."""
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


if __name__ == "__main__":
    main()
