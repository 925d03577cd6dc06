//! Active health checks.

use super::{choice, row};
use crate::scenario::{
    check::limits,
    parameters::{Choice, Editor, Parameter, Whose},
};

/// Of a load balancer or a name service.
pub const HEALTH: &[Parameter] = &[
    INTERVAL,
    row(
        "timeout",
        "Timeout",
        Editor::Duration,
        "none",
        "How long an answer may take; none: 5 s, or the interval if that is shorter",
    )
    .source("AWS: load balancers 5 s; Route 53: 4 s to connect")
    .optional()
    .raises("failures.timeout")
    .of(Whose::Caller),
    row(
        "depth",
        "Depth",
        Editor::Choice(DEPTHS),
        "Shallow",
        "What a probe asks for",
    ),
    UNHEALTHY,
    HEALTHY,
];

const INTERVAL: Parameter = row(
    "interval",
    "Interval",
    Editor::Duration,
    "10s",
    "Time between two checks",
)
.source("Amazon Route 53: 10 or 30 s")
.raises("failures.down");

const UNHEALTHY: Parameter = row(
    "unhealthy",
    "Unhealthy after",
    Editor::Integer,
    "3",
    "Failed checks in a row until a target is taken out",
)
.unit("checks")
.within(limits::COUNT)
.source("HAProxy and Amazon Route 53")
.raises("failures.down");

const HEALTHY: Parameter = row(
    "healthy",
    "Healthy after",
    Editor::Integer,
    "2",
    "Good checks in a row until it is put back",
)
.unit("checks")
.within(limits::COUNT)
.source("HAProxy")
.lowers("arrival_rate")
.of(Whose::Callee);

const DEPTHS: &[Choice] = &[
    choice(
        "Shallow",
        "Whether anybody is there: answered at the door, without a slot",
    ),
    choice(
        "Deep",
        "Whether it works: a read that takes a slot and goes through the whole plan",
    )
    .raises("utilization")
    .of(Whose::Callee),
];
