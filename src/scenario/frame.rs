//! Frames around boxes: zones and regions, and how far they are from each other.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Branch, Client, Component, Connection, Distribution, Duration, IndexMap, Scenario};

/// A frame around boxes, which fail together and are as far from others as the frame is. A box is in
/// one frame at most; what is in a zone is in its region, too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Frame {
    /// What it stands for.
    pub kind: FrameKind,
    /// The region that a zone is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<String>,
    /// Names of the boxes in it, those of its zones not counted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

/// What a frame stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FrameKind {
    /// A data centre, or an availability zone of a region.
    #[default]
    Zone,
    /// A part of the world.
    Region,
}

impl FrameKind {
    /// What people call it, in small letters.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Region => "region",
        }
    }
}

/// The latency of the connections between two frames that have none of their own. It holds both
/// ways, unless the way back has an entry of its own. From a frame to itself: inside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameLatency {
    /// Name of the caller's frame.
    pub from: String,
    /// Name of the callee's frame.
    pub to: String,
    /// One-way latency, each way.
    pub latency: Distribution,
}

/// One way between two zones of a region: 1 ms.
pub const ACROSS_ZONES: Distribution = Distribution::Constant(Duration::from_nanos(1_000_000));

/// One way between two regions that are near to each other: 40 ms.
pub const BETWEEN_REGIONS: Distribution = Distribution::Constant(Duration::from_nanos(40_000_000));

/// What is between the ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// They are in the same frame, or one of them is in none.
    None,
    /// They are in different zones of a region.
    Zones,
    /// They are in different regions.
    Regions,
}

/// Where every box is, and how far from every other.
///
/// A connection without a latency of its own gets the first of these that there is: what is said
/// for the frames that its two ends are in; for the one's frame and the other's region; for their
/// two regions; and where nothing is said, 0.25 ms within a zone and within a region among boxes
/// that are in none of its zones, 1 ms across the zones of a region, 40 ms between regions. A box in
/// no frame at all may be anywhere: from and to it it is 0.25 ms. Zones in no region are all of one.
#[derive(Clone, Debug)]
pub struct Places<'s> {
    frames: &'s IndexMap<String, Frame>,
    of: HashMap<&'s str, usize>,
    latencies: HashMap<(usize, usize), &'s Distribution>,
}

impl<'s> Places<'s> {
    /// Of a scenario. Names that nothing has are passed over.
    pub fn new(scenario: &'s Scenario) -> Self {
        let frames = &scenario.frames;
        let mut of = HashMap::new();
        for (at, frame) in frames.values().enumerate() {
            for member in &frame.members {
                of.entry(member.as_str()).or_insert(at);
            }
        }
        let mut latencies = HashMap::new();
        for entry in &scenario.latencies {
            let ends = (
                frames.get_index_of(&entry.from),
                frames.get_index_of(&entry.to),
            );
            if let (Some(from), Some(to)) = ends {
                latencies.entry((from, to)).or_insert(&entry.latency);
            }
        }
        Self {
            frames,
            of,
            latencies,
        }
    }

    /// The frame that a box is in, by its position.
    pub fn frame_of(&self, component: &str) -> Option<usize> {
        self.of.get(component).copied()
    }

    /// The frame that a frame is in.
    pub fn around(&self, frame: usize) -> Option<usize> {
        let (_, frame) = self.frames.get_index(frame)?;
        self.frames.get_index_of(frame.inside.as_ref()?)
    }

    /// Whether a box is in a frame, or in a zone of it.
    pub fn is_inside(&self, component: &str, frame: usize) -> bool {
        let innermost = self.frame_of(component);
        innermost == Some(frame)
            || innermost.is_some_and(|innermost| self.around(innermost) == Some(frame))
    }

