//! The timeline of what goes wrong.

use egui::Ui;

use super::{
    field::Drafts,
    list::{self, List, Row},
};
use crate::{
    scenario::{Component, Connection, Duration, Fault, FaultKind, Kind, Scenario},
    window::{edit::Edit, outbox::Outbox},
};

/// The faults without their numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Crash,
    Hang,
    Pause,
    Slow,
    Flush,
    Cut,
    Traffic,
}

impl Word {
    fn of(fault: FaultKind) -> Self {
        match fault {
            FaultKind::Crash => Self::Crash,
            FaultKind::Hang => Self::Hang,
            FaultKind::Pause => Self::Pause,
            FaultKind::Slow { .. } => Self::Slow,
            FaultKind::Flush => Self::Flush,
            FaultKind::Cut => Self::Cut,
            FaultKind::Traffic { .. } => Self::Traffic,
        }
    }

    fn fault(self, times: f64) -> FaultKind {
        match self {
            Self::Crash => FaultKind::Crash,
            Self::Hang => FaultKind::Hang,
            Self::Pause => FaultKind::Pause,
            Self::Slow => FaultKind::Slow { times },
            Self::Flush => FaultKind::Flush,
            Self::Cut => FaultKind::Cut,
            Self::Traffic => FaultKind::Traffic { times },
        }
    }
}

const CRASH: (Word, &str) = (Word::Crash, "crash");
const HANG: (Word, &str) = (Word::Hang, "hang");
const PAUSE: (Word, &str) = (Word::Pause, "pause");
const SLOW: (Word, &str) = (Word::Slow, "slow");
const FLUSH: (Word, &str) = (Word::Flush, "flush");
const CUT: (Word, &str) = (Word::Cut, "cut");
const TRAFFIC: (Word, &str) = (Word::Traffic, "traffic");

/// What can go wrong with a target.
fn words(scenario: &Scenario, on: &str) -> &'static [(Word, &'static str)] {
    match scenario.components.get(on).map(Component::kind) {
        None => &[CUT],
        Some(Kind::Client) => &[TRAFFIC],
        Some(Kind::LoadBalancer | Kind::RateLimiter | Kind::Dns | Kind::Queue) => {
            &[CRASH, HANG, PAUSE]
        }
        Some(Kind::Cache) => &[CRASH, HANG, PAUSE, SLOW, FLUSH],
        Some(Kind::ApiGateway | Kind::Server | Kind::Function | Kind::Database | Kind::Replica) => {
            &[CRASH, HANG, PAUSE, SLOW]
        }
    }
}

/// Draws the list.
pub fn ui(ui: &mut Ui, drafts: &mut Drafts, scenario: &Scenario, out: &mut Outbox) {
    let list = List {
        title: "Faults",
        one: "fault",
        empty: "Nothing goes wrong by itself",
        can_add: !scenario.components.is_empty(),
    };
    let faults = list.ui(
        ui,
        drafts,
        &scenario.faults,
        |ui, drafts, row, fault| {
            let is_gone = ui.horizontal(|ui| what(ui, drafts, scenario, row, fault));
            ui.horizontal(|ui| when(ui, drafts, row, fault));
            is_gone.inner
        },
        || first_fault(scenario),
    );
    if let Some(faults) = faults {
        out.edit(Edit::Faults(faults));
    }
}

/// What happens to what. Says whether the fault is to go.
fn what(
    ui: &mut Ui,
    drafts: &mut Drafts,
    scenario: &Scenario,
    row: Row<'_>,
    fault: &mut Fault,
) -> bool {
    let targets = || -> Vec<String> {
        let boxes = scenario.components.keys().cloned();
        boxes
            .chain(scenario.connections.iter().map(Connection::name))
            .collect()
    };
    if let Some(on) = list::names(ui, &row.about("Target"), 108.0, &fault.on, targets) {
        let allowed = words(scenario, &on);
        let word = Word::of(fault.fault);
        if !allowed.iter().any(|(other, _)| *other == word) {
            fault.fault = allowed[0].0.fault(2.0);
        }
        fault.on = on;
    }
    let allowed = words(scenario, &fault.on);
    let word = Word::of(fault.fault);
    if let Some(word) = list::combo(ui, &row.about("Kind"), 68.0, word, allowed) {
        fault.fault = word.fault(2.0);
    }
    if let FaultKind::Slow { times } | FaultKind::Traffic { times } = &mut fault.fault {
        let shown = times.to_string();
        if let Some(entered) = row.cell(ui, drafts, "Factor", &shown, 44.0, factor) {
            *times = entered;
        }
    }
    row.remove(ui)
}

/// From when until when.
fn when(ui: &mut Ui, drafts: &mut Drafts, row: Row<'_>, fault: &mut Fault) {
    ui.weak("from");
    let shown = fault.at.to_string();
    if let Some(at) = row.cell(ui, drafts, "Start", &shown, 64.0, Duration::parse) {
        fault.at = at;
    }
    if matches!(fault.fault, FaultKind::Flush) {
        return;
    }
    ui.weak("until");
    let is_open = fault.until.is_none();
    let shown = fault
        .until
        .map(|until| until.to_string())
        .unwrap_or_default();
    let until = row.cell(ui, drafts, "End", &shown, 64.0, |text| {
        if text.is_empty() {
            Ok(None)
        } else {
            Duration::parse(text).map(Some)
        }
    });
    if let Some(until) = until {
        fault.until = until;
    }
    if is_open {
        ui.weak("healed");
    }
}

/// A fault to start from, at a box that can break.
fn first_fault(scenario: &Scenario) -> Fault {
    let components = &scenario.components;
    let breakable = components
        .iter()
        .find(|(_, component)| component.kind() != Kind::Client);
    let on = breakable
        .or(components.first())
        .map(|(name, _)| name.clone())
        .unwrap_or_default();
    Fault {
        at: Duration::from_secs(60),
        until: Some(Duration::from_secs(90)),
        fault: words(scenario, &on)[0].0.fault(2.0),
        on,
    }
}

fn factor(text: &str) -> Result<f64, String> {
    match text.trim_start_matches(['×', 'x']).trim().parse::<f64>() {
        Ok(times) if times.is_finite() && times >= 0.0 => Ok(times),
        _ => Err("A factor is a number such as 4".into()),
    }
}
