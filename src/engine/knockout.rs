//! Knockout tournaments: the lowest of many keys is known at any time, and one key changes at a time.

/// What is compared; the lowest 28 bits are the place that a key stands in.
pub(super) type Key = u128;

/// Nobody is in a place: later than everything.
pub(super) const NOTHING: Key = Key::MAX;

/// Bits of a place.
const PLACE: u32 = 28;

/// The place in a key.
#[inline(always)]
pub(super) fn place(key: Key) -> u32 {
    key as u32 & ((1 << PLACE) - 1)
}

/// The winners of four matches, in one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Four([Key; 4]);

/// Keys in places, the lowest of four goes on to the next round, and so on up to the first of all
/// (tree selection: Knuth 1973, The Art of Computer Programming 3, section 5.2.3).
///
/// A key that comes, goes or changes takes part in one match a round, and which ones does not depend
/// on the keys. So there is no branch for the processor to guess, as there is in a heap, where keys
/// sink until they find their level.
#[derive(Clone, Debug)]
pub(super) struct Knockout {
    first: Key,
    /// Round by round: the last round has one four, the one before it four, and so on; the places
    /// are at the end. The winner of four `n` is number `n − 1` in this list of keys.
    rounds: Vec<Four>,
    /// Number of the first place in the list of keys.
    places: usize,
}

impl Default for Knockout {
    fn default() -> Self {
        Self {
            first: NOTHING,
            rounds: Vec::new(),
            places: 0,
        }
    }
}

impl Knockout {
    /// With so many places, or a few more, all of them free.
    pub fn new(places: usize) -> Self {
        let mut new = Self::default();
        while new.most() < places {
            new = new.with_a_round_more();
        }
        while new.len() < places {
            new.add_four();
        }
        new
    }

    /// As large and one round larger, without any place.
    pub fn with_a_round_more(&self) -> Self {
        let places = 4 * self.places + 4;
        Self {
            first: NOTHING,
            rounds: vec![Four([NOTHING; 4]); places / 4],
            places,
        }
    }

    /// Number of places.
    pub fn len(&self) -> usize {
        4 * self.rounds.len() - self.places
    }

    /// Number of places that there can be with as many rounds.
    pub fn most(&self) -> usize {
        3 * self.places + 4
    }

    /// Four places more.
    pub fn add_four(&mut self) {
        self.rounds.push(Four([NOTHING; 4]));
    }

    /// Every place is free.
    pub fn clear(&mut self) {
        self.first = NOTHING;
        self.rounds.fill(Four([NOTHING; 4]));
    }

    /// The lowest key.
    #[inline(always)]
    pub fn first(&self) -> Key {
        self.first
    }

    /// The lowest key but for that in `place`.
    pub fn first_without(&self, place: u32) -> Key {
        let mut key = NOTHING;
        let mut at = self.places + place as usize;
        loop {
            let Four(keys) = self.rounds[at / 4];
            let others = (1..4).map(|other| keys[(at % 4) ^ other]);
            key = others.fold(key, Key::min);
            if at < 4 {
                return key;
            }
            at = at / 4 - 1;
        }
    }

    /// The key in a place.
    pub fn key(&self, place: u32) -> Key {
        let at = self.places + place as usize;
        self.rounds[at / 4].0[at % 4]
    }

    /// The keys in all places that are not free, in no order.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        let places = self.rounds[self.places / 4..].iter();
        let keys = places.flat_map(|four| four.0);
        keys.filter(|key| *key != NOTHING)
    }

    /// Every round anew that `place` takes part in: `key` stands there from now on.
    ///
    /// Written out round by round, since the compiler makes branches of the comparisons in a loop.
    /// Fourteen rounds are for all the places that a key can name.
    #[inline(never)]
    pub fn play(&mut self, place: u32, mut key: Key) {
        let rounds = &mut self.rounds[..];
        let mut at = self.places + place as usize;
        macro_rules! rounds {
            ($($round:literal)*) => {
                $(
                    let (four, one) = (at / 4, at % 4);
                    let Some(Four(keys)) = rounds.get_mut(four) else { return };
                    keys[one] = key;
                    // Off the way of `key`, so that the processor has it ready in time.
                    let others = keys[one ^ 1].min(keys[one ^ 2]).min(keys[one ^ 3]);
                    key = key.min(others);
                    at = four.wrapping_sub(1);
                    if at == usize::MAX {
                        self.first = key;
                        return;
                    }
                    let _round = $round;
                )*
            };
        }
        rounds!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
    }

    /// As [`Self::play`], for a place that was free: its key can only win.
    #[inline(always)]
    pub fn enter(&mut self, place: u32, key: Key) {
        let mut at = self.places + place as usize;
        self.first = self.first.min(key);
        while let Some(Four(keys)) = self.rounds.get_mut(at / 4) {
            keys[at % 4] = keys[at % 4].min(key);
            if at < 4 {
                break;
            }
            at = at / 4 - 1;
        }
    }
}
