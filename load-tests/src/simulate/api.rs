//! Programs that ask by the API: they hold what they were answered, and know nothing when the daemon dies on them.

use hub::{
    Input,
    callback::Revision,
    consent::{Change, Source, Statement, Subject},
    customer::Order,
    house::Told,
    input::{Actor, Asker, By, Done, Reply},
    link,
    mail::Matter,
};
use ws::{
    consent::ContactChannel,
    file::SharedFile,
    id::{CallbackId, CustomerId, FileId, InteractionId, Mid, Seq, Timestamp},
    timeline::What,
};

use crate::{
    client::NUMBERS,
    house::name,
    wishes,
    world::{DAY, World},
};

/// What was asked.
#[derive(Clone, Debug)]
pub enum Asked {
    Callback,
    Cancel(CallbackId),
    Consent(Statement),
    File(InteractionId, Mid),
    Other,
}

impl World {
    /// Has a program ask for something.
    pub fn ask(&mut self) {
        self.put(Self::question);
    }

    /// Has a program take a promise back.
    pub fn take_back(&mut self, callback: CallbackId) {
        self.put(|_, re| {
            let by = Actor::House(By::Program("crm".to_owned()));
            let input = Input::CancelCallback { callback, by, re };
            (Asked::Cancel(callback), input)
        });
    }

    fn put(&mut self, question: impl FnOnce(&mut Self, Asker) -> (Asked, Input)) {
        self.next += 1;
        let socket = self.next;
        let (asked, input) = question(self, Asker { socket, id: 0 });
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        daemon.house.tell(Told::Ask {
            socket,
            input: Box::new(input),
        });
        self.asks.insert(socket, asked);
        self.work();
    }

    fn question(&mut self, re: Asker) -> (Asked, Input) {
        let live: Vec<InteractionId> = self.ledger.live().map(|(id, _)| id).collect();
        let promised: Vec<CallbackId> = self.books.promised.iter().copied().collect();
        let some = self.dice.pick(&live).copied();
        let by = Actor::House(By::Program("crm".to_owned()));
        match (self.dice.below(26), some, self.dice.pick(&promised)) {
            (19..22, _, _) if !self.linked().is_empty() => self.link_used(re),
            (22, _, _) if !self.ledger.matters.is_empty() => (Asked::Other, self.transcript(re)),
            (10..13, _, _) => self.consent(re),
            (13..16 | 23..26, _, _) => (Asked::Other, self.record(re)),
            (0..2, _, Some(callback)) => {
                let callback = *callback;
                let input = Input::CancelCallback { callback, by, re };
                (Asked::Cancel(callback), input)
            }
            (2, Some(interaction), _) => (
                Asked::Other,
                Input::HangUp {
                    interaction,
                    by,
                    re,
                },
            ),
            (3, Some(interaction), _) => (
                Asked::Other,
                Input::End {
                    interaction,
                    by,
                    re,
                },
            ),
            (4..6, Some(interaction), _) => (Asked::Other, self.link(interaction, &live, re)),
            (16..19, Some(interaction), _) => self.share(interaction, re),
            (n, some, _) => (Asked::Callback, self.callback(some.filter(|_| n < 8), re)),
        }
    }

    // A file that lies in the house is put into a chat by its visitor or agent, mostly for the first time.
    fn share(&mut self, interaction: InteractionId, re: Asker) -> (Asked, Input) {
        let matter = &self.ledger.matters[&interaction];
        let agent = matter.agent().cloned().map(Actor::Agent);
        let visitor = matter.visitor.map(Actor::Visitor);
        let (first, second) = match self.dice.chance(50) {
            true => (visitor, agent),
            false => (agent, visitor),
        };
        let mid: Mid = name(&format!("file-{}", self.dice.below(40)));
        let file = SharedFile {
            file: FileId::new(self.dice.id()).expect("not nil"),
            name: format!("{}.png", re.socket),
            kind: "image/png".to_owned(),
            bytes: 1 + self.dice.below(1_000) as u64,
        };
        let input = Input::Share {
            interaction,
            by: first.or(second).unwrap_or(Actor::TANDEM),
            mid: mid.clone(),
            file,
            most: 5,
            re,
        };
        (Asked::File(interaction, mid), input)
    }

