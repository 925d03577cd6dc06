//! Zones and regions: areas behind the boxes, with a title to take hold of.

use egui::{Align2, FontId, Painter, Pos2, Rect, Role, Shape, Stroke, Ui, Vec2};

use super::{Context, Hit, Scene, boxes, scene::SceneBox};
use crate::{
    scenario::{FrameKind, Scenario, frame::Places},
    window::{
        outbox::Outbox,
        selection::Selection,
        theme::{Theme, line, radius, text},
        view::Lens,
    },
};

/// Room between a zone's edge and its boxes, and between a region's edge and its zones, in points of
/// the scene.
const MARGIN: f32 = 20.0;
/// Height of a title, in points of the scene.
const TITLE: f32 = 24.0;

/// One frame.
#[derive(Debug)]
pub struct SceneFrame {
    /// Its name in the document.
    pub name: String,
    /// What it is.
    pub kind: FrameKind,
    /// Numbers of the boxes in it, those of its zones with them.
    pub members: Vec<usize>,
    /// What it covers; nothing while it has no boxes.
    pub rect: Rect,
}

impl SceneFrame {
    /// Where its title is.
    pub fn title(&self) -> Rect {
        Rect::from_min_size(self.rect.min, Vec2::new(self.rect.width(), TITLE))
    }
}

/// The frames of a scenario around its boxes, in its order.
pub fn around(scenario: &Scenario, boxes: &[SceneBox]) -> Vec<SceneFrame> {
    if scenario.frames.is_empty() {
        return Vec::new();
    }
    let places = Places::new(scenario);
    let mut frames: Vec<SceneFrame> = scenario
        .frames
        .iter()
        .enumerate()
        .map(|(at, (name, frame))| {
            let members = boxes.iter().enumerate();
            let members = members.filter(|(_, one)| places.is_inside(&one.name, at));
            let members: Vec<usize> = members.map(|(number, _)| number).collect();
            // Around its own boxes; zones are taken in below.
            let own = members
                .iter()
                .filter(|number| places.frame_of(&boxes[**number].name) == Some(at));
            let rect = own.fold(Rect::NOTHING, |rect, number| {
                rect.union(boxes[*number].rect)
            });
            SceneFrame {
                name: name.clone(),
                kind: frame.kind,
                members,
                rect: with_room(rect),
            }
        })
        .collect();
    for at in 0..frames.len() {
        let mut rect = frames[at].rect;
        for (zone, other) in frames.iter().enumerate() {
            if places.around(zone) == Some(at) && other.rect.is_positive() {
                rect = rect.union(with_room(other.rect));
            }
        }
        frames[at].rect = rect;
    }
    frames
}

fn with_room(rect: Rect) -> Rect {
    if !rect.is_positive() {
        return Rect::NOTHING;
    }
    let mut rect = rect.expand(MARGIN);
    rect.min.y -= TITLE;
    rect
}

/// The innermost frame at a point of the scene, when the boxes numbered `without` are somewhere else.
pub fn at(
    scenario: &Scenario,
    boxes: &[SceneBox],
    without: &[usize],
    point: Pos2,
) -> Option<String> {
    let mut others: Vec<SceneBox> = Vec::new();
    for (number, one) in boxes.iter().enumerate() {
        if !without.contains(&number) {
            others.push(SceneBox {
                name: one.name.clone(),
                kind: one.kind,
                rect: one.rect,
                caption: String::new(),
            });
        }
    }
    let frames = around(scenario, &others);
    let here = frames.iter().filter(|frame| frame.rect.contains(point));
    let smallest = here.min_by(|a, b| a.rect.area().total_cmp(&b.rect.area()));
    smallest.map(|frame| frame.name.clone())
}

