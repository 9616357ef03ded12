//! Messages that callers leave, as the journal tells them: what is kept of one waits for somebody, and is lost by nothing that
//! the house does by itself.

use hub::{
    Event, Fact,
    event::{CallbackEnd, InCall, LegCause, Party, Recorded},
    menu::Exit,
    policy::Instead,
};
use ws::timeline::Author;

/// The messages of an interaction.
#[derive(Debug, Default)]
pub struct Voicemails {
    /// Whether its caller was let leave one.
    invited: bool,
    /// The recording of one.
    tape: Option<u16>,
    /// Whether one is kept and nobody was told of it yet.
    kept: bool,
    /// Whether one waits for an agent.
    waits: bool,
    /// Who ended the contact, and why.
    ended: Option<(Author, String)>,
}

impl Voicemails {
    /// Takes in what happened.
    pub fn handle_fact(&mut self, fact: &Fact) {
        match &fact.event {
            Event::Diverted {
                to: Instead::Voicemail,
                ..
            } => self.invited = true,
            Event::InCall(InCall::MenuLeft { to, .. }) => self.invited |= *to == Exit::Voicemail,
            Event::Recording(step) => self.handle_tape(fact, step),
            Event::Assigned { .. } => (self.kept, self.waits) = (false, false),
            // The house takes back what it promised to nobody but who is erased.
            Event::CallbackEnded {
                end:
                    CallbackEnd::Cancelled {
                        by: Author::System, ..
                    },
                ..
            } => self.ended = Some((Author::System, "erased".to_owned())),
            Event::Ended { by, reason } => self.ended = Some((by.clone(), reason.clone())),
            Event::Sealed { outcome, .. } => self.check_sealed(fact, outcome),
            _ => {}
        }
    }

    fn handle_tape(&mut self, fact: &Fact, step: &Recorded) {
        match step {
            Recorded::Started { n, by, .. } if *by == Author::Customer => {
                assert!(self.invited, "nobody let them leave a message: {fact:?}");
                self.tape = Some(*n);
            }
            Recorded::Kept { n, .. } if self.tape == Some(*n) => self.kept = true,
            Recorded::Refused { .. } => self.kept = false,
            Recorded::MessageLeft { n, .. } => {
                assert!(self.kept, "there is no such recording: {fact:?}");
                assert!(Some(*n) <= self.tape, "it is no message: {fact:?}");
                (self.kept, self.waits) = (false, true);
            }
            _ => {}
        }
    }

    fn check_sealed(&self, fact: &Fact, outcome: &str) {
        // Somebody wanted that, or nobody came for too long.
        let meant = [
            "the customer ended it",
            "erased",
            "lived longer",
            "nobody took",
        ];
        let ended = self.ended.as_ref();
        let alone = ended.is_some_and(|(by, reason)| {
            let ours = matches!(by, Author::Customer | Author::System);
            ours && !meant.iter().any(|known| reason.contains(known))
        });
        let lost = (self.kept || self.waits) && alone && outcome != "merged";
        assert!(!lost, "no message is lost: {fact:?}");
    }
}

/// Tells whether somebody calls, and is in contact again if they were before.
pub fn calls(event: &Event) -> bool {
    match event {
        Event::LegStarted {
            party: Party::CustomerPhone { .. },
            cause,
            ..
        } => *cause == LegCause::Inbound,
        Event::LegStarted { party, .. } => matches!(party, Party::CustomerBrowser { .. }),
        _ => false,
    }
}
