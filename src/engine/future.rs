//! The future-event list: a 4-ary heap of 16-byte keys.

use std::hint::select_unpredictable;

/// No event.
const NOTHING: u128 = u128::MAX;

/// Pending events in order of time; equal times come out in the order they were put in.
///
/// A key is time (64 bits), sequence number (32) and payload (32), compared as one number. Taking
/// the earliest leaves a hole at the top that the next push fills: most events put one back, and
/// one sift instead of two is a third of the engine's time.
#[derive(Clone, Debug, Default)]
pub(super) struct Future {
    keys: Vec<u128>,
    hole: bool,
    sequence: u32,
}

impl Future {
    /// When the earliest event is due.
    pub fn earliest(&self) -> Option<u64> {
        let key = if self.hole {
            // The top is free: the earliest is one of its children.
            self.keys.iter().skip(1).take(4).min()
        } else {
            self.keys.first()
        };
        key.map(|key| (key >> 64) as u64)
    }

    /// Takes the earliest event if it is due at `until` or before: its time and payload.
    #[inline]
    pub fn take(&mut self, until: u64) -> Option<(u64, u32)> {
        self.fill();
        let key = *self.keys.first()?;
        let time = (key >> 64) as u64;
        if time > until {
            return None;
        }
        self.hole = true;
        Some((time, key as u32))
    }

    /// Puts an event in.
    #[inline]
    pub fn put(&mut self, time: u64, payload: u32) {
        let key = u128::from(time) << 64 | u128::from(self.sequence) << 32 | u128::from(payload);
        match self.sequence.checked_add(1) {
            Some(next) => self.sequence = next,
            None => return self.renumber_and_put(time, payload),
        }
        if self.hole {
            self.hole = false;
            self.sift_down(key);
        } else {
            self.keys.push(NOTHING);
            self.sift_up(self.keys.len() - 1, key);
        }
    }

    /// Number of pending events.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.keys.len() - usize::from(self.hole)
    }

    /// Every pending event in the order it is due.
    pub fn in_order(&self) -> Vec<(u64, u32)> {
        let mut keys = self.keys[usize::from(self.hole)..].to_vec();
        keys.sort_unstable();
        keys.iter()
            .map(|key| ((key >> 64) as u64, *key as u32))
            .collect()
    }

    /// A list holding these events, which stand in the order they are due.
    pub fn from_order(events: impl IntoIterator<Item = (u64, u32)>) -> Self {
        let mut future = Self::default();
        for (time, payload) in events {
            future.put(time, payload);
        }
        future
    }

    #[inline]
    fn fill(&mut self) {
        if self.hole {
            self.hole = false;
            if let Some(last) = self.keys.pop()
                && !self.keys.is_empty()
            {
                self.sift_down(last);
            }
        }
    }

    /// Sequence numbers are used up (every four thousand million events): number the pending ones anew.
    #[cold]
    fn renumber_and_put(&mut self, time: u64, payload: u32) {
        *self = Self::from_order(self.in_order());
        self.put(time, payload);
    }

    #[inline]
    fn sift_up(&mut self, mut at: usize, key: u128) {
        while at > 0 {
            let parent = (at - 1) / 4;
            if self.keys[parent] < key {
                break;
            }
            self.keys[at] = self.keys[parent];
            at = parent;
        }
        self.keys[at] = key;
    }

    /// Lets `key` sink from the top, whose old key is dropped.
    #[inline]
    fn sift_down(&mut self, key: u128) {
        let keys = &mut self.keys[..];
        let len = keys.len();
        let mut at = 0;
        loop {
            let first = 4 * at + 1;
            let mut least = first;
            let mut least_key;
            if let Some(&[a, b, c, d]) = keys.get(first..).and_then(<[u128]>::first_chunk) {
                // Without branches: which of four is the least can't be predicted.
                let (left, right) = (b < a, d < c);
                let least_left = select_unpredictable(left, b, a);
                let least_right = select_unpredictable(right, d, c);
                let in_right = least_right < least_left;
                least_key = select_unpredictable(in_right, least_right, least_left);
                least += select_unpredictable(in_right, 2 + usize::from(right), usize::from(left));
            } else if first < len {
                least_key = keys[first];
                for (child, child_key) in keys.iter().enumerate().skip(first + 1) {
                    if *child_key < least_key {
                        least = child;
                        least_key = *child_key;
                    }
                }
            } else {
                break;
            }
            if key < least_key {
                break;
            }
            keys[at] = least_key;
            at = least;
        }
        keys[at] = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_out_in_order_of_time_and_then_of_insertion() {
        let mut future = Future::default();
        let mut expected = Vec::new();
        let mut state = 1u64;
        for payload in 0..5_000u32 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let time = (state >> 33) % 500;
            future.put(time, payload);
            expected.push((time, payload));
            if payload % 3 == 0 {
                expected.sort();
                assert_eq!(future.take(u64::MAX), Some(expected.remove(0)));
                if payload % 2 == 0 {
                    future.put(250, payload + 10_000);
                    expected.push((250, payload + 10_000));
                    // Put in last: comes after those of the same time.
                    expected.sort_by_key(|(time, _)| *time);
                    let tail = expected.iter().filter(|(time, _)| *time == 250).count();
                    assert!(tail > 0);
                }
            }
        }
        assert_eq!(future.len(), expected.len());
        let mut last = (0, 0);
        let mut count = 0;
        while let Some((time, _)) = future.take(u64::MAX) {
            assert!(time >= last.0);
            last = (time, 0);
            count += 1;
        }
        assert_eq!(count, expected.len());
    }

    #[test]
    fn equal_times_keep_their_order_when_sequence_numbers_run_out() {
        let mut future = Future {
            sequence: u32::MAX - 2,
            ..Future::default()
        };
        for payload in 0..10 {
            future.put(7, payload);
        }
        let order: Vec<_> = std::iter::from_fn(|| future.take(7)).map(|e| e.1).collect();
        assert_eq!(order, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_taken_before_its_time() {
        let mut future = Future::default();
        future.put(10, 1);
        assert_eq!(future.take(9), None);
        assert_eq!(future.earliest(), Some(10));
        assert_eq!(future.take(10), Some((10, 1)));
        assert_eq!(future.take(u64::MAX), None);
        assert_eq!(future.earliest(), None);
    }
}
