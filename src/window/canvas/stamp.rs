//! Small shapes as ready triangles, for drawing thousands of them as one mesh.

use egui::{Color32, Mesh, Pos2, Vec2, epaint::Vertex};

/// A shape around the origin. Each vertex is coloured, or see-through at the soft edge.
pub struct Stamp {
    vertices: Vec<(Vec2, bool)>,
    indices: Vec<u32>,
}

impl Stamp {
    /// Four vertices: for shapes of a few pixels, where no more can be seen.
    pub fn square(half: f32) -> Self {
        Self {
            vertices: [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
                .map(|(x, y)| (Vec2::new(x, y) * half, true))
                .to_vec(),
            indices: vec![0, 1, 2, 0, 2, 3],
        }
    }

    /// A filled circle with an edge that is `soft` wide.
    pub fn disc(radius: f32, soft: f32) -> Self {
        let mut stamp = Self::bands(&[(radius - soft / 2.0, true), (radius + soft / 2.0, false)]);
        let corners = stamp.vertices.len() as u32 / 2;
        for i in 1..corners - 1 {
            stamp.indices.extend([0, i, i + 1]);
        }
        stamp
    }

    /// A circle as a line, `width` wide, with soft edges.
    pub fn ring(radius: f32, width: f32, soft: f32) -> Self {
        let (inner, outer) = (radius - width / 2.0, radius + width / 2.0);
        Self::bands(&[
            ((inner - soft / 2.0).max(0.0), false),
            (inner + soft / 2.0, true),
            (outer - soft / 2.0, true),
            (outer + soft / 2.0, false),
        ])
    }

    /// Circles around each other, and what lies between them.
    fn bands(circles: &[(f32, bool)]) -> Self {
        let largest = circles
            .iter()
            .fold(0.0_f32, |largest, circle| largest.max(circle.0));
        let corners = if largest < 5.0 { 8 } else { 14 };
        let mut vertices = Vec::with_capacity(circles.len() * corners as usize);
        for (radius, colored) in circles {
            vertices.extend((0..corners).map(|i| {
                let angle = i as f32 * std::f32::consts::TAU / corners as f32;
                (Vec2::angled(angle) * radius.max(0.0), *colored)
            }));
        }
        let mut indices = Vec::new();
        for band in 0..circles.len() as u32 - 1 {
            for i in 0..corners {
                let next = (i + 1) % corners;
                let (inner, outer) = (band * corners, (band + 1) * corners);
                indices.extend([inner + i, outer + i, outer + next]);
                indices.extend([inner + i, outer + next, inner + next]);
            }
        }
        Self { vertices, indices }
    }

    /// Makes room for so many of the shape in a mesh.
    pub fn reserve(&self, mesh: &mut Mesh, count: usize) {
        mesh.vertices.reserve(self.vertices.len() * count);
        mesh.indices.reserve(self.indices.len() * count);
    }

    /// Appends the shape to a mesh.
    pub fn add(&self, mesh: &mut Mesh, at: Pos2, color: Color32) {
        let first = mesh.vertices.len() as u32;
        mesh.indices
            .extend(self.indices.iter().map(|index| index + first));
        mesh.vertices
            .extend(self.vertices.iter().map(|(offset, colored)| Vertex {
                pos: at + *offset,
                uv: egui::epaint::WHITE_UV,
                color: if *colored {
                    color
                } else {
                    Color32::TRANSPARENT
                },
            }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_stay_within_their_size_around_their_place() {
        let color = crate::window::theme::LIGHT.accent;
        for (stamp, reach) in [
            (Stamp::square(2.0), 2.0 * 2.0_f32.sqrt()),
            (Stamp::disc(4.0, 1.0), 4.5),
            (Stamp::disc(7.0, 1.0), 7.5),
            (Stamp::ring(4.0, 2.0, 1.0), 5.5),
        ] {
            let mut mesh = Mesh::default();
            stamp.add(&mut mesh, Pos2::new(50.0, 60.0), color);
            stamp.add(&mut mesh, Pos2::new(90.0, 60.0), color);
            assert!(mesh.is_valid());
            let (first, second) = mesh.vertices.split_at(mesh.vertices.len() / 2);
            let farthest = |vertices: &[Vertex], center: Pos2| {
                vertices
                    .iter()
                    .map(|v| v.pos.distance(center))
                    .fold(0.0, f32::max)
            };
            assert!((farthest(first, Pos2::new(50.0, 60.0)) - reach).abs() < 1e-4);
            assert!((farthest(second, Pos2::new(90.0, 60.0)) - reach).abs() < 1e-4);
            assert!(first.iter().any(|vertex| vertex.color == color));
        }
    }
}
