//! What the pointer does on the canvas.

use egui::{Align2, Modifiers, PointerButton, Pos2, Rect, Response, Stroke, Ui, Vec2};

use super::{Canvas, Context, Hit, arrows, callee::NewCallee, frames, hit};
use crate::{
    scenario::{Scenario, check},
    window::{
        edit::Edit,
        outbox::{Outbox, Wish},
        placement::{self, Place},
        selection::Selection,
        text,
        theme::{Theme, line, radius},
        view::Lens,
    },
};

/// What is being dragged.
#[derive(Clone, Debug, Default)]
pub enum Gesture {
    /// Nothing.
    #[default]
    Idle,
    /// The whole drawing.
    Pan,
    /// A frame around what to select.
    Marquee {
        /// Where it began, in the scene.
        from: Pos2,
        /// What was selected before and stays so.
        base: Selection,
    },
    /// Boxes.
    Move {
        /// Where it began, in the scene.
        from: Pos2,
        /// The box under the pointer, which goes to the grid.
        grabbed: Place,
        /// The boxes and where they were.
        boxes: Vec<(String, Place)>,
        /// The moves of one drag are one step.
        number: u64,
    },
    /// An arrow from a box.
    Connect {
        /// The caller.
        from: String,
    },
}

impl Canvas {
    /// Turns what the pointer did in this frame into wishes.
    pub(super) fn handle_gestures(
        &mut self,
        ui: &Ui,
        response: &Response,
        context: &Context<'_>,
        lens: &Lens,
        hit: Hit,
        out: &mut Outbox,
    ) {
        let modifiers = ui.input(|input| input.modifiers);
        if ui.input(|input| input.key_pressed(egui::Key::Escape)) && !self.is_renaming() {
            if matches!(self.gesture, Gesture::Idle) {
                if !context.typing && !context.selection.is_empty() {
                    out.select(Selection::default());
                }
            } else {
                self.cancel(out);
            }
        }
        if response.drag_started_by(PointerButton::Primary) {
            let origin = ui.input(|input| input.pointer.press_origin());
            if let Some(origin) = origin {
                self.start(ui, context, lens, origin, modifiers, out);
            }
        }
        if let Some(at) = response.interact_pointer_pos() {
            self.go_on(context, lens, at, modifiers, out);
        }
        if response.drag_stopped_by(PointerButton::Primary) {
            self.finish(context, hit, lens, response.interact_pointer_pos(), out);
        }
        if response.double_clicked()
            && let Hit::Box(number) = hit
        {
            self.start_rename(&self.scene.boxes[number].name.clone());
        } else if response.double_clicked()
            && let Hit::Frame(number) = hit
        {
            self.start_frame_rename(&self.scene.frames[number].name.clone());
        } else if response.clicked() {
            out.select(self.clicked(context.selection, hit, modifiers));
        }
        if response.secondary_clicked() {
            let selected = match hit {
                Hit::Box(number) | Hit::Edge(number) => context
                    .selection
                    .boxes
                    .contains(&self.scene.boxes[number].name),
                Hit::Arrow(number) => context.selection.arrows.contains(&number),
                Hit::Frame(_) => false,
                Hit::Nothing => true,
            };
            if !selected {
                out.select(self.clicked(context.selection, hit, Modifiers::NONE));
            }
        }
    }

    /// What is selected after a click.
    fn clicked(&self, before: &Selection, hit: Hit, modifiers: Modifiers) -> Selection {
        let add = modifiers.shift || modifiers.command;
        let mut selection = if add {
            before.clone()
        } else {
            Selection::default()
        };
        match hit {
            Hit::Box(number) | Hit::Edge(number) => {
                selection.toggle_box(&self.scene.boxes[number].name);
            }
            Hit::Arrow(number) => selection.toggle_arrow(number),
            Hit::Frame(number) if add => {
                selection.frame = None;
                selection.boxes.extend(self.members(number));
            }
            Hit::Frame(number) => return self.whole_frame(number),
            Hit::Nothing => {}
        }
        selection
    }

    /// A frame as a whole.
    fn whole_frame(&self, number: usize) -> Selection {
        let name = self.scene.frames[number].name.clone();
        Selection::of_frame(name, self.members(number))
    }

    /// Names of the boxes in a frame.
    fn members(&self, frame: usize) -> Vec<String> {
        let members = self.scene.frames[frame].members.iter();
        members
            .map(|number| self.scene.boxes[*number].name.clone())
            .collect()
    }

