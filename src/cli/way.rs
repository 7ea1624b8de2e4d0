//! 接続: the configured way to the counterparties, and what time it is.

use super::args::Place;
use super::{Failure, Materials};
use crate::desk::{Means, Office};
use crate::exchange::gate::Condition;
use crate::exchange::{
    Clock, Delivery, ExchangeConfig, HttpTransport, Request, Setting, Took, Transport, Trouble, Waiting,
};
use crate::items::{BusinessCode, Code as _, DateTime};
use crate::notice::{Notice, Party};
use crate::rules::Finding;
use crate::store::{Allowance, LineState, Store, cause_ja};
use crate::wire::Binding;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The way to the counterparties of a configuration file.
#[derive(Debug)]
pub struct Way {
    transport: Arc<HttpTransport>,
    /// Nothing where the reference binding serves.
    binding: Option<Binding>,
    code: BusinessCode,
    /// How often there was no answer, and the first trouble.
    troubles: Mutex<(u64, Option<Trouble>)>,
}

impl Way {
    /// Opens the way that `--config` describes.
    pub fn configured(place: &Place) -> Result<Way, Failure> {
        let Some(path) = config_path(place.config.as_ref()) else {
            return Err(Failure::usage(
                "接続先が指定されていません。--config で接続設定ファイルを、試すだけなら switch run … --sandbox を指定してください / name the counterparties with --config, or try with switch run … --sandbox".to_owned(),
            ));
        };
        let failed = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
        let config = ExchangeConfig::load(&path).map_err(|error| failed(&error))?;
        let binding = binding_of(&config, &path)?;
        let transport = HttpTransport::open(&config, &setting(place)).map_err(|error| failed(&error))?;
        tell_warnings(&transport.warnings(japan_now()));
        let transport = Arc::new(transport);
        Ok(Way { transport, binding, code: config.retailer, troubles: Mutex::default() })
    }

    /// The counter of this business over a store.
    #[must_use]
    pub fn office<'a>(&'a self, store: Store, materials: &'a Materials, notice: &'a Notice) -> Office<'a, Way> {
        let Materials { calendar, settings } = materials;
        let means = Means { transport: self, binding: self.binding(), notice, calendar, settings, code: self.code };
        Office::new(store, means)
    }

    /// The lines, and what each takes from all workers together.
    #[must_use]
    pub fn allowances(&self) -> Vec<(Party, Allowance)> {
        let allowance = |(party, interval, concurrent): (Party, Duration, u32)| {
            let per_minute = (!interval.is_zero()).then(|| (60.0 / interval.as_secs_f64()).max(1.0) as u32);
            (party, Allowance { per_minute, at_once: Some(concurrent) })
        };
        self.transport.paces().into_iter().map(allowance).collect()
    }

    /// How the lines stand, whenever it is asked.
    pub fn conditions(&self) -> impl Fn() -> Vec<(Party, Condition)> + Send + Sync + 'static {
        let transport = Arc::clone(&self.transport);
        move || transport.conditions()
    }

    /// Whether any line is left alone after failures, or says that it is closed.
    #[must_use]
    pub fn is_left_alone(&self) -> bool {
        self.transport.conditions().iter().any(|(_, condition)| *condition != Condition::Open)
    }

    /// Shows renewed certificates from here on, without a new start; those that cannot be used are told, and the former
    /// ones stay.
    pub fn look_again(&self, at_once: bool) {
        for (party, read) in self.transport.look_again(at_once) {
            let days = self.certificate_days(japan_now()).into_iter().find(|(known, _)| *known == party.to_string());
            let days = days.map(|(_, days)| days);
            match read {
                Ok(()) => tracing::info!(counterparty = %party, days, "the certificate was read anew"),
                Err(why) => {
                    tracing::error!(counterparty = %party, days, %why, "the changed certificate cannot be used, the former one stays");
                }
            }
        }
    }

    /// Days that our certificates are still valid, line by line.
    #[must_use]
    pub fn certificate_days(&self, now: DateTime) -> Vec<(String, i64)> {
        self.transport.certificate_days(now).into_iter().map(|(party, days)| (party.to_string(), days)).collect()
    }

    /// How messages are written.
    #[must_use]
    pub fn binding(&self) -> &Binding {
        self.binding.as_ref().unwrap_or(Binding::reference())
    }
    /// 事業者コード: who we are.
    #[must_use]
    pub const fn code(&self) -> BusinessCode {
        self.code
    }

    fn note(&self, trouble: Trouble) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.0 += 1;
        troubles.1.get_or_insert(trouble);
    }

    /// Says on the error stream what had no answer; true where something had none.
    pub fn tell_troubles(&self) -> bool {
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, Some(first)) = &*troubles else { return false };
        let (layer, finding) = (first.kind.layer(), first.finding());
        eprintln!(
            "occto: 相手方から応答を得られませんでした（{count}回、最初の理由は{}の層） / no answer {count} times, the first in the layer: {}\noccto: {finding}",
            layer.ja(),
            layer.en()
        );
        true
    }
}

