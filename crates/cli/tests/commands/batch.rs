//! Many pictures: in order, on all cores, resumed after an interruption, and driven by another program.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use crate::support::process::{folder, json_lines, run, serfiq, stderr, stdout};
use image::{GenericImage, RgbImage};
use serfiq_test_support::portraits;

const FORMATS: [&str; 2] = ["jsonl", "csv"];

/// A folder with six files: portraits, one with two faces, one that is not a picture.
fn pictures(test: &str) -> PathBuf {
    let folder = folder(test);
    let pictures = folder.join("pictures");
    fs::create_dir_all(pictures.join("inner")).unwrap();
    for (name, portrait) in [
        ("a.jpg", "person_b_1.jpg"),
        ("d.jpg", "person_a_1.jpg"),
        ("inner/b.jpg", "person_b_2.jpg"),
        ("z.jpg", "impostor_1.jpg"),
    ] {
        fs::copy(portraits::path(portrait), pictures.join(name)).unwrap();
    }
    fs::write(pictures.join("c.png"), b"no picture").unwrap();
    let faces = ["person_b_2.jpg", "impostor_2.jpg"].map(|name| image::open(portraits::path(name)).unwrap().to_rgb8());
    let (width, height) = (faces[0].width() + faces[1].width(), faces[0].height().max(faces[1].height()));
    let mut two = RgbImage::new(width, height);
    two.copy_from(&faces[0], 0, 0).unwrap();
    two.copy_from(&faces[1], faces[0].width(), 0).unwrap();
    two.save(pictures.join("e two.png")).unwrap();
    pictures
}

fn score(pictures: &Path, format: &str, more: &[&str]) -> Output {
    run(&[&["score", "--format", format], more].concat(), &[pictures])
}

#[test]
fn results_do_not_depend_on_the_threads() {
    let pictures = pictures("threads");
    for format in FORMATS {
        let [one, four] = ["1", "4"].map(|threads| score(&pictures, format, &["--threads", threads]));
        assert_eq!(one.status.code(), Some(1), "{}", stderr(&one));
        assert_eq!(stdout(&one), stdout(&four));
        assert_eq!(stderr(&one), stderr(&four));
    }
    let records = json_lines(&score(&pictures, "jsonl", &[]));
    let names = records.iter().map(|record| record["path"].as_str().unwrap().strip_prefix(pictures.to_str().unwrap()).unwrap());
    let expected = ["a.jpg", "c.png", "d.jpg", "e two.png", "inner/b.jpg", "z.jpg"];
    assert_eq!(names.map(|name| &name[1..]).collect::<Vec<_>>(), expected);
    assert_eq!(records[3]["faces"].as_array().unwrap().len(), 2, "the picture with two faces");
}

#[test]
fn a_stopped_run_is_gone_on_with() {
    let pictures = pictures("resume");
    for format in FORMATS {
        let file = pictures.with_file_name(format!("scores.{format}"));
        let arguments = ["--output", file.to_str().unwrap()];
        let output = score(&pictures, format, &arguments);
        assert_eq!((output.status.code(), stdout(&output)), (Some(1), String::new()), "{}", stderr(&output));
        let whole = fs::read(&file).unwrap();
        assert_eq!(whole, score(&pictures, format, &[]).stdout, "a file holds what standard output would");

        let resume = [&arguments[..], &["--resume"]].concat();
        let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').map(|at| at + 1).collect();
        // Stopped at the start, after each line, and within each.
        let stops = [0, 1].into_iter().chain(ends.iter().flat_map(|end| [*end, end - 20]));
        for stop in stops {
            fs::write(&file, &whole[..stop]).unwrap();
            let output = score(&pictures, format, &resume);
            // The status does not depend on which run failed to read a picture.
            assert_eq!(output.status.code(), Some(1), "stopped at {stop}: {}", stderr(&output));
            assert!(stderr(&output).contains("c.png: "), "stopped at {stop}: {}", stderr(&output));
            let now = fs::read(&file).unwrap();
            assert!(now == whole, "{format}, stopped at {stop}:\n{}", String::from_utf8_lossy(&now));
        }
    }
}

