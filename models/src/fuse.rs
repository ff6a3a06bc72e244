//! Activations into the convolutions before them, in the code that `burn-onnx` writes: one pass over the output instead of two or
//! three, and on a GPU one dispatch.
//!
//! ONNX has no convolution with an activation, so that this cannot be done to the graph. The engine's layers have one
//! (`forward_then`); a pair of lines that is not written as expected here stays as it is, and computes the same.

/// The code, with each `conv`, `prelu` or `relu`, and batch norm, of which each reads nothing but the one before, in one line.
pub fn fuse(code: &str) -> String {
    let mut lines: Vec<String> = code.lines().map(str::to_owned).collect();
    let mut index = 0;
    while index + 1 < lines.len() {
        match fused(&lines[index], &lines[index + 1]) {
            Some(line) => {
                lines.splice(index..index + 2, [line]);
            }
            None => index += 1,
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// `let <name> = <function>(<argument>);`
struct Call<'a> {
    name: &'a str,
    function: &'a str,
    argument: &'a str,
}

impl<'a> Call<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (name, call) = line.trim().strip_prefix("let ")?.split_once(" = ")?;
        let (function, argument) = call.strip_suffix(");")?.split_once('(')?;
        Some(Self { name, function, argument })
    }

    /// The layer of the model whose `method` this is, if its name begins with `kind`.
    fn layer(&self, kind: &str, method: &str) -> Option<&'a str> {
        let layer = self.function.strip_suffix(method)?.strip_suffix('.')?;
        layer.strip_prefix("self.").filter(|name| name.starts_with(kind)).map(|_| layer)
    }
}

/// Two lines as one, where the second is what can follow on the first, and has its result to itself: it moves it.
fn fused(first: &str, second: &str) -> Option<String> {
    let (first, second) = (Call::read(first)?, Call::read(second)?);
    if second.argument != first.name {
        return None;
    }
    let name = second.name;
    if let Some(conv) = first.layer("conv2d", "forward") {
        let after = match second.layer("prelu", "forward") {
            Some(prelu) => format!("burn::After::prelu(&{prelu})"),
            None if second.function == "burn::tensor::activation::relu" => "burn::After::relu()".into(),
            None => return None,
        };
        return Some(format!("        let {name} = {conv}.forward_then({}, {after});", first.argument));
    }
    let conv = first.layer("conv2d", "forward_then")?;
    let norm = second.layer("batchnormalization", "forward")?;
    Some(format!("        let {name} = {conv}.forward_then({}.norm(&{norm}));", first.argument))
}

#[cfg(test)]
mod tests {
    use super::fuse;

    #[test]
    fn what_follows_on_a_convolution_goes_into_it() {
        let code = "
        let conv2d1_out1 = self.conv2d1.forward(input);
        let prelu1_out1 = self.prelu1.forward(conv2d1_out1);
        let batchnormalization1_out1 = self.batchnormalization1.forward(prelu1_out1);
        let conv2d2_out1 = self.conv2d2.forward(batchnormalization1_out1.clone());
        let relu1_out1 = burn::tensor::activation::relu(conv2d2_out1);
        let conv2d3_out1 = self.conv2d3.forward(relu1_out1);
";
        let expected = "
        let batchnormalization1_out1 = self.conv2d1.forward_then(input, burn::After::prelu(&self.prelu1).norm(&self.batchnormalization1));
        let relu1_out1 = self.conv2d2.forward_then(batchnormalization1_out1.clone(), burn::After::relu());
        let conv2d3_out1 = self.conv2d3.forward(relu1_out1);
";
        assert_eq!(fuse(code), expected);
    }

    #[test]
    fn what_somebody_else_reads_too_stays() {
        let code = "
        let conv2d1_out1 = self.conv2d1.forward(input);
        let prelu1_out1 = self.prelu1.forward(conv2d1_out1.clone());
        let conv2d2_out1 = self.conv2d2.forward(prelu1_out1);
        let relu1_out1 = burn::tensor::activation::relu(conv2d1_out1);
        let add1_out1 = relu1_out1.add(conv2d2_out1);
        let prelu2_out1 = self.prelu2.forward(add1_out1);
";
        assert_eq!(fuse(code), code);
    }
}