    // Somebody says that two matters are one, or that one is not part of another; often neither is so.
    fn link(&mut self, interaction: InteractionId, live: &[InteractionId], re: Asker) -> Input {
        let reason = "the world says so".to_owned();
        let mut theirs: Vec<_> = self.ledger.persons.theirs(interaction).collect();
        theirs.retain(|id| *id != interaction);
        let near = self.dice.pick(&theirs).filter(|_| self.dice.chance(70));
        let other = near.or_else(|| self.dice.pick(live));
        let other = *other.expect("one is live");
        let order = match self.dice.chance(70) {
            true => link::Order::Merge { other, reason },
            false => link::Order::Unmerge { reason },
        };
        Input::Link {
            interaction,
            order,
            by: Actor::TANDEM,
            re,
        }
    }

    // Something is said about whether somebody may be called; mostly for a while.
    fn consent(&mut self, re: Asker) -> (Asked, Input) {
        let all: Vec<CustomerId> = self.ledger.persons.all().collect();
        let customer = self.dice.pick(&all).copied();
        let subject = match customer.filter(|_| self.dice.chance(50)) {
            Some(customer) => Subject::Customer(customer),
            None => Subject::Number(name(self.dice.pick(&NUMBERS).expect("some"))),
        };
        let channel = match (&subject, self.dice.chance(50)) {
            (Subject::Customer(_), true) => ContactChannel::Mail,
            (Subject::Customer(_) | Subject::Number(_) | Subject::Mail(_), _) => {
                ContactChannel::Voice
            }
        };
        let changes = [
            Change::Suppressed,
            Change::Withdrawn,
            Change::Given,
            Change::Unsuppressed,
        ];
        let said = Statement {
            subject,
            channel,
            change: *self.dice.pick(&changes).expect("some"),
            source: Source::Api,
            reason: Some(format!("word {} of it", re.socket)),
            until: self.dice.chance(70).then(|| {
                let span = self.dice.below(200_000) as u64;
                Timestamp(DAY + self.now + span)
            }),
            by: None,
        };
        let asked = Asked::Consent(said.clone());
        (
            asked,
            Input::SetConsent {
                said,
                interaction: None,
                by: Actor::TANDEM,
                re,
            },
        )
    }

    // Somebody follows the link of a mail they have: to take the call back, to move it, or to be left alone.
    fn link_used(&mut self, re: Asker) -> (Asked, Input) {
        let mails = self.linked();
        let row = self.dice.pick(&mails).expect("there is one");
        let mail = &self.post.taken[row];
        let by = Actor::Customer(mail.customer);
        let withdrawn = |subject| Statement {
            subject,
            channel: ContactChannel::Mail,
            change: Change::Withdrawn,
            source: Source::Link,
            reason: None,
            until: None,
            by: None,
        };
        match (mail.matter, self.dice.below(4)) {
            (Matter::Reminder { callback, .. }, 0) => {
                let input = Input::CancelCallback { callback, by, re };
                (Asked::Cancel(callback), input)
            }
            (Matter::Reminder { callback, .. }, 1) => {
                let at = Timestamp(DAY + self.now + 60_000 + self.dice.below(600_000) as u64);
                let change = Revision {
                    at: Some(at),
                    ..Revision::default()
                };
                let input = Input::ReviseCallback {
                    callback,
                    by,
                    change,
                    re,
                };
                (Asked::Other, input)
            }
            (_, 2) => {
                let said = withdrawn(Subject::Customer(mail.customer));
                (
                    Asked::Consent(said.clone()),
                    Input::SetConsent {
                        said,
                        interaction: None,
                        by,
                        re,
                    },
                )
            }
            (Matter::Reminder { .. } | Matter::Transcript { .. }, _) => {
                let said = withdrawn(Subject::mail(&mail.to).expect("it was written to"));
                (
                    Asked::Consent(said.clone()),
                    Input::SetConsent {
                        said,
                        interaction: None,
                        by,
                        re,
                    },
                )
            }
        }
    }

