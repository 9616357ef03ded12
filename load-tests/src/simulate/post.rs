//! The way of mails to customers as the daemon goes it: the real spool behind a cursor that is put down late, and the gate
//! asked before each attempt. At its end a mail server that is slow at times, refuses, or takes a mail and does not say so.

use std::{collections::BTreeMap, time::Duration};

use hub::{
    Event,
    consent::Subject,
    mail::{Matter, Unsent},
};
use ws::{
    consent::ContactChannel,
    id::{CustomerId, Timestamp},
};

use crate::{
    agenda::{Due, Time},
    daemon::Daemon,
    dice::Dice,
    spool::{Changes, Lane, Outcome, Spool, Start},
    world::World,
};

/// How long a mail may fail before it is given up.
const GIVE_UP: Duration = Duration::from_secs(7_200);
/// How often it is looked for what came, at most.
const ROUND: u64 = 500;
/// How long the server is waited for.
const PATIENCE: u64 = 30_000;

/// How the mail server is.
#[derive(Clone, Copy, Debug, Default)]
enum Mood {
    #[default]
    Well,
    Slow,
    /// It refuses for now.
    Busy,
    /// It refuses for good.
    Strict,
    /// It takes what comes and does not say so.
    Mute,
    /// It is not there.
    Away,
}

/// One mail at the server.
#[derive(Debug)]
pub struct Mail {
    pub to: String,
    pub customer: CustomerId,
    pub matter: Matter,
}

/// What outlives the daemon: what was put down of the way, and the mail server.
#[derive(Debug, Default)]
pub struct Post {
    kept: Start,
    mood: Mood,
    /// Mails the server has, by their Message-ID.
    pub taken: BTreeMap<i64, Mail>,
    /// What came of each mail as far as it was put down; those need nothing more.
    over: BTreeMap<i64, &'static str>,
}

/// The daemon's side of a way that has a spool, which dies with it.
#[derive(Debug)]
pub struct Rounds {
    pub spool: Spool,
    /// Whether a round is planned.
    pub planned: bool,
    /// When the last was put down, which is before the next.
    pub put_at: Time,
    /// What came of letters in this life.
    heard: BTreeMap<i64, &'static str>,
}

impl Rounds {
    /// Goes on where it was put down; what fails for so long is given up.
    pub fn new(start: Start, give_up: Duration, dice: &mut Dice) -> Self {
        Self {
            spool: Spool::new(start, give_up, dice.seed()),
            planned: false,
            put_at: 0,
            heard: BTreeMap::new(),
        }
    }
}

impl Post {
    /// Lets the daemon go on where it was put down.
    pub fn rounds(&self, dice: &mut Dice) -> Rounds {
        Rounds::new(self.kept.clone(), GIVE_UP, dice)
    }

    /// Takes in what is put down.
    fn put_down(&mut self, changes: Changes, heard: &BTreeMap<i64, &'static str>) {
        let kept = &mut self.kept;
        assert!(kept.cursor <= changes.cursor, "a cursor never runs back");
        kept.cursor = changes.cursor;
        kept.waiting.retain(|letter| {
            let row = &letter.row;
            let dead = changes.dead.iter().any(|dead| dead.letter.row == *row);
            !(changes.waiting.contains_key(row) || changes.done.contains(row) || dead)
        });
        kept.waiting.extend(changes.waiting.into_values());
        (kept.rests_until, kept.gone_at) = (changes.rests_until, changes.gone_at);
        for (row, end) in heard {
            let waits = kept.waiting.iter().any(|letter| letter.row == *row);
            if *row <= kept.cursor && !waits {
                self.over.insert(*row, end);
            }
        }
    }
}

impl World {
    /// Returns the mails whose links still lead somewhere: an erasure ends them.
    pub fn linked(&self) -> Vec<i64> {
        let facts = self.disk.facts();
        let stands = |row: &i64| {
            let fact = usize::try_from(row - 1).ok().and_then(|at| facts.get(at));
            fact.is_some_and(|fact| match &fact.event {
                Event::MailPosted { to, .. } => !to.is_empty(),
                _ => false,
            })
        };
        self.post.taken.keys().copied().filter(stands).collect()
    }

