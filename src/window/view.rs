//! Where on the drawing the canvas looks, and how closely.

use egui::{Pos2, Rect, Vec2, emath::GuiRounding as _};

/// Least and greatest zoom.
pub const ZOOM_RANGE: std::ops::RangeInclusive<f32> = 0.01..=4.0;

/// The smallest text that is drawn, in points on the screen.
const LEAST_TEXT: f32 = 8.0;

/// The part of the drawing that is looked at. "Scene" is the drawing's own space: points at zoom 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The point of the scene in the middle of the canvas.
    pub center_in_scene: Pos2,
    /// Points on the screen for one point of the scene.
    pub zoom: f32,
}

impl Default for View {
    fn default() -> Self {
        Self {
            center_in_scene: Pos2::ZERO,
            zoom: 1.0,
        }
    }
}

impl View {
    /// The transform for one frame on a canvas that covers `canvas` of the screen.
    pub fn lens(&self, canvas: Rect, pixels_per_point: f32) -> Lens {
        // A whole number of pixels: text and hair lines stay crisp while panning.
        let origin = (canvas.center() - self.center_in_scene.to_vec2() * self.zoom)
            .round_to_pixels(pixels_per_point);
        Lens {
            canvas,
            origin,
            zoom: self.zoom,
            detail: Detail::at(self.zoom),
            pixels_per_point,
        }
    }

    /// Moves the drawing by a distance on the screen.
    pub fn pan(&mut self, delta_on_screen: Vec2) {
        self.center_in_scene -= delta_on_screen / self.zoom;
    }

    /// Zooms by `factor` and keeps what is under `at_on_screen` where it is.
    pub fn zoom_at(&mut self, factor: f32, at_on_screen: Pos2, canvas: Rect) {
        let from_center = at_on_screen - canvas.center();
        let before = from_center / self.zoom;
        self.zoom = (self.zoom * factor).clamp(*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
        self.center_in_scene += before - from_center / self.zoom;
    }

    /// Looks at all of `bounds_in_scene`, at most at zoom 1, with a margin.
    pub fn fit(&mut self, bounds_in_scene: Rect, canvas_size: Vec2) {
        const MARGIN: f32 = 48.0;
        if !bounds_in_scene.is_finite() || !bounds_in_scene.is_positive() {
            *self = Self::default();
            return;
        }
        let room = (canvas_size - Vec2::splat(2.0 * MARGIN)).max(Vec2::splat(32.0));
        let zoom = (room / bounds_in_scene.size()).min_elem();
        self.zoom = zoom.clamp(*ZOOM_RANGE.start(), 1.0);
        self.center_in_scene = bounds_in_scene.center();
    }

    /// Pans no further than needed to see all of `bounds_in_scene`, or its upper left corner when
    /// it is too large. Says whether it had to.
    pub fn reveal(&mut self, bounds_in_scene: Rect, canvas_size: Vec2) -> bool {
        const MARGIN: f32 = 24.0;
        let wanted = bounds_in_scene.expand(MARGIN / self.zoom);
        let seen = Rect::from_center_size(self.center_in_scene, canvas_size / self.zoom);
        let mut way = (wanted.max - seen.max).max(Vec2::ZERO);
        way += (wanted.min - seen.min - way).min(Vec2::ZERO);
        self.center_in_scene += way;
        way != Vec2::ZERO
    }
}

/// How much is drawn of each box; chosen once a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Shape, colour and badge.
    Far,
    /// Icon, name and bar.
    Middle,
    /// Everything.
    Full,
}

impl Detail {
    fn at(zoom: f32) -> Self {
        match zoom {
            zoom if zoom < 0.3 => Self::Far,
            zoom if zoom < 0.62 => Self::Middle,
            _ => Self::Full,
        }
    }
}

/// The transform between scene and screen for one frame.
#[derive(Clone, Copy, Debug)]
pub struct Lens {
    /// Where the canvas is on the screen.
    pub canvas: Rect,
    /// Where the scene's origin is on the screen.
    pub origin: Pos2,
    /// Points on the screen for one point of the scene.
    pub zoom: f32,
    /// How much is drawn of each box.
    pub detail: Detail,
    /// Pixels of the screen for one point.
    pub pixels_per_point: f32,
}

impl Lens {
    /// From the scene to the screen.
    pub fn to_screen(&self, in_scene: Pos2) -> Pos2 {
        self.origin + in_scene.to_vec2() * self.zoom
    }

