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

use crate::engine::Totals;

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
            // Those that were turned away wanted to be served, too.
            visits: (own.arrivals + own.refused) as f64 / system.arrivals as f64,
            work: own.service_sum_ns as f64 / 1e9 / services,
            held: own.held_area as f64 / 1e9 / services,
            slots: own.slots_area as f64 / window_ns,
        })
    }

    /// D = V·S/c: own work of a request here, per slot, in seconds.
    pub fn secs(&self) -> f64 {
        self.visits * self.work / self.slots
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

/// The box that breaks first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bottleneck {
    /// Its number.
    pub index: usize,
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
        .filter_map(|(index, demand)| {
            let demand = (*demand)?;
            let saturates_at = demand.saturates_at()?;
            Some(Bottleneck {
                index,
                demand,
                saturates_at,
            })
        })
        .min_by(|a, b| a.saturates_at.total_cmp(&b.saturates_at))
}

impl Bottleneck {
    /// What breaks first, and why, beside the rate of requests now.
    pub fn sentence(&self, name: &str, rate: f64) -> String {
        let Demand {
            visits,
            work,
            held,
            slots,
        } = self.demand;
        let at = digits(self.saturates_at);
        let first = if rate >= 0.995 * self.saturates_at {
            format!("`{name}` is the bottleneck and saturated: it can do {at} requests/s")
        } else {
            format!("`{name}` breaks first, at {at} requests/s")
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
        let slots = match digits(slots) {
            one if one == "1" => "1 slot".to_owned(),
            many => format!("{many} slots"),
        };
        let now = if rate < 0.995 * self.saturates_at {
            format!("; now there are {}/s", digits(rate))
        } else {
            String::new()
        };
        format!("{first}: a request calls it {visits}, it {each}, and it has {slots}{now}")
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
        assert_eq!(first.index, 2);
        assert_eq!(
            first.sentence("api", 100.0),
            "`api` breaks first, at 200 requests/s: a request calls it once, it holds a slot for 50 \
             ms each time, of which it works 10 ms, and it has 10 slots; now there are 100/s"
        );
        assert!(first.sentence("api", 250.0).contains("saturated"));
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
