use std::collections::HashMap;

/// The distinct images of a report, in the order of their first mention in its files.
#[derive(Debug, Default)]
pub struct Images {
    names: Vec<String>,
    index_of: HashMap<String, usize>,
}

impl Images {
    /// Returns the index of an image; a new one is appended.
    pub fn index_of(&mut self, name: &str) -> usize {
        if let Some(index) = self.index_of.get(name) {
            return *index;
        }
        self.names.push(name.to_owned());
        self.index_of.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }
}
