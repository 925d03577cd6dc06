//! What a deploy is.

use super::{choice, row, variant};
use crate::scenario::{
    check::limits,
    parameters::{Choice, Editor, Parameter, Variant},
};

pub const DEPLOY: &[Parameter] = &[
    row(
        "speed",
        "Speed",
        Editor::Number,
        "1",
        "How many times as fast the new version is as what is drawn",
    )
    .within(limits::SPEED)
    .lowers("w"),
    row(
        "errors",
        "Errors",
        Editor::Share,
        "0",
        "Share of its calls that the new version answers with an error",
    )
    .within(limits::SHARE)
    .raises("failures.error"),
    row(
        "strategy",
        "Strategy",
        Editor::Variants(STRATEGIES),
        "Rolling",
        "In which order instances are replaced",
    ),
    row(
        "boot",
        "Boot time",
        Editor::Duration,
        "30s",
        "Time until an instance of the new version takes calls",
    )
    .lowers("new_instances"),
    row(
        "warm_up",
        "Warm-up",
        Editor::Duration,
        "0s",
        "How long work in an instance of the new version takes longer, from when it takes calls",
    )
    .raises("w"),
    row(
        "cold",
        "Slower at first",
        Editor::Number,
        "2",
        "How many times longer work takes in the warm-up after a deploy",
    )
    .within(limits::SLOWER)
    .raises("w"),
    row(
        "drain",
        "Drain",
        Editor::Duration,
        "30s",
        "The longest an instance may take to finish what it has; then that is lost",
    )
    .lowers("failures.down")
    .source("Kubernetes, terminationGracePeriodSeconds"),
    row(
        "roll_back",
        "Roll-back",
        Editor::Group(ROLL_BACK),
        "none",
        "When the version before is put back by itself; none: never",
    )
    .optional()
    .lowers("new_instances"),
];

const fn batch(explanation: &'static str) -> Parameter {
    row("batch", "Batch", Editor::Integer, "1", explanation)
        .unit("instances")
        .within(limits::SLOTS)
        .raises("new_instances")
}

const STRATEGIES: &[Variant] = &[
    variant(
        "Rolling",
        "So many at a time, the next ones once these serve and are warm",
        &[
            batch("How many are replaced at a time"),
            row(
                "surge",
                "Surge",
                Editor::Choice(YES_NO),
                "false",
                "Whether new ones boot beside those they replace, which drain only then",
            ),
        ],
    ),
    variant(
        "Canary",
        "First some, which are watched for a time; then the others",
        &[
            row(
                "instances",
                "Canary",
                Editor::Integer,
                "1",
                "How many are replaced first",
            )
            .unit("instances")
            .within(limits::SLOTS)
            .raises("new_instances"),
            row(
                "watch",
                "Watched for",
                Editor::Duration,
                "5min",
                "How long the canary serves before the others are replaced",
            )
            .lowers("new_instances"),
            batch("How many of the others are replaced at a time"),
        ],
    )
    .lowers("new_instances"),
    variant(
        "BlueGreen",
        "A second full set boots beside the first; then all calls go there at once",
        &[row(
            "keep",
            "Kept for",
            Editor::Duration,
            "5min",
            "How long the first set is kept, booted, after the switch",
        )
        .raises("instances")],
    )
    .raises("instances"),
];

const YES_NO: &[Choice] = &[
    choice("false", "No"),
    choice("true", "Yes").raises("instances"),
];

const ROLL_BACK: &[Parameter] = &[
    row(
        "every",
        "Looks every",
        Editor::Duration,
        "10s",
        "How often it looks at the calls of the new version",
    )
    .raises("new_instances"),
    row(
        "calls",
        "Calls",
        Editor::Integer,
        "100",
        "So many are enough to judge",
    )
    .unit("calls")
    .within(limits::MESSAGES)
    .raises("new_instances"),
    row(
        "failures",
        "Failures",
        Editor::Share,
        "0.01",
        "More than this share of them has failed",
    )
    .within(limits::SHARE)
    .raises("new_instances"),
    row(
        "latency",
        "Latency",
        Editor::Duration,
        "none",
        "Or they took longer than this on average; none: however long",
    )
    .optional()
    .raises("new_instances"),
];
