//! A caller in a menu: what they hear, what they key, where they go.

use std::{sync::Arc, time::Duration};

use ws::{
    id::{InteractionId, LegId, MenuId, QueueId, Timestamp},
    timeline::Author,
};

use super::{Asks, Exit, MenuSetup};
use crate::{
    command::{Command, Program},
    event::{Event, InCall},
    hours::Opening,
    hub::Hub,
    input::CauseKind,
    interaction::{Call, Interaction},
    leg::Leg,
    promise::Plan,
    settle::cause,
};

/// An announcement that is not told to be over is taken to be after this.
const LONGEST: Duration = Duration::from_secs(300);
/// How many menus one caller goes through before they wait in the queue of the last: a circle of menus has an end.
const MENUS: u8 = 30;

/// How it stands in a menu.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Whether what it says was asked for.
    said: bool,
    /// How often the caller was asked in vain.
    vain: u8,
    /// What was keyed of an answer.
    keys: String,
    /// When it goes on by itself.
    until: Option<Timestamp>,
    /// How many menus the caller went through.
    menus: u8,
}

impl Turn {
    /// Lets the caller hear it from its beginning.
    pub(crate) fn begin_anew(&mut self) {
        (self.said, self.until) = (false, None);
        self.keys.clear();
    }
}

impl Hub {
    /// Returns the menu that is called by a name.
    pub(crate) fn menu_called(&self, name: &str) -> Option<(MenuId, &MenuSetup)> {
        let menu: MenuId = name.parse().ok()?;
        let setup = self.setup.menus.get(&menu)?;
        Some((menu, setup))
    }

    /// Lets the caller of a new interaction come to a menu.
    pub(crate) fn begin_menu(&mut self, id: InteractionId, menu: MenuId) {
        let found = self.state.interaction(id);
        if let Some(leg) = found.and_then(|f| f.call.as_ref()).map(|c| c.customer) {
            self.enter_menu(leg, menu);
        }
    }

    fn enter_menu(&mut self, leg: LegId, menu: MenuId) {
        let id = leg.interaction;
        let Some(setup) = self.setup.menus.get(&menu) else {
            return;
        };
        let closed = setup.hours.as_ref().filter(|(hours, _)| {
            let opening = hours.at(self.now);
            matches!(opening, Opening::Closed { .. })
        });
        let closed = closed.map(|(_, exit)| exit.clone());
        let aside = self.asides.entry(id).or_default();
        let menus = aside.turn.take().map_or(0, |turn| turn.menus) + 1;
        aside.turn = Some(Turn {
            menus,
            ..Turn::default()
        });
        self.tell(Some(id), Event::InCall(InCall::MenuEntered { leg, menu }));
        if let Some(exit) = closed {
            self.leave_menu(leg, exit, "the menu is closed at this hour");
        }
    }

    /// Lets a caller hear the menu they are in.
    pub(crate) fn attend_menu(&mut self, id: InteractionId, leg: LegId) {
        let Some(setup) = self.menu_of(leg) else {
            return;
        };
        let found = self.state.interaction(id);
        let answered = found.and_then(|f| f.leg(leg));
        let answered = answered.is_some_and(Leg::is_answered);
        let wait = match setup.asks {
            Asks::Nothing(_) => Duration::ZERO,
            Asks::Key(_) | Asks::Digits { .. } => setup.wait,
        };
        let now = self.now;
        let aside = self.asides.entry(id).or_default();
        if !answered {
            if !std::mem::replace(&mut aside.answered, true) {
                self.ask(Command::Answer { leg });
            }
            return;
        }
        let turn = aside.turn.get_or_insert_default();
        if std::mem::replace(&mut turn.said, true) {
            return;
        }
        let again = setup.say_again.iter().filter(|_| turn.vain > 0);
        let say: Vec<_> = again.chain(&setup.say).cloned().collect();
        turn.until = Some(now + if say.is_empty() { wait } else { LONGEST });
        if !say.is_empty() {
            let program = Program::Say(say);
            self.ask(Command::Play { leg, program });
        }
        self.touch(id);
    }

