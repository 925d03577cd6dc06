//! Draws the window's triangles into an image, without a screen and without a graphics card.
//!
//! For pictures in tests and in the README: byte-identical in every run, and what a graphics card
//! draws but for rounding.

use std::collections::HashMap;

use egui::{
    Color32, ColorImage, ImageData, Mesh, Pos2, Rect, TextureId, TexturesDelta,
    epaint::{ClippedPrimitive, Primitive, Vertex},
};
use image::RgbaImage;

/// A painter that keeps textures between pictures.
#[derive(Default)]
pub struct Raster {
    textures: HashMap<TextureId, ColorImage>,
}

impl Raster {
    /// Takes in new and changed textures. Call it with the output of every frame.
    pub fn update(&mut self, delta: &mut TexturesDelta) {
        for (id, patches) in delta.set.drain() {
            for patch in patches {
                let ImageData::Color(image) = patch.image;
                match (patch.pos, self.textures.get_mut(&id)) {
                    (Some(at), Some(texture)) => put(texture, &image, at),
                    _ => drop(self.textures.insert(id, (*image).clone())),
                }
            }
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    /// Draws triangles, given in points, onto a ground of one colour.
    pub fn draw(
        &self,
        primitives: &[ClippedPrimitive],
        size_in_pixels: [u32; 2],
        pixels_per_point: f32,
        ground: Color32,
    ) -> RgbaImage {
        let [width, height] = size_in_pixels;
        let mut canvas = Canvas {
            width: width as usize,
            height: height as usize,
            pixels: vec![ground; width as usize * height as usize],
        };
        for primitive in primitives {
            // Paint callbacks need a graphics card; we have none of them.
            let Primitive::Mesh(mesh) = &primitive.primitive else {
                continue;
            };
            if let Some(texture) = self.textures.get(&mesh.texture_id) {
                canvas.mesh(mesh, texture, primitive.clip_rect, pixels_per_point);
            }
        }
        let bytes = canvas.pixels.iter().flat_map(Color32::to_array).collect();
        RgbaImage::from_raw(width, height, bytes).unwrap_or_default()
    }
}

fn put(texture: &mut ColorImage, patch: &ColorImage, [x, y]: [usize; 2]) {
    for row in 0..patch.height() {
        let to = (y + row) * texture.width() + x;
        let from = row * patch.width();
        let line = &patch.pixels[from..from + patch.width()];
        if let Some(place) = texture.pixels.get_mut(to..to + line.len()) {
            place.copy_from_slice(line);
        }
    }
}

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Color32>,
}

/// A vertex in pixels.
#[derive(Clone, Copy)]
struct Corner {
    pos: Pos2,
    uv: Pos2,
    color: [f32; 4],
}

/// The pixels of a clip rectangle: columns and rows, the ends not included.
struct Clip {
    x: std::ops::Range<i64>,
    y: std::ops::Range<i64>,
}

impl Canvas {
    fn mesh(&mut self, mesh: &Mesh, texture: &ColorImage, clip: Rect, pixels_per_point: f32) {
        let pixel = |points: f32, most: usize| {
            ((points * pixels_per_point).round() as i64).clamp(0, most as i64)
        };
        let clip = Clip {
            x: pixel(clip.min.x, self.width)..pixel(clip.max.x, self.width),
            y: pixel(clip.min.y, self.height)..pixel(clip.max.y, self.height),
        };
        let corner = |vertex: &Vertex| Corner {
            pos: (vertex.pos.to_vec2() * pixels_per_point).to_pos2(),
            uv: vertex.uv,
            color: vertex.color.to_array().map(f32::from),
        };
        for triangle in mesh.indices.chunks_exact(3) {
            let vertices = [triangle[0], triangle[1], triangle[2]]
                .map(|index| mesh.vertices.get(index as usize).map(corner));
            if let [Some(a), Some(b), Some(c)] = vertices {
                self.triangle([a, b, c], texture, &clip);
            }
        }
    }

