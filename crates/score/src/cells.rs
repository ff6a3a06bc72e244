/// The share of one cell of the picture in the sums of the [limit](super::limit()).
///
/// An affine head `h(v) = W v + b` sums over all features. Where these lie on a grid, the length of the mean embedding and the variance
/// that dropout causes are therefore sums over the cells. Below, `u = mu / |mu|`, `c = p / (1 - p)`, and j runs over the features of the
/// cell. No learned attention is involved, and no other network: these are the score's own terms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CellSums {
    /// `sum_j x_j W_:j . u`: how much of the embedding comes from the cell. All cells, and `b . u`, add up to `|mu|`. Negative for a
    /// cell that pulls against the mean embedding.
    pub signal: f64,
    /// `c sum_j x_j^2 (|W_:j|^2 - (W_:j . u)^2)`: the variance across the mean that dropout in the cell causes. All cells add up to
    /// `t = T - P`.
    pub noise: f64,
    /// `sum_j x_j^2`: how much the network finds in the cell, whatever its effect on the embedding.
    pub energy: f64,
}