/// Draws the frames, regions first. One that something is wrong with has a red, hatched title.
pub fn draw(
    painter: &Painter,
    lens: &Lens,
    theme: &Theme,
    frames: &[SceneFrame],
    context: &Context<'_>,
    hit: Hit,
) {
    for kind in [FrameKind::Region, FrameKind::Zone] {
        for (number, frame) in frames.iter().enumerate() {
            if frame.kind != kind || !frame.rect.is_positive() {
                continue;
            }
            let has_fault = context.figures.frames.get(number).copied().unwrap_or(false);
            draw_one(
                painter,
                lens,
                theme,
                frame,
                has_fault,
                hit == Hit::Frame(number) || context.selection.single_frame() == Some(&frame.name),
            );
        }
    }
}

fn draw_one(
    painter: &Painter,
    lens: &Lens,
    theme: &Theme,
    frame: &SceneFrame,
    has_fault: bool,
    hovered: bool,
) {
    let rect = lens.rect_to_screen(frame.rect);
    if !rect.intersects(lens.canvas) {
        return;
    }
    let color = if has_fault {
        theme.bad
    } else if hovered {
        theme.accent
    } else {
        theme.border
    };
    let rounding = (f32::from(radius::L) * 1.5 * lens.zoom).max(2.0);
    painter.rect(
        rect,
        rounding,
        Theme::tint(theme.text_weak, 0.06),
        Stroke::new(line::NORMAL, color),
        egui::StrokeKind::Inside,
    );
    let title = lens.rect_to_screen(frame.title());
    if has_fault {
        hatch(painter, title.shrink(2.0), theme);
    }
    let size = (text::BODY * lens.zoom)
        .round()
        .clamp(text::SMALL, text::HEADING);
    // Far away the name is all there is, and no longer than the frame.
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let words = format!("{} · {}", frame.name, frame.kind.noun());
    let ink = if has_fault {
        theme.bad
    } else {
        theme.text_weak
    };
    painter.text(
        title.left_center() + Vec2::new(MARGIN * lens.zoom * 0.5 + 2.0, 0.0),
        Align2::LEFT_CENTER,
        words,
        FontId::proportional(size),
        ink,
    );
}

/// Tells assistive technology, and tests, about the frames in view, by their titles.
pub fn accessibility(ui: &Ui, lens: &Lens, scene: &Scene, context: &Context<'_>, out: &mut Outbox) {
    let visible = lens.visible_in_scene();
    for (number, frame) in scene.frames.iter().enumerate() {
        if !frame.rect.is_positive() || !visible.intersects(frame.title()) {
            continue;
        }
        let id = ui.scope_id().with(("frame", &frame.name));
        let title = lens.rect_to_screen(frame.title()).intersect(lens.canvas);
        let has_fault = context.figures.frames.get(number).copied().unwrap_or(false);
        let told = ui.ctx().accesskit_node_builder(id, |node| {
            boxes::describe(node, Role::Button, title, &frame.name);
            let trouble = if has_fault { ", in trouble" } else { "" };
            node.set_description(format!("{}{trouble}", frame.kind.noun()));
            if context.selection.single_frame() == Some(&frame.name) {
                node.set_selected(true);
            }
        });
        if told.is_none() {
            // Nobody listens.
            return;
        }
        if ui.input(|input| input.has_accesskit_action_request(id, egui::accesskit::Action::Click))
        {
            let members = frame.members.iter();
            let members = members.map(|number| scene.boxes[*number].name.clone());
            out.select(Selection::of_frame(frame.name.clone(), members));
        }
    }
}

/// Slanted lines: a second sign besides the colour.
fn hatch(painter: &Painter, rect: Rect, theme: &Theme) {
    let stroke = Stroke::new(line::HAIR, Theme::tint(theme.bad, 0.35));
    let mut shapes = Vec::new();
    let mut x = rect.min.x;
    while x < rect.max.x {
        let end = (x + rect.height()).min(rect.max.x);
        let top = rect.max.y - (end - x);
        shapes.push(Shape::line_segment(
            [Pos2::new(x, rect.max.y), Pos2::new(end, top)],
            stroke,
        ));
        x += 8.0;
    }
    painter.extend(shapes);
}
