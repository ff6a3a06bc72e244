use crate::face::{Landmarks, inter_eye};

/// Minimum time, in milliseconds, between two frames used to measure motion. Landmarks jitter from frame to frame; at sixty frames a second
/// the jitter alone would look like fast motion.
const SPAN: f64 = 150.0;

/// The speed of the face.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Motion {
    before: Option<(f64, Landmarks)>,
    speed: Option<f64>,
}

impl Motion {
    /// Mean speed of the landmarks, in distances between the eyes per second; `None` until two frames are far enough apart. Keeps the last
    /// value in between.
    pub(super) fn next(&mut self, time: f64, landmarks: &Landmarks) -> Option<f64> {
        match self.before {
            Some((before, _)) if time - before < SPAN => {}
            before => {
                self.speed = before.and_then(|(before, from)| speed(&from, landmarks, (time - before) / 1000.0));
                self.before = Some((time, *landmarks));
            }
        }
        self.speed
    }
}

/// `None` if the speed is not finite.
fn speed(from: &Landmarks, to: &Landmarks, seconds: f64) -> Option<f64> {
    let way = from.iter().zip(to).map(|(from, to)| f64::from((to[0] - from[0]).hypot(to[1] - from[1]))).sum::<f64>() / 5.0;
    Some(way / f64::from(inter_eye(to)) / seconds).filter(|speed| speed.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACE: Landmarks = [[100.0, 100.0], [150.0, 100.0], [125.0, 130.0], [105.0, 155.0], [145.0, 155.0]];

    fn moved(by: f32) -> Landmarks {
        FACE.map(|[x, y]| [x + 0.6 * by, y + 0.8 * by])
    }

    #[test]
    fn by_hand() {
        let mut motion = Motion::default();
        assert_eq!(motion.next(1000.0, &FACE), None);
        // 25 pixels, half the distance between the eyes, in a quarter of a second.
        assert!((motion.next(1250.0, &moved(25.0)).unwrap() - 2.0).abs() < 1e-6);
        assert_eq!(motion.next(1500.0, &moved(25.0)), Some(0.0));
    }

    #[test]
    fn trembling_is_no_motion() {
        let mut motion = Motion::default();
        // At 60 frames a second, back and forth by a twentieth of the distance between the eyes.
        let speeds: Vec<f64> = (0..120)
            .filter_map(|frame| motion.next(f64::from(frame) * 16.7, &moved(if frame % 2 == 0 { 0.0 } else { 2.5 })))
            .collect();
        assert!(speeds.len() > 100 && speeds.iter().all(|speed| *speed < 0.4), "{speeds:?}");
    }

    #[test]
    fn the_frame_rate_does_not_matter() {
        for milliseconds in [16.7, 33.3, 100.0, 250.0, 900.0] {
            let mut motion = Motion::default();
            // 100 pixels a second.
            let speeds = (0..60).map(|frame| {
                motion.next(f64::from(frame) * milliseconds, &moved((f64::from(frame) * milliseconds / 10.0) as f32))
            });
            let last = speeds.last().flatten().unwrap();
            assert!((last - 2.0).abs() < 0.01, "{milliseconds}: {last}");
        }
    }

    #[test]
    fn what_is_no_number_is_no_speed() {
        let mut motion = Motion::default();
        motion.next(0.0, &FACE);
        assert_eq!(motion.next(200.0, &[[7.0, 7.0]; 5]), None);
        assert_eq!(motion.next(f64::NAN, &FACE), None);
    }
}
