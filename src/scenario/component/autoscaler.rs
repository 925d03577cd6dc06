use serde::{Deserialize, Serialize};

use crate::scenario::{Distribution, Duration, is_default, units::plain};

/// How many instances a server has, as its load changes.
///
/// An instance that is added boots first: it costs, and takes no calls. One that is taken away drains:
/// it takes no new calls, finishes what it has, and costs until then. Callers and balancers know at
/// once who is in service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Autoscaler {
    /// What decides.
    #[serde(skip_serializing_if = "is_default")]
    pub policy: Policy,
    /// Never fewer instances than this.
    #[serde(skip_serializing_if = "is_one")]
    pub min: u32,
    /// Never more than this.
    #[serde(skip_serializing_if = "is_ten")]
    pub max: u32,
    /// How often it looks, and over how long it takes means.
    #[serde(skip_serializing_if = "is_usual_interval")]
    pub interval: Duration,
    /// Time until an instance that is added takes calls.
    #[serde(skip_serializing_if = "is_usual_boot")]
    pub boot: Distribution,
    /// How long work in a new instance takes longer than usual, from when it takes calls.
    #[serde(skip_serializing_if = "is_default")]
    pub warm_up: Duration,
    /// How many times longer.
    #[serde(skip_serializing_if = "is_two", serialize_with = "plain")]
    pub cold: f64,
    /// It adds no instances sooner than this after it has added some.
    #[serde(skip_serializing_if = "is_default")]
    pub out_cooldown: Duration,
    /// It takes none away sooner than this after it has added some or taken some away.
    #[serde(skip_serializing_if = "is_usual_cooldown")]
    pub in_cooldown: Duration,
}

/// What an autoscaler goes by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Policy {
    /// As many instances as keep the mean utilization since the last look at a target: busy slots by
    /// slots of one instance by the target, rounded up (as Kubernetes' horizontal pod autoscaler).
    Target {
        /// Utilization to aim at, 0..1.
        #[serde(default = "target", serialize_with = "plain")]
        utilization: f64,
    },
    /// So many more once the utilization has been above a limit for a time, so many fewer once it has
    /// been below another.
    Steps {
        /// Utilization above which instances are added.
        #[serde(default = "target", serialize_with = "plain")]
        above: f64,
        /// For how long it must have been above.
        #[serde(default = "five_min")]
        out_after: Duration,
        /// How many are added.
        #[serde(default = "two")]
        add: u32,
        /// Utilization below which instances are taken away.
        #[serde(default = "low", serialize_with = "plain")]
        below: f64,
        /// For how long it must have been below.
        #[serde(default = "ten_min")]
        in_after: Duration,
        /// How many are taken away.
        #[serde(default = "one")]
        remove: u32,
    },
    /// As many instances as share the calls in line at the moment, so many each.
    QueueLength {
        /// Calls in line for each instance.
        #[serde(default = "ten")]
        per_instance: u32,
    },
    /// So many from each of these times on.
    Scheduled {
        /// Times and numbers, earlier ones first.
        times: Vec<(Duration, u32)>,
    },
    /// As `Target`, for the load that is ahead: that of a straight line through the last looks, by
    /// least squares, when an instance added now would take calls; never for less than the load now.
    Predictive {
        /// Utilization to aim at, 0..1.
        #[serde(default = "target", serialize_with = "plain")]
        utilization: f64,
        /// How long back the line goes.
        #[serde(default = "ten_min")]
        window: Duration,
    },
}

impl Policy {
    /// The most looks back that a prediction may go.
    pub const MOST_LOOKS: u64 = 10_000;
}

impl Default for Policy {
    fn default() -> Self {
        Self::Target {
            utilization: target(),
        }
    }
}

impl Default for Autoscaler {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            min: 1,
            max: 10,
            interval: Duration::from_secs(15),
            boot: Distribution::Constant(Duration::from_secs(60)),
            warm_up: Duration::ZERO,
            cold: 2.0,
            out_cooldown: Duration::ZERO,
            in_cooldown: Duration::from_secs(300),
        }
    }
}

fn is_one(count: &u32) -> bool {
    *count == 1
}

fn is_ten(count: &u32) -> bool {
    *count == 10
}

fn is_two(times: &f64) -> bool {
    *times == 2.0
}

fn is_usual_interval(interval: &Duration) -> bool {
    *interval == Duration::from_secs(15)
}

fn is_usual_boot(boot: &Distribution) -> bool {
    *boot == Distribution::Constant(Duration::from_secs(60))
}

fn is_usual_cooldown(cooldown: &Duration) -> bool {
    *cooldown == Duration::from_secs(300)
}

fn target() -> f64 {
    0.7
}

fn low() -> f64 {
    0.3
}

fn one() -> u32 {
    1
}

fn two() -> u32 {
    2
}

fn ten() -> u32 {
    10
}

fn five_min() -> Duration {
    Duration::from_secs(300)
}

fn ten_min() -> Duration {
    Duration::from_secs(600)
}
