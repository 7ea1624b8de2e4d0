//! 今日: as of which day something is decided, and which time the ledger bears.

use crate::cli::Failure;
use crate::cli::way::japan_now;
use crate::items::{Date, DateTime};
use crate::store::Store;

/// The moment as of which something is decided: now in Japan, or nine in the morning of an earlier day. A later day would
/// end laws, consents and periods early, so only a data folder that the sandbox filled takes one. The ledger bears the real
/// time, in a folder of the sandbox never an earlier one than its last line.
pub fn as_of(store: &mut Store, today: Option<Date>) -> Result<DateTime, Failure> {
    let real = japan_now();
    let now = today.filter(|today| *today != real.date()).map_or(real, |today| today.at(9, 0, 0, 0));
    let (practice, last) = store.read(|tx| {
        let batches = tx.batches()?;
        let seeded = !batches.is_empty() && batches.iter().all(|batch| batch.seed.is_some());
        let practice = seeded && !tx.has_real_files()? && tx.held_under()?.is_none();
        Ok((practice, tx.last_ledger_time()?))
    })?;
    if practice {
        store.set_ledger_time(last.map_or(now, |last| last.max(now)));
        return Ok(now);
    }
    if now.date() > real.date() {
        return Err(Failure::usage(format!(
            "--today に今日（{today}、日本時間）より後の日は指定できません。法令による保存・同意・保存期限の判断が変わるためです（模擬環境で作成したデータフォルダでは指定できます） / --today cannot be later than today in Japan, {today}: laws, consents and periods would end early. Only a data folder filled by the sandbox takes a later day",
            today = real.date()
        )));
    }
    if today.is_some() {
        store.set_ledger_time(real);
    }
    Ok(now)
}
