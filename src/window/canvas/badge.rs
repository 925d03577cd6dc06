//! Badges on the corner of a box that needs a look: each has a shape of its own.

use egui::{Align2, Color32, FontId, Painter, Pos2, Shape, Stroke, Vec2};

use crate::{
    engine::{Condition, Instances, Rollout, Stage},
    window::{
        figures::BoxFigures,
        theme::{Theme, line},
    },
};

/// What a box wants to be looked at for, the worst first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Badge {
    /// A cross.
    Crashed,
    /// An hourglass.
    Hung,
    /// Two bars.
    Paused,
    /// A factor in a pill with a snail's curl.
    Slow(f64),
    /// A factor in a pill with chevrons.
    Traffic(f64),
    /// How many of how many instances are down, in a pill with a cross.
    Down(u32, u32),
    /// How many of how many instances hang, in a pill with an hourglass.
    HungInstances(u32, u32),
    /// How many of how many instances are paused, in a pill with two bars.
    PausedInstances(u32, u32),
    /// A share of errors, in a pill with an exclamation mark.
    Errors(f64),
    /// How many slots are gone, in a pill with a bar.
    SlotsLost(u32),
    /// A share of requests about one item, in a pill with a ring.
    HotKey(f64),
    /// Some instances are slow: a pill with a snail's curl.
    SlowInstances,
    /// How many instances serve, boot and drain, in a pill with three bars.
    Scaled(Instances),
    /// How many of how many instances run the version that is being deployed, in a pill with an arrow
    /// up, or down when it is rolled back.
    Rollout(Rollout),
    /// A triangle.
    Saturated,
    /// A question: the drawing has a problem here.
    Problem,
}

impl Badge {
    /// The badges of a box.
    pub fn of(figures: Option<&BoxFigures>, has_problem: bool) -> Vec<Self> {
        let mut badges = Vec::new();
        if has_problem {
            badges.push(Self::Problem);
        }
        let Some(figures) = figures else {
            return badges;
        };
        let Condition {
            crashed,
            hung,
            paused,
            slow,
            traffic,
            errors,
            hot_key,
            instances,
            instances_down,
            instances_hung,
            instances_paused,
            slow_instances,
            slots_lost,
            scaled,
            rollout,
        } = figures.condition;
        if crashed {
            badges.push(Self::Crashed);
        }
        if hung {
            badges.push(Self::Hung);
        }
        if paused {
            badges.push(Self::Paused);
        }
        if instances_down > 0 {
            badges.push(Self::Down(instances_down, instances));
        }
        if instances_hung > 0 {
            badges.push(Self::HungInstances(instances_hung, instances));
        }
        if instances_paused > 0 {
            badges.push(Self::PausedInstances(instances_paused, instances));
        }
        if scaled != Instances::default() {
            badges.push(Self::Scaled(scaled));
        }
        if let Some(rollout) = rollout.filter(Rollout::is_under_way) {
            badges.push(Self::Rollout(rollout));
        }
        if slots_lost > 0 {
            badges.push(Self::SlotsLost(slots_lost));
        }
        if errors > 0.0 {
            badges.push(Self::Errors(errors));
        }
        if slow_instances {
            badges.push(Self::SlowInstances);
        }
        if slow > 0.0 && slow != 1.0 {
            badges.push(Self::Slow(slow));
        }
        if traffic > 0.0 && traffic != 1.0 {
            badges.push(Self::Traffic(traffic));
        }
        if hot_key > 0.0 {
            badges.push(Self::HotKey(hot_key));
        }
        if figures.is_saturated() && !crashed {
            badges.push(Self::Saturated);
        }
        badges
    }

    /// The word for a tooltip and for a reader without a screen.
    pub fn word(self) -> String {
        match self {
            Self::Crashed => "crashed".into(),
            Self::Hung => "hung".into(),
            Self::Paused => "paused".into(),
            Self::Slow(times) => format!("slow ×{times}"),
            Self::Traffic(times) => format!("traffic ×{times}"),
            Self::Down(down, all) => format!("{down} of {all} instances down"),
            Self::HungInstances(hung, all) => format!("{hung} of {all} instances hung"),
            Self::PausedInstances(paused, all) => format!("{paused} of {all} instances paused"),
            Self::Errors(share) => format!("errors {}", percent(share)),
            Self::SlotsLost(slots) => format!("{slots} slots lost"),
            Self::HotKey(share) => format!("hot key {}", percent(share)),
            Self::SlowInstances => "slow instances".into(),
            Self::Scaled(is) => {
                let mut word = format!("{} instances", is.serving);
                if is.booting > 0 {
                    word += &format!(", {} booting", is.booting);
                }
                if is.draining > 0 {
                    word += &format!(", {} draining", is.draining);
                }
                if is.ready > 0 {
                    word += &format!(", {} ready", is.ready);
                }
                word
            }
            Self::Rollout(rollout) => rollout.to_string(),
            Self::Saturated => "saturated".into(),
            Self::Problem => "has a problem".into(),
        }
    }