    /// The mail server is otherwise from now on.
    pub fn change_mail_server(&mut self) {
        self.post.mood = match self.dice.below(8) {
            0 => Mood::Slow,
            1 => Mood::Busy,
            2 => Mood::Strict,
            3 => Mood::Mute,
            4 => Mood::Away,
            _ => Mood::Well,
        };
    }

    /// The mail server is well again.
    pub fn heal_mail_server(&mut self) {
        self.post.mood = Mood::Well;
    }

    /// Sees to it that the daemon looks for mails.
    pub fn plan_round(&mut self, after: u64) {
        if let Some(daemon) = &mut self.daemon
            && !std::mem::replace(&mut daemon.rounds.planned, true)
        {
            let birth = daemon.birth;
            self.plan(after, Due::Round { birth });
        }
    }

    /// The daemon looks for mails and sends what is due.
    pub fn mail_round(&mut self, birth: u64) {
        let now = self.now;
        let Some(daemon) = self.daemon.as_mut().filter(|one| one.birth == birth) else {
            return;
        };
        daemon.rounds.planned = false;
        let clock = daemon.clock(now);
        if let Some(read) = daemon.rounds.spool.wants_rows() {
            let facts = self.disk.facts();
            let rows = (1i64..).zip(facts).filter(|(row, _)| *row > read);
            let mails = rows.filter(|(_, fact)| matches!(fact.event, Event::MailPosted { .. }));
            let lane = |row: i64, id: Option<ws::id::InteractionId>| -> Lane {
                id.map_or(row.to_string(), |id| id.to_string()).into()
            };
            let rows = mails.map(|(row, fact)| (row, lane(row, fact.interaction)));
            let (rows, end) = (rows.collect(), facts.len() as i64);
            daemon.rounds.spool.handle_rows(rows, end, clock);
        }
        while let Some(row) = self.next_letter(clock) {
            self.send_mail(row, clock);
        }
        self.put_down_soon();
        let Some(daemon) = &self.daemon else { return };
        if let Some(due) = daemon.rounds.spool.poll_timeout() {
            let after = daemon.time_of(due).saturating_sub(now).max(ROUND);
            self.plan_round(after);
        }
    }

    fn next_letter(&mut self, clock: Timestamp) -> Option<i64> {
        self.daemon.as_mut()?.rounds.spool.poll_letter(clock)
    }

    // What was put down is so a little later, or never when the daemon dies.
    fn put_down_soon(&mut self) {
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        let birth = daemon.birth;
        if let Some(changes) = daemon.rounds.spool.poll_changes() {
            let at = (self.now + self.dice.below(400) as u64).max(daemon.rounds.put_at);
            daemon.rounds.put_at = at;
            let changes = Box::new(changes);
            self.agenda.plan(at, Due::PutDown { birth, changes });
        }
    }

    /// What was done about mails is durable.
    pub fn put_down(&mut self, birth: u64, changes: Changes) {
        if let Some(daemon) = self.daemon.as_ref().filter(|one| one.birth == birth) {
            self.post.put_down(changes, &daemon.rounds.heard);
        }
    }

