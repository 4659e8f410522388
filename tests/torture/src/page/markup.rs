//! Data in markup.

/// The class of a kind of fault. Others than those known have none: they are data.
pub(super) fn class(fault: &str) -> &'static str {
    crate::plan::Kind::named(fault).map_or("", crate::plan::Kind::name)
}

/// Data as text of the page: never as markup.
pub(super) fn text(data: &str) -> String {
    data.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
