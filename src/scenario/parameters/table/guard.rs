//! What guards an arrow.

use super::{row, variant};
use crate::scenario::{
    check::limits,
    parameters::{Editor, Parameter, Variant},
};

pub const BREAKER: &[Parameter] = &[
    row(
        "trip",
        "Opens on",
        Editor::Variants(TRIPS),
        "Consecutive",
        "What opens it",
    ),
    row(
        "open",
        "Open for",
        Editor::Duration,
        "1min",
        "How long it stays open before it lets probes through",
    )
    .raises("failures.breaker_open")
    .source("Resilience4j 2, waitDurationInOpenState"),
    row(
        "probes",
        "Probes",
        Editor::Integer,
        "1",
        "Probes that must all be answered well for it to close",
    )
    .within(limits::FAILURES)
    .raises("failures.breaker_open")
    .source("Nygard 2007, section 5.2"),
];

const TRIPS: &[Variant] = &[
    variant("Consecutive", "So many failures in a row", CONSECUTIVE),
    variant(
        "Ratio",
        "A share of failures among the last attempts",
        RATIO,
    )
    .changes("when the breaker opens"),
];

const CONSECUTIVE: &[Parameter] = &[row(
    "failures",
    "Failures",
    Editor::Integer,
    "5",
    "How many failures in a row open it",
)
.within(limits::FAILURES)
.lowers("failures.breaker_open")
.source("Envoy, outlier detection, consecutive_5xx")];

const RATIO: &[Parameter] = &[
    row(
        "share",
        "Share",
        Editor::Share,
        "0.5",
        "Share of failures that opens it",
    )
    .within(limits::SOME)
    .lowers("failures.breaker_open")
    .source("Resilience4j 2, failureRateThreshold"),
    row(
        "window",
        "Window",
        Editor::Integer,
        "100",
        "How many attempts back it looks",
    )
    .within(limits::FAILURES)
    .lowers("failures.breaker_open")
    .source("Resilience4j 2, slidingWindowSize"),
    row(
        "least",
        "At least",
        Editor::Integer,
        "100",
        "It does not open before so many attempts have ended",
    )
    .within(limits::FAILURES)
    .lowers("failures.breaker_open")
    .source("Resilience4j 2, minimumNumberOfCalls"),
];

pub const BUDGET: &[Parameter] = &[
    row(
        "ratio",
        "Ratio",
        Editor::Share,
        "0.1",
        "Retries and second attempts as a share of the first",
    )
    .within(limits::SHARE)
    .raises("retry_rate")
    .source("Beyer et al. 2016, chapter 21: 10 % a client"),
    row(
        "per_second",
        "Besides",
        Editor::Rate,
        "10",
        "So many per second besides, for those with little traffic",
    )
    .unit("retries/s")
    .within(limits::RATE)
    .raises("retry_rate")
    .source("Finagle, RetryBudget, minRetriesPerSec"),
    row(
        "burst",
        "Burst",
        Editor::Integer,
        "10",
        "Most of them that can be saved up",
    )
    .within(limits::TOKENS)
    .raises("retry_rate")
    .source("gRPC proposal A6, maxTokens"),
];

pub const POOL: &[Parameter] = &[
    row(
        "max",
        "Places",
        Editor::Integer,
        "10",
        "Most attempts under way at once",
    )
    .within(limits::SLOTS)
    .lowers("wq")
    .source("HikariCP, maximumPoolSize"),
    row(
        "wait",
        "Waits at most",
        Editor::Duration,
        "30s",
        "How long one waits for a place before it fails; none: as long as it takes",
    )
    .optional()
    .lowers("failures.pool_exhausted")
    .source("HikariCP, connectionTimeout"),
    row(
        "queue",
        "Line",
        Editor::Integer,
        "none",
        "How many may wait for a place; more fail at once; none: any number",
    )
    .within(limits::LINE)
    .optional()
    .lowers("failures.pool_exhausted"),
];

pub const HEDGE: &[Parameter] = &[row(
    "after",
    "After",
    Editor::Variants(AFTER),
    "Percentile",
    "How long it waits before the second attempt",
)];

const AFTER: &[Variant] = &[
    variant(
        "Percentile",
        "As long as a share of its first attempts took",
        PERCENTILE,
    ),
    variant("Delay", "Always as long", DELAY).changes("when the second attempt is made"),
];

const PERCENTILE: &[Parameter] = &[row(
    "share",
    "Share",
    Editor::Share,
    "0.95",
    "Share of the first attempts that end before",
)
.within(limits::SOME)
.lowers("hedge_rate")
.source("Dean and Barroso 2013: the 95th percentile")];

const DELAY: &[Parameter] = &[row(
    "delay",
    "Delay",
    Editor::Duration,
    "none",
    "How long it waits",
)
.required()
.lowers("hedge_rate")];
