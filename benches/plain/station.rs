//! What is counted at one box: the same measures as the engine's, in whole nanoseconds.

use littlebox::engine::Histogram;

/// An integral over time of a number that goes up and down by one, exact as long as it stays below
/// 2^64: ∫ n dt = n·now − Σ times it went up + Σ times it went down.
#[derive(Clone, Copy, Default)]
pub struct Level {
    pub now: u64,
    moments: u64,
}

impl Level {
    #[inline(always)]
    pub fn up(&mut self, now_ns: u64) {
        self.now += 1;
        self.moments = self.moments.wrapping_sub(now_ns);
    }

    #[inline(always)]
    pub fn down(&mut self, now_ns: u64) {
        self.now -= 1;
        self.moments = self.moments.wrapping_add(now_ns);
    }

    pub fn area(&self, now_ns: u64) -> u64 {
        self.now.wrapping_mul(now_ns).wrapping_add(self.moments)
    }
}

#[derive(Default)]
pub struct Station {
    pub present: Level,
    pub busy: Level,
    pub arrivals: u64,
    pub departures: u64,
    pub waits: u64,
    pub wait_sum_ns: u64,
    pub sojourn_sum_ns: u64,
    pub sojourns: Histogram,
}

impl Station {
    #[inline(always)]
    pub fn arrive(&mut self, now_ns: u64) {
        self.arrivals += 1;
        self.present.up(now_ns);
    }

    #[inline(always)]
    pub fn start(&mut self, now_ns: u64, arrived_ns: u64) {
        self.waits += 1;
        self.wait_sum_ns += now_ns - arrived_ns;
        self.busy.up(now_ns);
    }

    pub fn mean_sojourn_secs(&self) -> f64 {
        self.sojourn_sum_ns as f64 / self.departures as f64 / 1e9
    }

    #[inline(always)]
    pub fn leave(&mut self, now_ns: u64, arrived_ns: u64) {
        self.departures += 1;
        self.present.down(now_ns);
        self.sojourn_sum_ns += now_ns - arrived_ns;
        self.sojourns.record(now_ns - arrived_ns);
    }
}

/// A program that can simulate one network only.
pub trait Plain {
    /// Runs this many events.
    fn run(&mut self, events: u64);

    /// What was counted so far. The client comes first.
    fn report(&self) -> Report<'_>;
}

pub struct Report<'a> {
    pub events: u64,
    pub now_ns: u64,
    /// Name, mean own work in nanoseconds (0: none) and what was counted.
    pub stations: Vec<(&'static str, f64, &'a Station)>,
}

impl Report<'_> {
    /// Requests answered.
    pub fn requests(&self) -> u64 {
        self.stations[0].2.departures
    }

    /// Mean end-to-end latency in seconds.
    pub fn latency_secs(&self) -> f64 {
        self.stations[0].2.mean_sojourn_secs()
    }
}
