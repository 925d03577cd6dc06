//! The boxes that work on calls, or pass them on.

use super::{choice, health::HEALTH, row, variant};
use crate::scenario::{
    check::limits,
    parameters::{Choice, Editor, Parameter, Variant, Whose},
};

pub const LOAD_BALANCER: &[Parameter] = &[
    row(
        "algorithm",
        "Algorithm",
        Editor::Variants(ALGORITHMS),
        "RoundRobin",
        "How the target is picked",
    ),
    row(
        "sticky",
        "Sticky sessions",
        Editor::Choice(YES_NO),
        "false",
        "Whether a session keeps the target it got first, as long as that is in rotation",
    )
    .raises("wq")
    .of(Whose::Callee),
    row(
        "health",
        "Health checks",
        Editor::Group(HEALTH),
        "none",
        "Whether targets are asked if they live; none: dead targets keep getting calls",
    )
    .optional()
    .lowers("failures.down"),
    row(
        "ejection",
        "Ejection",
        Editor::Group(EJECTION),
        "none",
        "Whether a target whose calls fail is taken out for a while; none: it is not",
    )
    .optional()
    .lowers("failures.down"),
    row(
        "slow_start",
        "Slow start",
        Editor::Duration,
        "none",
        "How long the weight of a target that comes, or comes back, takes to grow; none: no time",
    )
    .optional()
    .lowers("arrival_rate")
    .of(Whose::Callee),
    row(
        "capacity",
        "Capacity",
        Editor::Group(CAPACITY),
        "none",
        "What it can carry itself; none: whatever comes",
    )
    .optional()
    .raises("w"),
    row(
        "pair",
        "Pair",
        Editor::Variants(PAIRS),
        "Single",
        "Whether there is a second balancer beside it",
    ),
    FAILURES,
];

const CAPACITY: &[Parameter] = &[
    row(
        "slots",
        "Slots",
        Editor::Integer,
        "10000",
        "Calls that it has at the same time, each until its target has answered",
    )
    .within(limits::SLOTS)
    .lowers("wq"),
    row(
        "service",
        "Service time",
        Editor::Distribution,
        "100us",
        "Own work per call, before it is sent on",
    )
    .raises("w"),
];

const PAIRS: &[Variant] = &[
    variant("Single", "There is but one: a crash takes it down", &[]),
    variant(
        "ActivePassive",
        "One works, the other waits: a crash fails what is under way, and what comes until it has taken over",
        ACTIVE_PASSIVE,
    )
    .lowers("failures.down"),
    variant(
        "ActiveActive",
        "Both work: a crash fails half of what is under way",
        &[],
    )
    .lowers("failures.down"),
];

const ACTIVE_PASSIVE: &[Parameter] = &[row(
    "takeover",
    "Take-over",
    Editor::Duration,
    "3s",
    "Time from the crash until the other answers",
)
.source("VRRP, RFC 5798")
.raises("failures.down")];

const ALGORITHMS: &[Variant] = &[
    variant("RoundRobin", "One after the other", &[]),
    variant(
        "WeightedRoundRobin",
        "In proportion to the connections' weights, evenly spread",
        &[],
    )
    .changes("who gets how much"),
    variant("Random", "Any, by weight", &[])
        .raises("wq")
        .of(Whose::Callee),
    variant(
        "LeastConnections",
        "The one with the fewest calls in flight",
        &[],
    )
    .lowers("wq")
    .of(Whose::Callee),
    variant(
        "WeightedLeastConnections",
        "The one with the fewest calls in flight for its weight",
        &[],
    )
    .lowers("wq")
    .of(Whose::Callee),
    variant("PowerOfTwo", "The less loaded of two picked at random", &[])
        .lowers("wq")
        .of(Whose::Callee),
    variant(
        "PowerOfChoices",
        "The least loaded of several picked at random",
        CHOICES,
    )
    .lowers("wq")
    .of(Whose::Callee),
    variant(
        "LeastResponseTime",
        "The one from which an answer is expected soonest: mean response time × calls in flight",
        RESPONSE_TIME,
    )
    .lowers("wq")
    .of(Whose::Callee),
    variant(
        "LowestUtilization",
        "The one whose instance has the fewest calls, in slots and in line, for its slots",
        &[],
    )
    .lowers("wq")
    .of(Whose::Callee),
    variant("SessionHash", "The same target for the same session", &[])
        .raises("wq")
        .of(Whose::Callee),
    variant("KeyHash", "The same target for the same key", &[]).raises("wq")
    .of(Whose::Callee),
    variant(
        "ConsistentHash",
        "The same target for the same key or session; when a target comes or goes only its share moves",
        RING,
    )
    .raises("wq")
    .of(Whose::Callee),
];

