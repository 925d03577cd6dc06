//! The model of one box with slots, from its stream and its service times.

use std::borrow::Cow;

use super::network::{Drawing, Network, Stream, instances, kind, operations, outgoing};
use super::{Fit, Model};
use crate::scenario::{Algorithm, Component, Discipline, Distribution, Kind, Queueing};
use crate::theory::cache::{Popularity, lru_hit_ratio};
use crate::theory::{Station, general, markov};

/// What a box does with a call.
#[derive(Clone, Copy, Debug)]
struct Work {
    /// Slots of one instance.
    slots: u32,
    capacity: Option<u32>,
    discipline: Discipline,
    /// Mean service time over the mix of operations, in seconds.
    mean: f64,
    /// Its squared coefficient of variation.
    squared_cv: f64,
    /// Whether all of it is exponential with one mean.
    exponential: bool,
}

impl Work {
    fn drops_nobody(&self) -> Result<(), String> {
        match self.discipline {
            Discipline::CoDel { .. } | Discipline::AdaptiveLifo { .. } => {
                Err("drops calls that have waited too long".into())
            }
            _ => Ok(()),
        }
    }

    /// Why the means of first come, first served are not those of its discipline, if they are not.
    ///
    /// With memoryless work the number present does not depend on who is served; with other work it
    /// does not either, as long as nobody is preferred for how much work it is (Kleinrock 1976,
    /// section 3.4).
    fn has_means_of_fifo(&self) -> Result<(), String> {
        match self.discipline {
            _ if self.exponential => Ok(()),
            Discipline::Priority => Err("its line has priorities, and its work differs".into()),
            Discipline::ProcessorSharing => {
                Err("its slots are shared, and its work is not memoryless".into())
            }
            _ => Ok(()),
        }
    }
}

/// Slots of one instance, the line, and the work by operation of a box with slots.
pub(super) fn works<'d>(
    drawing: &Drawing<'d>,
    index: usize,
) -> Option<(u32, Queueing, Vec<Cow<'d, Distribution>>)> {
    let operations = operations(drawing);
    let each = |find: &dyn Fn(&str, bool) -> Cow<'d, Distribution>| -> Vec<Cow<'d, Distribution>> {
        operations
            .iter()
            .map(|(name, writes, _)| find(name, *writes))
            .collect()
    };
    let (slots, queue, works) = match &drawing.scenario.components[index] {
        Component::Server(server) => {
            let find = |name: &str, _| server.work(name);
            (server.slots, server.queue, each(&find))
        }
        Component::Cache(cache) => (
            cache.slots,
            cache.queue,
            each(&|_, _| Cow::Borrowed(&cache.service)),
        ),
        Component::Database(database) => {
            let find = |_: &str, writes| {
                Cow::Borrowed(if writes {
                    &database.write
                } else {
                    &database.read
                })
            };
            (database.slots, database.queue, each(&find))
        }
        Component::Replica(replica) => {
            let read = |_: &str, _| Cow::Borrowed(&replica.read);
            (replica.slots, replica.queue, each(&read))
        }
        Component::Client(_)
        | Component::LoadBalancer(_)
        | Component::RateLimiter(_)
        | Component::ApiGateway(_)
        | Component::Dns(_)
        | Component::Function(_)
        | Component::Queue(_) => return None,
    };
    Some((slots, queue, works))
}

