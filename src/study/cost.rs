//! What a drawing costs: the price list times what was counted.

mod egress;

use crate::engine::{ConnectionTotals, Totals};
use crate::scenario::{Component, Price, Prices, Scenario};

/// Hours in a month, as providers bill it: 365 × 24 / 12.
pub const HOURS_A_MONTH: f64 = 730.0;

/// What something costs, in dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Were every month as what was measured.
    pub per_month: f64,
    /// For a million requests of the clients that were answered well. `None`: there were none.
    pub per_million: Option<f64>,
}

impl Cost {
    /// Of a box over a window, beside what the whole system did. `None` for what costs nothing.
    pub fn of(
        component: &Component,
        prices: &Prices,
        system: &Totals,
        own: &Totals,
    ) -> Option<Self> {
        let secs = own.window_secs();
        if secs <= 0.0 {
            return None;
        }
        let per_hour = match prices.of(component.kind())? {
            Price::InstanceHour(price) => price * instances(component, own),
            Price::MillionRequests(price) => {
                let requests = match component {
                    // A remembered answer asks nobody.
                    Component::Dns(_) => own.misses,
                    _ => own.arrivals + own.refused + own.deliveries,
                };
                price / 1e6 * requests as f64 / secs * 3600.0
            }
            Price::CallsAndSeconds(call, gigabyte_second) => {
                let gigabyte_ns = gigabytes(component) * own.held_area as f64;
                let price = call / 1e6 * own.arrivals as f64 + gigabyte_second * gigabyte_ns / 1e9;
                price / secs * 3600.0
            }
        };
        Some(Self::of_hours(per_hour, system))
    }

    /// Of so many dollars an hour, beside what the whole system did meanwhile.
    fn of_hours(per_hour: f64, system: &Totals) -> Self {
        let answered_an_hour = system.completed as f64 / system.window_secs() * 3600.0;
        Self {
            per_month: per_hour * HOURS_A_MONTH,
            per_million: (system.completed > 0).then(|| per_hour / answered_an_hour * 1e6),
        }
    }

    /// Of every box over a window, with what the connections to it carried, beside what the whole
    /// system did. `None` for what costs nothing.
    pub fn of_boxes<'a>(
        scenario: &Scenario,
        system: &Totals,
        own: impl Iterator<Item = &'a Totals>,
        connections: &[ConnectionTotals],
    ) -> Vec<Option<Self>> {
        let boxes = scenario.components.values().zip(own);
        let mut costs: Vec<Option<Self>> = boxes
            .map(|(component, own)| Self::of(component, &scenario.prices, system, own))
            .collect();
        let carried = Self::of_connections(scenario, system, connections);
        for (connection, cost) in scenario.connections.iter().zip(&carried) {
            if let Some(callee) = scenario.components.get_index_of(&connection.to) {
                let both = costs[callee].into_iter().chain(*cost);
                costs[callee] = Self::sum(both);
            }
        }
        costs
    }

    /// All of them together. `None` when nothing costs anything.
    pub fn sum(costs: impl Iterator<Item = Self>) -> Option<Self> {
        costs.reduce(|sum, more| Self {
            per_month: sum.per_month + more.per_month,
            per_million: sum
                .per_million
                .zip(more.per_million)
                .map(|(sum, more)| sum + more),
        })
    }
}

/// Memory of an instance of a function.
fn gigabytes(component: &Component) -> f64 {
    match component {
        Component::Function(function) => f64::from(function.memory) / 1024.0,
        _ => 0.0,
    }
}