/// Failures by chance, of everything that can crash.
pub const FAILURES: Parameter = row(
    "failures",
    "Random failures",
    Editor::Group(RANDOM_FAILURES),
    "none",
    "Whether it, or each of its instances by itself, fails and is repaired by chance",
)
.optional()
.lowers("uptime");

const RANDOM_FAILURES: &[Parameter] = &[
    row(
        "mtbf",
        "Time between failures",
        Editor::Distribution,
        "Exponential(30d)",
        "Time from a repair to the next failure; its mean is the MTBF",
    )
    .raises("uptime"),
    row(
        "mttr",
        "Time to repair",
        Editor::Distribution,
        "Exponential(1h)",
        "Time from a failure to its repair; its mean is the MTTR",
    )
    .lowers("uptime"),
];

const YES_NO: &[Choice] = &[
    choice("false", "No"),
    choice("true", "Yes").raises("wq").of(Whose::Callee),
];

const CHOICES: &[Parameter] = &[row(
    "choices",
    "Choices",
    Editor::Integer,
    "3",
    "Targets picked at random, of which the least loaded gets the call",
)
.unit("targets")
.within(limits::CHOICES)
.lowers("wq")
.of(Whose::Callee)];

const RESPONSE_TIME: &[Parameter] = &[
    row(
        "alpha",
        "Newest answer",
        Editor::Share,
        "0.2",
        "Weight of the newest answer in the mean",
    )
    .within(limits::ALPHA)
    .changes("who is called"),
    row(
        "memory",
        "Memory",
        Editor::Duration,
        "10s",
        "In this time without an answer a mean counts for e times less, so that who was slow is tried again",
    )
    .source("Finagle, Peak EWMA")
    .changes("who is called"),
];

const RING: &[Parameter] = &[
    row(
        "by",
        "By",
        Editor::Choice(HASH_OF),
        "Key",
        "What stays with a target",
    )
    .lowers("wq")
    .of(Whose::Callee),
    row(
        "vnodes",
        "Virtual nodes",
        Editor::Integer,
        "100",
        "Points of a target on the ring: more make the shares more even",
    )
    .within(limits::POINTS)
    .lowers("wq")
    .of(Whose::Callee),
    row(
        "bound",
        "Bound",
        Editor::Number,
        "none",
        "No target has more than this many times its fair share of the calls in flight, such as 1.25; none: no bound",
    )
    .within(limits::BOUND)
    .optional()
    .source("Mirrokni, Thorup and Zadimoghaddam 2018")
    .raises("wq")
    .of(Whose::Callee),
];

const HASH_OF: &[Choice] = &[
    choice("Key", "The item that a request is about"),
    choice("Session", "The user it is for")
        .lowers("wq")
        .of(Whose::Callee),
];

const EJECTION: &[Parameter] = &[
    row(
        "consecutive_failures",
        "Failures in a row",
        Editor::Integer,
        "5",
        "Calls in a row that must fail for a target to be taken out",
    )
    .unit("calls")
    .within(limits::COUNT)
    .source("Envoy")
    .raises("failures.down"),
    row(
        "base_time",
        "Base time",
        Editor::Duration,
        "30s",
        "How long it is out, times how often it was since it last answered well; five minutes at most",
    )
    .source("Envoy")
    .lowers("failures.down"),
    row(
        "max_share",
        "Most out",
        Editor::Share,
        "0.1",
        "Share of the targets that may be out at the same time; one always may",
    )
    .within(limits::SHARE)
    .source("Envoy")
    .lowers("failures.down"),
];

pub const fn slots(default: &'static str, explanation: &'static str) -> Parameter {
    row("slots", "Slots", Editor::Integer, default, explanation)
        .within(limits::SLOTS)
        .lowers("wq")
}

pub const LINE: Parameter = row(
    "queue",
    "Line",
    Editor::Group(QUEUEING),
    "()",
    "The line in front of the slots",
);

const QUEUEING: &[Parameter] = &[
    row(
        "discipline",
        "Discipline",
        Editor::Variants(DISCIPLINES),
        "Fifo",
        "Who in line is next when a slot is free",
    ),
    row(
        "capacity",
        "Places in line",
        Editor::Integer,
        "none",
        "Most calls waiting, per instance; none: no limit, 0: no line at all",
    )
    .unit("calls")
    .within(limits::LINE)
    .optional()
    .lowers("failures.queue_full"),
];

