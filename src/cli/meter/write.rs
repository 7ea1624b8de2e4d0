//! `occto meter write`.

use crate::cli::out::say;
use crate::cli::shelf::Shelf;
use crate::cli::steward::consignee;
use crate::cli::switch::who;
use crate::cli::way::japan_now;
use crate::cli::{Failure, exit, explain};
use crate::desk::check::unreadable;
use crate::desk::metering::{NotMade, NotPermitted, Rows, Sending, permit};
use crate::desk::output::write_atomically;
use crate::desk::subject::refusal_line;
use crate::desk::view::Lang;
use crate::items::{BusinessCode, Code as _};
use crate::messages::metering::{MeteringKind, MeteringPurpose, MeteringShape};
use crate::notice::{ClearanceDesk, Evidence, EvidenceKind, Party, Purpose, Role, Route, StewardClause};
use crate::rules::Finding;
use crate::wire::filename::Revision;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Write files of meter data.
#[derive(Args, Clone, Debug)]
pub struct Write {
    /// 30分値のCSV / the CSV of readings
    #[arg(long, value_name = "readings.csv")]
    pub from: PathBuf,
    /// 情報区分コード: 0110, 1110, 0120, 1120 / message code
    #[arg(long, value_name = "CODE")]
    pub message: String,
    /// 出力先のフォルダ / folder to write to
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// 提供する者（例 retailer:40113） / sender
    #[arg(long, value_name = "ROLE:CODE")]
    pub sender: String,
    /// 提供を受ける者（例 operator:03） / recipient
    #[arg(long, value_name = "ROLE:CODE")]
    pub recipient: String,
    /// 利用目的: grid-operation, negawatt-trading / purpose
    #[arg(long, value_name = "PURPOSE", default_value = "grid-operation")]
    pub purpose: String,
    /// 一般送配電事業者の事業者コード（5桁、一般送配電事業者が当事者のとき） / business code of the operator, where one takes part
    #[arg(long, value_name = "CODE")]
    pub operator_code: Option<String>,
    /// 通知 / notice
    #[arg(long, value_name = "NAME|FILE", default_value = "common-core")]
    pub notice: String,
    /// 根拠資料（同意は記録の番号。例 consent:3、繰り返し可） / evidence: a consent by its number, may be repeated
    #[arg(long, value_name = "KIND:REF")]
    pub evidence: Vec<String>,
    /// 更新番号 / revision
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub revision: u8,
    /// Where the ledger, the consents and the suspensions are.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// Makes the files; exit 1 where rows are wrong or a file may not leave. Then nothing is written.
pub fn write(args: &Write, lang: Lang) -> Result<ExitCode, Failure> {
    let kind: MeteringKind = explain::value("--message", &args.message)?;
    if kind.shape() == MeteringShape::Month {
        let text = "1210・1220 は検針期間と月間値が必要なため、30分値のCSVからは作れません / 1210 and 1220 need meter periods and monthly values, which a CSV of readings does not hold";
        return Err(Failure::usage(text.to_owned()));
    }
    let purpose = match args.purpose.as_str() {
        "grid-operation" => MeteringPurpose::GridOperation,
        "negawatt-trading" => MeteringPurpose::NegawattTrading,
        _ => {
            let text = "--purpose は grid-operation か negawatt-trading です / --purpose is `grid-operation` or `negawatt-trading`";
            return Err(Failure::usage(text.to_owned()));
        }
    };
    let sender = party("--sender", &args.sender)?;
    let recipient = party("--recipient", &args.recipient)?;
    let mut evidence: Vec<Evidence<'_>> = args
        .evidence
        .iter()
        .map(|text| Evidence::parse(text).map_err(|error| Failure::usage(error.to_string())))
        .collect::<Result<_, _>>()?;
    let revision = Revision::new(args.revision)
        .ok_or_else(|| Failure::usage("--revision は 0 から 99 までです / --revision is 0 to 99".to_owned()))?;
    let codes = (code_of("--sender", sender, args), code_of("--recipient", recipient, args));
    let desk = ClearanceDesk::new(explain::notice(&args.notice)?);
    let csv = std::fs::read(&args.from).map_err(|error| Failure::usage(unreadable(&args.from, &error).to_string()))?;
    let mut store = args.shelf.open()?;
    let published = match purpose {
        MeteringPurpose::GridOperation => Purpose::GridOperation,
        MeteringPurpose::NegawattTrading => Purpose::NegawattTrading,
    };
    // Of a contract the register is the evidence, whatever was named.
    let contract = match consignee::contract(&mut store, (sender, recipient), published, japan_now())? {
        Ok(contract) => contract,
        Err(clause) => {
            say!("{} [{}]", lang.pick(clause.ja(), clause.en()), clause.key());
            return Ok(exit(1));
        }
    };
    if contract.is_some() && recipient.business_code().is_none() {
        let clause = StewardClause::NoBusinessCode;
        let more = serde_json::json!({
            "recipient": recipient.to_string(), "purpose": published.key(), "clause": clause.key(), "items": [],
        });
        let line = refusal_line(japan_now(), "meter-write", sender, &who(None), &more);
        store.commit(|tx| tx.add_ledger([line.as_str()]))?;
        say!("{} [{}]", lang.pick(clause.ja(), clause.en()), clause.key());
        return Ok(exit(1));
    }
    if let Some(contract) = &contract {
        evidence.retain(|one| one.kind != EvidenceKind::Contract);
        evidence.push(Evidence { kind: EvidenceKind::Contract, reference: contract });
    }
    let sending = Sending {
        kind,
        route: Route { sender, recipient, via: None },
        codes: (codes.0?, codes.1?),
        purpose,
        evidence: &evidence,
        revision,
        now: japan_now(),
    };
    let rows = Rows::read(&csv, kind);
    if let Ok(rows) = &rows {
        let points = rows.points();
        let permitted = store.read(|tx| permit(tx, &points, &evidence, (recipient, published), sending.now))?;
        if let Err(NotPermitted { clause, about, consent }) = permitted {
            let more = serde_json::json!({
                "recipient": recipient.to_string(), "purpose": published.key(), "clause": clause.key(), "items": [],
                "points": points.len(), "consents": consent.iter().collect::<Vec<_>>(),
            });
            let line = refusal_line(sending.now, "meter-write", sender, &who(None), &more);
            store.commit(|tx| {
                let place = tx.add_ledger([line.as_str()])?;
                about.iter().try_for_each(|dossier| tx.trace(*dossier, place))
            })?;
            say!("{} [{}]", lang.pick(clause.ja(), clause.en()), clause.key());
            say!("{}", lang.pick("ファイルは作成していません", "no file was written"));
            return Ok(exit(1));
        }
    }
    let made = match rows.and_then(|rows| rows.make(&sending, &desk)) {
        Ok(made) => made,
        Err(NotMade::Unusable(findings)) => {
            let text: Vec<_> = findings.iter().map(|finding| named(finding, args).to_string()).collect();
            return Err(Failure::usage(text.join("\n")));
        }
        Err(NotMade::Findings(findings)) => {
            findings.iter().for_each(|finding| say!("{}", named(finding, args)));
            say!("{}", lang.pick("ファイルは作成していません", "no file was written"));
            return Ok(exit(1));
        }
        Err(NotMade::Refused { name, decision, ledger }) => {
            store.commit(|tx| tx.add_ledger([ledger.as_str()]))?;
            say!("{name}: {}", lang.pick("提供できません", "may not leave"));
            say!("{}", lang.pick(&decision.reasons_ja(), &decision.reasons_en()));
            say!("{}", lang.pick("ファイルは作成していません", "no file was written"));
            return Ok(exit(1));
        }
    };
    std::fs::create_dir_all(&args.out).map_err(|error| {
        let (out, error) = (args.out.display(), error.kind());
        Failure::usage(format!("出力先「{out}」を作れません（{error}） / cannot make the folder `{out}`: {error}"))
    })?;
    for file in &made {
        let path = args.out.join(file.name.zip());
        if std::fs::read(&path).is_ok_and(|before| before != file.octets) {
            let path = path.display();
            return Err(Failure::usage(format!(
                "「{path}」は内容の違うファイルとして既にあります。訂正なら --revision を上げてください / `{path}` is there with other contents: if this corrects it, raise --revision"
            )));
        }
    }
    // The line comes first: what left without one could not be told afterwards.
    store.commit(|tx| tx.add_ledger(made.iter().map(|file| file.ledger.as_str())))?;
    for file in &made {
        let path = args.out.join(file.name.zip());
        write_atomically(&path, |out| out.write_all(&file.octets))?;
        let (path, rows, octets) = (path.display(), file.rows, file.octets.len());
        match lang {
            Lang::Ja => say!("{path}: {rows}行 {octets}バイト"),
            Lang::En => say!("{path}: {rows} rows, {octets} octets"),
        }
    }
    Ok(exit(0))
}

fn named(finding: &Finding, args: &Write) -> Finding {
    finding.clone().in_file(&args.from.display().to_string())
}

fn party(option: &str, text: &str) -> Result<Party, Failure> {
    Party::parse(text).map_err(|error| Failure::usage(format!("{option}: {error}")))
}

/// The code of a party in the head of the message. Those of most operators are not published: they are asked for.
fn code_of(option: &str, party: Party, args: &Write) -> Result<BusinessCode, Failure> {
    let text = match (party.role, &args.operator_code) {
        (Role::Operator, Some(code)) => code,
        (Role::Operator, None) => {
            let text = "一般送配電事業者の事業者コードを --operator-code で指定してください / name the operator's business code with --operator-code";
            return Err(Failure::usage(text.to_owned()));
        }
        _ => {
            return party.business_code().ok_or_else(|| {
                Failure::usage(format!(
                    "{option}: 事業者コードを含めて指定してください（例: retailer:40113） / name the party with its code, for example `retailer:40113`"
                ))
            });
        }
    };
    BusinessCode::parse(text)
        .map_err(|error| Failure::usage(format!("--operator-code: {} / {}", error.ja(), error.en())))
}
