//! The page on which a recorded run can be stepped through: one file, which fetches nothing.
//!
//! A recording is data. It stands in the page as JSON, or compressed and in base64, and the page's script paints it.
//! Nothing in it is taken for markup or for a script: [`page`] escapes it, and the script puts it into texts only.
//!
//! | file | about |
//! |---|---|
//! | `page.rs` | puts the page together |
//! | `base64.rs` | bytes as letters |
//! | `figure/` | a run as a picture: an SVG, or lines of text |
//! | `../page/` | markup, style and script of the page, in small files |

mod base64;
mod figure;
mod page;

pub use figure::{Header, Kind, figure, figure_text};
pub use page::{LARGEST_PLAIN, page};
