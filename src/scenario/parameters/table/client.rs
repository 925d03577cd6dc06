//! A client, and what retries are.

use super::traffic::{ARRIVALS, KEYS};
use super::{choice, row};
use crate::scenario::{
    check::limits,
    parameters::{Choice, Editor, Parameter, Whose},
};

pub const CLIENT: &[Parameter] = &[
    row(
        "arrivals",
        "Arrivals",
        Editor::Variants(ARRIVALS),
        "Poisson(rate: 100)",
        "When requests come",
    ),
    row(
        "operations",
        "Operations",
        Editor::Names,
        "",
        "Which operations it asks for; empty: all of them",
    )
    .changes("what is asked for"),
    row(
        "keys",
        "Keys",
        Editor::Variants(KEYS),
        "Zipf(items: 10_000, s: 1.0)",
        "Which item a request is about",
    ),
    row(
        "regions",
        "Regions",
        Editor::Weights,
        "",
        "Frames that its requests come from, each with its weight; empty: all come from where the box is",
    )
    .changes("how far its requests travel"),
    row(
        "sessions",
        "Sessions",
        Editor::Integer,
        "1_000",
        "Number of user sessions, in each of its regions; each request belongs to one",
    )
    .within(limits::SESSIONS)
    .lowers("wq")
    .of(Whose::Callee),
    row(
        "session_skew",
        "Session skew",
        Editor::Number,
        "0",
        "How much some sessions come more often: the one of rank i has weight i^-skew; 0: all as often",
    )
    .within(limits::ZIPF)
    .raises("wq")
    .of(Whose::Callee),
    row(
        "timeout",
        "Timeout",
        Editor::Duration,
        "5s",
        "How long it waits for one attempt; none: for ever",
    )
    .optional()
    .lowers("failures.timeout")
    .source("system-design courses"),
    row(
        "retries",
        "Retries",
        Editor::Group(RETRIES),
        "()",
        "What it does when an attempt fails",
    ),
];

pub const RETRIES: &[Parameter] = &[
    row(
        "max",
        "Retries",
        Editor::Integer,
        "0",
        "Attempts after the first",
    )
    .within(limits::RETRIES)
    .raises("retry_rate"),
    row(
        "backoff",
        "Back-off",
        Editor::Phrase(BACKOFFS),
        "Exponential(100ms)",
        "How long it waits before each retry",
    ),
    row(
        "jitter",
        "Jitter",
        Editor::Choice(JITTERS),
        "Full",
        "How the back-off is spread so that callers do not come back all at once",
    ),
    row(
        "budget",
        "Budget",
        Editor::Group(super::guard::BUDGET),
        "none",
        "How many retries and hedged attempts it makes at most, as a share of its traffic; none: as many as it likes",
    )
    .optional()
    .lowers("retry_rate"),
];

const BACKOFFS: &[Choice] = &[
    choice("None", "Not at all").lowers("w").of(Whose::System),
    choice("Constant", "The same time before every retry")
        .lowers("w")
        .of(Whose::System),
    choice("Exponential", "Twice as long before each retry"),
];

const JITTERS: &[Choice] = &[
    choice("None", "Exactly the back-off")
        .raises("w")
        .of(Whose::System),
    choice("Full", "Uniform between 0 and the back-off"),
    choice(
        "Decorrelated",
        "Uniform between the base and three times the wait before",
    )
    .raises("w")
    .of(Whose::System),
];
