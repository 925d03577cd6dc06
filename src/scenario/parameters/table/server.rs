//! What a server is.

use super::autoscaler::AUTOSCALER;
use super::boxes::{FAILURES, LINE, slots};
use super::long_lived::MAX_CONNECTIONS;
use super::{row, variant};
use crate::scenario::{
    check::limits,
    parameters::{Editor, Parameter, Variant},
};

pub const SERVER: &[Parameter] = &[
    row(
        "instances",
        "Instances",
        Editor::Integer,
        "1",
        "Identical machines, each with its own slots and its own line",
    )
    .within(limits::SLOTS)
    .lowers("wq"),
    row(
        "autoscaler",
        "Autoscaler",
        Editor::Group(AUTOSCALER),
        "none",
        "Changes the number of instances while it runs; then `instances` is how many there are at first",
    )
    .optional()
    .lowers("wq"),
    slots("8", "Calls that one instance works on at the same time"),
    row(
        "service",
        "Service time",
        Editor::Distribution,
        "Exponential(10ms)",
        "Own work per call, before it calls others",
    )
    .raises("w"),
    row(
        "per_operation",
        "Per operation",
        Editor::Map,
        "",
        "Own work for single operations where it differs",
    )
    .raises("w"),
    row(
        "speed",
        "Speed",
        Editor::Number,
        "1",
        "How many times as fast its machines are: own work takes as many times less",
    )
    .within(limits::SPEED)
    .lowers("w"),
    row(
        "contention",
        "Contention",
        Editor::Group(CONTENTION),
        "none",
        "How calls that an instance works on at the same time slow each other down (Universal Scalability Law); none: they don't",
    )
    .optional()
    .raises("w"),
    LINE,
    MAX_CONNECTIONS,
    row(
        "shed",
        "Load shedding",
        Editor::Group(SHED),
        "none",
        "When an instance that has too much to do turns new calls away, so that others are served in time",
    )
    .optional()
    .raises("failures.shed"),
    row(
        "pauses",
        "Pauses",
        Editor::Group(PAUSES),
        "none",
        "Whether each instance stands still now and then, as for a garbage collection",
    )
    .optional()
    .raises("w"),
    FAILURES,
];

const CONTENTION: &[Parameter] = &[
    row(
        "alpha",
        "Serial share α",
        Editor::Share,
        "0.05",
        "Share of the work that only one call at a time can do",
    )
    .within(limits::SHARE)
    .raises("w"),
    row(
        "beta",
        "Crosstalk β",
        Editor::Share,
        "0.0",
        "What each pair of calls costs to agree with each other",
    )
    .within(limits::SHARE)
    .raises("w"),
];

const SHED: &[Parameter] = &[
    row(
        "when",
        "When",
        Editor::Variants(SHED_WHEN),
        "Line",
        "What too much to do is",
    ),
    row(
        "spares",
        "Spares priority",
        Editor::Integer,
        "none",
        "Operations of this priority or a higher one are not turned away; none: all are",
    )
    .within(limits::PRIORITY)
    .optional()
    .changes("who is spared"),
];

const SHED_WHEN: &[Variant] = &[
    variant(
        "Line",
        "Many calls are in line",
        &[row(
            "calls",
            "Calls in line",
            Editor::Integer,
            "10",
            "With so many calls in line the next ones are turned away",
        )
        .unit("calls")
        .within(limits::LINE)
        .lowers("failures.shed")],
    ),
    variant(
        "Wait",
        "There is a line, and who left it last had waited long",
        &[row(
            "longer",
            "Longer than",
            Editor::Duration,
            "20ms",
            "A longer wait is too long",
        )
        .lowers("failures.shed")
        .source("Zhou et al. 2018, DAGOR")],
    )
    .changes("who is turned away"),
    variant(
        "Utilization",
        "Most slots are taken, as an exponentially smoothed mean (Beyer et al. 2016, chapter 21)",
        &[
            row(
                "above",
                "Above",
                Editor::Share,
                "0.9",
                "A larger share of the slots is too much",
            )
            .within(limits::SHARE)
            .lowers("failures.shed"),
            row(
                "over",
                "Over",
                Editor::Duration,
                "1s",
                "The time constant: after it 63 % of a change have been noticed",
            )
            .changes("how soon it sheds"),
        ],
    )
    .changes("who is turned away"),
];

const PAUSES: &[Parameter] = &[
    row(
        "every",
        "Every",
        Editor::Distribution,
        "Exponential(10s)",
        "Time from the end of a pause to the next one",
    )
    .lowers("w"),
    row(
        "length",
        "Length",
        Editor::Distribution,
        "100ms",
        "How long one takes",
    )
    .raises("w"),
];
