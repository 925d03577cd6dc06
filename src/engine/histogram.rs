//! A log-linear histogram of durations.

/// Buckets per octave as a power of two: 64, so a bucket is at most 1/64 of its value wide and its
/// middle at most 1/128 (0.8 %) from any value in it.
const BITS: u32 = 6;
const PER_OCTAVE: usize = 1 << BITS;
const BUCKETS: usize = (64 - BITS as usize + 1) * PER_OCTAVE;

/// A power of two: a bucket's number under this mask is in bounds, and the compiler knows it.
const PLACES: usize = BUCKETS.next_power_of_two();

/// Counts durations in nanoseconds with a relative error of at most 0.8 %.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Box<[u64; PLACES]>,
    total: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: empty(),
            total: 0,
            max: 0,
        }
    }
}

/// Zeroed by the operating system page by page, so untouched octaves cost no memory.
fn empty() -> Box<[u64; PLACES]> {
    let counts = vec![0; PLACES].into_boxed_slice();
    counts.try_into().unwrap_or_else(|_| Box::new([0; PLACES]))
}

/// Below 128 ns every value has its own bucket; above, a value's seven highest bits tell it apart.
#[inline]
fn bucket(nanos: u64) -> usize {
    let shift = 63 - (nanos | PER_OCTAVE as u64).leading_zeros() - BITS;
    ((shift as usize) << BITS) + (nanos >> shift) as usize
}

/// Middle of a bucket.
fn middle(bucket: usize) -> f64 {
    let octave = bucket >> BITS;
    let within = (bucket & (PER_OCTAVE - 1)) as f64;
    if octave == 0 {
        within
    } else {
        let width = 2f64.powi(octave as i32 - 1);
        (PER_OCTAVE as f64 + within + 0.5) * width - 0.5
    }
}

/// A duration and its bucket, for those who count it more than once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Duration {
    nanos: u64,
    bucket: usize,
}

impl Duration {
    #[inline(always)]
    pub fn new(nanos: u64) -> Self {
        let bucket = bucket(nanos);
        Self { nanos, bucket }
    }

    pub fn nanos(self) -> u64 {
        self.nanos
    }
}

impl Histogram {
    /// Counts one duration.
    #[inline(always)]
    pub fn record(&mut self, nanos: u64) {
        self.add(Duration::new(nanos));
    }

    /// Counts one duration.
    #[inline(always)]
    pub(super) fn add(&mut self, duration: Duration) {
        self.counts[duration.bucket % PLACES] += 1;
        self.total += 1;
        if duration.nanos > self.max {
            self.max = duration.nanos;
        }
    }

    /// Number of durations counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// Longest duration counted, exactly.
    pub fn max_ns(&self) -> u64 {
        self.max
    }

    /// The smallest duration, in nanoseconds and within 0.8 %, that at least the share `q` (0..1)
    /// of the counted ones do not exceed. `None` when nothing was counted.
    pub fn quantile_ns(&self, q: f64) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let rank = ((q * self.total as f64).ceil() as u64).clamp(1, self.total);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Some(middle(bucket).min(self.max as f64));
            }
        }
        Some(self.max as f64)
    }

    /// The buckets that are not empty, as (middle in nanoseconds, count), in rising order.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        self.filled()
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(bucket, count)| (middle(bucket), *count))
    }

    /// The buckets up to the one of the longest duration.
    fn filled(&self) -> &[u64] {
        &self.counts[..=bucket(self.max)]
    }

    /// Adds what `other` counted.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.filled()) {
            *count += more;
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        if self.total > 0 {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_within_one_percent_of_its_bucket() {
        let mut value = 1u64;
        while value < u64::MAX / 2 {
            for value in [value - 1, value, value + value / 3] {
                let error = (middle(bucket(value)) - value as f64).abs();
                assert!(error <= 0.008 * value as f64, "{value}: {error}");
            }
            value *= 2;
        }
        assert!(bucket(u64::MAX) < BUCKETS);
    }

    #[test]
    fn buckets_rise_with_their_values() {
        let mut last = 0;
        for value in 0..100_000 {
            let at = bucket(value);
            assert!(at == last || at == last + 1, "{value}");
            last = at;
        }
    }

    #[test]
    fn quantiles_of_known_values() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile_ns(0.5), None);
        for value in 1..=1000 {
            histogram.record(value * 1_000);
        }
        for (q, expected) in [(0.5, 500e3), (0.99, 990e3), (0.0, 1e3), (1.0, 1000e3)] {
            let found = histogram.quantile_ns(q).unwrap();
            assert!((found - expected).abs() <= 0.008 * expected, "{q}: {found}");
        }
        assert_eq!(histogram.max_ns(), 1_000_000);
    }
}
