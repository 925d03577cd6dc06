//! What it costs to carry the messages of a connection.

use super::Cost;
use crate::engine::{ConnectionTotals, Totals};
use crate::scenario::{
    Component, Connection, Scenario,
    frame::{Crossing, Places},
};

impl Cost {
    /// Of what each connection carried over a window, beside what the whole system did: of answers
    /// to clients, and of both ways across zones or regions. What clients send costs nothing. `None`
    /// where nothing has a size, or nothing costs.
    pub fn of_connections(
        scenario: &Scenario,
        system: &Totals,
        connections: &[ConnectionTotals],
    ) -> Vec<Option<Self>> {
        if connections.iter().all(|totals| totals.carried.is_none()) {
            return vec![None; connections.len()];
        }
        let places = Places::new(scenario);
        let each = scenario.connections.iter().zip(connections);
        each.map(|(connection, totals)| {
            Self::of_connection(connection, (scenario, &places), system, totals)
        })
        .collect()
    }

    /// As [`Self::of_connections`], of one.
    fn of_connection(
        connection: &Connection,
        (scenario, places): (&Scenario, &Places<'_>),
        system: &Totals,
        own: &ConnectionTotals,
    ) -> Option<Self> {
        let [there, back] = own.carried?;
        let prices = &scenario.prices;
        let is_client = matches!(
            scenario.components.get(&connection.from),
            Some(Component::Client(_))
        );
        let (bytes, price) = if is_client {
            (back.bytes, prices.gigabyte_out)
        } else {
            let price = match places.crossing(connection) {
                Crossing::None => return None,
                Crossing::Zones => prices.gigabyte_across_zones,
                Crossing::Regions => prices.gigabyte_across_regions,
            };
            (there.bytes + back.bytes, price)
        };
        let secs = (own.now_ns - own.since_ns) as f64 / 1e9;
        (secs > 0.0).then(|| Self::of_hours(price * bytes as f64 / 1e9 / secs * 3600.0, system))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Carried;
    use crate::scenario::{Frame, FrameKind, Kind, Prices};

    /// 1,000 requests of 1 kB and answers of 10 kB in ten seconds.
    fn cost(from: Kind, frames: [Option<&str>; 2], prices: Prices) -> Option<Cost> {
        let mut scenario = Scenario {
            prices,
            ..Scenario::default()
        };
        scenario.components.insert("a".into(), from.component());
        let server = Kind::Server.component();
        scenario.components.insert("b".into(), server);
        for (name, inside) in [("eu-1", "eu"), ("eu-2", "eu"), ("us-1", "us")] {
            let member = ["a", "b"].iter().zip(frames);
            let members = member
                .filter(|(_, frame)| *frame == Some(name))
                .map(|(member, _)| (*member).to_owned());
            let zone = Frame {
                inside: Some(inside.into()),
                members: members.collect(),
                ..Frame::default()
            };
            scenario.frames.insert(name.into(), zone);
            let region = Frame {
                kind: FrameKind::Region,
                ..Frame::default()
            };
            scenario.frames.insert(inside.into(), region);
        }
        let carried = |bytes| Carried {
            bytes,
            messages: 1_000,
            ..Carried::default()
        };
        let own = ConnectionTotals {
            now_ns: 10_000_000_000,
            carried: Some([carried(1_000_000), carried(10_000_000)]),
            ..ConnectionTotals::default()
        };
        let system = Totals {
            now_ns: 10_000_000_000,
            completed: 1_000,
            ..Totals::default()
        };
        let connection = Connection::new("a", "b");
        let places = Places::new(&scenario);
        Cost::of_connection(&connection, (&scenario, &places), &system, &own)
    }

    #[track_caller]
    fn check(from: Kind, frames: [Option<&str>; 2], prices: Prices, per_million: Option<f64>) {
        let found = cost(from, frames, prices).map(|cost| {
            // A million answers in 10,000 s of 2,628,000 s a month.
            assert!((cost.per_month - 262.8 * cost.per_million.unwrap()).abs() < 1e-9);
            cost.per_million.unwrap()
        });
        match (found, per_million) {
            (Some(found), Some(exact)) => assert!((found - exact).abs() < 1e-12, "{found}"),
            (found, exact) => assert_eq!(found, exact),
        }
    }

    #[test]
    fn traffic_is_priced_by_where_it_goes() {
        let list = Prices::default();
        let dear = Prices {
            gigabyte_out: 1.0,
            gigabyte_across_zones: 2.0,
            gigabyte_across_regions: 3.0,
            ..list
        };
        // A million answers are 10 GB; with the requests 11 GB.
        check(Kind::Client, [None, None], list, Some(0.9));
        check(Kind::Client, [Some("eu-1"), Some("us-1")], dear, Some(10.0));
        check(Kind::Server, [None, None], list, None);
        check(Kind::Server, [Some("eu-1"), None], list, None);
        check(Kind::Server, [Some("eu-1"), Some("eu-1")], list, None);
        check(Kind::Server, [Some("eu-1"), Some("eu-2")], list, Some(0.22));
        check(Kind::Server, [Some("eu-1"), Some("eu-2")], dear, Some(22.0));
        check(Kind::Server, [Some("us-1"), Some("eu-2")], list, Some(0.22));
        check(Kind::Server, [Some("us-1"), Some("eu-2")], dear, Some(33.0));
    }
}
