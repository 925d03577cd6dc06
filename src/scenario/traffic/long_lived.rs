use serde::{Deserialize, Serialize};

use crate::scenario::{Distribution, Duration, is_default};

/// Users who each keep one connection open, as over a WebSocket (RFC 6455), and send messages over it.
///
/// Opening is a request of its own, over the arrow and through DNS and balancers as any other. Once it
/// is answered well the connection is open at the instance that answered, and every message goes there
/// over the same way, whoever a balancer would choose now; balancers count it as a call in flight.
///
/// Rate limiters and API gateways on its way look at the opening only, as proxies do that answer an
/// upgrade and are a tunnel from then on (nginx, "WebSocket proxying"; Envoy, "HTTP upgrades"; quotas of
/// Amazon API Gateway are for new connections a second, and its authorizer is asked at `$connect`). The
/// opening takes a token or waits for one, is authenticated in a slot, goes over the connection that
/// takes its operation, and its answer is not remembered. Messages take no token, no slot and no time
/// there, and go where the connection leads, whatever their operation. A hand-off is not possible on
/// the way, for whoever is on it stays on it.
///
/// It is open until the user closes it, or until it breaks: its instance, or a balancer, rate limiter
/// or gateway on its way goes down, its instance goes out of service once it has drained, an edit takes its way away, or nothing
/// has come through for as long as a heartbeat may take. Whoever holds a connection to what goes down
/// notices at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongLived {
    /// Users, each with one connection or on the way to one.
    pub connections: u32,
    /// How long a connection is kept open by its user.
    #[serde(default = "half_an_hour", skip_serializing_if = "is_half_an_hour")]
    pub hold: Distribution,
    /// Time between two messages over a connection, and before the first. A message does not wait for
    /// the answer to the one before.
    #[serde(default = "ten_seconds", skip_serializing_if = "is_ten_seconds")]
    pub every: Distribution,
    /// How long a user is away after closing a connection, and before opening the first.
    #[serde(default = "ten_seconds", skip_serializing_if = "is_ten_seconds")]
    pub away: Distribution,
    /// How long a user waits before opening another connection when one broke, or could not be opened:
    /// a constant makes all who lost theirs come back at once, a random time spreads them. A user who
    /// is refused before any time has passed waits at least 1 ms.
    #[serde(default = "soon", skip_serializing_if = "is_soon")]
    pub reconnect: Distribution,
    /// For how long nothing must come through before both ends take a connection for broken, when the
    /// way is cut or a box on it stands still.
    #[serde(default = "half_a_minute", skip_serializing_if = "is_half_a_minute")]
    pub heartbeat: Duration,
    /// The operation of opening; no message is of it. Unset: it is a request as messages are.
    #[serde(default, skip_serializing_if = "is_default")]
    pub connect: Option<String>,
}

impl LongLived {
    /// Users with the default times.
    pub fn new(connections: u32) -> Self {
        Self {
            connections,
            hold: half_an_hour(),
            every: ten_seconds(),
            away: ten_seconds(),
            reconnect: soon(),
            heartbeat: half_a_minute(),
            connect: None,
        }
    }

    /// Requests per second when every opening succeeds in no time: a renewal argument, a user being
    /// open for the share hold ⁄ (hold + away) of the time.
    pub fn mean_rate(&self) -> f64 {
        let (hold, away) = (self.hold.mean_secs(), self.away.mean_secs());
        let turns = f64::from(self.connections) / (hold + away).max(1e-9);
        turns * (1.0 + hold / self.every.mean_secs().max(1e-9))
    }
}

fn half_an_hour() -> Distribution {
    Distribution::Exponential(Duration::from_secs(1_800))
}

fn is_half_an_hour(time: &Distribution) -> bool {
    *time == half_an_hour()
}

fn ten_seconds() -> Distribution {
    Distribution::Exponential(Duration::from_secs(10))
}

fn is_ten_seconds(time: &Distribution) -> bool {
    *time == ten_seconds()
}

fn soon() -> Distribution {
    Distribution::Uniform {
        min: Duration::from_secs(1),
        max: Duration::from_secs(5),
    }
}

fn is_soon(time: &Distribution) -> bool {
    *time == soon()
}

fn half_a_minute() -> Duration {
    Duration::from_secs(30)
}

fn is_half_a_minute(time: &Duration) -> bool {
    *time == half_a_minute()
}
