//! The kinds of request that clients ask for.

use egui::Ui;

use super::{
    field::{self, Drafts},
    list, parameters,
};
use crate::{
    picture::Icon,
    scenario::{IndexMap, Operation, OperationKind, Scenario, Subject},
    window::{
        edit::Edit,
        icon,
        outbox::Outbox,
        text,
        theme::{Theme, space},
    },
};

/// What stands for no operations at all: nine reads for every write.
fn default_operations() -> IndexMap<String, Operation> {
    IndexMap::from([
        ("read".to_owned(), Operation::new(OperationKind::Read, 90.0)),
        (
            "write".to_owned(),
            Operation::new(OperationKind::Write, 10.0),
        ),
    ])
}

/// Draws the list.
pub fn ui(ui: &mut Ui, drafts: &mut Drafts, scenario: &Scenario, out: &mut Outbox) {
    field::group(ui, "Operations");
    let operations = if scenario.operations.is_empty() {
        default_operations()
    } else {
        scenario.operations.clone()
    };
    let total: f64 = operations.values().map(|operation| operation.weight).sum();
    let mut changed = None;
    // Fields have names of their own, so the rest of one operation is shown at a time.
    let opened = ui.scope_id().with("opened operation");
    let open: Option<usize> = ui.data(|data| data.get_temp(opened)).flatten();
    for (number, (name, operation)) in operations.iter().enumerate() {
        let is_open = open == Some(number);
        ui.horizontal(|ui| {
            // It is just wide enough for all of it.
            ui.spacing_mut().item_spacing.x = space::S;
            dot(ui, number);
            let key = format!("operation {number}");
            let renamed = list::cell(
                ui,
                drafts,
                &format!("{key} name"),
                &format!("Name of operation {name}"),
                name,
                60.0,
                |text| {
                    if text.is_empty() {
                        Err("An operation needs a name".into())
                    } else if text != name && operations.contains_key(text) {
                        Err(format!("There is an operation called {text} already"))
                    } else {
                        Ok(text.to_owned())
                    }
                },
            );
            if let Some(new) = renamed {
                changed = Some(
                    operations
                        .iter()
                        .map(|(n, o)| (if n == name { new.clone() } else { n.clone() }, o.clone()))
                        .collect(),
                );
            }
            let kinds = [
                (OperationKind::Read, "read"),
                (OperationKind::Write, "write"),
            ];
            if let Some(kind) =
                list::combo(ui, &format!("Kind of {name}"), 64.0, operation.kind, &kinds)
            {
                let mut new = operations.clone();
                new[number].kind = kind;
                changed = Some(new);
            }
            let weight = list::cell(
                ui,
                drafts,
                &format!("{key} weight"),
                &format!("Weight of {name}"),
                &operation.weight.to_string(),
                40.0,
                |text| match text.parse::<f64>() {
                    Ok(weight) if weight.is_finite() && weight >= 0.0 => Ok(weight),
                    _ => Err("A weight is a number such as 90".into()),
                },
            );
            if let Some(weight) = weight {
                let mut new = operations.clone();
                new[number].weight = weight;
                changed = Some(new);
            }
            if total > 0.0 {
                ui.weak(text::percent(operation.weight / total));
            }
            if more(ui, name, is_open) {
                let now = if is_open { None } else { Some(number) };
                ui.data_mut(|data| data.insert_temp(opened, now));
                if scenario.operations.is_empty() {
                    // What is said about it from now on has to stand somewhere.
                    changed = Some(operations.clone());
                }
            }
            if operations.len() > 1 && list::remove(ui, &format!("Remove operation {name}")) {
                let mut new = operations.clone();
                new.shift_remove_index(number);
                changed = Some(new);
            }
        });
        list::errors(ui, drafts, &format!("operation {number} "));
        if is_open {
            let subject = Subject::Operation(name.clone());
            for path in ["priority", "request", "reply"] {
                parameters::ui(ui, drafts, scenario, &subject, path, out);
            }
        }
    }
    if icon::button(ui, Icon::Plus, "Add operation").clicked() {
        let mut new = operations.clone();
        let name = (1..)
            .map(|number| format!("operation {number}"))
            .find(|name| !new.contains_key(name))
            .unwrap_or_default();
        new.insert(name, Operation::new(OperationKind::Read, 10.0));
        changed = Some(new);
    }
    if let Some(operations) = changed {
        out.edit(Edit::Operations(operations));
    }
}

/// Whether more, or less, of an operation is to be shown.
fn more(ui: &mut Ui, name: &str, is_open: bool) -> bool {
    let (sign, what) = if is_open {
        (Icon::ChevronUp, format!("Show less of {name}"))
    } else {
        (Icon::ChevronDown, format!("Priority and sizes of {name}"))
    };
    ui.scope(|ui| {
        let side = ui.spacing().interact_size.y;
        ui.spacing_mut().interact_size = egui::Vec2::splat(side);
        icon::button(ui, sign, &what).clicked()
    })
    .inner
}

/// The colour in which the operation's requests move.
fn dot(ui: &mut Ui, number: usize) {
    let (rect, _) = ui.allocate_exact_size(
        egui::vec2(10.0, ui.spacing().interact_size.y),
        egui::Sense::hover(),
    );
    ui.painter()
        .circle_filled(rect.center(), space::S, Theme::of(ui).operation(number));
}
