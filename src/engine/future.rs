//! The future-event list: a 4-ary heap of 16-byte keys.

use std::hint::select_unpredictable;

/// No event: later than everything.
const NOTHING: u128 = u128::MAX;

/// Place of the earliest event. The children of place p are 4 (p − 2) and the three behind it, so
/// that four siblings are one [`Siblings`].
const ROOT: usize = 3;

/// Four places in one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Siblings([u128; 4]);

/// Pending events in order of time; equal times come out in the order they were put in.
///
/// A key is time (64 bits), sequence number (32) and payload (32), compared as one number. Taking
/// the earliest leaves a hole at the top that the next push fills: most events put one back, and
/// one sift instead of two is a third of the engine's time. Every place without an event holds
/// [`NOTHING`]: four siblings are compared without asking how many there are.
#[derive(Clone, Debug)]
pub(super) struct Future {
    places: Vec<Siblings>,
    /// Places in use, the hole included.
    len: usize,
    hole: bool,
    sequence: u32,
}

impl Default for Future {
    fn default() -> Self {
        Self {
            places: vec![Siblings([NOTHING; 4])],
            len: 0,
            hole: false,
            sequence: 0,
        }
    }
}

impl Future {
    /// When the earliest event is due.
    pub fn earliest(&self) -> Option<u64> {
        let key = if self.hole {
            // The top is free: the earliest is one of its children.
            let below = self.places.get(ROOT - 2);
            below.map_or(NOTHING, |siblings| siblings.least().0)
        } else {
            self.places[0].0[ROOT]
        };
        (key != NOTHING).then_some((key >> 64) as u64)
    }

    /// Takes the earliest event if it is due before `end`: its time and payload.
    #[inline(always)]
    pub fn take(&mut self, end: u64) -> Option<(u64, u32)> {
        if self.hole {
            self.fill();
        }
        let key = self.places[0].0[ROOT];
        let time = (key >> 64) as u64;
        if time >= end {
            return None;
        }
        self.hole = true;
        Some((time, key as u32))
    }

    /// Puts an event in.
    #[inline(always)]
    pub fn put_now(&mut self, time: u64, payload: u32) {
        let key = u128::from(time) << 64 | u128::from(self.sequence) << 32 | u128::from(payload);
        match self.sequence.checked_add(1) {
            Some(next) => self.sequence = next,
            None => return self.renumber_and_put(time, payload),
        }
        if self.hole {
            self.hole = false;
            self.sift_down(key);
        } else {
            let at = ROOT + self.len;
            self.len += 1;
            if at / 4 == self.places.len() {
                self.grow();
            }
            self.sift_up(at, key);
        }
    }

    /// As [`Self::put_now`], for those who are seldom there.
    #[inline(never)]
    pub fn put(&mut self, time: u64, payload: u32) {
        self.put_now(time, payload);
    }

    /// Number of pending events.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.len - usize::from(self.hole)
    }

    /// Every pending event in the order it is due.
    pub fn in_order(&self) -> Vec<(u64, u32)> {
        let keys = self.places.iter().flat_map(|siblings| siblings.0);
        let mut keys: Vec<u128> = keys
            .skip(ROOT + usize::from(self.hole))
            .filter(|key| *key != NOTHING)
            .collect();
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

    /// The last event takes the place of the hole.
    #[inline]
    fn fill(&mut self) {
        self.hole = false;
        self.len -= 1;
        let at = ROOT + self.len;
        let last = std::mem::replace(&mut self.places[at / 4].0[at % 4], NOTHING);
        if self.len > 0 {
            self.sift_down(last);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.places.push(Siblings([NOTHING; 4]));
    }

    /// Sequence numbers are used up (every four thousand million events): number the pending ones anew.
    #[cold]
    #[inline(never)]
    fn renumber_and_put(&mut self, time: u64, payload: u32) {
        *self = Self::from_order(self.in_order());
        self.put(time, payload);
    }

    #[inline(always)]
    fn sift_up(&mut self, mut at: usize, key: u128) {
        while at > ROOT {
            let parent = at / 4 + 2;
            let above = self.places[parent / 4].0[parent % 4];
            if above < key {
                break;
            }
            self.places[at / 4].0[at % 4] = above;
            at = parent;
        }
        self.places[at / 4].0[at % 4] = key;
    }

    /// Lets `key` sink from the top, whose old key is dropped.
    #[inline(always)]
    fn sift_down(&mut self, key: u128) {
        let places = &mut self.places[..];
        // Place 4 · `four` + `one`; its children are the four with the number 4 · `four` + `one` − 2.
        let (mut four, mut one) = (0, ROOT);
        while let Some(children) = places.get(4 * four + one - 2) {
            let (least, which) = children.least();
            if key < least {
                break;
            }
            places[four].0[one % 4] = least;
            (four, one) = (4 * four + one - 2, which);
        }
        places[four].0[one % 4] = key;
    }
}

impl Siblings {
    /// The least of four and which it is, without branches: it can't be predicted.
    #[inline(always)]
    fn least(&self) -> (u128, usize) {
        let [a, b, c, d] = self.0;
        let (left, right) = (b < a, d < c);
        let least_left = select_unpredictable(left, b, a);
        let least_right = select_unpredictable(right, d, c);
        let in_right = least_right < least_left;
        (
            select_unpredictable(in_right, least_right, least_left),
            select_unpredictable(in_right, 2 + usize::from(right), usize::from(left)),
        )
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
        let order: Vec<_> = std::iter::from_fn(|| future.take(8)).map(|e| e.1).collect();
        assert_eq!(order, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_taken_before_its_time() {
        let mut future = Future::default();
        future.put(10, 1);
        assert_eq!(future.take(10), None);
        assert_eq!(future.earliest(), Some(10));
        assert_eq!(future.take(11), Some((10, 1)));
        assert_eq!(future.take(u64::MAX), None);
        assert_eq!(future.earliest(), None);
    }
}
