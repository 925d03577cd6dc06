//! The figures of the requests from each region.

use super::{Measures, measures::Spread};
use crate::engine::{Engine, Origin};

/// Of each frame that requests of the clients come from, by name; none unless the requests of some
/// client come from several.
pub(super) fn counted(engine: &Engine) -> Vec<(String, Origin)> {
    let name = |(frame, origin)| {
        let (name, _) = engine.scenario().frames.get_index(frame)?;
        Some((name.clone(), origin))
    };
    engine.origins(None).into_iter().filter_map(name).collect()
}

/// Adds what another run counted.
pub(super) fn pool(sum: &mut Vec<(String, Origin)>, more: &[(String, Origin)]) {
    for (name, more) in more {
        match sum.iter_mut().find(|(known, _)| known == name) {
            Some((_, sum)) => sum.merge(more),
            None => sum.push((name.clone(), more.clone())),
        }
    }
}

/// The figures of what was counted in so many seconds.
pub(super) fn measures(origin: &Origin, secs: f64) -> Measures {
    let (well, failed) = (origin.latency.count(), origin.failure_latency.count());
    let ended = well + failed;
    Measures {
        window_secs: secs,
        departures: ended,
        throughput: (secs > 0.0).then(|| well as f64 / secs),
        availability: (ended > 0).then(|| well as f64 / ended as f64),
        latency: Spread::of(&origin.latency, None),
        failure_latency: Spread::of(&origin.failure_latency, None),
        ..Measures::default()
    }
}
