//! What goes wrong, and what must hold.

use super::{row, variant};
use crate::scenario::{
    check::limits,
    parameters::{Editor, Parameter, Variant},
};

/// The parameters of a fault.
pub const FAULT: &[Parameter] = &[
    row("at", "Starts", Editor::Duration, "1min", "When it starts").required(),
    row(
        "until",
        "Ends",
        Editor::Duration,
        "none",
        "When it ends; none: when it is healed by hand",
    )
    .optional(),
    row(
        "on",
        "On",
        Editor::Target,
        "",
        "A component, or a connection such as `a -> b`",
    )
    .required(),
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
    variant("Crash", "Refuses at once; everything inside is lost", &[]),
    variant("Hang", "Takes calls and never answers them", &[]),
    variant("Pause", "Stands still and goes on where it was", &[]),
    variant("Slow", "Work that starts meanwhile takes longer", SLOW),
    variant("Flush", "A cache loses its keys, at once", &[]),
    variant("Cut", "A connection carries nothing", &[]),
    variant("Traffic", "A client sends more", TRAFFIC),
];

const SLOW: &[Parameter] = &[row(
    "times",
    "Times",
    Editor::Number,
    "4",
    "Factor on service times",
)
.within(limits::SLOWER)
.required()];

const TRAFFIC: &[Parameter] = &[row(
    "times",
    "Times",
    Editor::Number,
    "3",
    "Factor on the arrival rate, or on the number of users of a closed client",
)
.within(limits::FACTOR)
.required()];

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
    .required(),
    row(
        "below",
        "Below",
        Editor::Limit,
        "none",
        "The measure must stay below this",
    )
    .optional(),
    row(
        "above",
        "Above",
        Editor::Limit,
        "none",
        "The measure must stay above this",
    )
    .optional(),
];

const MEASURES: &[Variant] = &[
    variant("Latency", "A percentile of the latency", LATENCY),
    variant(
        "Availability",
        "Share of the requests that were answered well",
        &[],
    ),
    variant(
        "Goodput",
        "Requests per second answered well and in time",
        &[],
    ),
    variant("Utilization", "Busy slot-time over slot-time on offer", &[]),
    variant(
        "HitRatio",
        "Share of a cache's lookups that found the key",
        &[],
    ),
    variant(
        "StaleShare",
        "Share of reads that returned an old version",
        &[],
    ),
];

const LATENCY: &[Parameter] = &[row(
    "percentile",
    "Percentile",
    Editor::Number,
    "99",
    "Which percentile",
)
.within(limits::PERCENTILE)
.required()];
