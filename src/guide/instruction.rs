use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

/// What to tell the person in front of the camera, in order of precedence: of all that is wrong, the first is said.
///
/// A name with a direction says which way to go; the others say what is wrong. Directions are the person's own. They are also
/// those of a preview that is mirrored like a mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Instruction {
    /// Nobody is in view. A picture too dark or too bright to show a face says so instead.
    NoFace,
    /// Somebody else is nearly as near.
    SeveralFaces,
    /// Part of the face is outside of the picture.
    CutOff,
    /// The face is too small: come closer.
    TooFar,
    /// The face is too large: move back.
    TooClose,
    /// The face is not in the middle: move to the left.
    MoveLeft,
    /// The same, to the right.
    MoveRight,
    /// The face is too low in the picture: move up.
    MoveUp,
    /// The face is too high in the picture: move down.
    MoveDown,
    /// The light comes from behind: turn towards it.
    Backlit,
    /// There is not enough light.
    TooDark,
    /// There is too much light.
    TooBright,
    /// The left side of the face lacks light: it should come from there, too.
    LightFromLeft,
    /// The same for the right side.
    LightFromRight,
    /// The head is tilted to the right shoulder: tilt it to the left. Before the other angles, since a tilt spoils what is
    /// measured of them.
    TiltLeft,
    /// The head is tilted to the left shoulder: tilt it to the right.
    TiltRight,
    /// The face is turned to the right: turn it to the left, towards the camera.
    TurnLeft,
    /// The face is turned to the left: turn it to the right.
    TurnRight,
    /// The face looks down: lift the chin.
    LookUp,
    /// The face looks up: lower the chin.
    LookDown,
    /// The face moves. Before blur, which comes of it.
    Moving,
    /// The picture is blurred.
    Blurred,
    /// Every check passes, and still the recogniser makes little of the picture. Why, nobody measured: something may cover the
    /// face.
    HardToRecognise,
    /// Nothing is wrong: hold still.
    HoldStill,
}

impl Instruction {
    /// All of them, in order of precedence.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The name in reports and in JavaScript: `no_face` and so on.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
