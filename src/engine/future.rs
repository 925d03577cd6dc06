//! The future-event list: a tournament of 16-byte keys.

use std::mem::replace;

use super::{
    event::KIND,
    knockout::{Key, Knockout, NOTHING, place},
};

// Of an event's key: time (64 bits), number of insertion (32), kind (4) and place (28), so that equal
// times come out in the order they were put in.

/// No place has an event that was taken and not yet replaced.
const NO_HOLE: u32 = u32::MAX;

/// The time in a key.
fn time(key: Key) -> u64 {
    (key >> 64) as u64
}

/// Pending events in order of time; equal times come out in the order they were put in.
///
/// Every event has a place in a [`Knockout`].
///
/// Taking the earliest leaves a hole in its place that the next event fills: most events put one
/// back, and the rounds are played once instead of twice.
///
/// An event's payload is what kind of event it is ([`KIND`]) and a number. The kind stands in the
/// key, since the processor can't guess it either and needs it at once.
#[derive(Clone, Debug)]
pub(super) struct Future {
    knockout: Knockout,
    /// Payload of the event in each place.
    payloads: Vec<u32>,
    free: Vec<u32>,
    /// The place whose event was taken last, if it has no other yet.
    hole: u32,
    sequence: u32,
}

impl Default for Future {
    fn default() -> Self {
        Self {
            knockout: Knockout::default(),
            payloads: Vec::new(),
            free: Vec::new(),
            hole: NO_HOLE,
            sequence: 0,
        }
    }
}

impl Future {
    /// When the earliest event is due.
    pub fn earliest(&self) -> Option<u64> {
        let key = if self.hole == NO_HOLE {
            self.knockout.first()
        } else {
            // As `close_hole` would find it.
            self.knockout.first_without(self.hole)
        };
        (key != NOTHING).then_some(time(key))
    }

    /// Takes the earliest event if it is due before `end`: its time, its kind in the highest bits
    /// of a number, and its number.
    #[inline(always)]
    pub fn take(&mut self, end: u64) -> Option<(u64, u32, u32)> {
        if self.hole != NO_HOLE {
            self.close_hole();
        }
        let first = self.knockout.first();
        if time(first) >= end {
            return None;
        }
        self.hole = place(first);
        let number = self.payloads[place(first) as usize] & !KIND;
        Some((time(first), first as u32, number))
    }

