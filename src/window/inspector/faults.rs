//! The timeline of what goes wrong.

use egui::Ui;

use super::{
    field::{self, Drafts},
    list,
};
use crate::{
    picture::Icon,
    scenario::{Component, Duration, Fault, FaultKind, Kind, Scenario},
    window::{edit::Edit, icon, outbox::Outbox, theme::Theme},
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
        Some(Kind::LoadBalancer | Kind::Queue) => &[CRASH, HANG, PAUSE],
        Some(Kind::Cache) => &[CRASH, HANG, PAUSE, SLOW, FLUSH],
        Some(Kind::Server | Kind::Database | Kind::Replica) => &[CRASH, HANG, PAUSE, SLOW],
    }
}

/// Draws the list.
pub fn ui(ui: &mut Ui, drafts: &mut Drafts, scenario: &Scenario, out: &mut Outbox) {
    field::group(ui, "Faults");
    let targets = || -> Vec<String> {
        let boxes = scenario.components.keys().cloned();
        let arrows = &scenario.connections;
        boxes
            .chain(arrows.iter().map(crate::scenario::Connection::name))
            .collect()
    };
    let mut changed: Option<Vec<Fault>> = None;
    let mut rows = list::Rows::default();
    for (number, fault) in scenario.faults.iter().enumerate() {
        rows.row(ui, scenario.faults.len(), |ui| {
            let mut new = fault.clone();
            let key = format!("fault {number} ");
            let mut gone = false;
            ui.horizontal(|ui| {
                let about = |what: &str| format!("{what} of fault {}", number + 1);
                if let Some(on) = list::names(ui, &about("Target"), 108.0, &fault.on, targets) {
                    let allowed = words(scenario, &on);
                    let word = Word::of(fault.fault);
                    if !allowed.iter().any(|(other, _)| *other == word) {
                        new.fault = allowed[0].0.fault(2.0);
                    }
                    new.on = on;
                }
                let allowed = words(scenario, &fault.on);
                if let Some(word) =
                    list::combo(ui, &about("Kind"), 68.0, Word::of(fault.fault), allowed)
                {
                    new.fault = word.fault(2.0);
                }
                if let FaultKind::Slow { times } | FaultKind::Traffic { times } = fault.fault {
                    let times = list::cell(
                        ui,
                        drafts,
                        &format!("{key}times"),
                        &about("Factor"),
                        &times.to_string(),
                        44.0,
                        factor,
                    );
                    if let Some(times) = times {
                        new.fault = Word::of(fault.fault).fault(times);
                    }
                }
                gone = list::remove(ui, &format!("Remove fault {}", number + 1));
            });
            ui.horizontal(|ui| {
                ui.weak("from");
                let name = format!("Start of fault {}", number + 1);
                if let Some(at) = list::cell(
                    ui,
                    drafts,
                    &format!("{key}at"),
                    &name,
                    &fault.at.to_string(),
                    64.0,
                    Duration::parse,
                ) {
                    new.at = at;
                }
                if !matches!(fault.fault, FaultKind::Flush) {
                    ui.weak("until");
                    let shown = fault
                        .until
                        .map(|until| until.to_string())
                        .unwrap_or_default();
                    let name = format!("End of fault {}", number + 1);
                    let until = list::cell(
                        ui,
                        drafts,
                        &format!("{key}until"),
                        &name,
                        &shown,
                        64.0,
                        |text| {
                            if text.is_empty() {
                                Ok(None)
                            } else {
                                Duration::parse(text).map(Some)
                            }
                        },
                    );
                    if let Some(until) = until {
                        new.until = until;
                    }
                    if fault.until.is_none() {
                        ui.weak("healed");
                    }
                }
            });
            list::errors(ui, drafts, &key);
            if gone || new != *fault {
                let mut faults = scenario.faults.clone();
                if gone {
                    faults.remove(number);
                } else {
                    faults[number] = new;
                }
                changed = Some(faults);
            }
        });
    }
    if scenario.faults.is_empty() {
        ui.colored_label(Theme::of(ui).text_weak, "Nothing goes wrong by itself");
    }
    ui.add_enabled_ui(!scenario.components.is_empty(), |ui| {
        if icon::button(ui, Icon::Plus, "Add fault").clicked() {
            let mut faults = scenario.faults.clone();
            let components = &scenario.components;
            let breakable = components
                .iter()
                .find(|(_, component)| component.kind() != Kind::Client);
            let on = breakable
                .or(components.first())
                .map(|(name, _)| name.clone())
                .unwrap_or_default();
            let fault = words(scenario, &on)[0].0.fault(2.0);
            faults.push(Fault {
                at: Duration::from_secs(60),
                until: Some(Duration::from_secs(90)),
                on,
                fault,
            });
            changed = Some(faults);
        }
    });
    if let Some(faults) = changed {
        out.edit(Edit::Faults(faults));
    }
}

fn factor(text: &str) -> Result<f64, String> {
    match text.trim_start_matches(['×', 'x']).trim().parse::<f64>() {
        Ok(times) if times.is_finite() && times >= 0.0 => Ok(times),
        _ => Err("A factor is a number such as 4".into()),
    }
}
