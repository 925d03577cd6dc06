//! Chance: one stream per component and purpose, the same bits on every machine.
//!
//! Only integer arithmetic, IEEE-754 basic operations and `libm` are used: the platform's own
//! `exp` and `ln` differ in their last bit from machine to machine.

use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

mod sampler;

pub(super) use sampler::Sampler;

/// A stream of random numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of one component for one purpose: changing one box leaves the luck of every
    /// other box, and of its own other purposes, alone.
    pub fn new(seed: u64, name: &str, purpose: &str) -> Self {
        // FNV-1a over the names, then mixed with the seed by the generator's own seeding.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in name.bytes().chain([0]).chain(purpose.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(Xoshiro256PlusPlus::seed_from_u64(
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ hash,
        ))
    }

    /// One of many streams with the same seed.
    pub fn numbered(seed: u64, number: u64) -> Self {
        // Not the step of the generator's own seeding, or the streams would overlap.
        let step = number.wrapping_mul(0xd134_2543_de82_ef95);
        Self(Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_add(step)))
    }

    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in [0, 1).
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in 0..n (Lemire 2019, without the rejection: the bias is below 2⁻³²).
    #[inline]
    pub fn below(&mut self, n: u32) -> u32 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u32
    }

    /// True with the probability that `threshold` stands for.
    #[inline]
    pub fn chance(&mut self, threshold: Chance) -> bool {
        threshold.0 != 0 && (threshold.0 == u64::MAX || self.bits() < threshold.0)
    }
}

/// A probability as a threshold for 64 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chance(u64);

impl Chance {
    pub const NEVER: Self = Self(0);
    pub const ALWAYS: Self = Self(u64::MAX);

    /// The probability it stands for.
    pub fn share(self) -> f64 {
        if self == Self::ALWAYS {
            1.0
        } else {
            self.0 as f64 * 2f64.powi(-64)
        }
    }

    pub fn new(probability: f64) -> Self {
        if probability >= 1.0 {
            Self::ALWAYS
        } else {
            Self((probability.max(0.0) * 2f64.powi(64)) as u64)
        }
    }
}

const LAYERS: usize = 256;

/// Tables of the ziggurat method (Marsaglia and Tsang 2000) for the unit exponential and the
/// standard normal distribution.
#[derive(Clone, Debug)]
pub(super) struct Ziggurat {
    exponential: Layers,
    normal: Layers,
}

/// Right edges of the layers and the density there; edge 0 is the virtual one of the base layer.
#[derive(Clone, Debug)]
struct Layers {
    x: [f64; LAYERS + 1],
    y: [f64; LAYERS + 1],
    quick: [Quick; LAYERS],
    /// Start of the tail.
    r: f64,
}

/// What most draws from a layer need.
#[derive(Clone, Copy, Debug)]
struct Quick {
    /// 2⁻⁵³ of the right edge, for 53 random bits.
    scale: f64,
    /// Fewer than this, and the point is left of the next edge, so under the curve.
    inside: u64,
}

impl Layers {
    /// `r` is the start of the tail and `v` the area of every layer.
    fn new(r: f64, v: f64, density: fn(f64) -> f64, inverse: fn(f64) -> f64) -> Self {
        let mut x = [0.0; LAYERS + 1];
        let mut y = [0.0; LAYERS + 1];
        x[0] = v / density(r);
        x[1] = r;
        for layer in 2..LAYERS {
            x[layer] = inverse(v / x[layer - 1] + density(x[layer - 1]));
        }
        x[LAYERS] = 0.0;
        for layer in 0..=LAYERS {
            y[layer] = density(x[layer]);
        }
        let quick = std::array::from_fn(|layer| {
            let scale = x[layer] * (1.0 / (1u64 << 53) as f64);
            let inside = (x[layer + 1] / scale) as u64;
            Quick { scale, inside }
        });
        Self { x, y, quick, r }
    }
}

