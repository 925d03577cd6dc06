//! General service or general arrivals: M/G/1, G/G/c, GI/M/1.

use super::{Station, bisect, erlang, positive};

/// Whether this can be a squared coefficient of variation.
fn is_spread(squared_cv: f64) -> bool {
    squared_cv.is_finite() && squared_cv >= 0.0
}

/// M/G/1: Poisson arrivals, one server, service of mean `service` and squared coefficient of
/// variation `squared_cv` (0: M/D/1; 1: M/M/1). Pollaczek 1930, Khinchine 1932; Kleinrock 1975,
/// chapter 5: Wq = ρ S (1 + cv²) / 2(1 − ρ).
pub fn mg1(arrival_rate: f64, service: f64, squared_cv: f64) -> Option<Station> {
    let utilization = arrival_rate * service;
    if !positive(&[arrival_rate, service]) || utilization >= 1.0 || !is_spread(squared_cv) {
        return None;
    }
    let wq = utilization * service * (1.0 + squared_cv) / 2.0 / (1.0 - utilization);
    Some(Station::from_wait(arrival_rate, 1.0, service, wq))
}

/// M/G/1-PS: all present share the server. W = S / (1 − ρ) whatever the distribution (Sakata, Noguchi
/// and Oizumi 1971; Kleinrock 1976, section 4.4). What sharing costs counts as the wait.
pub fn mg1_sharing(arrival_rate: f64, service: f64) -> Option<Station> {
    mg1(arrival_rate, service, 1.0)
}

/// G/G/c, approximately: Wq ≈ C(c, a) / (cμ − λ) × (ca² + cs²) / 2 (Allen 1990, "Probability,
/// Statistics, and Queueing Theory", section 5.4, after Cunneen; for one server in heavy traffic
/// Kingman 1961). Exact for M/M/c and M/G/1.
pub fn ggc(
    arrival_rate: f64,
    arrival_squared_cv: f64,
    service: f64,
    service_squared_cv: f64,
    servers: u32,
) -> Option<Station> {
    if !positive(&[arrival_rate, service])
        || !is_spread(arrival_squared_cv)
        || !is_spread(service_squared_cv)
    {
        return None;
    }
    let waits = erlang::c(servers, arrival_rate * service)?;
    let spare = f64::from(servers) / service - arrival_rate;
    let wq = waits / spare * f64::midpoint(arrival_squared_cv, service_squared_cv);
    Some(Station::from_wait(
        arrival_rate,
        f64::from(servers),
        service,
        wq,
    ))
}

/// GI/M/1 by its root: `sigma`, the share of the calls that find the server taken. The time from
/// arrival to departure is exponential with mean S / (1 − σ) (Kleinrock 1975, section 6.4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GiM1 {
    /// Means.
    pub station: Station,
    /// Share of the calls that wait.
    pub sigma: f64,
}

impl GiM1 {
    /// `transform(s)`: the Laplace–Stieltjes transform of the time between two arrivals.
    fn new(arrival_rate: f64, service: f64, transform: impl Fn(f64) -> f64) -> Option<Self> {
        if !positive(&[arrival_rate, service]) || arrival_rate * service >= 1.0 {
            return None;
        }
        // A*(μ − μσ) − σ is convex, positive at 0, and zero at the root and at 1; in between it
        // is negative. Just below 1 it is too flat to tell, so the root is sought from the left.
        let excess = |sigma: f64| transform((1.0 - sigma) / service) - sigma;
        let mut high = 0.5;
        while excess(high) > 0.0 {
            let next = f64::midpoint(high, 1.0);
            if next >= 1.0 {
                return None;
            }
            high = next;
        }
        let sigma = bisect(0.0, high, excess);
        let wq = service * sigma / (1.0 - sigma);
        let station = Station::from_wait(arrival_rate, 1.0, service, wq);
        Some(Self { station, sigma })
    }