    /// Takes that a caller heard the menu to its end.
    pub(crate) fn menu_heard(&mut self, leg: LegId) {
        let Some(setup) = self.menu_of(leg) else {
            return;
        };
        if let Asks::Nothing(then) = &setup.asks {
            return self.leave_menu(leg, then.clone(), "it was said");
        }
        let until = self.now + setup.wait;
        let aside = self.asides.entry(leg.interaction).or_default();
        if let Some(turn) = aside.turn.as_mut().filter(|turn| turn.said) {
            turn.until = Some(until);
        }
        self.touch(leg.interaction);
    }

    /// Takes a key; tells whether it was the menu's.
    pub(crate) fn menu_key(&mut self, leg: LegId, digit: char) -> bool {
        let Some(setup) = self.menu_of(leg) else {
            return false;
        };
        match &setup.asks {
            Asks::Nothing(_) => {}
            Asks::Key(ways) => {
                self.tell_keys(leg, digit.to_string());
                match ways.get(&digit) {
                    Some(exit) => self.leave_menu(leg, exit.clone(), "the caller chose so"),
                    None => self.ask_again(leg, "no key led anywhere"),
                }
            }
            Asks::Digits { most, .. } => self.add_key(leg, digit, *most, setup.wait),
        }
        true
    }

    fn add_key(&mut self, leg: LegId, digit: char, most: u8, wait: Duration) {
        let until = self.now + wait;
        let aside = self.asides.entry(leg.interaction).or_default();
        let turn = aside.turn.get_or_insert_default();
        let first = turn.keys.is_empty();
        turn.until = Some(until);
        if digit != '#' {
            turn.keys.push(digit);
        }
        let whole = digit == '#' || turn.keys.len() >= usize::from(most);
        self.touch(leg.interaction);
        if whole {
            self.take_answer(leg);
        } else if first {
            // Who keys has heard enough.
            let program = Program::Silence;
            self.ask(Command::Play { leg, program });
        }
    }

    // What was keyed so far is the answer, if it is long enough.
    fn take_answer(&mut self, leg: LegId) {
        let id = leg.interaction;
        let Some(setup) = self.menu_of(leg) else {
            return;
        };
        let Asks::Digits {
            least,
            keep,
            secret,
            then,
            ..
        } = &setup.asks
        else {
            return;
        };
        let turn = self.asides.get(&id).and_then(|aside| aside.turn.as_ref());
        let keys = turn.map_or_else(String::new, |turn| turn.keys.clone());
        if !keys.is_empty() {
            let shown = match *secret {
                true => "*".repeat(keys.len()),
                false => keys.clone(),
            };
            self.tell_keys(leg, shown);
        }
        if keys.len() < usize::from(*least) {
            let why = match keys.is_empty() {
                true => "no key came",
                false => "too few keys came",
            };
            return self.ask_again(leg, why);
        }
        if let Some(system) = keep.clone().filter(|_| !secret) {
            self.tell(Some(id), Event::ExternalId { system, id: keys });
        }
        self.leave_menu(leg, then.clone(), "the caller answered");
    }

    fn tell_keys(&mut self, leg: LegId, keys: String) {
        let id = leg.interaction;
        let call = self.state.interaction(id).and_then(|f| f.call.as_ref());
        if let Some(menu) = call.and_then(|call| call.menu.clone()) {
            let keyed = InCall::MenuKeyed { leg, menu, keys };
            self.tell(Some(id), Event::InCall(keyed));
        }
    }

    /// Goes on where no key came.
    pub(crate) fn menu_over(&mut self, leg: LegId) {
        let Some(setup) = self.menu_of(leg) else {
            return;
        };
        match &setup.asks {
            Asks::Nothing(then) => self.leave_menu(leg, then.clone(), "it was said"),
            Asks::Key(_) => self.ask_again(leg, "no key came"),
            Asks::Digits { .. } => self.take_answer(leg),
        }
    }

    // Once more, or not.
    fn ask_again(&mut self, leg: LegId, why: &str) {
        let id = leg.interaction;
        let Some(setup) = self.menu_of(leg) else {
            return;
        };
        let aside = self.asides.entry(id).or_default();
        let turn = aside.turn.get_or_insert_default();
        turn.vain = turn.vain.saturating_add(1);
        if turn.vain >= setup.tries {
            return self.leave_menu(leg, setup.otherwise.clone(), why);
        }
        turn.begin_anew();
        self.touch(id);
    }

