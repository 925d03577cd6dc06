//! Which box breaks first, and why: service demands and what they allow.
//!
//! Operational analysis (Denning and Buzen 1978, "The Operational Analysis of Queueing Network
//! Models", ACM Computing Surveys 10; Lazowska et al. 1984, chapters 3 and 5) asks nothing about
//! distributions. A request visits a box V times (forced flow law) and takes S of one of its c slots
//! each time, so its demand is D = V·S/c, the utilization is U = λ·D (utilization law), and λ can't
//! pass 1/D. The box with the largest demand is the bottleneck.
//!
//! A slot is taken while its call waits for others, too. What counts is therefore the time a slot is
//! held, of which the own work is a part. Waiting for others takes longer under load, so a box that
//! waits breaks at the latest at the rate that is named here.
//!
//! The places of a connection pool are slots that are kept at the caller, and a connection with a
//! bandwidth is one slot each way whose work is to send.

use crate::engine::{ConnectionTotals, Totals};

/// What the requests of all clients demand of one box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// V: calls to the box per request of the clients.
    pub visits: f64,
    /// S: mean own work of one call, in seconds.
    pub work: f64,
    /// Mean time that one call holds a slot, in seconds: its work, and waiting for others.
    pub held: f64,
    /// c: slots on offer, instances counted, on average.
    pub slots: f64,
}

impl Demand {
    /// As it was measured: what came to a box, beside what came to the whole system. `None` where
    /// there are no slots, or no call has been worked on.
    pub fn measured(system: &Totals, own: &Totals) -> Option<Self> {
        let window_ns = (own.now_ns - own.since_ns) as f64;
        if own.slots_area == 0 || own.services == 0 || system.arrivals == 0 {
            return None;
        }
        let services = own.services as f64;
        Some(Self {
            // Those that were turned away wanted to be served, too; messages that pass do not.
            visits: (own.arrivals + own.refused).saturating_sub(own.passed) as f64
                / system.arrivals as f64,
            work: own.service_sum_ns as f64 / 1e9 / services,
            held: own.held_area as f64 / 1e9 / services,
            slots: own.slots_area as f64 / window_ns,
        })
    }

    /// D = V·S/c: own work of a request here, per slot, in seconds.
    pub fn secs(&self) -> f64 {
        self.visits * self.work / self.slots
    }

    /// As it was measured, of the bandwidth of a connection: of the way that is busier. `None` where
    /// nothing limits it, or nothing was sent.
    pub fn of_bandwidth(system: &Totals, own: &ConnectionTotals) -> Option<Self> {
        let ways = own.carried.into_iter().flatten();
        let busiest = ways
            .filter(|way| way.is_limited && way.messages > 0)
            .max_by_key(|way| way.sending_sum_ns)?;
        let held = busiest.sending_sum_ns as f64 / 1e9 / busiest.messages as f64;
        Self::of_connection(system, (busiest.messages, held, 1.0))
    }

    /// So many visits, each of which takes one of so many slots for so long, in seconds.
    fn of_connection(system: &Totals, (visits, held, slots): (u64, f64, f64)) -> Option<Self> {
        (system.arrivals > 0).then(|| Self {
            visits: visits as f64 / system.arrivals as f64,
            work: held,
            held,
            slots,
        })
    }

    /// The rate of requests at which every slot is taken all the time. `None`: no rate does it.
    pub fn saturates_at(&self) -> Option<f64> {
        let secs = self.visits * self.held.max(self.work) / self.slots;
        (secs > 0.0).then(|| 1.0 / secs)
    }

    /// Whether slots are taken by waiting for others for a good part of the time.
    fn waits(&self) -> bool {
        self.held > 1.05 * self.work
    }
}

/// What can break first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The slots of a box, by its number.
    Slots(usize),
    /// The places in the pool of a connection, by its number.
    Places(usize),
    /// The bandwidth of a connection, by its number.
    Bandwidth(usize),
}

impl Resource {
    /// What it is called in a sentence, when the box or connection it belongs to has this name.
    pub fn called(self, name: &str) -> String {
        match self {
            Self::Slots(_) => format!("`{name}`"),
            Self::Places(_) => format!("the pool of `{name}`"),
            Self::Bandwidth(_) => format!("the bandwidth of `{name}`"),
        }
    }
}

/// What breaks first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bottleneck {
    /// What it is.
    pub resource: Resource,
    /// What is demanded of it.
    pub demand: Demand,
    /// The rate of requests at which all its slots are taken.
    pub saturates_at: f64,
}

