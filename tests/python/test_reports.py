"""Reports from arrays and data frames: the numbers that the command line finds in files."""

import csv
import errno
import json
import os
import subprocess

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import setting

import serfiq

FMR = 0.05


def example(people=40):
    """Images of people in pairs, with a quality that says something about the similarity."""
    draw = np.random.default_rng(1)
    quality = draw.uniform(0, 1, 2 * people)
    pairs = [
        (2 * person, 2 * person + 1, 1, 0.3 + 0.5 * min(quality[2 * person], quality[2 * person + 1]) + draw.normal(0, 0.05))
        for person in range(people)
    ]
    pairs += [(2 * a, 2 * b, 0, draw.normal(0.25, 0.1)) for a in range(people) for b in range(a) if (a + b) % 3 == 0]
    columns = dict(zip(["image_a", "image_b", "same_person", "similarity"], map(np.array, zip(*pairs, strict=True)), strict=True))
    return columns, quality, draw.uniform(0, 1, 2 * people)


def by_command_line(command, folder, *options):
    """The numbers of the report that the command line makes from files."""
    page = folder / "report.html"
    subprocess.run([setting("SERFIQ_CLI"), command, *map(str, options), "--output", page], check=True, capture_output=True)
    numbers = json.loads(page.with_suffix(".json").read_text())
    del numbers["about"]
    return numbers


def write(path, columns):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