    // A visitor wants what was said in a chat of theirs.
    fn transcript(&mut self, re: Asker) -> Input {
        let all: Vec<InteractionId> = self.ledger.matters.keys().copied().collect();
        let interaction = *self.dice.pick(&all).expect("there is one");
        let customer = self
            .ledger
            .persons
            .of(interaction)
            .expect("it is somebody's");
        let to = format!("ida{}@example.org", self.dice.below(5));
        Input::MailTranscript {
            interaction,
            customer,
            to,
            re,
        }
    }

    // Something is done to the record of somebody who came once.
    fn record(&mut self, re: Asker) -> Input {
        let all: Vec<CustomerId> = self.ledger.persons.all().collect();
        let merged: Vec<CustomerId> = self.ledger.persons.merged().collect();
        let stranger = CustomerId::new(self.dice.id()).expect("not nil");
        let mut some = |of: &[CustomerId]| self.dice.pick(of).copied().unwrap_or(stranger);
        let (customer, other, part) = (some(&all), some(&all), some(&merged));
        let reason = "the world says so".to_owned();
        let (customer, order) = match self.dice.below(13) {
            0..4 => (customer, Order::Merge { other, reason }),
            4..8 => (part, Order::Unmerge { reason }),
            11..13 => (customer, Order::Erase { reason }),
            8 => (customer, Order::Value(self.dice.below(10) as u8)),
            _ => {
                let number = Some(name(self.dice.pick(&NUMBERS).expect("some")));
                let mail = self
                    .dice
                    .chance(50)
                    .then(|| format!("p{}@example.org", re.socket));
                let (name, value) = (None, None);
                (
                    customer,
                    Order::Describe {
                        cleared: Vec::new(),
                        name,
                        number,
                        mail,
                        value,
                    },
                )
            }
        };
        Input::Customer {
            customer,
            order,
            by: Actor::TANDEM,
            re,
        }
    }

    fn callback(&mut self, within: Option<InteractionId>, re: Asker) -> Input {
        let number = name(self.dice.pick(&NUMBERS).expect("some"));
        let wished = wishes::wish(&mut self.dice, Timestamp(DAY + self.now));
        let queue = *self.dice.pick(&["support", "sales"]).expect("some");
        let fresh = InteractionId::new(self.dice.id()).expect("not nil");
        Input::AskCallback {
            wish: wished.how,
            interaction: within.unwrap_or(fresh),
            queue: within.is_none().then(|| name(queue)),
            by: Actor::TANDEM,
            number,
            at: wished.at,
            re,
        }
    }

    // What was answered stands where the answer says, first file or repeat.
    fn check_file(&self, interaction: InteractionId, mid: &Mid, Seq(seq): Seq) {
        self.hear("a file was shared");
        let timeline = &self.ledger.matters[&interaction].timeline;
        let mut files = timeline.entries().iter().filter_map(|entry| {
            let What::File { mid: of, .. } = &entry.what else {
                return None;
            };
            (of == mid).then_some(entry.seq)
        });
        let found = (files.next(), files.next());
        assert_eq!(
            found,
            (Some(Seq(seq)), None),
            "a file that was acknowledged stands in the chat once: {interaction} {mid}"
        );
    }

    /// Takes the answer to a program.
    pub fn answered(&mut self, reply: &Reply) {
        let asked = self.asks.remove(&reply.to.socket);
        let asked = asked.expect("only who asked is answered, and once");
        match (asked, &reply.result) {
            (Asked::Callback, Ok(Done::Promised { callback })) => {
                self.books.promised.insert(*callback);
            }
            (Asked::Cancel(callback), Ok(_)) => {
                self.books.cancelled.insert(callback, self.now);
            }
            (Asked::Consent(said), Ok(_)) => {
                let heard = self.ledger.persons.heard(&said);
                assert!(heard, "what a program said is in the journal: {said:?}");
            }
            (Asked::File(interaction, mid), Ok(Done::Written { seq, .. })) => {
                self.check_file(interaction, &mid, *seq);
            }
            (Asked::Callback | Asked::File(..) | Asked::Other, Ok(_)) | (_, Err(_)) => {}
        }
    }
}
