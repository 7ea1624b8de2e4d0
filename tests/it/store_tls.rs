//! The shared database over TLS: every mode against a server of our own, with certificates of our own.

use crate::command::{arg, command, refused, said};
use crate::pki::{ALWAYS, Ca, Pair, Years};
use crate::postgres::{Server, anywhere};
use occto::store::{Store, StoreError};
use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

/// A name that leads to this machine where the address says so, and does not count as this machine.
const FAR: &str = "db.example.jp";

struct Secure {
    server: Server,
    port: u16,
    dir: tempfile::TempDir,
}

impl Secure {
    /// A server that listens; with a certificate for some names, or without TLS. Nothing where PostgreSQL is not there.
    fn start(ca: &Ca, shown: Option<(&[&str], Years)>, password: bool) -> Option<Secure> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ca.pem"), &ca.pem).unwrap();
        // Free a moment ago: nobody else asks for a given one.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let pair = shown.map(|(names, years)| ca.issue(names, years));
        let server = Server::start_in(|place| {
            let mut options = format!("-c fsync=off -c listen_addresses=127.0.0.1 -c port={port}");
            if let Some(pair) = &pair {
                options += &lay(place, pair);
            }
            if password {
                let rules = place.join("hba");
                std::fs::write(&rules, "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n").unwrap();
                options += &format!(" -c hba_file={}", arg(&rules));
            }
            options
        })?;
        Some(Secure { server, port, dir })
    }

    fn ca(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    fn address(&self, host: &str, more: &str) -> String {
        format!("postgres://occto@{host}:{}/postgres?{more}", self.port)
    }

    fn try_at(&self, host: &str, more: &str) -> Result<(), StoreError> {
        Store::connect(&self.address(host, more), &anywhere()).map(drop)
    }

    /// How a session that is open now is spoken.
    fn spoken(&self, host: &str, more: &str) -> String {
        let store = Store::connect(&self.address(host, more), &anywhere()).unwrap();
        let sql = "SELECT DISTINCT ssl, coalesce(version, '-') FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                   WHERE application_name = 'occto'";
        let said = String::from_utf8(self.server.say("postgres", sql).stdout).unwrap();
        drop(store);
        said.trim().to_owned()
    }
}

/// Puts a certificate and its key where the server, and nobody else, reads the key.
fn lay(place: &Path, pair: &Pair) -> String {
    let (certificate, key) = (place.join("server.crt"), place.join("server.key"));
    std::fs::write(&certificate, &pair.pem).unwrap();
    std::fs::write(&key, &pair.key_pem).unwrap();
    std::fs::set_permissions(&certificate, Permissions::from_mode(0o644)).unwrap();
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    // The server runs as whoever owns its folder.
    let owner = std::fs::metadata(place).unwrap();
    chown(&key, Some(owner.uid()), Some(owner.gid())).unwrap();
    format!(" -c ssl=on -c ssl_cert_file={} -c ssl_key_file={}", arg(&certificate), arg(&key))
}

/// The parameters that lead to this machine by the name, with these roots.
fn far(more: &str, ca: &Path) -> String {
    format!("hostaddr=127.0.0.1&{more}&sslrootcert={}", arg(ca).replace('/', "%2F"))
}

