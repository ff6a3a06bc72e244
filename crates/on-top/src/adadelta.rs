use burn::optim::{LearningRate, Optimizer, RecordState, StateSink, StateSource};
use burn::tensor::{Device, Tensor};

/// Weight of the past in the running means.
const DECAY: f64 = 0.95;
/// Keeps the first steps from being zero.
const EPSILON: f64 = 1e-6;

/// AdaDelta (Zeiler: "ADADELTA: An adaptive learning rate method", arXiv 1212.5701, Algorithm 1), with the paper's values, and a
/// learning rate that multiplies each step.
#[derive(Debug, Clone)]
pub(super) struct AdaDelta;

/// Running means of the squares.
#[derive(Debug, Clone)]
pub(super) struct Means<const D: usize> {
    gradient: Tensor<D>,
    step: Tensor<D>,
}

impl Optimizer for AdaDelta {
    type State<const D: usize> = Means<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: LearningRate,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        means: Option<Means<D>>,
    ) -> (Tensor<D>, Option<Means<D>>) {
        let means = means.unwrap_or_else(|| Means { gradient: gradient.zeros_like(), step: gradient.zeros_like() });
        let running = |mean: Tensor<D>, value: &Tensor<D>| mean * DECAY + value.clone().square() * (1.0 - DECAY);
        let root = |mean: &Tensor<D>| (mean.clone() + EPSILON).sqrt();
        let of_gradient = running(means.gradient, &gradient);
        let step = gradient * root(&means.step) / root(&of_gradient);
        let of_step = running(means.step, &step);
        (tensor - step * learning_rate, Some(Means { gradient: of_gradient, step: of_step }))
    }

    fn to_device<const D: usize>(means: Means<D>, device: &Device) -> Means<D> {
        Means { gradient: means.gradient.to_device(device), step: means.step.to_device(device) }
    }
}

/// burn requires this of a state; its derive works only within its own crate.
impl<const D: usize> RecordState for Means<D> {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        out.push_tensor(prefix, "gradient", self.gradient.to_data());
        out.push_tensor(prefix, "step", self.step.to_data());
    }

    fn state_unflatten(prefix: &str, source: &mut StateSource, device: &Device) -> Option<Self> {
        let mut take = |leaf| Some(Tensor::from_data(source.take_tensor(prefix, leaf)?, device));
        Some(Self { gradient: take("gradient")?, step: take("step")? })
    }
}

#[cfg(test)]
mod tests {
    use burn::module::Param;
    use burn::optim::{GradientsParams, ModuleOptimizer};

    use super::*;

    const LEARNING_RATE: f64 = 0.1;

    fn start() -> Param<Tensor<1>> {
        Param::from_tensor(Tensor::from_floats([2.0, -1.0], &Device::flex().autodiff()))
    }

    /// Some steps down `x^4 + 3 y^2`.
    fn descend(mut place: Param<Tensor<1>>, optimiser: &mut ModuleOptimizer, steps: usize) -> Param<Tensor<1>> {
        for _ in 0..steps {
            let [x, y] = [0, 1].map(|index| place.val().slice(index..index + 1));
            let height = x.powf_scalar(4.0) + y.square() * 3.0;
            let gradients = GradientsParams::from_grads(height.backward(), &place);
            place = optimiser.step(LEARNING_RATE, place, gradients);
        }
        place
    }

    fn values(place: &Param<Tensor<1>>) -> Vec<f32> {
        place.val().into_data().try_into_vec().unwrap()
    }

    /// Algorithm 1 as printed, for one number.
    fn expected(mut x: f64, gradient: impl Fn(f64) -> f64, steps: usize) -> f64 {
        let (mut of_gradient, mut of_step) = (0.0, 0.0);
        for _ in 0..steps {
            let g = gradient(x);
            of_gradient = 0.95 * of_gradient + 0.05 * g * g;
            let step = -(f64::sqrt(of_step + 1e-6) / f64::sqrt(of_gradient + 1e-6)) * g;
            of_step = 0.95 * of_step + 0.05 * step * step;
            x += LEARNING_RATE * step;
        }
        x
    }

    #[test]
    fn steps_are_those_of_the_paper() {
        let found = |steps| values(&descend(start(), &mut AdaDelta.into(), steps));
        // The first step by hand: the root of epsilon, against the root mean square of 32.
        let first = 2.0 - 0.1 * 32.0 * 1e-3 / f64::sqrt(0.05 * 1024.0 + 1e-6);
        assert!((f64::from(found(1)[0]) - first).abs() < 1e-6);
        for steps in [1, 2, 10, 200] {
            let expected = [expected(2.0, |x| 4.0 * x * x * x, steps), expected(-1.0, |y| 6.0 * y, steps)];
            for (found, expected) in found(steps).into_iter().zip(expected) {
                assert!((f64::from(found) - expected).abs() < 1e-4, "{steps} steps: {found}, expected {expected}");
            }
        }
    }

    #[test]
    fn what_was_saved_goes_on_as_if_nothing_had_happened() {
        let mut optimiser = ModuleOptimizer::from(AdaDelta);
        let place = descend(start(), &mut optimiser, 5);
        let mut restored = ModuleOptimizer::from(AdaDelta).from_bytes(optimiser.into_bytes().unwrap()).unwrap();
        let expected = values(&descend(place.clone(), &mut optimiser, 1));
        assert_eq!(values(&descend(place.clone(), &mut restored, 1)), expected);
        assert_ne!(values(&descend(place, &mut AdaDelta.into(), 1)), expected, "the means matter");
    }
}