impl Ziggurat {
    pub fn new() -> Self {
        // r and v for 256 layers: Marsaglia and Tsang 2000, section 3.
        Self {
            exponential: Layers::new(
                7.697_117_470_131_05,
                0.003_949_659_822_581_572,
                |x| libm::exp(-x),
                |y| -libm::log(y),
            ),
            normal: Layers::new(
                3.654_152_885_361_009,
                0.004_928_673_233_974_655,
                |x| libm::exp(-x * x / 2.0),
                |y| libm::sqrt(-2.0 * libm::log(y)),
            ),
        }
    }

    /// Exponential with mean 1.
    #[inline(always)]
    pub fn exponential(&self, stream: &mut Stream) -> f64 {
        let layers = &self.exponential;
        let bits = stream.bits();
        let layer = (bits & (LAYERS as u64 - 1)) as usize;
        let Quick { scale, inside } = layers.quick[layer];
        let fraction = bits >> 11;
        // A signed number becomes a float in one instruction.
        let x = fraction as i64 as f64 * scale;
        if fraction < inside {
            return x;
        }
        self.exponential_edge(layer, x, stream)
    }

    #[cold]
    #[inline(never)]
    fn exponential_edge(&self, layer: usize, x: f64, stream: &mut Stream) -> f64 {
        let layers = &self.exponential;
        if layer == 0 {
            // The tail of an exponential is an exponential.
            return layers.r + self.exponential(stream);
        }
        // The curve is below its chord and above its series at the edge: few points need `exp`.
        let u = stream.unit();
        let left = layers.x[layer] - x;
        let low = layers.y[layer];
        if u * (layers.x[layer] - layers.x[layer + 1]) < left {
            let y = low + u * (layers.y[layer + 1] - low);
            if y < low * (1.0 + left) || y < libm::exp(-x) {
                return x;
            }
        }
        self.exponential(stream)
    }

    /// Standard normal.
    pub fn normal(&self, stream: &mut Stream) -> f64 {
        let layers = &self.normal;
        loop {
            let bits = stream.bits();
            let layer = (bits & (LAYERS as u64 - 1)) as usize;
            let sign = if bits & LAYERS as u64 == 0 { 1.0 } else { -1.0 };
            let x = (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64) * layers.x[layer];
            if x < layers.x[layer + 1] {
                return sign * x;
            }
            if layer == 0 {
                // Marsaglia's tail method (1964).
                loop {
                    let x = self.exponential(stream) / layers.r;
                    let y = self.exponential(stream);
                    if y + y > x * x {
                        return sign * (layers.r + x);
                    }
                }
            }
            let y = layers.y[layer] + stream.unit() * (layers.y[layer + 1] - layers.y[layer]);
            if y < libm::exp(-x * x / 2.0) {
                return sign * x;
            }
        }
    }
}

/// Rounds to whole nanoseconds; at most a hundred years, so that times can be added without care.
#[inline(always)]
pub(super) fn nanos(value: f64) -> u64 {
    // From here on doubles have no fraction: adding it rounds, and leaves the number in the low bits.
    const WHOLE: f64 = (1u64 << 52) as f64;
    if value < WHOLE / 2.0 {
        (value + WHOLE).to_bits() & ((1 << 52) - 1)
    } else {
        many_nanos(value)
    }
}

#[cold]
#[inline(never)]
fn many_nanos(value: f64) -> u64 {
    const MOST: f64 = 3.2e18;
    value.min(MOST) as u64
}

/// Draws ranks 1..=n with probability ∝ rank^−s by rejection-inversion (Hörmann and Derflinger
/// 1996): constant time and memory for any n.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Zipf {
    items: f64,
    s: f64,
    low: f64,
    high: f64,
    shortcut: f64,
}

impl Zipf {
    pub fn new(items: u64, s: f64) -> Self {
        let mut zipf = Self {
            items: items as f64,
            s,
            low: 0.0,
            high: 0.0,
            shortcut: 0.0,
        };
        zipf.low = zipf.integral(1.5) - 1.0;
        zipf.high = zipf.integral(zipf.items + 0.5);
        zipf.shortcut = 2.0 - zipf.inverse(zipf.integral(2.5) - libm::pow(2.0, -s));
        zipf
    }