/// The earlier run's names stay; no picture is scored twice.
#[test]
fn a_stopped_run_is_gone_on_with_however_the_paths_are_spelled() {
    let pictures = pictures("resume_spelled");
    let (folder, name) = (pictures.parent().unwrap(), pictures.file_name().unwrap().to_str().unwrap());
    for format in FORMATS {
        let file = folder.join(format!("scores.{format}"));
        let to = ["score", "--format", format, "--output", file.to_str().unwrap()];
        assert_eq!(run(&to, &[&pictures]).status.code(), Some(1));
        let whole = fs::read_to_string(&file).unwrap();
        let rows = |text: &str| text.lines().count();
        // Two pictures are kept. In CSV, the last one is written again: some of its rows may be missing.
        let ends: Vec<usize> = whole.match_indices('\n').map(|(at, _)| at + 1).collect();
        let (kept, stop) = if format == "csv" { (ends[2], ends[3]) } else { (ends[1], ends[1]) };
        let mut spellings = vec![format!("./{name}"), format!("{name}/inner/../"), format!("{name}//."), name.to_owned()];
        #[cfg(unix)]
        {
            let link = folder.join("link");
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(&pictures, &link).unwrap();
            spellings.push("link".into());
        }
        for spelling in spellings {
            fs::write(&file, &whole[..stop]).unwrap();
            let output = serfiq().current_dir(folder).args(to).args(["--resume", &spelling]).output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{spelling}: {}", stderr(&output));
            let resumed = fs::read_to_string(&file).unwrap();
            assert!(resumed.starts_with(&whole[..kept]), "{spelling}: {resumed}");
            assert_eq!(rows(&resumed), rows(&whole), "{format}, {spelling}: {resumed}");
        }
    }
}

#[test]
fn a_row_that_is_torn_within_a_letter_or_a_line_end_is_written_again() {
    let folder = folder("torn");
    let pictures = folder.join("pictures");
    fs::create_dir(&pictures).unwrap();
    for name in ["ä, 1.jpg", "ä, 2.jpg"] {
        fs::copy(portraits::path("person_b_1.jpg"), pictures.join(name)).unwrap();
    }
    for format in FORMATS {
        let file = folder.join(format!("scores.{format}"));
        let whole = stdout(&score(&pictures, format, &[]));
        for whole in [whole.clone(), whole.replace('\n', "\r\n")] {
            let within_a_letter = whole.rfind('ä').unwrap() + 1;
            for stop in [within_a_letter, within_a_letter + 3, whole.len() - 1] {
                fs::write(&file, &whole.as_bytes()[..stop]).unwrap();
                let output = score(&pictures, format, &["--output", file.to_str().unwrap(), "--resume"]);
                assert_eq!(output.status.code(), Some(0), "stopped at {stop}: {}", stderr(&output));
                assert_eq!(fs::read_to_string(&file).unwrap(), whole, "{format}, stopped at {stop}");
            }
        }
    }
}

#[test]
fn a_folder_gives_every_picture_that_can_be_read_and_tells_of_the_others() {
    let folder = folder("extensions");
    let portrait = portraits::path("person_b_1.jpg");
    let taken = ["a.jpg", "b.JPG", "c.jpeg", "d.jpe", "e.jfif", "f.jif", "g.pjpeg", "h.PJP", "inner/i.Jfif"];
    let left_out = ["a.heic", "b.HEIC", "c.tif", "d.TIFF", "e.bmp", "f.gif", "g.avif", "h.cr2", "inner/i.NEF"];
    let passed_over = ["._a.jpg", ".DS_Store", ".hidden.jpg", ".thumbnails/t.jpg", "list.txt", "a.jpg.bak", "Thumbs.db"];
    for inner in ["inner", ".thumbnails"] {
        fs::create_dir(folder.join(inner)).unwrap();
    }
    for name in [&taken[..], &left_out, &passed_over].concat() {
        fs::copy(&portrait, folder.join(name)).unwrap();
    }
    let output = score(&folder, "jsonl", &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let names: Vec<PathBuf> = json_lines(&output).iter().map(|record| record["path"].as_str().unwrap().into()).collect();
    assert_eq!(names, taken.map(|name| folder.join(name)));
    let expected = "serfiq: 9 files in the folders (1 avif, 1 bmp, 1 cr2, 1 gif, 2 heic, 1 nef, 1 tif, 1 tiff) are left out, because \
                    only JPEG, PNG and WebP are read; convert them to one of these\n";
    assert_eq!(stderr(&output), expected);

    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;

        // Links to nowhere, as Emacs' locks are, and back to the folder itself: no picture is lost with them.
        for name in [".#a.jpg", "lock", "inner/.#i.Jfif", "list.txt.lnk"] {
            symlink("somebody@nowhere", folder.join(name)).unwrap();
        }
        symlink(".", folder.join("again")).unwrap();
        symlink("itself", folder.join("itself")).unwrap();
        let output = score(&folder, "jsonl", &[]);
        assert_eq!((output.status.code(), json_lines(&output).len()), (Some(0), taken.len()), "{}", stderr(&output));
        // A picture is lost with this one.
        symlink("nowhere.jpg", folder.join("z.jpg")).unwrap();
        let output = score(&folder, "jsonl", &[]);
        assert_eq!((output.status.code(), json_lines(&output).len()), (Some(1), taken.len() + 1));
        assert!(stderr(&output).contains("z.jpg: "), "{}", stderr(&output));
        ["again", "z.jpg"].iter().for_each(|name| fs::remove_file(folder.join(name)).unwrap());
    }

    // Named paths are taken, including hidden folders and their content.
    let hidden = [folder.join("._a.jpg"), folder.join("a.heic"), folder.join(".thumbnails")];
    let output = run(&["score", "--format", "jsonl"], &hidden.each_ref().map(PathBuf::as_path));
    assert_eq!((output.status.code(), json_lines(&output).len()), (Some(0), 3), "{}", stderr(&output));

    taken.iter().for_each(|name| fs::remove_file(folder.join(name)).unwrap());
    let output = score(&folder, "jsonl", &[]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("no JPEG, PNG or WebP pictures in ") && said.contains("2 heic"), "{said}");
}

