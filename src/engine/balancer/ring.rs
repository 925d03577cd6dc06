//! Consistent hashing: targets on a ring, each at many points; a key belongs to the first point at or
//! behind its own (Karger et al. 1997). When a target comes it takes over only the keys before its
//! points; when one goes only its own keys move.

/// Points of targets on a ring of 32-bit numbers, as ketama has it (Jones 2007).
///
/// Points are scattered evenly, so the highest bits of a place say nearly where it is among them: a
/// search by halves would go to memory once for every halving. Memory is also why points are small.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring {
    /// In order.
    points: Vec<(u32, u32)>,
    /// By the highest bits of a place: the first point that is not before all such places.
    starts: Vec<u32>,
    /// How many bits are left out there.
    shift: u32,
}

/// About so many points, which lie in a line of memory or two, have their first bits in common.
const POINTS_A_START: usize = 4;

/// Where a scattered number is on the ring.
fn on_ring(number: u64) -> u32 {
    (number >> 32) as u32
}

/// A number scattered over all 64 bits (the finalizer of `SplitMix64`, Steele et al. 2014).
pub(super) fn scatter(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// Who a target is: a machine of a box, by the box's name, its number there, and the number of the
/// arrow among those that lead to the same box. It stays what it is when others come and go.
pub(in crate::engine) fn identity(name: &str, instance: u32, arrow: u32) -> u64 {
    let hash = name
        .bytes()
        .fold(0, |hash, byte| scatter(hash ^ u64::from(byte)));
    scatter(hash ^ u64::from(instance) << 32 ^ u64::from(arrow))
}

impl Ring {
    /// Puts these targets on it and takes all others off, each with its identity and how many points it
    /// has.
    pub fn set(&mut self, targets: impl Iterator<Item = (u32, u64, u32)>) {
        let Self { points, starts, .. } = self;
        points.clear();
        for (target, identity, count) in targets {
            let point = |nth| (on_ring(scatter(identity ^ scatter(u64::from(nth)))), target);
            points.extend((0..count).map(point));
        }
        points.sort_unstable();
        let wanted = points.len().div_ceil(POINTS_A_START);
        let bits = wanted.next_power_of_two().ilog2().clamp(1, u32::BITS - 1);
        let shift = u32::BITS - bits;
        starts.clear();
        let mut start = 0;
        for highest in 0..1u32 << bits {
            let first = highest << shift;
            let before = points[start..].iter();
            start += before.take_while(|(point, _)| *point < first).count();
            starts.push(start as u32);
        }
        self.shift = shift;
    }

    /// Where the first point at or behind a place is among the points; their number, if there is none.
    #[inline]
    fn at_or_behind(&self, place: u32) -> usize {
        let Some(start) = self.starts.get((place >> self.shift) as usize) else {
            return 0;
        };
        let start = *start as usize;
        let mut behind = self.points[start..].iter();
        let before = behind.position(|(point, _)| *point >= place);
        before.map_or(self.points.len(), |before| start + before)
    }

    /// The first target at or behind a place that `may` take it.
    #[inline]
    pub fn find(&self, place: u64, may: impl Fn(u32) -> bool) -> Option<u32> {
        let (before, behind) = self.points.split_at(self.at_or_behind(on_ring(place)));
        let mut way = behind.iter().chain(before).map(|(_, target)| *target);
        way.find(|target| may(*target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_point_behind_a_place_is_that_of_a_search() {
        // The same ring again and again, with more on it and with less.
        let mut ring = Ring::default();
        for targets in [0u32, 1, 2, 3, 1_000, 10, 0, 3] {
            let points = (0..targets).map(|at| (at, scatter(at.into()), 1 + at % 150));
            ring.set(points);
            let own = ring.points.iter().map(|(point, _)| *point);
            let own = own.flat_map(|point| [point.wrapping_sub(1), point, point.wrapping_add(1)]);
            let places = (0..2_000).map(|nth| on_ring(scatter(nth)));
            let places = places.chain([0, 1, u32::MAX]).chain(own);
            for place in places {
                let searched = ring.points.partition_point(|(point, _)| *point < place);
                assert_eq!(ring.at_or_behind(place), searched, "{targets}, {place}");
            }
        }
    }
}