    fn start(
        &mut self,
        ui: &Ui,
        context: &Context<'_>,
        lens: &Lens,
        origin: Pos2,
        modifiers: Modifiers,
        out: &mut Outbox,
    ) {
        let in_scene = lens.to_scene(origin);
        if ui.input(|input| input.key_down(egui::Key::Space)) {
            self.gesture = Gesture::Pan;
            return;
        }
        self.gesture = match hit::test(&self.scene, lens, origin) {
            Hit::Edge(number) => Gesture::Connect {
                from: self.scene.boxes[number].name.clone(),
            },
            Hit::Box(number) => {
                let name = &self.scene.boxes[number].name;
                let mut selection = context.selection.clone();
                if !selection.boxes.contains(name) {
                    if !(modifiers.shift || modifiers.command) {
                        selection = Selection::default();
                    }
                    selection.boxes.insert(name.clone());
                    out.select(selection.clone());
                }
                let places = context.document.places();
                self.gestures += 1;
                Gesture::Move {
                    from: in_scene,
                    grabbed: places.get(name).copied().unwrap_or_default(),
                    boxes: places
                        .iter()
                        .filter(|(name, _)| selection.boxes.contains(*name))
                        .map(|(name, place)| (name.clone(), *place))
                        .collect(),
                    number: self.gestures,
                }
            }
            Hit::Frame(number) => {
                let members = self.members(number);
                out.select(self.whole_frame(number));
                let places = context.document.places();
                let place = |name: &String| (name.clone(), places[name]);
                let boxes: Vec<(String, Place)> = members.iter().map(place).collect();
                self.gestures += 1;
                Gesture::Move {
                    from: in_scene,
                    grabbed: boxes.first().map(|(_, place)| *place).unwrap_or_default(),
                    boxes,
                    number: self.gestures,
                }
            }
            Hit::Arrow(_) | Hit::Nothing => Gesture::Marquee {
                from: in_scene,
                base: if modifiers.shift || modifiers.command {
                    context.selection.clone()
                } else {
                    Selection::default()
                },
            },
        };
    }

    fn go_on(
        &self,
        context: &Context<'_>,
        lens: &Lens,
        at: Pos2,
        modifiers: Modifiers,
        out: &mut Outbox,
    ) {
        let in_scene = lens.to_scene(at);
        match &self.gesture {
            Gesture::Move {
                from,
                grabbed,
                boxes,
                number,
            } => {
                let mut way = in_scene - *from;
                if modifiers.shift {
                    // Along one axis.
                    if way.x.abs() > way.y.abs() {
                        way.y = 0.0;
                    } else {
                        way.x = 0.0;
                    }
                }
                // The box under the pointer snaps; the others keep their distance to it.
                let snapped = placement::snap(grabbed.0 as f32 + way.x, grabbed.1 as f32 + way.y);
                let (dx, dy) = (
                    snapped.0.saturating_sub(grabbed.0),
                    snapped.1.saturating_sub(grabbed.1),
                );
                let to: Vec<(String, Place)> = boxes
                    .iter()
                    .map(|(name, place)| {
                        (
                            name.clone(),
                            (place.0.saturating_add(dx), place.1.saturating_add(dy)),
                        )
                    })
                    .collect();
                let places = context.document.places();
                if to
                    .iter()
                    .any(|(name, place)| places.get(name) != Some(place))
                {
                    out.edit(Edit::Move {
                        to,
                        gesture: *number,
                    });
                }
            }
            Gesture::Marquee { from, base } => {
                let frame = Rect::from_two_pos(*from, in_scene);
                let mut selection = base.clone();
                selection.frame = None;
                for scene_box in &self.scene.boxes {
                    if frame.intersects(scene_box.rect) {
                        selection.boxes.insert(scene_box.name.clone());
                    }
                }
                for (number, arrow) in self.scene.arrows.iter().enumerate() {
                    if frame.contains_rect(arrow.bounds) {
                        selection.arrows.insert(number);
                    }
                }
                if selection != *context.selection {
                    out.select(selection);
                }
            }
            Gesture::Idle | Gesture::Pan | Gesture::Connect { .. } => {}
        }
    }

    fn finish(
        &mut self,
        context: &Context<'_>,
        hit: Hit,
        lens: &Lens,
        at: Option<Pos2>,
        out: &mut Outbox,
    ) {
        match std::mem::take(&mut self.gesture) {
            Gesture::Connect { from } => {
                // The pointer may have been released over a neighbour's edge or inside.
                let Some(at) = at else { return };
                let hit = match hit {
                    Hit::Nothing | Hit::Arrow(_) | Hit::Frame(_) => {
                        hit::test(&self.scene, lens, at)
                    }
                    hit => hit,
                };
                if let Some(number) = hit.in_box() {
                    let to = self.scene.boxes[number].name.clone();
                    if from != to && refused(context.document.scenario(), &from, &to).is_none() {
                        out.edit(Edit::Connect { from, to });
                    }
                } else if lens.canvas.contains(at) {
                    let in_scene = lens.to_scene(at);
                    let place = placement::snap(in_scene.x, in_scene.y);
                    self.new_callee = Some(NewCallee {
                        caller: from,
                        place,
                    });
                }
            }
            Gesture::Move { boxes, number, .. } => {
                self.join_and_leave(context, &boxes, number, out);
                out.wish(Wish::Seal);
            }
            Gesture::Idle | Gesture::Pan | Gesture::Marquee { .. } => {}
        }
    }