    /// How long a message takes over a connection, one way.
    pub fn latency(&self, connection: &'s Connection) -> &'s Distribution {
        match &connection.latency {
            Some(latency) => latency,
            None => self.distance(&connection.from, &connection.to),
        }
    }

    /// How long a message takes over a connection when its caller is in this frame.
    pub fn latency_from(&self, frame: usize, connection: &'s Connection) -> &'s Distribution {
        match (&connection.latency, self.frame_of(&connection.to)) {
            (Some(latency), _) => latency,
            (None, Some(to)) => self.between(frame, to),
            (None, None) => &Connection::IN_ZONE,
        }
    }

    /// How long a message takes from one box to another when their connection does not say.
    pub fn distance(&self, from: &str, to: &str) -> &'s Distribution {
        match (self.frame_of(from), self.frame_of(to)) {
            (Some(from), Some(to)) => self.between(from, to),
            _ => &Connection::IN_ZONE,
        }
    }

    /// The region that a frame is, or is in.
    fn region(&self, frame: usize) -> Option<usize> {
        match self.frames[frame].kind {
            FrameKind::Region => Some(frame),
            FrameKind::Zone => self.around(frame),
        }
    }

    /// What a connection leads across. A box in no frame at all is nowhere else.
    pub fn crossing(&self, connection: &Connection) -> Crossing {
        let ends = (
            self.frame_of(&connection.from),
            self.frame_of(&connection.to),
        );
        match ends {
            (Some(from), Some(to)) => self.crossing_between(from, to),
            _ => Crossing::None,
        }
    }

    fn crossing_between(&self, from: usize, to: usize) -> Crossing {
        if from == to {
            Crossing::None
        } else if self.region(from) == self.region(to) {
            Crossing::Zones
        } else {
            Crossing::Regions
        }
    }

    /// How long a message takes from a box of one frame to a box of another.
    pub fn between(&self, from: usize, to: usize) -> &'s Distribution {
        let (from_region, to_region) = (self.region(from), self.region(to));
        let said = |from: Option<usize>, to: Option<usize>| {
            let (from, to) = (from?, to?);
            let there = self.latencies.get(&(from, to));
            there.or_else(|| self.latencies.get(&(to, from))).copied()
        };
        let is_in_one_zone = from == to && self.frames[from].kind == FrameKind::Zone;
        let found = if is_in_one_zone {
            said(Some(from), Some(to))
        } else {
            said(Some(from), Some(to))
                .or_else(|| said(from_region, Some(to)))
                .or_else(|| said(Some(from), to_region))
                .or_else(|| said(from_region, to_region))
        };
        found.unwrap_or(match self.crossing_between(from, to) {
            Crossing::None => &Connection::IN_ZONE,
            Crossing::Zones => &ACROSS_ZONES,
            Crossing::Regions => &BETWEEN_REGIONS,
        })
    }
}

/// The same scenario with a latency of its own for every connection: what the frames say.
pub fn spelled_out(scenario: &Scenario) -> std::borrow::Cow<'_, Scenario> {
    if scenario.frames.is_empty() {
        return std::borrow::Cow::Borrowed(scenario);
    }
    let places = Places::new(scenario);
    let mut clear = scenario.clone();
    for (connection, drawn) in clear.connections.iter_mut().zip(&scenario.connections) {
        let latency = match scenario.components.get(&drawn.from) {
            Some(Component::Client(client)) if drawn.latency.is_none() => {
                from_regions(&places, client, drawn)
            }
            _ => None,
        };
        let latency = latency.unwrap_or_else(|| places.latency(drawn).clone());
        connection.latency = Some(latency);
    }
    std::borrow::Cow::Owned(clear)
}

