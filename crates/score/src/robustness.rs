/// How far the embedding of one face moves under dropout, and the score that follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Robustness {
    /// Mean Euclidean distance `D` between two normalised embeddings, in `[0, 2]`.
    pub distance: f64,
    /// The raw score `s`, in `(0, 1]`: near 1 when dropout hardly moves the embedding.
    pub raw: f64,
    /// Standard error of `raw`, from the spread of the passes. `None` where the score is not a random draw (the limit), and for
    /// two passes, which are too few for a spread.
    pub std_error: Option<f64>,
}

impl Robustness {
    /// Equation (1) of the paper, `s = 2 sigmoid(-D)`, with `D` the mean over the pairs of passes.
    ///
    /// The paper divides the sum over pairs by m²/2, the authors' code by m(m-1)/2, the number of pairs. We follow the code, so
    /// that the value does not drift with m.
    ///
    /// The error of the distance reaches the score through the derivative, `ds/dD = -s (1 - s/2)`.
    pub(super) fn from_distance(distance: f64, distance_error: Option<f64>) -> Self {
        let raw = 2.0 / (1.0 + distance.exp());
        Self { distance, raw, std_error: distance_error.map(|error| error * raw * (1.0 - raw / 2.0)) }
    }
}