const DISCIPLINES: &[Variant] = &[
    variant("Fifo", "First come, first served", &[]),
    variant("Lifo", "Last come, first served", &[]).lowers("p50"),
    variant(
        "Priority",
        "The operation of the highest priority, and among equals first come, first served",
        &[],
    )
    .changes("who waits"),
    variant("Random", "Any of them, all as likely", &[]).raises("p99"),
    variant(
        "ProcessorSharing",
        "Nobody waits: all that work share the slots evenly",
        &[],
    )
    .lowers("p50"),
    variant(
        "CoDel",
        "First come, first served, but drops who comes to the head too late (cause `shed`)",
        CONTROLLED_DELAY,
    )
    .lowers("wq"),
    variant(
        "AdaptiveLifo",
        "Last come, first served while the line is standing, with a limit on waits (cause `shed`)",
        ADAPTIVE_LIFO,
    )
    .lowers("wq"),
];

const CONTROLLED_DELAY: &[Parameter] = &[
    row(
        "target",
        "Target",
        Editor::Duration,
        "5ms",
        "Wait that is good enough",
    )
    .source("RFC 8289, section 4.4")
    .lowers("failures.shed"),
    row(
        "interval",
        "Interval",
        Editor::Duration,
        "100ms",
        "How long every wait has to be above the target until the first call is dropped",
    )
    .source("RFC 8289, section 4.3")
    .lowers("failures.shed"),
];

const ADAPTIVE_LIFO: &[Parameter] = &[
    row(
        "target",
        "Target",
        Editor::Duration,
        "5ms",
        "Longest wait in a standing line",
    )
    .source("Maurer 2015")
    .lowers("failures.shed"),
    row(
        "interval",
        "Interval",
        Editor::Duration,
        "100ms",
        "Longest wait in any other line, and how long a line is not empty until it is standing",
    )
    .source("Maurer 2015")
    .lowers("failures.shed"),
];

pub const CACHE: &[Parameter] = &[
    row(
        "capacity",
        "Capacity",
        Editor::Integer,
        "none",
        "Most keys it holds; none: 10,000",
    )
    .unit("keys")
    .within(limits::KEYS)
    .optional()
    .raises("hit_ratio"),
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
    .optional()
    .raises("hit_ratio"),
    row(
        "hit_ratio",
        "Fixed hit ratio",
        Editor::Share,
        "none",
        "A fixed share of hits instead of a real key store: a shortcut, not an outcome",
    )
    .within(limits::SHARE)
    .optional()
    .raises("hit_ratio"),
    slots("16", "Calls it works on at the same time"),
    row(
        "service",
        "Service time",
        Editor::Distribution,
        "Exponential(500us)",
        "Work per call",
    )
    .raises("w"),
    LINE,
    FAILURES,
];

const EVICTIONS: &[Choice] = &[choice("Lru", "The one not asked for longest")];

pub const DATABASE: &[Parameter] = &[
    slots("20", "Connections it works on at the same time"),
    row(
        "read",
        "Read time",
        Editor::Distribution,
        "Exponential(5ms)",
        "Work per read",
    )
    .raises("w"),
    row(
        "write",
        "Write time",
        Editor::Distribution,
        "Exponential(10ms)",
        "Work per write",
    )
    .raises("w"),
    LINE,
    FAILURES,
];

pub const REPLICA: &[Parameter] = &[
    slots("20", "Connections it works on at the same time"),
    row(
        "read",
        "Read time",
        Editor::Distribution,
        "Exponential(5ms)",
        "Work per read",
    )
    .raises("w"),
    row(
        "apply",
        "Apply time",
        Editor::Distribution,
        "100us",
        "Work per log record applied",
    )
    .raises("replication_lag"),
    LINE,
    FAILURES,
];

pub const QUEUE: &[Parameter] = &[
    row(
        "capacity",
        "Capacity",
        Editor::Integer,
        "none",
        "Most messages it holds, those being worked on included; none: no limit",
    )
    .unit("messages")
    .within(limits::MESSAGES)
    .optional()
    .lowers("failures.queue_full"),
    row(
        "prefetch",
        "Prefetch",
        Editor::Integer,
        "1",
        "Unacknowledged messages per slot of each consumer",
    )
    .unit("messages")
    .within(limits::COUNT)
    .raises("lq")
    .of(Whose::Callee),
    row(
        "visibility",
        "Visibility timeout",
        Editor::Duration,
        "30s",
        "How long a delivered message stays hidden from the other consumers",
    )
    .source("Amazon SQS")
    .lowers("redelivery_share"),
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
    .within(limits::COUNT)
    .raises("redelivery_share"),
    FAILURES,
];

const ACKNOWLEDGE: &[Choice] = &[
    choice(
        "AfterWork",
        "When the consumer has answered: at least once, duplicates are possible",
    ),
    choice(
        "BeforeWork",
        "When it is delivered: at most once, a crash loses messages",
    )
    .lowers("redelivery_share"),
];