/// A latency with the mean of those that the requests of a client meet, unless they are all alike.
fn from_regions(
    places: &Places<'_>,
    client: &Client,
    connection: &Connection,
) -> Option<Distribution> {
    let total: f64 = client.regions.values().sum();
    let shares = client.regions.iter().filter(|(_, weight)| **weight > 0.0);
    let mut ways = shares.filter_map(|(region, weight)| {
        let frame = places.frames.get_index_of(region)?;
        Some((weight / total, places.latency_from(frame, connection)))
    });
    let (share, first) = ways.next()?;
    let rest: Vec<_> = ways.collect();
    if rest.iter().all(|(_, other)| *other == first) {
        return Some(first.clone());
    }
    let all = std::iter::once((share, first)).chain(rest);
    let branch = |(probability, way): (f64, &Distribution)| Branch {
        probability,
        mean: Duration::from_nanos((way.mean_secs() * 1e9).round() as u64),
    };
    Some(Distribution::HyperExponential(all.map(branch).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: FrameKind, inside: Option<&str>, members: &[&str]) -> Frame {
        Frame {
            kind,
            inside: inside.map(str::to_owned),
            members: members.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// Two regions, the first with two zones.
    fn world() -> Scenario {
        let mut scenario = Scenario::default();
        let frames = [
            ("eu", frame(FrameKind::Region, None, &["users", "dns"])),
            ("eu-a", frame(FrameKind::Zone, Some("eu"), &["lb", "api"])),
            ("eu-b", frame(FrameKind::Zone, Some("eu"), &["db"])),
            ("us", frame(FrameKind::Region, None, &["copy"])),
        ];
        for (name, frame) in frames {
            scenario.frames.insert(name.into(), frame);
        }
        scenario
    }

    fn ms(micros: u64) -> Distribution {
        Distribution::Constant(Duration::from_nanos(micros * 1_000))
    }

    #[track_caller]
    fn check(scenario: &Scenario, from: &str, to: &str, micros: u64) {
        let places = Places::new(scenario);
        assert_eq!(*places.distance(from, to), ms(micros), "{from} to {to}");
    }

    #[test]
    fn what_is_nearer_takes_less_time() {
        let world = world();
        for (from, to, micros) in [
            ("lb", "api", 250),
            ("users", "dns", 250),
            ("users", "lb", 1_000),
            ("api", "db", 1_000),
            ("db", "api", 1_000),
            ("api", "copy", 40_000),
            ("users", "copy", 40_000),
            ("nobody", "copy", 250),
            ("nobody", "anybody", 250),
        ] {
            check(&world, from, to, micros);
        }
        let places = Places::new(&world);
        assert!(places.is_inside("api", 0) && places.is_inside("api", 1));
        assert!(!places.is_inside("api", 2) && !places.is_inside("nobody", 0));
    }

    #[test]
    fn the_nearest_entry_holds_both_ways_unless_both_are_given() {
        let mut world = world();
        let mut say = |from: &str, to: &str, micros| {
            world.latencies.push(FrameLatency {
                from: from.into(),
                to: to.into(),
                latency: ms(micros),
            });
        };
        say("us", "eu", 90_000);
        say("eu-b", "us", 70_000);
        say("eu-a", "eu-a", 100);
        say("eu", "eu", 2_000);
        say("eu-a", "eu-b", 600);
        say("eu-b", "eu-a", 700);
        for (from, to, micros) in [
            ("copy", "api", 90_000),
            ("api", "copy", 90_000),
            ("db", "copy", 70_000),
            ("copy", "db", 70_000),
            ("lb", "api", 100),
            ("users", "dns", 2_000),
            ("users", "api", 2_000),
            ("api", "db", 600),
            ("db", "api", 700),
            ("db", "db", 250),
        ] {
            check(&world, from, to, micros);
        }
    }

    /// The mean over the regions of a client is what theory reckons with.
    #[test]
    fn requests_from_several_regions_take_their_mean() {
        let mut world = world();
        let client = Client {
            regions: [("us", 3.0), ("eu-a", 1.0), ("eu", 0.0)]
                .map(|(name, weight)| (name.to_owned(), weight))
                .into(),
            ..Client::default()
        };
        world
            .components
            .insert("users".into(), Component::Client(client));
        world.connections = vec![
            Connection::new("users", "api"),
            Connection::new("users", "nobody"),
            Connection {
                latency: Some(ms(5_000)),
                ..Connection::new("users", "copy")
            },
        ];
        let clear = spelled_out(&world);
        let mean = |at: usize| clear.connections[at].latency().mean_secs();
        assert!((mean(0) - (0.75 * 0.04 + 0.25 * 0.000_25)).abs() < 1e-12);
        // Both are as far from a box in no frame.
        assert_eq!(clear.connections[1].latency, Some(ms(250)));
        assert_eq!(clear.connections[2].latency, Some(ms(5_000)));
    }

    #[test]
    fn a_latency_of_its_own_stays() {
        let world = world();
        let connection = Connection {
            latency: Some(ms(5)),
            ..Connection::new("api", "copy")
        };
        assert_eq!(*Places::new(&world).latency(&connection), ms(5));
    }
}
