//! What a drawing demands of its connections' bandwidth: each way is a station with one server that
//! takes size/bandwidth for a message.

use super::super::bottleneck::Demand;
use super::network::{Drawing, Leg};
use crate::scenario::Mode;

/// By connection: of the way there and of the way back. `legs` are those of each box, and `visits` how
/// many calls a request makes to it, by operation.
pub(super) fn demands(
    drawing: &Drawing,
    legs: &[Vec<Leg>],
    visits: &[Vec<f64>],
) -> Vec<[Option<Demand>; 2]> {
    let mut found = vec![[None; 2]; drawing.scenario.connections.len()];
    for (caller, (legs, visits)) in legs.iter().zip(visits).enumerate() {
        for leg in legs {
            let connection = &drawing.scenario.connections[leg.connection];
            if !drawing.is_narrow(connection) {
                continue;
            }
            // Messages, and the seconds to send them, for each request of the clients.
            let (mut there, mut back) = ((0.0, 0.0), (0.0, 0.0));
            for (operation, (visits, share)) in visits.iter().zip(&leg.shares).enumerate() {
                let (request, reply) = drawing.sending(connection, operation);
                let arrived = visits * share;
                // What is lost has been sent all the same.
                let sent = arrived / (1.0 - connection.loss);
                there = (there.0 + sent, there.1 + sent * request);
                // Who is handed a call answers elsewhere; what nobody waits for is answered all the same.
                if drawing.mode(caller, connection) != Mode::Forward {
                    back = (back.0 + arrived, back.1 + arrived * reply);
                }
            }
            found[leg.connection] = [there, back].map(|(messages, secs)| {
                (secs > 0.0).then(|| Demand {
                    visits: messages,
                    work: secs / messages,
                    held: secs / messages,
                    slots: 1.0,
                })
            });
        }
    }
    found
}
