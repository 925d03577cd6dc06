//! The scenario file: the only place that knows its syntax (RON).

mod distribution;

/// The dialect of the scenario file: no `Some(…)`, no double parentheses.
fn options() -> ron::Options {
    use ron::extensions::Extensions;
    ron::Options::default().with_default_extension(
        Extensions::IMPLICIT_SOME
            | Extensions::UNWRAP_NEWTYPES
            | Extensions::UNWRAP_VARIANT_NEWTYPES,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn the_examples_decode() {
        let text = include_str!("../../tests/data/url_shortener.ron");
        let scenario: Scenario = options().from_str(text).unwrap();
        println!("{scenario:#?}");
        println!("{}", options().to_string(&scenario).unwrap());
    }
}
