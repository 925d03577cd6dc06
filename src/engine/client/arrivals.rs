//! The arrivals of clients that wait for nobody.

use super::super::{
    Simulation, balancer::Asked, call::NONE, component::Part, event, random::nanos,
};
use super::source::{MOST_RATE, Process};

impl Simulation {
    /// Plans the first arrivals of a client, or plans them anew after its traffic has changed.
    /// A Poisson process has no memory, so drawing the next arrival again changes nothing else.
    pub(in crate::engine) fn plan_arrivals(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let Part::Client(client) = &mut component.part else {
            return;
        };
        client.mean_gap = 0.0;
        client.next_at = u64::MAX;
        if let Process::Closed { .. } | Process::LongLived { .. } = client.source.process {
            return self.fill_up_users(at);
        }
        client
            .pattern
            .begin(&client.source, self.now, &self.ziggurat);
        self.plan_next_arrival(at);
    }

    #[inline(never)]
    fn plan_next_arrival(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let traffic = component.traffic;
        let Part::Client(client) = &mut component.part else {
            return;
        };
        if let Process::Closed { .. } = client.source.process {
            return;
        }
        let stream = &mut client.arrivals_stream;
        let (source, pattern) = (&client.source, &client.pattern);
        client.next_at = pattern.next_at(source, self.now, traffic, &self.ziggurat, stream);
        if client.next_at != u64::MAX {
            self.future.put(client.next_at, event::ARRIVAL | at);
        }
    }

    /// The event of an arrival at an open client.
    #[inline(always)]
    pub(in crate::engine) fn arrival(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let Part::Client(client) = &mut component.part else {
            return;
        };
        if client.next_at != self.now {
            // Planned before the traffic changed.
            return;
        }
        if client.mean_gap <= 0.0 {
            return self.unsteady_arrival(at);
        }
        let gap = self.ziggurat.exponential(&mut client.arrivals_stream) * client.mean_gap;
        let next_at = self.now + nanos(gap);
        client.next_at = next_at;
        let route = client.quick_route;
        self.future.put_now(next_at, event::ARRIVAL | at);
        if route == NONE || self.sampling.every > 0 || self.calls.is_full() {
            return self.request(at);
        }
        self.requests += 1;
        self.set_out(route, NONE, Asked::default());
    }

    #[inline(never)]
    fn unsteady_arrival(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let traffic = component.traffic;
        let Part::Client(client) = &mut component.part else {
            return;
        };
        let rate = (client.steady_rate * traffic).min(MOST_RATE);
        if rate > 0.0 {
            client.mean_gap = 1e9 / rate;
        }
        let stream = &mut client.arrivals_stream;
        let (source, pattern) = (&client.source, &mut client.pattern);
        let come = pattern.come(source, self.now, traffic, &self.ziggurat, stream);
        self.plan_next_arrival(at);
        for _ in 0..come {
            self.request(at);
        }
    }
}
