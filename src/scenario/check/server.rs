//! What a server may be besides slots and work.

use super::Entry;
use super::limits;
use crate::scenario::{
    Autoscaler, Deploy, DeployStrategy, Discipline, Distribution, Policy, Server, ShedWhen,
};

impl Entry<'_> {
    pub(super) fn server(&mut self, server: &Server) {
        self.number("speed", server.speed, limits::SPEED);
        if let Some(most) = server.max_connections {
            self.count("max_connections", most, limits::USERS);
        }
        if let Some(shed) = &server.shed {
            if let Some(priority) = shed.spares {
                self.count("shed.spares", priority, limits::PRIORITY);
            }
            match shed.when {
                ShedWhen::Line { calls } => self.count("shed.when.calls", calls, limits::LINE),
                ShedWhen::Wait { .. }
                    if server.queue.discipline == Discipline::ProcessorSharing =>
                {
                    let why = "calls that share slots do not wait: shed by line or utilization";
                    self.error("shed.when", why);
                }
                ShedWhen::Wait { .. } => {}
                ShedWhen::Utilization { above, over } => {
                    self.number("shed.when.above", above, limits::SHARE);
                    self.positive("shed.when.over", over);
                }
            }
        }
        if let Some(scaler) = &server.autoscaler {
            self.autoscaler(server, scaler);
        }
        if let Some(pauses) = &server.pauses {
            for (field, time) in [("every", &pauses.every), ("length", &pauses.length)] {
                let field = format!("pauses.{field}");
                self.distribution(&field, time);
                if *time == Distribution::ZERO {
                    self.error(&field, "the time must be longer than 0");
                }
            }
        }
    }

    pub(super) fn deploy(&mut self, deploy: &Deploy) {
        self.number("fault.speed", deploy.speed, limits::SPEED);
        self.number("fault.errors", deploy.errors, limits::SHARE);
        self.number("fault.cold", deploy.cold, limits::SLOWER);
        match deploy.strategy {
            DeployStrategy::Rolling { batch, .. } => {
                self.count("fault.strategy.batch", batch, limits::SLOTS);
            }
            DeployStrategy::Canary {
                instances, batch, ..
            } => {
                self.count("fault.strategy.instances", instances, limits::SLOTS);
                self.count("fault.strategy.batch", batch, limits::SLOTS);
            }
            DeployStrategy::BlueGreen { .. } => {}
        }
        if let Some(roll_back) = &deploy.roll_back {
            self.positive("fault.roll_back.every", roll_back.every);
            self.count("fault.roll_back.calls", roll_back.calls, limits::MESSAGES);
            let share = roll_back.failures;
            self.number("fault.roll_back.failures", share, limits::SHARE);
        }
    }

    fn autoscaler(&mut self, server: &Server, scaler: &Autoscaler) {
        self.count("autoscaler.min", scaler.min, limits::SLOTS);
        self.count("autoscaler.max", scaler.max, limits::SLOTS);
        self.positive("autoscaler.interval", scaler.interval);
        self.distribution("autoscaler.boot", &scaler.boot);
        self.number("autoscaler.cold", scaler.cold, limits::SLOWER);
        let (min, max, instances) = (scaler.min, scaler.max, server.instances);
        if min > max {
            let why = format!("`min` must not be more than `max`, found {min} and {max}");
            self.error("autoscaler.min", why);
        } else if !(min..=max).contains(&instances) {
            let why = format!("it starts with {instances} instances, not {min} to {max}");
            self.error("autoscaler", why);
        }
        match &scaler.policy {
            Policy::Target { utilization } => {
                self.number("autoscaler.policy.utilization", *utilization, limits::SOME);
            }
            Policy::Steps {
                above,
                add,
                below,
                remove,
                ..
            } => {
                self.number("autoscaler.policy.above", *above, limits::SHARE);
                self.number("autoscaler.policy.below", *below, limits::SHARE);
                self.count("autoscaler.policy.add", *add, limits::COUNT);
                self.count("autoscaler.policy.remove", *remove, limits::COUNT);
                if below >= above {
                    let why =
                        format!("`below` must be less than `above`, found {below} and {above}");
                    self.error("autoscaler.policy.below", why);
                }
            }
            Policy::QueueLength { per_instance } => {
                self.count(
                    "autoscaler.policy.per_instance",
                    *per_instance,
                    limits::COUNT,
                );
            }
            Policy::Scheduled { times } => {
                if !times.is_sorted_by(|one, next| one.0 < next.0) {
                    self.error(
                        "autoscaler.policy.times",
                        "each time must be later than the one before",
                    );
                }
                for (_, count) in times {
                    self.count("autoscaler.policy.times", *count, limits::SLOTS);
                }
            }
            Policy::Predictive {
                utilization,
                window,
            } => {
                self.number("autoscaler.policy.utilization", *utilization, limits::SOME);
                let most = Policy::MOST_LOOKS;
                if window.nanos() / scaler.interval.nanos().max(1) > most {
                    let why = format!("a window of more than {most} looks");
                    self.error("autoscaler.policy.window", why);
                }
            }
        }
    }
}
