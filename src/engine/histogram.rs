//! A log-linear histogram of durations.

/// Buckets per octave as a power of two: 64, so a bucket is at most 1/64 of its value wide and its
/// middle at most 1/128 (0.8 %) from any value in it.
const BITS: u32 = 6;
const PER_OCTAVE: usize = 1 << BITS;
const BUCKETS: usize = (64 - BITS as usize + 1) * PER_OCTAVE;

/// Octaves of buckets made beyond that of the longest duration: sixteen times as long is rare where a
/// system has come to rest.
const BEYOND: usize = 4;

/// Counts durations in nanoseconds with a relative error of at most 0.8 %.
///
/// It takes memory up to the longest duration, some six kilobytes for most boxes.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u32>,
    max: u64,
    /// The buckets whose count ran over, once for every 2³² durations.
    carries: Vec<usize>,
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
        if let Some(count) = self.counts.get_mut(duration.bucket)
            && let Some(more) = count.checked_add(1)
        {
            *count = more;
        } else {
            self.add_to(duration.bucket, 1);
        }
        if duration.nanos > self.max {
            self.max = duration.nanos;
        }
    }

    /// Counts `more` durations in a bucket.
    #[cold]
    #[inline(never)]
    fn add_to(&mut self, bucket: usize, more: u64) {
        if bucket >= self.counts.len() {
            let octaves = bucket / PER_OCTAVE + 1 + BEYOND;
            let len = (octaves * PER_OCTAVE).min(BUCKETS);
            self.counts.reserve_exact(len - self.counts.len());
            self.counts.resize(len, 0);
        }
        let sum = u64::from(self.counts[bucket]) + more;
        self.counts[bucket] = sum as u32;
        for _ in 0..sum >> 32 {
            self.carries.push(bucket);
        }
    }

    /// The numbers of the buckets that are not empty, in rising order, and how many durations are in
    /// each ([`Self::middle_ns`] says of what length).
    pub fn filled(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let count = |(bucket, count): (usize, &u32)| {
            let carries = self.carries.iter().filter(|carry| **carry == bucket);
            (bucket, ((carries.count() as u64) << 32) + u64::from(*count))
        };
        let counts = self.counts.iter().enumerate();
        // Most buckets are empty, and hardly ever has one run over.
        let may_count = |(_, count): &(usize, &u32)| **count > 0 || !self.carries.is_empty();
        let counts = counts.filter(may_count).map(count);
        counts.filter(|(_, count)| *count > 0)
    }

    /// The middle of the bucket with this number, in nanoseconds.
    pub fn middle_ns(bucket: usize) -> f64 {
        middle(bucket)
    }

    /// Number of durations counted.
    pub fn count(&self) -> u64 {
        self.filled().map(|(_, count)| count).sum()
    }

    /// Longest duration counted, exactly.
    pub fn max_ns(&self) -> u64 {
        self.max
    }

    /// The smallest duration, in nanoseconds and within 0.8 %, that at least the share `q` (0..1)
    /// of the counted ones do not exceed. `None` when nothing was counted.
    pub fn quantile_ns(&self, q: f64) -> Option<f64> {
        let total = self.count();
        if total == 0 {
            return None;
        }
        let rank = ((q * total as f64).ceil() as u64).clamp(1, total);
        let mut seen = 0;
        for (bucket, count) in self.filled() {
            seen += count;
            if seen >= rank {
                return Some(middle(bucket).min(self.max as f64));
            }
        }
        Some(self.max as f64)
    }

    /// The buckets that are not empty, as (middle in nanoseconds, count), in rising order.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let filled = self.filled();
        filled.map(|(bucket, count)| (middle(bucket), count))
    }

    /// Adds what `other` counted.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, more) in other.filled() {
            self.add_to(bucket, more);
        }
        self.max = self.max.max(other.max);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.carries.clear();
        self.max = 0;
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
    fn durations_of_every_size_are_counted_and_merged() {
        let mut state = 3u64;
        let mut values = vec![0, u64::MAX, 1 << 40];
        for _ in 0..3_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            values.push(state >> (state % 60));
        }
        let (mut all, mut first, mut second) = <(Histogram, Histogram, Histogram)>::default();
        for (nth, value) in values.iter().enumerate() {
            all.record(*value);
            [&mut first, &mut second][nth % 2].record(*value);
        }
        first.merge(&second);
        let mut expected = std::collections::BTreeMap::new();
        for value in &values {
            *expected.entry(bucket(*value)).or_insert(0u64) += 1;
        }
        for histogram in [&all, &first] {
            let found: Vec<_> = histogram.filled().collect();
            assert_eq!(found, expected.clone().into_iter().collect::<Vec<_>>());
            assert_eq!(histogram.count(), values.len() as u64);
            assert_eq!(histogram.max_ns(), u64::MAX);
        }
        all.clear();
        assert_eq!((all.count(), all.quantile_ns(0.5)), (0, None));
    }

    #[test]
    fn a_bucket_holds_more_than_fits_its_counter() {
        let mut histogram = Histogram::default();
        histogram.record(1_000);
        histogram.add_to(bucket(1_000), 3 << 32);
        histogram.add_to(bucket(2_000), u64::from(u32::MAX));
        histogram.record(2_000);
        let counts: Vec<u64> = histogram.buckets().map(|(_, count)| count).collect();
        assert_eq!(counts, [(3 << 32) + 1, 1 << 32]);
        assert_eq!(histogram.count(), (4 << 32) + 1);
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
