//! The tables.

use super::{Choice, Editor, Parameter, Variant};
use crate::scenario::Kind;
use crate::scenario::check::limits::{self, Range};

const fn row(
    key: &'static str,
    name: &'static str,
    editor: Editor,
    default: &'static str,
    explanation: &'static str,
) -> Parameter {
    Parameter {
        key,
        name,
        unit: "",
        range: None,
        default,
        explanation,
        editor,
        optional: false,
        required: false,
    }
}

impl Parameter {
    const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    const fn within(self, range: Range) -> Self {
        Self {
            range: Some(range),
            ..self
        }
    }

    const fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }
}

const fn choice(word: &'static str, explanation: &'static str) -> Choice {
    Choice { word, explanation }
}

const fn variant(
    word: &'static str,
    explanation: &'static str,
    parameters: &'static [Parameter],
) -> Variant {
    Variant {
        word,
        explanation,
        parameters,
    }
}

/// The parameters of a kind of component.
pub const fn of_kind(kind: Kind) -> &'static [Parameter] {
    match kind {
        Kind::Client => CLIENT,
        Kind::LoadBalancer => LOAD_BALANCER,
        Kind::Server => SERVER,
        Kind::Cache => CACHE,
        Kind::Database => DATABASE,
        Kind::Replica => REPLICA,
        Kind::Queue => QUEUE,
    }
}

/// The parameters of the scenario as a whole.
pub const SCENARIO: &[Parameter] = &[
    row(
        "name",
        "Name",
        Editor::Text,
        "",
        "What the scenario is called",
    ),
    row(
        "notes",
        "Notes",
        Editor::Text,
        "",
        "What to watch, for people",
    ),
    row(
        "seed",
        "Seed",
        Editor::Integer,
        "1",
        "Start of every random stream: the same seed gives the same run",
    ),
    row(
        "run",
        "Run",
        Editor::Group(RUN),
        "()",
        "How long a run without flags lasts",
    ),
];

const RUN: &[Parameter] = &[
    row(
        "duration",
        "Duration",
        Editor::Duration,
        "10min",
        "Simulated time of a run, warm-up included",
    ),
    row(
        "warm_up",
        "Warm-up",
        Editor::Duration,
        "0s",
        "Simulated time at the start that no measure includes",
    ),
];

/// The parameters of an operation.
pub const OPERATION: &[Parameter] = &[
    row(
        "kind",
        "Kind",
        Editor::Choice(OPERATION_KINDS),
        "Read",
        "Whether it reads or writes",
    )
    .required(),
    row(
        "weight",
        "Weight",
        Editor::Number,
        "1",
        "Share of the traffic relative to the other operations",
    )
    .within(limits::WEIGHT),
];

const OPERATION_KINDS: &[Choice] = &[
    choice("Read", "Leaves data as it is"),
    choice("Write", "Makes a new version of its key"),
];

const CLIENT: &[Parameter] = &[
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
    ),
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
    .within(limits::SESSIONS),
    row(
        "timeout",
        "Timeout",
        Editor::Duration,
        "5s",
        "How long it waits for one attempt; none: for ever",
    )
    .optional(),
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
    variant("Constant", "Open: one request every 1/rate", OPEN),
    variant(
        "Closed",
        "Users who think, ask and wait for the answer",
        CLOSED,
    ),
];

const OPEN: &[Parameter] = &[
    row("rate", "Rate", Editor::Rate, "100", "Requests per second")
        .unit("requests/s")
        .within(limits::RATE)
        .required(),
    row(
        "profile",
        "Profile",
        Editor::List,
        "[]",
        "How the rate changes over time: Steps, Ramp, Day and Spike, added up",
    ),
];

const CLOSED: &[Parameter] = &[
    row("users", "Users", Editor::Integer, "20", "Number of users")
        .unit("users")
        .within(limits::USERS)
        .required(),
    row(
        "think",
        "Think time",
        Editor::Distribution,
        "0s",
        "Time between an answer and the next request; 1ms where a refusal took no time and this is none",
    ),
];

