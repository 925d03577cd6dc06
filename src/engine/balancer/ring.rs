//! Consistent hashing: targets on a ring, each at many points; a key belongs to the first point at or
//! behind its own (Karger et al. 1997). When a target comes it takes over only the keys before its
//! points; when one goes only its own keys move.

/// Points of targets on the ring of 64-bit numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring {
    /// In order.
    points: Vec<(u64, u32)>,
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
    /// A ring of targets, each with its identity and how many points it has.
    pub fn new(targets: impl Iterator<Item = (u32, u64, u32)>) -> Self {
        let mut points = Vec::new();
        for (target, identity, count) in targets {
            let point = |nth| (scatter(identity ^ scatter(u64::from(nth))), target);
            points.extend((0..count).map(point));
        }
        points.sort_unstable();
        Self { points }
    }

    /// The first target at or behind a place that `may` take it.
    #[inline]
    pub fn find(&self, place: u64, may: impl Fn(u32) -> bool) -> Option<u32> {
        let start = self.points.partition_point(|(point, _)| *point < place);
        let (before, behind) = self.points.split_at(start);
        let mut way = behind.iter().chain(before).map(|(_, target)| *target);
        way.find(|target| may(*target))
    }
}
