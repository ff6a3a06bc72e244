use std::collections::BTreeMap;
use std::fmt::Display;

use super::TrainError;
use super::network::unit;
use super::random::Random;

/// One in this many examples is held out.
const HELD_OUT: usize = 5;

/// An embedding and its identity.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Example {
    /// Of length 1.
    pub(super) unit: Vec<f32>,
    /// From 0, without gaps.
    pub(super) identity: usize,
}

/// The training examples: embeddings of one length, at least two identities, at least two embeddings of each.
#[derive(Debug)]
pub(super) struct Examples {
    all: Vec<Example>,
    pub(super) dimension: usize,
    pub(super) identities: usize,
}

impl Examples {
    pub(super) fn new<I: Ord + Display>(embeddings: &[Vec<f32>], identities: &[I]) -> Result<Self, TrainError> {
        if embeddings.len() != identities.len() {
            return Err(TrainError::Labels { embeddings: embeddings.len(), identities: identities.len() });
        }
        let mut images: BTreeMap<&I, usize> = BTreeMap::new();
        for identity in identities {
            *images.entry(identity).or_default() += 1;
        }
        if images.len() < 2 {
            return Err(TrainError::Identities { found: images.len() });
        }
        let alone: Vec<_> = images.iter().filter(|(_, count)| **count < 2).collect();
        if let Some((first, _)) = alone.first() {
            return Err(TrainError::Images { count: alone.len(), first: first.to_string() });
        }
        let numbers: BTreeMap<&I, usize> = images.keys().enumerate().map(|(number, identity)| (*identity, number)).collect();
        let dimension = embeddings[0].len();
        let example = |(index, (embedding, identity)): (usize, (&Vec<f32>, &I))| {
            if embedding.len() != dimension {
                return Err(TrainError::Dimension { embedding: index + 1, found: embedding.len(), expected: dimension });
            }
            Ok(Example { unit: unit(embedding, || format!("embedding {}", index + 1))?, identity: numbers[identity] })
        };
        let all: Result<_, _> = embeddings.iter().zip(identities).enumerate().map(example).collect();
        Ok(Self { all: all?, dimension, identities: numbers.len() })
    }

    /// Splits off the held-out examples: one in five, from identities that keep at least one to learn from.
    pub(super) fn split(mut self, random: &mut Random) -> (Vec<Example>, Vec<Example>) {
        let wanted = (self.all.len() / HELD_OUT).max(1);
        let mut left = vec![0; self.identities];
        for example in &self.all {
            left[example.identity] += 1;
        }
        random.shuffle(&mut self.all);
        let (mut learned, mut held_out) = (vec![], vec![]);
        for example in self.all {
            let left = &mut left[example.identity];
            if held_out.len() < wanted && *left > 1 {
                *left -= 1;
                held_out.push(example);
            } else {
                learned.push(example);
            }
        }
        (learned, held_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serfiq_score::ScoreError;

    fn embeddings(count: usize) -> Vec<Vec<f32>> {
        (0..count).map(|index| vec![1.0, index as f32]).collect()
    }

    #[test]
    fn identities_are_numbered_and_embeddings_normalised() {
        let examples = Examples::new(&[vec![3.0, 4.0], vec![1.0, 0.0], vec![0.0, -2.0], vec![5.0, 0.0]], &["b", "a", "a", "b"]);
        let Examples { all, dimension, identities } = examples.unwrap();
        assert_eq!((dimension, identities), (2, 2));
        assert_eq!(all[0], Example { unit: vec![0.6, 0.8], identity: 1 });
        assert_eq!(all[2], Example { unit: vec![0.0, -1.0], identity: 0 });
    }

    #[test]
    fn one_in_five_is_held_out_and_everybody_stays() {
        // 20 of one, and 40 identities with two each.
        let labels: Vec<usize> = (0..100).map(|index| (index / 2).min(40)).collect();
        let split = |seed| Examples::new(&embeddings(100), &labels).unwrap().split(&mut Random::new(seed));
        let (learned, held_out) = split(1);
        assert_eq!((learned.len(), held_out.len()), (80, 20));
        assert!((0..41).all(|identity| learned.iter().any(|example| example.identity == identity)));
        assert_eq!(split(1), (learned, held_out.clone()));
        assert_ne!(split(2).1, held_out);
    }

    #[test]
    fn two_of_two_hold_out_one() {
        let (learned, held_out) = Examples::new(&embeddings(4), &[0, 0, 1, 1]).unwrap().split(&mut Random::new(0));
        assert_eq!((learned.len(), held_out.len()), (3, 1));
    }

    #[test]
    fn what_cannot_be_learned_from_is_refused() {
        let of = |embeddings: &[Vec<f32>], identities: &[&str]| Examples::new(embeddings, identities).unwrap_err();
        assert_eq!(of(&embeddings(3), &["a"; 2]), TrainError::Labels { embeddings: 3, identities: 2 });
        assert_eq!(of(&[], &[]), TrainError::Identities { found: 0 });
        assert_eq!(of(&embeddings(3), &["a"; 3]), TrainError::Identities { found: 1 });
        let lonely = of(&embeddings(5), &["b", "a", "a", "c", "d"]);
        assert_eq!(lonely, TrainError::Images { count: 3, first: "b".into() });
        let mut bad = embeddings(4);
        let labels = ["a", "a", "b", "b"];
        bad[2] = vec![1.0];
        assert_eq!(of(&bad, &labels), TrainError::Dimension { embedding: 3, found: 1, expected: 2 });
        bad[2] = vec![1.0, f32::NAN];
        assert_eq!(of(&bad, &labels), ScoreError::NotFinite { what: "embedding 3".into() }.into());
        bad[2] = vec![0.0, 0.0];
        assert_eq!(of(&bad, &labels), ScoreError::Zero { what: "embedding 3".into() }.into());
    }
}