const KEYS: &[Variant] = &[
    variant("Uniform", "Every item is as likely", UNIFORM_KEYS),
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
    .within(limits::ZIPF),
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
.required();

const RETRIES: &[Parameter] = &[
    row(
        "max",
        "Retries",
        Editor::Integer,
        "0",
        "Attempts after the first",
    )
    .within(limits::RETRIES),
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
];

const BACKOFFS: &[Choice] = &[
    choice("None", "Not at all"),
    choice("Constant", "The same time before every retry"),
    choice("Exponential", "Twice as long before each retry"),
];

const JITTERS: &[Choice] = &[
    choice("None", "Exactly the back-off"),
    choice("Full", "Uniform between 0 and the back-off"),
    choice(
        "Decorrelated",
        "Uniform between the base and three times the wait before",
    ),
];

const LOAD_BALANCER: &[Parameter] = &[
    row(
        "algorithm",
        "Algorithm",
        Editor::Choice(ALGORITHMS),
        "RoundRobin",
        "How the target is picked",
    ),
    row(
        "health",
        "Health checks",
        Editor::Group(HEALTH),
        "none",
        "Whether targets are asked if they live; none: dead targets keep getting calls",
    )
    .optional(),
];

const ALGORITHMS: &[Choice] = &[
    choice("RoundRobin", "One after the other"),
    choice(
        "WeightedRoundRobin",
        "In proportion to the connections' weights, evenly spread",
    ),
    choice("Random", "Any, by weight"),
    choice(
        "LeastConnections",
        "The one with the fewest calls in flight",
    ),
    choice("PowerOfTwo", "The less loaded of two picked at random"),
    choice("SessionHash", "The same target for the same session"),
];

const HEALTH: &[Parameter] = &[
    row(
        "interval",
        "Interval",
        Editor::Duration,
        "10s",
        "Time between two checks",
    ),
    row(
        "unhealthy",
        "Unhealthy after",
        Editor::Integer,
        "3",
        "Failed checks in a row until a target is taken out",
    )
    .unit("checks")
    .within(limits::COUNT),
    row(
        "healthy",
        "Healthy after",
        Editor::Integer,
        "2",
        "Good checks in a row until it is put back",
    )
    .unit("checks")
    .within(limits::COUNT),
];

const SERVER: &[Parameter] = &[
    row(
        "instances",
        "Instances",
        Editor::Integer,
        "1",
        "Identical machines, each with its own slots and its own line",
    )
    .within(limits::SLOTS),
    slots("8", "Calls that one instance works on at the same time"),
    row(
        "service",
        "Service time",
        Editor::Distribution,
        "Exponential(10ms)",
        "Own work per call, before it calls others",
    ),
    row(
        "per_operation",
        "Per operation",
        Editor::Map,
        "",
        "Own work for single operations where it differs",
    ),
    LINE,
];

const fn slots(default: &'static str, explanation: &'static str) -> Parameter {
    row("slots", "Slots", Editor::Integer, default, explanation).within(limits::SLOTS)
}

const LINE: Parameter = row(
    "queue",
    "Line",
    Editor::Group(QUEUEING),
    "()",
    "The line in front of the slots; first come, first served",
);

const QUEUEING: &[Parameter] = &[row(
    "capacity",
    "Places in line",
    Editor::Integer,
    "none",
    "Most calls waiting, per instance; none: no limit, 0: no line at all",
)
.unit("calls")
.within(limits::LINE)
.optional()];

const CACHE: &[Parameter] = &[
    row(
        "capacity",
        "Capacity",
        Editor::Integer,
        "none",
        "Most keys it holds; none: 10,000",
    )
    .unit("keys")
    .within(limits::KEYS)
    .optional(),
    row(
        "eviction",
        "Eviction",
        Editor::Choice(EVICTIONS),
        "Lru",
        "Which key goes when it is full",
    ),
    row(
        "ttl",
        "Time to live",
        Editor::Duration,
        "none",
        "How long a key is good for; none: for ever",
    )
    .optional(),
    row(
        "hit_ratio",
        "Fixed hit ratio",
        Editor::Share,
        "none",
        "A fixed share of hits instead of a real key store: a shortcut, not an outcome",
    )
    .within(limits::SHARE)
    .optional(),
    slots("16", "Calls it works on at the same time"),
    row(
        "service",
        "Service time",
        Editor::Distribution,
        "Exponential(500us)",
        "Work per call",
    ),
    LINE,
];

const EVICTIONS: &[Choice] = &[choice("Lru", "The one not asked for longest")];

const DATABASE: &[Parameter] = &[
    slots("20", "Connections it works on at the same time"),
    row(
        "read",
        "Read time",
        Editor::Distribution,
        "Exponential(5ms)",
        "Work per read",
    ),
    row(
        "write",
        "Write time",
        Editor::Distribution,
        "Exponential(10ms)",
        "Work per write",
    ),
    LINE,
];

const REPLICA: &[Parameter] = &[
    slots("20", "Connections it works on at the same time"),
    row(
        "read",
        "Read time",
        Editor::Distribution,
        "Exponential(5ms)",
        "Work per read",
    ),
    row(
        "apply",
        "Apply time",
        Editor::Distribution,
        "100us",
        "Work per log record applied",
    ),
    LINE,
];

const QUEUE: &[Parameter] = &[
    row(
        "capacity",
        "Capacity",
        Editor::Integer,
        "none",
        "Most messages it holds, those being worked on included; none: no limit",
    )
    .unit("messages")
    .within(limits::MESSAGES)
    .optional(),
    row(
        "prefetch",
        "Prefetch",
        Editor::Integer,
        "1",
        "Unacknowledged messages per slot of each consumer",
    )
    .unit("messages")
    .within(limits::COUNT),
    row(
        "visibility",
        "Visibility timeout",
        Editor::Duration,
        "30s",
        "How long a delivered message stays hidden from the other consumers",
    ),
    row(
        "acknowledge",
        "Acknowledge",
        Editor::Choice(ACKNOWLEDGE),
        "AfterWork",
        "When a message is removed",
    ),
    row(
        "max_deliveries",
        "Deliveries",
        Editor::Integer,
        "3",
        "Deliveries of one message until it is given up",
    )
    .within(limits::COUNT),
];

const ACKNOWLEDGE: &[Choice] = &[
    choice(
        "AfterWork",
        "When the consumer has answered: at least once, duplicates are possible",
    ),
    choice(
        "BeforeWork",
        "When it is delivered: at most once, a crash loses messages",
    ),
];

/// The parameters of a connection.
pub const CONNECTION: &[Parameter] = &[
    row("from", "From", Editor::Target, "", "Name of the caller").required(),
    row("to", "To", Editor::Target, "", "Name of the callee").required(),
    row("step", "Step", Editor::Integer, "none", "Step of the caller's plan; the same number means in parallel; none: what drawing the arrow means")
        .within(limits::STEP)
        .optional(),
    row("only", "Only", Editor::Phrase(ONLY), "none", "Which operations take it; none: what drawing the arrow means").optional(),
    row("when", "When", Editor::Choice(WHEN), "none", "On which outcome of the step before; none: what drawing the arrow means").optional(),
    row("mode", "Mode", Editor::Choice(MODES), "Sync", "What the caller does meanwhile"),
    row("probability", "Probability", Editor::Share, "1.0", "Share of the requests that take it at all; the rest skips it").within(limits::SHARE),
    row("weight", "Weight", Editor::Number, "none", "Share among the alternatives of a step, of which one is picked; on a load balancer for weighted algorithms")
        .within(limits::WEIGHT)
        .optional(),
    row("latency", "Latency", Editor::Distribution, "250us", "Time under way, each way"),
    row("loss", "Loss", Editor::Share, "0.0", "Share of the messages that are lost, each way").within(limits::SHARE),
    row("timeout", "Timeout", Editor::Duration, "none", "How long the caller waits for one attempt; none: the client's timeout, or for ever inside").optional(),
    row("retries", "Retries", Editor::Group(RETRIES), "none", "What the caller does when an attempt fails; none: the client's retries, or nothing inside").optional(),
    row("link", "Carries", Editor::Variants(LINKS), "Calls", "What flows along the arrow"),
];

const ONLY: &[Choice] = &[
    choice("All", "Every operation"),
    choice("Reads", "Operations that read"),
    choice("Writes", "Operations that write"),
    choice("Named", "The named operations"),
];

const WHEN: &[Choice] = &[
    choice("Always", "When the step before did not fail"),
    choice(
        "OnMiss",
        "When a cache in the step before did not have the key",
    ),
    choice("OnFailure", "When the step before failed"),
];

const MODES: &[Choice] = &[
    choice("Sync", "Keeps its slot and waits for the reply"),
    choice("Async", "Goes on; nobody waits for the reply"),
    choice("Forward", "Frees its slot and hands the call on"),
];

const LINKS: &[Variant] = &[
    variant("Calls", "Calls and their replies", &[]),
    variant("Replication", "A primary's log to its replica", REPLICATION),
    variant("DeadLetters", "Messages a queue gave up on", &[]),
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
    ),
];

