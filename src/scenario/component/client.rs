use serde::{Deserialize, Serialize};

use crate::scenario::{Arrivals, Duration, IndexMap, Keys, Retries, is_default, units::plain};

/// Where requests come from and answers go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Client {
    /// When requests come.
    pub arrivals: Arrivals,
    /// Which of the scenario's operations this client asks for, by name. Empty: all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<String>,
    /// Which item a request is about.
    #[serde(skip_serializing_if = "is_default")]
    pub keys: Keys,
    /// The frames that its requests come from, by name, and their weights. Each request keeps its
    /// own: connections without a latency of their own take as long as it is from there. Empty: all
    /// come from where the box is.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub regions: IndexMap<String, f64>,
    /// Number of user sessions, in each of its regions; each request belongs to one.
    #[serde(skip_serializing_if = "is_default_sessions")]
    pub sessions: u32,
    /// How much some sessions come more often than others: that of rank i has a weight of
    /// i^−`session_skew`. 0: all as often.
    #[serde(skip_serializing_if = "is_default", serialize_with = "plain")]
    pub session_skew: f64,
    /// How long it waits for one attempt. `None`: for ever.
    #[serde(skip_serializing_if = "is_default_timeout")]
    pub timeout: Option<Duration>,
    /// What it does when an attempt fails.
    #[serde(skip_serializing_if = "is_default_retries")]
    pub retries: Retries,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            arrivals: Arrivals::default(),
            operations: Vec::new(),
            keys: Keys::default(),
            regions: IndexMap::new(),
            sessions: 1_000,
            session_skew: 0.0,
            timeout: Some(Duration::from_secs(5)),
            retries: Retries::default(),
        }
    }
}

impl Client {
    /// Number of user sessions, in all of its regions together.
    pub fn all_sessions(&self) -> u32 {
        let regions = self.regions.len().max(1) as u32;
        self.sessions.saturating_mul(regions)
    }
}

fn is_default_sessions(sessions: &u32) -> bool {
    *sessions == Client::default().sessions
}

fn is_default_timeout(timeout: &Option<Duration>) -> bool {
    *timeout == Client::default().timeout
}

fn is_default_retries(retries: &Retries) -> bool {
    is_default(retries)
}
