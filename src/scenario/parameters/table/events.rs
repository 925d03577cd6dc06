//! What goes wrong, and what must hold.

use super::{row, variant};
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
        "A component, or a connection such as `a -> b`",
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
    variant("Slow", "Work that starts meanwhile takes longer", SLOW).raises("w"),
    variant("Flush", "A cache loses its keys, at once", &[]).lowers("hit_ratio"),
    variant("Cut", "A connection carries nothing", &[]).lowers("throughput"),
    variant("Traffic", "A client sends more", TRAFFIC).raises("arrival_rate"),
];

const SLOW: &[Parameter] = &[row(
    "times",
    "Times",
    Editor::Number,
    "4",
    "Factor on service times",
)
.within(limits::SLOWER)
.required()
.raises("w")];

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
