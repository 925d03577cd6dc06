//! What a box costs, below its other figures where there is room.

use egui::{Align2, FontId, Painter, Rect};

use crate::{
    study::Cost,
    window::{
        text,
        theme::{self, Theme},
        view::Lens,
    },
};

/// From one row of figures to the next where there are three, in points of the scene.
const PACE: f32 = 14.0;
/// Where the first of them is.
const TOP: f32 = 40.0;
/// The height of a line of text, by its size.
const LINE: f32 = 1.2;

/// Where the rows of figures in a box begin, in points of the scene.
pub struct Rows {
    pub upper: f32,
    pub lower: f32,
    /// `None`: nothing costs anything, or letters, which have a least size, would touch.
    pub cost: Option<(f32, Cost)>,
}

impl Rows {
    pub fn of(lens: &Lens, cost: Option<Cost>) -> Self {
        let line = lens.text_size(theme::text::SMALL) * LINE;
        match cost.filter(|_| PACE * lens.zoom >= line) {
            Some(cost) => Self {
                upper: TOP,
                lower: TOP + PACE,
                cost: Some((TOP + 2.0 * PACE, cost)),
            },
            None => Self {
                upper: 45.0,
                lower: 65.0,
                cost: None,
            },
        }
    }
}

pub fn draw(painter: &Painter, theme: &Theme, row: Rect, cost: Cost, font: &FontId) {
    let write = |at, align, content| {
        painter.text(at, align, content, font.clone(), theme.text_weak);
    };
    write(
        row.left_center(),
        Align2::LEFT_CENTER,
        a_month(cost.per_month),
    );
    if let Some(each) = cost.per_million {
        let content = format!("${}/M", text::short(each));
        write(row.right_center(), Align2::RIGHT_CENTER, content);
    }
}

fn a_month(dollars: f64) -> String {
    format!("${} a month", text::short(dollars))
}

/// In words.
pub fn words(cost: Cost) -> String {
    let month = a_month(cost.per_month);
    match cost.per_million {
        Some(each) => format!("{month}, ${} a million answers", text::short(each)),
        None => month,
    }
}