impl Transport for Way {
    async fn exchange(&self, request: Request) -> Delivery {
        self.timed(request).await.0
    }

    async fn timed(&self, request: Request) -> (Delivery, Took) {
        let (counterparty, kind) = (request.recipient, request.message);
        let (delivery, took) = self.transport.timed(request).await;
        if let Delivery::NotSent(trouble) | Delivery::Unknown(trouble) = &delivery {
            // A worker has a log; other commands say it once, at their end.
            tracing::warn!(%counterparty, kind, why = %trouble.finding(), "no answer");
            self.note(trouble.clone());
        }
        (delivery, took)
    }

    fn waiting(&self, recipient: Party) -> Option<Waiting> {
        let waiting = self.transport.waiting(recipient)?;
        self.note(waiting.into());
        Some(waiting)
    }

    fn news(&self) -> Vec<Party> {
        self.transport.news()
    }

    fn tell(&self, line: Party, known: &LineState) -> Option<LineState> {
        self.transport.tell(line, known)
    }

    fn hear(&self, line: Party, known: &LineState) {
        self.transport.hear(line, known);
    }
}

/// How messages are written by the configuration that `--config` names; nothing where the reference binding serves.
pub fn binding(place: &Place) -> Result<Option<Binding>, Failure> {
    let Some(path) = config_path(place.config.as_ref()) else { return Ok(None) };
    let config = ExchangeConfig::load(&path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    binding_of(&config, &path)
}

fn binding_of(config: &ExchangeConfig, path: &Path) -> Result<Option<Binding>, Failure> {
    let occto = config.counterparties.iter().find(|(party, _)| *party == Party::OCCTO);
    let Some(file) = occto.and_then(|(_, counterparty)| counterparty.binding.as_ref()) else { return Ok(None) };
    let text = std::fs::read_to_string(file).map_err(|error| {
        let (path, file, why) = (path.display(), file.display(), error.kind());
        let ja = format!("電文の書式「{file}」を読めません（{}）", cause_ja(why));
        Failure::usage(format!("{path}: {ja} / cannot read it: {why}"))
    })?;
    let failed = |error| Failure::usage(format!("{}: {error}", file.display()));
    Binding::parse(&text).map(Some).map_err(failed)
}

/// The configuration that an argument names, or else the variable `OCCTO_CONFIG`.
#[must_use]
pub fn config_path(named: Option<&PathBuf>) -> Option<PathBuf> {
    let variable = || std::env::var_os("OCCTO_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    named.cloned().or_else(variable)
}

/// Says on the error stream why an answer could not be read, if one could not.
pub fn tell_unread(why: Option<&str>) {
    if let Some(why) = why {
        eprintln!(
            "occto: 相手方の応答を読み取れませんでした（{why}）。接続先のURLと電文の書式（binding）を確認してください / an answer could not be read: check the URL and the binding"
        );
    }
}

/// What time the lines go by, and where their states are kept: where machines share a store, in it.
fn setting(place: &Place) -> Setting {
    let clock = if place.today.is_some() { Clock::starting(moment(place)) } else { Clock::japan() };
    Setting { clock, data: (!place.shelf.is_shared()).then(|| place.shelf.data.clone()) }
}

/// Says on the error stream what a person has to know of a certificate.
pub fn tell_warnings(findings: &[Finding]) {
    for finding in findings {
        eprintln!("occto: {finding}");
    }
}

/// The moment: nine in the morning of `--today`, or now in Japan.
#[must_use]
pub fn moment(place: &Place) -> DateTime {
    place.today.map_or_else(japan_now, |today| today.at(9, 0, 0, 0))
}

/// Now in Japan, to the second.
#[must_use]
pub fn japan_now() -> DateTime {
    let now = Clock::japan().now();
    now.date().at(now.hour(), now.minute(), now.second(), 0)
}
