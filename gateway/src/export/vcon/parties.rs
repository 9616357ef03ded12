//! Who took part: the customer first, then agents, programs, telephones outside and the house, each once.

use serde_json::{Map, Value, json};
use ws::timeline::{Author, What};

use super::{CUSTOMER, Staff, whole};
use crate::{
    export::uuid,
    store::record::{LegRecord, Record},
};

/// The parties of a container, by their place.
pub(super) struct Parties<'a> {
    staff: &'a Staff,
    pub(super) all: Vec<Value>,
    known: Vec<(Who, usize)>,
}

#[derive(PartialEq)]
enum Who {
    Agent(String),
    Program(String),
    /// A telephone that the house called or gave a call to, by its number where it is known.
    Outside(Option<String>),
    House,
}

impl<'a> Parties<'a> {
    pub(super) fn new(record: &Record, staff: &'a Staff) -> Self {
        let mut parties = Self {
            staff,
            all: vec![customer(record)],
            known: Vec::new(),
        };
        for part in whole(record) {
            for entry in &part.timeline {
                if let What::Joined { agent, name } = &entry.what {
                    parties.agent(agent.as_str(), Some(name));
                }
            }
            for stay in &part.assignments {
                parties.agent(stay.agent.as_str(), None);
            }
        }
        parties
    }

    fn place(&mut self, who: Who, party: impl FnOnce() -> Value) -> usize {
        let known = self.known.iter().find(|(known, _)| *known == who);
        if let Some((_, at)) = known {
            return *at;
        }
        let at = self.all.len();
        self.all.push(party());
        self.known.push((who, at));
        at
    }

    // Whose name no fact of the contact tells has that on record.
    fn agent(&mut self, agent: &str, name: Option<&String>) -> usize {
        let staff = self.staff;
        let name = name.or_else(|| staff.name(agent));
        let name = name.map_or(agent, String::as_str);
        let party = || json!({ "name": name, "uuid": agent, "type": "person" });
        self.place(Who::Agent(agent.to_owned()), party)
    }

    fn program(&mut self, name: &str) -> usize {
        let party = || json!({ "name": name, "role": "program" });
        self.place(Who::Program(name.to_owned()), party)
    }

    fn outside(&mut self, number: Option<&String>) -> usize {
        let party = || match number {
            Some(number) => json!({ "tel": number, "type": "person" }),
            None => json!({ "name": "anonymous", "type": "person" }),
        };
        self.place(Who::Outside(number.cloned()), party)
    }

    fn house(&mut self) -> usize {
        let party = || json!({ "name": "Tandem", "type": "organization" });
        self.place(Who::House, party)
    }

    pub(super) fn author(&mut self, author: &Author) -> usize {
        match author {
            Author::Customer => CUSTOMER,
            Author::Agent { agent, name } => self.agent(agent.as_str(), Some(name)),
            Author::Program { name } => self.program(name),
            Author::System => self.house(),
        }
    }

    /// Returns whose leg it is.
    pub(super) fn of_leg(&mut self, leg: &LegRecord) -> usize {
        match (leg.kind.as_str(), &leg.party) {
            ("outside_phone", number) => self.outside(number.as_ref()),
            ("agent_phone", Some(agent)) => {
                let at = self.agent(agent, None);
                if let (Some(party), Some(tel)) = (self.all.get_mut(at), self.staff.tel(agent)) {
                    party["tel"] = json!(tel);
                }
                at
            }
            (kind, Some(agent)) if kind.starts_with("agent_") => self.agent(agent, None),
            (kind, _) if kind.starts_with("customer_") => CUSTOMER,
            (_, _) => self.house(),
        }
    }
}

fn customer(record: &Record) -> Value {
    let card = &record.customer;
    let mut customer = Map::new();
    let mut put = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            customer.insert(name.to_owned(), json!(value));
        }
    };
    // Who shares a telephone is not known by it, and called from it all the same.
    let mut phones = record.legs.iter();
    let called =
        || phones.find_map(|leg| leg.party.as_ref().filter(|_| leg.kind == "customer_phone"));
    put("name", card.name.as_ref());
    put("tel", card.number.as_ref().or_else(called));
    put("mailto", card.mail.as_ref());
    if customer.is_empty() {
        customer.insert("name".to_owned(), json!("anonymous"));
    }
    if card.verified.is_some() {
        customer.insert("validation".to_owned(), json!("signed identity"));
    }
    customer.insert("uuid".to_owned(), json!(uuid(&card.customer)));
    customer.insert("type".to_owned(), json!("person"));
    Value::Object(customer)
}
