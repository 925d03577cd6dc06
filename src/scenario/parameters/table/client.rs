//! A client, and what retries are.

use super::{choice, row, variant};
use crate::scenario::{
    check::limits,
    parameters::{Choice, Editor, Parameter, Variant, Whose},
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
        "sessions",
        "Sessions",
        Editor::Integer,
        "1_000",
        "Number of user sessions; each request belongs to one",
    )
    .within(limits::SESSIONS)
    .changes("which sessions there are"),
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

const ARRIVALS: &[Variant] = &[
    variant(
        "Poisson",
        "Open: at random, and never slower because the system is slow",
        OPEN,
    ),
    variant("Constant", "Open: one request every 1/rate", OPEN)
        .lowers("w")
        .of(Whose::System),
    variant(
        "Closed",
        "Users who think, ask and wait for the answer",
        CLOSED,
    )
    .changes("who waits for whom"),
];

const OPEN: &[Parameter] = &[
    row("rate", "Rate", Editor::Rate, "100", "Requests per second")
        .unit("requests/s")
        .within(limits::RATE)
        .required()
        .raises("arrival_rate"),
    row(
        "profile",
        "Profile",
        Editor::List,
        "[]",
        "How the rate changes over time: Steps, Ramp, Day and Spike, added up",
    )
    .raises("arrival_rate"),
];

const CLOSED: &[Parameter] = &[
    row("users", "Users", Editor::Integer, "20", "Number of users")
        .unit("users")
        .within(limits::USERS)
        .required().raises("arrival_rate"),
    row(
        "think",
        "Think time",
        Editor::Distribution,
        "0s",
        "Time between an answer and the next request; 1ms where a refusal took no time and this is none",
    ).lowers("arrival_rate"),
];

const KEYS: &[Variant] = &[
    variant("Uniform", "Every item is as likely", UNIFORM_KEYS)
        .lowers("hit_ratio")
        .of(Whose::Callee),
    variant(
        "Zipf",
        "The item of rank i has probability proportional to i^-s",
        ZIPF_KEYS,
    ),
];

const UNIFORM_KEYS: &[Parameter] = &[ITEMS];

const ZIPF_KEYS: &[Parameter] = &[
    ITEMS,
    row(
        "s",
        "Exponent",
        Editor::Number,
        "1.0",
        "How much the popular items stand out; 0: not at all",
    )
    .within(limits::ZIPF)
    .raises("hit_ratio")
    .of(Whose::Callee),
];

const ITEMS: Parameter = row(
    "items",
    "Items",
    Editor::Integer,
    "10_000",
    "Number of items",
)
.unit("items")
.within(limits::ITEMS)
.required()
.lowers("hit_ratio")
.of(Whose::Callee);

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
        "How many retries it makes at most, as a share of its traffic; none: as many as it likes",
    )
    .optional()
    .lowers("retry_rate"),
];

const BACKOFFS: &[Choice] = &[
    choice("None", "Not at all").lowers("w").of(Whose::System),
    choice("Constant", "The same time before every retry").changes("when retries come"),
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
