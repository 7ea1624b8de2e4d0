//! 接続条件: what every line has in common — certificate, trust, proxy, times, hours, rate and patience — from any section of
//! the configuration.

use super::ConfigError;
use super::client::HttpClient;
use super::gate::{Growing, Hours, Policy, Setting};
use super::identity::IdentityPlace;
use super::secret::PasswordPlace;
use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;

/// 接続条件: the same keys in every section.
///
/// ```toml
/// client-certificate = "client.p12"       # PKCS#12 or PEM, with chain and key
/// client-key = "client.key"               # where the key is a PEM of its own
/// client-password-file = "client.pass"    # or client-password-env = "NAME", client-password-prompt = true, or client-password
///                                         # where nobody else can read the configuration; never an argument
/// root-certificate = "ca.pem"             # or several, ["a.pem", "b.pem"]: trusted besides the usual ones
/// only-root-certificate = true            # and nobody else
/// proxy = "http://proxy.example.jp:8080"  # "none": no proxy; left out: what HTTPS_PROXY and NO_PROXY say
/// proxy-user = "us"                       # with proxy-password-file, proxy-password-env or proxy-password
/// source-address = "192.0.2.10"           # where our connections come from
/// connect-timeout = 10                    # seconds: name, proxy, TCP
/// tls-timeout = 10                        # seconds: the handshake
/// first-byte-timeout = 60                 # seconds from the connection to the beginning of the answer; the timeout if absent
/// timeout = 60                            # seconds for request and answer, once connected
/// hours = ["月-金 07:00-24:00"]            # opening hours, and days without: see `Hours`. Messages wait
/// closed = ["祝日", "12-29..01-03"]
/// requests-per-minute = 60                # at most, on the average; absent: no limit (60 for downloads)
/// burst = 5                               # so many at once after a pause
/// concurrent = 4                          # so many under way at a time
/// retry-delay = 1                         # seconds after a failure; doubled, with some chance, retry-longest = 60 at most
/// trip-after = 5                          # failures in a row, after which one request goes now and then, to see; what was under way together is one
/// trip-delay = 60                         # seconds; doubled each time, trip-longest = 900 at most
/// ```
#[derive(Clone, Debug)]
pub struct Access {
    /// Our certificate.
    pub identity: Option<IdentityPlace>,
    /// Root certificates, in PEM.
    pub roots: Vec<PathBuf>,
    /// Whether nobody else is trusted.
    pub only_roots: bool,
    /// The proxy.
    pub proxy: Proxy,
    /// Where our connections come from.
    pub source: Option<IpAddr>,
    /// The times.
    pub limits: Limits,
    /// Hours, rate, back-off and circuit breaker.
    pub policy: Policy,
}

/// プロキシ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// What `HTTPS_PROXY` and `NO_PROXY` say.
    Environment,
    /// None.
    None,
    /// One of ours.
    Address {
        /// Where.
        url: Url,
        /// User and password, if it wants them.
        login: Option<(String, PasswordPlace)>,
    },
}

/// 時間の上限: of each stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Name, proxy, TCP.
    pub connect: Duration,
    /// The handshake.
    pub tls: Duration,
    /// From the connection to the beginning of the answer.
    pub first_byte: Duration,
    /// Without an octet of the answer.
    pub idle: Duration,
    /// Request and answer.
    pub whole: Duration,
}

/// What a section leaves to us.
pub(super) struct Usual {
    /// Requests in a minute, where a limit is usual.
    pub(super) per_minute: Option<u32>,
    pub(super) concurrent: u32,
    pub(super) retry_delay: u32,
    pub(super) trip_after: u32,
    /// Seconds for one answer, where `timeout` is the time without an octet.
    pub(super) longest: Option<u32>,
}

/// The keys that every section may have.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Common {
    pub(super) client_certificate: Option<Spanned<PathBuf>>,
    pub(super) client_key: Option<Spanned<PathBuf>>,
    pub(super) client_password: Option<Spanned<String>>,
    pub(super) client_password_file: Option<Spanned<PathBuf>>,
    pub(super) client_password_env: Option<Spanned<String>>,
    pub(super) client_password_prompt: Option<Spanned<bool>>,
    pub(super) root_certificate: Option<Paths>,
    pub(super) only_root_certificate: Option<Spanned<bool>>,
    pub(super) proxy: Option<Spanned<String>>,
    pub(super) proxy_user: Option<Spanned<String>>,
    pub(super) proxy_password: Option<Spanned<String>>,
    pub(super) proxy_password_file: Option<Spanned<PathBuf>>,
    pub(super) proxy_password_env: Option<Spanned<String>>,
    pub(super) source_address: Option<Spanned<String>>,
    pub(super) connect_timeout: Option<u32>,
    pub(super) tls_timeout: Option<u32>,
    pub(super) first_byte_timeout: Option<u32>,
    pub(super) timeout: Option<u32>,
    pub(super) hours: Option<Spanned<Vec<String>>>,
    pub(super) closed: Option<Spanned<Vec<String>>>,
    pub(super) requests_per_minute: Option<Spanned<u32>>,
    pub(super) burst: Option<u32>,
    pub(super) concurrent: Option<u32>,
    pub(super) retry_delay: Option<u32>,
    pub(super) retry_longest: Option<u32>,
    pub(super) trip_after: Option<u32>,
    pub(super) trip_delay: Option<u32>,
    pub(super) trip_longest: Option<u32>,
}