fn work(drawing: &Drawing, index: usize, rates: &[f64]) -> Option<Work> {
    let (slots, queue, works) = works(drawing, index)?;
    let mix: Vec<(f64, Cow<Distribution>)> = rates
        .iter()
        .zip(works)
        .filter(|(rate, _)| **rate > 0.0)
        .map(|(rate, work)| (*rate, work))
        .collect();
    let total: f64 = mix.iter().map(|(rate, _)| rate).sum();
    let mean = mix
        .iter()
        .map(|(rate, work)| rate / total * work.mean_secs())
        .sum::<f64>();
    let square: f64 = mix
        .iter()
        .map(|(rate, work)| {
            let mean = work.mean_secs();
            rate / total * mean * mean * (1.0 + work.squared_cv())
        })
        .sum();
    let exponential = mix.iter().all(|(_, work)| {
        matches!(&**work, Distribution::Exponential(mean)
            if matches!(&*mix[0].1, Distribution::Exponential(first) if first == mean))
    });
    Some(Work {
        slots,
        capacity: queue.capacity,
        discipline: queue.discipline,
        mean,
        squared_cv: if mean > 0.0 {
            (square / (mean * mean) - 1.0).max(0.0)
        } else {
            0.0
        },
        exponential: exponential && !mix.is_empty(),
    })
}

/// Why a box is no M/M/c station of a Jackson network, if it is not.
pub(super) fn is_markovian(
    drawing: &Drawing,
    network: &Network,
    index: usize,
) -> Result<(), String> {
    is_ordinary(drawing, index)?;
    match kind(drawing, index) {
        Kind::Function => return Err("starts cold when no instance is warm".into()),
        Kind::ApiGateway => return Err("is a gateway, which refuses and remembers".into()),
        _ => {}
    }
    let rates = network.rates[index]
        .clone()
        .unwrap_or_else(|_| vec![1.0; network.writes.len()]);
    let Some(work) = work(drawing, index, &rates) else {
        return Err("has no slots".into());
    };
    work.drops_nobody()?;
    if !work.exponential {
        return Err("does not work for an exponential time with one mean".into());
    }
    if work.capacity.is_some() {
        return Err("has a limited line".into());
    }
    Ok(())
}

/// Whether what leaves a box is Poisson if what comes is, or why not (Burke 1956).
pub(super) fn passes_poisson_on(
    drawing: &Drawing,
    network: &Network,
    index: usize,
) -> Result<(), String> {
    is_markovian(drawing, network, index)?;
    if network.fans_out(drawing, index) {
        return Err("makes several calls of one".into());
    }
    match &network.streams[index] {
        Stream::Poisson => Ok(()),
        Stream::EveryNth(_) => Err("gets its own calls in turn".into()),
        Stream::Even => Err("gets evenly spaced calls".into()),
        Stream::Uniform => Err("gets calls at uniform intervals".into()),
        Stream::Batches(..) => Err("gets calls in batches".into()),
        Stream::Other(_) => Err("gets no Poisson stream itself".into()),
    }
}

/// Whether calls in a box slow each other down.
fn is_contended(drawing: &Drawing, index: usize) -> bool {
    matches!(&drawing.scenario.components[index], Component::Server(server) if server.contention.is_some())
}

/// Why a box is more than slots with a line, if it is.
fn is_ordinary(drawing: &Drawing, index: usize) -> Result<(), String> {
    if let Some(other) = drawing.waits_for(index) {
        return Err(format!("keeps its slots while it waits for `{other}`"));
    }
    if is_contended(drawing, index) {
        return Err("works the longer the more it works on".into());
    }
    if let Component::Server(server) = &drawing.scenario.components[index] {
        if server.shed.is_some() {
            return Err("turns calls away when it has too much to do".into());
        }
        if server.autoscaler.is_some() {
            return Err("has more or fewer instances as its load changes".into());
        }
        if server.pauses.is_some() {
            return Err("stands still now and then".into());
        }
    }
    if let Some(primary) = drawing.primary(index) {
        return Err(format!(
            "spends its slots on the log of `{}` as well",
            drawing.name(primary)
        ));
    }
    Ok(())
}

