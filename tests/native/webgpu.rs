//! The recogniser on WebGPU against the recogniser on the CPU, on real portraits. Skipped if there is no adapter, not even a
//! software one; `cargo xtask test` points to one.

use pollster::block_on;
use serfiq::{BackendChoice, score::Method};
use serfiq_test_support::{engine, reference};

#[test]
fn both_backends_say_the_same() {
    let cpu = engine::on_cpu();
    let gpu = match engine::on(BackendChoice::WebGpu) {
        Ok(engine) => engine,
        Err(reason) if std::env::var_os("SERFIQ_ADAPTER_REQUIRED").is_none() => return eprintln!("skipped: {reason}"),
        Err(reason) => panic!("{reason}"),
    };
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
