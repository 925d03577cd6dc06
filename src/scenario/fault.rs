//! What goes wrong, and when, and on what.

use serde::{Deserialize, Serialize};

use super::units::Duration;
use super::{Component, Deploy, Kind, Scenario, frame::Places};

/// One thing that goes wrong on the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// When it starts.
    pub at: Duration,
    /// When it ends. Unset: never, or until healed by hand. A deploy is rolled back then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Duration>,
    /// Name of a component, `"api #2"` for its second instance, `"a -> b"` for a connection, the name
    /// of a frame, or `"eu | us"` for what is between two frames.
    pub on: String,
    /// What goes wrong.
    pub fault: FaultKind,
}

/// What goes wrong. Faults on the same target add up; each ends on its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum FaultKind {
    /// Refuses at once; everything inside is lost. A cache comes back empty. Of one instance: what
    /// is in that instance is lost, calls that come without a load balancer go to the others, and a
    /// load balancer sends on to it until its health checks have found out.
    Crash,
    /// Takes calls and never answers them; what it held is lost when it ends (a restart). Of one
    /// instance: calls that come without a load balancer go there in their turn all the same, and a
    /// load balancer sends on to it until its health checks are not answered. When its box hangs,
    /// too, it is over when the last of the two has ended.
    Hang,
    /// Stands still and goes on where it was (a long garbage collection, a suspended machine). Calls
    /// go there meanwhile as with a `Hang`.
    Pause,
    /// Work that starts meanwhile takes `times` as long; on a connection messages are `times` as
    /// long under way.
    Slow {
        /// Factor on service times, or on the latency of a connection.
        times: f64,
    },
    /// A share of the calls is answered with an error at once, without any work (`error`).
    Errors {
        /// Which share, 0..1. Several at once: each fails its share of what the others let pass.
        share: f64,
    },
    /// So much of the capacity is gone. Of several instances the last ones go down, as many as that
    /// share of all comes to, rounded up. A box of one instance loses that share of its slots,
    /// rounded up: what is being worked on is finished, and nothing new starts in them.
    Capacity {
        /// Which share is lost, 0..1. Several at once: each takes its share of what is left.
        lost: f64,
    },
    /// A cache loses its keys, at once.
    Flush,
    /// A connection carries nothing: every message on it is lost.
    Cut,
    /// Two frames are cut off from each other, or one from all the rest: every connection between
    /// them is cut, in both directions.
    Partition,
    /// A connection loses a share of its messages, besides what it loses anyway.
    Loss {
        /// Which share of the messages that would have arrived, each way, 0..1.
        share: f64,
    },
    /// A client sends `times` as much.
    Traffic {
        /// Factor on the arrival rate, or on the number of users of a closed client.
        times: f64,
    },
    /// All of a sudden a share of a client's requests is about one and the same item: its last, by
    /// Zipf's law the one that is asked for least.
    HotKey {
        /// Which share of the requests, 0..1.
        share: f64,
    },
    /// A server gets a new version, an instance after the other. Of a frame: every server in it. When
    /// it ends it is rolled back; healing does not end it.
    Deploy(Deploy),
}

impl FaultKind {
    /// The word in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Crash => "Crash",
            Self::Hang => "Hang",
            Self::Pause => "Pause",
            Self::Slow { .. } => "Slow",
            Self::Errors { .. } => "Errors",
            Self::Capacity { .. } => "Capacity",
            Self::Flush => "Flush",
            Self::Cut => "Cut",
            Self::Partition => "Partition",
            Self::Loss { .. } => "Loss",
            Self::Traffic { .. } => "Traffic",
            Self::HotKey { .. } => "HotKey",
            Self::Deploy(_) => "Deploy",
        }
    }

    /// Whether it is a change that people make, and no trouble by itself.
    pub const fn is_deploy(self) -> bool {
        matches!(self, Self::Deploy(_))
    }

    /// Whether it can happen to a whole box of this kind.
    pub const fn fits(self, kind: Kind) -> bool {
        match self {
            Self::Crash | Self::Hang | Self::Pause | Self::Slow { .. } => {
                !matches!(kind, Kind::Client)
            }
            Self::Errors { .. } => !matches!(kind, Kind::Client | Kind::Dns),
            Self::Capacity { .. } => kind.has_slots(),
            Self::Flush => matches!(kind, Kind::Cache),
            Self::Cut | Self::Partition | Self::Loss { .. } => false,
            Self::Traffic { .. } | Self::HotKey { .. } => matches!(kind, Kind::Client),
            Self::Deploy(_) => matches!(kind, Kind::Server),
        }
    }

    /// Whether it can happen to a connection.
    pub const fn fits_connection(self) -> bool {
        matches!(self, Self::Cut | Self::Loss { .. } | Self::Slow { .. })
    }

    /// Whether it can happen to what is between two frames.
    pub const fn fits_between(self) -> bool {
        matches!(
            self,
            Self::Partition | Self::Loss { .. } | Self::Slow { .. }
        )
    }

    /// Whether it can happen to one instance of a box.
    pub const fn fits_instance(self) -> bool {
        matches!(
            self,
            Self::Crash | Self::Hang | Self::Pause | Self::Slow { .. } | Self::Errors { .. }
        )
    }
}

