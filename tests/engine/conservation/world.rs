//! Frames around the boxes of a random design, and what happens to them.

use proptest::prelude::*;

use littlebox::{
    engine::Engine,
    scenario::{Component, Distribution, FaultKind, Frame, FrameKind, FrameLatency, Scenario},
};

use super::parts::short;

/// Two regions, the first with a zone, and a zone that is in none.
const FRAMES: [(&str, FrameKind, Option<&str>); 4] = [
    ("eu", FrameKind::Region, None),
    ("eu-a", FrameKind::Zone, Some("eu")),
    ("us", FrameKind::Region, None),
    ("apart", FrameKind::Zone, None),
];

/// Who is where.
#[derive(Clone, Debug)]
pub struct World {
    /// By box: 0 for no frame, or one more than the position of its frame.
    of: Vec<usize>,
    latencies: Vec<(usize, usize, Distribution)>,
    /// A bit for each connection that has a latency of its own.
    said: u32,
    /// Weights of the frames that requests come from; all zero: from where the box is.
    regions: Vec<u32>,
}

/// Mostly none at all.
pub fn world() -> BoxedStrategy<Option<World>> {
    let of = proptest::collection::vec(0usize..=FRAMES.len(), 14);
    let latency = (0usize..FRAMES.len(), 0usize..FRAMES.len(), short());
    let latencies = proptest::collection::vec(latency, 0..5);
    let regions = proptest::collection::vec(0u32..3, FRAMES.len());
    let world = (of, latencies, any::<u32>(), regions);
    let world = world.prop_map(|(of, latencies, said, regions)| World {
        of,
        latencies,
        said,
        regions,
    });
    proptest::option::weighted(0.4, world).boxed()
}

impl World {
    /// Puts the boxes of a design where they are.
    pub fn surround(&self, design: &mut Scenario) {
        for (at, (name, kind, inside)) in FRAMES.into_iter().enumerate() {
            let boxes = design.components.keys().zip(&self.of);
            let members = boxes.filter(|(_, of)| **of == at + 1);
            let frame = Frame {
                kind,
                inside: inside.map(str::to_owned),
                members: members.map(|(name, _)| name.clone()).collect(),
            };
            design.frames.insert(name.into(), frame);
        }
        for (from, to, latency) in &self.latencies {
            let ends = (FRAMES[*from].0, FRAMES[*to].0);
            let known = design.latencies.iter();
            if known
                .clone()
                .any(|known| (&*known.from, &*known.to) == ends)
            {
                continue;
            }
            design.latencies.push(FrameLatency {
                from: ends.0.into(),
                to: ends.1.into(),
                latency: latency.clone(),
            });
        }
        for (at, connection) in design.connections.iter_mut().enumerate() {
            if self.said >> at & 1 == 0 {
                connection.latency = None;
            }
        }
        if self.regions.iter().all(|weight| *weight == 0) {
            return;
        }
        for component in design.components.values_mut() {
            if let Component::Client(client) = component {
                let weights = FRAMES.iter().zip(&self.regions);
                let weights = weights.map(|((name, ..), weight)| {
                    let weight = f64::from(*weight);
                    ((*name).to_owned(), weight)
                });
                client.regions = weights.collect();
            }
        }
    }
}

/// A frame, or what is between two.
fn target(at: usize) -> String {
    let (one, other) = (at % FRAMES.len(), at / FRAMES.len() % FRAMES.len());
    if one == other {
        FRAMES[one].0.to_owned()
    } else {
        format!("{} | {}", FRAMES[one].0, FRAMES[other].0)
    }
}

/// Something happens to a frame, or between two; what makes no sense there is refused.
pub fn trouble(engine: &mut Engine, at: usize, fault: FaultKind) {
    drop(engine.start_fault(&target(at), fault));
}

pub fn heal(engine: &mut Engine, at: usize) {
    drop(engine.heal(&target(at)));
}

/// Nothing is wrong with any frame any more.
pub fn heal_all(engine: &mut Engine) {
    (0..FRAMES.len() * FRAMES.len()).for_each(|at| heal(engine, at));
}
