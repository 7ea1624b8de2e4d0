//! `occto switch judge`: the current retailer's counter.

use super::args::Judge;
use super::out::say;
use super::shift::{Once, Shift};
use super::switch::{block_on, folder_notice, who};
use super::way::{Way, moment};
use super::{Failure, Materials, customers, exit, explain};
use crate::desk::view::Lang;
use crate::desk::{DeskError, Judged, Office, Told};
use crate::messages::switching::{Judgement, NgReasonCode};
use crate::store::{Incoming, IncomingState};
use std::process::ExitCode;

/// Judges what came in, or settles one doubt.
pub fn judge(args: &Judge, lang: Lang) -> Result<ExitCode, Failure> {
    let way = Way::configured(&args.place)?;
    let now = moment(&args.place);
    let materials = Materials::published()?;
    let mut store = args.place.shelf.open()?;
    let notice = folder_notice(&mut store)?;
    let mut office = way.office(store, &materials, notice);
    let lines = way.allowances();
    let (how, mut refusals) = (Once { settle: args.settle.settle, lines: &lines }, false);
    if let (Some(number), Some(verdict)) = (&args.number, &args.verdict) {
        let reasons: Vec<NgReasonCode> = match verdict.as_str() {
            "ok" => Vec::new(),
            keys => keys.split(',').map(|key| explain::value("--verdict", key.trim())).collect::<Result<_, _>>()?,
        };
        let by = who(args.by.clone());
        let told = at_counter(&mut office, how, async |office| office.decide(number, &reasons, &by, now).await)?;
        way.tell_troubles();
        let wished = if reasons.is_empty() { Judgement::Ok } else { Judgement::Ng };
        say!(
            "{}",
            match told {
                Told::Accepted(told) if told == wished => "判断を伝えました / told",
                Told::Accepted(_) =>
                    "先に送った別の判断が既に受け付けられています。変更は相手方へ直接連絡してください / another judgement was accepted before: call the other side to change it",
                Told::Refused => "相手方に却下されました / it was refused",
                Told::NotYet => "まだ伝わっていません。もう一度実行してください / not told yet: run again",
            }
        );
        let waits = |incoming: &Incoming| incoming.state == IncomingState::Ok;
        let unfiled = office.store.read(|tx| tx.incoming(number))?.is_some_and(|incoming| waits(&incoming));
        if unfiled {
            say!(
                "スイッチング廃止はまだ受け付けられていません。もう一度実行してください（却下された場合も再申込します） / the switch stop is not accepted yet: run again"
            );
        }
        tell_refused(&mut office)?;
        return Ok(exit(u8::from(unfiled || told != Told::Accepted(wished))));
    }
    if let Some(customers) = &args.customers {
        let register = customers::read(customers)?;
        let judged = at_counter(&mut office, how, async |office| office.serve(&register, now).await)?;
        let Judged { received, ok, ng, doubts, stopped, refused } = judged;
        if args.json {
            let json = serde_json::json!({
                "received": received, "ok": ok, "ng": ng, "doubts": doubts, "stopped": stopped, "refused": refused,
            });
            say!("{json}");
        } else {
            say!(
                "受信{received}件、OK {ok}件、NG {ng}件、要判断{doubts}件、スイッチング廃止申込{stopped}件、相手方の却下{refused}件"
            );
        }
        refusals = refused > 0;
    }
    let troubled = way.tell_troubles();
    let doubts = office.store.read(|tx| tx.incoming_in(IncomingState::Doubt))?;
    if !args.json {
        tell_refused(&mut office)?;
        for incoming in &doubts {
            say!("要判断 {}", incoming.entry.number.as_str());
            for (ja, en) in &incoming.differences {
                say!("  {}", lang.pick(ja, en));
            }
        }
    }
    Ok(exit(u8::from(troubled || refusals || !doubts.is_empty())))
}

/// Names what was refused, and what a person can do about it.
fn tell_refused(office: &mut Office<'_, Way>) -> Result<(), Failure> {
    for reference in office.refused()? {
        say!(
            "却下 {reference}: 相手方に確認し、受け付けられていた場合は occto outbox resolve {reference} --as accepted、送り直す場合は occto switch judge --number 番号 --verdict … を実行してください / refused: ask the other side; where it has it, decide so, else say it again by its number"
        );
    }
    Ok(())
}

/// Does something at the counter, as a worker among others where the store is shared.
fn at_counter<'a, R>(
    office: &mut Office<'a, Way>,
    how: Once<'_>,
    act: impl AsyncFnOnce(&mut Office<'a, Way>) -> Result<R, DeskError>,
) -> Result<R, Failure> {
    if office.store.read(|tx| tx.has_untold())? {
        let seconds = how.settle.as_secs_f64().ceil();
        eprintln!(
            "occto: 送達不明の回答・廃止申込を相手方に照会します（届く途中の電文を最長{seconds}秒待ちます） / what has an unknown outcome is asked for, after {seconds} s at most"
        );
    }
    let done = block_on(async {
        let shift = how.begin(office)?;
        let done = act(office).await;
        Shift::over(shift, office, done)
    })?;
    Ok(done?)
}
