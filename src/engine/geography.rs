//! Where requests come from: the ways of arrows from each frame, and which target is the nearest.

use super::{
    Engine, Simulation,
    client::Regions,
    component::Part,
    fault::{Frames, On},
    random::{Chance, Sampler, Stream, Ziggurat, nanos},
};
use crate::{
    engine::connection::Connection,
    scenario::{self, Client, Component, FaultKind, Scenario, frame::Places},
};

/// An arrow for those of its calls that come from one frame.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub latency: Sampler,
    /// Number of cuts under way.
    pub cut: u32,
    /// By faults: a factor on the latency, and the share that is lost.
    pub slow: f64,
    pub loss: Chance,
}

impl Way {
    /// Of the ways of an arrow the one from a frame, or from none.
    #[inline(always)]
    pub fn from(ways: &[Self], frame: u32) -> Option<&Self> {
        ways.get(frame as usize).or(ways.last())
    }
}

/// Whether anybody looks at where requests come from.
pub(super) fn matters(scenario: &Scenario) -> bool {
    let looks = |component: &Component| match component {
        Component::Client(client) => !client.regions.is_empty(),
        component => matches!(component, Component::Dns(_)),
    };
    !scenario.frames.is_empty() && scenario.components.values().any(looks)
}

/// Where the requests of client number `at` come from.
pub(super) fn regions(frames: &Frames, scenario: &Scenario, at: u32, client: &Client) -> Regions {
    let total: f64 = client.regions.values().sum();
    let mut sum = 0.0;
    let shares = client.regions.iter().filter_map(|(name, weight)| {
        sum += weight / total;
        let frame = scenario.frames.get_index_of(name)?;
        Some((sum, frame as u32))
    });
    Regions {
        shares: shares.collect(),
        home: frames.home_of(at),
        frames: if client.regions.is_empty() {
            0
        } else {
            scenario.frames.len()
        },
    }
}

/// The ways of an arrow from each frame, and last from none, if its calls come from several.
pub(super) fn ways(
    scenario: &Scenario,
    places: &Places<'_>,
    drawn: &scenario::Connection,
) -> Option<Box<[Way]>> {
    let is_from_several = match scenario.components.get(&drawn.from)? {
        Component::Client(client) => !client.regions.is_empty(),
        component => matches!(component, Component::Dns(_)),
    };
    if !is_from_several || scenario.frames.is_empty() {
        return None;
    }
    let frames = 0..scenario.frames.len();
    let latencies = frames.map(|frame| places.latency_from(frame, drawn));
    let ways = latencies.chain([places.latency(drawn)]);
    let ways = ways.map(|latency| Way {
        latency: Sampler::new(latency),
        cut: 0,
        slow: 1.0,
        loss: Chance::NEVER,
    });
    Some(ways.collect())
}

impl Connection {
    /// Calls over it come from several frames.
    pub fn lead_ways(&mut self, ways: Option<Box<[Way]>>) {
        self.ways = ways;
        self.refresh();
    }

    /// The way of what comes from a frame, or from none, if there are several.
    pub fn way(&self, frame: u32) -> Option<&Way> {
        Way::from(self.ways.as_ref()?, frame)
    }

    /// As [`Self::travel`], of what is no call: how long it is under way, unless it is lost.
    pub fn travel_apart(
        &self,
        frame: u32,
        stream: &mut Stream,
        ziggurat: &Ziggurat,
    ) -> Option<u64> {
        let way = self.way(frame);
        let Some(way) = way else {
            let latency = nanos(self.latency.draw(ziggurat, stream) as f64 * self.slow);
            let lost = stream.chance(self.loss) || self.cut > 0;
            return (!lost).then_some(latency);
        };
        let latency = way.latency.draw(ziggurat, stream) as f64;
        let lost = stream.chance(self.loss) || stream.chance(way.loss) || self.cut + way.cut > 0;
        (!lost).then_some(nanos(latency * self.slow * way.slow))
    }

    /// Whether some call over it takes no time on its way.
    pub fn may_take_no_time(&self) -> bool {
        let mut ways = self.ways.iter().flatten();
        self.latency == Sampler::ZERO || ways.any(|way| way.latency == Sampler::ZERO)
    }
}

