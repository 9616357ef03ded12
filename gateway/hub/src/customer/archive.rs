//! The customers that are not in memory, as the hub asks for them.

use ws::id::{CustomerId, InteractionId, Mid, Number, VisitorId};

use super::{Customer, Customers, Identity};
use crate::{
    consent::Subject,
    hub::Hub,
    input::{Input, Introduction, Signed},
    numbering::Numbering,
};

/// Where customers are who are not in memory: a reader of the same facts.
pub trait Archive: std::fmt::Debug + Send {
    /// Returns the whole families of those that are wanted, each record once; nothing of those that are not known.
    fn recall(&mut self, wants: &[Want]) -> Vec<Remembered>;

    /// Returns whose an interaction is, none when there is no such interaction.
    fn owner(&mut self, interaction: InteractionId) -> Option<CustomerId>;

    /// Tells whether a visitor's message stands in one of their last interactions that are sealed.
    fn has_written(&mut self, visitor: VisitorId, mid: &Mid) -> bool;
}

/// Whom an input is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// A record.
    Customer(CustomerId),
    /// Whoever an identity leads to.
    Identity(Identity),
    /// Those to whom what this customer is known by would lead without them.
    Heirs(CustomerId),
}

/// A record as the archive has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// Which.
    pub customer: CustomerId,
    /// What is known.
    pub record: Customer,
    /// The identities that lead to it.
    pub finds: Vec<Identity>,
}

impl Hub {
    /// Takes an archive; without one everybody stays in memory or is forgotten.
    pub fn use_archive(&mut self, archive: Box<dyn Archive>) {
        self.archive = Some(archive);
    }

    /// Takes from the archive what it knows of everybody in a live interaction, and forgets all others. Called once
    /// everything is replayed: a replay of less than the whole journal knows less of them.
    pub fn remember(&mut self) {
        if let Some(archive) = &mut self.archive {
            let live = self.state.customers().live();
            let wants: Vec<_> = live.into_iter().map(Want::Customer).collect();
            let found = archive.recall(&wants);
            self.state.customers_mut().renew(found);
        }
    }

    /// Has everybody in memory whom an input could be about.
    pub(crate) fn recall_for(&mut self, input: &Input) {
        let wants = wants(input, &self.setup.numbering);
        self.recall(wants);
    }

    /// Has everybody in memory who is known by a number that was promised a call in an interaction: what they said of calls
    /// counts when it is dialled, whoever asked for it.
    pub(crate) fn recall_callee(&mut self, id: InteractionId) {
        let numbering = &self.setup.numbering;
        let found = self.state.interaction(id);
        let promises = found.into_iter().flat_map(|found| found.callbacks.values());
        let open = promises.filter(|promise| promise.is_open());
        let all = open.flat_map(|promise| numbering.spellings(&promise.number));
        let wants = all.map(|number| Want::Identity(Identity::Number(number)));
        self.recall(wants.collect());
    }

    /// Has everybody in memory who is wanted.
    pub(crate) fn recall(&mut self, mut wants: Vec<Want>) {
        let Some(archive) = &mut self.archive else {
            return;
        };
        wants.retain(|want| !self.state.customers().has(want));
        if !wants.is_empty() {
            let found = archive.recall(&wants);
            self.state.customers_mut().recall(found);
        }
    }
}

fn brought(found: &crate::lookup::Found) -> Vec<Want> {
    let external = |(system, id): (&String, &String)| Identity::External {
        system: system.clone(),
        id: id.clone(),
    };
    let ids = found.external.iter().map(external);
    ids.map(Want::Identity).collect()
}

fn introduced(who: &Introduction) -> impl Iterator<Item = Want> {
    let visitor = Identity::Visitor(who.visitor);
    let signed = who.verified.iter().flat_map(Signed::identities);
    std::iter::once(visitor).chain(signed).map(Want::Identity)
}

// Whom the hub could look for, or know more of, because of an input.
#[allow(clippy::too_many_lines, reason = "one arm a kind of input")]
fn wants(input: &Input, numbering: &Numbering) -> Vec<Want> {
    let number = |number: &Number| {
        let all = numbering.spellings(number).into_iter();
        let all = all.map(|one| Want::Identity(Identity::Number(one)));
        all.collect::<Vec<_>>()
    };
    match input {
        Input::OpenChat { who, .. } => introduced(who).collect(),
        Input::OpenCallback { who, wanted, .. } => {
            introduced(who).chain(number(&wanted.number)).collect()
        }
        Input::CallArrived(arrival) => arrival.sought().map(number).unwrap_or_default(),
        Input::Escalate { number: to, .. } | Input::AskCallback { number: to, .. } => number(to),
        Input::Customer {
            customer, order, ..
        } => {
            let mut wants = vec![Want::Customer(*customer)];
            wants.extend(order.wants(*customer));
            wants
        }
        Input::SetConsent { said, .. } => match &said.subject {
            Subject::Customer(customer) => vec![Want::Customer(*customer)],
            Subject::Number(to) => number(to),
            Subject::Mail(_) => Vec::new(),
        },
        Input::MailTranscript { customer, to, .. } => {
            let mail = Identity::mail(to).map(Want::Identity);
            std::iter::once(Want::Customer(*customer)).chain(mail).collect()
        }
        Input::InCall { wish, .. } => wish.number().map(number).unwrap_or_default(),
        Input::Leg(news) => {
            let users = news.users().iter();
            let numbers = users.filter_map(|user| user.parse().ok());
            numbers.flat_map(|one| number(&one)).collect()
        }
        // The ids an answer brings may be somebody else's already.
        Input::LookedUp { found, .. } => brought(found),
        Input::ConsoleOpened { .. }
        | Input::ConsoleClosed { .. }
        | Input::WidgetOpened { .. }
        | Input::WidgetClosed { .. }
        | Input::SetPresence { .. }
        | Input::SetPresenceOf { .. }
        | Input::SetHeadset { .. }
        | Input::ExtendWrapUp { .. }
        | Input::Park { .. }
        | Input::Unpark { .. }
        | Input::Note { .. }
        | Input::HandOver { .. }
        | Input::Memo { .. }
        | Input::Accept { .. }
        | Input::Decline { .. }
        | Input::Say { .. }
        | Input::Share { .. }
        | Input::Revise { .. }
        | Input::ReviseCallback { .. }
        | Input::CancelCallback { .. }
        | Input::TellConsent { .. }
        | Input::HangUp { .. }
        | Input::End { .. }
        | Input::WrapUp { .. }
        | Input::Rate { .. }
        | Input::CobrowseOfAgent { .. }
        | Input::CobrowseOfVisitor { .. }
        | Input::Cross { .. }
        | Input::Arrive { .. }
        | Input::RecordingEnded { .. }
        | Input::Recorder { .. }
        // Whose they are is found when they are known.
        | Input::Link { .. }
        | Input::PhoneRegistered { .. }
        | Input::PhoneGone { .. }
        | Input::TrunkDown { .. }
        | Input::TrunkUp { .. }
        | Input::Configure(_)
        | Input::Drain => Vec::new(),
    }
}

impl Customers {
    fn has(&self, want: &Want) -> bool {
        match want {
            Want::Customer(customer) => self.record(*customer).is_some(),
            Want::Identity(identity) => self.by(identity).is_some(),
            // Who is in memory does not tell who else there is.
            Want::Heirs(_) => false,
        }
    }
}
