//! The names of the standard's measures, and what their native values are.

use serde::Serialize;

/// A measure of ISO/IEC 29794-5:2025, by the name that OFIQ, its reference implementation, uses.
///
/// Seventeen follow the standard's definition. Three are [approximate](Self::is_approximate). The other eight need networks that are not
/// part of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum StandardMeasure {
    /// Mean gradient of the luminance of the background, in 1/255 per pixel; lower is better.
    BackgroundUniformity,
    /// How much the histograms of both cheeks' luminance have in common, 0 to 1.
    IlluminationUniformity,
    /// Mean relative luminance of the face, 0 to 1.
    LuminanceMean,
    /// Variance of the relative luminance of the face, 0 to 0.25.
    LuminanceVariance,
    /// Share of the face, 0 to 1, that is under-exposed; lower is better.
    UnderExposurePrevention,
    /// Share of the face, 0 to 1, that is over-exposed; lower is better.
    OverExposurePrevention,
    /// Entropy of the luminance of the face in bits, 0 to 8.
    DynamicRange,
    /// Distance of the cheeks' mean colour from those of skin, in units of CIELAB; lower is better.
    NaturalColour,
    /// Area of the second face as a share of the largest one's, 0 to 1; lower is better.
    SingleFacePresent,
    /// How far the less open eye is open, in distances from the eyes to the chin.
    EyesOpen,
    /// How far the mouth is open, in distances from the eyes to the chin; lower is better.
    MouthClosed,
    /// Distance between the eyes in pixels, corrected for the yaw.
    InterEyeDistance,
    /// Distance from the eyes to the chin as a share of the picture's height; 0.45 is best.
    HeadSize,
    /// From the eye on the left to the left edge of the picture, in distances between the eyes.
    LeftwardCropOfTheFaceImage,
    /// From the eye on the right to the right edge of the picture, in distances between the eyes.
    RightwardCropOfTheFaceImage,
    /// From the eyes to the upper edge of the picture, in distances from the eyes to the chin.
    MarginAboveOfTheFaceImage,
    /// From the eyes to the lower edge of the picture, in distances from the eyes to the chin.
    MarginBelowOfTheFaceImage,
    /// Yaw in degrees.
    HeadPoseYaw,
    /// Pitch in degrees.
    HeadPosePitch,
    /// Roll in degrees.
    HeadPoseRoll,
}

impl StandardMeasure {
    /// All of them, in OFIQ's order.
    pub const ALL: [Self; 20] = [
        Self::BackgroundUniformity,
        Self::IlluminationUniformity,
        Self::LuminanceMean,
        Self::LuminanceVariance,
        Self::UnderExposurePrevention,
        Self::OverExposurePrevention,
        Self::DynamicRange,
        Self::NaturalColour,
        Self::SingleFacePresent,
        Self::EyesOpen,
        Self::MouthClosed,
        Self::InterEyeDistance,
        Self::HeadSize,
        Self::LeftwardCropOfTheFaceImage,
        Self::RightwardCropOfTheFaceImage,
        Self::MarginAboveOfTheFaceImage,
        Self::MarginBelowOfTheFaceImage,
        Self::HeadPoseYaw,
        Self::HeadPosePitch,
        Self::HeadPoseRoll,
    ];

    /// OFIQ's name, the head of its column.
    pub fn name(self) -> &'static str {
        match self {
            Self::BackgroundUniformity => "BackgroundUniformity",
            Self::IlluminationUniformity => "IlluminationUniformity",
            Self::LuminanceMean => "LuminanceMean",
            Self::LuminanceVariance => "LuminanceVariance",
            Self::UnderExposurePrevention => "UnderExposurePrevention",
            Self::OverExposurePrevention => "OverExposurePrevention",
            Self::DynamicRange => "DynamicRange",
            Self::NaturalColour => "NaturalColour",
            Self::SingleFacePresent => "SingleFacePresent",
            Self::EyesOpen => "EyesOpen",
            Self::MouthClosed => "MouthClosed",
            Self::InterEyeDistance => "InterEyeDistance",
            Self::HeadSize => "HeadSize",
            Self::LeftwardCropOfTheFaceImage => "LeftwardCropOfTheFaceImage",
            Self::RightwardCropOfTheFaceImage => "RightwardCropOfTheFaceImage",
            Self::MarginAboveOfTheFaceImage => "MarginAboveOfTheFaceImage",
            Self::MarginBelowOfTheFaceImage => "MarginBelowOfTheFaceImage",
            Self::HeadPoseYaw => "HeadPoseYaw",
            Self::HeadPosePitch => "HeadPosePitch",
            Self::HeadPoseRoll => "HeadPoseRoll",
        }
    }

    /// Whether the standard's definition is followed only approximately: the standard separates face, background and covers with a
    /// network, this crate with the landmarks alone.
    pub fn is_approximate(self) -> bool {
        matches!(self, Self::BackgroundUniformity | Self::UnderExposurePrevention | Self::OverExposurePrevention)
    }
}
