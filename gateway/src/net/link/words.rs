//! The words of the page behind a mail's link.

use crate::mail::words::Language;

/// The words of a page.
pub struct Words {
    /// The language they are of.
    pub spoken: Language,
    pub call: &'static str,
    pub contact: &'static str,
    pub promised: &'static str,
    pub over: &'static str,
    pub mailed: &'static str,
    pub cancel: &'static str,
    pub another: &'static str,
    pub reschedule: &'static str,
    pub calls: &'static str,
    pub mails: &'static str,
    pub done_cancel: &'static str,
    pub done_move: &'static str,
    pub done_calls: &'static str,
    pub done_mails: &'static str,
    pub expired: &'static str,
    pub forged: &'static str,
    pub late: &'static str,
    pub no_time: &'static str,
    pub choose_again: &'static str,
}

const ENGLISH: Words = Words {
    spoken: Language::En,
    call: "Your call",
    contact: "Calls and mails from us",
    promised: "We promised to call you on the number that ends in",
    over: "No call is promised.",
    mailed: "A chat with us was mailed to you. Here you can say that we are not to call you or to write to you any more.",
    cancel: "Cancel the call",
    another: "Another time, by your clock",
    reschedule: "Move the call",
    calls: "Do not call me any more",
    mails: "Do not write mails to me any more",
    done_cancel: "The call is cancelled.",
    done_move: "The call is moved.",
    done_calls: "We will not call you any more.",
    done_mails: "We will not write mails to you any more.",
    expired: "This link is too old.",
    forged: "This link is not one of ours.",
    late: "That is not possible any more.",
    no_time: "We cannot call you at that time.",
    choose_again: "Go back and choose another.",
};

const GERMAN: Words = Words {
    spoken: Language::De,
    call: "Ihr Rückruf",
    contact: "Anrufe und Mails von uns",
    promised: "Wir haben Ihnen einen Anruf zugesagt unter der Nummer, die endet auf",
    over: "Es ist kein Anruf zugesagt.",
    mailed: "Ein Chat mit uns wurde Ihnen per Mail geschickt. Hier können Sie sagen, dass wir Sie nicht mehr anrufen oder Ihnen nicht mehr schreiben sollen.",
    cancel: "Anruf absagen",
    another: "Eine andere Zeit, nach Ihrer Uhr",
    reschedule: "Anruf verschieben",
    calls: "Rufen Sie mich nicht mehr an",
    mails: "Schreiben Sie mir keine Mails mehr",
    done_cancel: "Der Anruf ist abgesagt.",
    done_move: "Der Anruf ist verschoben.",
    done_calls: "Wir rufen Sie nicht mehr an.",
    done_mails: "Wir schreiben Ihnen keine Mails mehr.",
    expired: "Dieser Link ist zu alt.",
    forged: "Dieser Link ist keiner von uns.",
    late: "Das ist nicht mehr möglich.",
    no_time: "Zu dieser Zeit können wir Sie nicht anrufen.",
    choose_again: "Gehen Sie zurück und wählen Sie eine andere.",
};

impl Words {
    /// Returns those of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::De => &GERMAN,
        }
    }
}

/// Returns the first language of ours that an Accept-Language header (RFC 9110 §12.5.4) names. Browsers name them in the
/// order in which they are wanted.
pub fn first(asked: &str) -> Option<Language> {
    let mut ranges = asked
        .split(',')
        .map(|range| range.trim().split(['-', ';']).next());
    ranges.find_map(|primary| match primary?.to_ascii_lowercase().as_str() {
        "en" => Some(Language::En),
        "de" => Some(Language::De),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_is_ours_is_spoken() {
        for (asked, language) in [
            ("de-AT,de;q=0.9,en;q=0.8", Some(Language::De)),
            ("fr, en-GB;q=0.7, de;q=0.1", Some(Language::En)),
            ("den;q=1", None),
            ("", None),
        ] {
            assert_eq!(first(asked), language, "{asked}");
        }
    }
}
