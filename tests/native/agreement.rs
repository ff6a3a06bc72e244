//! The engine on the CPU against onnxruntime on the original, uncut graphs (`tests/reference/`), on real portraits and degraded
//! copies.

use pollster::block_on;
use serfiq::{Engine, PHOTO_LONG_SIDE, score::Method};
use serfiq_network::verify::sha256;
use serfiq_test_support::{
    degrade::Degradation,
    engine, portraits,
    reference::{self, CropScores, MonteCarlo},
};

/// Every crop of the reference, recreated here.
fn each_crop(mut check: impl FnMut(&str, serfiq::face::AlignedCrop, &CropScores)) {
    let (faces, scores) = (reference::faces(), reference::scores());
    let mut checked = 0;
    for portrait in &faces.portraits {
        let clean = portrait.crop();
        for degradation in Degradation::ALL {
            let found = scores.crops.iter().find(|c| c.portrait == portrait.stem() && c.degradation == degradation.name());
            let name = format!("{}, {}", portrait.stem(), degradation.name());
            let expected = found.unwrap_or_else(|| panic!("{name}: not in scores.json"));
            let crop = degradation.apply(&clean);
            assert_eq!(sha256(crop.rgb()), expected.rgb_sha256, "{name}: these are not the pixels the reference saw");
            check(&name, crop, expected);
            checked += 1;
        }
    }
    assert_eq!(checked, scores.crops.len());
    assert!(checked >= 36, "six portraits and five degradations of each at least");
}

fn raw(engine: &Engine, crop: &serfiq::face::AlignedCrop, method: Method) -> serfiq::Score {
    block_on(engine.score_crop(crop, method)).unwrap()
}

#[test]
fn faces_are_where_the_reference_finds_them() {
    let engine = engine::on_cpu();
    for portrait in reference::faces().portraits {
        let found = block_on(engine.detect(&portraits::frame(&portrait.file), PHOTO_LONG_SIDE)).unwrap();
        assert_eq!(found.len(), portrait.faces.len(), "{}: number of faces", portrait.file);
        for (ours, theirs) in found.iter().zip(&portrait.faces) {
            let distances = ours.landmarks.iter().zip(&theirs.landmarks).map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]));
            let worst = distances.fold(0.0_f32, f32::max);
            println!("{}: landmarks within {worst:.3} px", portrait.file);
            assert!(worst <= 1.0, "{}: a landmark is {worst} px off, expected at most 1", portrait.file);
            assert!((ours.confidence - theirs.confidence).abs() < 0.01, "{}: confidence", portrait.file);
            let b = ours.bounds;
            for (ours, theirs) in [b.x, b.y, b.width, b.height].iter().zip(theirs.bounds) {
                assert!((ours - theirs).abs() <= 2.0, "{}: box {b:?}, expected {theirs:?}", portrait.file);
            }
        }
    }
}

#[test]
fn embeddings_are_the_references() {
    let engine = engine::on_cpu();
    let mut worst = 1.0_f64;
    each_crop(|name, crop, expected| {
        let ours = block_on(engine.embed(&crop)).unwrap();
        let pairs = || ours.iter().map(|v| f64::from(*v)).zip(expected.embedding.iter().copied());
        let dot: f64 = pairs().map(|(a, b)| a * b).sum();
        let lengths: f64 = pairs().map(|(a, _)| a * a).sum::<f64>().sqrt() * pairs().map(|(_, b)| b * b).sum::<f64>().sqrt();
        let cosine = dot / lengths;
        worst = worst.min(cosine);
        assert!(cosine >= 0.9999, "{name}: cosine {cosine}, expected at least 0.9999");
    });
    println!("smallest cosine {worst:.8}");
}

#[test]
fn monte_carlo_is_the_references_with_the_same_masks() {
    let engine = engine::on_cpu();
    let mut worst = 0.0_f64;
    each_crop(|name, crop, expected| {
        assert!(!expected.monte_carlo.is_empty());
        for MonteCarlo { seed, passes, raw: theirs, std_error } in &expected.monte_carlo {
            let ours = raw(&engine, &crop, Method::MonteCarlo { passes: *passes, seed: *seed });
            let difference = (ours.raw - theirs).abs();
            worst = worst.max(difference);
            assert!(difference <= 1e-4, "{name}, seed {seed}: s = {}, expected {theirs}", ours.raw);
            let ours = ours.std_error.expect("Monte Carlo has a standard error");
            assert!((ours - std_error).abs() <= 0.02 * std_error, "{name}: standard error {ours}, expected {std_error}");
        }
    });
    println!("largest difference of s {worst:.2e}");
}

#[test]
fn the_limit_is_the_long_run() {
    let engine = engine::on_cpu();
    let (faces, scores) = (reference::faces(), reference::scores());
    assert_eq!(scores.long_run.len(), faces.portraits.len());
    for (portrait, long) in faces.portraits.iter().zip(&scores.long_run) {
        assert_eq!(portrait.stem(), long.portrait);
        assert!(long.run.passes >= 4000);
        let limit = raw(&engine, &portrait.crop(), Method::Limit).raw;
        println!("{}: limit {limit:.5}, {} passes {:.5}", long.portrait, long.run.passes, long.run.raw);
        assert!((limit - long.run.raw).abs() <= 1e-3, "{}: {limit}, expected {}", long.portrait, long.run.raw);
    }
}

/// Each degradation lowers the score of each portrait, with either method.
#[test]
fn degraded_pictures_score_lower() {
    let engine = engine::on_cpu();
    for method in [Method::Limit, Method::MonteCarlo { passes: 100, seed: 1 }] {
        let mut not_lower = Vec::new();
        for portrait in reference::faces().portraits {
            let crop = portrait.crop();
            let clean = raw(&engine, &crop, method).raw;
            for degradation in Degradation::ALL.into_iter().filter(|d| *d != Degradation::None) {
                let score = raw(&engine, &degradation.apply(&crop), method);
                println!("{} {}: {:.4} of {clean:.4}", portrait.stem(), degradation.name(), score.raw);
                if score.raw >= clean {
                    not_lower.push(format!("{} {}: {} is not below {clean}", portrait.stem(), degradation.name(), score.raw));
                }
            }
        }
        assert!(not_lower.is_empty(), "{}: {not_lower:#?}", method.name());
    }
}

#[test]
fn the_same_seed_gives_the_same_score_and_another_gives_another() {
    let engine = engine::on_cpu();
    let crop = reference::faces().portraits[0].crop();
    let draw = |seed| raw(&engine, &crop, Method::MonteCarlo { passes: 20, seed }).raw;
    let (first, other, again) = (draw(1), draw(2), draw(1));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn the_number_of_passes_does_not_shift_the_score() {
    let engine = engine::on_cpu();
    let crop = reference::faces().portraits[0].crop();
    // 2 is the minimum; 150 needs more than one group of passes on the device.
    let limit = raw(&engine, &crop, Method::Limit).raw;
    for passes in [2, 10, 150] {
        let score = raw(&engine, &crop, Method::MonteCarlo { passes, seed: 3 });
        let error = score.std_error.unwrap_or(0.0).max(0.01);
        assert!((score.raw - limit).abs() < 4.0 * error, "{passes} passes: {} beside {limit}", score.raw);
    }
}