    /// From the screen to the scene.
    pub fn to_scene(&self, on_screen: Pos2) -> Pos2 {
        ((on_screen - self.origin) / self.zoom).to_pos2()
    }

    /// A rectangle on the screen with its edges on whole pixels.
    pub fn rect_to_screen(&self, in_scene: Rect) -> Rect {
        Rect::from_min_max(self.to_screen(in_scene.min), self.to_screen(in_scene.max))
            .round_to_pixels(self.pixels_per_point)
    }

    /// What the canvas shows of the scene.
    pub fn visible_in_scene(&self) -> Rect {
        Rect::from_min_max(
            self.to_scene(self.canvas.min),
            self.to_scene(self.canvas.max),
        )
    }

    /// A size of text that is a whole number of pixels, so that it is crisp at every zoom, and that
    /// can be read.
    pub fn text_size(&self, at_zoom_one: f32) -> f32 {
        let size = (at_zoom_one * self.zoom).max(LEAST_TEXT);
        (size * self.pixels_per_point).round() / self.pixels_per_point
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    fn canvas() -> Rect {
        Rect::from_min_size(pos2(100.0, 50.0), vec2(800.0, 600.0))
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let mut view = View {
            center_in_scene: pos2(30.0, -20.0),
            zoom: 0.8,
        };
        let at = pos2(333.0, 217.0);
        let before = view.lens(canvas(), 1.0).to_scene(at);
        view.zoom_at(1.7, at, canvas());
        let after = view.lens(canvas(), 1.0).to_scene(at);
        // The lens rounds its origin to whole pixels.
        assert!((before - after).length() < 1.5, "{before} {after}");
        assert!((view.zoom - 1.36).abs() < 1e-5);
    }

    #[test]
    fn there_and_back_again() {
        let lens = View {
            center_in_scene: pos2(5.0, 6.0),
            zoom: 2.5,
        }
        .lens(canvas(), 1.5);
        let point = pos2(-12.0, 40.0);
        assert!((lens.to_scene(lens.to_screen(point)) - point).length() < 1e-3);
    }

    #[test]
    fn fit_shows_everything_and_never_magnifies() {
        let bounds = Rect::from_min_max(pos2(-400.0, -100.0), pos2(2400.0, 900.0));
        let mut view = View::default();
        view.fit(bounds, canvas().size());
        let lens = view.lens(canvas(), 1.0);
        assert!(lens.visible_in_scene().contains_rect(bounds));
        view.fit(
            Rect::from_center_size(pos2(7.0, 7.0), vec2(10.0, 10.0)),
            canvas().size(),
        );
        assert_eq!(view.zoom, 1.0);
        view.fit(Rect::NOTHING, canvas().size());
        assert_eq!(view, View::default());
    }

    #[test]
    fn revealing_moves_no_further_than_needed() {
        let mut view = View::default();
        let size = vec2(800.0, 600.0);
        let at = |x: f32, y: f32| Rect::from_center_size(pos2(x, y), vec2(150.0, 90.0));
        assert!(!view.reveal(at(100.0, 100.0), size));
        assert_eq!(view, View::default());
        assert!(view.reveal(at(400.0, -100.0), size));
        assert_eq!(view.center_in_scene, pos2(99.0, 0.0));
        assert!(view.reveal(at(0.0, -400.0), size));
        assert!((view.center_in_scene - pos2(99.0, -169.0)).length() < 1e-3);
        // Too large for the canvas.
        let large = Rect::from_min_max(pos2(1000.0, 0.0), pos2(3000.0, 90.0));
        view.reveal(large, size);
        assert!((view.center_in_scene.x - (1000.0 - 24.0 + 400.0)).abs() < 1e-3);
    }

    #[test]
    fn text_is_a_whole_number_of_pixels() {
        for (zoom, scale) in [(0.77, 1.0), (1.31, 1.5), (3.9, 2.0), (0.05, 1.0)] {
            let lens = View {
                center_in_scene: Pos2::ZERO,
                zoom,
            }
            .lens(canvas(), scale);
            let pixels = lens.text_size(13.0) * scale;
            assert!(
                (pixels - pixels.round()).abs() < 1e-3 && pixels >= LEAST_TEXT * scale - 0.5,
                "{zoom}: {pixels}"
            );
        }
    }
}
