//! The latency of requests that failed, apart from those that were answered well: a client that is
//! refused at once would make a slow system look quick, and one that gives up after its timeouts
//! says how patient it is, not how quick its answers are.

use super::{Engine, Histogram, component::Part};

impl Engine {
    /// Time from the first attempt to the final failure, over the requests of a client that failed;
    /// `None` for other components. Requests that could not even be made
    /// ([`super::Trouble::TooManyCalls`]) took no time and are not among them.
    pub fn failure_latency(&self, index: usize) -> Option<&Histogram> {
        match &self.simulation.components[index].part {
            Part::Client(client) => Some(&client.failure_latency),
            _ => None,
        }
    }

    /// As [`Self::failure_latency`], over all clients.
    pub fn system_failure_latency(&self) -> Histogram {
        let mut sum = Histogram::default();
        for component in &self.simulation.components {
            if let Part::Client(client) = &component.part {
                sum.merge(&client.failure_latency);
            }
        }
        sum
    }

    /// As [`Self::failure_latency`], of one operation, over all clients.
    pub fn operation_failure_latency(&self, index: usize) -> Histogram {
        if self.simulation.operations.len() == 1 {
            return self.system_failure_latency();
        }
        self.simulation.operations[index].failure_latency.clone()
    }
}
