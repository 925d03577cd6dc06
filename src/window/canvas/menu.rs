//! The context menu of boxes, arrows and the paper.

use egui::{Response, Ui};

use super::{Canvas, Context, Hit, Rename};
use crate::{
    scenario::{Component, FrameKind, Kind, Scenario, fault, frame::Places},
    window::{
        command::{Command, Trouble, Way},
        edit::Edit,
        menu::entry,
        outbox::{Outbox, Wish},
        placement,
        view::Lens,
    },
};

impl Canvas {
    pub(super) fn context_menu(
        &mut self,
        response: &Response,
        context: &Context<'_>,
        lens: &Lens,
        hit: Hit,
        out: &mut Outbox,
    ) {
        if response.secondary_clicked() {
            self.menu_for = Some(hit);
            if let Some(at) = response.interact_pointer_pos() {
                let in_scene = lens.to_scene(at);
                self.menu_place = placement::snap(in_scene.x, in_scene.y);
            }
        }
        let Some(target) = self.menu_for else { return };
        response.context_menu(|ui| match target {
            Hit::Box(number) | Hit::Edge(number) => {
                let Some(scene_box) = self.scene.boxes.get(number) else {
                    return;
                };
                ui.set_min_width(180.0);
                for trouble in troubles(scene_box.kind) {
                    trouble_entry(ui, &scene_box.name, trouble, out);
                }
                let components = &context.document.scenario().components;
                if let Some(component) = components.get(&scene_box.name) {
                    instance_entries(ui, &scene_box.name, component, out);
                }
                trouble_entry(ui, &scene_box.name, Trouble::Heal, out);
                ui.separator();
                entry(
                    ui,
                    Command::Rename,
                    context.selection.single_box().is_some(),
                    out,
                );
                entry(ui, Command::Duplicate, true, out);
                entry(ui, Command::Copy, true, out);
                entry(ui, Command::Delete, true, out);
                ui.separator();
                for kind in [FrameKind::Zone, FrameKind::Region] {
                    entry(ui, Command::Group(kind), true, out);
                }
            }
            Hit::Frame(number) => {
                let Some(frame) = self.scene.frames.get(number) else {
                    return;
                };
                ui.set_min_width(180.0);
                let scenario = context.document.scenario();
                for trouble in troubles_of_frame(scenario, &frame.name) {
                    trouble_entry(ui, &frame.name, trouble, out);
                }
                let others = scenario.frames.iter().filter(|(name, other)| {
                    let inside = |name: &str| scenario.frames[name].inside.as_deref();
                    **name != frame.name
                        && other.inside.as_deref() != Some(&frame.name)
                        && inside(&frame.name) != Some(name.as_str())
                });
                let others: Vec<&String> = others.map(|(name, _)| name).collect();
                ui.add_enabled_ui(!others.is_empty(), |ui| {
                    ui.menu_button("Cut off from", |ui| {
                        for other in others {
                            let target = format!("{} | {other}", frame.name);
                            if ui.button(other).clicked() {
                                out.wish(Wish::Trouble(target, Trouble::Partition));
                                ui.close();
                            }
                        }
                    });
                });
                trouble_entry(ui, &frame.name, Trouble::Heal, out);
                ui.separator();
                if ui.button("Rename frame").clicked() {
                    self.rename = Some(Rename::of_frame(&frame.name));
                    ui.close();
                }
                if ui.button("Delete frame").clicked() {
                    out.edit(Edit::RemoveFrame(frame.name.clone()));
                    ui.close();
                }
            }
            Hit::Arrow(number) => {
                let Some(connection) = context.document.scenario().connections.get(number) else {
                    return;
                };
                ui.set_min_width(180.0);
                let name = format!("{} -> {}", connection.from, connection.to);
                for trouble in OF_ARROWS {
                    trouble_entry(ui, &name, *trouble, out);
                }
                trouble_entry(ui, &name, Trouble::Heal, out);
                ui.separator();
                entry(ui, Command::Delete, true, out);
            }
            Hit::Nothing => {
                ui.set_min_width(180.0);
                ui.menu_button("Add", |ui| {
                    for kind in Kind::ALL {
                        let command = Command::Add(kind);
                        let button = ui.button(command.text()).on_hover_text(command.tooltip());
                        if button.clicked() {
                            out.edit(Edit::Add {
                                kind,
                                at: self.menu_place,
                                called_by: None,
                            });
                            ui.close();
                        }
                    }
                });
                entry(ui, Command::Paste, true, out);
                entry(ui, Command::SelectAll, true, out);
                ui.separator();
                entry(ui, Command::Fit, true, out);
                entry(ui, Command::ActualSize, true, out);
            }
        });
    }
}

