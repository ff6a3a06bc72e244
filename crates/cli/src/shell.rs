/// This command line, quoted for a shell.
pub fn command() -> String {
    let arguments = std::env::args_os().map(|argument| quoted(&argument.to_string_lossy()));
    arguments.collect::<Vec<_>>().join(" ")
}

/// Quotes an argument for a shell.
pub fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=,:+".contains(c);
    match !argument.is_empty() && argument.chars().all(is_plain) {
        true => argument.into(),
        false => format!("'{}'", argument.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn arguments_can_be_given_to_a_shell_again() {
        let arguments = ["--fmr", "0.01,0.1", "my score=a b.csv", "it's", ""];
        let expected = ["--fmr", "0.01,0.1", "'my score=a b.csv'", r"'it'\''s'", "''"];
        assert_eq!(arguments.map(quoted), expected);
    }
}
