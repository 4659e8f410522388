//! A recorded run as a page on which it can be stepped through, in one file, which fetches nothing; and as a figure.
//!
//! A recording is data. It is in the page as JSON, or compressed and in base64, and the page's script paints it.
//! Nothing in it can become markup or a script: [`page`] escapes it, and the page's script puts it into text nodes
//! only.
//!
//! | file | about |
//! |---|---|
//! | `page.rs` | puts the page together |
//! | `base64.rs` | bytes as letters |
//! | `book.rs` | pages of the book's figures, which share script and style |
//! | `draw.rs` | draws the run of a recording that best shows what is wrong |
//! | `figure/` | a run as a picture: an SVG, or lines of text |
//! | `play/` | a world that somebody moves, on a page or at a prompt |
//! | `served/` | the page of such a world, on this machine alone |
//! | `../page/` | markup, style and script of the page, in small files |

mod base64;
mod book;
mod draw;
mod figure;
mod page;
pub mod play;
pub mod served;

pub use book::book;
pub use draw::{Format, draw};
pub use figure::{Header, Kind, figure, figure_text};
pub use page::{LARGEST_PLAIN, page};
