//! The degraded crops themselves: they match their names.

use serfiq::face::AlignedCrop;
use serfiq::frame::Frame;
use serfiq_test_support::degrade::Degradation;

/// A white disc and stripes on grey: edges, colours and corners, without a photograph.
fn pattern() -> AlignedCrop {
    let rgb = (0..112_i32)
        .flat_map(|y| {
            (0..112_i32).flat_map(move |x| {
                let disc = (x - 56).pow(2) + (y - 56).pow(2) < 900;
                if disc { [255, 250, 240] } else { [((x / 8 % 2) * 200) as u8, 90, (y * 2) as u8] }
            })
        })
        .collect();
    AlignedCrop::from_frame(&Frame::from_rgb(112, 112, rgb).unwrap()).unwrap()
}

fn mean(crop: &AlignedCrop) -> f64 {
    crop.rgb().iter().copied().map(f64::from).sum::<f64>() / crop.rgb().len() as f64
}

/// Mean squared difference between neighbours in a row: a blurred edge has the same height, but not the same steepness.
fn detail(crop: &AlignedCrop) -> f64 {
    let differences = crop.rgb().windows(4).map(|pair| f64::from(pair[0].abs_diff(pair[3])).powi(2));
    differences.sum::<f64>() / crop.rgb().len() as f64
}

#[test]
fn each_degradation_does_what_its_name_says() {
    let clean = pattern();
    let degraded = |degradation: Degradation| degradation.apply(&clean);
    assert_eq!(degraded(Degradation::None), clean);
    for soft in [Degradation::Blur, Degradation::LowResolution] {
        assert!((mean(&degraded(soft)) - mean(&clean)).abs() < 1.0, "{soft:?} keeps the light");
        assert!(detail(&degraded(soft)) < 0.4 * detail(&clean), "{soft:?} loses detail");
    }
    let light = mean(&degraded(Degradation::Dark)) / mean(&clean);
    assert!((light - 0.05).abs() < 0.005, "{light} of the light is left");
    let covered = degraded(Degradation::Occlusion);
    assert_eq!(covered.rgb()[..36 * 336], clean.rgb()[..36 * 336]);
    assert!(covered.rgb()[36 * 336..73 * 336].iter().all(|&sample| sample == 0));
    let shifted = degraded(Degradation::ProfileCrop);
    assert_eq!(shifted.rgb()[..62 * 3], clean.rgb()[50 * 3..112 * 3]);
    assert!(shifted.rgb()[62 * 3..336].iter().all(|&sample| sample == 0));
}

#[test]
fn a_flat_crop_stays_flat() {
    let grey = AlignedCrop::from_frame(&Frame::from_rgb(112, 112, vec![101; 3 * 112 * 112]).unwrap()).unwrap();
    assert_eq!(Degradation::Blur.apply(&grey), grey);
    assert_eq!(Degradation::LowResolution.apply(&grey), grey);
}
