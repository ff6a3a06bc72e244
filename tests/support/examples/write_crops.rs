//! Writes `PORTRAIT__DEGRADATION.png` into a folder, for the scripts in `tests/reference/` that take `--crops`.
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use serfiq::face::AlignedCrop;
use serfiq_test_support::{degrade::Degradation, reference};

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("expected the folder in which to write the crops");
        return ExitCode::from(2);
    };
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> image::ImageResult<()> {
    fs::create_dir_all(folder)?;
    for portrait in reference::faces().portraits {
        let crop = portrait.crop();
        for degradation in Degradation::ALL {
            let path = folder.join(format!("{}__{}.png", portrait.stem(), degradation.name()));
            let side = AlignedCrop::SIZE;
            image::save_buffer(path, degradation.apply(&crop).rgb(), side, side, image::ColorType::Rgb8)?;
        }
    }
    Ok(())
}
