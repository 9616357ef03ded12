//! What is asked of who leaves a message, beside what their zone asks: a way to answer them.

use std::borrow::Cow;

use super::{Field, Kind};
use crate::phrase::Phrase;

/// Returns a zone's form for who leaves a message: with a name, a mail address and a number, where it asks for none.
pub fn later(form: &[Field]) -> Cow<'_, [Field]> {
    let asks = |kind: Kind| form.iter().any(|field| field.kind == kind);
    let mut added = Vec::new();
    if form.is_empty() {
        added.push(field("name", Kind::Name, "Your name", "Ihr Name"));
    }
    if !asks(Kind::Mail) {
        added.push(field("mail", Kind::Mail, "E-mail", "E-Mail"));
    }
    if !asks(Kind::Number) {
        let label = ("Your phone number", "Ihre Telefonnummer");
        added.push(field("number", Kind::Number, label.0, label.1));
    }
    match added.is_empty() {
        true => Cow::Borrowed(form),
        false => Cow::Owned([form, &added].concat()),
    }
}

fn field(name: &str, kind: Kind, english: &str, german: &str) -> Field {
    let texts = [("en", english), ("de", german)];
    let texts = texts.map(|(lang, text)| (lang.to_owned(), text.to_owned()));
    Field {
        field: name.to_owned(),
        kind,
        label: Phrase::By(texts.into()),
        required: false,
        options: Vec::new(),
        link: String::new(),
    }
}
