//! 集計値の公表の業務: customers from readings, what was released before, the released table and the statement about what
//! was withheld.

mod gather;
mod memory;
mod statement;

pub use gather::{GatherError, Gathered, Known, gather, months_between, read_classes, read_owners};
pub use memory::{Memory, Remembered};
pub use statement::{release_line, statement, table_csv};