    /// Puts an event in.
    #[inline(always)]
    pub fn put_now(&mut self, time: u64, payload: u32) {
        let Some(next) = self.sequence.checked_add(1) else {
            return self.renumber_and_put(time, payload);
        };
        let key =
            Key::from(time) << 64 | Key::from(self.sequence) << 32 | Key::from(payload & KIND);
        self.sequence = next;
        let hole = replace(&mut self.hole, NO_HOLE);
        if hole == NO_HOLE {
            self.put_in_free_place(key, payload);
        } else {
            self.payloads[hole as usize] = payload;
            self.knockout.play(hole, key | Key::from(hole));
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
        self.events().count()
    }

    /// Every pending event in the order it is due.
    pub fn in_order(&self) -> Vec<(u64, u32)> {
        let mut keys: Vec<Key> = self.events().collect();
        keys.sort_unstable();
        let event = |key| (time(key), self.payloads[place(key) as usize]);
        keys.into_iter().map(event).collect()
    }

    /// A list holding these events, which stand in the order they are due.
    pub fn from_order(events: impl IntoIterator<Item = (u64, u32)>) -> Self {
        let mut future = Self::default();
        for (time, payload) in events {
            future.put(time, payload);
        }
        future
    }

    /// After a busy moment most places are free: fewer, and fewer rounds.
    pub fn tidy(&mut self) {
        let pending = self.payloads.len() - self.free.len();
        if self.payloads.len() > 1024 && pending < self.payloads.len() / 64 {
            *self = Self::from_order(self.in_order());
        }
    }

    /// The keys of the pending events, in no order.
    fn events(&self) -> impl Iterator<Item = Key> {
        let keys = self.knockout.keys();
        keys.filter(|key| place(*key) != self.hole)
    }

    /// The place of the event taken last stays without one.
    #[inline(always)]
    fn close_hole(&mut self) {
        let hole = replace(&mut self.hole, NO_HOLE);
        self.free.push(hole);
        self.knockout.play(hole, NOTHING);
    }

    /// An event comes in addition to those that are there: it can only win.
    #[inline(never)]
    fn put_in_free_place(&mut self, key: Key, payload: u32) {
        let place = match self.free.pop() {
            Some(place) => place,
            None => self.add_places(),
        };
        self.payloads[place as usize] = payload;
        self.knockout.enter(place, key | Key::from(place));
    }

    /// The places are full: four times as many, and one round more.
    fn add_round(&mut self) {
        let events = self.in_order();
        // The event that is about to come in has its number already.
        let sequence = self.sequence;
        *self = Self {
            knockout: self.knockout.with_a_round_more(),
            ..Self::default()
        };
        for (time, payload) in events {
            self.put(time, payload);
        }
        self.sequence = sequence;
    }

    /// Sequence numbers are used up (every four thousand million events): number the pending ones anew.
    #[cold]
    #[inline(never)]
    fn renumber_and_put(&mut self, time: u64, payload: u32) {
        *self = Self::from_order(self.in_order());
        self.put(time, payload);
    }

    /// Four places more; returns the first of them.
    #[cold]
    #[inline(never)]
    fn add_places(&mut self) -> u32 {
        if self.knockout.len() == self.knockout.most() {
            self.add_round();
        }
        let place = self.payloads.len() as u32;
        self.knockout.add_four();
        self.payloads.extend([0; 4]);
        // All places may be free one day: no memory is asked for then.
        self.free.reserve(self.payloads.len());
        self.free.extend([place + 3, place + 2, place + 1]);
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Time and payload of the earliest event.
    fn next(future: &mut Future) -> Option<(u64, u32)> {
        let event = future.take(u64::MAX);
        event.map(|(time, kind, number)| (time, kind & KIND | number))
    }

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
                assert_eq!(next(&mut future), Some(expected.remove(0)));
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
        while let Some((time, _)) = next(&mut future) {
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
        let order: Vec<_> = std::iter::from_fn(|| next(&mut future))
            .map(|e| e.1)
            .collect();
        assert_eq!(order, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_taken_before_its_time() {
        let mut future = Future::default();
        future.put(10, 1);
        assert_eq!(future.take(10), None);
        assert_eq!(future.earliest(), Some(10));
        assert_eq!(future.take(11).map(|event| event.0), Some(10));
        assert_eq!(future.take(u64::MAX), None);
        assert_eq!(future.earliest(), None);
    }

    #[test]
    fn a_busy_moment_leaves_no_rounds_behind() {
        let mut future = Future::default();
        for number in 0..5_000 {
            future.put(u64::from(number % 5), number);
        }
        for number in 0..4_990 {
            assert_eq!(
                next(&mut future).map(|(time, _)| time),
                Some(number / 1_000)
            );
        }
        let rest = future.in_order();
        future.tidy();
        assert_eq!((future.payloads.len(), future.knockout.most()), (12, 16));
        assert_eq!(future.in_order(), rest);
        assert_eq!(future.earliest(), Some(4));
    }

    #[test]
    fn it_does_what_a_sorted_list_does() {
        let mut future = Future::default();
        let mut list: Vec<(u64, u32)> = Vec::new();
        let mut state = 7u64;
        let mut now = 0;
        for number in 0..30_000u32 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // It grows for a while, shrinks for a while, and is empty at times.
            let grows = (number / 4_000).is_multiple_of(2);
            if (state >> 40) % 10 < if grows { 7 } else { 2 } {
                let payload = (number % 16) << 28 | number;
                let time = now + (state >> 50) % 90;
                future.put(time, payload);
                let at = list.partition_point(|(other, _)| *other <= time);
                list.insert(at, (time, payload));
            } else {
                let expected = (!list.is_empty()).then(|| list.remove(0));
                assert_eq!(next(&mut future), expected);
                now = expected.map_or(now, |(time, _)| time);
                // With and without a hole.
                assert_eq!(future.earliest(), list.first().map(|(time, _)| *time));
                assert_eq!(future.len(), list.len());
            }
            if number % 997 == 0 {
                assert_eq!(future.in_order(), list);
                future = Future::from_order(future.in_order());
            }
        }
    }
}
