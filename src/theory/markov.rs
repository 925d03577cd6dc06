//! Poisson arrivals, exponential service: M/M/1, M/M/c, M/M/c/K, M/M/∞.

use super::{Station, bisect, erlang, positive};

/// M/M/c: Poisson arrivals at `arrival_rate`, exponential service of mean `service` at one of
/// `servers` identical servers, one line without limit, first come, first served. M/M/1 is
/// `servers` = 1. Gross et al. 2008, section 2.3: Wq = C(c, a) / (cμ − λ).
pub fn mmc(arrival_rate: f64, service: f64, servers: u32) -> Option<Station> {
    if !positive(&[arrival_rate, service]) {
        return None;
    }
    let waits = erlang::c(servers, arrival_rate * service)?;
    let spare = f64::from(servers) / service - arrival_rate;
    let servers = f64::from(servers);
    Some(Station::from_wait(
        arrival_rate,
        servers,
        service,
        waits / spare,
    ))
}

/// Share of the calls whose wait in M/M/c is longer than `time`: C(c, a) e^−(cμ−λ)t (Gross et al.
/// 2008, section 2.3).
pub fn mmc_wait_exceeds(arrival_rate: f64, service: f64, servers: u32, time: f64) -> Option<f64> {
    let waits = erlang::c(servers, arrival_rate * service)?;
    let spare = f64::from(servers) / service - arrival_rate;
    Some(waits * (-spare * time).exp())
}

/// Share of the calls that stay in M/M/c longer than `time`: the wait above plus an exponential
/// service (Gross et al. 2008, section 2.3):
/// e^−μt [1 + C (1 − e^−μ(c−1−a)t) / (c − 1 − a)].
pub fn mmc_sojourn_exceeds(
    arrival_rate: f64,
    service: f64,
    servers: u32,
    time: f64,
) -> Option<f64> {
    let load = arrival_rate * service;
    let waits = erlang::c(servers, load)?;
    let services = time / service;
    let gap = f64::from(servers) - 1.0 - load;
    // (1 − e^−x·gap) / gap goes to x as the gap goes to 0. Both factors in one exponent, so that
    // a negative gap does not overflow.
    let tail = if (gap * services).abs() < 1e-9 {
        services * (-services).exp()
    } else {
        ((-services).exp() - (-services * (1.0 + gap)).exp()) / gap
    };
    Some((-services).exp() + waits * tail)
}

/// The time that the share `quantile` (0..1) of the calls do not exceed from arrival to departure
/// in M/M/c. For M/M/1 it is −ln(1 − q) W.
pub fn mmc_sojourn_quantile(
    arrival_rate: f64,
    service: f64,
    servers: u32,
    quantile: f64,
) -> Option<f64> {
    let station = mmc(arrival_rate, service, servers)?;
    if !(0.0..1.0).contains(&quantile) {
        return None;
    }
    let target = 1.0 - quantile;
    let exceeds = |time| mmc_sojourn_exceeds(arrival_rate, service, servers, time).unwrap_or(0.0);
    let mut high = station.w;
    while exceeds(high) > target {
        high *= 2.0;
    }
    Some(bisect(0.0, high, |time| exceeds(time) - target))
}

/// M/M/c/K: as M/M/c with room for `room` calls, those in service included; the others are
/// refused. `room` = `servers` is Erlang's loss system. Gross et al. 2008, section 2.5, summed
/// from scaled weights, so any load and any room will do.
pub fn mmck(arrival_rate: f64, service: f64, servers: u32, room: u32) -> Option<Station> {
    if !positive(&[arrival_rate, service]) || servers == 0 || room < servers {
        return None;
    }
    let load = arrival_rate * service;
    let (mut sum, mut present, mut waiting, mut weight) = (1.0, 0.0, 0.0, 1.0_f64);
    for n in 1..=room {
        weight *= load / f64::from(n.min(servers));
        if weight > 1e200 {
            (sum, present, waiting) = (sum / weight, present / weight, waiting / weight);
            weight = 1.0;
        }
        sum += weight;
        present += weight * f64::from(n);
        waiting += weight * f64::from(n.saturating_sub(servers));
    }
    let refused = weight / sum;
    let admitted = arrival_rate * (1.0 - refused);
    let (l, lq) = (present / sum, waiting / sum);
    Some(Station {
        arrival_rate: admitted,
        refused,
        utilization: (l - lq) / f64::from(servers),
        l,
        lq,
        w: l / admitted,
        wq: lq / admitted,
    })
}