    /// The time that the share `quantile` (0..1) of the calls do not exceed from arrival to
    /// departure.
    pub fn sojourn_quantile(&self, quantile: f64) -> f64 {
        -f64::ln_1p(-quantile) * self.station.w
    }
}

/// `E_k/M/1`: an Erlang-k time between two arrivals. It is what each of k servers sees behind a
/// round robin of a Poisson stream: every k-th arrival. `arrival_rate` is that of one server.
pub fn erlang_m1(arrival_rate: f64, phases: u32, service: f64) -> Option<GiM1> {
    let phase_rate = arrival_rate * f64::from(phases.max(1));
    GiM1::new(arrival_rate, service, |s| {
        (-f64::from(phases.max(1)) * f64::ln_1p(s / phase_rate)).exp()
    })
}

/// GI/M/1 with gaps uniform between 0 and 2/λ: A*(s) = (1 − e^−2s/λ) λ/2s.
pub fn uniform_m1(arrival_rate: f64, service: f64) -> Option<GiM1> {
    GiM1::new(arrival_rate, service, |s| {
        let width = 2.0 * s / arrival_rate;
        if width < 1e-9 {
            1.0 - width / 2.0
        } else {
            -(-width).exp_m1() / width
        }
    })
}

/// `M[X]/G/1`: batches come as a Poisson process, `arrival_rate` calls a second in all, with `E[X]` =
/// `size` and `E[X²]` = `size_square`; one server, first come, first served. The first of a batch waits
/// as in M/G/1 for whole batches, each other one also for those of its batch before it (Gross and
/// Harris 1998, section 3.1, for exponential service; Chaudhry and Templeton 1983, section 3.2):
/// Wq = Λ `E[B²]` / 2(1 − ρ) + S (`E[X²]` − `E[X]`) / 2`E[X]` with Λ = λ/`E[X]` batches a second and
/// `E[B²]` = `E[X]` S² cs² + `E[X²]` S².
pub fn batch_mg1(
    arrival_rate: f64,
    size: f64,
    size_square: f64,
    service: f64,
    squared_cv: f64,
) -> Option<Station> {
    let utilization = arrival_rate * service;
    if !positive(&[arrival_rate, service, size, size_square])
        || utilization >= 1.0
        || !is_spread(squared_cv)
        || size < 1.0
        || size_square < size * size * (1.0 - 1e-12)
    {
        return None;
    }
    let batch_square = (size * squared_cv + size_square) * service * service;
    let first = arrival_rate / size * batch_square / 2.0 / (1.0 - utilization);
    let others = service * (size_square - size) / 2.0 / size;
    Some(Station::from_wait(
        arrival_rate,
        1.0,
        service,
        first + others,
    ))
}