#[test]
fn a_list_may_have_a_byte_order_mark_and_other_line_ends() {
    let paths = ["person_b_1.jpg", "impostor_1.jpg"].map(|name| portraits::path(name).to_str().unwrap().to_owned());
    let given = |list: &[u8]| {
        let mut child = driven("--stdin");
        child.stdin.take().unwrap().write_all(list).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = given(format!("\u{feff}{}\r\n{}", paths[0], paths[1]).as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let names: Vec<String> = json_lines(&output).iter().map(|record| record["path"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, paths);

    let utf16: Vec<u8> = format!("\u{feff}{}\r\n", paths[0]).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let output = given(&utf16);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()));
    assert!(stderr(&output).contains("UTF-16; expected one in UTF-8"), "{}", stderr(&output));
}

#[test]
fn an_absurd_number_of_threads_is_refused_with_the_bound() {
    let portrait = portraits::path("person_b_1.jpg");
    for (option, number, bounds) in [
        ("--threads", "100000", "1..=1024"),
        ("--threads", "0", "1..=1024"),
        ("--threads", "4294967297", "1..=1024"),
        ("--passes", "1", "2..=1000"),
        ("--passes", "1001", "2..=1000"),
    ] {
        for method in [&[][..], &["--method", "limit"], &["--method", "mc"]] {
            let output = run(&[&["score", option, number], method].concat(), &[&portrait]);
            assert_eq!(output.status.code(), Some(2), "{option} {number}");
            assert!(stderr(&output).contains(bounds), "{bounds} expected: {}", stderr(&output));
        }
    }
    let output = run(&["score", "--format", "csv", "--threads", "1024"], &[&portrait]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn a_picture_that_is_named_twice_is_answered_twice() {
    let pictures = pictures("twice");
    let two_faces = pictures.join("e two.png");
    for format in FORMATS {
        let file = pictures.with_file_name(format!("scores.{format}"));
        let arguments = ["score", "--format", format, "--output", file.to_str().unwrap()];
        let paths: [&Path; 4] = [&two_faces, &two_faces, &pictures, &two_faces];
        let whole = run(&["score", "--format", format], &paths).stdout;
        let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').map(|at| at + 1).collect();
        for end in ends {
            fs::write(&file, &whole[..end]).unwrap();
            let output = run(&[&arguments[..], &["--resume"]].concat(), &paths);
            assert!(fs::read(&file).unwrap() == whole, "{format}, stopped at {end}: {}", stderr(&output));
        }
    }
}

#[test]
fn a_killed_run_is_gone_on_with() {
    let pictures = pictures("killed");
    let file = pictures.with_file_name("scores.jsonl");
    let arguments = ["score", "--format", "jsonl", "--threads", "1", "--output", file.to_str().unwrap()];
    let mut child = serfiq().args(arguments).arg(&pictures).stderr(Stdio::null()).spawn().unwrap();
    while fs::read(&file).unwrap_or_default().is_empty() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let output = run(&[&arguments[..], &["--resume"]].concat(), &[&pictures]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(fs::read(&file).unwrap(), score(&pictures, "jsonl", &[]).stdout);
}

#[test]
fn what_is_there_is_not_lost() {
    let pictures = pictures("kept");
    for format in FORMATS {
        let file = pictures.with_file_name(format!("scores.{format}"));
        let arguments = ["--output", file.to_str().unwrap()];
        score(&pictures, format, &arguments);
        let whole = fs::read_to_string(&file).unwrap();
        let refused = |contents: &str, more: &[&str], words: &str| {
            fs::write(&file, contents).unwrap();
            let output = score(&pictures, format, &[&arguments, more].concat());
            assert_eq!(output.status.code(), Some(2), "{more:?}");
            assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
            assert_eq!(fs::read_to_string(&file).unwrap(), contents, "the file was changed");
        };
        refused(&whole, &[], "is there already");
        refused(&whole, &["--resume", "--passes", "20"], "its method is \"limit\"");
        refused(&whole, &["--resume", "--dropout", "0.2"], "its dropout is");
        let mut lines: Vec<&str> = whole.lines().collect();
        lines[1] = "something else";
        refused(&(lines.join("\n") + "\n"), &["--resume"], "line 2");
    }
}

fn driven(argument: &str) -> Child {
    let mut command = serfiq();
    command.args(["score", "--format", "jsonl", argument]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Sends each picture after the answer to the previous one; then all at once.
fn ask(mut child: Child, questions: &[Vec<u8>]) -> (Vec<serde_json::Value>, Output) {
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    let mut records = Vec::new();
    for question in questions {
        stdin.write_all(question).unwrap();
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        records.push(serde_json::from_str(&line).unwrap());
    }
    questions.iter().for_each(|question| stdin.write_all(question).unwrap());
    drop(stdin);
    let mut rest = String::new();
    answers.read_to_string(&mut rest).unwrap();
    records.extend(rest.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()));
    (records, child.wait_with_output().unwrap())
}

#[test]
fn paths_on_standard_input_are_answered_at_once_and_in_order() {
    let paths = ["person_b_1.jpg", "nowhere.jpg", "impostor_1.jpg"].map(|name| portraits::folder().join(name));
    let questions = paths.each_ref().map(|path| format!("{}\n", path.display()).into_bytes());
    let (records, output) = ask(driven("--stdin"), &questions);
    assert_eq!(output.status.code(), Some(1), "one file is not there");
    let names: Vec<&str> = records.iter().map(|record| record["path"].as_str().unwrap()).collect();
    let expected: Vec<&str> = [&paths, &paths].into_iter().flatten().map(|path| path.to_str().unwrap()).collect();
    assert_eq!(names, expected);
    let statuses: Vec<&str> = records.iter().map(|record| record["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["ok", "unreadable", "ok", "ok", "unreadable", "ok"]);
}

#[test]
fn pictures_on_standard_input_are_answered_at_once_and_in_order() {
    let sent = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes(), bytes].concat();
    let portraits = ["person_b_1.jpg", "person_a_1.jpg"].map(portraits::path);
    let questions = portraits.each_ref().map(|path| sent(&fs::read(path).unwrap()));
    let (records, output) = ask(driven("--stdin-bytes"), &questions);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let by_name = json_lines(&run(&["score", "--format", "jsonl"], &portraits.each_ref().map(PathBuf::as_path)));
    for (index, record) in records.iter().enumerate() {
        assert_eq!(record["path"], (index + 1).to_string());
        assert_eq!(record["faces"], by_name[index % 2]["faces"]);
    }

    // Pictures before the fault are answered.
    let mut child = driven("--stdin-bytes");
    child.stdin.take().unwrap().write_all(&[&questions[0][..], &[0, 0, 1, 0, 5]].concat()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("picture 2: expected 256 bytes, got 1"), "{}", stderr(&output));
    assert_eq!(json_lines(&output).len(), 1);
}

#[test]
fn a_run_that_cannot_go_on_ends_while_standard_input_is_open() {
    let mut command = serfiq();
    command.args(["score", "--format", "jsonl", "--stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The answers have no reader.
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}", portraits::path("person_b_1.jpg").display()).unwrap();
    // The program ends although its input stays open.
    assert!(child.wait().unwrap().success());
    drop(stdin);
}
