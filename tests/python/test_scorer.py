"""Scoring: the same records as the command line's, from every kind of picture."""

import inspect
import io
import json
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import command_line, setting
from PIL import Image, ImageOps

import serfiq
from serfiq._picture import parts


def without_path(record):
    return {name: value for name, value in record.items() if name != "path"}


@pytest.mark.parametrize(
    ("keywords", "options"),
    [
        ({}, []),
        ({"method": "mc", "passes": 20, "seed": 7}, ["--method", "mc", "--passes", "20", "--seed", "7"]),
        ({"seed": 3}, ["--seed", "3"]),
        ({"dropout": 0.2, "threshold": 95}, ["--dropout", "0.2", "--threshold", "95"]),
    ],
)
def test_records_are_those_of_the_command_line_to_the_last_bit(portraits, keywords, options):
    scorer = serfiq.Scorer(**keywords)
    expected = command_line("score", "--format", "jsonl", *options, *portraits)
    assert [scorer(path).to_dict() for path in portraits] == [without_path(record) for record in expected]
    assert [a.to_dict() for a in scorer.many(portraits)] == [without_path(record) for record in expected]


def test_the_standards_measures_are_those_of_the_command_line(portraits):
    scorer = serfiq.Scorer(standard_measures=True)
    expected = command_line("measures", "--format", "jsonl", *portraits)
    assert [a.to_dict() for a in scorer.many(portraits)] == [without_path(record) for record in expected]
    eyes = scorer(portraits[0]).standard_measures["EyesOpen"]
    assert 0 <= eyes["quality"] <= 100 and eyes["unassessed"] is None and not eyes["approximate"]
    assert serfiq.Scorer()(portraits[0]).standard_measures is None
    with pytest.raises(ValueError, match="expected whole pictures"):
        serfiq.Scorer(aligned=True, standard_measures=True)


def test_explanations_are_those_of_the_command_line(scorer, portraits):
    expected = command_line("explain", "--format", "jsonl", *portraits)
    explained = [scorer.explain(path) for path in portraits]
    assert [a.to_dict() for a in explained] == [without_path(record) for record in expected]
    explanation, of_record = explained[0].explanation, expected[0]["explanation"]
    assert set(inspect.signature(serfiq.Explanation).parameters) == of_record.keys() - {"rows", "columns"}
    assert explanation.signal.shape == explanation.reading.shape == (7, 7) and explanation.corners.shape == (4, 2)
    assert explanation.signal.ravel().tolist() == np.array(of_record["signal"], np.float32).tolist()
    assert 0 < explanation.parts["eyes"] <= 1 and explanation.cover["eyes"] < 0
    assert scorer(portraits[0]).explanation is None


def test_attributes_are_the_fields_of_the_record(scorer, portrait):
    assessment = scorer(portrait)
    record = assessment.to_dict()
    for name in record.keys() - {"faces", "issues"}:
        assert getattr(assessment, name) == record[name], name
    fields = set(inspect.signature(serfiq.Assessment).parameters)
    assert fields - {"error", "explanation", "standard_measures", "_json"} == set(record)
    assert list(assessment.issues) == record["issues"]
    [face], [of_record] = assessment.faces, record["faces"]
    assert set(inspect.signature(serfiq.Face).parameters) == set(of_record)
    assert (assessment.raw, assessment.quality) == (face.raw, face.quality) == (of_record["raw"], of_record["quality"])
    assert face.box.shape == (4,) and face.landmarks.shape == (5, 2) and face.box.dtype == face.landmarks.dtype == np.float32
    assert face.landmarks.tolist() == np.array(of_record["landmarks"], np.float32).tolist()


def test_every_kind_of_picture_gives_the_same_score(scorer, portrait):
    image = Image.open(portrait)
    png = io.BytesIO()
    image.convert("RGB").save(png, "PNG")
    pixels = np.asarray(image.convert("RGB"))
    kinds = {
        "path": portrait,
        "text": str(portrait),
        "bytes": png.getvalue(),
        "bytearray": bytearray(png.getvalue()),
        "memoryview": memoryview(png.getvalue()),
        "array": pixels,
        "strided array": np.repeat(pixels, 2, axis=1)[:, ::2],
        "Fortran array": np.asfortranarray(pixels),
        "PIL": image,
        "RGBA": image.convert("RGBA"),
    }
    raws = {name: scorer(picture).raw for name, picture in kinds.items()}
    exact = raws["array"]
    # Pillow's JPEG decoder rounds differently from ours.
    assert abs(raws["path"] - exact) < 1e-3 and raws["text"] == raws["path"]
    assert {name: raw for name, raw in raws.items() if name not in ("path", "text")} == dict.fromkeys(list(kinds)[2:], exact)