#[test]
fn every_mode_is_what_it_says() {
    let ca = Ca::new("store");
    let Some(secure) = Secure::start(&ca, Some((&[FAR], ALWAYS)), false) else { return };
    let roots = secure.ca();
    let rooted = |more: &str| format!("{more}&sslrootcert={}", arg(&roots).replace('/', "%2F"));
    // On this machine in the clear unless it is asked for.
    assert_eq!(secure.spoken("127.0.0.1", "connect_timeout=9"), "f|-");
    assert_eq!(secure.spoken("127.0.0.1", "sslmode=disable"), "f|-");
    for (host, more) in [
        ("127.0.0.1", "sslmode=prefer".to_owned()),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", rooted("sslmode=verify-ca")),
        (FAR, far("sslmode=verify-full", &roots)),
        // Nothing is said of a mode: over a network that is the strictest.
        (FAR, far("connect_timeout=9", &roots)),
    ] {
        assert_eq!(secure.spoken(host, &more), "t|TLSv1.3", "{more}");
    }
    let named = |host: &str, more: &str, part: &str| {
        let error = secure.try_at(host, more).unwrap_err();
        assert!(error.is_final() && error.to_string().contains(part), "{more}: {error}");
    };
    named("127.0.0.1", &rooted("sslmode=verify-full"), "別のホスト名");
    named("localhost", &rooted("sslmode=verify-full"), "別のホスト名");
    // Those whom the system trusts do not know our authority.
    named(FAR, "hostaddr=127.0.0.1", "発行者を信頼できません");
    let other = secure.dir.path().join("other.pem");
    std::fs::write(&other, Ca::new("another").pem).unwrap();
    for mode in ["require", "verify-ca", "verify-full"] {
        named(FAR, &far(&format!("sslmode={mode}"), &other), "発行者を信頼できません");
    }
    std::fs::write(&other, "nothing").unwrap();
    named(FAR, &far("sslmode=verify-full", &other), "証明書がありません");
    named(FAR, &far("sslmode=allow", &roots), "sslmode=allow");
}

#[test]
fn a_server_without_tls_or_with_an_old_certificate_is_refused() {
    let ca = Ca::new("store");
    let Some(clear) = Secure::start(&ca, None, true) else { return };
    let roots = clear.ca();
    clear.server.say("postgres", "ALTER USER occto PASSWORD 'geheim'");
    for mode in ["sslmode=require", "sslmode=verify-full", "connect_timeout=9"] {
        let refused = clear.try_at(FAR, &far(mode, &roots));
        assert!(matches!(refused, Err(StoreError::NoTls)), "{mode}: {refused:?}");
    }
    // Said by name it goes in the clear; what is missing then is the password, and that is said too.
    for mode in ["sslmode=disable", "sslmode=prefer"] {
        let refused = clear.try_at(FAR, &far(mode, &roots)).unwrap_err();
        assert!(refused.is_final() && refused.to_string().contains("password missing"), "{refused}");
    }
    let with = |password: &str| clear.address("127.0.0.1", "").replace("occto@", &format!("occto:{password}@"));
    let wrong = Store::connect(&with("falsch"), &anywhere()).unwrap_err();
    assert!(wrong.is_final() && wrong.to_string().contains("28P01"), "{wrong}");
    Store::connect(&with("geheim"), &anywhere()).unwrap();
    for (years, part) in [((2000, 2001), "期限が切れ"), ((2099, 2100), "期間が始まって")] {
        let secure = Secure::start(&ca, Some((&[FAR], years)), false).unwrap();
        let refused = secure.try_at(FAR, &far("sslmode=verify-full", &roots)).unwrap_err();
        assert!(refused.is_final() && refused.to_string().contains(part), "{refused}");
    }
}

#[test]
fn the_binary_says_what_is_wrong_and_warns_of_what_goes_in_the_clear() {
    let ca = Ca::new("store");
    let Some(secure) = Secure::start(&ca, Some((&[FAR], ALWAYS)), false) else { return };
    let status = |more: &str| {
        let address = secure.address(FAR, more);
        said(&mut command(&["switch", "status", "--data", arg(&anywhere()), "--store", &address]))
    };
    refused(&status("hostaddr=127.0.0.1"), &["TLS", "sslrootcert"]);
    let warned = |said: &crate::command::Said| said.err.contains("警告: 共有データベースへの通信が暗号化されない");
    let clear = status("hostaddr=127.0.0.1&sslmode=disable");
    assert!(clear.code == Some(0) && warned(&clear), "{clear:?}");
    let tls = status(&far("sslmode=verify-full", &secure.ca()));
    assert!(tls.code == Some(0) && !warned(&tls), "{tls:?}");
}
