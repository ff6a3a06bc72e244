use serde::Deserialize;

/// The values of clean faces in each cell of a recogniser's features, row by row from the top left, and how covers change them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellsCard {
    /// Number of rows of cells.
    pub rows: usize,
    /// Number of cells in a row.
    pub columns: usize,
    /// Median of each cell's signal.
    pub signal: Vec<f64>,
    /// Robust standard deviation of each cell's signal: 1.4826 median deviations.
    pub signal_deviation: Vec<f64>,
    /// Median of the logarithm of each cell's energy, relative to the mean of all cells.
    pub energy: Vec<f64>,
    /// Its robust standard deviation.
    pub energy_deviation: Vec<f64>,
    /// How covers of the face are detected; `None` if this was not learned for the recogniser.
    pub covers: Option<CoversCard>,
}

/// Weights of a logistic regression that tells covers from none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoversCard {
    /// Of a hidden mouth.
    pub mouth: CoverCard,
    /// Of hidden eyes.
    pub eyes: CoverCard,
    /// Of more than a quarter of the face.
    pub face: CoverCard,
}

/// One cover's weights, relative to those of no cover; one for each cell.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverCard {
    /// Logarithm of the odds for a face like the median.
    pub bias: f64,
    /// Of the signal's deviation, in standard deviations.
    pub signal: Vec<f64>,
    /// Of its square.
    pub signal_squared: Vec<f64>,
    /// Of the energy's deviation.
    pub energy: Vec<f64>,
    /// Of its square.
    pub energy_squared: Vec<f64>,
}

impl CellsCard {
    /// The first problem; `None` if there is none.
    pub(super) fn problem(&self) -> Option<String> {
        let Self { rows, columns, signal, signal_deviation, energy, energy_deviation, covers } = self;
        let Some(cells) = rows.checked_mul(*columns).filter(|cells| *cells > 1) else {
            return Some(format!("there are {rows} rows and {columns} columns; expected several cells"));
        };
        let [mut lists, deviations] = [
            vec![("signal", signal), ("energy", energy)],
            vec![("signal_deviation", signal_deviation), ("energy_deviation", energy_deviation)],
        ];
        lists.extend(&deviations);
        let covers = covers
            .iter()
            .flat_map(|covers| [("covers.mouth", &covers.mouth), ("covers.eyes", &covers.eyes), ("covers.face", &covers.face)]);
        for (name, cover) in covers {
            if !cover.bias.is_finite() {
                return Some(format!("the bias of {name} is {}; expected a number", cover.bias));
            }
            let of_cover = [&cover.signal, &cover.signal_squared, &cover.energy, &cover.energy_squared];
            lists.extend(of_cover.map(|list| (name, list)));
        }
        for (name, values) in lists {
            if values.len() != cells {
                return Some(format!("a list of {name} has {} numbers; expected {cells}, one for each cell", values.len()));
            }
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return Some(format!("a list of {name} contains {value}; expected numbers"));
            }
        }
        let zero = deviations.iter().find(|(_, values)| values.iter().any(|value| *value <= 0.0));
        zero.map(|(name, _)| format!("{name} contains a number that is not above 0"))
    }
}
