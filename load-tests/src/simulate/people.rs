//! What people at browsers do, by chance: visitors on their pages, and agents who only finish what is there.

use std::collections::BTreeSet;

use ws::{
    agent::Presence,
    client::{Opening, Visitor},
    cobrowse::{Act, Grant, Part, VisitorAct},
    id::{InteractionId, Number, Timestamp},
    timeline::What,
};

use crate::{
    agenda::Time,
    client::{Client, Machine, NUMBERS},
    dice::Dice,
    house::name,
    sharing::STREAM,
    voices,
    wishes::{self, Wished},
};

impl Client {
    /// Does what a person might do now; `calls` are those in which people are connected.
    pub fn act(&mut self, dice: &mut Dice, now: Time, day: u64, calls: &[InteractionId]) {
        let number = name(dice.pick(&NUMBERS).expect("there are some"));
        let wished = wishes::wish(dice, Timestamp(day + now));
        if self.is_visitor() {
            self.act_visitor(dice, number, wished);
        } else {
            self.act_agent(dice, number, wished, calls);
        }
    }

    /// Does what an agent does who only finishes what is there.
    pub fn serve(&mut self) {
        let Machine::Agent(agent) = &mut self.machine else {
            return;
        };
        let Some(desk) = agent.desk().cloned().filter(|_| agent.is_live()) else {
            return;
        };
        if desk.presence != Presence::Ready {
            agent.set_presence(Presence::Ready);
        }
        for offer in &desk.offers {
            agent.accept(offer.interaction);
        }
        for contact in &desk.contacts {
            match contact.wrap_up_until {
                Some(_) => agent.wrap_up(contact.interaction, None, None, None),
                None => agent.end(contact.interaction),
            }
        }
    }

    fn act_visitor(&mut self, dice: &mut Dice, number: Number, wished: Wished) {
        let promised = dice.pick(&self.promised).copied();
        let first = self.written.is_empty();
        let Machine::Visitor(visitor) = &mut self.machine else {
            return;
        };
        let (known, over) = (visitor.interaction().is_some(), visitor.thread().is_over());
        if over {
            return answer_rating(visitor, dice);
        }
        if self.quota == 0 {
            return;
        }
        if let Some(leg) = self.call.filter(|_| dice.chance(8)) {
            voices::go_on(visitor, leg, dice);
        }
        match (known, dice.below(100)) {
            (false, 0..20) => voices::call(visitor, self.zone, dice),
            (true, 58..60) => voices::call(visitor, self.zone, dice),
            (false, _) if first => self.open(dice),
            (true, 0..40) => {
                self.quota -= 1;
                self.say(dice);
            }
            (true, 40..48) => visitor.typing(dice.chance(50)),
            (true, 48..58) => visitor.read(),
            (true, 60..63) => visitor.call(number),
            (true, 63..68) => {
                visitor.callback(number, wished.at, Some(Box::new(wished.how)));
            }
            (true, 68..72) => {
                if let Some(callback) = promised {
                    visitor.cancel_callback(callback);
                }
            }
            (true, 72..75) => visitor.end(),
            (true, 75..80) => {
                let text = dice
                    .chance(60)
                    .then(|| format!("revised {}", dice.below(9)));
                if let Some(mid) = dice.pick(&self.written) {
                    visitor.revise(mid.clone(), text);
                }
            }
            (true, 80..98) => share_page(visitor, dice),
            (_, _) => {}
        }
    }

    fn open(&mut self, dice: &mut Dice) {
        let zone = name(self.zone);
        let mid = self.mid();
        let text = format!("{mid} opens");
        let opening = Opening {
            zone,
            name: dice.chance(30).then(|| "Ida".to_owned()),
            mail: dice.chance(60).then(|| format!("{mid}@example.org")),
            page: None,
            referrer: None,
            form: None,
        };
        if let Machine::Visitor(visitor) = &mut self.machine {
            visitor.open(opening, mid, text);
        }
    }

    fn say(&mut self, dice: &mut Dice) {
        let mid = self.mid();
        let text = match dice.below(30) {
            0 => "STOP".to_owned(),
            1 => "START".to_owned(),
            _ => format!("{mid} says"),
        };
        if let Machine::Visitor(visitor) = &mut self.machine {
            visitor.write(mid, text);
        }
    }
}

// Whoever is asked how it was answers now and then, and may think better of it.
fn answer_rating(visitor: &mut Visitor, dice: &mut Dice) {
    let mut entries = visitor.thread().entries().iter().rev();
    let told = entries.find_map(|entry| match &entry.what {
        What::RatingAsked { .. } => Some(30),
        What::Rated { .. } | What::RatingDeclined => Some(5),
        _ => None,
    });
    let (Some(likely), Some(interaction)) = (told, visitor.interaction()) else {
        return;
    };
    if dice.chance(likely) {
        let score = 1 + dice.below(5) as u8;
        let score = score.try_into().expect("1 to 5");
        visitor.rate(interaction, dice.chance(80).then_some(score), None);
    }
}

// What was said last about the page, and what is done upon it.
fn share_page(visitor: &mut Visitor, dice: &mut Dice) {
    let mut entries = visitor.thread().entries().iter().rev();
    let last = entries.find_map(|entry| match &entry.what {
        What::Cobrowse { act, .. } => Some(act.clone()),
        _ => None,
    });
    let url = format!("https://shop.example/{}", dice.below(3));
    let act = match (last, dice.below(10)) {
        (Some(Act::Asked { grants, .. }), 0..7) => {
            let some = grants.iter().filter(|_| dice.chance(80)).copied();
            let grants = some.collect();
            VisitorAct::Answer { grants }
        }
        // Nothing was asked; nothing is shared, or something is.
        (None, 0..8) => return,
        (_, 0) => VisitorAct::Answer {
            grants: BTreeSet::from([Grant::View]),
        },
        (_, 1) => VisitorAct::Revoke {
            grants: BTreeSet::from([Grant::Point, Grant::Control]),
        },
        (_, 2) => VisitorAct::Revoke {
            grants: BTreeSet::from([Grant::View]),
        },
        (_, 3) if dice.chance(50) => VisitorAct::Undone { label: None },
        (_, 3) => VisitorAct::Page { url, title: None },
        (_, _) => VisitorAct::Part(Part {
            stream: STREAM.to_owned(),
            batch: 1,
            at: 0,
            of: 1,
            fresh: true,
            text: r#"[{"type":4,"data":{},"timestamp":1}]"#.to_owned(),
        }),
    };
    visitor.cobrowse(act);
}