    /// Whether something is broken rather than under strain.
    pub fn is_failure(self) -> bool {
        match self {
            Self::Crashed | Self::Hung | Self::Paused => true,
            Self::Down(down, all) | Self::HungInstances(down, all) => down == all,
            _ => false,
        }
    }

    fn color(self, theme: &Theme) -> Color32 {
        match self {
            Self::Crashed | Self::Hung | Self::Saturated => theme.bad,
            Self::Down(..) | Self::HungInstances(..) => theme.bad,
            Self::Rollout(rollout) if rollout.is_back => theme.bad,
            Self::Scaled(_) | Self::Rollout(_) => theme.accent,
            Self::Paused
            | Self::PausedInstances(..)
            | Self::Slow(_)
            | Self::SlowInstances
            | Self::SlotsLost(_)
            | Self::Errors(_)
            | Self::HotKey(_)
            | Self::Traffic(_)
            | Self::Problem => theme.warning,
        }
    }

    /// Draws the badge with its right end at `right_center` and returns its width.
    pub fn draw(self, painter: &Painter, theme: &Theme, right_center: Pos2, height: f32) -> f32 {
        let color = self.color(theme);
        let ink = theme.card;
        let radius = height / 2.0;
        let center = right_center - Vec2::new(radius, 0.0);
        let stroke = Stroke::new((height / 9.0).max(1.0), ink);
        let unit = radius * 0.5;
        let at = |x: f32, y: f32| center + Vec2::new(x, y) * unit;
        if self == Self::Saturated {
            // A triangle standing on its base, with a stroke and a dot.
            let corner = |x: f32, y: f32| center + Vec2::new(x, y) * radius * 1.15;
            painter.add(Shape::convex_polygon(
                vec![corner(0.0, -1.0), corner(1.05, 0.85), corner(-1.05, 0.85)],
                color,
                Stroke::new(line::HAIR, ink),
            ));
            painter.line_segment([at(0.0, -0.9), at(0.0, 0.5)], stroke);
            painter.circle_filled(at(0.0, 1.25), stroke.width * 0.65, ink);
            return height * 1.15;
        }
        if let Some(content) = self.in_pill() {
            return self.draw_pill(painter, theme, right_center, height, content);
        }
        painter.circle(center, radius, color, Stroke::new(line::HAIR, ink));
        match self {
            Self::Crashed => {
                painter.line_segment([at(-0.8, -0.8), at(0.8, 0.8)], stroke);
                painter.line_segment([at(-0.8, 0.8), at(0.8, -0.8)], stroke);
            }
            Self::Hung => hourglass(painter, ink, at),
            Self::Paused => {
                for x in [-0.45, 0.45] {
                    painter.line_segment([at(x, -0.8), at(x, 0.8)], stroke);
                }
            }
            _ => {
                let font = FontId::proportional((height * 0.75).round());
                painter.text(center, Align2::CENTER_CENTER, "?", font, ink);
            }
        }
        height
    }

    /// What is written beside the mark of those that are pills.
    fn in_pill(self) -> Option<String> {
        Some(match self {
            Self::Slow(times) | Self::Traffic(times) => format!("×{times}"),
            Self::Down(down, all)
            | Self::HungInstances(down, all)
            | Self::PausedInstances(down, all) => format!("{down}/{all}"),
            Self::Errors(share) | Self::HotKey(share) => percent(share),
            Self::SlotsLost(slots) => format!("{slots}"),
            Self::SlowInstances => "some".into(),
            Self::Scaled(is) => {
                let mut text = is.serving.to_string();
                if is.booting > 0 {
                    text += &format!(" +{}", is.booting);
                }
                if is.draining > 0 {
                    text += &format!(" -{}", is.draining);
                }
                text
            }
            Self::Rollout(is) => match is.stage {
                Stage::Watching => format!("v{} watched", is.version),
                _ => format!("v{} {}/{}", is.version, is.serving, is.instances),
            },
            Self::Crashed | Self::Hung | Self::Paused | Self::Saturated | Self::Problem => {
                return None;
            }
        })
    }

