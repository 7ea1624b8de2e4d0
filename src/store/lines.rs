//! 回線の状態: what those who share a line know of it, beside its limits. Until when nothing is sent is told by the
//! database's own clock: machines that share a line need not agree on the time.

use super::db::bind;
use super::worker::millis;
use super::{StoreError, Tx};
use crate::notice::Party;
use std::time::Duration;

/// No line is held for longer: what lies further ahead is of a clock that was set back since.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// 回線の状態: what those who share a line know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineState {
    /// For how long nothing is sent, from now on.
    pub held: Option<Duration>,
    /// Whether one request at a time goes, to see.
    pub alone: bool,
    /// Which change of it this is; 0 where nobody has told anything yet.
    pub change: i64,
    /// The rest, as the gate of the line writes it.
    pub text: String,
}

impl Tx<'_> {
    /// What is known of every line.
    pub fn lines(&self) -> Result<Vec<(Party, LineState)>, StoreError> {
        let clock = self.0.clock();
        let lines =
            format!("SELECT party, held - {clock}, alone, change, state FROM gates WHERE change > 0 ORDER BY 1");
        self.0.all(&lines, &[], |row| {
            let party = Party::parse(row.get(0)?).map_err(|_| StoreError::Damaged("party"))?;
            let text: Option<&str> = row.get(4)?;
            Ok((party, state(row.get(1)?, row.get(2)?, row.get(3)?, text)))
        })
    }

    /// What is known of a line; nobody else changes it before this transaction has ended.
    pub fn line_to_change(&self, line: Party) -> Result<LineState, StoreError> {
        let row = format!(
            "INSERT INTO gates (party, next) VALUES (?1, 0) ON CONFLICT (party) DO UPDATE SET next = gates.next \
             RETURNING held - {}, alone, change, state",
            self.0.clock()
        );
        self.0.one(&row, bind![line.to_string()], |row| {
            let text: Option<&str> = row.get(3)?;
            Ok(state(row.get(0)?, row.get(1)?, row.get(2)?, text))
        })
    }

    /// Keeps what is known of a line.
    pub fn set_line(&self, line: Party, state: &LineState) -> Result<(), StoreError> {
        let clock = self.0.clock();
        let held = format!(
            "UPDATE gates SET held = CASE WHEN ?2 > 0 THEN {clock} + ?2 ELSE 0 END, alone = ?3, change = ?4, state = ?5 \
             WHERE party = ?1"
        );
        let wait = state.held.map_or(0, |held| millis(held.min(LONGEST)));
        self.0.run(&held, bind![line.to_string(), wait, state.alone, state.change, state.text.as_str()])
    }

    /// How many questions, which no messages of the outbox are, are under way on each line.
    pub fn questions(&self) -> Result<Vec<(Party, u64)>, StoreError> {
        let asking = "SELECT asking, count(*) FROM workers WHERE asking IS NOT NULL GROUP BY asking ORDER BY 1";
        self.0.all(asking, &[], |row| {
            Ok((Party::parse(row.get(0)?).map_err(|_| StoreError::Damaged("party"))?, row.get(1)?))
        })
    }
}

fn state(left: i64, alone: i64, change: i64, text: Option<&str>) -> LineState {
    LineState { held: held(left), alone: alone != 0, change, text: text.unwrap_or_default().to_owned() }
}

/// For how long a line is held, by the milliseconds that are left.
pub(super) fn held(left: i64) -> Option<Duration> {
    let left = u64::try_from(left).ok().filter(|left| *left > 0).map(Duration::from_millis);
    left.filter(|left| *left <= LONGEST)
}