/// What a fault is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'s> {
    /// A box, by its name.
    Component(&'s str),
    /// One instance of a box, counted from 1.
    Instance(&'s str, u32),
    /// A connection, by its ends.
    Connection(&'s str, &'s str),
    /// A frame: all that is in it, as a whole. Clients in it are people, who go on sending.
    Frame(&'s str),
    /// The connections between two frames, in both directions.
    Frames(&'s str, &'s str),
}

impl<'s> Target<'s> {
    /// What `on` means in a scenario, whether that exists or not: a component is called as it is
    /// called, whatever its name looks like.
    pub fn of(scenario: &Scenario, on: &'s str) -> Self {
        if let Some((from, to)) = on.split_once(" -> ") {
            return Self::Connection(from, to);
        }
        if scenario.components.contains_key(on) {
            return Self::Component(on);
        }
        if scenario.frames.contains_key(on) {
            return Self::Frame(on);
        }
        if let Some((one, other)) = on.split_once(" | ") {
            return Self::Frames(one, other);
        }
        if let Some((name, number)) = on.rsplit_once(" #")
            && let Ok(number) = number.parse()
        {
            return Self::Instance(name, number);
        }
        Self::Component(on)
    }

    /// The boxes or frames it names.
    pub fn names(self) -> Vec<&'s str> {
        match self {
            Self::Component(name) | Self::Instance(name, _) | Self::Frame(name) => vec![name],
            Self::Connection(one, other) | Self::Frames(one, other) => vec![one, other],
        }
    }

    /// The same with other names.
    pub fn renamed(self, new: impl Fn(&str) -> String) -> String {
        match self {
            Self::Component(name) | Self::Frame(name) => new(name),
            Self::Frames(one, other) => format!("{} | {}", new(one), new(other)),
            Self::Instance(name, number) => format!("{} #{number}", new(name)),
            Self::Connection(from, to) => format!("{} -> {}", new(from), new(to)),
        }
    }
}

/// How many instances a box stands for: those that a fault can be on one by one.
pub fn instances(component: &Component) -> u32 {
    match component {
        Component::Server(server) => server.most_instances(),
        _ => 0,
    }
}

/// Why a fault makes no sense on what it is on. An unknown name is another problem.
pub fn refusal(scenario: &Scenario, on: &str, fault: FaultKind) -> Option<String> {
    let kind = |name| scenario.components.get(name).map(Component::kind);
    match Target::of(scenario, on) {
        Target::Connection(..) if fault.fits_connection() => None,
        Target::Connection(..) => Some(format!(
            "`{on}` is a connection, which can only be `Cut`, have `Loss` or be `Slow`"
        )),
        Target::Instance(name, _) => match kind(name) {
            Some(Kind::Server) if fault.fits_instance() => None,
            Some(Kind::Server) => Some(format!(
                "`{on}` is one instance, which can only `Crash`, `Hang`, `Pause`, be `Slow` or have `Errors`"
            )),
            Some(kind) => Some(format!(
                "`{name}` is a {}, which has no instances to be told apart",
                kind.noun()
            )),
            None => None,
        },
        Target::Frame(name) => {
            if fault == FaultKind::Partition {
                return None;
            }
            let frame = scenario.frames.get_index_of(name)?;
            let places = Places::new(scenario);
            let mut members = scenario.components.iter();
            let fits = members.any(|(member, component)| {
                places.is_inside(member, frame) && fault.fits(component.kind())
            });
            (!fits).then(|| format!("nothing in `{on}` can have the fault `{}`", fault.word()))
        }
        Target::Frames(..) if fault.fits_between() => None,
        Target::Frames(..) => Some(format!(
            "what is between two frames can only have a `Partition`, `Loss` or be `Slow`; `{}` is neither",
            fault.word()
        )),
        Target::Component(name) => {
            let kind = kind(name)?;
            (!fault.fits(kind)).then(|| unfit(on, kind, fault))
        }
    }
}

/// Why a kind of box can't have a fault.
fn unfit(on: &str, kind: Kind, fault: FaultKind) -> String {
    let (noun, word) = (kind.noun(), fault.word());
    match fault {
        FaultKind::Partition => {
            format!("`{word}` is for frames, such as \"eu | us\"; `{on}` is a component")
        }
        FaultKind::Cut | FaultKind::Loss { .. } => {
            format!("`{word}` is for connections, such as \"a -> b\"; `{on}` is a component")
        }
        FaultKind::Flush => format!("only caches can be flushed; `{on}` is a {noun}"),
        FaultKind::Traffic { .. } => format!("only clients have traffic; `{on}` is a {noun}"),
        FaultKind::HotKey { .. } => format!("only clients ask for keys; `{on}` is a {noun}"),
        FaultKind::Deploy(_) => format!("only servers get new versions; `{on}` is a {noun}"),
        FaultKind::Errors { .. } if kind == Kind::Dns => {
            format!("`{on}` is a {noun}, which does not answer with errors")
        }
        _ if kind == Kind::Client => {
            format!("`{on}` is a client, whose only faults are `Traffic` and `HotKey`")
        }
        _ => format!("`{on}` is a {noun}, which has no slots to lose"),
    }
}