const REPLICATION_MODES: &[Choice] = &[choice("Async", "It does not")];

/// The parameters of a fault.
pub const FAULT: &[Parameter] = &[
    row("at", "Starts", Editor::Duration, "1min", "When it starts").required(),
    row(
        "until",
        "Ends",
        Editor::Duration,
        "none",
        "When it ends; none: when it is healed by hand",
    )
    .optional(),
    row(
        "on",
        "On",
        Editor::Target,
        "",
        "A component, or a connection such as `a -> b`",
    )
    .required(),
    row(
        "fault",
        "Fault",
        Editor::Variants(FAULTS),
        "Crash",
        "What goes wrong",
    )
    .required(),
];

const FAULTS: &[Variant] = &[
    variant("Crash", "Refuses at once; everything inside is lost", &[]),
    variant("Hang", "Takes calls and never answers them", &[]),
    variant("Pause", "Stands still and goes on where it was", &[]),
    variant("Slow", "Work that starts meanwhile takes longer", SLOW),
    variant("Flush", "A cache loses its keys, at once", &[]),
    variant("Cut", "A connection carries nothing", &[]),
    variant("Traffic", "A client sends more", TRAFFIC),
];

const SLOW: &[Parameter] = &[row(
    "times",
    "Times",
    Editor::Number,
    "4",
    "Factor on service times",
)
.within(limits::SLOWER)
.required()];

