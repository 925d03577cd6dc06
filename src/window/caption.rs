//! One line about a box or an arrow, from its parameters.

use super::text;
use crate::scenario::{
    Algorithm, Arrivals, Component, Connection, Link, Mode, Only, Pair, Problem, RateLimit,
    RateShape, Resolution, Scenario, Scope, Subject, When,
};

/// A rate, or the most it can be where it changes.
fn course(base: f64, profile: &[RateShape]) -> String {
    let highest = match profile {
        // The base rate never is.
        [RateShape::Steps(steps)] if steps.first().is_some_and(|(at, _)| at.nanos() == 0) => {
            steps.iter().map(|(_, rate)| rate.0).fold(0.0, f64::max)
        }
        _ => base + profile.iter().map(|shape| shape.most(base)).sum::<f64>(),
    };
    let rate = text::per_second(highest);
    if profile.is_empty() {
        rate
    } else {
        format!("up to {rate}")
    }
}

/// What a box does, in a few words: "4 × 32 slots", "least connections".
pub fn of(component: &Component) -> String {
    let slots = |slots: u32| format!("{slots} slot{}", if slots == 1 { "" } else { "s" });
    match component {
        Component::Client(client) => match &client.arrivals {
            Arrivals::Poisson { rate, profile } => format!("Poisson {}", course(rate.0, profile)),
            Arrivals::Constant { rate, profile } if profile.is_empty() => {
                format!("every {}", text::seconds(1.0 / rate.0))
            }
            Arrivals::Constant { rate, profile } => format!("even, {}", course(rate.0, profile)),
            Arrivals::Uniform { rate, profile } => format!("uniform {}", course(rate.0, profile)),
            Arrivals::Bursts { low, high, .. } if low.0 == 0.0 => {
                format!("on and off {}", text::per_second(high.0))
            }
            Arrivals::Bursts { low, high, .. } => {
                format!("bursts {}–{}", text::short(low.0), text::per_second(high.0))
            }
            Arrivals::Batches {
                rate,
                size,
                profile,
                ..
            } => {
                format!("batches of {size}, {}", course(rate.0, profile))
            }
            Arrivals::Recorded(recorded) => match recorded.times.times().len() {
                1 => "1 recorded time".into(),
                count => format!("{} recorded times", text::count(count as u64)),
            },
            Arrivals::Sessions {
                starts, profile, ..
            } => {
                format!("{} sessions", course(starts.0, profile))
            }
            Arrivals::Closed { users, .. } => format!("{users} users"),
            Arrivals::LongLived(drawn) => {
                format!("{} connections", text::count(drawn.connections.into()))
            }
        },
        Component::LoadBalancer(balancer) => match balancer.pair {
            Pair::Single => algorithm(balancer.algorithm).into(),
            _ => format!("pair, {}", algorithm(balancer.algorithm)),
        },
        Component::RateLimiter(limiter) => limit(&limiter.limit, limiter.scope),
        Component::ApiGateway(gateway) => match &gateway.rate_limit {
            Some(rate_limit) => limit(&rate_limit.limit, rate_limit.scope),
            None => slots(gateway.slots),
        },
        Component::Dns(dns) => {
            let policy = match dns.policy {
                Resolution::RoundRobin => "round robin",
                Resolution::Weighted => "weighted",
                Resolution::Failover => "failover",
                Resolution::Nearest => "nearest",
            };
            format!("{policy}, {} TTL", dns.ttl)
        }
        Component::Function(function) => {
            format!("up to {}", text::count(function.concurrency.into()))
        }
        Component::Server(server) => match &server.autoscaler {
            Some(scaler) => format!("{}–{} × {}", scaler.min, scaler.max, slots(server.slots)),
            None if server.instances == 1 => slots(server.slots),
            None => format!("{} × {}", server.instances, slots(server.slots)),
        },
        Component::Cache(cache) => match cache.hit_ratio {
            Some(ratio) => format!("fixed {} hits", text::percent(ratio)),
            None => format!(
                "LRU, {} keys",
                text::short(
                    cache
                        .capacity
                        .unwrap_or(crate::scenario::Cache::DEFAULT_CAPACITY)
                        as f64
                )
            ),
        },
        Component::Database(database) => slots(database.slots),
        Component::Replica(replica) => slots(replica.slots),
        Component::Queue(queue) => match queue.capacity {
            Some(capacity) => format!("holds {}", text::count(u64::from(capacity))),
            None => "no limit".into(),
        },
    }
}

/// How much a limit lets through: "burst 100, 10/s", "100 each 1s per session".
fn limit(limit: &RateLimit, scope: Scope) -> String {
    let mut words = match limit {
        RateLimit::TokenBucket { burst, rate } => {
            format!("burst {burst}, {}", text::per_second(rate.0))
        }
        RateLimit::LeakyBucket { rate, .. } => format!("leaks {}", text::per_second(rate.0)),
        RateLimit::FixedWindow { limit, window }
        | RateLimit::SlidingLog { limit, window }
        | RateLimit::SlidingCounter { limit, window } => format!("{limit} each {window}"),
    };
    if scope == Scope::PerSession {
        words += " per session";
    }
    words
}