/// Instances on offer, on average over the window: slots on offer by slots of one.
fn instances(component: &Component, own: &Totals) -> f64 {
    match component {
        // Those that boot, drain or are kept ready cost as well.
        Component::Server(_) if own.instances_area > 0 => {
            let window_ns = (own.now_ns - own.since_ns) as f64;
            own.instances_area as f64 / window_ns
        }
        Component::Server(server) if own.slots_area > 0 => {
            let window_ns = (own.now_ns - own.since_ns) as f64;
            own.slots_area as f64 / window_ns / f64::from(server.slots)
        }
        Component::Server(server) => f64::from(server.instances),
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Kind, Server};

    fn close(found: f64, exact: f64) {
        assert!(
            (found - exact).abs() < 1e-9 * exact,
            "{found} is not {exact}"
        );
    }

    #[test]
    fn functions_and_names_by_hand() {
        // A million calls of 100 ms with 512 MB in 1,000 s: 0.2 $, and 50,000 GB-seconds of
        // 0.0000166667 $.
        let own = Totals {
            now_ns: 1_000_000_000_000,
            arrivals: 1_000_000,
            completed: 1_000_000,
            misses: 500_000,
            held_area: 100_000_000_000_000,
            ..Totals::default()
        };
        let function = Component::Function(crate::scenario::Function {
            memory: 512,
            ..crate::scenario::Function::default()
        });
        let cost = Cost::of(&function, &Prices::default(), &own, &own).unwrap();
        close(cost.per_million.unwrap(), 0.2 + 50_000.0 * 0.000_016_666_7);
        // Half of the callers of a name remembered it.
        let dns = Kind::Dns.component();
        let cost = Cost::of(&dns, &Prices::default(), &own, &own).unwrap();
        close(cost.per_million.unwrap(), 0.2);
        let gateway = Kind::ApiGateway.component();
        let cost = Cost::of(&gateway, &Prices::default(), &own, &own).unwrap();
        close(cost.per_million.unwrap(), 3.5);
    }

    #[test]
    fn instance_hours_by_hand() {
        // Three servers of 4 slots for half of ten seconds, five for the other half: four on
        // average, 0.096 $ an hour each: 280.32 $ a month of 730 h.
        let server = Component::Server(Server {
            slots: 4,
            instances: 5,
            ..Server::default()
        });
        let own = Totals {
            now_ns: 10_000_000_000,
            slots_area: 16 * 10_000_000_000,
            ..Totals::default()
        };
        let system = Totals {
            completed: 1_000,
            ..own
        };
        let cost = Cost::of(&server, &Prices::default(), &system, &own).unwrap();
        close(cost.per_month, 280.32);
        // 0.384 $ an hour for 360,000 answers an hour.
        close(cost.per_million.unwrap(), 0.384 / 0.36);
        let nobody = Cost::of(&server, &Prices::default(), &own, &own).unwrap();
        assert_eq!(nobody.per_million, None);
        let nothing = Totals::default();
        assert_eq!(
            Cost::of(&server, &Prices::default(), &system, &nothing),
            None
        );
    }

    #[test]
    fn requests_by_hand() {
        // 500 messages a second in, 500 out: a million requests every 1,000 s, so 0.40 $ × 2,628.
        let own = Totals {
            now_ns: 10_000_000_000,
            arrivals: 4_900,
            refused: 100,
            deliveries: 5_000,
            ..Totals::default()
        };
        let system = Totals {
            completed: 5_000,
            ..own
        };
        let queue = Kind::Queue.component();
        let cost = Cost::of(&queue, &Prices::default(), &system, &own).unwrap();
        close(cost.per_month, 0.4 * 2_628.0);
        close(cost.per_million.unwrap(), 0.8);
    }

    #[test]
    fn each_price_raises_the_cost_of_its_kind_and_no_other() {
        let window = Totals {
            now_ns: 1_000_000_000,
            arrivals: 10,
            completed: 10,
            deliveries: 10,
            slots_area: 8_000_000_000,
            ..Totals::default()
        };
        let of = |kind: Kind, prices: &Prices| {
            Cost::of(&kind.component(), prices, &window, &window).map(|cost| cost.per_month)
        };
        let list = Prices::default();
        let dear = |set: fn(&mut Prices)| {
            let mut prices = list;
            set(&mut prices);
            prices
        };
        for (prices, kinds) in [
            (dear(|p| p.load_balancer *= 2.0), &[Kind::LoadBalancer][..]),
            (dear(|p| p.rate_limiter *= 2.0), &[Kind::RateLimiter]),
            (dear(|p| p.server *= 2.0), &[Kind::Server]),
            (dear(|p| p.cache *= 2.0), &[Kind::Cache]),
            (
                dear(|p| p.database *= 2.0),
                &[Kind::Database, Kind::Replica],
            ),
            (dear(|p| p.queue *= 2.0), &[Kind::Queue]),
        ] {
            for kind in Kind::ALL {
                let (before, after) = (of(kind, &list), of(kind, &prices));
                if kinds.contains(&kind) {
                    close(after.unwrap(), 2.0 * before.unwrap());
                } else {
                    assert_eq!(after, before, "{kind:?}");
                }
            }
        }
        assert_eq!(of(Kind::Client, &list), None);
        let both = [Kind::Server, Kind::Cache]
            .map(|kind| Cost::of(&kind.component(), &list, &window, &window).unwrap());
        let sum = Cost::sum(both.into_iter()).unwrap();
        close(sum.per_month, both[0].per_month + both[1].per_month);
        close(
            sum.per_million.unwrap(),
            both[0].per_million.unwrap() + both[1].per_million.unwrap(),
        );
        assert_eq!(Cost::sum(std::iter::empty()), None);
    }
}
