//! The way of a call when nothing is out of the ordinary: most calls travel over arrows without
//! latency, through balancers, to a box that is well. What [`Simulation::send`] does step by step is
//! done here in one go, with the same result: records are written once, as they will be when the
//! call has arrived. As soon as something is special the general way takes over.

use super::{
    MOST_DEPTH, Simulation,
    call::{Call, NONE, State, Verb, flag},
    component::Part,
};

impl Simulation {
    /// `caller`, which waits and has counted this call already, calls over `leg`.
    #[inline(always)]
    pub(super) fn go(&mut self, mut caller: u32, mut leg: u32) {
        let &Call {
            key,
            operation,
            flags,
            ..
        } = &self.calls[caller];
        let special = flags & flag::SAMPLED != 0 || self.sessions_matter;
        let (mut instance, mut target) = (NONE, NONE);
        while !special && self.depth < MOST_DEPTH {
            let now = self.now;
            let connection = &mut self.connections[leg as usize];
            let component = &mut self.components[connection.to as usize];
            if !(connection.plain && component.calm) {
                break;
            }
            let call = Call {
                arrived: now,
                started: now,
                sent: now,
                parent: caller,
                leg,
                via: leg,
                component: connection.to,
                key,
                operation,
                flags: if target == NONE { 0 } else { flag::BALANCED },
                ..Call::BLANK
            };
            match &mut component.part {
                Part::Balancer(balancer) if balancer.is_simple => {
                    let Some(at) = balancer.pick(0, &mut component.routing) else {
                        break;
                    };
                    connection.set_off();
                    component.meter.enter(now);
                    let chosen = &balancer.targets[at as usize];
                    let onward = (chosen.connection, chosen.instance);
                    balancer.change_load(at, 1);
                    caller = self.calls.add(Call {
                        instance,
                        pending: 1,
                        step: 1,
                        state: State::Waiting,
                        ..call
                    });
                    self.calls.note_target(caller, target);
                    (leg, instance) = onward;
                    target = at;
                    continue;
                }
                Part::Client(_) | Part::Balancer(_) | Part::Queue(_) => break,
                Part::Server | Part::Cache(_) | Part::Database(_) | Part::Replica(_) => {}
            }
            if instance == NONE {
                instance = component.next_instance();
            }
            let place = &mut self.instances[instance as usize];
            if place.used < component.slots {
                connection.set_off();
                place.used += 1;
                component.meter.enter_slot(now);
                let id = self.calls.add(Call {
                    instance,
                    flags: call.flags | flag::SCHEDULED,
                    state: State::Working,
                    ..call
                });
                self.calls.note_target(id, target);
                let work = component.begin_at_once(Verb::Request, operation, &self.ziggurat);
                return self.work(id, work);
            }
            if place.waiting >= component.capacity {
                break;
            }
            connection.set_off();
            component.meter.enter(now);
            let id = self.calls.add(Call {
                instance,
                state: State::Queued,
                ..call
            });
            self.calls.note_target(id, target);
            let last = place.line_up(id);
            self.calls.follow(last, id);
            return;
        }
        self.go_slowly(caller, leg, instance, target);
    }

    #[inline(never)]
    fn go_slowly(&mut self, caller: u32, leg: u32, instance: u32, target: u32) {
        self.calls[caller].pending -= 1;
        let id = self.call_instance(caller, leg, instance, Verb::Request, true);
        self.calls.note_target(id, target);
        if target != NONE {
            self.calls[id].flags |= flag::BALANCED;
        }
        self.send(id);
    }
}