/// The box that is saturated at the lowest rate of requests.
pub fn bottleneck(demands: &[Option<Demand>]) -> Option<Bottleneck> {
    demands
        .iter()
        .enumerate()
        .filter_map(|(index, demand)| Bottleneck::of(Resource::Slots(index), (*demand)?))
        .min_by(|a, b| a.saturates_at.total_cmp(&b.saturates_at))
}

/// How much sooner a pool has to be used up than any box to be named: when a box behind it is full,
/// so is the pool.
const SOONER: f64 = 0.9;

/// What is saturated at the lowest rate of requests: slots of a box, or what a connection has to
/// offer.
pub fn tightest(
    demands: &[Option<Demand>],
    system: &Totals,
    connections: &[ConnectionTotals],
) -> Option<Bottleneck> {
    let slots = bottleneck(demands);
    let of_slots = slots.map_or(f64::INFINITY, |slots| slots.saturates_at);
    let places = connections.iter().enumerate().filter_map(|(index, own)| {
        let found = Bottleneck::of_places(system, own, index)?;
        (found.saturates_at < SOONER * of_slots).then_some(found)
    });
    let bandwidths = connections.iter().enumerate().filter_map(|(index, own)| {
        let demand = Demand::of_bandwidth(system, own)?;
        Bottleneck::of(Resource::Bandwidth(index), demand)
    });
    slots
        .into_iter()
        .chain(places)
        .chain(bandwidths)
        .min_by(|a, b| a.saturates_at.total_cmp(&b.saturates_at))
}

impl Bottleneck {
    /// Of what is demanded of a resource. `None`: nothing that takes time.
    pub(super) fn of(resource: Resource, demand: Demand) -> Option<Self> {
        Some(Self {
            resource,
            demand,
            saturates_at: demand.saturates_at()?,
        })
    }

    fn of_places(system: &Totals, own: &ConnectionTotals, index: usize) -> Option<Self> {
        let places = own.places.filter(|_| own.attempts > 0)?;
        let held = own.places_area as f64 / 1e9 / own.attempts as f64;
        let demand = Demand::of_connection(system, (own.attempts, held, f64::from(places)))?;
        Self::of(Resource::Places(index), demand)
    }

    /// What breaks first, and why, beside the rate of requests now.
    pub fn sentence(&self, name: &str, rate: f64) -> String {
        let Demand {
            visits,
            work,
            held,
            slots,
        } = self.demand;
        let at = digits(self.saturates_at);
        let what = self.resource.called(name);
        let first = if rate >= 0.995 * self.saturates_at {
            format!("{what} is the bottleneck and saturated: it can do {at} requests/s")
        } else {
            format!("{what} breaks first, at {at} requests/s")
        };
        let millis = |secs: f64| digits(secs * 1e3);
        let each = if self.demand.waits() {
            format!(
                "holds a slot for {} ms each time, of which it works {} ms",
                millis(held),
                millis(work)
            )
        } else {
            format!("works for {} ms each time", millis(held))
        };
        let visits = match digits(visits) {
            one if one == "1" => "once".to_owned(),
            many => format!("{many} times"),
        };
        let slot = match self.resource {
            Resource::Places(_) => "place",
            _ => "slot",
        };
        let slots = match digits(slots) {
            one if one == "1" => format!("1 {slot}"),
            many => format!("{many} {slot}s"),
        };
        let now = if rate < 0.995 * self.saturates_at {
            format!("; now there are {}/s", digits(rate))
        } else {
            String::new()
        };
        let why = match self.resource {
            Resource::Slots(_) => {
                format!("a request calls it {visits}, it {each}, and it has {slots}")
            }
            Resource::Places(_) => format!(
                "a request goes over it {visits}, holds a place for {} ms each time, and it has {slots}",
                millis(held)
            ),
            Resource::Bandwidth(_) => format!(
                "a request sends a message over it {visits}, which takes {} ms each time",
                millis(held)
            ),
        };
        format!("{first}: {why}{now}")
    }
}

