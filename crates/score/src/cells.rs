/// What the features of one cell of the picture add to the sums of the [limit](super::limit()).
///
/// An affine head `h(v) = W v + b` adds up all features, so that where these lie on a grid, what it computes is a sum over the cells: the
/// length of the mean embedding, and the variance that dropout causes. With `u = mu / |mu|`, `c = p / (1 - p)`, and j over the features of
/// the cell. No learned attention is involved, and no other network: these are the score's own terms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CellSums {
    /// `sum_j x_j W_:j . u`: how much of the embedding comes from the cell. All cells, and `b . u`, add up to `|mu|`. Negative for a
    /// cell that speaks against what the others say.
    pub signal: f64,
    /// `c sum_j x_j^2 (|W_:j|^2 - (W_:j . u)^2)`: the variance across the mean that dropout in the cell causes. All cells add up to
    /// `t = T - P`.
    pub noise: f64,
    /// `sum_j x_j^2`: how much the network finds in the cell, whatever it means for the embedding.
    pub energy: f64,
}
