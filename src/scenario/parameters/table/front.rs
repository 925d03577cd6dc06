//! What stands in front of services, and functions.

use super::{
    boxes::{FAILURES, LINE, slots},
    choice,
    health::HEALTH,
    limiter::{SCOPES, TOKEN_BUCKET, WINDOW},
    row, variant,
};
use crate::scenario::{
    check::limits,
    parameters::{Choice, Editor, Parameter, Variant, Whose},
};

pub const API_GATEWAY: &[Parameter] = &[
    slots("1000", "Calls in it at the same time"),
    row(
        "authentication",
        "Authentication",
        Editor::Distribution,
        "Exponential(2ms)",
        "Time to make sure who is calling",
    )
    .raises("w"),
    LINE,
    row(
        "rate_limit",
        "Rate limit",
        Editor::Group(RATE_LIMIT),
        "none",
        "What is above it is refused (429)",
    )
    .optional()
    .raises("failures.rate_limited"),
    row(
        "cache",
        "Response cache",
        Editor::Group(RESPONSES),
        "none",
        "Answers to reads that it remembers",
    )
    .optional()
    .lowers("arrival_rate")
    .of(Whose::Callee),
    FAILURES,
];

const RATE_LIMIT: &[Parameter] = &[
    row(
        "limit",
        "Limit",
        Editor::Variants(DOOR_LIMITS),
        "TokenBucket(burst: 100, rate: 10)",
        "How much it lets in",
    ),
    row(
        "scope",
        "Scope",
        Editor::Choice(SCOPES),
        "Global",
        "Which calls count together",
    ),
];

const DOOR_LIMITS: &[Variant] = &[
    variant(
        "TokenBucket",
        "Tokens flow into a bucket until it is full; each call takes one",
        TOKEN_BUCKET,
    ),
    variant(
        "LeakyBucket",
        "Each call fills a bucket that leaks: a meter, nobody waits in it",
        METER,
    )
    .changes("how many pass at once"),
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

const METER: &[Parameter] = &[
    row(
        "capacity",
        "Bucket",
        Editor::Integer,
        "100",
        "Calls that the bucket holds besides the one that may always come when it is empty",
    )
    .unit("calls")
    .within(limits::LINE)
    .lowers("failures.rate_limited"),
    row(
        "rate",
        "Rate",
        Editor::Rate,
        "10",
        "Calls per second that leak out of it",
    )
    .unit("calls/s")
    .within(limits::LIMIT)
    .raises("throughput"),
];

const RESPONSES: &[Parameter] = &[
    row(
        "capacity",
        "Capacity",
        Editor::Integer,
        "10_000",
        "Most answers it holds",
    )
    .unit("answers")
    .within(limits::KEYS)
    .raises("hit_ratio"),
    row(
        "ttl",
        "Time to live",
        Editor::Duration,
        "5min",
        "How long an answer is good for",
    )
    .source("Amazon API Gateway")
    .raises("hit_ratio"),
];

pub const DNS: &[Parameter] = &[
    row(
        "policy",
        "Policy",
        Editor::Choice(POLICIES),
        "RoundRobin",
        "Which target is the answer; those found dead are passed over, unless all are",
    ),
    row(
        "ttl",
        "Time to live",
        Editor::Duration,
        "1min",
        "How long a caller keeps to the answer, also when it names a dead target",
    )
    .source("Amazon Route 53")
    .lowers("wq"),
    row(
        "lookup",
        "Lookup time",
        Editor::Distribution,
        "Exponential(20ms)",
        "Time to look the name up; a remembered answer costs nothing",
    )
    .raises("wq"),
    row(
        "scope",
        "Scope",
        Editor::Choice(ANSWERS),
        "PerSession",
        "Who shares a remembered answer",
    ),
    row(
        "health",
        "Health checks",
        Editor::Group(HEALTH),
        "none",
        "Whether targets are asked if they live; none: dead targets are still named",
    )
    .optional()
    .lowers("failure_rate")
    .of(Whose::System),
    FAILURES,
];

const POLICIES: &[Choice] = &[
    choice("RoundRobin", "One after the other"),
    choice("Weighted", "Any, by the weight of its connection").changes("who is named"),
    choice(
        "Failover",
        "The first, as drawn; the others when it is dead",
    )
    .changes("who is named"),
    choice(
        "Nearest",
        "The one that is least far from the caller's frame, or from where the request comes from",
    )
    .changes("who is named"),
];

const ANSWERS: &[Choice] = &[
    choice("Global", "All callers together: one resolver for all").lowers("wq"),
    choice("PerSession", "Those of each session"),
];

pub const FUNCTION: &[Parameter] = &[
    row(
        "service",
        "Service time",
        Editor::Distribution,
        "Exponential(50ms)",
        "Own work per call, before it calls others",
    )
    .raises("w"),
    row(
        "cold_start",
        "Cold start",
        Editor::Distribution,
        "LogNormal(p50: 300ms, p99: 1s)",
        "Time to start an instance when none is warm, before the work",
    )
    .raises("w"),
    row(
        "keep_alive",
        "Keep alive",
        Editor::Duration,
        "10min",
        "How long an instance that has nothing to do stays warm",
    )
    .lowers("cold_start_share"),
    row(
        "concurrency",
        "Concurrency limit",
        Editor::Integer,
        "1000",
        "Most calls at the same time; above it is refused",
    )
    .unit("calls")
    .within(limits::SLOTS)
    .source("AWS Lambda")
    .lowers("failures.throttled"),
    row(
        "memory",
        "Memory",
        Editor::Integer,
        "128",
        "Of an instance: what it costs while a call has it",
    )
    .unit("MB")
    .within(limits::MEMORY)
    .source("AWS Lambda")
    .raises("cost")
    .of(Whose::System),
    FAILURES,
];