/// What theory says about a box that open traffic reaches.
pub(super) fn fit(drawing: &Drawing, network: &Network, index: usize) -> Fit {
    if let Component::Queue(_) = &drawing.scenario.components[index] {
        return Fit::unfit("messages wait for their consumers, which have lines of their own");
    }
    let ratio = hit_ratio(drawing, index);
    let mut fit = fit_station(drawing, network, index);
    match (ratio, &mut fit) {
        (Some(ratio), Fit::Model(model)) => model.values.push(("hit_ratio", ratio)),
        (Some(ratio), Fit::Unfit { reason, .. }) => {
            fit = Fit::Model(Model {
                name: "LRU by Che's approximation".into(),
                approximate: Some(format!("hit ratio only; no queueing model: {reason}")),
                values: vec![("hit_ratio", ratio)],
            });
        }
        _ => {}
    }
    fit
}

fn fit_station(drawing: &Drawing, network: &Network, index: usize) -> Fit {
    if let Some(reason) = super::disturbed(drawing.scenario) {
        return Fit::unfit(reason);
    }
    let rates = match &network.rates[index] {
        Ok(rates) => rates,
        Err(reason) => return Fit::unfit(reason.clone()),
    };
    let arrival_rate: f64 = rates.iter().sum();
    let Some(work) = work(drawing, index, rates).filter(|_| arrival_rate > 0.0) else {
        return Fit::unfit("it gets no calls");
    };
    let machines = f64::from(instances(drawing, index));
    let utilization = arrival_rate * work.mean / machines / f64::from(work.slots);
    let ordinary = is_ordinary(drawing, index);
    if utilization >= 1.0 && work.capacity.is_none() {
        return Fit::unfit(format!(
            "no steady state: {arrival_rate:.4} calls/s are {:.0} % of what it can do, so its line \
             grows without end",
            utilization * 100.0
        ));
    }
    let refuses = upstream_refuses(drawing, network, index);
    let unfit = |reason: String| Fit::Unfit {
        reason,
        utilization: (work.capacity.is_none() && !refuses && !is_contended(drawing, index))
            .then_some(utilization),
    };
    if let Err(reason) = ordinary.and_then(|()| work.drops_nobody()) {
        return unfit(format!("it {reason}"));
    }
    if work.mean == 0.0 {
        return unfit("its work takes no time".into());
    }
    let stream = match &network.streams[index] {
        Stream::Other(reason) => match power_of_two(drawing, index, &work, utilization) {
            Some(model) => return Fit::Model(model),
            None => return unfit(reason.clone()),
        },
        stream => stream.clone(),
    };
    let rate = arrival_rate / machines;
    match model(stream, rate, &work) {
        Ok(mut model) => {
            if work.discipline != Discipline::Fifo {
                // Means do not depend on who is next, tails do.
                let tails = super::super::measures::PERCENTILES;
                let is_tail = |key: &str| tails.iter().any(|(tail, _)| *tail == key);
                model.values.retain(|(key, _)| !is_tail(key));
            }
            for (key, value) in &mut model.values {
                if matches!(*key, "l" | "lq" | "throughput") {
                    *value *= machines;
                }
            }
            if machines > 1.0 {
                model.name = format!("{} × {}", machines, model.name);
            }
            Fit::Model(model)
        }
        Err(reason) => unfit(reason),
    }
}

/// Whether calls may be turned away before they come here: then the rate here is lower.
fn upstream_refuses(drawing: &Drawing, network: &Network, index: usize) -> bool {
    network.streams[index] != Stream::Poisson && drawing.another_refuses(index)
}