def test_a_picture_on_its_side_is_turned_as_its_exif_data_says(scorer, portrait):
    turned = Image.open(portrait).convert("RGB").transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    turned.save(file, "PNG", exif=exif)
    assert scorer(Image.open(io.BytesIO(file.getvalue()))).raw == scorer(file.getvalue()).raw == scorer(np.asarray(turned.rotate(-90, expand=True))).raw


def test_no_face_is_a_state_without_a_number(scorer):
    assessment = scorer(np.zeros((240, 320, 3), np.uint8))
    assert (assessment.status, assessment.faces, assessment.raw, assessment.quality) == ("no_face", (), None, None)
    assert not assessment.accepted and assessment.issues


def test_an_aligned_crop_is_scored_without_a_search(portrait):
    crop = Image.open(portrait).convert("RGB").resize((112, 112))
    assessment = serfiq.Scorer(aligned=True)(crop)
    assert assessment.faces[0].landmarks is None and assessment.faces[0].box.tolist() == [0, 0, 112, 112]
    with pytest.raises(serfiq.PictureError, match="112"):
        serfiq.Scorer(aligned=True)(portrait)


def test_embeddings_are_those_of_the_command_line(scorer, portraits):
    for path, record in zip(portraits[:2], command_line("embed", *portraits[:2]), strict=True):
        faces = scorer.embed(path)
        assert [face.embedding.tolist() for face in faces] == [
            np.array(face["embedding"], np.float32).tolist() for face in record["faces"]
        ]
        assert faces[0].embedding.shape == (128,) and faces[0].landmarks.shape == (5, 2)
    assert scorer.embed(np.zeros((64, 64, 3), np.uint8)) == []


WRONG = [
    ("missing.jpg", serfiq.PictureError, "cannot be read"),
    (b"", serfiq.PictureError, "an empty file"),
    (b"no picture", serfiq.PictureError, "not a JPEG, PNG or WebP"),
    (np.zeros((0, 5, 3), np.uint8), serfiq.PictureError, "both sides must be at least 1"),
    (np.zeros((4, 4), np.uint8), ValueError, r"expected \(height, width, 3\): RGB; of a grey picture"),
    (np.zeros((4, 4, 4), np.uint8), ValueError, r"without the alpha: image\[..., :3\]"),
    (np.zeros((3, 40, 40), np.uint8), ValueError, "channels last"),
    (np.zeros((2, 4, 4, 3), np.uint8), ValueError, "Scorer.many"),
    (np.zeros((4, 4, 3), np.float32), ValueError, r"expected uint8, with values of 0 to 255; of values from 0 to 1"),
    (np.zeros((4, 4, 3), np.int64), ValueError, "is of int64; expected uint8"),
    (np.zeros((4, 4, 3), object), ValueError, "expected uint8"),
    (None, TypeError, "NoneType is not a picture; expected a path"),
    (3.5, TypeError, "float is not a picture"),
    ([1, 2], TypeError, "list is not a picture"),
]


@pytest.mark.parametrize(("picture", "error", "message"), WRONG)
def test_what_is_no_picture_is_refused_with_what_to_do(scorer, picture, error, message):
    with pytest.raises(error, match=message):
        scorer(picture)
    with pytest.raises(error, match=message):
        scorer.embed(picture)


def test_a_folder_is_not_a_picture(scorer, tmp_path):
    with pytest.raises(serfiq.PictureError, match="cannot be read"):
        scorer(tmp_path)


def test_one_bad_picture_does_not_end_a_batch(scorer, portrait):
    bad = [picture for picture, error, _ in WRONG if error is not TypeError]
    assessments = list(scorer.many([portrait, *bad, portrait]))
    assert [a.status for a in assessments] == ["ok", *["unreadable"] * len(bad), "ok"]
    for assessment in assessments[1:-1]:
        assert (assessment.faces, assessment.raw, assessment.accepted) == ((), None, False)
        assert assessment.error
    [record] = command_line("score", "--format", "jsonl", "missing.jpg", status=1)
    assert assessments[1].to_dict() == without_path(record)


