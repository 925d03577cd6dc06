//! Fewer points for the same picture.

/// At most about `most` points that look the same: of every group the lowest and the highest, in
/// their order, so that no peak is lost.
pub(super) fn decimate(points: &[[f64; 2]], most: usize) -> Vec<[f64; 2]> {
    if points.len() <= most.max(2) {
        return points.to_vec();
    }
    let group = points.len().div_ceil(most.div_ceil(2).max(1));
    let mut kept = Vec::with_capacity(most + 2);
    kept.extend(points.first());
    for group in points.chunks(group) {
        let by_value = |a: &&[f64; 2], b: &&[f64; 2]| a[1].total_cmp(&b[1]);
        let (low, high) = (group.iter().min_by(by_value), group.iter().max_by(by_value));
        if let (Some(&low), Some(&high)) = (low, high) {
            let (first, second) = if low[0] <= high[0] {
                (low, high)
            } else {
                (high, low)
            };
            kept.push(first);
            if second != first {
                kept.push(second);
            }
        }
    }
    kept.extend(points.last());
    kept.dedup();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_points_stay_as_they_are() {
        let points = [[0.0, 1.0], [1.0, 3.0], [2.0, 2.0]];
        assert_eq!(decimate(&points, 10), points);
        assert!(decimate(&[], 10).is_empty());
    }

    #[test]
    fn peaks_ends_and_order_stay() {
        let mut points: Vec<[f64; 2]> = (0..10_000).map(|i| [f64::from(i), 1.0]).collect();
        points[4_321][1] = 50.0;
        points[7_777][1] = -50.0;
        let fewer = decimate(&points, 300);
        assert!(fewer.len() <= 304, "{}", fewer.len());
        assert!(fewer.contains(&[4_321.0, 50.0]) && fewer.contains(&[7_777.0, -50.0]));
        assert_eq!(
            (fewer[0], fewer[fewer.len() - 1]),
            ([0.0, 1.0], [9_999.0, 1.0])
        );
        assert!(fewer.windows(2).all(|pair| pair[0][0] < pair[1][0]));
    }
}
