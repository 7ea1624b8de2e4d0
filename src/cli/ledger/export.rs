//! What is handed to a customer or a regulator.

use super::show::export;
use super::verify::newest;
use super::{Export, Reader};
use crate::cli::out::say;
use crate::cli::steward::subject::identity;
use crate::cli::steward::words::reference;
use crate::cli::way::japan_now;
use crate::cli::{Failure, exit};
use crate::desk::ledger::{LedgerStats, draw_lines, each_line, lines_of_customer, told};
use crate::desk::output::write_atomically;
use crate::desk::subject::{Customer, Key, find, note};
use crate::items::{Code as _, SupplyPointId};
use crate::notice::{Clause, StewardClause};
use crate::store::proof::Proof;
use crate::store::{Store, kept_verifier_key};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// What somebody without this program needs to check the files.
const OCTETS: &str = "\r\n\
    ほかのプログラムで検証するとき / to verify it with another program\r\n\
    行 line:        {\"seq\":N,\"entry\":E,\"digest\":\"D\"} 0x0A（Eは保存された文字列のまま / E as it was kept, UTF-8）\r\n\
    D:              SHA-256(前の行のD（16進64桁、1行目は空） 0x0A E) / the D before it in 64 hexadecimal digits, none for line 1\r\n\
    木 tree:        RFC 6962（SHA-256）。葉 leaf = SHA-256(0x00 D 32オクテット)、節 node = SHA-256(0x01 左 left 右 right)\r\n\
    署名 signature: Ed25519。空行より前の全行（行末の0x0Aを含む） / over every line before the empty one, with its 0x0A\r\n\
    検証鍵 key:     名前 name + 番号 number + Base64(0x01 公開鍵 public key)\r\n\
    番号 number:    SHA-256(名前 name 0x0A 0x01 公開鍵 public key) の先頭4オクテット / its first 4 octets\r\n";

/// Writes the files, after a line of the ledger says that they were handed out.
pub(super) fn hand_out(args: &Export) -> Result<ExitCode, Failure> {
    let mut store = args.place.existing()?;
    match args.reader {
        Reader::Customer => customer(args, &mut store),
        Reader::Regulator => regulator(args, &mut store),
    }
}

/// A line of the ledger about handing it out, with one more field.
fn line(verdict: &str, recipient: &str, purpose: &str, more: Option<(&str, &str)>) -> serde_json::Value {
    let mut line = json!({
        "at": japan_now().to_string(), "verdict": verdict, "message": "ledger-export", "recipient": recipient,
        "purpose": purpose, "items": [],
    });
    if let (Some(fields), Some((key, value))) = (line.as_object_mut(), more) {
        fields.insert(key.to_owned(), value.into());
    }
    line
}

fn record(store: &mut Store, line: &serde_json::Value) -> Result<(), Failure> {
    store.commit(|tx| tx.add_ledger([line.to_string().as_str()]))?;
    Ok(())
}

fn write(out: &Path, name: &str, text: &str) -> Result<(), Failure> {
    Ok(write_atomically(&out.join(name), |file| file.write_all(text.as_bytes()))?)
}

fn folder(out: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(out).map_err(|error| {
        Failure::usage(format!("「{}」を作成できません（{error}） / cannot make the folder", out.display()))
    })
}

/// A copy of the key stands beside what it verifies, for comparison with the one that was handed over before.
fn key_file(args: &Export) -> Result<(), Failure> {
    match kept_verifier_key(&args.place.data)? {
        Some(key) => write(&args.out, "verifier-key.txt", &format!("{key}\n")),
        None => Ok(()),
    }
}