fn model(stream: Stream, rate: f64, work: &Work) -> Result<Model, String> {
    let c = work.slots;
    let servers = if c == 1 {
        "1".to_owned()
    } else {
        c.to_string()
    };
    let service = match (work.exponential, work.squared_cv == 0.0) {
        (true, _) => "M",
        (_, true) => "D",
        _ => "G",
    };
    let overload = || "there is no steady state".to_owned();
    let exact = |name: String, station: Station| Model {
        name,
        approximate: None,
        values: values(&station),
    };
    let (letter, arrival_squared_cv) = match stream {
        Stream::Poisson => ("M".to_owned(), 1.0),
        Stream::EveryNth(k) => (format!("E{k}"), 1.0 / f64::from(k)),
        Stream::Even => ("D".to_owned(), 0.0),
        Stream::Uniform => ("GI".to_owned(), 1.0 / 3.0),
        Stream::Batches(size, square) => return batches(size, square, rate, work),
        Stream::Other(reason) => return Err(reason),
    };
    if let (Stream::Poisson, None, Discipline::ProcessorSharing, 1) =
        (&stream, work.capacity, work.discipline, c)
    {
        let station = general::mg1_sharing(rate, work.mean).ok_or_else(overload)?;
        return Ok(exact(format!("M/{service}/1-PS"), station));
    }
    work.has_means_of_fifo()?;
    match (&stream, work.capacity) {
        (Stream::Poisson, Some(capacity)) if work.exponential || capacity == 0 => {
            let room = c.saturating_add(capacity);
            if room > 10_000_000 {
                return Err("its line is too long for the exact formula".into());
            }
            let station = markov::mmck(rate, work.mean, c, room).ok_or_else(overload)?;
            let name = if capacity == 0 {
                format!("M/{service}/{servers}/{servers} (Erlang B)")
            } else {
                format!("M/M/{servers}/{room}")
            };
            let mut model = exact(name, station);
            model.values.push(("throughput", station.arrival_rate));
            Ok(model)
        }
        (_, Some(_)) => Err(
            "its line is limited, and either its arrivals or its work are not memoryless".into(),
        ),
        (Stream::Poisson, None) if work.exponential => {
            let station = markov::mmc(rate, work.mean, c).ok_or_else(overload)?;
            let mut model = exact(format!("M/M/{servers}"), station);
            for (key, quantile) in super::super::measures::PERCENTILES {
                let value = markov::mmc_sojourn_quantile(rate, work.mean, c, quantile);
                model.values.extend(value.map(|value| (key, value)));
            }
            Ok(model)
        }
        (Stream::Poisson, None) if c == 1 => {
            let station = general::mg1(rate, work.mean, work.squared_cv).ok_or_else(overload)?;
            Ok(exact(format!("M/{service}/1"), station))
        }
        (Stream::EveryNth(_) | Stream::Even | Stream::Uniform, None)
            if work.exponential && c == 1 =>
        {
            let solved = match stream {
                Stream::EveryNth(k) => general::erlang_m1(rate, k, work.mean),
                Stream::Uniform => general::uniform_m1(rate, work.mean),
                _ => general::dm1(rate, work.mean),
            }
            .ok_or_else(overload)?;
            let mut model = exact(format!("{letter}/M/1"), solved.station);
            for (key, quantile) in super::super::measures::PERCENTILES {
                model.values.push((key, solved.sojourn_quantile(quantile)));
            }
            Ok(model)
        }
        (_, None) => {
            let station = general::ggc(rate, arrival_squared_cv, work.mean, work.squared_cv, c)
                .ok_or_else(overload)?;
            let mut model = exact(format!("{letter}/{service}/{servers}"), station);
            model.approximate = Some("Allen–Cunneen approximation".into());
            Ok(model)
        }
    }
}

/// Batches of E[X] and E[X²] calls, `rate` calls a second in all.
fn batches(size: f64, square: f64, rate: f64, work: &Work) -> Result<Model, String> {
    if work.slots > 1 || work.capacity.is_some() {
        return Err(
            "its calls come in batches, and it has a limited line or more than one slot".into(),
        );
    }
    let station = general::batch_mg1(rate, size, square, work.mean, work.squared_cv)
        .ok_or("there is no steady state")?;
    let service = if work.exponential { "M" } else { "G" };
    Ok(Model {
        name: format!("M[X]/{service}/1"),
        approximate: None,
        values: values(&station),
    })
}

fn values(station: &Station) -> Vec<(&'static str, f64)> {
    vec![
        ("utilization", station.utilization),
        ("l", station.l),
        ("lq", station.lq),
        ("w", station.w),
        ("wq", station.wq),
    ]
}

