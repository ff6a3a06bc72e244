//! Alignment against scikit-image's similarity transform and OpenCV's warp, and against known transforms.

use proptest::prelude::*;
use serfiq::face::{AlignedCrop, FaceError, Landmarks, align};
use serfiq::frame::Frame;
use serfiq_test_support::{portraits, reference};

const TEMPLATE: Landmarks =
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]];

#[test]
fn crops_are_the_references() {
    let faces = reference::faces();
    assert!(faces.portraits.len() >= 6);
    for portrait in &faces.portraits {
        let frame = portraits::frame(&portrait.file);
        assert_eq!((frame.width(), frame.height()), (portrait.width, portrait.height), "{}", portrait.file);
        let crop = portrait.crop();
        let differences = faces.crop_pixels.iter().zip(portrait.crop_rgb.chunks_exact(3)).flat_map(|(pixel, rgb)| {
            crop.rgb()[3 * pixel..3 * pixel + 3].iter().zip(rgb).map(|(ours, theirs)| f64::from(ours.abs_diff(*theirs)))
        });
        let mean = differences.sum::<f64>() / portrait.crop_rgb.len() as f64;
        println!("{}: mean difference {mean:.3} grey levels", portrait.file);
        assert!(mean <= 2.0, "{}: crops differ by {mean} grey levels on average, expected at most 2", portrait.file);
    }
}

/// Colours linear in x and y, which bilinear sampling reproduces.
fn ramp(width: u32, height: u32) -> Frame {
    let rgb = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| [(x * 250 / width) as u8, (y * 250 / height) as u8, 77]))
        .collect();
    Frame::from_rgb(width, height, rgb).unwrap()
}

#[test]
fn a_frame_that_is_the_template_is_its_own_crop() {
    let noise = (0..3 * 112 * 112_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let frame = Frame::from_rgb(112, 112, noise).unwrap();
    assert_eq!(align(&frame, &TEMPLATE).unwrap(), AlignedCrop::from_frame(&frame).unwrap());
}

#[test]
fn beyond_the_frame_is_black() {
    let white = Frame::from_rgb(112, 112, vec![255; 3 * 112 * 112]).unwrap();
    let crop = align(&white, &TEMPLATE.map(|[x, y]| [x - 56.0, y])).unwrap();
    assert!(crop.rgb()[..336].iter().take(55 * 3).all(|&sample| sample == 0));
    assert!(crop.rgb()[..336].iter().skip(57 * 3).all(|&sample| sample == 255));
}

#[test]
fn points_that_are_no_face_are_errors() {
    let frame = ramp(64, 64);
    let mut not_a_number = TEMPLATE;
    not_a_number[3][1] = f32::NAN;
    let mut endless = TEMPLATE;
    endless[0][0] = f32::INFINITY;
    for landmarks in [[[20.0, 20.0]; 5], TEMPLATE.map(|point| point.map(|value| value / 1000.0)), not_a_number, endless] {
        assert!(matches!(align(&frame, &landmarks), Err(FaceError::Landmarks { .. })), "{landmarks:?}");
    }
}

#[test]
fn only_a_crop_is_taken_for_a_crop() {
    let error = AlignedCrop::from_frame(&ramp(112, 111)).unwrap_err();
    assert_eq!(error, FaceError::CropSize { width: 112, height: 111 });
}

proptest! {
    /// If landmarks are turned, scaled and moved by a known similarity, the crop shows the frame through it.
    #[test]
    fn a_known_similarity_is_found(
        scale in 0.3_f64..3.0, angle in -3.1_f64..3.1, dx in 100.0_f64..300.0, dy in 100.0_f64..300.0,
    ) {
        let (a, b) = (scale * angle.cos(), scale * angle.sin());
        let through = |x: f64, y: f64| [a * (x - 56.0) - b * (y - 56.0) + dx, b * (x - 56.0) + a * (y - 56.0) + dy];
        let landmarks = TEMPLATE.map(|[x, y]| through(x.into(), y.into()).map(|value| value as f32));
        // One pixel in 400 is 0.625 levels of red (x) or green (y).
        let crop = align(&ramp(400, 400), &landmarks).unwrap();
        for (index, pixel) in crop.rgb().chunks_exact(3).enumerate() {
            let [x, y] = through((index % 112) as f64, (index / 112) as f64);
            let inside = (1.0..398.0).contains(&x) && (1.0..398.0).contains(&y);
            if inside {
                prop_assert!((f64::from(pixel[0]) - x * 0.625).abs() <= 1.6, "red {} at x {x}", pixel[0]);
                prop_assert!((f64::from(pixel[1]) - y * 0.625).abs() <= 1.6, "green {} at y {y}", pixel[1]);
                prop_assert_eq!(pixel[2], 77);
            }
        }
    }
}
