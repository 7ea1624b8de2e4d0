//! `occto cert show`.

use super::loaded;
use crate::cli::out::say;
use crate::cli::way::{config_path, japan_now};
use crate::cli::{Failure, exit};
use crate::desk::view::Lang;
use crate::exchange::{CertificateFacts, IdentityPlace, PasswordPlace};
use crate::items::{Date, DateTime};
use crate::rules::{Finding, Severity, codes};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Certificates.
#[derive(Debug, Subcommand)]
pub enum Cert {
    /// 証明書の内容と有効期限（60日・30日・7日前に警告） / what certificates say, and when they end
    Show(Show),
}

/// Show certificates.
#[derive(Args, Clone, Debug)]
pub struct Show {
    /// 証明書ファイル（.p12、.pfx、PEM。省略時は接続設定のすべて） / files; without one, those of the configuration
    pub files: Vec<PathBuf>,
    /// 接続設定 / configuration whose certificates are shown
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// パスワードのファイル / file with the password
    #[arg(long, value_name = "FILE", conflicts_with_all = ["password_env", "password_prompt"])]
    pub password_file: Option<PathBuf>,
    /// パスワードの環境変数名 / variable with the password
    #[arg(long, value_name = "NAME", conflicts_with = "password_prompt")]
    pub password_env: Option<String>,
    /// パスワードを端末で尋ねる / ask for the password
    #[arg(long)]
    pub password_prompt: bool,
    /// 今日の日付 / today, JST
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<Date>,
    /// JSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// What is shown of one place.
struct Shown {
    file: String,
    lines: Vec<String>,
    facts: Vec<CertificateFacts>,
    key: bool,
    findings: Vec<Finding>,
}

/// Shows certificates; exit 1 where one needs a person.
pub fn cert(command: &Cert, lang: Lang) -> Result<ExitCode, Failure> {
    let Cert::Show(args) = command;
    let now = args.today.map_or_else(japan_now, |today| today.at(9, 0, 0, 0));
    let all: Vec<Shown> = if args.files.is_empty() {
        configured(args)?.into_iter().map(|(place, lines)| shown(&place, lines, now)).collect()
    } else {
        args.files.iter().map(|file| shown(&place_of(args, file), Vec::new(), now)).collect()
    };
    if args.json {
        let all: Vec<_> = all.iter().map(|shown| json(shown, now)).collect();
        say!("{}", serde_json::json!({"certificates": all}));
    } else {
        if all.is_empty() {
            say!(
                "{}",
                lang.pick("接続設定にクライアント証明書はありません", "the configuration names no client certificate")
            );
        }
        for shown in &all {
            print(shown, now, lang);
        }
    }
    let needs = |finding: &Finding| finding.severity != Severity::Notice;
    Ok(exit(u8::from(all.iter().flat_map(|shown| &shown.findings).any(needs))))
}

fn place_of(args: &Show, file: &std::path::Path) -> IdentityPlace {
    let password = match (&args.password_file, &args.password_env, args.password_prompt) {
        (Some(path), _, _) => Some(PasswordPlace::File(path.clone())),
        (_, Some(name), _) => Some(PasswordPlace::Environment(name.clone())),
        (_, _, true) => Some(PasswordPlace::Prompt),
        _ => None,
    };
    IdentityPlace { certificate: file.to_owned(), key: None, password }
}

/// The certificates of the configuration, each once, with the lines that show it.
fn configured(args: &Show) -> Result<Vec<(IdentityPlace, Vec<String>)>, Failure> {
    if config_path(args.config.as_ref()).is_none() {
        return Err(Failure::usage(
            "証明書ファイルか、--config で接続設定を指定してください / name files of certificates, or a configuration with --config".to_owned(),
        ));
    }
    let (_, config) = loaded(args.config.as_ref())?;
    let mut places: Vec<(IdentityPlace, Vec<String>)> = Vec::new();
    for (name, _, access) in config.lines() {
        let Some(identity) = &access.identity else { continue };
        match places.iter_mut().find(|(place, _)| place == identity) {
            Some((_, lines)) => lines.push(name),
            None => places.push((identity.clone(), vec![name])),
        }
    }
    Ok(places)
}

fn shown(place: &IdentityPlace, lines: Vec<String>, now: DateTime) -> Shown {
    let file = place.certificate.display().to_string();
    match place.load() {
        Ok(identity) => {
            let findings = identity.warnings(now).into_iter().map(|finding| finding.in_file(&file)).collect();
            let facts = std::iter::once(identity.facts).chain(identity.chain).collect();
            Shown { file, lines, facts, key: true, findings }
        }
        Err(error) => {
            // A file with certificates alone, such as one of roots, may be looked at.
            let facts = if error.rule == &codes::CERT_NO_KEY { place.look().unwrap_or_default() } else { Vec::new() };
            let fine = !facts.is_empty() && lines.is_empty();
            let findings = if fine { Vec::new() } else { vec![error.finding(&file)] };
            Shown { file, lines, facts, key: false, findings }
        }
    }
}

fn json(shown: &Shown, now: DateTime) -> serde_json::Value {
    serde_json::json!({
        "file": shown.file,
        "lines": shown.lines,
        "key": shown.key,
        "certificates": shown.facts.iter().map(|facts| facts.to_json(now)).collect::<Vec<_>>(),
        "findings": shown.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
    })
}

fn print(shown: &Shown, now: DateTime, lang: Lang) {
    let lines = if shown.lines.is_empty() { String::new() } else { format!("（{}）", shown.lines.join(", ")) };
    say!("{}{lines}", shown.file);
    for (index, facts) in shown.facts.iter().enumerate() {
        if index > 0 {
            say!("  {}", lang.pick("― 上位の証明書", "- issued by"));
        }
        let days = facts.days_left(now);
        let left = match lang {
            Lang::Ja if days < 0 => format!("{}日前に期限切れ", -days),
            Lang::Ja => format!("残り{days}日"),
            Lang::En if days < 0 => format!("expired {} days ago", -days),
            Lang::En => format!("{days} days left"),
        };
        let client = match (facts.authority, facts.client) {
            (true, _) => lang.pick("認証局", "authority"),
            (_, Some(true)) => lang.pick("クライアント認証", "client"),
            (_, Some(false)) => lang.pick("クライアント認証には使えません", "not for clients"),
            (_, None) => lang.pick("指定なし", "not said"),
        };
        say!("  {} {}", lang.pick("主体者  ", "subject "), facts.subject);
        say!("  {} {}", lang.pick("発行者  ", "issuer  "), facts.issuer);
        say!("  {} {}", lang.pick("番号    ", "serial  "), facts.serial);
        say!("  {} {} – {} JST（{left}）", lang.pick("有効期間", "valid   "), facts.not_before, facts.not_after);
        say!("  {} {}", lang.pick("鍵      ", "key     "), facts.key);
        say!("  {} {client}", lang.pick("用途    ", "use     "));
        if !facts.names.is_empty() {
            say!("  {} {}", lang.pick("ホスト名", "hosts   "), facts.names.join(", "));
        }
        say!("  SHA-256  {}", facts.fingerprint);
    }
    if !shown.facts.is_empty() {
        let key = if shown.key { lang.pick("あり", "there") } else { lang.pick("なし", "none") };
        say!("  {} {key}", lang.pick("秘密鍵  ", "private key"));
    }
    for finding in &shown.findings {
        say!("{finding}");
    }
}
