//! From native values to qualities, 0 to 100, by the curves of ISO/IEC 29794-5 as OFIQ 1.1 has them.

use std::f64::consts::PI;

use super::StandardMeasure;

/// The quality of a native value, 0 to 100; 100 is best.
pub(super) fn quality(measure: StandardMeasure, native: f64) -> u8 {
    use StandardMeasure as M;
    let quality = match measure {
        M::BackgroundUniformity => 190.0 * (1.0 - sigmoid(native, 10.0, 100.0)),
        M::IlluminationUniformity => 100.0 * native.powf(0.3),
        M::LuminanceMean => 100.0 * sigmoid(native, 0.2, 0.05) * (1.0 - sigmoid(native, 0.8, 0.05)),
        M::LuminanceVariance => 100.0 * (PI * 60.0 * native / (60.0 * native + 1.0)).sin(),
        M::UnderExposurePrevention => 120.0 * (0.832 - sigmoid(native, 0.92, 0.05)),
        M::OverExposurePrevention => 1.0 / (native + 0.01),
        M::DynamicRange => 12.5 * native,
        M::NaturalColour => 200.0 * (1.0 - sigmoid(native, 0.0, 10.0)),
        M::SingleFacePresent => 100.0 * (1.0 - native),
        M::EyesOpen => 100.0 * sigmoid(native, 0.02, 0.01),
        M::MouthClosed => 100.0 * (1.0 - sigmoid(native, 0.2, 0.06)),
        M::InterEyeDistance => 100.0 * sigmoid(native, 70.0, 20.0),
        M::HeadSize => 200.0 * (1.0 - sigmoid((native - 0.45).abs(), 0.0, 0.05)),
        M::LeftwardCropOfTheFaceImage | M::RightwardCropOfTheFaceImage => 100.0 * sigmoid(native, 0.9, 0.1),
        M::MarginAboveOfTheFaceImage => 100.0 * sigmoid(native, 1.4, 0.1),
        M::MarginBelowOfTheFaceImage => 100.0 * sigmoid(native, 1.8, 0.1),
        M::HeadPoseYaw | M::HeadPosePitch | M::HeadPoseRoll => 100.0 * native.to_radians().cos().max(0.0).powi(2),
    };
    quality.round().clamp(0.0, 100.0) as u8
}

fn sigmoid(value: f64, middle: f64, width: f64) -> f64 {
    1.0 / (1.0 + ((middle - value) / width).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out by hand from the curves.
    #[test]
    fn the_best_and_the_worst() {
        use StandardMeasure as M;
        let cases = [
            (M::BackgroundUniformity, 0.0, 100, 1000.0, 0),
            (M::IlluminationUniformity, 1.0, 100, 0.0, 0),
            (M::LuminanceMean, 0.5, 100, 0.0, 2),
            (M::LuminanceVariance, 1.0 / 60.0, 100, 0.0, 0),
            (M::UnderExposurePrevention, 0.0, 100, 1.0, 0),
            (M::OverExposurePrevention, 0.0, 100, 1.0, 1),
            (M::DynamicRange, 8.0, 100, 0.0, 0),
            (M::NaturalColour, 0.0, 100, 100.0, 0),
            (M::SingleFacePresent, 0.0, 100, 1.0, 0),
            (M::EyesOpen, 0.1, 100, 0.0, 12),
            (M::MouthClosed, 0.0, 97, 1.0, 0),
            (M::InterEyeDistance, 200.0, 100, 0.0, 3),
            (M::HeadSize, 0.45, 100, 0.0, 0),
            (M::LeftwardCropOfTheFaceImage, 2.0, 100, 0.0, 0),
            (M::RightwardCropOfTheFaceImage, 0.9, 50, -1.0, 0),
            (M::MarginAboveOfTheFaceImage, 1.4, 50, 0.0, 0),
            (M::MarginBelowOfTheFaceImage, 1.8, 50, 0.0, 0),
            (M::HeadPoseYaw, 0.0, 100, 90.0, 0),
            (M::HeadPosePitch, -45.0, 50, -120.0, 0),
            (M::HeadPoseRoll, 60.0, 25, 180.0, 0),
        ];
        assert_eq!(cases.map(|(measure, ..)| measure), StandardMeasure::ALL);
        for (measure, good, best, bad, worst) in cases {
            assert_eq!((quality(measure, good), quality(measure, bad)), (best, worst), "{measure:?}");
        }
    }
}
