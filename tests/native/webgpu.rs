//! The recogniser on WebGPU against the recogniser on the CPU, on real portraits. Skipped if there is no adapter, not even a
//! software one; `cargo xtask test` points to one.

use pollster::block_on;
use serfiq::{
    BackendChoice,
    score::{CellSums, Method},
};
use serfiq_skips::gpu_or_skip;
use serfiq_test_support::{engine, reference};

#[test]
fn both_backends_say_the_same() {
    let cpu = engine::on_cpu();
    let opened = engine::on(BackendChoice::WebGpu);
    let Some(gpu) = gpu_or_skip("the engine on a GPU", opened) else { return };
    for portrait in reference::faces().portraits.iter().take(2) {
        let crop = portrait.crop();
        for method in [Method::Limit, Method::MonteCarlo { passes: 100, seed: 0 }] {
            let [ours, expected] = [&gpu, &cpu].map(|engine| block_on(engine.score_crop(&crop, method)).unwrap().raw);
            assert!((ours - expected).abs() < 1e-4, "{}, {method:?}: {ours}, expected {expected}", portrait.file);
        }
        let [ours, expected] = [&gpu, &cpu].map(|engine| block_on(engine.embed(&crop)).unwrap());
        let length = expected.iter().map(|value| value * value).sum::<f32>().sqrt();
        let worst = ours.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-3 * length, "{}: an embedding is {worst} off, of length {length}", portrait.file);
    }
}

#[test]
fn both_backends_explain_alike() {
    let cpu = engine::on_cpu();
    let opened = engine::on(BackendChoice::WebGpu);
    let Some(gpu) = gpu_or_skip("the cells of a score on a GPU", opened) else { return };
    for portrait in reference::faces().portraits.iter().take(2) {
        let crop = portrait.crop();
        let [ours, expected] = [&gpu, &cpu].map(|engine| block_on(engine.cells(&crop)).unwrap().unwrap().cells);
        for of in [(|cell| cell.signal) as fn(&CellSums) -> f64, |cell| cell.noise, |cell| cell.energy] {
            let largest = expected.iter().map(of).fold(0.0, f64::max);
            let worst = ours.iter().zip(&expected).map(|(a, b)| (of(a) - of(b)).abs()).fold(0.0, f64::max);
            assert!(worst < 2e-3 * largest, "{}: a cell is {worst} off, the largest is {largest}", portrait.file);
        }
    }
}
