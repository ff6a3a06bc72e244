use std::fmt;

use serfiq::face::AlignedCrop;
use serfiq_models::ImportError;
use serfiq_models::inspect::{HeadFound, Inspection, inspect};
use serfiq_models::onnx::ValueInfo;

/// What an ONNX file is, and what is in the way of its being a recogniser.
#[derive(Debug)]
pub struct Findings {
    inspection: Inspection,
    /// What was found and what was expected, one for each; none for a recogniser that can be added.
    pub problems: Vec<String>,
}

impl Findings {
    /// Looks into a file. `cut_at` is the output of the node to cut at, where that is not found by itself.
    pub fn of(onnx: &[u8], cut_at: Option<&str>) -> Result<Self, ImportError> {
        let inspection = inspect(onnx, cut_at)?;
        let mut problems: Vec<String> = input_problem(&inspection.inputs).into_iter().collect();
        problems.extend(inspection.head.as_ref().err().map(ToString::to_string));
        if !inspection.unsupported.is_empty() {
            problems.push(format!("these operators cannot be built: {}", inspection.unsupported.join(", ")));
        }
        Ok(Self { inspection, problems })
    }

    /// Name of the graph's input, if it has just one.
    pub fn input(&self) -> Option<&str> {
        match self.inspection.inputs.as_slice() {
            [input] => Some(&input.name),
            _ => None,
        }
    }

    /// What follows the dropout.
    pub fn head(&self) -> Option<&HeadFound> {
        self.inspection.head.as_ref().ok()
    }
}

/// A recogniser reads aligned crops, colours first, one at a time.
fn input_problem(inputs: &[ValueInfo]) -> Option<String> {
    let side = i64::from(AlignedCrop::SIZE);
    let expected = format!("expected one, of the shape [1, 3, {side}, {side}]");
    let [input] = inputs else {
        return Some(format!("the graph has {} inputs; {expected}", inputs.len()));
    };
    let shape = input.shape()?;
    // A dimension that is left open can be what it has to be.
    let fits = shape.len() == 4 && shape.iter().zip([1, 3, side, side]).all(|(found, wanted)| *found == 0 || *found == wanted);
    (!fits).then(|| format!("the input `{}` has the shape {}; {expected}", input.name, shape_text(input)))
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inspection { inputs, operations, parameters, head, .. } = &self.inspection;
        for input in inputs {
            writeln!(f, "Input       {} {}", input.name, shape_text(input))?;
        }
        writeln!(f, "Graph       {operations} operations, {parameters} parameters")?;
        if let Ok(HeadFound { place, features, dimension, dropout }) = head {
            writeln!(f, "Embedding   {dimension} numbers, an affine map of {features} features")?;
            match dropout {
                Some(p) => writeln!(f, "Dropout     at `{}`, p = {p}", place.node)?,
                None => {
                    writeln!(f, "Dropout     none; passes would drop the inputs of `{}` ({})", place.node, place.op)?;
                    writeln!(
                        f,
                        "            It was not trained with dropout, as far as the file tells: its scores may follow quality less \
                         closely."
                    )?;
                }
            }
            writeln!(f, "Limit       applies, once the recogniser is calibrated")?;
        }
        match self.problems.as_slice() {
            [] => writeln!(f, "Result      it can be added"),
            problems => problems.iter().try_for_each(|problem| writeln!(f, "Problem     {problem}")),
        }
    }
}

fn shape_text(value: &ValueInfo) -> String {
    let dimension = |size: &i64| if *size > 0 { size.to_string() } else { "?".into() };
    match value.shape() {
        Some(shape) => format!("[{}]", shape.iter().map(dimension).collect::<Vec<_>>().join(", ")),
        None => "of no declared shape".into(),
    }
}