    fn send_mail(&mut self, row: i64, clock: Timestamp) {
        let index = usize::try_from(row - 1).expect("rows count from 1");
        let Event::MailPosted {
            to,
            customer,
            matter,
        } = self.disk.facts()[index].event.clone()
        else {
            panic!("row {row} is no mail");
        };
        let Some(daemon) = &self.daemon else { return };
        let birth = daemon.birth;
        let mail = Mail {
            to,
            customer,
            matter,
        };
        let admitted = daemon
            .house
            .hub
            .still_mails(&mail.to, customer, matter, clock);
        let not = match (mail.to.is_empty(), admitted) {
            (true, _) => Some(("erased", Outcome::Delivered)),
            (_, Err(Unsent::Closed(_))) => Some(("forbidden", Outcome::Delivered)),
            (_, Err(Unsent::Over)) => Some(("over", Outcome::Delivered)),
            (_, Err(Unsent::Late)) => Some(("too late", hopeless())),
            (_, Ok(())) => None,
        };
        if let Some((end, outcome)) = not {
            self.hear(&format!("a mail was not sent: {end}"));
            return self.plan(0, Due::Mailed(birth, row, end, outcome));
        }
        self.check_mail(row, &mail, clock);
        self.note(|| format!("mail {row} to {}", mail.to));
        let soon = 10 + self.dice.below(300) as u64;
        let (takes, answers) = match self.post.mood {
            Mood::Well => (true, Some((soon, "sent", Outcome::Delivered))),
            Mood::Slow => (true, Some((soon * 60, "sent", Outcome::Delivered))),
            Mood::Busy => (false, Some((soon, "", failed()))),
            Mood::Strict => (false, Some((soon, "refused", hopeless()))),
            Mood::Mute => (true, None),
            Mood::Away => (false, None),
        };
        let (after, end, outcome) = answers.unwrap_or((PATIENCE, "", failed()));
        if takes {
            self.hear("a mail is taken");
            self.post.taken.insert(row, mail);
        }
        self.plan(after, Due::Mailed(birth, row, end, outcome));
    }

    // Nobody is written to who forbade it, and nothing is sent twice of which it is known that it arrived.
    fn check_mail(&self, row: i64, mail: &Mail, clock: Timestamp) {
        let known = self.post.over.get(&row);
        assert_eq!(known, None, "a mail that is done with is not sent: {row}");
        let Some(daemon) = &self.daemon else { return };
        let heard = daemon.rounds.heard.get(&row);
        assert_eq!(heard, None, "a mail that arrived is not sent again: {row}");
        if self.post.taken.contains_key(&row) {
            self.hear("a mail is sent again");
        }
        daemon.check_addressee(&mail.to, mail.customer, clock);
        if let Matter::Reminder { due, .. } = mail.matter {
            assert!(clock < due, "nobody is reminded too late: {row}");
        }
    }

    /// The daemon hears what came of a mail.
    pub fn mailed(&mut self, birth: u64, row: i64, end: &'static str, outcome: Outcome) {
        let now = self.now;
        let Some(daemon) = self.daemon.as_mut().filter(|one| one.birth == birth) else {
            return;
        };
        let clock = daemon.clock(now);
        if !end.is_empty() {
            daemon.rounds.heard.insert(row, end);
        }
        daemon.rounds.spool.handle_outcome(row, outcome, clock);
        self.put_down_soon();
        self.plan_round(ROUND);
    }

    /// Lets every mail come to its end, and checks that none is left.
    pub fn check_mails(&mut self) {
        let end: Time = self.now + 16_000_000;
        self.plan_round(0);
        while self.is_mailing() && self.now < end {
            self.pass(5_000);
        }
        assert!(!self.is_mailing(), "a mail has no end");
    }

    fn is_mailing(&self) -> bool {
        let daemon = self.daemon.as_ref().expect("it was started again");
        daemon.rounds.planned || daemon.rounds.spool.len() > 0
    }
}

impl Daemon {
    /// Checks that a mail may go to an address, of a customer.
    pub fn check_addressee(&self, to: &str, customer: CustomerId, at: Timestamp) {
        let customers = self.fold.customers();
        let family = customers.family(customers.root(customer));
        let address = Subject::mail(to).expect("only addresses are written to");
        let family = family.into_iter().map(Subject::Customer);
        let subjects: Vec<Subject> = family.chain([address]).collect();
        let said = self.fold.consents();
        let bar = said.bar(&subjects, ContactChannel::Mail, false, at);
        assert!(
            bar.is_none(),
            "nobody is written to who forbade it: {bar:?}"
        );
    }
}

fn failed() -> Outcome {
    Outcome::Failed {
        error: "not now".to_owned(),
        after: None,
    }
}

fn hopeless() -> Outcome {
    Outcome::Hopeless {
        error: "never".to_owned(),
    }
}
