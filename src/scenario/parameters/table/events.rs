//! What goes wrong, and what must hold.

use super::{deploy::DEPLOY, row, variant};
use crate::scenario::{
    check::limits,
    parameters::{Editor, Parameter, Variant, Whose},
};

/// The parameters of a fault.
pub const FAULT: &[Parameter] = &[
    row("at", "Starts", Editor::Duration, "1min", "When it starts")
        .required()
        .lowers("failure_rate")
        .of(Whose::System),
    row(
        "until",
        "Ends",
        Editor::Duration,
        "none",
        "When it ends; none: when it is healed by hand",
    )
    .optional()
    .raises("failure_rate")
    .of(Whose::System),
    row(
        "on",
        "On",
        Editor::Target,
        "",
        "A component, one instance of it such as `api #2`, a connection such as `a -> b`, a frame, or what is between two such as `eu | us`",
    )
    .required()
    .changes("what goes wrong where"),
    row(
        "fault",
        "Fault",
        Editor::Variants(FAULTS),
        "Crash",
        "What goes wrong",
    )
    .required(),
];

const FAULTS: &[Variant] = &[
    variant("Crash", "Refuses at once; everything inside is lost", &[]).raises("failures.down"),
    variant("Hang", "Takes calls and never answers them", &[]).lowers("throughput"),
    variant("Pause", "Stands still and goes on where it was", &[]).raises("w"),
    variant(
        "Slow",
        "Work that starts meanwhile takes longer; on a connection: messages are longer under way",
        SLOW,
    )
    .raises("w"),
    variant(
        "Errors",
        "A share of the calls is answered with an error at once, without any work",
        ERRORS,
    )
    .raises("failures.error"),
    variant(
        "Capacity",
        "Some of the instances go down, or of a single one some of its slots",
        CAPACITY,
    )
    .raises("utilization"),
    variant("Flush", "A cache loses its keys, at once", &[]).lowers("hit_ratio"),
    variant("Cut", "A connection carries nothing", &[]).lowers("throughput"),
    variant(
        "Partition",
        "Two frames are cut off from each other, or one from all the rest",
        &[],
    )
    .lowers("throughput")
    .of(Whose::System),
    variant(
        "Loss",
        "A connection loses messages, besides those it loses anyway",
        LOSS,
    )
    .lowers("throughput"),
    variant("Traffic", "A client sends more", TRAFFIC).raises("arrival_rate"),
    variant(
        "HotKey",
        "A share of a client's requests is about one and the same item",
        HOT_KEY,
    )
    .raises("hit_ratio")
    .of(Whose::Callee),
    variant(
        "Deploy",
        "A server gets a new version; rolled back when it ends",
        DEPLOY,
    )
    .raises("new_instances"),
];

const SLOW: &[Parameter] = &[row(
    "times",
    "Times",
    Editor::Number,
    "4",
    "Factor on service times, or on the latency of a connection",
)
.within(limits::SLOWER)
.required()
.raises("w")];

const ERRORS: &[Parameter] =
    &[share("share", "Share", "0.05", "Share of the calls").raises("failures.error")];

const CAPACITY: &[Parameter] = &[share(
    "lost",
    "Lost",
    "0.5",
    "Share of the instances, or of a single one's slots, rounded up",
)
.raises("utilization")];

const LOSS: &[Parameter] =
    &[share("share", "Share", "0.05", "Share of the messages, each way").lowers("throughput")];

const HOT_KEY: &[Parameter] = &[share("share", "Share", "0.5", "Share of the requests")
    .raises("hit_ratio")
    .of(Whose::Callee)];

const fn share(
    key: &'static str,
    name: &'static str,
    default: &'static str,
    explanation: &'static str,
) -> Parameter {
    row(key, name, Editor::Share, default, explanation)
        .within(limits::SHARE)
        .required()
}

const TRAFFIC: &[Parameter] = &[row(
    "times",
    "Times",
    Editor::Number,
    "3",
    "Factor on the arrival rate, or on the number of users of a closed client",
)
.within(limits::FACTOR)
.required()
.raises("arrival_rate")];

/// The parameters of an objective.
pub const OBJECTIVE: &[Parameter] = &[
    row(
        "what",
        "Measure",
        Editor::Variants(MEASURES),
        "Availability",
        "What is measured",
    )
    .required(),
    row(
        "of",
        "Of",
        Editor::Target,
        "",
        "The component it is measured at",
    )
    .required()
    .changes("what must hold"),
    row(
        "below",
        "Below",
        Editor::Limit,
        "none",
        "The measure must stay below this",
    )
    .optional()
    .changes("what must hold"),
    row(
        "above",
        "Above",
        Editor::Limit,
        "none",
        "The measure must stay above this",
    )
    .optional()
    .changes("what must hold"),
];

const MEASURES: &[Variant] = &[
    variant("Latency", "A percentile of the latency", LATENCY).changes("what must hold"),
    variant(
        "Availability",
        "Share of the requests that were answered well",
        &[],
    ),
    variant(
        "Goodput",
        "Requests per second answered well and in time",
        &[],
    )
    .changes("what must hold"),
    variant("Utilization", "Busy slot-time over slot-time on offer", &[]).changes("what must hold"),
    variant(
        "HitRatio",
        "Share of a cache's lookups that found the key",
        &[],
    )
    .changes("what must hold"),
    variant(
        "StaleShare",
        "Share of reads that returned an old version",
        &[],
    )
    .changes("what must hold"),
];

const LATENCY: &[Parameter] = &[row(
    "percentile",
    "Percentile",
    Editor::Number,
    "99",
    "Which percentile",
)
.within(limits::PERCENTILE)
.required()
.changes("what must hold")];
