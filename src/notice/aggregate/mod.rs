//! 集計値の公表: which cells of a table of consumption may be released, so that no customer's own can be worked out — from
//! the table, or from it and what was released before.
//!
//! A cell is the use of the customers of an area, a class and a month; a margin is a sum of cells. [`AggregateRequest`]
//! says what is asked, [`release`] decides:
//!
//! 1. A cell with too few customers, or one customer with too large a share of it, is withheld ([`Rule`]).
//! 2. Then cells are withheld until nothing that is withheld, and no sum of customers that fails the rule, is a sum or a
//!    difference of what is published — decided by linear algebra over all of it, together with everything released
//!    before. Nor does a published cell differ from what earlier ones add up to by a revised reading.
//! 3. What is left of a published total without its published parts passes the rule, too.
//! 4. A cell that overlaps with one that was released before, so that the difference of the two is that of too few
//!    customers, is not published; where neither holds the other, the whole release is refused.
//!
//! A customer with several supply points counts once, and with all of them, where [`Owners`] tells whose they are. Cells are
//! held against each other point by point: what is known of one point of a customer is known of no other.
//!
//! Bounds are another matter than values: from a total anybody sees that no part of it is larger.
//!
//! Source: facts/baseline.md §5.3. The thresholds are policy parameters, not Japanese law.

mod earlier;
mod owners;
mod pieces;
mod rule;
mod span;
mod table;
mod union;
mod weigh;

pub use earlier::EarlierCell;
pub use owners::Owners;
pub use rule::{CustomerClass, Rule, RuleError, Rules};
pub use table::{Cell, CellKey, Customer, Dimension};
pub use weigh::{Aggregate, AggregateRequest, Overlapping, Withheld, release};
