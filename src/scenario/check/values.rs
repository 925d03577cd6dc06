//! Numbers and times of single entries.

use super::Entry;
use super::limits::{self, Range, people};
use crate::scenario::fault;
use crate::scenario::{
    After, Algorithm, Backoff, Breaker, Cache, Client, Component, Connection, Discipline, Duration,
    Excess, Fault, FaultKind, Frame, HashOf, Health, Hedge, Kind, Limit, Link, LoadBalancer,
    Objective, Problem, Queueing, RateLimit, RateLimiter, Retries, Scenario, Subject, Trip, What,
};

/// Checks every number.
pub fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    check_one(scenario, &Subject::Scenario, problems);
    for name in scenario.operations.keys() {
        check_one(scenario, &Subject::Operation(name.clone()), problems);
    }
    for name in scenario.components.keys() {
        check_one(scenario, &Subject::Component(name.clone()), problems);
    }
    for at in 0..scenario.connections.len() {
        check_one(scenario, &Subject::Connection(at), problems);
    }
    for name in scenario.frames.keys() {
        check_one(scenario, &Subject::Frame(name.clone()), problems);
    }
    for at in 0..scenario.latencies.len() {
        check_one(scenario, &Subject::Latency(at), problems);
    }
    for at in 0..scenario.faults.len() {
        check_one(scenario, &Subject::Fault(at), problems);
    }
    for at in 0..scenario.objectives.len() {
        check_one(scenario, &Subject::Objective(at), problems);
    }
}

/// Checks the numbers of one entry; for the scenario its own and the sums over all entries.
pub fn check_one(scenario: &Scenario, subject: &Subject, problems: &mut Vec<Problem>) {
    let mut entry = Entry::new(problems, subject.clone());
    let kind = |name: &str| scenario.components.get(name).map(Component::kind);
    match subject {
        Subject::Scenario => entry.scenario(scenario),
        Subject::Operation(name) => {
            if let Some(operation) = scenario.operations.get(name) {
                entry.number("weight", operation.weight, limits::WEIGHT);
                entry.count("priority", operation.priority, limits::PRIORITY);
                entry.message_size("request", &operation.request);
                entry.message_size("reply", &operation.reply);
            }
        }
        Subject::Component(name) => {
            if let Some(component) = scenario.components.get(name) {
                entry.component(component);
            }
        }
        Subject::Connection(at) => {
            if let Some(connection) = scenario.connections.get(*at) {
                entry.connection(connection);
            }
        }
        Subject::Fault(at) => {
            if let Some(fault) = scenario.faults.get(*at) {
                let works = match scenario.components.get(&fault.on) {
                    Some(Component::LoadBalancer(balancer)) => balancer.capacity.is_some(),
                    Some(Component::RateLimiter(_) | Component::Dns(_) | Component::Queue(_)) => {
                        false
                    }
                    _ => true,
                };
                entry.fault(scenario, fault, works);
            }
        }
        Subject::Objective(at) => {
            if let Some(objective) = scenario.objectives.get(*at) {
                entry.objective(objective, kind(&objective.of));
            }
        }
        Subject::Frame(name) => {
            if let Some(frame) = scenario.frames.get(name) {
                let holds = |zone: &Frame| zone.inside.as_ref() == Some(name);
                if frame.members.is_empty() && !scenario.frames.values().any(holds) {
                    entry.warning("", format!("nothing is in `{name}`"));
                }
            }
        }
        Subject::Latency(at) => {
            if let Some(found) = scenario.latencies.get(*at) {
                entry.distribution("latency", &found.latency);
            }
        }
        Subject::Layout(_) => {}
    }
}

