//! Documents from and to text.

use crate::scenario::Scenario;

/// Reads a document.
///
/// # Errors
/// Every problem, one a line, with line and column.
pub fn from_text(text: &str) -> Result<Scenario, String> {
    ron::Options::default()
        .with_default_extension(
            ron::extensions::Extensions::IMPLICIT_SOME
                | ron::extensions::Extensions::UNWRAP_NEWTYPES
                | ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES,
        )
        .from_str(text)
        .map_err(|error| error.to_string())
}

/// Writes a document.
///
/// # Errors
/// When it can't be written; a document that came from the window always can.
pub fn to_text(scenario: &Scenario) -> Result<String, String> {
    ron::Options::default()
        .with_default_extension(
            ron::extensions::Extensions::IMPLICIT_SOME
                | ron::extensions::Extensions::UNWRAP_NEWTYPES
                | ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES,
        )
        .to_string_pretty(scenario, ron::ser::PrettyConfig::default())
        .map_err(|error| error.to_string())
}
