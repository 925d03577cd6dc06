//! What an autoscaler is.

use super::{row, variant};
use crate::scenario::{
    check::limits,
    parameters::{Editor, Parameter, Variant},
};

pub const AUTOSCALER: &[Parameter] = &[
    row(
        "policy",
        "Policy",
        Editor::Variants(POLICIES),
        "Target",
        "What it goes by",
    ),
    row(
        "min",
        "At least",
        Editor::Integer,
        "1",
        "Never fewer instances than this",
    )
    .unit("instances")
    .within(limits::SLOTS)
    .raises("instances"),
    row(
        "max",
        "At most",
        Editor::Integer,
        "10",
        "Never more instances than this",
    )
    .unit("instances")
    .within(limits::SLOTS)
    .raises("instances"),
    row(
        "interval",
        "Looks every",
        Editor::Duration,
        "15s",
        "How often it looks, and over how long it takes means",
    )
    .raises("wq")
    .source("Kubernetes, horizontal-pod-autoscaler-sync-period"),
    row(
        "boot",
        "Boot time",
        Editor::Distribution,
        "1min",
        "Time until an instance that is added takes calls; it costs from the start",
    )
    .raises("wq"),
    row(
        "warm_up",
        "Warm-up",
        Editor::Duration,
        "0s",
        "How long work in a new instance takes longer, from when it takes calls",
    )
    .raises("w"),
    row(
        "cold",
        "Slower at first",
        Editor::Number,
        "2",
        "How many times longer work takes in the warm-up",
    )
    .within(limits::SLOWER)
    .raises("w"),
    row(
        "out_cooldown",
        "Rest after adding",
        Editor::Duration,
        "0s",
        "It adds no instances sooner than this after it has added some",
    )
    .lowers("instances"),
    row(
        "in_cooldown",
        "Rest before taking away",
        Editor::Duration,
        "5min",
        "It takes none away sooner than this after the last change",
    )
    .raises("instances")
    .source("Kubernetes, downscale stabilization"),
];

const fn utilization() -> Parameter {
    row(
        "utilization",
        "Utilization",
        Editor::Share,
        "0.7",
        "Share of busy slots to aim at",
    )
    .within(limits::SOME)
    .lowers("instances")
}

const POLICIES: &[Variant] = &[
    variant(
        "Target",
        "As many as keep the utilization at a target",
        &[utilization()],
    ),
    variant(
        "Steps",
        "So many more or fewer once the utilization has been high or low for a time",
        STEPS,
    )
    .changes("how many instances there are"),
    variant(
        "QueueLength",
        "As many as share the calls in line, so many each",
        &[row(
            "per_instance",
            "Calls for each",
            Editor::Integer,
            "10",
            "Calls in line for each instance",
        )
        .unit("calls")
        .within(limits::COUNT)
        .lowers("instances")],
    )
    .changes("how many instances there are"),
    variant(
        "Scheduled",
        "So many from each of these times on",
        &[row(
            "times",
            "Times",
            Editor::List,
            "[]",
            "From which time on how many instances: (1min, 4), (5min, 2)",
        )
        .required()
        .changes("how many instances there are")],
    )
    .changes("how many instances there are"),
    variant(
        "Predictive",
        "A target for the load ahead: a straight line through the last looks, a boot time further",
        &[
            utilization(),
            row(
                "window",
                "Window",
                Editor::Duration,
                "10min",
                "How long back the line goes",
            )
            .changes("how many instances there are"),
        ],
    )
    .changes("how many instances there are"),
];

const STEPS: &[Parameter] = &[
    row(
        "above",
        "Above",
        Editor::Share,
        "0.7",
        "Utilization above which instances are added",
    )
    .within(limits::SHARE)
    .lowers("instances"),
    row(
        "out_after",
        "Above for",
        Editor::Duration,
        "5min",
        "For how long it must have been above",
    )
    .lowers("instances"),
    row(
        "add",
        "Adds",
        Editor::Integer,
        "2",
        "How many instances are added at a time",
    )
    .unit("instances")
    .within(limits::COUNT)
    .raises("instances"),
    row(
        "below",
        "Below",
        Editor::Share,
        "0.3",
        "Utilization below which instances are taken away",
    )
    .within(limits::SHARE)
    .lowers("instances"),
    row(
        "in_after",
        "Below for",
        Editor::Duration,
        "10min",
        "For how long it must have been below",
    )
    .raises("instances"),
    row(
        "remove",
        "Takes away",
        Editor::Integer,
        "1",
        "How many instances are taken away at a time",
    )
    .unit("instances")
    .within(limits::COUNT)
    .lowers("instances"),
];