def pil_image(portrait, file_format, spoil, **options):
    """A PIL image of a spoilt file, which is decoded when its pixels are needed."""
    file = io.BytesIO()
    Image.open(portrait).convert("RGB").save(file, file_format, **options)
    return Image.open(io.BytesIO(spoil(file.getvalue())))


def test_a_pil_image_that_cannot_be_decoded_does_not_end_a_batch(scorer, portrait):
    def with_a_broken_chunk(png):
        second = png.index(b"IDAT", png.index(b"IDAT") + 4)
        return png[:second] + b"ID\0T" + png[second + 4 :]

    class Unforeseen(Image.Image):
        def load(self):
            raise EOFError

    def bad():
        return [pil_image(portrait, "PNG", with_a_broken_chunk), pil_image(portrait, "JPEG", lambda jpeg: jpeg[:5000]), Unforeseen()]

    assessments = list(scorer.many([portrait, *bad(), portrait]))
    assert [a.status for a in assessments] == ["ok", *["unreadable"] * 3, "ok"]
    for assessment, error in zip(assessments[1:-1], ["SyntaxError", "OSError", "EOFError"], strict=True):
        assert assessment.error.startswith(f"the PIL image cannot be decoded: {error}("), assessment.error
    for picture in bad():
        with pytest.raises(serfiq.PictureError, match="the PIL image cannot be decoded"):
            scorer(picture)


def test_exif_data_that_cannot_be_read_is_ignored(scorer, portrait):
    def with_unreadable_exif():
        return pil_image(portrait, "PNG", lambda png: png, exif=b"Exif\0\0neither MM nor II")

    with pytest.raises(SyntaxError):
        with_unreadable_exif().getexif()
    [assessment] = scorer.many([with_unreadable_exif()])
    assert assessment.raw == scorer(with_unreadable_exif()).raw == scorer(np.asarray(with_unreadable_exif())).raw


def test_exif_data_that_is_damaged_elsewhere_still_turns_a_picture(scorer, portrait):
    # The orientation, 6, and a negative unit of resolution, which Pillow reads, but cannot write.
    entries = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) + struct.pack(">HHIi", 0x0128, 9, 1, -1)
    exif = b"Exif\0\0MM" + struct.pack(">HIH", 42, 8, 2) + entries + bytes(4)
    file = io.BytesIO()
    Image.open(portrait).convert("RGB").transpose(Image.Transpose.ROTATE_90).save(file, "PNG", exif=exif)
    with pytest.raises(struct.error):
        ImageOps.exif_transpose(Image.open(file))
    [assessment] = scorer.many([Image.open(file)])
    assert assessment.raw == scorer(file.getvalue()).raw == scorer(np.asarray(Image.open(portrait).convert("RGB"))).raw


def test_every_orientation_is_pillows(portrait):
    exif = Image.Exif()
    for orientation in range(10):
        exif[0x0112] = orientation
        file = io.BytesIO()
        Image.open(portrait).save(file, "JPEG", exif=exif)
        assert parts(Image.open(file)) == parts(np.asarray(ImageOps.exif_transpose(Image.open(file)))), orientation


def test_what_is_not_a_picture_at_all_ends_a_batch_after_those_before_it(scorer, portrait):
    stream = scorer.many([portrait, None, portrait])
    assert next(stream).status == "ok"
    with pytest.raises(TypeError, match="NoneType"):
        next(stream)


def test_an_error_of_the_source_arrives_after_the_pictures_before_it(scorer, portrait):
    def source():
        yield portrait
        yield portrait
        raise RuntimeError("the disk is gone")

    stream = scorer.many(source())
    assert [next(stream).status, next(stream).status] == ["ok", "ok"]
    with pytest.raises(RuntimeError, match="the disk is gone"):
        next(stream)


def test_pictures_are_drawn_only_as_fast_as_assessments_are_taken(portrait):
    scorer, drawn = serfiq.Scorer(threads=2), []

    def source():
        for number in range(10_000):
            drawn.append(number)
            yield np.zeros((16, 16, 3), np.uint8)

    stream = scorer.many(source())
    for taken in range(1, 50):
        next(stream)
        assert len(drawn) <= taken + 2 * 2, (len(drawn), taken)
    stream.close()