impl Engine {
    /// The frames that calls over connection `index` come from, by their numbers, none for those from
    /// elsewhere, and whether they are cut off from the callee. Empty where all calls come from one
    /// place.
    pub fn ways(&self, index: usize) -> Vec<(Option<usize>, bool)> {
        let Some(ways) = &self.simulation.connections[index].ways else {
            return Vec::new();
        };
        let drawn = &self.scenario.connections[index];
        let from = self.asked_from(&drawn.from);
        let ways = ways.iter().enumerate().zip(from);
        let used = ways.filter(|(_, from)| *from);
        let frames = self.scenario.frames.len();
        used.map(|((frame, way), _)| (Some(frame).filter(|frame| *frame < frames), way.cut > 0))
            .collect()
    }

    /// By frame, and last for none, whether calls of a client come from there, or calls to a name service.
    fn asked_from(&self, name: &str) -> Vec<bool> {
        let scenario = &self.scenario;
        let frames = scenario.frames.len();
        let mut from = vec![false; frames + 1];
        let mut asking = vec![name];
        let mut seen = 0;
        while let Some(&name) = asking.get(seen) {
            seen += 1;
            let Some((at, _, component)) = scenario.components.get_full(name) else {
                continue;
            };
            match component {
                Component::Client(client) if !client.regions.is_empty() => {
                    let regions = client.regions.iter().filter(|(_, weight)| **weight > 0.0);
                    let regions =
                        regions.filter_map(|(name, _)| scenario.frames.get_index_of(name));
                    regions.for_each(|frame| from[frame] = true);
                }
                Component::Dns(_) => {
                    let callers = scenario.connections.iter();
                    let callers = callers.filter(|connection| connection.to == name);
                    for caller in callers.map(|connection| connection.from.as_str()) {
                        if !asking.contains(&caller) {
                            asking.push(caller);
                        }
                    }
                }
                _ => {
                    let home = self.simulation.frames.home_of(at as u32) as usize;
                    from[home.min(frames)] = true;
                }
            }
        }
        from
    }
}

impl Simulation {
    /// Tells every name service that answers with the nearest target how far they are.
    pub(super) fn find_nearest(&mut self, scenario: &Scenario, places: &Places<'_>) {
        for component in &mut self.components {
            let Part::Dns(dns) = &mut component.part else {
                continue;
            };
            if !dns.is_for_the_nearest() {
                continue;
            }
            let frames = (0..scenario.frames.len()).map(Some).chain([None]);
            let order = frames.map(|frame| {
                let far = |at: &u32| {
                    let target = &dns.targets[*at as usize];
                    let drawn = &scenario.connections[target.connection as usize];
                    let way = match frame {
                        Some(frame) => places.latency_from(frame, drawn),
                        None => places.latency(drawn),
                    };
                    way.mean_secs()
                };
                let mut order: Vec<u32> = (0..dns.targets.len() as u32).collect();
                // As drawn where they are as far.
                order.sort_by(|one, other| far(one).total_cmp(&far(other)));
                order
            });
            let order = order.collect();
            dns.set_distances(order);
        }
    }

    /// Brings the ways of an arrow up to date after a fault on one has begun or ended.
    pub(super) fn update_ways(&mut self, at: u32) {
        let Some(ways) = &mut self.connections[at as usize].ways else {
            return;
        };
        let mut arrives = vec![1.0; ways.len()];
        for way in ways.iter_mut() {
            (way.cut, way.slow) = (0, 1.0);
        }
        for active in &self.faults.active {
            if let On::Way(connection, frame) = active.on
                && connection == at
            {
                let frame = (frame as usize).min(ways.len() - 1);
                match active.kind {
                    FaultKind::Cut => ways[frame].cut += 1,
                    FaultKind::Slow { times } => ways[frame].slow *= times,
                    FaultKind::Loss { share } => arrives[frame] *= 1.0 - share,
                    _ => {}
                }
            }
        }
        for (way, arrives) in ways.iter_mut().zip(arrives) {
            way.loss = Chance::new(1.0 - arrives);
        }
    }
}
