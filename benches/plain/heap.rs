//! A 4-ary heap of 16-byte keys for a network whose number of pending events is known beforehand.

use std::hint::select_unpredictable;

/// Time in nanoseconds, then the number of insertion, then what it is about: the order of the
/// number is the order of the events, equal times in order of insertion.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(u128);

impl Key {
    /// Later than everything.
    const NEVER: Self = Self(u128::MAX);

    #[inline(always)]
    pub fn time_ns(self) -> u64 {
        (self.0 >> 64) as u64
    }

    #[inline(always)]
    pub fn payload(self) -> u32 {
        self.0 as u32
    }
}

/// The future-event list for at most `N` / 4 − 1 events, `N` a power of two.
///
/// The root is place 3, the children of place p are 4 (p − 2) and the three behind it: four siblings
/// share a cache line. Every place without an event holds [`Key::NEVER`], also the children of the
/// last ones, so that four children can be compared without asking how many there are.
#[repr(align(64))]
pub struct Heap<const N: usize> {
    places: [Key; N],
    len: usize,
    inserted: u32,
}

const ROOT: usize = 3;

impl<const N: usize> Default for Heap<N> {
    fn default() -> Self {
        assert!(N.is_power_of_two());
        Self {
            places: [Key::NEVER; N],
            len: 0,
            inserted: 0,
        }
    }
}

impl<const N: usize> Heap<N> {
    #[inline(always)]
    fn place(&mut self, place: usize) -> &mut Key {
        // The mask tells the compiler that no access can leave the array.
        &mut self.places[place & (N - 1)]
    }

    #[inline(always)]
    fn key(&mut self, time_ns: u64, payload: u32) -> Key {
        self.inserted = self.inserted.wrapping_add(1);
        let low = u64::from(self.inserted) << 32 | u64::from(payload);
        Key(u128::from(time_ns) << 64 | u128::from(low))
    }

    #[inline(always)]
    pub fn top(&self) -> Key {
        self.places[ROOT]
    }

    #[inline(always)]
    pub fn push(&mut self, time_ns: u64, payload: u32) {
        let key = self.key(time_ns, payload);
        let mut at = ROOT + self.len;
        self.len += 1;
        debug_assert!(4 * (at - 2) + 3 < N);
        while at > ROOT {
            let parent = at / 4 + 2;
            let above = *self.place(parent);
            if above <= key {
                break;
            }
            *self.place(at) = above;
            at = parent;
        }
        *self.place(at) = key;
    }

    /// Takes the earliest event away and puts another in.
    #[inline(always)]
    pub fn replace_top(&mut self, time_ns: u64, payload: u32) {
        let key = self.key(time_ns, payload);
        self.sift_down(key);
    }

    /// Takes the earliest event away.
    #[inline(always)]
    pub fn pop(&mut self) {
        self.len -= 1;
        let last = std::mem::replace(self.place(ROOT + self.len), Key::NEVER);
        if self.len > 0 {
            self.sift_down(last);
        }
    }

    #[inline(always)]
    fn sift_down(&mut self, key: Key) {
        let mut at = ROOT;
        loop {
            let children = (4 * (at - 2)) & (N - 4);
            let [a, b, c, d] = [0, 1, 2, 3].map(|i| self.places[children | i]);
            let (left, right) = (b < a, d < c);
            let least_left = select_unpredictable(left, b, a);
            let least_right = select_unpredictable(right, d, c);
            let in_right = least_right < least_left;
            let least = select_unpredictable(in_right, least_right, least_left);
            if key <= least {
                break;
            }
            *self.place(at) = least;
            at = children
                | select_unpredictable(in_right, 2 + usize::from(right), usize::from(left));
        }
        *self.place(at) = key;
    }
}
