//! Sizes of messages in the file.

use super::load;
use crate::scenario::{MessageSize, Size};

fn text(request: &str, reply: &str) -> String {
    format!(
        r#"Scenario(
    version: 1,
    operations: {{
        "photo": (kind: Read, weight: 1, request: {request}, reply: {reply}), // what people look at
    }},
    components: {{
        "users": Client(arrivals: Poisson(rate: 8)),
        "photos": Server(),
    }},
    connections: [(from: "users", to: "photos")],
)
"#
    )
}

#[test]
fn a_size_is_a_string_or_a_distribution() {
    let text = text(r#""20 kB""#, r#"LogNormal(p50: "8kB", p99: "60kB")"#);
    let (document, problems) = load(&text);
    assert_eq!(problems, []);
    let mut document = document.unwrap();
    assert_eq!(document.to_text(), text);
    let photo = &mut document.scenario.operations["photo"];
    assert_eq!(photo.request, Size::from_bytes(20_000).into());
    // What changes is written anew, and the rest stays to the byte.
    photo.reply = MessageSize::BoundedPareto {
        alpha: 1.2,
        min: Size::from_bytes(1_000),
        max: Size::from_bytes(50_000_000),
    };
    let changed = text.replace(
        r#"LogNormal(p50: "8kB", p99: "60kB")"#,
        r#"BoundedPareto(alpha: 1.2, min: "1kB", max: "50MB")"#,
    );
    assert_eq!(document.to_text(), changed);
    document.scenario.operations["photo"].reply = Size::from_bytes(2_000_000).into();
    assert!(
        document
            .to_text()
            .contains(r#"request: "20 kB", reply: "2MB"), // what"#)
    );
}

#[test]
fn sizes_that_make_no_sense_are_explained() {
    for (reply, why) in [
        (r#""20""#, "a size needs a unit"),
        (r#"Exponential("20ms")"#, "`ms` is no unit of size"),
        (r#"Exponental("20kB")"#, "`Exponential`"),
        (r#"Exponential("0B")"#, "the mean must be more than 0"),
        (
            r#"LogNormal(p50: "8kB", p99: "8kB")"#,
            "`p50` must be less than `p99`",
        ),
        (
            r#"LogNormal(p50: "8kB", p99: "9MB")"#,
            "at most 1,000 times",
        ),
        (r#"LogNormal(p50: "8kB")"#, "p99"),
        (
            r#"BoundedPareto(alpha: 1, min: "0B", max: "1MB")"#,
            "`min` must be more than 0",
        ),
        (
            r#"BoundedPareto(alpha: 1, min: "2MB", max: "1MB")"#,
            "not be more than `max`",
        ),
        (
            r#"BoundedPareto(alpha: 0, min: "1kB", max: "1MB")"#,
            "alpha",
        ),
    ] {
        let (_, problems) = load(&text(r#""1kB""#, reply));
        let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(
            found.iter().any(|one| one.contains(why)),
            "{reply}: {found:?}"
        );
    }
}
