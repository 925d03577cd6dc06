//! When requests come, and what they are about.

use super::long_lived::LONG_LIVED;
use super::{choice, row, variant};
use crate::scenario::{
    check::limits,
    parameters::{Choice, Editor, Parameter, Variant, Whose},
};

pub const ARRIVALS: &[Variant] = &[
    variant(
        "Poisson",
        "Open: at random, and never slower because the system is slow",
        OPEN,
    ),
    variant("Constant", "Open: one request every 1/rate", OPEN)
        .lowers("w")
        .of(Whose::System),
    variant(
        "Uniform",
        "Open: the time between two requests is uniform between 0 and 2/rate",
        OPEN,
    )
    .lowers("w")
    .of(Whose::System),
    variant(
        "Bursts",
        "Open: at random at one of two rates that take turns (MMPP); on and off when the low one is 0",
        BURSTS,
    )
    .raises("w")
    .of(Whose::System),
    variant(
        "Batches",
        "Open: several at the same instant; batches come at random",
        BATCHES,
    )
    .raises("w")
    .of(Whose::System),
    variant(
        "Recorded",
        "Open: at the times of a list or of a column of a CSV file",
        RECORDED,
    )
    .changes("when requests come"),
    variant(
        "Sessions",
        "Partly open: sessions start at random; each asks, waits for the answer, thinks, and asks again",
        SESSIONS,
    )
    .changes("who waits for whom"),
    variant(
        "Closed",
        "Users who think, ask and wait for the answer",
        CLOSED,
    )
    .changes("who waits for whom"),
    variant(
        "LongLived",
        "Users who each keep one connection open, as over a WebSocket, and send messages over it",
        LONG_LIVED,
    )
    .raises("open_connections"),
];

const RATE: Parameter = row("rate", "Rate", Editor::Rate, "100", "Requests per second")
    .unit("requests/s")
    .within(limits::RATE)
    .required()
    .raises("arrival_rate");

const PROFILE: Parameter = row(
    "profile",
    "Profile",
    Editor::List,
    "[]",
    "How the rate changes over time: Steps, Ramp, Day and Spike, added up",
)
.raises("arrival_rate");

const OPEN: &[Parameter] = &[RATE, PROFILE];

const BURSTS: &[Parameter] = &[
    row(
        "low",
        "Low rate",
        Editor::Rate,
        "50",
        "Requests per second between bursts; 0: on and off",
    )
    .unit("requests/s")
    .within(limits::RATE)
    .required()
    .raises("arrival_rate"),
    row(
        "high",
        "High rate",
        Editor::Rate,
        "550",
        "Requests per second during a burst",
    )
    .unit("requests/s")
    .within(limits::RATE)
    .required()
    .raises("arrival_rate"),
    row(
        "low_for",
        "Between bursts",
        Editor::Duration,
        "9s",
        "Mean time between two bursts, exponential",
    )
    .required()
    .lowers("arrival_rate"),
    row(
        "high_for",
        "Burst",
        Editor::Duration,
        "1s",
        "Mean length of a burst, exponential",
    )
    .required()
    .raises("arrival_rate"),
    PROFILE,
];

const BATCHES: &[Parameter] = &[
    RATE,
    row(
        "size",
        "Batch",
        Editor::Number,
        "5",
        "Requests in a batch, on average",
    )
    .unit("requests")
    .within(limits::BATCH)
    .required()
    .raises("w")
    .of(Whose::System),
    row(
        "sizes",
        "Sizes",
        Editor::Choice(SIZES),
        "Constant",
        "How the sizes of the batches differ",
    ),
    PROFILE,
];

const SIZES: &[Choice] = &[
    choice("Constant", "All are the same"),
    choice(
        "Geometric",
        "Geometric, at least one: small ones are common",
    )
    .raises("w")
    .of(Whose::System),
];