def test_an_endless_source_can_be_left(scorer, portrait):
    def source():
        while True:
            yield portrait

    for number, assessment in enumerate(scorer.many(source())):
        assert assessment.status == "ok"
        if number == 5:
            break


def test_no_pictures_give_no_assessments(scorer):
    assert list(scorer.many([])) == []
    with pytest.raises(TypeError):
        list(scorer.many(None))


def test_other_threads_run_while_a_picture_is_scored(portrait):
    # The interpreter switches threads only where the lock is released or its interval ends: a long interval makes the former visible.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        scorer, done, counted = serfiq.Scorer(method="mc", passes=1000), threading.Event(), []

        def score():
            scorer(portrait)
            done.set()

        thread = threading.Thread(target=score)
        thread.start()
        while not done.is_set():
            counted.append(time.sleep(0.001))
        thread.join()
        assert len(counted) > 5
    finally:
        sys.setswitchinterval(interval)


def test_one_scorer_serves_many_threads(scorer, portraits):
    expected, found = [scorer(path).raw for path in portraits], {}
    threads = [
        threading.Thread(target=lambda n=n: found.__setitem__(n, [a.raw for a in scorer.many(portraits)])) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), expected)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a whole console")
def test_ctrl_c_ends_a_batch(portrait):
    program = f"""
import itertools, serfiq
print("started", flush=True)
for _ in serfiq.Scorer(method="mc", passes=1000).many(itertools.repeat({str(portrait)!r})):
    pass
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.readline()
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors, errors


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"recogniser": "nobody"}, serfiq.EngineError, "no recogniser called 'nobody', and no file of that name .* expected 'sface'"),
        ({"method": "best"}, ValueError, "there is no method \"best\"; expected one of mc, limit|expected one of limit, mc"),
        ({"passes": 1}, ValueError, "passes=1; expected 2 to 1000"),
        ({"passes": 1001}, ValueError, "passes=1001; expected 2 to 1000"),
        ({"dropout": 1.5}, ValueError, "1.5"),
        ({"threshold": float("nan")}, ValueError, "NaN"),
        ({"threads": 0}, ValueError, "threads=0; expected 1 to 1024"),
        ({"threads": 1025}, ValueError, "threads=1025; expected 1 to 1024"),
        ({"method": "limit", "passes": 50}, ValueError, 'passes and seed belong to method="mc"; the limit has neither'),
        ({"method": "limit", "seed": 1}, ValueError, 'passes and seed belong to method="mc"; the limit has neither'),
    ],
)
def test_wrong_arguments_are_refused(keywords, error, message):
    with pytest.raises(error, match=message):
        serfiq.Scorer(**keywords)


def test_a_file_that_is_no_network_is_refused(tmp_path):
    (tmp_path / "mine.onnx").write_bytes(b"no network")
    with pytest.raises(serfiq.EngineError):
        serfiq.Scorer(tmp_path / "mine.onnx")


def test_an_own_recogniser_scores_as_on_the_command_line(portraits, tmp_path):
    network = tmp_path / "mine.onnx"
    shutil.copy(Path(setting("SERFIQ_RECOGNISERS")) / "fr_feature.onnx", network)
    shutil.copy(Path(__file__).parents[1] / "recognisers/faceplugin.toml", network.with_suffix(".toml"))
    with pytest.warns(UserWarning, match="not trained with dropout"):
        scorer = serfiq.Scorer(network, passes=10)
    expected = command_line("score", "--format", "jsonl", "--recogniser", network, "--passes", "10", *portraits[:2])
    assert [scorer(path).to_dict() for path in portraits[:2]] == [without_path(record) for record in expected]


def test_the_record_is_one_line_of_json(scorer, portrait):
    line = scorer(portrait).to_json()
    assert "\n" not in line and json.loads(line) == scorer(portrait).to_dict()


def test_a_scorer_says_what_it_is(scorer):
    assert repr(scorer).startswith("<serfiq.Scorer sface, method limit, ")
    assert repr(serfiq.Scorer(threads=1)) == "<serfiq.Scorer sface, method limit, 1 threads>"


def test_worker_processes_make_their_own_scorers(portrait, tmp_path):
    program = tmp_path / "pool.py"
    program.write_text(f"""
import multiprocessing, serfiq
def raw(path): return serfiq.Scorer(threads=1)(path).raw
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(pool.map(raw, [{str(portrait)!r}] * 2))
""")
    printed = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True).stdout
    assert len(set(json.loads(printed))) == 1