/// The less loaded of d choices among many single servers: the share of servers with at least i calls
/// is ρ^((dⁱ − 1)/(d − 1)) (Mitzenmacher 1996; Vvedenskaya, Dobrushin and Karpelevich 1996).
fn power_of_two(drawing: &Drawing, index: usize, work: &Work, utilization: f64) -> Option<Model> {
    let [(_, from)] = drawing.callers(index) else {
        return None;
    };
    let from = *from;
    let Component::LoadBalancer(balancer) = &drawing.scenario.components[from] else {
        return None;
    };
    let choices = match balancer.algorithm {
        Algorithm::PowerOfTwo => 2,
        Algorithm::PowerOfChoices(of) => of.choices,
        _ => return None,
    };
    let fits = !balancer.sticky && work.slots == 1 && work.exponential && work.capacity.is_none();
    let machines: u32 = outgoing(drawing, from)
        .filter_map(|(_, connection)| drawing.scenario.components.get_index_of(&connection.to))
        .map(|to| instances(drawing, to))
        .sum();
    if !fits || machines < 2 * choices {
        return None;
    }
    let mut present = 0.0;
    let mut exponent = 1.0_f64;
    for _ in 0..60 {
        present += utilization.powf(exponent);
        exponent = exponent * f64::from(choices) + 1.0;
    }
    let w = present / utilization * work.mean;
    let here = f64::from(instances(drawing, index));
    Some(Model {
        name: match choices {
            2 => "power of two choices".into(),
            more => format!("power of {more} choices"),
        },
        approximate: Some(format!(
            "holds for infinitely many servers; there are {machines}"
        )),
        values: vec![
            ("utilization", utilization),
            ("l", present * here),
            ("lq", (present - utilization) * here),
            ("w", w),
            ("wq", w - work.mean),
        ],
    })
}

/// What theory says of a cache's hit ratio.
fn hit_ratio(drawing: &Drawing, index: usize) -> Option<f64> {
    let Component::Cache(cache) = &drawing.scenario.components[index] else {
        return None;
    };
    if let Some(ratio) = cache.hit_ratio {
        return Some(ratio);
    }
    // Independent requests for the keys of one popularity, reads only, kept until evicted.
    if cache.ttl.is_some() || super::disturbed(drawing.scenario).is_some() {
        return None;
    }
    let writes = drawing.scenario.operations.is_empty()
        || drawing
            .scenario
            .operations
            .values()
            .any(|operation| operation.kind == crate::scenario::OperationKind::Write);
    let mut keys = drawing
        .scenario
        .components
        .values()
        .filter_map(|component| match component {
            Component::Client(client) => Some(&client.keys),
            _ => None,
        });
    let first = keys.next()?;
    if writes || keys.any(|other| other != first) {
        return None;
    }
    // Several caches behind a balancer share the keys in ways of their own.
    if drawing.callers(index).iter().any(|(_, from)| {
        kind(drawing, *from) == Kind::LoadBalancer && outgoing(drawing, *from).count() > 1
    }) {
        return None;
    }
    let popularity = match *first {
        crate::scenario::Keys::Uniform { items } => Popularity::uniform(items)?,
        crate::scenario::Keys::Zipf { items, s } => Popularity::zipf(items, s)?,
        crate::scenario::Keys::HotSet {
            items,
            hot,
            traffic,
        } => Popularity::hot_set(items, crate::scenario::Keys::hot_items(items, hot), traffic)?,
        // Each request says what the next one is about.
        crate::scenario::Keys::Sequential { .. } => return None,
    };
    let capacity = cache
        .capacity
        .unwrap_or(crate::scenario::Cache::DEFAULT_CAPACITY);
    Some(lru_hit_ratio(&popularity, capacity))
}