const RECORDED: &[Parameter] = &[
    row(
        "times",
        "Times",
        Editor::Times,
        "[100ms, 200ms, 500ms, 1s]",
        "When requests come, from the start of the run: a list, or the name of a CSV file beside the scenario",
    )
    .required()
    .changes("when requests come"),
    row(
        "column",
        "Column",
        Editor::Text,
        "none",
        "The name of the column in the first line of the file; none: the first column",
    )
    .optional()
    .changes("which times are taken"),
    row(
        "unit",
        "Unit",
        Editor::Choice(UNITS),
        "s",
        "What numbers without a unit count in the file",
    ),
    row(
        "repeat",
        "Starts over",
        Editor::Duration,
        "none",
        "After how long the list starts over; none: never",
    )
    .optional()
    .lowers("arrival_rate"),
];

const UNITS: &[Choice] = &[
    choice("s", "Seconds"),
    choice("ms", "Milliseconds").raises("w").of(Whose::System),
    choice("us", "Microseconds").raises("w").of(Whose::System),
    choice("ns", "Nanoseconds").raises("w").of(Whose::System),
];

const SESSIONS: &[Parameter] = &[
    row(
        "starts",
        "Starts",
        Editor::Rate,
        "20",
        "Sessions that start per second",
    )
    .unit("sessions/s")
    .within(limits::RATE)
    .required()
    .raises("arrival_rate"),
    row(
        "requests",
        "Requests",
        Editor::Number,
        "5",
        "Requests in a session on average; geometric, at least one",
    )
    .unit("requests")
    .within(limits::BATCH)
    .required()
    .raises("arrival_rate"),
    row(
        "think",
        "Think time",
        Editor::Distribution,
        "0s",
        "Time between an answer and the next request of the session",
    )
    .changes("when the next request of a session comes"),
    row(
        "profile",
        "Profile",
        Editor::List,
        "[]",
        "How the rate of the starts changes over time: Steps, Ramp, Day and Spike, added up",
    )
    .raises("arrival_rate"),
];

const CLOSED: &[Parameter] = &[
    row("users", "Users", Editor::Integer, "20", "Number of users")
        .unit("users")
        .within(limits::USERS)
        .required().raises("arrival_rate"),
    row(
        "think",
        "Think time",
        Editor::Distribution,
        "0s",
        "Time between an answer and the next request; 1ms where a refusal took no time and this is none",
    ).lowers("arrival_rate"),
];

pub const KEYS: &[Variant] = &[
    variant("Uniform", "Every item is as likely", UNIFORM_KEYS)
        .lowers("hit_ratio")
        .of(Whose::Callee),
    variant(
        "Zipf",
        "The item of rank i has probability proportional to i^-s",
        ZIPF_KEYS,
    ),
    variant(
        "HotSet",
        "A part of the items gets most of the requests",
        HOT_SET,
    )
    .changes("which items are asked for"),
    variant(
        "Sequential",
        "One item after the other, and again from the first",
        &[ITEMS],
    )
    .lowers("hit_ratio")
    .of(Whose::Callee),
];

const HOT_SET: &[Parameter] = &[
    ITEMS,
    row(
        "hot",
        "Hot items",
        Editor::Share,
        "0.2",
        "Share of the items that are hot; at least one is",
    )
    .within(limits::SHARE)
    .lowers("hit_ratio")
    .of(Whose::Callee),
    row(
        "traffic",
        "Hot traffic",
        Editor::Share,
        "0.8",
        "Share of the requests that the hot items get",
    )
    .within(limits::SHARE)
    .raises("hit_ratio")
    .of(Whose::Callee)
    .source("80/20: Pareto's rule"),
];

const UNIFORM_KEYS: &[Parameter] = &[ITEMS];

const ZIPF_KEYS: &[Parameter] = &[
    ITEMS,
    row(
        "s",
        "Exponent",
        Editor::Number,
        "1.0",
        "How much the popular items stand out; 0: not at all",
    )
    .within(limits::ZIPF)
    .raises("hit_ratio")
    .of(Whose::Callee),
];

const ITEMS: Parameter = row(
    "items",
    "Items",
    Editor::Integer,
    "10_000",
    "Number of items",
)
.unit("items")
.within(limits::ITEMS)
.required()
.lowers("hit_ratio")
.of(Whose::Callee);
