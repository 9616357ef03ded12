//! What is written to customers.

use std::time::{Duration, SystemTime};

use anyhow::Context;
use lettre::{
    Message,
    message::{
        Mailbox,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use ws::id::{Number, Timestamp};

use super::words::Language;
use crate::config::Mail;

/// The digits of a number that are shown: enough for its owner to know it, too few for anybody else.
const SHOWN: usize = 3;

/// What a mail tells.
#[derive(Clone, Debug)]
pub enum Told {
    /// A call that was promised.
    Call {
        /// The number that is to be called.
        number: Option<Number>,
        /// When.
        due: Timestamp,
        /// The time zone of its owner.
        zone: String,
    },
    /// What was said in a chat, line by line.
    Chat(String),
}

/// What a mail needs beside the configuration.
#[derive(Clone, Debug)]
pub struct Details {
    /// What it is known by, however often it is sent.
    pub id: String,
    /// When it became due.
    pub at: Timestamp,
    /// Whom it goes to.
    pub to: String,
    /// What is told of that.
    pub told: Told,
    /// The link.
    pub link: String,
}

/// Writes a mail; again it writes the same.
pub fn write(mail: &Mail, details: &Details) -> anyhow::Result<Message> {
    let from = mail.from.0.clone().context("nobody is named as sender")?;
    let to = details.to.trim().parse().ok();
    let to = Mailbox::new(None, to.context("the address cannot be written to")?);
    let (subject, body) = text(mail.language, &house(&from), details);
    let message_id = format!("<{}@{}>", details.id, from.email.domain());
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(details.at.0);
    let mut builder = Message::builder()
        .from(from)
        .to(to)
        .subject(subject)
        .date(at)
        .message_id(Some(message_id))
        // RFC 3834: nobody's holiday answers this. RFC 2369, RFC 8058: one click is enough to get no more of them.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("List-Unsubscribe", &format!("<{}>", details.link)))
        .raw_header(header(
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click",
        ))
        .raw_header(header("Content-Language", mail.language.code()))
        .header(ContentType::TEXT_PLAIN)
        .header(ContentTransferEncoding::QuotedPrintable);
    if let Some(reply_to) = &mail.reply_to.0 {
        builder = builder.reply_to(reply_to.clone());
    }
    builder.body(body).context("writing a mail")
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::new(name, value.to_owned())
}

fn house(from: &Mailbox) -> String {
    let name = from.name.clone();
    name.unwrap_or_else(|| from.email.domain().to_owned())
}

/// Returns the end of a number, by which its owner knows it.
pub fn end_of(number: &Number) -> &str {
    let digits = number.as_str();
    digits
        .get(digits.len().saturating_sub(SHOWN)..)
        .unwrap_or(digits)
}

fn text(language: Language, house: &str, details: &Details) -> (String, String) {
    let link = &details.link;
    match &details.told {
        Told::Chat(lines) => match language {
            Language::En => (
                format!("Your conversation with {house}"),
                format!(
                    "Hello,\r\n\r\nthis is the conversation that you asked us to send to you.\r\n\r\n{lines}\r\n\
                     Here you can say that we are not to write to you any more:\r\n\r\n{link}\r\n\r\n{house}\r\n"
                ),
            ),
            Language::De => (
                format!("Ihr Gespräch mit {house}"),
                format!(
                    "Guten Tag,\r\n\r\ndies ist das Gespräch, um dessen Zusendung Sie gebeten haben.\r\n\r\n{lines}\r\n\
                     Hier können Sie sagen, dass wir Ihnen nicht mehr schreiben sollen:\r\n\r\n{link}\r\n\r\n{house}\r\n"
                ),
            ),
        },
        Told::Call { number, due, zone } => {
            let time = language.time(*due, zone);
            let end = number.as_ref().map_or("", end_of);
            match language {
                Language::En => (
                    format!("We call you on {time}"),
                    format!(
                        "Hello,\r\n\r\nwe promised to call you on\r\n\r\n    {time}\r\n\r\non the number that ends in {end}.\r\n\r\n\
                         If that does not suit you, cancel the call or choose another time here:\r\n\r\n{link}\r\n\r\n\
                         There you can also say that we are not to call you or write to you any more.\r\n\r\n{house}\r\n"
                    ),
                ),
                Language::De => (
                    format!("Wir rufen Sie an: {time}"),
                    format!(
                        "Guten Tag,\r\n\r\nwir haben Ihnen einen Anruf zugesagt:\r\n\r\n    {time}\r\n\r\nunter der Nummer, die auf {end} endet.\r\n\r\n\
                         Wenn es Ihnen nicht passt, sagen Sie den Anruf hier ab oder wählen Sie eine andere Zeit:\r\n\r\n{link}\r\n\r\n\
                         Dort können Sie auch sagen, dass wir Sie nicht mehr anrufen oder Ihnen nicht mehr schreiben sollen.\r\n\r\n{house}\r\n"
                    ),
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(language: Language) -> Mail {
        let text = "from = \"Schuh & Söhne <shop@shop.example>\"\nreply_to = \"help@shop.example\"";
        Mail {
            language,
            ..toml::from_str(text).unwrap()
        }
    }

    fn details() -> Details {
        Details {
            id: "77aa-12".to_owned(),
            at: Timestamp(1_795_784_400_000),
            to: "ida@x.example".to_owned(),
            told: Told::Call {
                number: Some("+4930123456".parse().unwrap()),
                due: Timestamp(1_795_786_200_000),
                zone: "Europe/Berlin".to_owned(),
            },
            link: "https://hub.example/link/abc".to_owned(),
        }
    }

    fn written(mail: &Mail, details: &Details) -> String {
        String::from_utf8(write(mail, details).unwrap().formatted()).unwrap()
    }

    #[test]
    fn a_reminder_tells_when_and_how_it_is_cancelled_and_is_the_same_each_time() {
        let text = written(&mail(Language::En), &details());

        for part in [
            "Message-ID: <77aa-12@shop.example>\r\n",
            "To: ida@x.example\r\n",
            "Reply-To: help@shop.example\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "List-Unsubscribe: <https://hub.example/link/abc>\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "Date: Fri, 27 Nov 2026 13:00:00 +0000\r\n",
            "Friday, 27 November 2026, 14:30 (Europe/Berlin)",
            "ends in 456.",
            "\r\nhttps://hub.example/link/abc\r\n",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(!text.contains("+4930123456"), "{text}");
        assert_eq!(text, written(&mail(Language::En), &details()));
    }

    #[test]
    fn a_german_house_writes_german() {
        let text = written(&mail(Language::De), &details());

        assert!(
            text.contains("Freitag, 27. November 2026, 14:30 Uhr"),
            "{text}"
        );
        assert!(text.contains("w=C3=A4hlen Sie"), "{text}");
    }

    #[test]
    fn what_is_no_address_is_written_to_by_nobody() {
        for to in [
            "",
            "ida",
            "ida@x.example\r\nBcc: bob@x.example",
            "a b@x.example",
        ] {
            let details = Details {
                to: to.to_owned(),
                ..details()
            };

            assert!(write(&mail(Language::En), &details).is_err(), "{to}");
        }
    }
}