impl Entry<'_> {
    fn scenario(&mut self, scenario: &Scenario) {
        self.positive("run.duration", scenario.run.duration);
        if scenario.run.warm_up >= scenario.run.duration && scenario.run.duration > Duration::ZERO {
            self.error("run.warm_up", "the warm-up must be shorter than the run");
        }
        let prices = &scenario.prices;
        for (field, price) in [
            ("prices.load_balancer", prices.load_balancer),
            ("prices.rate_limiter", prices.rate_limiter),
            ("prices.server", prices.server),
            ("prices.api_gateway", prices.api_gateway),
            ("prices.dns", prices.dns),
            ("prices.function", prices.function),
            ("prices.gigabyte_second", prices.gigabyte_second),
            ("prices.cache", prices.cache),
            ("prices.database", prices.database),
            ("prices.queue", prices.queue),
            ("prices.gigabyte_out", prices.gigabyte_out),
            ("prices.gigabyte_across_zones", prices.gigabyte_across_zones),
            (
                "prices.gigabyte_across_regions",
                prices.gigabyte_across_regions,
            ),
        ] {
            self.number(field, price, limits::PRICE);
        }
        let mut weights = scenario
            .operations
            .values()
            .map(|operation| operation.weight);
        if !scenario.operations.is_empty() && weights.all(|weight| weight == 0.0) {
            self.error("operations", "the weights of the operations add up to 0");
        }
        let instances: u64 = scenario
            .components
            .values()
            .map(|component| match component {
                Component::Server(server) => u64::from(server.most_instances()),
                _ => 0,
            })
            .sum();
        if instances > limits::ALL_INSTANCES {
            let message = format!(
                "{} instances; all servers together can have at most {}",
                people(instances as f64),
                people(limits::ALL_INSTANCES as f64)
            );
            self.error("components", message);
        }
    }

    pub(super) fn number(&mut self, field: &str, number: f64, range: Range) {
        if !range.contains(number) {
            let name = field
                .rsplit('.')
                .find(|word| word.parse::<usize>().is_err());
            let name = name.unwrap_or(field);
            self.error(
                field,
                format!("`{name}` must be {range}, found {}", people(number)),
            );
        }
    }

    pub(super) fn count(&mut self, field: &str, count: impl Into<u64>, range: Range) {
        self.number(field, count.into() as f64, range);
    }

    pub(super) fn positive(&mut self, field: &str, duration: Duration) {
        if duration == Duration::ZERO {
            let name = field.rsplit('.').next().unwrap_or(field);
            self.error(field, format!("`{name}` must be longer than 0"));
        }
    }

    fn component(&mut self, component: &Component) {
        if let Some(failures) = component.failures() {
            for (field, time) in [("mtbf", &failures.mtbf), ("mttr", &failures.mttr)] {
                let field = format!("failures.{field}");
                self.distribution(&field, time);
                if *time == crate::scenario::Distribution::ZERO {
                    self.error(&field, "the time must be longer than 0");
                }
            }
        }
        match component {
            Component::Client(client) => self.client(client),
            Component::LoadBalancer(balancer) => self.balancer(balancer),
            Component::RateLimiter(limiter) => self.limiter(limiter),
            Component::ApiGateway(gateway) => {
                self.count("slots", gateway.slots, limits::SLOTS);
                self.distribution("authentication", &gateway.authentication);
                self.line(&gateway.queue);
                if let Some(rate_limit) = &gateway.rate_limit {
                    self.rate_limit("rate_limit.limit", &rate_limit.limit);
                }
                if let Some(cache) = &gateway.cache {
                    self.count("cache.capacity", cache.capacity, limits::KEYS);
                    self.positive("cache.ttl", cache.ttl);
                }
            }
            Component::Dns(dns) => {
                self.distribution("lookup", &dns.lookup);
                if let Some(health) = &dns.health {
                    self.health(health);
                }
            }
            Component::Function(function) => {
                self.distribution("service", &function.service);
                self.distribution("cold_start", &function.cold_start);
                self.count("concurrency", function.concurrency, limits::SLOTS);
                self.count("memory", function.memory, limits::MEMORY);
            }
            Component::Server(server) => {
                self.count("instances", server.instances, limits::SLOTS);
                self.count("slots", server.slots, limits::SLOTS);
                self.distribution("service", &server.service);
                for (operation, service) in &server.per_operation {
                    self.distribution(&format!("per_operation.{operation}"), service);
                }
                if let Some(contention) = server.contention {
                    self.number("contention.alpha", contention.alpha, limits::SHARE);
                    self.number("contention.beta", contention.beta, limits::SHARE);
                }
                self.line(&server.queue);
                self.server(server);
            }
            Component::Cache(cache) => self.cache(cache),
            Component::Database(database) => {
                self.count("slots", database.slots, limits::SLOTS);
                self.distribution("read", &database.read);
                self.distribution("write", &database.write);
                self.line(&database.queue);
            }
            Component::Replica(replica) => {
                self.count("slots", replica.slots, limits::SLOTS);
                self.distribution("read", &replica.read);
                self.distribution("apply", &replica.apply);
                self.line(&replica.queue);
            }
            Component::Queue(queue) => {
                if let Some(capacity) = queue.capacity {
                    self.count("capacity", capacity, limits::MESSAGES);
                }
                self.count("prefetch", queue.prefetch, limits::COUNT);
                self.positive("visibility", queue.visibility);
                self.count("max_deliveries", queue.max_deliveries, limits::COUNT);
            }
        }
    }

    fn client(&mut self, client: &Client) {
        self.arrivals(&client.arrivals);
        self.keys(&client.keys);
        self.count("sessions", client.sessions, limits::SESSIONS);
        self.number("session_skew", client.session_skew, limits::ZIPF);
        for (region, weight) in &client.regions {
            self.number(&format!("regions.{region}"), *weight, limits::WEIGHT);
        }
        if !client.regions.is_empty() && client.regions.values().all(|weight| *weight == 0.0) {
            self.error("regions", "no region has a weight: no request can come");
        }
        if let Some(timeout) = client.timeout {
            self.positive("timeout", timeout);
        }
        self.retries(&client.retries);
    }

    pub(super) fn order(&mut self, field: &str, start: Duration, end: Duration) {
        if end <= start {
            let field = if field.is_empty() {
                "until".to_owned()
            } else {
                format!("{field}.until")
            };
            self.error(
                &field,
                format!("`until` must be later than its start at {start}, found {end}"),
            );
        }
    }

    fn retries(&mut self, retries: &Retries) {
        self.count("retries.max", retries.max, limits::RETRIES);
        match retries.backoff {
            Backoff::Constant(time) | Backoff::Exponential(time) if time == Duration::ZERO => {
                self.error("retries.backoff", "a back-off of 0 is none: write `None`");
            }
            _ => {}
        }
        if let Some(budget) = &retries.budget {
            self.number("retries.budget.ratio", budget.ratio, limits::SHARE);
            self.number(
                "retries.budget.per_second",
                budget.per_second.0,
                limits::RATE,
            );
            self.count("retries.budget.burst", budget.burst, limits::TOKENS);
        }
    }

    fn breaker(&mut self, breaker: &Breaker) {
        self.positive("breaker.open", breaker.open);
        self.count("breaker.probes", breaker.probes, limits::FAILURES);
        match breaker.trip {
            Trip::Consecutive { failures } => {
                self.count("breaker.trip.failures", failures, limits::FAILURES);
            }
            Trip::Ratio {
                share,
                window,
                least,
            } => {
                self.number("breaker.trip.share", share, limits::SOME);
                self.count("breaker.trip.window", window, limits::FAILURES);
                self.count("breaker.trip.least", least, limits::FAILURES);
                if least > window {
                    let (least, window) = (people(least.into()), people(window.into()));
                    self.error(
                        "breaker.trip.least",
                        format!("`least` is {least}, but it looks only {window} attempts back"),
                    );
                }
            }
        }
    }

    fn balancer(&mut self, balancer: &LoadBalancer) {
        match balancer.algorithm {
            Algorithm::PowerOfChoices(of) => {
                self.count("algorithm.choices", of.choices, limits::CHOICES);
            }
            Algorithm::LeastResponseTime(of) => {
                self.number("algorithm.alpha", of.alpha, limits::ALPHA);
                self.positive("algorithm.memory", of.memory);
            }
            Algorithm::ConsistentHash(of) => {
                self.count("algorithm.vnodes", of.vnodes, limits::POINTS);
                if let Some(bound) = of.bound {
                    self.number("algorithm.bound", bound, limits::BOUND);
                }
            }
            _ => {}
        }
        if balancer.sticky {
            let by_hash = match balancer.algorithm {
                Algorithm::SessionHash => true,
                Algorithm::ConsistentHash(of) => of.by == HashOf::Session && of.bound.is_none(),
                _ => false,
            };
            if by_hash {
                self.warning(
                    "sticky",
                    "`sticky` keeps sessions where they were when targets come and go; until then \
                     the hash of the session does the same",
                );
            }
        }
        if let Some(health) = &balancer.health {
            self.health(health);
        }
        if let Some(ejection) = &balancer.ejection {
            let failures = ejection.consecutive_failures;
            self.count("ejection.consecutive_failures", failures, limits::COUNT);
            self.positive("ejection.base_time", ejection.base_time);
            self.number("ejection.max_share", ejection.max_share, limits::SHARE);
        }
        if let Some(capacity) = &balancer.capacity {
            self.count("capacity.slots", capacity.slots, limits::SLOTS);
            self.distribution("capacity.service", &capacity.service);
        }
        if let Some(time) = balancer.slow_start {
            self.positive("slow_start", time);
            if !balancer.has_weights() {
                self.warning(
                    "slow_start",
                    "`slow_start` has no effect: the algorithm does not look at weights",
                );
            }
        }
    }

    fn health(&mut self, health: &Health) {
        if health
            .timeout
            .is_some_and(|timeout| timeout > health.interval)
        {
            self.error(
                "health.timeout",
                "`timeout` must not be longer than `interval`",
            );
        }
        if let Some(timeout) = health.timeout {
            self.positive("health.timeout", timeout);
        }
        // Shorter intervals would make checks the main traffic of a run.
        if health.interval < Duration::from_millis(1) {
            self.error("health.interval", "`interval` must be at least 1ms");
        }
        self.count("health.unhealthy", health.unhealthy, limits::COUNT);
        self.count("health.healthy", health.healthy, limits::COUNT);
    }

    fn rate_limit(&mut self, field: &str, limit: &RateLimit) {
        match limit {
            RateLimit::TokenBucket { burst, rate } => {
                self.count(&format!("{field}.burst"), *burst, limits::BURST);
                self.number(&format!("{field}.rate"), rate.0, limits::LIMIT);
            }
            RateLimit::LeakyBucket { capacity, rate } => {
                self.count(&format!("{field}.capacity"), *capacity, limits::LINE);
                self.number(&format!("{field}.rate"), rate.0, limits::LIMIT);
            }
            RateLimit::FixedWindow { limit, window }
            | RateLimit::SlidingLog { limit, window }
            | RateLimit::SlidingCounter { limit, window } => {
                self.count(&format!("{field}.limit"), *limit, limits::BURST);
                self.positive(&format!("{field}.window"), *window);
            }
        }
    }

    fn limiter(&mut self, limiter: &RateLimiter) {
        self.rate_limit("limit", &limiter.limit);
        if matches!(limiter.limit, RateLimit::LeakyBucket { .. })
            && limiter.excess != Excess::Refuse
        {
            self.warning(
                "excess",
                "calls wait in a leaky bucket whatever `excess` says: it has no effect",
            );
        }
        if let Excess::Wait {
            capacity: Some(capacity),
        } = limiter.excess
        {
            self.count("excess.capacity", capacity, limits::LINE);
        }
    }

    fn cache(&mut self, cache: &Cache) {
        if let Some(capacity) = cache.capacity {
            self.count("capacity", capacity, limits::KEYS);
        }
        if let Some(ratio) = cache.hit_ratio {
            self.number("hit_ratio", ratio, limits::SHARE);
            if cache.capacity.is_some() {
                self.error(
                    "hit_ratio",
                    "`hit_ratio` and `capacity` exclude each other: the hit ratio is either fixed or an outcome",
                );
            }
            if cache.ttl.is_some() {
                self.warning(
                    "ttl",
                    "`ttl` has no effect on a cache with a fixed hit ratio",
                );
            }
        }
        if let Some(ttl) = cache.ttl {
            self.positive("ttl", ttl);
        }
        self.count("slots", cache.slots, limits::SLOTS);
        self.distribution("service", &cache.service);
        self.line(&cache.queue);
    }

    fn line(&mut self, queue: &Queueing) {
        if let Some(capacity) = queue.capacity {
            self.count("queue.capacity", capacity, limits::LINE);
        }
        if let Discipline::CoDel { target, interval }
        | Discipline::AdaptiveLifo { target, interval } = queue.discipline
        {
            self.positive("queue.discipline.target", target);
            self.positive("queue.discipline.interval", interval);
        }
    }

    fn connection(&mut self, connection: &Connection) {
        if let Some(step) = connection.step {
            self.count("step", step, limits::STEP);
        }
        self.number("probability", connection.probability, limits::SHARE);
        if let Some(weight) = connection.weight {
            self.number("weight", weight, limits::WEIGHT);
        }
        if let Some(latency) = &connection.latency {
            self.distribution("latency", latency);
        }
        self.number("loss", connection.loss, limits::SHARE);
        if let Some(timeout) = connection.timeout {
            self.positive("timeout", timeout);
        }
        if let Some(retries) = &connection.retries {
            self.retries(retries);
        }
        if let Some(breaker) = &connection.breaker {
            self.breaker(breaker);
        }
        if let Some(Hedge {
            after: After::Percentile { share },
        }) = connection.hedge
        {
            self.number("hedge.after.share", share, limits::SOME);
        }
        if let Some(pool) = &connection.pool {
            self.count("pool.max", pool.max, limits::SLOTS);
            if let Some(wait) = pool.wait {
                self.positive("pool.wait", wait);
            }
            if let Some(queue) = pool.queue {
                self.count("pool.queue", queue, limits::LINE);
            }
        }
        if let Link::Replication(replication) = &connection.link {
            self.distribution("link.lag", &replication.lag);
        }
    }

    fn fault(&mut self, scenario: &Scenario, fault: &Fault, works: bool) {
        if let Some(until) = fault.until {
            if fault.fault == FaultKind::Flush {
                self.warning("until", "a cache is flushed at once: `until` has no effect");
            } else {
                self.order("", fault.at, until);
            }
        }
        match fault.fault {
            FaultKind::Slow { times } => self.number("fault.times", times, limits::SLOWER),
            FaultKind::Traffic { times } => self.number("fault.times", times, limits::FACTOR),
            FaultKind::Errors { share }
            | FaultKind::Loss { share }
            | FaultKind::HotKey { share } => {
                self.number("fault.share", share, limits::SHARE);
            }
            FaultKind::Capacity { lost } => self.number("fault.lost", lost, limits::SHARE),
            FaultKind::Deploy(deploy) => self.deploy(&deploy),
            FaultKind::Crash
            | FaultKind::Hang
            | FaultKind::Pause
            | FaultKind::Flush
            | FaultKind::Partition
            | FaultKind::Cut => {}
        }
        if let Some(reason) = fault::refusal(scenario, &fault.on, fault.fault) {
            self.error("fault", reason);
        } else if matches!(fault.fault, FaultKind::Slow { .. }) && !works {
            let on = &fault.on;
            self.warning(
                "fault",
                format!("`{on}` does no work of its own: `Slow` has no effect"),
            );
        }
    }

    fn objective(&mut self, objective: &Objective, kind: Option<Kind>) {
        let (field, limit) = match (objective.below, objective.above) {
            (Some(limit), None) => ("below", limit),
            (None, Some(limit)) => ("above", limit),
            (None, None) => {
                self.error("", "an objective needs a limit: `below` or `above`");
                return;
            }
            (Some(_), Some(_)) => {
                self.error(
                    "above",
                    "an objective has one limit: `below` or `above`; write two objectives",
                );
                return;
            }
        };
        match (objective.what, limit) {
            (What::Latency { percentile }, Limit::Duration(_)) => {
                self.number("what.percentile", percentile, limits::PERCENTILE);
            }
            (What::Latency { .. }, Limit::Number(number)) => {
                self.error(
                    field,
                    format!("a latency needs a duration such as \"200ms\", found {number}"),
                );
            }
            (_, Limit::Duration(duration)) => {
                self.error(
                    field,
                    format!("this measure needs a number, found \"{duration}\""),
                );
            }
            (What::Goodput, Limit::Number(rate)) => self.number(field, rate, limits::RATE),
            (_, Limit::Number(share)) => self.number(field, share, limits::SHARE),
        }
        let Some(kind) = kind else { return };
        let of = &objective.of;
        let fits = match objective.what {
            What::Latency { .. } | What::Availability | What::Goodput => true,
            What::Utilization => matches!(
                kind,
                Kind::ApiGateway
                    | Kind::Server
                    | Kind::Function
                    | Kind::Cache
                    | Kind::Database
                    | Kind::Replica
            ),
            What::HitRatio => matches!(kind, Kind::Cache | Kind::ApiGateway | Kind::Dns),
            What::StaleShare => {
                matches!(kind, Kind::Client | Kind::Cache | Kind::Replica)
            }
        };
        if !fits {
            let noun = kind.noun();
            self.error(
                "what",
                format!("`{of}` is a {noun}, which has no such measure"),
            );
        }
    }
}