/// One path or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Paths {
    One(PathBuf),
    More(Vec<PathBuf>),
}

impl Access {
    /// Prepares a connection to an address without making it: whether the files that are named can be read.
    pub fn try_out(&self, url: &Url) -> Result<(), ConfigError> {
        HttpClient::open("", url, self, &Setting::default()).map(drop)
    }
}

/// Where in the configuration something is wrong, and what.
pub(super) type Complaint<'a> = &'a dyn Fn(usize, &str, &str) -> ConfigError;

impl Common {
    /// These keys, with what they leave out from others. What belongs together is taken together: the certificate of one
    /// section does not go with the key or the password of another.
    pub(super) fn over(self, base: &Common) -> Common {
        let identity =
            if self.client_certificate.is_some() || self.client_key.is_some() { &self } else { base }.clone();
        let proxy = if self.proxy.is_some() { &self } else { base }.clone();
        Common {
            client_certificate: identity.client_certificate,
            client_key: identity.client_key,
            client_password: identity.client_password,
            client_password_file: identity.client_password_file,
            client_password_env: identity.client_password_env,
            client_password_prompt: identity.client_password_prompt,
            proxy: proxy.proxy,
            proxy_user: proxy.proxy_user,
            proxy_password: proxy.proxy_password,
            proxy_password_file: proxy.proxy_password_file,
            proxy_password_env: proxy.proxy_password_env,
            root_certificate: self.root_certificate.or_else(|| base.root_certificate.clone()),
            only_root_certificate: self.only_root_certificate.or_else(|| base.only_root_certificate.clone()),
            source_address: self.source_address.or_else(|| base.source_address.clone()),
            connect_timeout: self.connect_timeout.or(base.connect_timeout),
            tls_timeout: self.tls_timeout.or(base.tls_timeout),
            first_byte_timeout: self.first_byte_timeout.or(base.first_byte_timeout),
            timeout: self.timeout.or(base.timeout),
            hours: self.hours.or_else(|| base.hours.clone()),
            closed: self.closed.or_else(|| base.closed.clone()),
            requests_per_minute: self.requests_per_minute.or_else(|| base.requests_per_minute.clone()),
            burst: self.burst.or(base.burst),
            concurrent: self.concurrent.or(base.concurrent),
            retry_delay: self.retry_delay.or(base.retry_delay),
            retry_longest: self.retry_longest.or(base.retry_longest),
            trip_after: self.trip_after.or(base.trip_after),
            trip_delay: self.trip_delay.or(base.trip_delay),
            trip_longest: self.trip_longest.or(base.trip_longest),
        }
    }

    /// The conditions they describe; paths are relative to a folder.
    pub(super) fn access(self, folder: &Path, usual: &Usual, complain: Complaint<'_>) -> Result<Access, ConfigError> {
        let policy = self.policy(usual, complain)?;
        let limits = self.limits(usual);
        let source = self.source_address.as_ref().map(|address| {
            let ja = "IPアドレスではありません（例: 192.0.2.10）";
            let parsed = address.get_ref().parse::<IpAddr>();
            parsed
                .map_err(|_| complain(address.span().start, ja, "not an IP address, expected for example `192.0.2.10`"))
        });
        let source = source.transpose()?;
        let roots = match self.root_certificate.clone() {
            None => Vec::new(),
            Some(Paths::One(path)) => vec![folder.join(path)],
            Some(Paths::More(paths)) => paths.into_iter().map(|path| folder.join(path)).collect(),
        };
        let only_roots = self.only_root_certificate.as_ref().is_some_and(|only| *only.get_ref());
        if only_roots && roots.is_empty() {
            let at = self.only_root_certificate.as_ref().map_or(0, |only| only.span().start);
            return Err(complain(at, "root-certificate も書いてください", "`root-certificate` is missing"));
        }
        let proxy = self.proxy(folder, complain)?;
        let identity = self.identity(folder, complain)?;
        Ok(Access { identity, roots, only_roots, proxy, source, limits, policy })
    }

    fn limits(&self, usual: &Usual) -> Limits {
        let seconds = |value: Option<u32>, usual: u32| Duration::from_secs(value.unwrap_or(usual).into());
        let timeout = seconds(self.timeout, 60);
        Limits {
            connect: seconds(self.connect_timeout, 10),
            tls: seconds(self.tls_timeout, 10),
            first_byte: self.first_byte_timeout.map_or(timeout, |value| seconds(Some(value), 0)),
            idle: timeout,
            whole: usual.longest.map_or(timeout, |longest| seconds(Some(longest), 0)),
        }
    }

