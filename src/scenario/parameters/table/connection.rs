//! An arrow.

use super::{choice, client::RETRIES, row, variant};
use crate::scenario::{
    check::limits,
    parameters::{Choice, Editor, Parameter, Variant, Whose},
};

/// The parameters of a connection.
pub const CONNECTION: &[Parameter] = &[
    row("from", "From", Editor::Target, "", "Name of the caller").required().changes("who calls"),
    row("to", "To", Editor::Target, "", "Name of the callee").required().changes("who is called"),
    row("step", "Step", Editor::Integer, "none", "Step of the caller's plan; the same number means in parallel; none: what drawing the arrow means")
        .within(limits::STEP)
        .optional().raises("w").of(Whose::Caller),
    row("only", "Only", Editor::Phrase(ONLY), "none", "Which operations take it; none: what drawing the arrow means").optional(),
    row("when", "When", Editor::Choice(WHEN), "none", "On which outcome of the step before; none: what drawing the arrow means").optional(),
    row("mode", "Mode", Editor::Choice(MODES), "Sync", "What the caller does meanwhile"),
    row("probability", "Probability", Editor::Share, "1.0", "Share of the requests that take it at all; the rest skips it").within(limits::SHARE).raises("arrival_rate"),
    row("weight", "Weight", Editor::Number, "none", "Share among the alternatives of a step, of which one is picked; on a load balancer for weighted algorithms")
        .within(limits::WEIGHT)
        .optional().raises("arrival_rate"),
    row("latency", "Latency", Editor::Distribution, "none", "Time under way, each way; none: by its ends' frames, 0.25 ms without")
        .optional()
        .raises("w"),
    row("loss", "Loss", Editor::Share, "0.0", "Share of the messages that are lost, each way").within(limits::SHARE).raises("failure_rate"),
    row("bandwidth", "Bandwidth", Editor::Bandwidth, "none", "How much passes in a second, each way, one message after the other; none: any amount in no time")
        .optional()
        .lowers("w"),
    row("timeout", "Timeout", Editor::Duration, "none", "How long the caller waits for one attempt; none: the client's timeout, or for ever inside").optional().lowers("failures.timeout"),
    row("retries", "Retries", Editor::Group(RETRIES), "none", "What the caller does when an attempt fails; none: the client's retries, or nothing inside").optional().raises("retry_rate"),
    row("breaker", "Circuit breaker", Editor::Group(super::guard::BREAKER), "none", "When the caller stops calling for a while; none: never")
        .optional()
        .raises("failures.breaker_open"),
    row("pool", "Connection pool", Editor::Group(super::guard::POOL), "none", "How many attempts may be under way at once; others wait at the caller; none: any number")
        .optional()
        .raises("wq"),
    row("cancellation", "Cancellation", Editor::Choice(CANCELLATION), "false", "Whether a caller that walks away tells the callee, which then stops what it was asked for")
        .raises("failures.cancelled")
        .of(Whose::Callee)
        .source("gRPC, Cancellation guide"),
    row("hedge", "Hedge", Editor::Group(super::guard::HEDGE), "none", "When the caller makes a second attempt without having given up the first; none: never")
        .optional()
        .raises("hedge_rate")
        .source("Dean and Barroso 2013"),
    row("link", "Carries", Editor::Variants(LINKS), "Calls", "What flows along the arrow"),
];

const CANCELLATION: &[Choice] = &[
    choice("false", "The work goes on"),
    choice("true", "It is stopped")
        .raises("failures.cancelled")
        .of(Whose::Callee),
];

const ONLY: &[Choice] = &[
    choice("All", "Every operation"),
    choice("Reads", "Operations that read").lowers("arrival_rate"),
    choice("Writes", "Operations that write").lowers("arrival_rate"),
    choice("Named", "The named operations").lowers("arrival_rate"),
];

const WHEN: &[Choice] = &[
    choice("Always", "When the step before did not fail"),
    choice(
        "OnMiss",
        "When a cache in the step before did not have the key",
    )
    .lowers("arrival_rate"),
    choice("OnFailure", "When the step before failed").lowers("arrival_rate"),
];

const MODES: &[Choice] = &[
    choice("Sync", "Keeps its slot and waits for the reply"),
    choice("Async", "Goes on; nobody waits for the reply")
        .lowers("w")
        .of(Whose::Caller),
    choice("Forward", "Frees its slot and hands the call on")
        .lowers("held")
        .of(Whose::Caller),
];

const LINKS: &[Variant] = &[
    variant("Calls", "Calls and their replies", &[]),
    variant("Replication", "A primary's log to its replica", REPLICATION)
        .changes("what flows along it"),
    variant("DeadLetters", "Messages a queue gave up on", &[]).changes("what flows along it"),
];

const REPLICATION: &[Parameter] = &[
    row(
        "mode",
        "Mode",
        Editor::Choice(REPLICATION_MODES),
        "Async",
        "Whether a write waits for the replica",
    ),
    row(
        "lag",
        "Lag",
        Editor::Distribution,
        "0s",
        "How long a log record is under way",
    )
    .raises("replication_lag")
    .of(Whose::Callee),
];

const REPLICATION_MODES: &[Choice] = &[choice("Async", "It does not")];