/// Three digits that count, without zeros at the end.
fn digits(value: f64) -> String {
    if value >= 99.95 {
        return format!("{value:.0}");
    }
    let text = if value >= 9.995 {
        format!("{value:.1}")
    } else if value >= 0.9995 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Carried;

    fn totals(arrivals: u64, services: u64, work_ms: u64, held_ms: u64, slots: u64) -> Totals {
        Totals {
            now_ns: 10_000_000_000,
            arrivals,
            services,
            service_sum_ns: u128::from(services * work_ms) * 1_000_000,
            held_area: u128::from(services * held_ms) * 1_000_000,
            slots_area: u128::from(slots) * 10_000_000_000,
            slots,
            ..Totals::default()
        }
    }

    #[test]
    fn demands_are_visits_times_work_over_slots() {
        let system = Totals {
            arrivals: 1_000,
            ..totals(0, 0, 0, 0, 0)
        };
        // Two visits of 5 ms to one of 4 slots: 2.5 ms, so 400/s.
        let demand = Demand::measured(&system, &totals(2_000, 2_000, 5, 5, 4)).unwrap();
        assert!((demand.secs() - 0.0025).abs() < 1e-12);
        assert!((demand.saturates_at().unwrap() - 400.0).abs() < 1e-9);
        // Half of those that came were turned away: they count.
        let mut refusing = totals(1_000, 1_000, 5, 5, 4);
        refusing.refused = 1_000;
        assert_eq!(Demand::measured(&system, &refusing), Some(demand));
        // Slots held for others: 10 ms of work, but 50 ms of slot.
        let waiting = Demand::measured(&system, &totals(1_000, 1_000, 10, 50, 10)).unwrap();
        assert!((waiting.secs() - 0.001).abs() < 1e-12);
        assert!((waiting.saturates_at().unwrap() - 200.0).abs() < 1e-9);
        let first = bottleneck(&[None, Some(demand), Some(waiting)]).unwrap();
        assert_eq!(first.resource, Resource::Slots(2));
        assert_eq!(
            first.sentence("api", 100.0),
            "`api` breaks first, at 200 requests/s: a request calls it once, it holds a slot for 50 \
             ms each time, of which it works 10 ms, and it has 10 slots; now there are 100/s"
        );
        assert!(first.sentence("api", 250.0).contains("saturated"));
    }

    #[test]
    fn pools_and_bandwidths_are_slots_too() {
        let system = Totals {
            arrivals: 1_000,
            ..totals(0, 0, 0, 0, 0)
        };
        // 5 ms of one of 4 slots: 800/s.
        let slots = Demand::measured(&system, &totals(1_000, 1_000, 5, 5, 4));
        let pool = |places, held_ms: u128| ConnectionTotals {
            now_ns: 10_000_000_000,
            attempts: 2_000,
            places: Some(places),
            places_area: 2_000 * held_ms * 1_000_000,
            ..ConnectionTotals::default()
        };
        let carried = |sending_ms: u128| Carried {
            is_limited: true,
            messages: 1_000,
            sending_sum_ns: 1_000 * sending_ms * 1_000_000,
            ..Carried::default()
        };
        let pipe = |there, back| ConnectionTotals {
            now_ns: 10_000_000_000,
            carried: Some([carried(there), carried(back)]),
            ..ConnectionTotals::default()
        };
        let find = |connections: &[ConnectionTotals]| {
            let found = tightest(&[slots], &system, connections).unwrap();
            (found.resource, found.sentence("a -> b", 100.0))
        };
        assert_eq!(find(&[]).0, Resource::Slots(0));
        // Twice 10 ms of one of 12 places: 600/s. Of 15: 750/s, as it would be with a full box.
        assert_eq!(find(&[pool(15, 10)]).0, Resource::Slots(0));
        let (resource, sentence) = find(&[ConnectionTotals::default(), pool(12, 10)]);
        assert_eq!(resource, Resource::Places(1));
        assert_eq!(
            sentence,
            "the pool of `a -> b` breaks first, at 600 requests/s: a request goes over it 2 times, holds \
             a place for 10 ms each time, and it has 12 places; now there are 100/s"
        );
        let (resource, sentence) = find(&[pipe(1, 4), pool(12, 10)]);
        assert_eq!(resource, Resource::Bandwidth(0));
        assert_eq!(
            sentence,
            "the bandwidth of `a -> b` breaks first, at 250 requests/s: a request sends a message over \
             it once, which takes 4 ms each time; now there are 100/s"
        );
    }

    #[test]
    fn nothing_observed_names_nobody() {
        let system = totals(0, 0, 0, 0, 0);
        assert_eq!(Demand::measured(&system, &totals(1, 1, 1, 1, 1)), None);
        let system = totals(5, 0, 0, 0, 0);
        assert_eq!(Demand::measured(&system, &totals(5, 0, 1, 1, 1)), None);
        assert_eq!(Demand::measured(&system, &totals(5, 5, 1, 1, 0)), None);
        assert_eq!(bottleneck(&[None, None]), None);
    }
}