    /// ∫₁ˣ u^−s du.
    fn integral(&self, x: f64) -> f64 {
        let log = libm::log(x);
        if (self.s - 1.0).abs() < 1e-9 {
            log
        } else {
            libm::expm1((1.0 - self.s) * log) / (1.0 - self.s)
        }
    }

    fn inverse(&self, y: f64) -> f64 {
        if (self.s - 1.0).abs() < 1e-9 {
            libm::exp(y)
        } else {
            libm::exp(libm::log1p(y * (1.0 - self.s)) / (1.0 - self.s))
        }
    }

    /// Number of ranks.
    pub fn items(&self) -> u32 {
        self.items as u32
    }

    /// A rank, from 1.
    pub fn draw(&self, stream: &mut Stream) -> u64 {
        loop {
            let u = self.high + stream.unit() * (self.low - self.high);
            let x = self.inverse(u);
            let k = libm::floor(x + 0.5).clamp(1.0, self.items);
            if k - x <= self.shortcut || u >= self.integral(k + 0.5) - libm::pow(k, -self.s) {
                return k as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_and_normal_have_the_right_shape() {
        // Kolmogorov–Smirnov: P(√n D > 2.7) < 1e-6 (Kolmogorov 1933).
        let ziggurat = Ziggurat::new();
        let mut stream = Stream::new(3, "test", "shape");
        let n = 200_000;
        let mut exponentials: Vec<f64> =
            (0..n).map(|_| ziggurat.exponential(&mut stream)).collect();
        exponentials.sort_by(f64::total_cmp);
        let mut normals: Vec<f64> = (0..n).map(|_| ziggurat.normal(&mut stream)).collect();
        normals.sort_by(f64::total_cmp);
        let distance = |sorted: &[f64], cdf: &dyn Fn(f64) -> f64| {
            sorted
                .iter()
                .enumerate()
                .map(|(i, x)| {
                    let f = cdf(*x);
                    (f - i as f64 / n as f64)
                        .abs()
                        .max(((i + 1) as f64 / n as f64 - f).abs())
                })
                .fold(0.0, f64::max)
        };
        let limit = 2.7 / f64::from(n).sqrt();
        assert!(distance(&exponentials, &|x| 1.0 - libm::exp(-x)) < limit);
        assert!(
            distance(&normals, &|x| libm::erfc(-x / std::f64::consts::SQRT_2)
                / 2.0)
                < limit
        );
    }

    #[test]
    fn zipf_ranks_have_their_probabilities() {
        for s in [0.0, 0.7, 1.0, 1.3] {
            let zipf = Zipf::new(50, s);
            let mut stream = Stream::new(11, "test", "zipf");
            let n = 300_000;
            let mut counts = [0u32; 51];
            for _ in 0..n {
                counts[zipf.draw(&mut stream) as usize] += 1;
            }
            let total: f64 = (1..=50).map(|k| f64::from(k).powf(-s)).sum();
            for k in 1..=50u32 {
                let p = f64::from(k).powf(-s) / total;
                let error = (p * (1.0 - p) / f64::from(n)).sqrt();
                let share = f64::from(counts[k as usize]) / f64::from(n);
                // 200 comparisons: widened for one in a million over all.
                assert!(
                    (share - p).abs() < 5.9 * error,
                    "s {s}, rank {k}: {share} {p}"
                );
            }
        }
    }

    #[test]
    fn nanoseconds_are_rounded_and_bounded() {
        for (value, expected) in [
            (0.0, 0),
            (0.4, 0),
            (0.6, 1),
            (1e9 + 0.7, 1_000_000_001),
            (2e15, 2_000_000_000_000_000),
            (3e15, 3_000_000_000_000_000),
            (1e300, 3_200_000_000_000_000_000),
        ] {
            assert_eq!(nanos(value), expected, "{value}");
        }
    }

    #[test]
    fn streams_differ_by_seed_name_and_purpose() {
        let first = Stream::new(1, "a", "service").bits();
        assert_ne!(first, Stream::new(2, "a", "service").bits());
        assert_ne!(first, Stream::new(1, "b", "service").bits());
        assert_ne!(first, Stream::new(1, "a", "routing").bits());
        assert_eq!(first, Stream::new(1, "a", "service").bits());
    }
}