/// What theory says about an open client: the end-to-end latency, when every request passes a
/// Jackson network without delays on the way (Little's law over all of it).
pub(super) fn fit_client(drawing: &Drawing, network: &Network, fits: &[Fit], index: usize) -> Fit {
    if let Some(reason) = super::disturbed(drawing.scenario) {
        return Fit::unfit(reason);
    }
    let arrival_rate: f64 = match &network.rates[index] {
        Ok(rates) => rates.iter().sum(),
        Err(reason) => return Fit::unfit(reason.clone()),
    };
    let passes = drawing.reached_from(index);
    let shared = (0..passes.len()).any(|other| {
        other != index
            && kind(drawing, other) == Kind::Client
            && passes
                .iter()
                .zip(drawing.reached_from(other))
                .any(|(mine, theirs)| *mine && theirs)
    });
    if shared {
        return Fit::unfit("other clients use the same boxes");
    }
    let Component::Client(client) = &drawing.scenario.components[index] else {
        return Fit::Transparent;
    };
    let mut present = 0.0;
    let mut approximate = None;
    let mut last = None;
    let mut stations = 0;
    for (other, fit) in fits.iter().enumerate() {
        let rate: f64 = network.rates[other]
            .as_ref()
            .map_or(0.0, |rates| rates.iter().sum());
        if other == index || rate == 0.0 || !passes[other] {
            continue;
        }
        let name = drawing.name(other);
        if network.fans_out(drawing, other) || network.fans_out(drawing, index) {
            return Fit::unfit("requests fan out: the slowest of several calls decides");
        }
        match fit {
            Fit::Transparent => {}
            Fit::Model(model) if model.get("l").is_some() => {
                stations += 1;
                present += model.get("l").unwrap_or_default();
                last = Some(model);
                if model.get("throughput").is_some() {
                    return Fit::unfit(format!("`{name}` refuses calls"));
                }
                approximate = approximate.or_else(|| model.approximate.clone());
            }
            _ => return Fit::unfit(format!("no model fits `{name}`, which its requests pass")),
        }
        let delayed = outgoing(drawing, other).chain(outgoing(drawing, index));
        for (_, connection) in delayed {
            if *connection.latency() != Distribution::ZERO || drawing.is_narrow(connection) {
                return Fit::unfit("its requests spend time on the way as well as in the boxes");
            }
            if connection.mode == crate::scenario::Mode::Async {
                return Fit::unfit("nobody waits for some of its calls");
            }
        }
    }
    if stations == 0 {
        return Fit::unfit("its requests pass no box with slots");
    }
    // The tail of a single box is known: a timeout far out in it never comes.
    let is_far = |timeout: f64| {
        stations == 1
            && last
                .and_then(|model| model.get("p999"))
                .is_some_and(|p999| timeout > 5.0 * p999)
    };
    if let Some(timeout) = client.timeout.filter(|timeout| !is_far(timeout.secs())) {
        approximate.get_or_insert(format!("if nobody gave up after {timeout}"));
    }
    Fit::Model(Model {
        name: if stations == 1 {
            "the box it calls".into()
        } else {
            "open Jackson network".into()
        },
        approximate,
        values: vec![("l", present), ("w", present / arrival_rate)],
    })
}

/// Mean work of a call to a box with slots, over the mix of operations, in seconds.
pub(super) fn mean_work(drawing: &Drawing, index: usize, mix: &[f64]) -> Option<f64> {
    work(drawing, index, mix).map(|work| work.mean)
}

/// For the closed network: slots and mean work of a box that may be one of its stations.
pub(super) fn demand(drawing: &Drawing, index: usize, mix: &[f64]) -> Result<(u32, f64), String> {
    is_ordinary(drawing, index)?;
    let Some(work) = work(drawing, index, mix) else {
        return Err("has no slots".into());
    };
    work.drops_nobody()?;
    if !work.exponential {
        return Err("does not work for an exponential time with one mean".into());
    }
    if work.capacity.is_some() {
        return Err("has a limited line".into());
    }
    Ok((work.slots, work.mean))
}