/// D/M/1: evenly spaced arrivals.
pub fn dm1(arrival_rate: f64, service: f64) -> Option<GiM1> {
    GiM1::new(arrival_rate, service, |s| (-s / arrival_rate).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::{assert_close, markov};

    #[test]
    fn constant_service_halves_the_line() {
        // M/D/1 at ρ = 0.8: Lq = ρ² / 2(1 − ρ) = 1.6.
        assert_close(mg1(80.0, 0.01, 0.0).unwrap().lq, 1.6, 1e-12);
        assert_close(mg1(80.0, 0.01, 1.0).unwrap().lq, 3.2, 1e-12);
        assert_eq!(mg1(100.0, 0.01, 0.0), None);
        assert_eq!(mg1(10.0, 0.01, f64::NAN), None);
    }

    #[test]
    fn the_approximation_is_exact_where_it_should_be() {
        for servers in [1, 3, 40] {
            let arrival_rate = 0.9 * f64::from(servers);
            let exact = markov::mmc(arrival_rate, 1.0, servers).unwrap();
            let found = ggc(arrival_rate, 1.0, 1.0, 1.0, servers).unwrap();
            assert_close(found.wq, exact.wq, 1e-12);
        }
        let exact = mg1(0.7, 1.0, 4.0).unwrap();
        assert_close(ggc(0.7, 1.0, 1.0, 4.0, 1).unwrap().wq, exact.wq, 1e-12);
        assert_eq!(ggc(3.0, 1.0, 1.0, 1.0, 3), None);
    }

    #[test]
    fn one_phase_is_poisson() {
        for utilization in [0.05, 0.5, 0.8, 0.99] {
            let exact = markov::mmc(utilization, 1.0, 1).unwrap();
            let found = erlang_m1(utilization, 1, 1.0).unwrap();
            assert_close(found.sigma, utilization, 1e-9);
            assert_close(found.station.w, exact.w, 1e-7);
        }
    }

    #[test]
    fn even_arrivals_at_half_load() {
        // D/M/1 at ρ = 1/2: σ = e^−2(1−σ) = 0.203188 (the textbook example of GI/M/1).
        let even = dm1(0.5, 1.0).unwrap();
        assert_close(even.sigma, 0.203_187_869_979_979, 1e-10);
        assert_close(even.station.w, 1.0 / (1.0 - even.sigma), 1e-12);
        // Many phases are almost even.
        let many = erlang_m1(0.5, 100_000, 1.0).unwrap();
        assert_close(many.sigma, even.sigma, 1e-4);
    }

    #[test]
    fn two_phases_solve_a_quadratic() {
        // E₂/M/1: σ = (2λ / (2λ + μ(1−σ)))²; without the root at 1 it is a quadratic:
        // σ² − (1 + 4ρ)σ + 4ρ² = 0.
        for utilization in [0.1_f64, 0.6, 0.95] {
            let b = 1.0 + 4.0 * utilization;
            let exact = (b - (b * b - 16.0 * utilization * utilization).sqrt()) / 2.0;
            let found = erlang_m1(utilization, 2, 1.0).unwrap();
            assert_close(found.sigma, exact, 1e-9);
        }
    }

    #[test]
    fn batches_of_one_are_pollaczek_and_khinchine() {
        for squared_cv in [0.0, 1.0, 4.0] {
            let exact = mg1(0.8, 1.0, squared_cv).unwrap();
            let found = batch_mg1(0.8, 1.0, 1.0, 1.0, squared_cv).unwrap();
            assert_close(found.wq, exact.wq, 1e-12);
        }
        assert_eq!(batch_mg1(0.8, 2.0, 3.0, 1.0, 1.0), None);
        assert_eq!(batch_mg1(1.0, 2.0, 4.0, 1.0, 1.0), None);
    }

    #[test]
    fn batches_and_exponential_work() {
        // M[X]/M/1: L = ρ (1 + E[X²]/E[X]) / 2(1 − ρ) (Gross and Harris 1998, equation 3.5).
        for (size, square) in [(5.0, 25.0), (3.0, 15.0), (1.0, 1.0)] {
            let found = batch_mg1(0.7, size, square, 1.0, 1.0).unwrap();
            assert_close(found.l, 0.7 * (1.0 + square / size) / 2.0 / 0.3, 1e-12);
        }
    }

    #[test]
    fn uniform_gaps_lie_between_even_and_poisson() {
        for utilization in [0.1, 0.5, 0.9] {
            let even = dm1(utilization, 1.0).unwrap().sigma;
            let uniform = uniform_m1(utilization, 1.0).unwrap().sigma;
            assert!(even < uniform && uniform < utilization, "{even} {uniform}");
            // The root of σ = (1 − e^−w)/w with w = 2(1 − σ)/ρ.
            let w = 2.0 * (1.0 - uniform) / utilization;
            assert_close(uniform, (1.0 - (-w).exp()) / w, 1e-9);
        }
    }

    #[test]
    fn the_root_is_found_close_to_saturation() {
        let found = erlang_m1(0.9999, 4, 1.0).unwrap();
        // Heavy traffic (Kingman 1961): Wq → (ca² + cs²)/2 × ρ/(1 − ρ).
        assert_close(found.station.wq, 0.625 * 0.9999 / 0.0001, 1e-3);
        assert_eq!(erlang_m1(1.0, 4, 1.0), None);
    }
}
