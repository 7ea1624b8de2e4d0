//! 申込ファイルの読込: switching applications as a retailer's back office exports them.
//!
//! CSV in CP932 or UTF-8 with a header row, read block by block: what is held does not grow with the number of rows.
//! Nothing is corrected: a cell is either a value of its item or a finding that says where and why not.

mod cells;
mod columns;
mod decode;
mod reader;
mod row;
mod split;

pub use cells::{Cells, RowBuffer};
pub use columns::Columns;
pub(super) use decode::Decode;
pub use reader::{Reader, Row};