const TRAFFIC: &[Parameter] = &[row(
    "times",
    "Times",
    Editor::Number,
    "3",
    "Factor on the arrival rate, or on the number of users of a closed client",
)
.within(limits::FACTOR)
.required()];

/// The parameters of an objective.
pub const OBJECTIVE: &[Parameter] = &[
    row(
        "what",
        "Measure",
        Editor::Variants(MEASURES),
        "Availability",
        "What is measured",
    )
    .required(),
    row(
        "of",
        "Of",
        Editor::Target,
        "",
        "The component it is measured at",
    )
    .required(),
    row(
        "below",
        "Below",
        Editor::Limit,
        "none",
        "The measure must stay below this",
    )
    .optional(),
    row(
        "above",
        "Above",
        Editor::Limit,
        "none",
        "The measure must stay above this",
    )
    .optional(),
];

const MEASURES: &[Variant] = &[
    variant("Latency", "A percentile of the latency", LATENCY),
    variant(
        "Availability",
        "Share of the requests that were answered well",
        &[],
    ),
    variant(
        "Goodput",
        "Requests per second answered well and in time",
        &[],
    ),
    variant("Utilization", "Busy slot-time over slot-time on offer", &[]),
    variant(
        "HitRatio",
        "Share of a cache's lookups that found the key",
        &[],
    ),
    variant(
        "StaleShare",
        "Share of reads that returned an old version",
        &[],
    ),
];

const LATENCY: &[Parameter] = &[row(
    "percentile",
    "Percentile",
    Editor::Number,
    "99",
    "Which percentile",
)
.within(limits::PERCENTILE)
.required()];