    fn triangle(&mut self, [a, mut b, mut c]: [Corner; 3], texture: &ColorImage, clip: &Clip) {
        let mut area = edge(a.pos, b.pos, c.pos);
        if area < 0.0 {
            std::mem::swap(&mut b, &mut c);
            area = -area;
        }
        if area <= 0.0 || !area.is_finite() {
            return;
        }
        let flat = a.color == b.color && b.color == c.color && a.uv == b.uv && b.uv == c.uv;
        let flat_color = flat.then(|| shade(a.color, texture, a.uv));
        let bounds = Rect::from_points(&[a.pos, b.pos, c.pos]);
        let columns = (bounds.min.x - 0.5).floor() as i64..(bounds.max.x + 0.5).ceil() as i64;
        let rows = (bounds.min.y - 0.5).floor() as i64..(bounds.max.y + 0.5).ceil() as i64;
        let columns = columns.start.max(clip.x.start)..columns.end.min(clip.x.end);
        for y in rows.start.max(clip.y.start)..rows.end.min(clip.y.end) {
            for x in columns.clone() {
                let center = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
                let weights = [
                    (edge(b.pos, c.pos, center), b.pos, c.pos),
                    (edge(c.pos, a.pos, center), c.pos, a.pos),
                    (edge(a.pos, b.pos, center), a.pos, b.pos),
                ];
                if !weights
                    .iter()
                    .all(|(weight, from, to)| is_inside(*weight, *from, *to))
                {
                    continue;
                }
                let color = flat_color.unwrap_or_else(|| {
                    let [wa, wb, wc] = weights.map(|(weight, ..)| weight / area);
                    let mix = |i: usize| a.color[i] * wa + b.color[i] * wb + c.color[i] * wc;
                    let uv = a.uv.to_vec2() * wa + b.uv.to_vec2() * wb + c.uv.to_vec2() * wc;
                    shade([mix(0), mix(1), mix(2), mix(3)], texture, uv.to_pos2())
                });
                blend(
                    &mut self.pixels[y as usize * self.width + x as usize],
                    color,
                );
            }
        }
    }
}

/// Twice the area of a triangle; positive when it turns clockwise on the screen.
fn edge(a: Pos2, b: Pos2, p: Pos2) -> f32 {
    (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)
}

/// The top-left rule: a pixel on the border of two triangles belongs to one of them.
fn is_inside(weight: f32, from: Pos2, to: Pos2) -> bool {
    let is_top = from.y == to.y && to.x > from.x;
    let is_left = to.y < from.y;
    weight > 0.0 || (weight == 0.0 && (is_top || is_left))
}

/// Vertex colour times texture, both premultiplied and in gamma space, as egui's shaders do.
fn shade(color: [f32; 4], texture: &ColorImage, uv: Pos2) -> [f32; 4] {
    let texel = sample(texture, uv);
    [0, 1, 2, 3].map(|i| color[i] * texel[i] / 255.0)
}

/// The texture at a place, mixed from the four nearest texels.
fn sample(texture: &ColorImage, uv: Pos2) -> [f32; 4] {
    let [width, height] = texture.size;
    if width == 0 || height == 0 {
        return [255.0; 4];
    }
    let (x, y) = (uv.x * width as f32 - 0.5, uv.y * height as f32 - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (right_share, bottom_share) = (x - left, y - top);
    let texel = |dx: f32, dy: f32| {
        let x = (left + dx).clamp(0.0, width as f32 - 1.0) as usize;
        let y = (top + dy).clamp(0.0, height as f32 - 1.0) as usize;
        texture.pixels[y * width + x].to_array().map(f32::from)
    };
    let (nw, ne, sw, se) = (
        texel(0.0, 0.0),
        texel(1.0, 0.0),
        texel(0.0, 1.0),
        texel(1.0, 1.0),
    );
    [0, 1, 2, 3].map(|i| {
        let north = nw[i] + (ne[i] - nw[i]) * right_share;
        let south = sw[i] + (se[i] - sw[i]) * right_share;
        north + (south - north) * bottom_share
    })
}

/// Puts a premultiplied colour over a pixel.
#[allow(clippy::disallowed_methods)] // A mixture of colours that the theme made.
fn blend(pixel: &mut Color32, [r, g, b, a]: [f32; 4]) {
    let below = pixel.to_array().map(f32::from);
    let keep = 1.0 - a / 255.0;
    let mix = |over: f32, below: f32| (over + below * keep + 0.5) as u8;
    *pixel = Color32::from_rgba_premultiplied(
        mix(r, below[0]),
        mix(g, below[1]),
        mix(b, below[2]),
        mix(a, below[3]),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::theme::LIGHT;
    use egui::{pos2, vec2};

    fn white() -> Raster {
        let mut raster = Raster::default();
        let image = ColorImage::filled([1, 1], Color32::WHITE);
        raster.textures.insert(TextureId::default(), image);
        raster
    }

    fn draw(mesh: Mesh, clip: Rect) -> RgbaImage {
        let primitive = ClippedPrimitive {
            clip_rect: clip,
            primitive: Primitive::Mesh(mesh),
        };
        white().draw(&[primitive], [20, 10], 1.0, LIGHT.canvas)
    }

    const ALL: Rect = Rect {
        min: Pos2::ZERO,
        max: Pos2 { x: 20.0, y: 10.0 },
    };

    fn count(image: &RgbaImage, color: Color32) -> usize {
        image
            .pixels()
            .filter(|pixel| pixel.0 == color.to_array())
            .count()
    }

    #[test]
    fn a_rectangle_covers_its_pixels_once_each() {
        let rect = Rect::from_min_size(pos2(3.0, 2.0), vec2(8.0, 5.0));
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(rect, LIGHT.accent);
        assert_eq!(count(&draw(mesh, ALL), LIGHT.accent), 40);
        // Half see-through: were the diagonal drawn twice, it would be darker.
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(rect, LIGHT.accent.gamma_multiply(0.5));
        let image = draw(mesh, ALL);
        let mut colors: Vec<_> = image.pixels().map(|pixel| pixel.0).collect();
        colors.sort_unstable();
        colors.dedup();
        assert_eq!(colors.len(), 2);
    }

    #[test]
    fn nothing_is_drawn_outside_of_the_clip_rectangle() {
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(Rect::EVERYTHING.intersect(ALL.expand(50.0)), LIGHT.accent);
        let clip = Rect::from_min_size(pos2(5.0, 5.0), vec2(4.0, 3.0));
        assert_eq!(count(&draw(mesh, clip), LIGHT.accent), 12);
    }

    #[test]
    fn blending_mixes_by_the_share() {
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(ALL, Color32::BLACK.gamma_multiply(0.5));
        let image = draw(mesh, ALL);
        let expected = LIGHT
            .canvas
            .to_array()
            .map(|channel| f32::from(channel) * 0.5);
        let found = image.get_pixel(7, 7).0;
        for channel in 0..3 {
            assert!((f32::from(found[channel]) - expected[channel]).abs() <= 1.0);
        }
        assert_eq!(found[3], 255);
    }

    #[test]
    fn a_texture_is_patched_and_mixed() {
        let mut raster = Raster::default();
        let mut delta = TexturesDelta::default();
        let id = TextureId::Managed(7);
        let options = egui::TextureOptions::LINEAR;
        let image = ColorImage::filled([2, 1], Color32::BLACK);
        delta.push(id, egui::epaint::ImageDelta::full(image, options));
        let patch = ColorImage::filled([1, 1], Color32::WHITE);
        delta.push(
            id,
            egui::epaint::ImageDelta::partial([1, 0], patch, options),
        );
        raster.update(&mut delta);
        let texture = &raster.textures[&id];
        assert_eq!(sample(texture, pos2(0.25, 0.5)), [0.0, 0.0, 0.0, 255.0]);
        assert_eq!(sample(texture, pos2(0.75, 0.5)), [255.0; 4]);
        assert_eq!(sample(texture, pos2(0.5, 0.5))[0], 127.5);
        delta.free.insert(id);
        raster.update(&mut delta);
        assert!(raster.textures.is_empty());
    }

    #[test]
    fn triangles_with_nonsense_are_left_out() {
        let mut mesh = Mesh::default();
        mesh.colored_vertex(pos2(f32::NAN, 0.0), LIGHT.accent);
        mesh.colored_vertex(pos2(5.0, 0.0), LIGHT.accent);
        mesh.colored_vertex(pos2(f32::INFINITY, 5.0), LIGHT.accent);
        mesh.add_triangle(0, 1, 2);
        mesh.indices.extend([0, 1, 99]);
        assert_eq!(count(&draw(mesh, ALL), LIGHT.accent), 0);
    }
}
