use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

/// Instructions to the person in front of the camera, in order of precedence: the first that applies is shown.
///
/// A name with a direction says which way to go; the others say what is wrong. Directions are the person's own, and match a mirrored
/// preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Instruction {
    /// The photo lies on its side or upside down: turn it upright, then it can be judged. Not for live pictures.
    Turned,
    /// No face is in view. A picture too dark or too bright to show a face gives that instruction instead.
    NoFace,
    /// Another person is nearly as close.
    SeveralFaces,
    /// Part of the face is outside the picture.
    CutOff,
    /// The face is too small: come closer.
    TooFar,
    /// The face is too large: move back.
    TooClose,
    /// The face is not in the middle: move to the left.
    MoveLeft,
    /// The face is not in the middle: move to the right.
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
    /// The left side of the face lacks light: add light from the left.
    LightFromLeft,
    /// The right side of the face lacks light: add light from the right.
    LightFromRight,
    /// The camera gives no colour: use another one.
    TooColourless,
    /// The head is tilted to the right shoulder: tilt it to the left. Precedes the other angles, since a tilt distorts their measures.
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
    /// The mouth is hidden, as by a mask or a hand. Precedes what is measured from landmarks, which are guessed under a cover.
    MouthCovered,
    /// The eyes are hidden, as by sunglasses.
    EyesCovered,
    /// More than a quarter of the face is hidden.
    FaceCovered,
    /// An eye is closed.
    EyesClosed,
    /// The mouth is wide open.
    MouthOpen,
    /// The face moves. Precedes blur, which motion causes.
    Moving,
    /// The picture is blurred.
    Blurred,
    /// The score is low. On its own: every other check passes, and no measure is suspected to be the reason.
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
