use std::collections::HashMap;

/// A comparison of two images, named by their index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Indices of the two images.
    pub images: [usize; 2],
    /// Whether both show the same subject.
    pub mated: bool,
    /// Larger means more alike.
    pub similarity: f64,
}

/// Why comparisons cannot be evaluated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ComparisonsError {
    /// Mated or non-mated pairs are missing.
    #[error("there are {mated} mated and {non_mated} non-mated pairs; expected at least one of each")]
    OneClass {
        /// How many pairs show one subject.
        mated: usize,
        /// How many show two.
        non_mated: usize,
    },
    /// A similarity or a quality is not a number.
    #[error("the {what} of pair {pair} is {value}; expected a finite number")]
    NotFinite {
        /// `similarity` or `quality`.
        what: &'static str,
        /// Its position, from 1.
        pair: usize,
        /// Its value.
        value: f64,
    },
    /// By the mated pairs, both images of a non-mated pair show the same subject.
    #[error("pair {pair} is marked as non-mated, but by the mated pairs both images show the same subject")]
    Contradiction {
        /// Its position, from 1.
        pair: usize,
    },
}

/// Comparisons with known qualities and subjects.
///
/// The quality of a comparison is the lower one of its two images. Which images show the same subject follows from the mated
/// pairs: two images belong together if a chain of mated pairs leads from one to the other.
#[derive(Debug, Clone)]
pub struct Comparisons {
    /// By quality, lowest first.
    pub(super) mated: Vec<Mated>,
    /// Indices into `mated` by similarity, highest first.
    pub(super) mated_by_similarity: Vec<usize>,
    /// By similarity, highest first.
    pub(super) non_mated: Vec<NonMated>,
    /// The images that are compared, by quality, lowest first.
    pub(super) images: Vec<Image>,
    subjects: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Image {
    pub(super) quality: f64,
    pub(super) subject: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Mated {
    pub(super) images: [usize; 2],
    pub(super) quality: f64,
    pub(super) similarity: f64,
    pub(super) subject: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct NonMated {
    pub(super) images: [usize; 2],
    pub(super) quality: f64,
    pub(super) similarity: f64,
    pub(super) subjects: [usize; 2],
}

/// How often each subject counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights(pub(super) Vec<f64>);

impl Comparisons {
    /// `qualities` holds the quality of each image; larger is better. Panics on an image index without a quality, which is a caller error.
    ///
    /// # Errors
    /// Pairs of one kind only; numbers that are not finite; pairs that contradict each other.
    pub fn new(comparisons: &[Comparison], qualities: &[f64]) -> Result<Self, ComparisonsError> {
        let non_mated = comparisons.iter().filter(|comparison| !comparison.mated).count();
        let mated = comparisons.len() - non_mated;
        if mated == 0 || non_mated == 0 {
            return Err(ComparisonsError::OneClass { mated, non_mated });
        }
        let (subject_of, subjects) = subjects(comparisons, qualities.len());
        let (mated, non_mated) = (Vec::with_capacity(mated), Vec::with_capacity(non_mated));
        let mut all = Self { mated, mated_by_similarity: Vec::new(), non_mated, images: Vec::new(), subjects };
        for (index, &Comparison { images, mated, similarity }) in comparisons.iter().enumerate() {
            let [a, b] = images.map(|image| qualities[image]);
            let pair = index + 1;
            for (what, value) in [("similarity", similarity), ("quality", a), ("quality", b)] {
                if !value.is_finite() {
                    return Err(ComparisonsError::NotFinite { what, pair, value });
                }
            }
            let (quality, subjects) = (a.min(b), images.map(|image| subject_of[image]));
            match mated {
                true => all.mated.push(Mated { images, quality, similarity, subject: subjects[0] }),
                false if subjects[0] == subjects[1] => return Err(ComparisonsError::Contradiction { pair }),
                false => all.non_mated.push(NonMated { images, quality, similarity, subjects }),
            }
        }
        let compared = subject_of.iter().zip(qualities).filter(|(subject, _)| **subject != usize::MAX);
        all.images = compared.map(|(&subject, &quality)| Image { quality, subject }).collect();
        all.images.sort_by(|a, b| a.quality.total_cmp(&b.quality));
        all.mated.sort_by(|a, b| a.quality.total_cmp(&b.quality));
        all.non_mated.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        all.mated_by_similarity = (0..all.mated.len()).collect();
        all.mated_by_similarity.sort_by(|a, b| all.mated[*b].similarity.total_cmp(&all.mated[*a].similarity));
        Ok(all)
    }

    /// How many pairs show one subject.
    pub fn mated(&self) -> usize {
        self.mated.len()
    }

    /// How many pairs show two subjects.
    pub fn non_mated(&self) -> usize {
        self.non_mated.len()
    }

    /// How many subjects there are.
    pub fn subjects(&self) -> usize {
        self.subjects
    }

    /// Every subject once.
    pub fn once(&self) -> Weights {
        Weights(vec![1.0; self.subjects])
    }
}

impl Weights {
    pub(super) fn of_image(&self, image: &Image) -> f64 {
        self.0[image.subject]
    }

    pub(super) fn of_mated(&self, comparison: &Mated) -> f64 {
        self.0[comparison.subject]
    }

    pub(super) fn of_non_mated(&self, comparison: &NonMated) -> f64 {
        let [a, b] = comparison.subjects;
        self.0[a] * self.0[b]
    }
}

/// Returns the subject of each image, numbered from 0, and the number of subjects: images in a mated pair show the same subject,
/// and an image in none has a subject of its own.
pub fn subjects_of_images(comparisons: &[Comparison], images: usize) -> (Vec<usize>, usize) {
    let (mut subject_of, mut subjects) = subjects(comparisons, images);
    for subject in subject_of.iter_mut().filter(|subject| **subject == usize::MAX) {
        *subject = subjects;
        subjects += 1;
    }
    (subject_of, subjects)
}

/// Returns the subject of each image, and the number of subjects among the compared images.
fn subjects(comparisons: &[Comparison], images: usize) -> (Vec<usize>, usize) {
    let mut parent: Vec<usize> = (0..images).collect();
    for [a, b] in comparisons.iter().filter(|comparison| comparison.mated).map(|comparison| comparison.images) {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        parent[a] = b;
    }
    let mut numbers = HashMap::new();
    let mut subject_of = vec![usize::MAX; images];
    for image in comparisons.iter().flat_map(|comparison| comparison.images) {
        let next = numbers.len();
        subject_of[image] = *numbers.entry(root(&mut parent, image)).or_insert(next);
    }
    (subject_of, numbers.len())
}

/// Returns the image that represents a subject, and shortens the path to it.
fn root(parent: &mut [usize], mut image: usize) -> usize {
    while parent[image] != image {
        parent[image] = parent[parent[image]];
        image = parent[image];
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(a: usize, b: usize, mated: bool) -> Comparison {
        Comparison { images: [a, b], mated, similarity: 0.5 }
    }

    #[test]
    fn mated_pairs_make_subjects() {
        let pairs = [pair(0, 1, true), pair(4, 1, true), pair(2, 3, true), pair(0, 2, false), pair(5, 4, false)];
        let all = Comparisons::new(&pairs, &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]).unwrap();
        assert_eq!((all.mated(), all.non_mated(), all.subjects()), (3, 2, 3));
        assert!(all.mated.iter().map(|mated| mated.quality).eq([0.1, 0.2, 0.3]), "the lower quality of two, in order");
        assert_eq!(all.mated[0].subject, all.mated[1].subject);
    }

    #[test]
    fn an_image_that_is_not_compared_has_a_subject_of_its_own() {
        assert_eq!(subjects_of_images(&[pair(0, 3, true), pair(0, 4, false)], 6), (vec![0, 2, 3, 0, 1, 4], 5));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let new = |pairs: &[Comparison], quality| Comparisons::new(pairs, &[0.1, 0.2, quality]).unwrap_err();
        assert_eq!(new(&[pair(0, 1, true)], 0.3), ComparisonsError::OneClass { mated: 1, non_mated: 0 });
        assert_eq!(new(&[], 0.3), ComparisonsError::OneClass { mated: 0, non_mated: 0 });
        let both = [pair(0, 1, true), pair(1, 2, false)];
        assert!(matches!(new(&both, f64::NAN), ComparisonsError::NotFinite { what: "quality", pair: 2, .. }));
        let chain = [pair(0, 1, true), pair(1, 2, true), pair(0, 2, false)];
        assert_eq!(new(&chain, 0.3), ComparisonsError::Contradiction { pair: 3 });
        let mut bad = both;
        bad[0].similarity = f64::INFINITY;
        assert!(matches!(new(&bad, 0.3), ComparisonsError::NotFinite { what: "similarity", pair: 1, .. }));
    }
}