    fn draw_pill(
        self,
        painter: &Painter,
        theme: &Theme,
        right_center: Pos2,
        height: f32,
        content: String,
    ) -> f32 {
        let color = self.color(theme);
        let font = FontId::proportional((height * 0.72).round());
        let galley = painter.layout_no_wrap(content, font, theme.card);
        let mark = height * 0.8;
        let width = galley.size().x + mark + height * 0.6;
        let rect = egui::Rect::from_min_size(
            right_center - Vec2::new(width, height / 2.0),
            Vec2::new(width, height),
        );
        painter.rect(
            rect,
            height / 2.0,
            color,
            Stroke::new(line::HAIR, theme.card),
            egui::StrokeKind::Outside,
        );
        let center = rect.left_center() + Vec2::new(height * 0.3 + mark / 2.0, 0.0);
        let stroke = Stroke::new((height / 10.0).max(1.0), theme.card);
        let unit = mark * 0.4;
        let at = |x: f32, y: f32| center + Vec2::new(x, y) * unit;
        match self {
            Self::Slow(_) | Self::SlowInstances => {
                // The curl of a snail's house.
                let curl = (0..=20).map(|i| {
                    let turn = i as f32 / 20.0;
                    let angle = turn * 1.75 * std::f32::consts::TAU;
                    center + Vec2::angled(angle) * unit * (0.15 + 0.85 * turn)
                });
                painter.add(Shape::line(curl.collect(), stroke));
            }
            Self::Down(..) => {
                painter.line_segment([at(-0.7, -0.7), at(0.7, 0.7)], stroke);
                painter.line_segment([at(-0.7, 0.7), at(0.7, -0.7)], stroke);
            }
            Self::HungInstances(..) => hourglass(painter, theme.card, at),
            Self::PausedInstances(..) => {
                for x in [-0.45, 0.45] {
                    painter.line_segment([at(x, -0.8), at(x, 0.8)], stroke);
                }
            }
            Self::Errors(_) => {
                painter.line_segment([at(0.0, -0.9), at(0.0, 0.3)], stroke);
                painter.circle_filled(at(0.0, 0.85), stroke.width * 0.65, theme.card);
            }
            Self::SlotsLost(_) => {
                painter.line_segment([at(-0.8, 0.0), at(0.8, 0.0)], stroke);
            }
            Self::Scaled(_) => {
                for (x, top) in [(-0.7, 0.3), (0.0, -0.2), (0.7, -0.8)] {
                    painter.line_segment([at(x, top), at(x, 0.8)], stroke);
                }
            }
            Self::Rollout(rollout) => {
                let tip = if rollout.is_back { 0.9 } else { -0.9 };
                painter.line_segment([at(0.0, -tip), at(0.0, tip)], stroke);
                for x in [-0.6, 0.6] {
                    painter.line_segment([at(x, tip * 0.2), at(0.0, tip)], stroke);
                }
            }
            Self::HotKey(_) => {
                painter.circle_stroke(center, unit * 0.9, stroke);
                painter.circle_filled(center, unit * 0.35, theme.card);
            }
            _ => {
                for x in [-0.5, 0.4] {
                    let tip = center + Vec2::new(x + 0.5, 0.0) * unit;
                    let back = Vec2::new(-0.8, 0.9) * unit;
                    painter.add(Shape::line(
                        vec![tip + back, tip, tip + Vec2::new(back.x, -back.y)],
                        stroke,
                    ));
                }
            }
        }
        let text_at = egui::pos2(center.x + mark / 2.0 + height * 0.08, rect.center().y);
        let text = Align2::LEFT_CENTER.anchor_size(text_at, galley.size());
        painter.galley(text.min, galley, theme.card);
        width
    }
}

fn hourglass(painter: &Painter, ink: Color32, at: impl Fn(f32, f32) -> Pos2) {
    for base in [-1.0, 1.0] {
        let corners = vec![at(0.8 * base, base), at(-0.8 * base, base), at(0.0, 0.0)];
        painter.add(Shape::convex_polygon(corners, ink, Stroke::NONE));
    }
}

fn percent(share: f64) -> String {
    format!("{}%", (share * 1e3).round() / 1e1)
}
