//! What is wrong with an answer, in the visitor's language.

use crate::phrase::primary;

/// What is wrong with one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// There is none.
    Missing,
    /// It has more characters than so many.
    Long(usize),
    /// It is no mail address.
    Mail,
    /// It is no telephone number.
    Number,
    /// It is none of those that can be chosen.
    Choice,
    /// It was not agreed to.
    Consent,
}

impl Wrong {
    /// Says it of the field with this label.
    pub(super) fn words(self, label: &str, lang: Option<&str>) -> String {
        match lang.map(primary).as_deref() {
            Some("de") => self.german(label),
            _ => self.english(label),
        }
    }

    fn english(self, label: &str) -> String {
        match self {
            Self::Missing => format!("“{label}” must be filled in"),
            Self::Long(most) => format!("“{label}” can have {most} characters at most"),
            Self::Mail => format!("“{label}” must be an e-mail address"),
            Self::Number => format!(
                "“{label}” must be a telephone number of 2 to 15 digits, with an optional + at the start"
            ),
            Self::Choice => format!("“{label}”: choose one of those that are offered"),
            Self::Consent => format!("“{label}” must be agreed to"),
        }
    }

    fn german(self, label: &str) -> String {
        match self {
            Self::Missing => format!("„{label}“ muss ausgefüllt werden"),
            Self::Long(most) => format!("„{label}“ darf höchstens {most} Zeichen haben"),
            Self::Mail => format!("„{label}“ muss eine E-Mail-Adresse sein"),
            Self::Number => format!(
                "„{label}“ muss eine Telefonnummer mit 2 bis 15 Ziffern sein, am Anfang darf ein + stehen"
            ),
            Self::Choice => format!("„{label}“: bitte wählen Sie eine der Möglichkeiten"),
            Self::Consent => format!("„{label}“ braucht Ihre Zustimmung"),
        }
    }
}

/// Says that who leaves a message can be answered by nothing.
pub(super) fn unreachable(lang: Option<&str>) -> &'static str {
    match lang.map(primary).as_deref() {
        Some("de") => {
            "Bitte geben Sie eine E-Mail-Adresse oder eine Telefonnummer an, damit wir antworten können"
        }
        _ => "Please give an e-mail address or a telephone number, so that we can answer",
    }
}
