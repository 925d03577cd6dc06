//! How many requests are drawn as dots.

use crate::engine::Hop;

/// A dot is at least so long under way on the screen, so that a hop without latency is seen.
pub const MIN_FLIGHT_SECS: f64 = 0.45;

/// Most dots alive at the same time, about.
const MOST_DOTS: f64 = 2_000.0;
/// Most dots alive for each arrow of a small drawing: more would run into a bar.
const MOST_DOTS_AN_ARROW: f64 = 18.0;
/// And so many in the smallest.
const LEAST_DOTS: f64 = 60.0;
/// With fewer than this share of the most, more requests are sampled.
const FEW: f64 = 0.35;

/// Chooses how many requests are sampled so that a bounded number of dots is alive.
#[derive(Debug)]
pub(super) struct Sampler {
    every: u64,
    /// Dots alive, averaged over about half a second.
    alive: f64,
}

impl Default for Sampler {
    fn default() -> Self {
        Self {
            every: 1,
            alive: 0.0,
        }
    }
}

impl Sampler {
    /// Every how manieth request is sampled.
    pub fn every(&self) -> u64 {
        self.every
    }

    /// Learns from the hops of the last `secs` on the wall at a speed of `speed` in a drawing of
    /// `arrows`, and chooses anew. Says whether the choice changed.
    pub fn learn(&mut self, hops: &[Hop], secs: f64, speed: f64, arrows: usize) -> bool {
        if secs <= 0.0 {
            return false;
        }
        let most = (arrows as f64 * MOST_DOTS_AN_ARROW).clamp(LEAST_DOTS, MOST_DOTS);
        // Little's law: alive = rate × time under way.
        let flight = |hop: &Hop| {
            let real = (hop.until_ns - hop.from_ns) as f64 / 1e9 / speed.max(1e-9);
            real.clamp(MIN_FLIGHT_SECS, 10.0)
        };
        let now = hops.iter().map(flight).sum::<f64>() / secs;
        let share = (secs / 0.5).min(1.0);
        self.alive += (now - self.alive) * share;
        let before = self.every;
        // Too many is seen at once; too few only when it stays so.
        if now.min(2.0 * self.alive) > most {
            let factor = (now / most).ceil().min(1e6) as u64;
            self.every = self
                .every
                .saturating_mul(factor.next_power_of_two())
                .min(1 << 40);
        } else if self.alive < FEW * most && self.every > 1 {
            self.every /= 2;
        }
        if self.every != before {
            self.alive *= before as f64 / self.every as f64;
        }
        self.every != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests at `rate` a second, one hop each; settles for a few seconds at 60 readings a second.
    fn settle(sampler: &mut Sampler, rate: f64, latency_ns: u64, speed: f64) -> f64 {
        let secs = 1.0 / 60.0;
        let mut alive = 0.0;
        for _ in 0..600 {
            let count = (rate * secs / sampler.every() as f64).round() as usize;
            let hop = Hop {
                request: 0,
                connection: 0,
                operation: 0,
                reply: false,
                failed: None,
                from_ns: 0,
                until_ns: latency_ns,
            };
            alive = count as f64 / secs * (latency_ns as f64 / 1e9 / speed).max(MIN_FLIGHT_SECS);
            sampler.learn(&vec![hop; count.min(1 << 16)], secs, speed, 1_000);
        }
        alive
    }

    #[test]
    fn a_quiet_system_shows_every_request() {
        let mut sampler = Sampler::default();
        settle(&mut sampler, 100.0, 1_000_000, 1.0);
        assert_eq!(sampler.every(), 1);
    }

    #[test]
    fn a_busy_one_shows_a_bounded_number_and_comes_back() {
        let mut sampler = Sampler::default();
        for rate in [50_000.0, 10e6] {
            let alive = settle(&mut sampler, rate, 1_000_000, 100.0);
            assert!((200.0..=2_500.0).contains(&alive), "{rate}: {alive}");
            assert!(sampler.every() > 1);
        }
        settle(&mut sampler, 100.0, 1_000_000, 1.0);
        assert_eq!(sampler.every(), 1);
    }

    #[test]
    fn slow_motion_counts_the_long_flights() {
        let mut sampler = Sampler::default();
        // 3,000 hops a second on the wall that each take 10 s: 30,000 would be alive.
        let alive = settle(&mut sampler, 3_000.0, 10_000_000, 0.001);
        assert!(
            sampler.every() >= 8 && alive <= 2_500.0,
            "{} {alive}",
            sampler.every()
        );
    }
}
