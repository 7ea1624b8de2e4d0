//! 台帳の検証: chain and checkpoints, line by line; says the first place at which the ledger is not what was written.

use super::super::{LedgerCheck, LedgerFault};
use super::{Checkpoint, Frontier, Hash, TreeHead};

/// 台帳の検証器: takes the lines one by one.
#[derive(Debug, Default)]
pub struct Verifier {
    check: LedgerCheck,
    /// By size, the largest first.
    checkpoints: Vec<Checkpoint>,
    frontier: Option<Frontier>,
    last: Option<Hash>,
    /// Up to this line a checkpoint agreed.
    agreed: u64,
    passed: usize,
}

/// 検証の結果: what was found whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How many lines.
    pub lines: u64,
    /// Size and root, where they were asked for or a checkpoint was given.
    pub head: Option<TreeHead>,
    /// The digest of the last line.
    pub last: Option<Hash>,
    /// How many checkpoints agree.
    pub checkpoints: usize,
}

/// 台帳の異常: the first place at which a ledger is not what was written, or not what was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyFault {
    /// The chain is broken.
    #[error("{0}")]
    Chain(#[from] LedgerFault),
    /// A line of the file is none of a ledger.
    #[error(
        "台帳の{0}行目を読めません（途中で切れたか、書き換えられています） / line {0} of the ledger cannot be read: cut off or changed"
    )]
    Unreadable(u64),
    /// There are fewer lines than a checkpoint signed.
    #[error(
        "台帳の{}行目以降が失われています（署名時は{signed}行、現在は{found}行：巻き戻しの疑い） / the lines from {} are missing: {signed} were signed, {found} are there (rolled back)",
        found + 1,
        found + 1
    )]
    RolledBack {
        /// How many lines the checkpoint is over.
        signed: u64,
        /// How many there are.
        found: u64,
    },
    /// The chain is whole, and yet not the one that was signed.
    #[error(
        "台帳の{from}行目から{to}行目までの間が、署名された内容と異なります（連鎖ごと書き直された疑い） / between the lines {from} and {to} the ledger is not what was signed: rewritten with its chain"
    )]
    Rewritten {
        /// The first line that may be another.
        from: u64,
        /// The last line of the checkpoint.
        to: u64,
    },
}

impl Verifier {
    /// A verifier that holds the lines against checkpoints whose signatures were verified.
    #[must_use]
    pub fn new(mut checkpoints: Vec<Checkpoint>) -> Verifier {
        checkpoints.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.head.size));
        let frontier = (!checkpoints.is_empty()).then(Frontier::default);
        Verifier { checkpoints, frontier, ..Verifier::default() }
    }

    /// The same, and it tells size and root at the end.
    #[must_use]
    pub fn with_head(self) -> Verifier {
        Verifier { frontier: Some(Frontier::default()), ..self }
    }

    /// Takes the next line.
    pub fn line(&mut self, seq: u64, entry: &str, digest: &str) -> Result<(), VerifyFault> {
        self.pass_checkpoints()?;
        let digest = self.check.take(seq, entry, digest)?;
        if let Some(frontier) = &mut self.frontier {
            frontier.push(&digest);
        }
        self.last = Some(digest);
        Ok(())
    }

    /// What was there instead of the next line cannot be read.
    #[must_use]
    pub const fn unreadable(&self) -> VerifyFault {
        VerifyFault::Unreadable(self.check.lines() + 1)
    }

    /// Ends the verification; where it is known, with how many lines were written.
    pub fn finish(mut self, expected: Option<u64>) -> Result<Verdict, VerifyFault> {
        self.pass_checkpoints()?;
        let lines = self.check.lines();
        if let Some(largest) = self.checkpoints.first() {
            return Err(VerifyFault::RolledBack { signed: largest.head.size, found: lines });
        }
        self.check.finish(expected.unwrap_or(lines))?;
        let head = self.frontier.map(|frontier| frontier.head());
        Ok(Verdict { lines, head, last: self.last, checkpoints: self.passed })
    }

    /// Holds what came so far against the checkpoints over so many lines.
    #[inline]
    fn pass_checkpoints(&mut self) -> Result<(), VerifyFault> {
        let lines = self.check.lines();
        while let Some(next) = self.checkpoints.last()
            && next.head.size <= lines
        {
            let head = self.frontier.as_ref().map(Frontier::head);
            if head != Some(next.head) || self.last != next.last {
                return Err(VerifyFault::Rewritten { from: self.agreed + 1, to: next.head.size });
            }
            self.agreed = next.head.size;
            self.passed += 1;
            self.checkpoints.pop();
        }
        Ok(())
    }
}