    /// Boxes that were dragged into a frame join it; those that were dragged out of theirs leave it.
    fn join_and_leave(
        &self,
        context: &Context<'_>,
        boxes: &[(String, Place)],
        gesture: u64,
        out: &mut Outbox,
    ) {
        let scenario = context.document.scenario();
        if scenario.frames.is_empty() {
            return;
        }
        let moved: Vec<usize> = boxes
            .iter()
            .filter_map(|(name, _)| self.scene.number(name))
            .collect();
        let mut to = Vec::new();
        for number in &moved {
            let one = &self.scene.boxes[*number];
            let of = scenario
                .frames
                .iter()
                .find(|(_, frame)| frame.members.contains(&one.name));
            let frame = frames::at(scenario, &self.scene.boxes, &moved, one.rect.center());
            // Who moves with all of its frame stays in it, unless only the boxes were taken hold of
            // and put into another.
            let as_a_whole = context.selection.single_frame().is_some() || frame.is_none();
            let goes_along = as_a_whole
                && of.is_some_and(|(_, frame)| {
                    frame
                        .members
                        .iter()
                        .all(|member| boxes.iter().any(|(name, _)| name == member))
                });
            if !goes_along && of.map(|(name, _)| name) != frame.as_ref() {
                to.push((one.name.clone(), frame));
            }
        }
        if !to.is_empty() {
            out.edit(Edit::PutIntoFrames { to, gesture });
        }
    }

    fn cancel(&mut self, out: &mut Outbox) {
        if let Gesture::Move { boxes, number, .. } = std::mem::take(&mut self.gesture) {
            out.wish(Wish::TakeBack(Edit::Move {
                to: boxes,
                gesture: number,
            }));
        }
    }

    /// Draws what is being dragged.
    pub(super) fn draw_gesture(
        &self,
        ui: &Ui,
        painter: &egui::Painter,
        lens: &Lens,
        theme: &Theme,
        context: &Context<'_>,
    ) {
        let Some(at) = ui.input(|input| input.pointer.latest_pos()) else {
            return;
        };
        match &self.gesture {
            Gesture::Marquee { from, .. } => {
                let frame = Rect::from_two_pos(lens.to_screen(*from), at);
                painter.rect(
                    frame,
                    f32::from(radius::S),
                    Theme::tint(theme.accent, 0.12),
                    Stroke::new(line::HAIR, theme.accent),
                    egui::StrokeKind::Inside,
                );
            }
            Gesture::Connect { from } => {
                let Some(number) = self.scene.number(from) else {
                    return;
                };
                let target = hit::test(&self.scene, lens, at)
                    .in_box()
                    .filter(|target| *target != number);
                let reason = target.and_then(|target| {
                    refused(
                        context.document.scenario(),
                        from,
                        &self.scene.boxes[target].name,
                    )
                });
                let color = if reason.is_some() {
                    theme.bad
                } else {
                    theme.accent
                };
                arrows::draw_preview(painter, lens, self.scene.boxes[number].rect, at, color);
                if let Some(target) = target {
                    painter.rect_stroke(
                        lens.rect_to_screen(self.scene.boxes[target].rect)
                            .expand(3.0),
                        f32::from(radius::L) * lens.zoom + 3.0,
                        Stroke::new(line::STRONG, color),
                        egui::StrokeKind::Outside,
                    );
                }
                if let Some(reason) = reason {
                    draw_reason(ui, painter, theme, lens.canvas, at, reason);
                }
            }
            Gesture::Idle | Gesture::Pan | Gesture::Move { .. } => {}
        }
    }
}

/// Why an arrow makes no sense, at the pointer.
fn draw_reason(
    ui: &Ui,
    painter: &egui::Painter,
    theme: &Theme,
    canvas: Rect,
    at: Pos2,
    reason: String,
) {
    const WIDTH: f32 = 280.0;
    let font = egui::TextStyle::Body.resolve(ui.style());
    let galley = painter.layout(reason.clone(), font, theme.bad, WIDTH);
    let size = galley.size() + Vec2::splat(16.0);
    let mut rect = Align2::LEFT_TOP.anchor_size(at + Vec2::new(18.0, 18.0), size);
    // Inside the canvas, whichever side the pointer is on.
    rect = rect.translate((canvas.max - rect.max).min(Vec2::ZERO));
    painter.rect(
        rect,
        f32::from(radius::M),
        theme.card,
        Stroke::new(line::NORMAL, theme.bad),
        egui::StrokeKind::Inside,
    );
    painter.galley(rect.min + Vec2::splat(8.0), galley, theme.bad);
    let id = ui.scope_id().with("refusal");
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(egui::Role::Alert);
        node.set_label(reason);
    });
}

/// Why an arrow makes no sense, with a capital.
fn refused(scenario: &Scenario, from: &str, to: &str) -> Option<String> {
    check::refusal(scenario, from, to).map(|reason| text::capital(&reason))
}
