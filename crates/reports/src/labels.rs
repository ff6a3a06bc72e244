use std::collections::BTreeSet;

use crate::material::Pair;

/// Maximum number of groups: more cannot be told apart in a plot, and are rarely intended as groups.
pub const MAX_GROUPS: usize = 12;

/// The groups of images. Labelled images come before all others.
#[derive(Debug)]
pub struct Labels {
    /// Number of labelled images.
    pub images: usize,
    /// Subject of each, numbered from 0; `None` if unknown.
    pub subject_of: Option<Vec<usize>>,
    /// The ways of grouping.
    pub attributes: Vec<Attribute>,
}

/// A way of grouping, such as by light.
#[derive(Debug)]
pub struct Attribute {
    /// Its name in the report.
    pub name: String,
    /// In alphabetical order.
    pub groups: Vec<String>,
    /// Group of each image; `None` for an image in none.
    pub group_of: Vec<Option<usize>>,
}

/// Labels that form no groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupsError {
    /// Fewer than two different labels.
    #[error("has no two different values; expected two or more groups")]
    OneGroup,
    /// More than [`MAX_GROUPS`].
    #[error("has {found} different values; expected at most {MAX_GROUPS}: put the values into classes")]
    TooMany {
        /// Different labels found.
        found: usize,
    },
}

/// Pairs and labels that do not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disagreement {
    /// No pair has two labelled images.
    OtherImages,
    /// Pairs and labels disagree on whether these two images show the same person.
    OtherSubjects([usize; 2]),
}

impl Labels {
    /// Checks that some pairs are of labelled images, and that pairs and labels agree on who is who.
    ///
    /// # Errors
    /// The first disagreement.
    pub fn agree_with(&self, pairs: &[Pair]) -> Result<(), Disagreement> {
        let both_labelled = |pair: &&Pair| pair.images.iter().all(|image| *image < self.images);
        let mut of_labelled = pairs.iter().filter(both_labelled).peekable();
        if of_labelled.peek().is_none() {
            return Err(Disagreement::OtherImages);
        }
        let Some(subject_of) = &self.subject_of else { return Ok(()) };
        match of_labelled.find(|pair| pair.mated != (subject_of[pair.images[0]] == subject_of[pair.images[1]])) {
            Some(pair) => Err(Disagreement::OtherSubjects(pair.images)),
            None => Ok(()),
        }
    }
}

impl Attribute {
    /// Groups images by their labels; an empty label is none.
    ///
    /// # Errors
    /// Labels that form fewer than two groups, or more than [`MAX_GROUPS`].
    pub fn new(name: String, labels: &[String]) -> Result<Self, GroupsError> {
        let groups: BTreeSet<&String> = labels.iter().filter(|label| !label.is_empty()).collect();
        let groups: Vec<String> = groups.into_iter().cloned().collect();
        match groups.len() {
            0 | 1 => Err(GroupsError::OneGroup),
            found if found > MAX_GROUPS => Err(GroupsError::TooMany { found }),
            _ => {
                let group_of = labels.iter().map(|label| groups.binary_search(label).ok()).collect();
                Ok(Self { name, groups, group_of })
            }
        }
    }
}
