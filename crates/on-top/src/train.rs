use std::fmt::Display;

use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::Device;

use super::adadelta::AdaDelta;
use super::classifier::{Batch, Check, Classifier};
use super::examples::Examples;
use super::random::Random;
use super::{OnTopModel, TrainError, Training};

/// Training stops after this many epochs without improvement.
const PATIENCE: u32 = 20;

/// How to train.
///
/// The paper trains for 100 epochs in batches of 1024 at a learning rate of 0.1 (FaceNet) or 0.0001 (ArcFace), on some 14,000
/// images. A few hundred images would give a hundred such steps, which teach little: the defaults use smaller batches, AdaDelta's
/// own step, and as many epochs as it takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Maximum number of passes through all examples.
    pub epochs: u32,
    /// Examples in a step of the optimiser.
    pub batch: usize,
    /// Factor of the steps that AdaDelta computes.
    pub learning_rate: f64,
    /// The same seed trains the same network, on the same kind of processor.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { epochs: 1000, batch: 64, learning_rate: 1.0, seed: 0 }
    }
}

/// Progress of the training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// From 1.
    pub number: u32,
    /// Mean cross entropy of the training examples, under dropout.
    pub loss: f64,
    /// Mean cross entropy of the held-out ones, without dropout.
    pub held_out_loss: f64,
    /// Share of the held-out ones whose identity is recognised.
    pub accuracy: f64,
}

/// Trains a network on embeddings of a recogniser and the identities they belong to, on the CPU.
///
/// One in five embeddings is held out. After each epoch the network is checked on those, without dropout; the network of the
/// epoch with the lowest cross entropy is kept. Training stops when it has not fallen for 20 epochs.
///
/// # Errors
/// [`TrainError`]: every identity needs two embeddings, and there must be two identities.
pub fn train<I: Ord + Display>(
    recogniser: &str,
    embeddings: &[Vec<f32>],
    identities: &[I],
    options: &Options,
    mut progress: impl FnMut(&Epoch),
) -> Result<OnTopModel, TrainError> {
    let &Options { epochs, batch, learning_rate, seed } = options;
    options.check()?;
    let examples = Examples::new(embeddings, identities)?;
    let (dimension, identities) = (examples.dimension, examples.identities);
    let mut random = Random::new(seed);
    let (mut learned, held_out) = examples.split(&mut random);

    let device = Device::flex().autodiff();
    let to_check = Batch::new(&held_out, &device);
    let mut classifier = Classifier::new(dimension, identities, &mut random, &device);
    let mut optimiser = ModuleOptimizer::from(AdaDelta);
    let mut best: Option<(Check, Training, Classifier)> = None;
    for number in 1..=epochs {
        random.shuffle(&mut learned);
        let mut total = 0.0;
        for examples in learned.chunks(batch) {
            let loss = classifier.loss(&Batch::new(examples, &device), &mut random);
            let gradients = GradientsParams::from_grads(loss.backward(), &classifier);
            classifier = optimiser.step(learning_rate, classifier, gradients);
            total += loss.try_into_scalar::<f64>()? * examples.len() as f64;
        }
        let loss = total / learned.len() as f64;
        let check = classifier.check(&to_check)?;
        if !(loss.is_finite() && check.loss.is_finite()) {
            return Err(TrainError::Diverged { epoch: number, learning_rate });
        }
        let training = Training {
            images: embeddings.len(),
            identities,
            held_out: held_out.len(),
            recognised: check.recognised,
            epochs: number,
            batch,
            learning_rate,
            seed,
        };
        progress(&Epoch { number, loss, held_out_loss: check.loss, accuracy: training.accuracy() });
        match &best {
            Some((lowest, at, _)) if lowest.loss <= check.loss && number - at.epochs >= PATIENCE => break,
            Some((lowest, ..)) if lowest.loss <= check.loss => {}
            _ => best = Some((check, training, classifier.clone())),
        }
    }
    let Some((_, training, classifier)) = best else {
        return Err(TrainError::Option { option: "number of epochs", value: 0.0, expected: "one or more" });
    };
    Ok(OnTopModel { recogniser: recogniser.into(), training, network: classifier.network()? })
}