@pytest.fixture
def files(tmp_path):
    """The example as the command line reads it."""
    columns, quality, noise = example()
    named = {name: [f"{image}.jpg" for image in column] if "image" in name else list(column) for name, column in columns.items()}
    write(tmp_path / "pairs.csv", named)
    for name, scores in {"good": quality, "noise": noise}.items():
        write(tmp_path / f"{name}.csv", {"path": [f"{image}.jpg" for image in range(len(scores))], "raw": list(scores)})
    write(
        tmp_path / "labels.csv",
        {
            "image": [f"{image}.jpg" for image in range(len(quality))],
            "subject": [image // 2 for image in range(len(quality))],
            "light": ["dark" if score < 0.5 else "bright" for score in quality],
        },
    )
    return tmp_path


def options(files):
    scores = [option for name in ("good", "noise") for option in ("--scores", f"{name}={files / name}.csv")]
    return ["--pairs", files / "pairs.csv", *scores, "--resamples", 100]


def test_error_versus_discard_is_the_command_lines(files):
    columns, quality, noise = example()
    report = serfiq.edc(columns, {"good": quality, "noise": noise}, fmr=FMR, refit=True, resamples=100)
    assert report.numbers == by_command_line("edc", files, *options(files), "--fmr", FMR, "--refit")


def test_thresholds_are_the_command_lines(files):
    columns, quality, noise = example()
    report = serfiq.thresholds(columns, {"good": quality, "noise": noise}, fmr=FMR, resamples=100)
    assert report.numbers == by_command_line("thresholds", files, *options(files), "--fmr", FMR)


def test_an_audit_is_the_command_lines(files):
    columns, quality, noise = example()
    named = {name: [f"{image}.jpg" for image in column] if "image" in name else column for name, column in columns.items()}
    scores = {name: {f"{image}.jpg": score for image, score in enumerate(of)} for name, of in [("good", quality), ("noise", noise)]}
    labels = pd.read_csv(files / "labels.csv")
    report = serfiq.audit(labels, scores, named, fmr=FMR, resamples=100)
    assert report.numbers == by_command_line("audit", files, "--labels", files / "labels.csv", *options(files), "--fmr", FMR)


def test_an_audit_shows_what_is_not_read_of_the_worst():
    _, quality, _ = example()
    images = np.arange(len(quality))
    readings = np.random.default_rng(2).uniform(0, 1, (len(quality), 7, 7)).astype(np.float32)
    labels = {"image": images, "light": np.where(images % 2 == 0, "dark", "bright")}
    report = serfiq.audit(labels, {"good": quality}, readings=readings, resamples=0)
    for group in report.numbers["measures"][0]["attributes"][0]["groups"]:
        of_group = images[labels["light"] == group["name"]]
        worst = of_group[np.argsort(quality[of_group])[: -(-len(of_group) // 10)]]
        found = group["reading_of_worst"]
        assert (found["images"], found["rows"], found["columns"]) == (4, 7, 7)
        np.testing.assert_allclose(found["cells"], readings[worst].mean(axis=0).ravel(), atol=1e-6)
    assert "Unread parts" in report.html
    # Some images have no map, and invalid maps are refused.
    some = {image: None if image % 2 else readings[image] for image in images}
    groups = serfiq.audit(labels, {"good": quality}, readings=some, resamples=0).numbers["measures"][0]["attributes"][0]["groups"]
    assert [group["reading_of_worst"] is None for group in groups] == [True, False]
    for wrong, error, message in [
        (readings[:-1], KeyError, "no map of the image 79"),
        (readings * 2, ValueError, "values beyond 0 to 1"),
        (readings - np.nan, ValueError, "values beyond 0 to 1"),
        ([*readings[:-1], np.zeros((2, 2))], ValueError, r"shapes: \(2, 2\), \(7, 7\); expected the same"),
        ([None] * len(images), ValueError, "shapes: none"),
        (readings.reshape(len(images), -1), ValueError, r"shapes: \(49,\)"),
    ]:
        with pytest.raises(error, match=message):
            serfiq.audit(labels, {"good": quality}, readings=wrong)


def test_every_kind_of_table_gives_the_same_report():
    columns, quality, _ = example()
    kinds = [
        columns,
        {name: column.tolist() for name, column in columns.items()},
        pd.DataFrame(columns),
        pl.DataFrame(columns),
        np.rec.fromarrays(list(columns.values()), names=list(columns)),
    ]
    scores = [quality, quality.tolist(), dict(enumerate(quality)), pd.Series(quality), quality.astype(np.float64)]
    reports = [
        serfiq.edc(pairs, {"good": of}, fmr=FMR, resamples=10).numbers for pairs, of in zip(kinds, scores, strict=True)
    ]
    assert all(report == reports[0] for report in reports[1:])


def test_scores_of_this_package_can_be_judged(scorer, people):
    """From pictures to a report, as in the documentation."""
    pictures = sorted(people.iterdir())
    names = [path.name for path in pictures]
    scores = {name: assessment.raw for name, assessment in zip(names, scorer.many(pictures), strict=True)}
    embeddings = {path.name: scorer.embed(path)[0].embedding for path in pictures}
    unit = {name: embedding / np.linalg.norm(embedding) for name, embedding in embeddings.items()}
    person = {name: name.rsplit("_", 1)[0] for name in names}
    pairs = [(a, b, person[a] == person[b], unit[a] @ unit[b]) for index, a in enumerate(names) for b in names[:index]]
    table = pd.DataFrame(pairs, columns=["image_a", "image_b", "same_person", "similarity"])
    report = serfiq.edc(table, {"SER-FIQ": scores}, fmr=0.1, resamples=0)
    assert report.numbers["comparisons"]["images"] == len(names)
    assert report.numbers["recogniser"]["equal_error_rate"] < 0.2


def test_an_image_without_a_score_is_left_out():
    columns, quality, _ = example()
    for nothing in (None, float("nan")):
        scores = [*quality[:-1], nothing]
        numbers = serfiq.edc(columns, {"good": scores}, fmr=FMR, resamples=0).numbers
        assert numbers["comparisons"]["images_without_a_score"] == 1 and numbers["comparisons"]["pairs_left_out"] > 0


def test_the_page_contains_everything_and_shows_in_a_notebook(tmp_path):
    columns, quality, _ = example()
    report = serfiq.edc(columns, {"a <b> & c": quality}, fmr=FMR, resamples=0)
    assert report.html.startswith("<!DOCTYPE html>") and "<svg" in report.html and "http" not in report.html.replace("http://www.w3.org", "")
    assert "a &lt;b&gt; &amp; c" in report.html and "serfiq.edc" in report.html
    assert report._repr_html_().startswith("<iframe ") and "<svg" not in report._repr_html_()
    report.save(tmp_path / "edc.html")
    assert (tmp_path / "edc.html").read_text("utf-8") == report.html


def test_a_page_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    def disk_full(_):
        raise OSError(errno.ENOSPC, "disk full")

    page = tmp_path / "edc.html"
    page.write_text("before")
    with monkeypatch.context() as patch, pytest.raises(OSError, match="disk full"):
        patch.setattr(os, "fsync", disk_full)
        serfiq.Report({}, "after").save(page)
    with pytest.raises(UnicodeEncodeError):
        serfiq.Report({}, "no text: \ud800").save(page)
    with pytest.raises(IsADirectoryError if os.name == "posix" else PermissionError):
        serfiq.Report({}, "after").save(tmp_path)
    assert page.read_text() == "before" and os.listdir(tmp_path) == ["edc.html"]
    serfiq.Report({}, "after").save(str(page))
    assert page.read_text() == "after" and os.listdir(tmp_path) == ["edc.html"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has other permissions, links and devices")
def test_a_page_keeps_links_and_permissions_and_devices(tmp_path):
    report = serfiq.Report({}, "after")
    page, link, new, usual = (tmp_path / name for name in ("page", "link", "new", "usual"))
    page.write_text("before")
    page.chmod(0o640)
    link.symlink_to(page)
    report.save(link)
    assert link.is_symlink() and page.read_text() == "after" and page.stat().st_mode & 0o777 == 0o640
    usual.touch()
    report.save(new)
    assert new.stat().st_mode == usual.stat().st_mode
    report.save(os.devnull)
    assert not os.path.isfile(os.devnull)


def test_distances_are_noticed():
    columns, quality, _ = example()
    with pytest.warns(UserWarning, match="worse than chance"):
        serfiq.edc({**columns, "similarity": -columns["similarity"]}, {"good": quality}, fmr=FMR, resamples=0)


def changed(name, row, value):
    columns, quality, _ = example()
    column = list(columns[name])
    column[row] = value
    return {**columns, name: column}, quality


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA], ids=["None", "NaN", "pandas"])
def test_a_pair_that_could_not_be_compared_is_left_out(missing):
    columns, quality = changed("similarity", 0, missing)
    report = serfiq.edc(columns, {"good": quality}, fmr=FMR, resamples=0)
    whole = serfiq.edc(example()[0], {"good": quality}, fmr=FMR, resamples=0)
    counted, all_counted = report.numbers["comparisons"], whole.numbers["comparisons"]
    assert (counted["pairs_left_out"], counted["mated"]) == (1, all_counted["mated"] - 1)


def test_too_many_resamples_are_refused():
    columns, quality, _ = example()
    for count in (-1, 1_000_001, 10**12):
        with pytest.raises(ValueError, match=f"resamples={count}; expected 0 to 1000000"):
            serfiq.edc(columns, {"good": quality}, fmr=FMR, resamples=count)


@pytest.mark.parametrize(
    ("pairs", "error", "message"),
    [
        (changed("same_person", 0, 2)[0], ValueError, "same_person is 2; expected 1 or True"),
        (changed("image_b", 0, 0)[0], ValueError, "the image 0 is compared with itself"),
        ({"image_a": [0, 1], "image_b": [1, 0], "same_person": [1, 1], "similarity": [1, 1]}, ValueError, "compared twice"),
        ({"image_a": [0]}, KeyError, "pairs have no column 'image_b'; found image_a"),
        ({"image_a": [0], "image_b": [1], "same_person": [1], "similarity": [1]}, ValueError, "1 mated and 0 non-mated"),
    ],
)
def test_wrong_pairs_are_refused(pairs, error, message):
    with pytest.raises(error, match=message):
        serfiq.edc(pairs, {"good": example()[1]}, fmr=FMR, resamples=0)


def test_wrong_scores_are_refused():
    columns, quality, _ = example()
    with pytest.raises(TypeError, match='expected a mapping from names to scores'):
        serfiq.edc(columns, quality)
    with pytest.raises(ValueError, match="no scores"):
        serfiq.edc(columns, {})
    with pytest.raises(KeyError, match="'good' has no score of the image 79"):
        serfiq.edc(columns, {"good": quality[:-1]}, fmr=FMR)
    with pytest.raises(ValueError, match="false match rate"):
        serfiq.thresholds(columns, {"good": quality}, fmr=1e-9)


def test_wrong_labels_are_refused():
    _, quality, _ = example()
    images = list(range(len(quality)))
    with pytest.raises(KeyError, match="labels have no column 'image'"):
        serfiq.audit({"light": ["dark"]}, {"good": quality})
    with pytest.raises(ValueError, match="no column to group by"):
        serfiq.audit({"image": images}, {"good": quality})
    with pytest.raises(ValueError, match="labelled twice"):
        serfiq.audit({"image": [0, 0], "light": ["dark", "bright"]}, {"good": quality})
    columns, _, _ = example()
    labels = {"image": images, "subject": images, "light": ["dark", "bright"] * (len(images) // 2)}
    with pytest.raises(ValueError, match="0 and 1: the pairs and the labels do not agree"):
        serfiq.audit(labels, {"good": quality}, columns, fmr=FMR)
    with pytest.raises(ValueError, match='"light" has no two different values'):
        serfiq.audit({"image": images, "light": ["dark"] * len(images)}, {"good": quality})
    with pytest.raises(ValueError, match="13 different values; expected at most 12"):
        serfiq.audit({"image": images, "light": [str(image % 13) for image in images]}, {"good": quality})