    fn leave_menu(&mut self, leg: LegId, to: Exit, reason: &str) {
        let id = leg.interaction;
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let Some(menu) = found.call.as_ref().and_then(|call| call.menu.clone()) else {
            return;
        };
        let aside = self.asides.get(&id);
        let menus = aside.and_then(|a| a.turn.as_ref()).map_or(0, |t| t.menus);
        let (to, queue) = self.way_out(found, to, menus);
        if to == Exit::Repeat {
            return self.ask_again(leg, reason);
        }
        let reason = reason.to_owned();
        let left = InCall::MenuLeft {
            leg,
            menu,
            to: to.clone(),
            queue,
            reason,
        };
        self.tell(Some(id), Event::InCall(left));
        let aside = self.asides.entry(id).or_default();
        match to {
            Exit::Menu(menu) => return self.enter_menu(leg, menu),
            Exit::Agent(agent) => aside.wanted = Some(agent),
            Exit::Callback => self.call_back_from_menu(leg),
            Exit::HangUp => self.let_go(leg),
            // What follows is asked of how it stands.
            Exit::Queue(_) | Exit::Voicemail | Exit::Repeat => {}
        }
        self.asides.entry(id).or_default().turn = None;
    }

    // Where it really goes, and the queue they belong to then: what cannot be done leads to the queue.
    fn way_out(&self, found: &Interaction, to: Exit, menus: u8) -> (Exit, QueueId) {
        let own = found.queue.clone();
        match to {
            Exit::Queue(queue) => (Exit::Queue(queue.clone()), queue),
            Exit::Agent(agent) => match self.roster.serves(&agent).first() {
                Some(queue) => (Exit::Agent(agent), queue.clone()),
                None => (Exit::Queue(own.clone()), own),
            },
            Exit::Menu(menu) => match self.setup.menus.get(&menu) {
                Some(setup) if menus < MENUS => (Exit::Menu(menu), setup.queue.clone()),
                Some(_) | None => (Exit::Queue(own.clone()), own),
            },
            Exit::Callback if self.may_promise(found) => (Exit::Callback, own),
            Exit::Voicemail if self.takes_message(&own) => (Exit::Voicemail, own),
            Exit::Callback | Exit::Voicemail => (Exit::Queue(own.clone()), own),
            Exit::Repeat => (Exit::Repeat, own),
            Exit::HangUp => (Exit::HangUp, own),
        }
    }

    fn may_promise(&self, found: &Interaction) -> bool {
        let possible = !self.draining && self.setup.outbound.is_some() && self.may_be_called(found);
        let number = found.number.as_ref().filter(|_| possible);
        number.is_some_and(|number| self.fit(number, &Plan::default(), self.now).is_some())
    }

    fn call_back_from_menu(&mut self, leg: LegId) {
        let id = leg.interaction;
        let number = self.state.interaction(id).and_then(|f| f.number.clone());
        let plan = Plan::default();
        if let Some(number) = number
            && let Some(due) = self.fit(&number, &plan, self.now)
        {
            self.promise(id, number, due, Author::Customer, plan);
            let why = cause(CauseKind::Normal, "a call was promised instead");
            self.hang_up_after(leg, Program::Promised, &why);
            self.tell(Some(id), Event::CallEnded { leg, cause: why });
        }
    }

    fn let_go(&mut self, leg: LegId) {
        let id = leg.interaction;
        let why = cause(CauseKind::Normal, "the menu ended the call");
        self.hang_up_after(leg, Program::Goodbye, &why);
        let text = why.text.clone();
        self.tell(Some(id), Event::CallEnded { leg, cause: why });
        self.ended(id, Author::System, &text);
    }

    // The menu that a customer's leg is in. Whose menu the configuration has no more goes on to the queue.
    fn menu_of(&mut self, leg: LegId) -> Option<Arc<MenuSetup>> {
        let found = self.state.interaction(leg.interaction)?;
        let call = found.call.as_ref().filter(|call| call.customer == leg)?;
        let setup = self.setup.menus.get(call.menu.as_ref()?).cloned();
        if setup.is_none() {
            let queue = Exit::Queue(found.queue.clone());
            self.leave_menu(leg, queue, "the menu is there no more");
        }
        setup
    }

    /// Returns when a menu goes on by itself.
    pub(crate) fn menu_until(&self, found: &Interaction, call: &Call) -> Option<Timestamp> {
        call.menu.as_ref()?;
        let turn = self.asides.get(&found.id)?.turn.as_ref()?;
        turn.until.filter(|_| !self.is_releasing(call.customer))
    }
}
