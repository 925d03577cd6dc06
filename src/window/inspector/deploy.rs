//! A deploy on the timeline: the new version, and how it comes into service.

use egui::Ui;

use super::{
    faults::{factor, percent},
    field::Drafts,
    list::{self, Row},
};
use crate::scenario::{Deploy, DeployStrategy, Duration, RollBack};

/// The strategies without their numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Rolling,
    Surge,
    Canary,
    BlueGreen,
}

const WAYS: [(Way, &str); 4] = [
    (Way::Rolling, "rolling"),
    (Way::Surge, "surge"),
    (Way::Canary, "canary"),
    (Way::BlueGreen, "blue-green"),
];

const SWITCH: [(bool, &str); 2] = [(false, "by hand"), (true, "by itself")];

/// Draws it.
pub fn ui(ui: &mut Ui, drafts: &mut Drafts, row: Row<'_>, deploy: &mut Deploy) {
    ui.horizontal_wrapped(|ui| {
        let speed = deploy.speed.to_string();
        cell(ui, drafts, row, "Speed", &speed, factor, &mut deploy.speed);
        let errors = share(deploy.errors);
        cell(
            ui,
            drafts,
            row,
            "Errors",
            &errors,
            percent,
            &mut deploy.errors,
        );
    });
    ui.horizontal_wrapped(|ui| strategy(ui, drafts, row, &mut deploy.strategy));
    ui.horizontal_wrapped(|ui| {
        time(ui, drafts, row, "Boot", &mut deploy.boot);
        time(ui, drafts, row, "Drain", &mut deploy.drain);
    });
    ui.horizontal_wrapped(|ui| {
        time(ui, drafts, row, "Warm-up", &mut deploy.warm_up);
        let cold = deploy.cold.to_string();
        cell(ui, drafts, row, "Slower", &cold, factor, &mut deploy.cold);
    });
    ui.horizontal_wrapped(|ui| roll_back(ui, drafts, row, &mut deploy.roll_back));
}

fn strategy(ui: &mut Ui, drafts: &mut Drafts, row: Row<'_>, strategy: &mut DeployStrategy) {
    let way = match strategy {
        DeployStrategy::Rolling { surge: false, .. } => Way::Rolling,
        DeployStrategy::Rolling { surge: true, .. } => Way::Surge,
        DeployStrategy::Canary { .. } => Way::Canary,
        DeployStrategy::BlueGreen { .. } => Way::BlueGreen,
    };
    if let Some(way) = list::combo(ui, &row.about("DeployStrategy"), 84.0, way, &WAYS) {
        let (instances, batch, five_min) = (1, 1, Duration::from_secs(300));
        *strategy = match way {
            Way::Rolling | Way::Surge => DeployStrategy::Rolling {
                batch,
                surge: way == Way::Surge,
            },
            Way::Canary => DeployStrategy::Canary {
                instances,
                watch: five_min,
                batch,
            },
            Way::BlueGreen => DeployStrategy::BlueGreen { keep: five_min },
        };
    }
    match strategy {
        DeployStrategy::Rolling { batch, .. } => count(ui, drafts, row, "Batch", batch),
        DeployStrategy::Canary {
            instances,
            watch,
            batch,
        } => {
            count(ui, drafts, row, "Canary", instances);
            time(ui, drafts, row, "Watch", watch);
            count(ui, drafts, row, "Batch", batch);
        }
        DeployStrategy::BlueGreen { keep } => time(ui, drafts, row, "Keep", keep),
    }
}

fn roll_back(ui: &mut Ui, drafts: &mut Drafts, row: Row<'_>, roll_back: &mut Option<RollBack>) {
    ui.weak("Rolled back");
    let is_on = roll_back.is_some();
    if let Some(on) = list::combo(ui, &row.about("Roll-back"), 84.0, is_on, &SWITCH) {
        *roll_back = on.then(RollBack::default);
    }
    let Some(limits) = roll_back else {
        return;
    };
    let above = share(limits.failures);
    cell(
        ui,
        drafts,
        row,
        "Above",
        &above,
        percent,
        &mut limits.failures,
    );
    count(ui, drafts, row, "Calls", &mut limits.calls);
    time(ui, drafts, row, "Every", &mut limits.every);
    let slower = limits.latency.map(|latency| latency.to_string());
    let parse = |text: &str| match text {
        "" => Ok(None),
        text => Duration::parse(text).map(Some),
    };
    let slower = slower.unwrap_or_default();
    cell(
        ui,
        drafts,
        row,
        "Latency",
        &slower,
        parse,
        &mut limits.latency,
    );
}

fn time(ui: &mut Ui, drafts: &mut Drafts, row: Row<'_>, name: &str, time: &mut Duration) {
    let shown = time.to_string();
    cell(ui, drafts, row, name, &shown, Duration::parse, time);
}

fn count(ui: &mut Ui, drafts: &mut Drafts, row: Row<'_>, name: &str, count: &mut u32) {
    let shown = count.to_string();
    let parse = |text: &str| match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("A count is a whole number such as 2".into()),
    };
    cell(ui, drafts, row, name, &shown, parse, count);
}

fn cell<T>(
    ui: &mut Ui,
    drafts: &mut Drafts,
    row: Row<'_>,
    name: &str,
    shown: &str,
    parse: impl Fn(&str) -> Result<T, String>,
    value: &mut T,
) {
    ui.weak(name);
    if let Some(entered) = row.cell(ui, drafts, name, shown, 48.0, parse) {
        *value = entered;
    }
}

fn share(share: f64) -> String {
    format!("{}%", (share * 1e4).round() / 1e2)
}
