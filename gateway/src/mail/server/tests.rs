//! A mail server of the test's own, which answers as it is told.

use std::sync::Arc;

use rustls::{
    ServerConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::TlsAcceptor;

use super::*;

/// What it answers, by the command.
#[derive(Clone, Default)]
struct Script {
    greets: Option<&'static str>,
    tls: Option<TlsAcceptor>,
    logs_in: Option<&'static str>,
    recipient: Option<&'static str>,
    taken: Option<&'static str>,
}

enum Next {
    Tls,
    Over,
}

async fn talk(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    script: &Script,
    greet: bool,
    mails: &mpsc::Sender<String>,
) -> Next {
    let mut stream = BufReader::new(stream);
    let mut say = if greet {
        script.greets.unwrap_or("220 here")
    } else {
        ""
    }
    .to_owned();
    let mut mail = None::<String>;
    loop {
        if !say.is_empty() {
            stream
                .write_all(format!("{say}\r\n").as_bytes())
                .await
                .unwrap();
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return Next::Over;
        }
        if let Some(text) = &mut mail {
            say = String::new();
            if line == ".\r\n" {
                mails.send(std::mem::take(text)).await.unwrap();
                mail = None;
                say = script.taken.unwrap_or("250 taken").to_owned();
            } else {
                text.push_str(&line);
            }
            continue;
        }
        let verb = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned();
        say = match verb.as_str() {
            "EHLO" if script.tls.is_some() && greet => "250-here\r\n250 STARTTLS".to_owned(),
            "EHLO" => "250-here\r\n250 AUTH PLAIN".to_owned(),
            "STARTTLS" => {
                stream.write_all(b"220 go on\r\n").await.unwrap();
                return Next::Tls;
            }
            "AUTH" => script.logs_in.unwrap_or("235 welcome").to_owned(),
            "RCPT" => script.recipient.unwrap_or("250 fine").to_owned(),
            "DATA" => {
                mail = Some(String::new());
                "354 go on".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 fine".to_owned(),
        };
    }
}

async fn serve(mut stream: TcpStream, script: Script, mails: mpsc::Sender<String>) {
    if let Next::Over = talk(&mut stream, &script, true, &mails).await {
        return;
    }
    let acceptor = script.tls.clone().unwrap();
    // Who does not trust the certificate goes away.
    if let Ok(mut stream) = acceptor.accept(stream).await {
        talk(&mut stream, &script, false, &mails).await;
    }
}

/// Opens a server; gives its port and the mails it was sent.
async fn open(script: Script) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (mails, sent) = mpsc::channel(10);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, script.clone(), mails.clone()));
        }
    });
    (port, sent)
}

fn configured(port: u16, more: &str) -> Mail {
    let text =
        format!("server = \"127.0.0.1\"\nport = \"{port}\"\nfrom = \"shop@shop.example\"\n{more}");
    toml::from_str(&text).unwrap()
}

async fn hand_over(mail: &Mail) -> Result<(), Refused> {
    let from = Some("shop@shop.example".parse().unwrap());
    let to = vec!["ida@x.example".parse().unwrap()];
    let envelope = Envelope::new(from, to).unwrap();
    let text = b"Subject: hello\r\n\r\nIda\r\n.";
    Server::open(mail).unwrap().send(&envelope, text).await
}

const PLAIN: &str = "tls = \"none\"\n";

#[tokio::test]
async fn a_mail_is_handed_over_as_it_is() {
    let (port, mut sent) = open(Script::default()).await;

    let user = "user = \"tandem\"\npassword = \"secret\"\n";
    let done = hand_over(&configured(port, &format!("{PLAIN}{user}"))).await;

    assert_eq!(done, Ok(()));
    assert_eq!(
        sent.recv().await.unwrap(),
        "Subject: hello\r\n\r\nIda\r\n..\r\n"
    );
}

#[tokio::test]
async fn what_is_refused_says_whether_it_was_the_way_or_this_mail() {
    let later = Script {
        recipient: Some("451 ida@x.example: grey"),
        ..Script::default()
    };
    let never = Script {
        recipient: Some("550 no ida@x.example"),
        ..Script::default()
    };
    let full = Script {
        taken: Some("452 disk full"),
        ..Script::default()
    };
    let closed = Script {
        greets: Some("554 not you"),
        ..Script::default()
    };
    let stranger = Script {
        logs_in: Some("535 no"),
        ..Script::default()
    };
    let user = "user = \"tandem\"\npassword = \"secret\"\n";
    for (script, more, expected) in [
        (later, "", Refused::Later(451)),
        (never, "", Refused::Never(550)),
        (full, "", Refused::Later(452)),
        (
            closed,
            "",
            Refused::Way("it answered 554 before a mail was offered".to_owned()),
        ),
        (
            stranger,
            user,
            Refused::Way(
                "it answered 535: user and password are not taken, or TLS is missing".to_owned(),
            ),
        ),
    ] {
        let (port, _sent) = open(script).await;

        let done = hand_over(&configured(port, &format!("{PLAIN}{more}"))).await;

        assert_eq!(done, Err(expected));
    }
}

#[tokio::test]
async fn nobody_there_is_the_way() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);

    let done = hand_over(&configured(port, PLAIN)).await;

    assert_eq!(done, Err(Refused::Way("it cannot be reached".to_owned())));
}

#[tokio::test]
async fn nothing_is_sent_without_the_protection_that_is_configured() {
    let (port, mut sent) = open(Script::default()).await;

    let done = hand_over(&configured(port, "")).await;

    let words = "it offers no STARTTLS, or no way to log in that we know";
    assert_eq!(done, Err(Refused::Way(words.to_owned())));
    assert!(sent.try_recv().is_err());
}

#[tokio::test]
async fn starttls_is_used_and_the_certificate_is_proved() {
    let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (chain, private) = (key.cert.pem(), key.signing_key.serialize_pem());
    let chain_of = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap();
    let private = PrivateKeyDer::from_pem_slice(private.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![chain_of], private)
        .unwrap();
    let script = Script {
        tls: Some(TlsAcceptor::from(Arc::new(config))),
        ..Script::default()
    };
    let (port, mut sent) = open(script).await;
    let file = std::env::temp_dir().join(format!("tandem-mail-{}-{port}.pem", std::process::id()));
    std::fs::write(&file, chain).unwrap();

    let trusted = format!("authority = \"{}\"\n", file.display());
    let known = hand_over(&configured(port, &trusted)).await;
    let unknown = hand_over(&configured(port, "")).await;

    std::fs::remove_file(&file).unwrap();
    assert_eq!(known, Ok(()));
    assert!(sent.recv().await.unwrap().contains("Ida"));
    assert!(matches!(unknown, Err(Refused::Way(_))), "{unknown:?}");
    assert!(sent.try_recv().is_err());
}
