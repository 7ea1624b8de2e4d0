//! 台帳の業務: verifying, signing and proving the ledger, what it adds up to, and what is handed to a customer or a
//! regulator.

mod audit;
mod customer;
mod stats;

pub use audit::{
    AuditError, Kept, Signing, draw_growth, draw_lines, each_line, kept, sign, trusted, verify_file, verify_store,
};
pub use customer::{CustomerLine, lines_of_customer, listed, told};
pub use stats::LedgerStats;