    fn policy(&self, usual: &Usual, complain: Complaint<'_>) -> Result<Policy, ConfigError> {
        let seconds = |value: Option<u32>, usual: u32| Duration::from_secs(value.unwrap_or(usual).into());
        let per_minute = match &self.requests_per_minute {
            Some(value) if *value.get_ref() == 0 => {
                let at = value.span().start;
                return Err(complain(at, "1分あたりの回数は1以上です", "at least one request a minute"));
            }
            Some(value) => Some(*value.get_ref()),
            None => usual.per_minute,
        };
        let texts =
            |list: &Option<Spanned<Vec<String>>>| list.as_ref().map(|list| list.get_ref().clone()).unwrap_or_default();
        let read = Hours::parse(&texts(&self.hours), &texts(&self.closed));
        let hours = read.map_err(|(ja, en)| {
            let list = if en.contains("holidays") { &self.closed } else { &self.hours };
            complain(list.as_ref().map_or(0, |list| list.span().start), &ja, &en)
        })?;
        Ok(Policy {
            hours,
            interval: per_minute.map_or(Duration::ZERO, |count| Duration::from_secs(60) / count),
            burst: self.burst.unwrap_or(1).max(1),
            concurrent: self.concurrent.unwrap_or(usual.concurrent).max(1),
            backoff: Growing {
                first: seconds(self.retry_delay, usual.retry_delay),
                longest: seconds(self.retry_longest, 60),
            },
            trip_after: self.trip_after.unwrap_or(usual.trip_after).max(1),
            trip: Growing { first: seconds(self.trip_delay, 60), longest: seconds(self.trip_longest, 900) },
        })
    }

    fn proxy(&self, folder: &Path, complain: Complaint<'_>) -> Result<Proxy, ConfigError> {
        let Some(text) = &self.proxy else { return Ok(Proxy::Environment) };
        if text.get_ref() == "none" {
            return Ok(Proxy::None);
        }
        let url =
            Url::parse(text.get_ref()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.filter(|url| url.username().is_empty() && url.password().is_none()).ok_or_else(|| {
            let ja = "プロキシは http://ホスト:ポート の形で書いてください（利用者名は proxy-user に）。使わないときは \"none\" です";
            complain(text.span().start, ja, "a proxy is written `http://host:port`, its user as `proxy-user`; `none` for none")
        })?;
        let password = place(
            [self.proxy_password.as_ref(), self.proxy_password_env.as_ref()],
            self.proxy_password_file.as_ref(),
            None,
            folder,
            complain,
        )?;
        let login = match (&self.proxy_user, password) {
            (Some(user), Some(password)) => Some((user.get_ref().clone(), password)),
            (None, None) => None,
            _ => {
                let ja = "proxy-user と proxy-password-file（または -env）は両方とも書いてください";
                return Err(complain(text.span().start, ja, "`proxy-user` and its password go together"));
            }
        };
        Ok(Proxy::Address { url, login })
    }

    fn identity(&self, folder: &Path, complain: Complaint<'_>) -> Result<Option<IdentityPlace>, ConfigError> {
        let prompt = self.client_password_prompt.as_ref().filter(|prompt| *prompt.get_ref());
        let password = place(
            [self.client_password.as_ref(), self.client_password_env.as_ref()],
            self.client_password_file.as_ref(),
            prompt,
            folder,
            complain,
        )?;
        let Some(certificate) = &self.client_certificate else {
            let Some(key) = &self.client_key else { return Ok(None) };
            let ja = "client-certificate と client-key は両方とも書いてください";
            return Err(complain(key.span().start, ja, "client-certificate and client-key go together"));
        };
        let key = self.client_key.as_ref().map(|key| folder.join(key.get_ref()));
        Ok(Some(IdentityPlace { certificate: folder.join(certificate.get_ref()), key, password }))
    }
}

/// Where a password is: at most one place. `texts` are the password itself and the name of a variable.
pub(super) fn place(
    texts: [Option<&Spanned<String>>; 2],
    file: Option<&Spanned<PathBuf>>,
    prompt: Option<&Spanned<bool>>,
    folder: &Path,
    complain: Complaint<'_>,
) -> Result<Option<PasswordPlace>, ConfigError> {
    let [written, variable] = texts;
    let written =
        written.map(|text| (text.span(), PasswordPlace::Written(SecretString::from(text.get_ref().as_str()))));
    let variable = variable.map(|name| (name.span(), PasswordPlace::Environment(name.get_ref().clone())));
    let file = file.map(|path| (path.span(), PasswordPlace::File(folder.join(path.get_ref()))));
    let prompt = prompt.map(|prompt| (prompt.span(), PasswordPlace::Prompt));
    let mut places = [written, variable, file, prompt].into_iter().flatten();
    let first = places.next();
    if let Some((span, _)) = places.next() {
        let ja = "パスワードの指定は一つだけにしてください";
        return Err(complain(span.start, ja, "a password is given in one way only"));
    }
    Ok(first.map(|(_, place)| place))
}