/// M/G/∞: nobody waits; the number present is Poisson with mean λS (Gross et al. 2008, sections
/// 2.7 and 5.2).
pub fn mg_infinity(arrival_rate: f64, service: f64) -> Option<Station> {
    positive(&[arrival_rate, service]).then(|| Station {
        utilization: 0.0,
        ..Station::from_wait(arrival_rate, 1.0, service, 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::assert_close;

    #[test]
    fn the_eye_clinic() {
        // Gross et al. 2008, section 2.3, City Eye Clinic: λ = 6/h, μ = 3/h, three ophthalmologists:
        // Lq = 8/9, L = 26/9, Wq = 4/27 h, W = 13/27 h.
        let clinic = mmc(6.0, 1.0 / 3.0, 3).unwrap();
        assert_close(clinic.lq, 8.0 / 9.0, 1e-12);
        assert_close(clinic.l, 26.0 / 9.0, 1e-12);
        assert_close(clinic.wq, 4.0 / 27.0, 1e-12);
        assert_close(clinic.w, 13.0 / 27.0, 1e-12);
    }

    #[test]
    fn one_server_is_the_first_formula_of_every_book() {
        for utilization in [0.1, 0.5, 0.8, 0.98] {
            let station = mmc(utilization * 100.0, 0.01, 1).unwrap();
            assert_close(station.utilization, utilization, 1e-12);
            assert_close(station.l, utilization / (1.0 - utilization), 1e-10);
            assert_close(station.w, 0.01 / (1.0 - utilization), 1e-10);
            for quantile in [0.5, 0.9, 0.99, 0.999] {
                let exact = -f64::ln_1p(-quantile) * station.w;
                let found = mmc_sojourn_quantile(utilization * 100.0, 0.01, 1, quantile).unwrap();
                assert_close(found, exact, 1e-9);
            }
        }
    }

    #[test]
    fn the_tail_of_the_sojourn_has_the_right_mean() {
        // The integral of P(T > t) is W; the case c − 1 − a = 0 is among them.
        for (arrival_rate, servers) in [(0.8, 1), (1.0, 2), (2.5, 3), (9.0, 10), (3.0, 20)] {
            let station = mmc(arrival_rate, 1.0, servers).unwrap();
            let step = 1e-3;
            let integral: f64 = (0..400_000)
                .map(|i| (f64::from(i) + 0.5) * step)
                .map(|time| mmc_sojourn_exceeds(arrival_rate, 1.0, servers, time).unwrap() * step)
                .sum();
            assert_close(integral, station.w, 1e-5);
            let now = mmc_wait_exceeds(arrival_rate, 1.0, servers, 0.0).unwrap();
            assert_close(now, erlang::c(servers, arrival_rate).unwrap(), 1e-12);
        }
    }

    #[test]
    fn as_much_room_as_servers_is_erlang_b() {
        for (load, servers) in [(0.5, 1), (5.0, 10), (120.0, 100), (900.0, 1000)] {
            let station = mmck(load, 1.0, servers, servers).unwrap();
            assert_close(station.refused, erlang::b(servers, load).unwrap(), 1e-10);
            assert_close(station.w, 1.0, 1e-12);
            assert_eq!(station.lq, 0.0);
        }
    }

    #[test]
    fn much_room_is_no_limit() {
        let limited = mmck(80.0, 0.01, 1, 2_000).unwrap();
        let unlimited = mmc(80.0, 0.01, 1).unwrap();
        assert_close(limited.l, unlimited.l, 1e-10);
        assert_close(limited.wq, unlimited.wq, 1e-10);
        let limited = mmck(9.0, 1.0, 10, 3_000).unwrap();
        assert_close(limited.lq, mmc(9.0, 1.0, 10).unwrap().lq, 1e-10);
    }

    #[test]
    fn at_full_load_every_number_present_is_as_likely() {
        // M/M/1/K at ρ = 1: pₙ = 1/(K + 1), L = K/2 (Gross et al. 2008, section 2.5).
        let station = mmck(1.0, 1.0, 1, 9).unwrap();
        assert_close(station.refused, 0.1, 1e-12);
        assert_close(station.l, 4.5, 1e-12);
    }

    #[test]
    fn overload_and_extremes() {
        assert_eq!(mmc(100.0, 0.01, 1), None);
        assert_eq!(mmc(f64::INFINITY, 0.01, 1), None);
        assert_eq!(mmc(1.0, f64::NAN, 1), None);
        assert_eq!(mmck(1.0, 1.0, 2, 1), None);
        let flooded = mmck(1e9, 1.0, 3, 100_000).unwrap();
        assert_close(flooded.utilization, 1.0, 1e-9);
        assert_close(flooded.l, 1e5, 1e-6);
        assert_close(flooded.arrival_rate, 3.0, 1e-6);
        let large = mmc(999_000.0, 1.0, 1_000_000).unwrap();
        assert!(large.wq > 0.0 && large.wq < 1e-3, "{large:?}");
        let delay = mg_infinity(7.0, 3.0).unwrap();
        assert_eq!((delay.l, delay.lq, delay.w), (21.0, 0.0, 3.0));
    }
}
