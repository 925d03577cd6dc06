use super::*;

fn at(x: f32, y: f32) -> Rect {
    Rect::around(point(x, y), 140.0, 80.0)
}

fn ends(path: &Path) -> (Point, Point) {
    (path.point_at(0.0), path.point_at(1.0))
}

#[test]
fn an_arrow_goes_between_the_sides_that_face_each_other() {
    let cases = [
        (at(300.0, 0.0), point(70.0, 0.0), point(230.0, 0.0)),
        (at(-300.0, 0.0), point(-70.0, 0.0), point(-230.0, 0.0)),
        (at(0.0, 200.0), point(0.0, 40.0), point(0.0, 160.0)),
        (at(0.0, -200.0), point(0.0, -40.0), point(0.0, -160.0)),
        // Level in x only a little, far in y.
        (at(150.0, 400.0), point(0.0, 40.0), point(150.0, 360.0)),
    ];
    for (to, start, end) in cases {
        let paths = route(&[at(0.0, 0.0), to], &[(0, 1)]);
        assert_eq!(ends(&paths[0]), (start, end));
    }
}

#[test]
fn arrows_between_the_same_boxes_run_side_by_side() {
    let boxes = [at(0.0, 0.0), at(400.0, 60.0)];
    let paths = route(&boxes, &[(0, 1), (1, 0), (0, 1)]);
    let middles: Vec<f32> = paths.iter().map(|path| path.point_at(0.5).y).collect();
    assert!(
        (middles[1] - middles[0] - PORT_DISTANCE).abs() < 1.0,
        "{middles:?}"
    );
    assert!(
        (middles[2] - middles[1] - PORT_DISTANCE).abs() < 1.0,
        "{middles:?}"
    );
}

#[test]
fn a_fan_leaves_in_the_order_of_its_targets_and_stays_on_the_side() {
    let mut boxes = vec![at(0.0, 0.0)];
    let order = [3, 0, 5, 1, 4, 2, 9, 7, 8, 6];
    boxes.extend(
        order
            .iter()
            .map(|row| at(400.0, *row as f32 * 100.0 - 450.0)),
    );
    let arrows: Vec<_> = (1..=10).map(|to| (0, to)).collect();
    let paths = route(&boxes, &arrows);
    for (i, path) in paths.iter().enumerate() {
        let (start, end) = ends(path);
        assert!(start.y.abs() <= 40.0 - CORNER + 0.01);
        for (j, other) in paths.iter().enumerate() {
            let (other_start, other_end) = ends(other);
            assert_eq!(start.y < other_start.y, end.y < other_end.y, "{i} {j}");
        }
    }
}

#[test]
fn an_arrow_goes_around_a_box_in_between() {
    for (middle, last) in [
        (at(250.0, 0.0), at(500.0, 0.0)),
        (at(0.0, 150.0), at(0.0, 300.0)),
    ] {
        let boxes = [at(0.0, 0.0), middle, last];
        let paths = route(&boxes, &[(0, 1), (1, 2), (0, 2)]);
        for i in 0..=100 {
            let here = paths[2].point_at(i as f32 / 100.0);
            assert!(!middle.contains(here), "{here:?}");
        }
    }
}

#[test]
fn an_arrow_to_itself_is_a_loop_outside_of_the_box() {
    let paths = route(&[at(0.0, 0.0)], &[(0, 0)]);
    let (start, end) = ends(&paths[0]);
    assert!(start.distance(end) > 10.0);
    for i in 1..20 {
        assert!(!at(0.0, 0.0).contains(paths[0].point_at(i as f32 / 20.0)));
    }
}

#[test]
fn nonsense_gives_empty_paths_and_no_panic() {
    assert!(route(&[], &[]).is_empty());
    assert_eq!(route(&[at(0.0, 0.0)], &[(0, 3)])[0], Path::default());
    let same = [at(0.0, 0.0); 3];
    assert_eq!(route(&same, &[(0, 1), (1, 2), (2, 0)]).len(), 3);
}

#[test]
fn the_way_to_the_pointer_starts_at_the_side_that_faces_it() {
    let path = route_to_point(&at(0.0, 0.0), point(300.0, 20.0));
    assert_eq!(ends(&path), (point(70.0, 0.0), point(300.0, 20.0)));
}

#[test]
fn the_same_drawing_always_gives_the_same_ways() {
    let boxes: Vec<Rect> = (0..200)
        .map(|i| at((i % 20) as f32 * 200.0, (i / 20) as f32 * 120.0))
        .collect();
    let arrows: Vec<_> = (0..400).map(|i| (i * 7 % 200, i * 13 % 200)).collect();
    assert_eq!(route(&boxes, &arrows), route(&boxes, &arrows));
}
