//! A deploy: the instances of a server are replaced by those of a new version, while it serves.

use serde::{Deserialize, Serialize};

use super::units::{Duration, plain};
use super::{Component, FaultKind, Scenario, Server, fault::Target, frame::Places, is_default};

/// A new version of a server, and how it comes into service.
///
/// An instance that is replaced drains first: it takes no new calls and finishes what it has, for no
/// longer than `drain`; then what is left is lost, as in a crash. Then the new one boots, takes calls,
/// and warms up. Callers and balancers know at once who is in service. A deploy that begins while
/// another is under way takes its place: whatever does not run its version is replaced.
///
/// It ends well when every instance runs the new version, or is rolled back: by itself
/// ([`RollBack`]), by hand, or when the fault that it is ends (`until`). Then the instances of the new
/// version are replaced by those of the one before in the same way; those that drained for it and
/// have not stopped yet go on at once.
///
/// With an autoscaler: it counts an instance that is being replaced as one that boots, and those that
/// it adds run the version before until the deploy has come to its end; then they are replaced, too.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deploy {
    /// How many times as fast the new version is as what is drawn: own work takes as many times less.
    #[serde(skip_serializing_if = "is_one", serialize_with = "plain")]
    pub speed: f64,
    /// Which share of its calls the new version answers with an error at once, without any work.
    #[serde(skip_serializing_if = "is_default", serialize_with = "plain")]
    pub errors: f64,
    /// In which order instances are replaced.
    #[serde(skip_serializing_if = "is_default")]
    pub strategy: DeployStrategy,
    /// Time until a new instance takes calls.
    #[serde(skip_serializing_if = "is_half_a_minute")]
    pub boot: Duration,
    /// How long work in a new instance takes longer, from when it takes calls.
    #[serde(skip_serializing_if = "is_default")]
    pub warm_up: Duration,
    /// How many times longer.
    #[serde(skip_serializing_if = "is_two", serialize_with = "plain")]
    pub cold: f64,
    /// The longest that an instance may take to finish what it has.
    #[serde(skip_serializing_if = "is_half_a_minute")]
    pub drain: Duration,
    /// When it is rolled back by itself. Unset: never.
    #[serde(skip_serializing_if = "is_default")]
    pub roll_back: Option<RollBack>,
}

/// In which order instances are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum DeployStrategy {
    /// So many at a time, the lowest numbers first; the next ones once these serve and are warm.
    Rolling {
        /// How many at a time.
        #[serde(default = "one")]
        batch: u32,
        /// The new ones boot beside the old ones, which drain only then: there are so many more
        /// machines, and never fewer that serve.
        #[serde(default)]
        surge: bool,
    },
    /// First some, which then serve for a time while they are watched; then the others.
    Canary {
        /// How many are replaced first.
        #[serde(default = "one")]
        instances: u32,
        /// For how long they serve, warm, before the others are replaced.
        #[serde(default = "five_min")]
        watch: Duration,
        /// How many of the others at a time.
        #[serde(default = "one")]
        batch: u32,
    },
    /// A second full set boots beside the first; then all calls go to it at once, and the first
    /// drains. It is kept, booted and paid for, for a time: until then a roll-back takes no time.
    BlueGreen {
        /// For how long the first set is kept after the switch.
        #[serde(default = "five_min")]
        keep: Duration,
    },
}

/// When a deploy is rolled back by itself: it looks at the calls that instances of the new version
/// have ended since the last look that could judge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RollBack {
    /// How often it looks. The last look is the first that can judge after all are replaced.
    #[serde(skip_serializing_if = "is_ten_secs")]
    pub every: Duration,
    /// So many calls are enough to judge; with fewer it waits for the next look.
    #[serde(skip_serializing_if = "is_hundred")]
    pub calls: u32,
    /// It is rolled back when more than this share of them has failed.
    #[serde(skip_serializing_if = "is_one_percent", serialize_with = "plain")]
    pub failures: f64,
    /// Or when they took longer than this on average. Unset: however long.
    #[serde(skip_serializing_if = "is_default")]
    pub latency: Option<Duration>,
}

impl Default for Deploy {
    fn default() -> Self {
        Self {
            speed: 1.0,
            errors: 0.0,
            strategy: DeployStrategy::default(),
            boot: Duration::from_secs(30),
            warm_up: Duration::ZERO,
            cold: 2.0,
            drain: Duration::from_secs(30),
            roll_back: None,
        }
    }
}

impl Default for DeployStrategy {
    fn default() -> Self {
        Self::Rolling {
            batch: 1,
            surge: false,
        }
    }
}

impl Default for RollBack {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(10),
            calls: 100,
            failures: 0.01,
            latency: None,
        }
    }
}

impl DeployStrategy {
    /// The word in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rolling { .. } => "Rolling",
            Self::Canary { .. } => "Canary",
            Self::BlueGreen { .. } => "BlueGreen",
        }
    }
}

/// The servers that something is on: one, or those in a frame.
pub fn servers<'s>(
    scenario: &'s Scenario,
    on: &'s str,
) -> impl Iterator<Item = (&'s String, &'s Server)> {
    let frame = match Target::of(scenario, on) {
        Target::Frame(name) => scenario.frames.get_index_of(name),
        _ => None,
    };
    let places = Places::new(scenario);
    let is_meant = move |name: &String| match frame {
        Some(frame) => places.is_inside(name, frame),
        None => name == on,
    };
    let components = scenario.components.iter();
    components.filter_map(move |(name, component)| match component {
        Component::Server(server) if is_meant(name) => Some((name, server)),
        _ => None,
    })
}

/// The deploys on the timeline, by server.
pub fn planned(scenario: &Scenario) -> impl Iterator<Item = (&String, &Server, Deploy)> {
    scenario.faults.iter().flat_map(|fault| {
        let deploy = match fault.fault {
            FaultKind::Deploy(deploy) => Some(deploy),
            _ => None,
        };
        deploy.into_iter().flat_map(|deploy| {
            servers(scenario, &fault.on).map(move |(name, server)| (name, server, deploy))
        })
    })
}

fn one() -> u32 {
    1
}

fn five_min() -> Duration {
    Duration::from_secs(300)
}

fn is_one(speed: &f64) -> bool {
    *speed == 1.0
}

fn is_two(times: &f64) -> bool {
    *times == 2.0
}

fn is_half_a_minute(duration: &Duration) -> bool {
    *duration == Duration::from_secs(30)
}

fn is_ten_secs(duration: &Duration) -> bool {
    *duration == RollBack::default().every
}

fn is_hundred(calls: &u32) -> bool {
    *calls == RollBack::default().calls
}

fn is_one_percent(share: &f64) -> bool {
    *share == RollBack::default().failures
}