impl Options {
    fn check(&self) -> Result<(), TrainError> {
        let refuse = |option, value, expected| Err(TrainError::Option { option, value, expected });
        if self.batch == 0 {
            return refuse("batch size", 0.0, "one or more");
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return refuse("learning rate", self.learning_rate, "a finite number above 0");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIMENSION: usize = 64;
    /// Identities differ along this many directions only; the others hold noise.
    const DIRECTIONS: usize = 16;
    const IDENTITIES: usize = 40;

    /// Quick, for small and easy examples.
    const QUICK: Options = Options { epochs: 60, batch: 32, learning_rate: 1.0, seed: 3 };

    fn normal(random: &mut Random) -> f32 {
        // The sum of twelve uniform numbers has a variance of 1.
        (0..12).map(|_| random.uniform()).sum::<f32>() - 6.0
    }

    fn normals(count: usize, random: &mut Random) -> Vec<f32> {
        (0..count).map(|_| normal(random)).collect()
    }

    /// Embeddings of some people, in turn, each with noise of `noise` times the signal. Another seed gives other people.
    fn people(count: usize, seed: u64, noise: f32) -> (Vec<Vec<f32>>, Vec<usize>) {
        let directions = normals(DIRECTIONS * DIMENSION, &mut Random::new(0));
        let mut random = Random::new(seed);
        let person = |_| -> Vec<f32> {
            let places = normals(DIRECTIONS, &mut random);
            let value = |index: usize| (0..DIRECTIONS).map(|along| places[along] * directions[along * DIMENSION + index]).sum();
            (0..DIMENSION).map(value).collect()
        };
        let people: Vec<Vec<f32>> = (0..IDENTITIES).map(person).collect();
        let identities: Vec<usize> = (0..count).map(|index| index % IDENTITIES).collect();
        let scale = noise * (DIRECTIONS as f32).sqrt();
        let noisy = |identity: &usize| people[*identity].iter().map(|value| value + scale * normal(&mut random)).collect();
        (identities.iter().map(noisy).collect(), identities)
    }

    fn trained(options: &Options) -> (OnTopModel, Vec<Epoch>) {
        let (embeddings, identities) = people(400, 1, 0.3);
        let mut epochs = vec![];
        let model = train("test", &embeddings, &identities, options, |epoch| epochs.push(*epoch)).unwrap();
        (model, epochs)
    }

    #[test]
    fn identities_are_recognised() {
        let (OnTopModel { training, recogniser, .. }, epochs) = trained(&QUICK);
        assert_eq!((training.images, training.identities, training.held_out, recogniser.as_str()), (400, 40, 80, "test"));
        assert!(training.accuracy() > 0.95, "{training:?}");
        assert!(epochs[0].loss > 3.0 && epochs[59].loss < 2.0, "{epochs:?}");
        // The best network is kept.
        let best = &epochs[training.epochs as usize - 1];
        assert!(epochs.iter().all(|epoch| epoch.held_out_loss >= best.held_out_loss));
        assert_eq!(best.accuracy, training.accuracy());
    }

    #[test]
    fn the_training_stops_when_it_gets_no_better() {
        // Identities that cannot be told apart.
        let (embeddings, _) = people(40, 1, 1.0);
        let identities: Vec<usize> = (0..40).map(|index| index / 2).collect();
        let mut epochs = 0;
        let options = Options { epochs: 500, ..QUICK };
        let model = train("test", &embeddings, &identities, &options, |_| epochs += 1).unwrap();
        assert!(epochs < 500 && epochs == model.training.epochs + PATIENCE, "{epochs}");
    }

    #[test]
    fn a_seed_trains_the_same_network() {
        let options = Options { epochs: 3, ..QUICK };
        assert_eq!(trained(&options), trained(&options));
        assert_ne!(trained(&options).0.network, trained(&Options { seed: 4, ..options }).0.network);
    }

    #[test]
    fn noise_lowers_the_score_of_people_it_has_never_seen() {
        let (model, _) = trained(&QUICK);
        let mean = |noise: f32| {
            let (strangers, _) = people(200, 2, noise);
            let scores = strangers.iter().map(|embedding| model.network.score(embedding, 100, 0).unwrap().raw);
            scores.sum::<f64>() / 200.0
        };
        let means = [0.0, 0.3, 0.6, 1.2].map(mean);
        assert!(means.is_sorted_by(|clean, noisy| *clean > noisy + 0.002), "{means:?}");
    }

    #[test]
    fn impossible_options_are_refused() {
        let (embeddings, identities) = people(80, 1, 0.1);
        let refused = |options| train("test", &embeddings, &identities, &options, |_| ()).unwrap_err();
        for options in [
            Options { epochs: 0, ..QUICK },
            Options { batch: 0, ..QUICK },
            Options { learning_rate: 0.0, ..QUICK },
            Options { learning_rate: f64::NAN, ..QUICK },
        ] {
            assert!(matches!(refused(options), TrainError::Option { .. }), "{options:?}");
        }
        assert!(matches!(refused(Options { learning_rate: 1e300, ..QUICK }), TrainError::Diverged { epoch: 1, .. }));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

        #[test]
        fn every_embedding_has_a_score_whatever_its_length(
            embedding in prop::collection::vec(-1.0_f32..1.0, DIMENSION),
            length in 1e-3_f32..1e3,
            seed: u64,
        ) {
            prop_assume!(embedding.iter().any(|value| value.abs() > 1e-3));
            let (embeddings, identities) = people(80, 1, 0.1);
            let model = train("test", &embeddings, &identities, &Options { epochs: 1, ..QUICK }, |_| ()).unwrap();
            let found = model.network.score(&embedding, 20, seed).unwrap();
            prop_assert!(found.raw > 0.0 && found.raw <= 1.0 && found.std_error.is_some());
            let longer: Vec<f32> = embedding.iter().map(|value| value * length).collect();
            let other = model.network.score(&longer, 20, seed).unwrap();
            prop_assert!((found.raw - other.raw).abs() < 1e-5);
        }
    }
}