fn trouble_entry(ui: &mut Ui, target: &str, trouble: Trouble, out: &mut Outbox) {
    if ui
        .button(trouble.text())
        .on_hover_text(trouble.tooltip())
        .clicked()
    {
        out.wish(Wish::Trouble(target.to_owned(), trouble));
        ui.close();
    }
}

/// What can go wrong with each instance of a box by itself.
fn instance_entries(ui: &mut Ui, name: &str, component: &Component, out: &mut Outbox) {
    let mut names = instances(name, component).peekable();
    if names.peek().is_none() {
        return;
    }
    ui.menu_button("One instance", |ui| {
        for instance in names {
            ui.menu_button(&instance, |ui| {
                for trouble in OF_INSTANCES {
                    trouble_entry(ui, &instance, *trouble, out);
                }
                trouble_entry(ui, &instance, Trouble::Heal, out);
            });
        }
    });
}

/// The names of the instances of a box that has several, as long as a list of them is of use.
pub fn instances(name: &str, component: &Component) -> impl Iterator<Item = String> {
    const MOST: u32 = 16;
    let count = match fault::instances(component) {
        count @ 2..=MOST => count,
        _ => 0,
    };
    (1..=count).map(move |number| format!("{name} #{number}"))
}

/// What can go wrong with a kind of box.
pub fn troubles(kind: Kind) -> Vec<Trouble> {
    const STOPS: &[Trouble] = &[Trouble::Crash, Trouble::Hang, Trouble::Pause];
    const SLOWS: &[Trouble] = &[Trouble::Slow(2), Trouble::Slow(4), Trouble::Slow(10)];
    const ERRORS: &[Trouble] = &[Trouble::Errors(10), Trouble::Errors(100)];
    const LESS: &[Trouble] = &[Trouble::Capacity(50)];
    match kind {
        Kind::Client => vec![
            Trouble::Traffic(2),
            Trouble::Traffic(3),
            Trouble::Traffic(10),
            Trouble::HotKey(50),
        ],
        Kind::Dns => STOPS.to_vec(),
        Kind::LoadBalancer | Kind::RateLimiter | Kind::Queue => [STOPS, ERRORS].concat(),
        Kind::ApiGateway | Kind::Function | Kind::Database | Kind::Replica => {
            [STOPS, SLOWS, ERRORS, LESS].concat()
        }
        Kind::Cache => {
            let mut found = [STOPS, SLOWS, ERRORS, LESS].concat();
            found.insert(1, Trouble::Flush);
            found
        }
        Kind::Server => {
            let deploys = [Way::Rolling, Way::Canary, Way::BlueGreen].map(Trouble::Deploy);
            [STOPS, SLOWS, ERRORS, LESS, &deploys, &[Trouble::RollBack]].concat()
        }
    }
}

/// What can go wrong with one instance.
pub const OF_INSTANCES: &[Trouble] = &[
    Trouble::Crash,
    Trouble::Hang,
    Trouble::Pause,
    Trouble::Slow(4),
    Trouble::Errors(10),
    Trouble::Errors(100),
];

/// What can go wrong with a frame: that it is cut off, and what can go wrong with a box in it, which
/// then happens to all those in it that can have it. New versions come to one box at a time.
pub fn troubles_of_frame(scenario: &Scenario, name: &str) -> Vec<Trouble> {
    const IN_TURN: &[Trouble] = &[
        Trouble::Crash,
        Trouble::Hang,
        Trouble::Partition,
        Trouble::Pause,
        Trouble::Slow(2),
        Trouble::Slow(4),
        Trouble::Slow(10),
        Trouble::Errors(10),
        Trouble::Errors(100),
        Trouble::Capacity(50),
        Trouble::Flush,
        Trouble::Traffic(2),
        Trouble::Traffic(3),
        Trouble::Traffic(10),
        Trouble::HotKey(50),
    ];
    let Some(frame) = scenario.frames.get_index_of(name) else {
        return Vec::new();
    };
    let places = Places::new(scenario);
    let inside = scenario.components.iter();
    let inside = inside.filter(|(member, _)| places.is_inside(member, frame));
    let mut found = vec![Trouble::Partition];
    found.extend(inside.flat_map(|(_, component)| troubles(component.kind())));
    let in_turn = IN_TURN.iter().copied();
    in_turn.filter(|trouble| found.contains(trouble)).collect()
}

/// What can go wrong with an arrow.
pub const OF_ARROWS: &[Trouble] = &[Trouble::Cut, Trouble::Loss(10), Trouble::Slow(10)];
