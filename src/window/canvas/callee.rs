//! An arrow pulled into the empty: the box at its end is chosen from a list.

use egui::{Area, Frame, Id, Key, Order, Ui};

use super::{Canvas, arrows, scene::box_in_scene};
use crate::{
    scenario::{Kind, Scenario, check},
    window::{
        command::Command, document::Document, edit::Edit, outbox::Outbox, placement::Place,
        theme::Theme, view::Lens,
    },
};

/// A box that is wanted at the end of an arrow.
#[derive(Clone, Debug)]
pub struct NewCallee {
    /// The box that calls it.
    pub caller: String,
    /// Where its centre is to be.
    pub place: Place,
}

/// What a box of this kind can call.
fn callees(scenario: &Scenario, caller: &str) -> Vec<Kind> {
    let mut trial = scenario.clone();
    let name = crate::scenario::edit::unique_name(scenario, "callee");
    Kind::ALL
        .into_iter()
        .filter(|kind| {
            trial.components.insert(name.clone(), kind.component());
            check::refusal(&trial, caller, &name).is_none()
        })
        .collect()
}

impl Canvas {
    /// Shows the list, and adds what is chosen.
    pub(super) fn choose_new_callee(
        &mut self,
        ui: &Ui,
        lens: &Lens,
        theme: &Theme,
        document: &Document,
        out: &mut Outbox,
    ) {
        let Some(wanted) = self.new_callee.clone() else {
            return;
        };
        let kinds = callees(document.scenario(), &wanted.caller);
        let number = self.scene.number(&wanted.caller);
        let (Some(number), false) = (number, kinds.is_empty()) else {
            self.new_callee = None;
            return;
        };
        let end = lens.to_screen(box_in_scene(wanted.place).center());
        let painter = ui.painter_at(lens.canvas);
        arrows::draw_preview(
            &painter,
            lens,
            self.scene.boxes[number].rect,
            end,
            theme.accent,
        );
        let area = Area::new(Id::unique("new callee"))
            .order(Order::Foreground)
            .fixed_pos(end)
            .constrain_to(lens.canvas)
            .show(ui.ctx(), |ui| {
                Frame::popup(ui.style()).show(ui, |ui| {
                    ui.set_min_width(150.0);
                    ui.weak(format!("{} calls a new", wanted.caller));
                    for kind in kinds {
                        let command = Command::Add(kind);
                        let entry = ui.button(command.text()).on_hover_text(command.tooltip());
                        if entry.clicked() {
                            out.edit(Edit::Add {
                                kind,
                                at: wanted.place,
                                called_by: Some(wanted.caller.clone()),
                            });
                            self.new_callee = None;
                        }
                    }
                });
            });
        let elsewhere = area.response.clicked_elsewhere();
        if elsewhere || ui.input(|input| input.key_pressed(Key::Escape)) {
            self.new_callee = None;
        }
    }
}
