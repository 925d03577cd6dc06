//! What a server may be besides slots and work.

use super::Entry;
use super::limits;
use crate::scenario::{Discipline, Distribution, Server, ShedWhen};

impl Entry<'_> {
    pub(super) fn server(&mut self, server: &Server) {
        self.number("speed", server.speed, limits::SPEED);
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
}
