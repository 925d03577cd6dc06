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

#[test]
fn moving_boxes_gives_what_starting_anew_gives() {
    // A field of boxes with arrows near and far, some through others; no chance but by arithmetic.
    let mut state = 7_u32;
    let mut next = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let rect = |x: u32, y: u32| Rect::around(point(x as f32, y as f32), 152.0, 88.0);
    let mut boxes: Vec<Rect> = (0..80)
        .map(|_| rect(next(200) * 10, next(120) * 10))
        .collect();
    let arrows: Vec<(usize, usize)> = (0..160)
        .map(|_| (next(81) as usize, next(80) as usize))
        .collect();
    let mut routes = Routes::new(boxes.clone(), arrows.clone());
    for _ in 0..150 {
        for _ in 0..=next(3) {
            boxes[next(80) as usize] = rect(next(200) * 10, next(120) * 10);
        }
        routes.move_to(boxes.clone());
        assert_eq!(routes.paths(), route(&boxes, &arrows));
    }
    let all: Vec<Rect> = (0..80).map(|_| rect(next(2_000), next(1_000))).collect();
    routes.move_to(all.clone());
    assert_eq!(routes.paths(), route(&all, &arrows));
}
