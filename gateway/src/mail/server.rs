//! The mail server that takes what we send (RFC 5321, RFC 6409): one connection a mail, which says whether it was the way
//! that failed or this mail that was refused.

use std::time::Duration;

use anyhow::Context;
use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{
            AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
        },
        extension::ClientId,
    },
};

use crate::config::{Mail, MailTls};

/// How long a server that has taken a mail may take for its goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// A server, as configured.
pub struct Server {
    host: String,
    port: u16,
    tls: Option<TlsParameters>,
    begins_plain: bool,
    user: Option<Credentials>,
    hello: ClientId,
}

/// Why a mail is not with the server. The words are ours: what a server says may hold the customer's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot be reached, or takes nothing from us: nothing would go there now.
    #[error("{0}")]
    Way(String),
    /// It does not take this mail at the moment.
    #[error("it answered {0}, and is asked again")]
    Later(u16),
    /// It will not take this mail.
    #[error("it answered {0}: it does not take this mail")]
    Never(u16),
}

impl Server {
    /// Makes it; reads the certificates that its own is to be signed by.
    pub fn open(mail: &Mail) -> anyhow::Result<Self> {
        let host = mail.server.0.clone().context("no server is named")?;
        let from = mail.from.0.as_ref().context("nobody is named as sender")?;
        let tls = match mail.tls {
            MailTls::None => None,
            MailTls::Starttls | MailTls::Implicit => Some(tls(&host, mail)?),
        };
        let user = (!mail.user.is_empty())
            .then(|| Credentials::new(mail.user.clone(), mail.password.clone()));
        Ok(Self {
            port: mail.port.0.unwrap_or(mail.tls.port()),
            begins_plain: mail.tls == MailTls::Starttls,
            hello: ClientId::Domain(from.email.domain().to_owned()),
            host,
            tls,
            user,
        })
    }

    /// Hands a mail over.
    pub async fn send(&self, envelope: &Envelope, mail: &[u8]) -> Result<(), Refused> {
        let mut connection = self
            .connect()
            .await
            .map_err(|error| Refused::Way(way(&error)))?;
        let sent = connection.send(envelope, mail).await;
        if sent.is_ok() {
            // It has the mail, whatever comes of the goodbye.
            let _ = tokio::time::timeout(GOODBYE, connection.quit()).await;
        }
        match sent {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.status().map(u16::from) {
                Some(code) if error.is_permanent() => Refused::Never(code),
                Some(code) => Refused::Later(code),
                None => Refused::Way(way(&error)),
            }),
        }
    }

    /// Goes as far as a mail would be handed over, and hands over none.
    pub async fn try_way(&self) -> Result<(), Refused> {
        let mut connection = self
            .connect()
            .await
            .map_err(|error| Refused::Way(way(&error)))?;
        let _ = tokio::time::timeout(GOODBYE, connection.quit()).await;
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let first = self.tls.clone().filter(|_| !self.begins_plain);
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, None, &self.hello, first, None).await?;
        if let (Some(tls), true) = (&self.tls, self.begins_plain) {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(user) = &self.user {
            let ways = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&ways, user).await?;
        }
        Ok(connection)
    }
}

fn tls(host: &str, mail: &Mail) -> anyhow::Result<TlsParameters> {
    let mut builder = TlsParametersBuilder::new(host.to_owned());
    if let Some(path) = &mail.authority.0 {
        let text = std::fs::read(path).with_context(|| format!("{path} cannot be read"))?;
        let authority = Certificate::from_pem(&text)
            .ok()
            .with_context(|| format!("{path} holds no certificate in PEM"))?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(authority);
    }
    builder.build().context("preparing TLS for the mail server")
}

// What failed on the way, in our words.
fn way(error: &Error) -> String {
    let what = match error.status().map(u16::from) {
        Some(code @ (530 | 534 | 535 | 538)) => {
            return format!(
                "it answered {code}: user and password are not taken, or TLS is missing"
            );
        }
        Some(code) => return format!("it answered {code} before a mail was offered"),
        None if error.is_tls() => "TLS with it failed",
        None if error.is_timeout() => "it did not answer in time",
        None if error.is_client() => "it offers no STARTTLS, or no way to log in that we know",
        None if error.is_response() => "it answered something that is no SMTP",
        None => "it cannot be reached",
    };
    what.to_owned()
}

#[cfg(test)]
mod tests;
