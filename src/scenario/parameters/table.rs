//! The tables.

mod autoscaler;
mod boxes;
mod client;
mod connection;
mod deploy;
mod events;
mod frame;
mod front;
mod guard;
mod health;
mod limiter;
mod long_lived;
mod prices;
mod server;
mod traffic;

use super::{Choice, Editor, Effect, Parameter, Variant, Whose};
use crate::scenario::Kind;
use crate::scenario::check::limits::{self, Range};

pub use connection::CONNECTION;
pub use events::{FAULT, OBJECTIVE};
pub use frame::{FRAME, LATENCY};

use boxes::{CACHE, DATABASE, LOAD_BALANCER, QUEUE, REPLICA};
use client::CLIENT;
use front::{API_GATEWAY, DNS, FUNCTION};
use limiter::RATE_LIMITER;
use prices::PRICES;
use server::SERVER;

const fn row(
    key: &'static str,
    name: &'static str,
    editor: Editor,
    default: &'static str,
    explanation: &'static str,
) -> Parameter {
    Parameter {
        key,
        name,
        unit: "",
        range: None,
        default,
        explanation,
        editor,
        optional: false,
        required: false,
        source: "",
        effect: Effect::Unsaid,
    }
}

impl Parameter {
    const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    const fn within(self, range: Range) -> Self {
        Self {
            range: Some(range),
            ..self
        }
    }

    const fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }
}

const fn choice(word: &'static str, explanation: &'static str) -> Choice {
    Choice {
        word,
        explanation,
        effect: Effect::Unsaid,
    }
}

const fn variant(
    word: &'static str,
    explanation: &'static str,
    parameters: &'static [Parameter],
) -> Variant {
    Variant {
        word,
        explanation,
        effect: Effect::Unsaid,
        parameters,
    }
}

/// The parameters of a kind of component.
pub const fn of_kind(kind: Kind) -> &'static [Parameter] {
    match kind {
        Kind::Client => CLIENT,
        Kind::LoadBalancer => LOAD_BALANCER,
        Kind::RateLimiter => RATE_LIMITER,
        Kind::ApiGateway => API_GATEWAY,
        Kind::Dns => DNS,
        Kind::Function => FUNCTION,
        Kind::Server => SERVER,
        Kind::Cache => CACHE,
        Kind::Database => DATABASE,
        Kind::Replica => REPLICA,
        Kind::Queue => QUEUE,
    }
}

/// The parameters of the scenario as a whole.
pub const SCENARIO: &[Parameter] = &[
    row(
        "name",
        "Name",
        Editor::Text,
        "",
        "What the scenario is called",
    )
    .changes_nothing(),
    row(
        "notes",
        "Notes",
        Editor::Text,
        "",
        "What to watch, for people",
    )
    .changes_nothing(),
    row(
        "seed",
        "Seed",
        Editor::Integer,
        "1",
        "Start of every random stream: the same seed gives the same run",
    )
    .changes("luck"),
    row(
        "run",
        "Run",
        Editor::Group(RUN),
        "()",
        "How long a run without flags lasts",
    ),
    row(
        "prices",
        "Prices",
        Editor::Group(PRICES),
        "()",
        "What things cost, in dollars",
    ),
];

const RUN: &[Parameter] = &[
    row(
        "duration",
        "Duration",
        Editor::Duration,
        "10min",
        "Simulated time of a run, warm-up included",
    )
    .changes("when a run without flags ends"),
    row(
        "warm_up",
        "Warm-up",
        Editor::Duration,
        "0s",
        "Simulated time at the start that no measure includes",
    )
    .changes("when measuring begins"),
];

/// The parameters of an operation.
pub const OPERATION: &[Parameter] = &[
    row(
        "kind",
        "Kind",
        Editor::Choice(OPERATION_KINDS),
        "Read",
        "Whether it reads or writes",
    )
    .required(),
    row(
        "weight",
        "Weight",
        Editor::Number,
        "1",
        "Share of the traffic relative to the other operations",
    )
    .within(limits::WEIGHT)
    .raises("arrival_rate"),
    row(
        "priority",
        "Priority",
        Editor::Integer,
        "0",
        "Who goes first where the line is one of `Priority`: the higher",
    )
    .within(limits::PRIORITY)
    .lowers("w"),
    row(
        "request",
        "Request size",
        Editor::Size,
        "0B",
        "How much a request carries, on every connection that it goes over and in every attempt",
    )
    .raises("w")
    .of(Whose::System),
    row(
        "reply",
        "Reply size",
        Editor::Size,
        "0B",
        "How much its answer carries when it was answered well; that something failed takes nothing",
    )
    .raises("w")
    .of(Whose::System),
];

const OPERATION_KINDS: &[Choice] = &[
    choice("Read", "Leaves data as it is"),
    choice("Write", "Makes a new version of its key").raises("w"),
];
