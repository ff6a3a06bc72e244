use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{command, npm::npm, prerequisites, release::Target, step::Step, workspace::Workspace};

/// The picture that each way scores.
const PORTRAIT: &str = "person_b_2.jpg";
/// A JavaScript engine has other vector instructions than the native program.
const TOLERANCE_IN_NODE: f64 = 2e-4;

/// A way to install serfiq, tried in an empty folder.
pub struct Way {
    pub name: &'static str,
    /// What a user types.
    pub lines: [String; 2],
    /// Size of what is downloaded, without its dependencies, in bytes.
    pub size: u64,
    pub install: Duration,
    /// From the start of the program to the answer, including loading the models.
    pub score: Duration,
    /// Raw score of the portrait.
    pub raw: f64,
}

/// Tries every way, and compares the scores: the wheel's is the program's, and Node's nearly so.
pub fn try_all(workspace: &Workspace, target: &Target, archive: &Path, wheel: &Path, npm: &Path) -> Result<Vec<Way>> {
    let portrait = workspace.portraits().join(PORTRAIT);
    let ways = vec![program(target, archive, &portrait)?, in_python(wheel, &portrait)?, in_node(npm, &portrait)?];
    let [program, python, node] = [0, 1, 2].map(|way| ways[way].raw);
    // Reading JSON rounds the last digit.
    ensure!((python - program).abs() < 1e-15, "the wheel scores {PORTRAIT} {python}, the program {program}; expected the same");
    ensure!(
        (node - program).abs() <= TOLERANCE_IN_NODE,
        "Node scores {PORTRAIT} {node}, the program {program}; expected the same to within {TOLERANCE_IN_NODE}"
    );
    Ok(ways)
}

fn program(target: &Target, archive: &Path, portrait: &Path) -> Result<Way> {
    let place = tempfile::tempdir().context("cannot create a temporary folder")?;
    let unpack = format!("tar -xzf {}", name_of(archive));
    let install = timed(Command::new("tar").arg("-xzf").arg(archive).current_dir(place.path()))?.0;
    let mut score = Command::new(place.path().join(target.folder()).join(target.program()));
    let (took, printed) =
        timed(score.args(["score", "--format", "jsonl"]).arg(portrait).current_dir(place.path()).env_clear())?;
    Ok(Way {
        name: "Command line",
        lines: [unpack, format!("{}/serfiq score photo.jpg", target.folder())],
        size: size_of(archive)?,
        install,
        score: took,
        raw: raw_of(&printed)?,
    })
}

fn in_python(wheel: &Path, portrait: &Path) -> Result<Way> {
    let place = tempfile::tempdir().context("cannot create a temporary folder")?;
    command::output(Command::new(prerequisites::python_with_pip()?).args(["-m", "venv", "env"]).current_dir(place.path()))?;
    let python = place.path().join("env/bin/python");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]).arg(wheel);
    let install = timed(pip.current_dir(place.path()).env_remove("PYTHONPATH"))?.0;
    let code = "import serfiq, sys; print(repr(serfiq.Scorer()(sys.argv[1]).raw))";
    let mut score = Command::new(&python);
    score.args(["-c", code]).arg(portrait).current_dir(place.path()).env_remove("PYTHONPATH");
    let (took, printed) = timed(&mut score)?;
    Ok(Way {
        name: "Python",
        lines: ["pip install serfiq".into(), "python -c \"import serfiq; print(serfiq.Scorer()('photo.jpg'))\"".into()],
        size: size_of(wheel)?,
        install,
        score: took,
        raw: printed.trim().parse().with_context(|| format!("Python printed {printed:?}; expected a number"))?,
    })
}

fn in_node(archive: &Path, portrait: &Path) -> Result<Way> {
    let place = tempfile::tempdir().context("cannot create a temporary folder")?;
    fs::write(place.path().join("package.json"), "{ \"private\": true }").context("cannot write package.json")?;
    let mut install = Command::new(npm()?);
    install.args(["install", "--silent", "--no-audit", "--no-fund"]).arg(archive).current_dir(place.path());
    let install = timed(&mut install)?.0;
    let mut score = Command::new(place.path().join("node_modules/.bin/serfiq"));
    let (took, printed) = timed(score.arg("--json").arg(portrait).current_dir(place.path()))?;
    Ok(Way {
        name: "Node and browsers",
        lines: ["npm install serfiq".into(), "npx serfiq photo.jpg".into()],
        size: size_of(archive)?,
        install,
        score: took,
        raw: raw_of(&printed)?,
    })
}

fn timed(command: &mut Command) -> Result<(Duration, String)> {
    let step = Step::start("way in");
    let started = Instant::now();
    let printed = command::output(command)?;
    let took = started.elapsed();
    step.done(command::describe(command));
    Ok((took, printed))
}

fn raw_of(record: &str) -> Result<f64> {
    let record: Value = serde_json::from_str(record.trim()).with_context(|| format!("expected a record, found {record:?}"))?;
    match record["faces"][0]["raw"].as_f64() {
        Some(raw) => Ok(raw),
        None => bail!("no face was scored: {record}"),
    }
}

fn size_of(file: &Path) -> Result<u64> {
    Ok(fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?.len())
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}
