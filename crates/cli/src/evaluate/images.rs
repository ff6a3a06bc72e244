use std::collections::HashMap;

/// The images of a report, each once, in the order in which its files name them first.
#[derive(Debug, Default)]
pub struct Images {
    names: Vec<String>,
    index_of: HashMap<String, usize>,
}

impl Images {
    /// The index of an image, which becomes the last if it is new.
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
