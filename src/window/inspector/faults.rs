//! The timeline of what goes wrong.

use egui::Ui;

use super::{
    deploy,
    field::Drafts,
    list::{self, List, Row},
};
use crate::{
    scenario::{Connection, Deploy, Duration, Fault, FaultKind, Kind, Scenario, fault::refusal},
    window::{canvas, edit::Edit, outbox::Outbox},
};

/// The faults without their numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Crash,
    Hang,
    Pause,
    Slow,
    Errors,
    Capacity,
    Flush,
    Cut,
    Partition,
    Loss,
    Traffic,
    HotKey,
    Deploy,
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
            FaultKind::Partition => Self::Partition,
            FaultKind::Traffic { .. } => Self::Traffic,
            FaultKind::Errors { .. } => Self::Errors,
            FaultKind::Capacity { .. } => Self::Capacity,
            FaultKind::Loss { .. } => Self::Loss,
            FaultKind::HotKey { .. } => Self::HotKey,
            FaultKind::Deploy(_) => Self::Deploy,
        }
    }

    /// The fault with numbers to start from.
    fn fault(self) -> FaultKind {
        let (times, share) = (2.0, 0.5);
        match self {
            Self::Crash => FaultKind::Crash,
            Self::Hang => FaultKind::Hang,
            Self::Pause => FaultKind::Pause,
            Self::Slow => FaultKind::Slow { times },
            Self::Flush => FaultKind::Flush,
            Self::Cut => FaultKind::Cut,
            Self::Partition => FaultKind::Partition,
            Self::Traffic => FaultKind::Traffic { times },
            Self::Errors => FaultKind::Errors { share },
            Self::Capacity => FaultKind::Capacity { lost: share },
            Self::Loss => FaultKind::Loss { share },
            Self::HotKey => FaultKind::HotKey { share },
            Self::Deploy => FaultKind::Deploy(Deploy::default()),
        }
    }
}

/// Every word, and how it is shown.
const WORDS: [(Word, &str); 13] = [
    (Word::Crash, "crash"),
    (Word::Hang, "hang"),
    (Word::Pause, "pause"),
    (Word::Slow, "slow"),
    (Word::Errors, "errors"),
    (Word::Capacity, "capacity"),
    (Word::Flush, "flush"),
    (Word::Cut, "cut"),
    (Word::Partition, "partition"),
    (Word::Loss, "loss"),
    (Word::Traffic, "traffic"),
    (Word::HotKey, "hot key"),
    (Word::Deploy, "deploy"),
];

/// What can go wrong with a target.
fn words(scenario: &Scenario, on: &str) -> Vec<(Word, &'static str)> {
    let fits = |(word, _): &(Word, &str)| refusal(scenario, on, word.fault()).is_none();
    WORDS.into_iter().filter(fits).collect()
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
            if let FaultKind::Deploy(deploy) = &mut fault.fault {
                deploy::ui(ui, drafts, row, deploy);
            }
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
            .chain(one_by_one(scenario))
            .chain(framed(scenario))
            .chain(scenario.connections.iter().map(Connection::name))
            .collect()
    };
    if let Some(on) = list::names(ui, &row.about("Target"), 108.0, &fault.on, targets) {
        let allowed = words(scenario, &on);
        let word = Word::of(fault.fault);
        if !allowed.iter().any(|(other, _)| *other == word)
            && let Some((first, _)) = allowed.first()
        {
            fault.fault = first.fault();
        }
        fault.on = on;
    }
    let allowed = words(scenario, &fault.on);
    let word = Word::of(fault.fault);
    if let Some(word) = list::combo(ui, &row.about("Kind"), 68.0, word, &allowed) {
        fault.fault = word.fault();
    }
    match &mut fault.fault {
        FaultKind::Slow { times } | FaultKind::Traffic { times } => {
            let shown = times.to_string();
            if let Some(entered) = row.cell(ui, drafts, "Factor", &shown, 44.0, factor) {
                *times = entered;
            }
        }
        FaultKind::Errors { share }
        | FaultKind::Capacity { lost: share }
        | FaultKind::Loss { share }
        | FaultKind::HotKey { share } => {
            let shown = format!("{}%", (*share * 1e4).round() / 1e2);
            if let Some(entered) = row.cell(ui, drafts, "Share", &shown, 44.0, percent) {
                *share = entered;
            }
        }
        FaultKind::Crash
        | FaultKind::Hang
        | FaultKind::Pause
        | FaultKind::Flush
        | FaultKind::Partition
        | FaultKind::Deploy(_)
        | FaultKind::Cut => {}
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
        let open = if fault.fault.is_deploy() {
            "rolled back"
        } else {
            "healed"
        };
        ui.weak(open);
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
        fault: words(scenario, &on)
            .first()
            .map_or(FaultKind::Crash, |(word, _)| word.fault()),
        on,
    }
}

fn one_by_one(scenario: &Scenario) -> impl Iterator<Item = String> {
    let boxes = scenario.components.iter();
    boxes.flat_map(|(name, component)| canvas::instances(name, component))
}

/// The frames, and what is between two of them.
fn framed(scenario: &Scenario) -> impl Iterator<Item = String> {
    let frames = &scenario.frames;
    let pairs = frames
        .iter()
        .enumerate()
        .flat_map(move |(at, (one, frame))| {
            let others = frames.iter().skip(at + 1);
            let apart = others.filter(move |(other, beside)| {
                frame.inside.as_ref() != Some(other) && beside.inside.as_ref() != Some(one)
            });
            apart.map(move |(other, _)| format!("{one} | {other}"))
        });
    frames.keys().cloned().chain(pairs)
}

/// `5%`, `5` and `0.05` are the same.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    let (digits, is_percent) = match text.trim().strip_suffix('%') {
        Some(digits) => (digits.trim(), true),
        None => (text.trim(), false),
    };
    match digits.parse::<f64>() {
        Ok(number) if !is_percent && (0.0..=1.0).contains(&number) => Ok(number),
        Ok(number) if (0.0..=100.0).contains(&number) => Ok(number / 100.0),
        _ => Err("A share is a number such as 5%".into()),
    }
}

pub(super) fn factor(text: &str) -> Result<f64, String> {
    match text.trim_start_matches(['×', 'x']).trim().parse::<f64>() {
        Ok(times) if times.is_finite() && times >= 0.0 => Ok(times),
        _ => Err("A factor is a number such as 4".into()),
    }
}