fn customer(args: &Export, store: &mut Store) -> Result<ExitCode, Failure> {
    let point = args.point.as_deref().unwrap_or_default();
    let point = SupplyPointId::parse(point)
        .map_err(|error| Failure::usage(format!("--point: {} / {}", error.ja(), error.en())))?;
    let verified = identity(args.identity.as_deref())?;
    let (folders, erased) = store.read(|tx| find(tx, &Key::Point(point)))?;
    let about = Customer::all(folders.clone());
    let missing = Clause::VerifiedRequestMissing;
    let customer = match (verified, args.request) {
        // A check without a record of it cannot be found again.
        (Some((_, reference)), None) if reference.trim().is_empty() => {
            let clause = StewardClause::IdentityMissing;
            Err((clause.key().to_owned(), clause.ja(), clause.en()))
        }
        (None, None) => Err((missing.to_string(), missing.ja(), missing.en())),
        (_, request) => match Customer::named(folders, erased, &args.name) {
            Err(clause) => Err((clause.key().to_owned(), clause.ja(), clause.en())),
            Ok(customer) => {
                if request.is_none() || is_recorded(store, &customer, request)? {
                    Ok(customer)
                } else {
                    Err((missing.to_string(), missing.ja(), missing.en()))
                }
            }
        },
    };
    let customer = match customer {
        Ok(customer) => customer,
        Err((clause, ja, en)) => {
            let line = line("refused", "customer", "own-use", Some(("clause", &clause))).to_string();
            store.commit(|tx| note(tx, &line, &about))?;
            say!(
                "{ja} [{clause}]。--name に氏名、--request に請求の番号（または --identity に本人確認の記録）を指定してください / {en}: --name and --request N, or --identity"
            );
            return Ok(exit(1));
        }
    };
    let checkpoint = newest(&args.place.data, None)?;
    let size = checkpoint.checkpoint().head.size;
    let (lines, unsure) = lines_of_customer(store, &customer)?;
    // A proof is the whole line: one that names who of the company did it is told, and not handed out.
    let shared = || lines.iter().filter(|one| !one.names_staff);
    let covered: Vec<u64> = shared().map(|one| one.seq).filter(|seq| *seq <= size).collect();
    let proofs = draw_lines(store, &checkpoint, &covered)?;
    let proofs: Vec<_> = proofs.into_iter().map(|proof| Proof::Line(proof).to_json()).collect();
    let mut text = String::from("お客さまに関する情報の提供の記録\n\n");
    for one in &lines {
        text.push_str(&format!("{}. {}\n\n", one.seq, told(&one.entry)));
    }
    let later = shared().count() - proofs.len();
    let inside = lines.len() - shared().count();
    text.push_str(&format!("以上{}件。", lines.len()));
    if unsure > 0 {
        text.push_str(&format!(
            "このほか、多数の供給地点をまとめたファイルなど、どの地点のものか台帳に記録のない行が{unsure}件あります。"
        ));
    }
    if later > 0 {
        text.push_str(&format!("{later}件は最新の署名より後のため、証明書がありません。"));
    }
    if inside > 0 {
        text.push_str(&format!("{inside}件は社内の担当者の名前を含むため、証明書を付けていません。"));
    }
    text.push_str("\n証明書（proofs.json）は、検証鍵があれば誰でも確かめられます。\n");
    let by = match (verified, args.request) {
        (Some((check, _)), _) => ("identity", check.key().to_owned()),
        (None, request) => ("request", request.unwrap_or_default().to_string()),
    };
    let line = line("granted", "customer", "own-use", Some((by.0, &by.1))).to_string();
    store.commit(|tx| note(tx, &line, &customer))?;
    folder(&args.out)?;
    write(&args.out, "disclosures.txt", &text)?;
    let proofs = json!({"checkpoint": checkpoint.to_string(), "proofs": proofs, "unattributed-lines": unsure});
    write(&args.out, "proofs.json", &format!("{proofs}\n"))?;
    key_file(args)?;
    say!(
        "{}件の提供の記録を「{}」に書き出しました / wrote {} lines about the customer",
        lines.len(),
        args.out.display(),
        lines.len()
    );
    Ok(exit(0))
}

/// Whether a request of this number is one of the customer's.
fn is_recorded(store: &mut Store, customer: &Customer, request: Option<i64>) -> Result<bool, Failure> {
    let ours = store.read(|tx| {
        let requests = customer.folders.iter().map(|folder| tx.requests_of(folder.state.dossier));
        requests.collect::<Result<Vec<_>, _>>()
    })?;
    Ok(ours.iter().flatten().any(|one| Some(one.id) == request))
}

fn regulator(args: &Export, store: &mut Store) -> Result<ExitCode, Failure> {
    let order = args.order.as_deref().map(|order| reference("--order", order)).transpose()?;
    let purpose = if order.is_some() { "legal-order" } else { "own-use" };
    record(store, &line("granted", "authority", purpose, order.map(|order| ("order", order))))?;
    let whole = store.read(export)?;
    let mut stats = LedgerStats::default();
    each_line::<Failure>(store, |line| {
        stats.take(&line.entry, None);
        Ok(())
    })?;
    folder(&args.out)?;
    write_atomically(&args.out.join("ledger.jsonl"), |file| file.write_all(&whole))?;
    write(&args.out, "stats.json", &format!("{}\n", stats.to_json()))?;
    let checkpoint = newest(&args.place.data, None).ok();
    if let Some(checkpoint) = &checkpoint {
        write(&args.out, "checkpoint.txt", &checkpoint.to_string())?;
    }
    key_file(args)?;
    let with = if checkpoint.is_some() { " --checkpoint checkpoint.txt --public-key verifier-key.txt" } else { "" };
    write(
        &args.out,
        "README.txt",
        &format!(
            "提供の台帳\r\n\r\nledger.jsonl    台帳の全行（氏名・住所・番号・値は含みません）\r\nstats.json      集計\r\ncheckpoint.txt  署名付きチェックポイント\r\nverifier-key.txt 検証鍵（以前に受け取った鍵と比べてください）\r\n\r\n検証: occto ledger verify --file ledger.jsonl{with}\r\n{OCTETS}"
        ),
    )?;
    say!(
        "台帳{}行を「{}」に書き出しました / wrote {} lines for the regulator",
        stats.lines,
        args.out.display(),
        stats.lines
    );
    let covered = checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.checkpoint().head.size);
    let later = stats.lines.saturating_sub(covered);
    if checkpoint.is_some() && later > 0 {
        say!(
            "最新の署名は{covered}行目までです。後の{later}行は署名されていません（この書き出し自体の1行を含みます）。署名するには occto ledger checkpoint の後に checkpoint.txt を添えてください / the newest checkpoint covers {covered} lines: {later} later ones, the line of this export among them, are not signed"
        );
    }
    if checkpoint.is_none() {
        say!(
            "署名がありません。occto ledger checkpoint で署名してから渡してください / nothing is signed yet: sign it with `occto ledger checkpoint`"
        );
    }
    Ok(exit(0))
}
