//! Exponential times by the ziggurat method (Marsaglia and Tsang, "The Ziggurat Method for
//! Generating Random Variables", Journal of Statistical Software 5(8), 2000), with 256 layers.

use std::sync::OnceLock;

use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

/// Where the tail starts (Marsaglia and Tsang 2000, section 2: r for 256 layers).
const TAIL: f64 = 7.697_117_470_131_487;
/// Area of each layer (ibidem).
const AREA: f64 = 3.949_659_822_581_572e-3;
/// A 53-bit fraction.
const BITS: f64 = (1u64 << 53) as f64;

struct Tables {
    layers: [Layer; 256],
    /// Height of the curve at the inner edge of each layer.
    heights: [f64; 257],
}

/// Width of a layer per step of a 53-bit number, and below which number a point is certainly under
/// the curve.
#[derive(Clone, Copy, Default)]
struct Layer {
    width: f64,
    inside: u64,
}

impl Tables {
    fn get() -> &'static Self {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        TABLES.get_or_init(|| {
            // Edges from the outermost layer inwards: x(255) = r, x(i) = −ln(v/x(i+1) + e^−x(i+1)).
            // The last layer is the base with the tail, as wide as if it were a rectangle.
            let mut edges = [0.0f64; 257];
            edges[256] = AREA * TAIL.exp();
            edges[255] = TAIL;
            for i in (1..255).rev() {
                edges[i] = -(AREA / edges[i + 1] + (-edges[i + 1]).exp()).ln();
            }
            Self {
                layers: std::array::from_fn(|i| Layer {
                    width: edges[i + 1] / BITS,
                    inside: (edges[i] / edges[i + 1] * BITS) as u64,
                }),
                heights: edges.map(|edge| (-edge).exp()),
            }
        })
    }
}

/// One random stream of exponential times with one mean.
pub struct Exponential {
    tables: &'static Tables,
    mean_ns: f64,
    rng: Xoshiro256PlusPlus,
}

impl Exponential {
    pub fn new(mean_ns: f64, seed: u64) -> Self {
        Self {
            tables: Tables::get(),
            mean_ns,
            rng: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    /// The next time, in whole nanoseconds.
    #[inline(always)]
    pub fn next_ns(&mut self) -> u64 {
        let bits = self.rng.next_u64();
        let layer = self.tables.layers[(bits & 255) as usize];
        let number = bits >> 11;
        let x = if number < layer.inside {
            number as i64 as f64 * layer.width
        } else {
            self.edge(bits)
        };
        (x * self.mean_ns) as i64 as u64
    }

    /// The one case in a hundred in which the point may be above the curve, or in the tail.
    #[cold]
    fn edge(&mut self, mut bits: u64) -> f64 {
        loop {
            let (i, number) = ((bits & 255) as usize, bits >> 11);
            let layer = self.tables.layers[i];
            let x = number as f64 * layer.width;
            if number < layer.inside {
                return x;
            }
            let uniform = ((self.rng.next_u64() >> 11) as f64 + 0.5) / BITS;
            if i == 255 {
                return TAIL - uniform.ln();
            }
            let (inner, outer) = (self.tables.heights[i], self.tables.heights[i + 1]);
            if outer + (inner - outer) * uniform < (-x).exp() {
                return x;
            }
            bits = self.rng.next_u64();
        }
    }
}