/// What an algorithm is called in the window.
pub fn algorithm(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RoundRobin => "round robin",
        Algorithm::WeightedRoundRobin => "weighted round robin",
        Algorithm::Random => "random",
        Algorithm::LeastConnections => "least connections",
        Algorithm::WeightedLeastConnections => "weighted least connections",
        Algorithm::PowerOfTwo => "power of two choices",
        Algorithm::PowerOfChoices(_) => "power of choices",
        Algorithm::LeastResponseTime(_) => "least response time",
        Algorithm::LowestUtilization => "lowest utilization",
        Algorithm::SessionHash => "session hash",
        Algorithm::KeyHash => "key hash",
        Algorithm::ConsistentHash(_) => "consistent hashing",
    }
}

/// A problem with what it is about, where it does not say so itself: "api: a server needs a slot;
/// did you mean `slots`?"
pub fn of_problem(problem: &Problem, scenario: &Scenario) -> String {
    let subject = problem.subject.text(scenario);
    let says_it = problem.message.contains(&format!("`{subject}`"));
    let mut words = if says_it || problem.subject == Subject::Scenario {
        text::capital(&problem.message)
    } else {
        format!("{subject}: {}", problem.message)
    };
    if let Some(word) = &problem.suggestion {
        words += &format!("; did you mean `{word}`?");
    }
    words
}

/// What makes an arrow special: "2 · reads on miss". Empty for a plain one.
pub fn of_connection(connection: &Connection) -> String {
    let mut words = Vec::new();
    match &connection.link {
        Link::Replication(_) => return "replication".into(),
        Link::DeadLetters => return "dead letters".into(),
        Link::Calls => {}
    }
    match &connection.only {
        Some(Only::Reads) => words.push("reads".to_owned()),
        Some(Only::Writes) => words.push("writes".into()),
        Some(Only::Named(names)) => words.push(names.join(", ")),
        Some(Only::All) | None => {}
    }
    match connection.when {
        Some(When::OnMiss) => words.push("on miss".into()),
        Some(When::OnFailure) => words.push("on failure".into()),
        Some(When::Always) | None => {}
    }
    match connection.mode {
        Mode::Sync => {}
        Mode::Async => words.push("async".into()),
        Mode::Forward => words.push("forward".into()),
    }
    if connection.probability < 1.0 {
        words.push(text::percent(connection.probability));
    }
    if let Some(weight) = connection.weight {
        words.push(format!("weight {weight}"));
    }
    if let Some(bandwidth) = connection.bandwidth {
        words.push(bandwidth.to_string());
    }
    let words = words.join(" ");
    match connection.step {
        Some(step) if words.is_empty() => format!("{step}"),
        Some(step) => format!("{step} · {words}"),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Kind, parameters::set};

    #[test]
    fn a_rate_that_changes_is_not_shown_as_if_it_stayed() {
        let mut scenario = Scenario::default();
        let client = Kind::Client.component();
        scenario.components.insert("c".into(), client);
        for (profile, caption) in [
            ("[Steps([(0s, 200), (120s, 600)])]", "Poisson up to 600/s"),
            ("[Steps([(0s, 10), (60s, 20)])]", "Poisson up to 20.0/s"),
            ("[Steps([(60s, 1)])]", "Poisson up to 80.0/s"),
            (
                "[Day(swing: 0.5), Spike(at: 1s, until: 2s, times: 3)]",
                "Poisson up to 280/s",
            ),
        ] {
            let arrivals = format!("Poisson(rate: 80, profile: {profile})");
            set(&mut scenario, "c.arrivals", &arrivals).unwrap();
            assert_eq!(of(&scenario.components["c"]), caption);
        }
    }

    #[test]
    fn a_client_says_how_its_requests_come() {
        let mut scenario = Scenario::default();
        let client = Kind::Client.component();
        scenario.components.insert("c".into(), client);
        for (arrivals, caption) in [
            ("Poisson(rate: 80)", "Poisson 80.0/s"),
            ("Constant(rate: 4)", "every 250 ms"),
            ("Uniform(rate: 80)", "uniform 80.0/s"),
            (
                "Bursts(low: 50, high: 900, low_for: 9s, high_for: 1s)",
                "bursts 50.0–900/s",
            ),
            (
                "Bursts(low: 0, high: 500, low_for: 9s, high_for: 1s)",
                "on and off 500/s",
            ),
            ("Batches(rate: 100, size: 8)", "batches of 8, 100/s"),
            ("Recorded(times: [1s, 2s])", "2 recorded times"),
            ("Sessions(starts: 20, requests: 5)", "20.0/s sessions"),
            ("Closed(users: 20)", "20 users"),
        ] {
            set(&mut scenario, "c.arrivals", arrivals).unwrap();
            assert_eq!(of(&scenario.components["c"]), caption);
        }
    }
}
