//! A rate limiter.

use super::{boxes::FAILURES, choice, row, variant};
use crate::scenario::{
    check::limits,
    parameters::{Choice, Editor, Parameter, Variant},
};

pub const RATE_LIMITER: &[Parameter] = &[
    row(
        "limit",
        "Limit",
        Editor::Variants(LIMITS),
        "TokenBucket(burst: 100, rate: 10)",
        "How much it lets through",
    ),
    row(
        "scope",
        "Scope",
        Editor::Choice(SCOPES),
        "Global",
        "Which calls count together",
    ),
    row(
        "excess",
        "Above the limit",
        Editor::Variants(EXCESS),
        "Refuse",
        "What becomes of a call above the limit",
    ),
    FAILURES,
];

const LIMITS: &[Variant] = &[
    variant(
        "TokenBucket",
        "Tokens flow into a bucket until it is full; each call takes one",
        TOKEN_BUCKET,
    ),
    variant(
        "LeakyBucket",
        "Calls wait in a bucket and leave it one by one, 1/rate apart or more",
        LEAKY_BUCKET,
    )
    .raises("wq"),
    variant(
        "FixedWindow",
        "So many calls from each full multiple of the window to the next",
        WINDOW,
    )
    .lowers("throughput"),
    variant(
        "SlidingLog",
        "So many calls in every stretch of time as long as the window",
        WINDOW,
    )
    .lowers("throughput"),
    variant(
        "SlidingCounter",
        "A fixed window, with a share of the window before",
        WINDOW,
    )
    .lowers("throughput"),
];

pub const TOKEN_BUCKET: &[Parameter] = &[
    row(
        "burst",
        "Burst",
        Editor::Integer,
        "100",
        "Tokens that the bucket holds; it is full at the start",
    )
    .unit("tokens")
    .within(limits::BURST)
    .lowers("failures.rate_limited"),
    row("rate", "Rate", Editor::Rate, "10", "Tokens per second")
        .unit("tokens/s")
        .within(limits::LIMIT)
        .raises("throughput"),
];

const LEAKY_BUCKET: &[Parameter] = &[
    row(
        "capacity",
        "Bucket",
        Editor::Integer,
        "100",
        "Calls that wait in the bucket; what finds it full is refused",
    )
    .unit("calls")
    .within(limits::LINE)
    .lowers("failures.rate_limited"),
    row(
        "rate",
        "Rate",
        Editor::Rate,
        "10",
        "Calls per second that it leaks",
    )
    .unit("calls/s")
    .within(limits::LIMIT)
    .raises("throughput"),
];

pub const WINDOW: &[Parameter] = &[
    row("limit", "Limit", Editor::Integer, "10", "Calls in a window")
        .unit("calls")
        .within(limits::BURST)
        .required()
        .raises("throughput"),
    row(
        "window",
        "Window",
        Editor::Duration,
        "1s",
        "Length of the window",
    )
    .lowers("throughput"),
];

pub const SCOPES: &[Choice] = &[
    choice("Global", "All calls together"),
    choice("PerSession", "Those of each session apart").raises("throughput"),
];

const EXCESS: &[Variant] = &[
    variant("Refuse", "It is refused at once (429)", &[]),
    variant("Wait", "It waits in line, first come, first served", WAIT).raises("wq"),
];

const WAIT: &[Parameter] = &[row(
    "capacity",
    "Places in line",
    Editor::Integer,
    "none",
    "Most calls that wait, for each bucket or counter; none: no limit",
)
.unit("calls")
.within(limits::LINE)
.optional()
.lowers("failures.rate_limited")];
