//! Programs that ask by the API: they hold what they were answered, and know nothing when the daemon dies on them.

use hub::{
    Input,
    house::Told,
    input::{Actor, Asker, Done, Reply},
    link::Order,
};
use ws::id::{CallbackId, InteractionId, Timestamp};

use crate::{
    client::NUMBERS,
    house::name,
    world::{DAY, World},
};

/// What was asked.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    Callback,
    Cancel(CallbackId),
    Other,
}

impl World {
    /// Has a program ask for something.
    pub fn ask(&mut self) {
        self.next += 1;
        let socket = self.next;
        let (asked, input) = self.question(Asker { socket, id: 0 });
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
        let by = Actor::Api;
        match (self.dice.below(10), some, self.dice.pick(&promised)) {
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
            (4, Some(interaction), _) => (Asked::Other, self.link(interaction, &live, re)),
            (n, some, _) => (Asked::Callback, self.callback(some.filter(|_| n < 6), re)),
        }
    }

    // Somebody says that two matters are one, or that one is not part of another; often neither is so.
    fn link(&mut self, interaction: InteractionId, live: &[InteractionId], re: Asker) -> Input {
        let reason = "the world says so".to_owned();
        let other = *self.dice.pick(live).expect("one is live");
        let order = match self.dice.chance(70) {
            true => Order::Merge { other, reason },
            false => Order::Unmerge { reason },
        };
        Input::Link {
            interaction,
            order,
            by: Actor::Api,
            re,
        }
    }

    fn callback(&mut self, within: Option<InteractionId>, re: Asker) -> Input {
        let number = name(self.dice.pick(&NUMBERS).expect("some"));
        let at = self.dice.chance(60).then(|| {
            let span = self.dice.below(400_000) as u64;
            Timestamp(DAY + self.now + span)
        });
        let queue = *self.dice.pick(&["support", "sales"]).expect("some");
        let fresh = InteractionId::new(self.dice.id()).expect("not nil");
        Input::AskCallback {
            wish: ws::callback::Wish::default(),
            interaction: within.unwrap_or(fresh),
            queue: within.is_none().then(|| name(queue)),
            by: Actor::Api,
            number,
            at,
            re,
        }
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
            (Asked::Callback | Asked::Other, Ok(_)) | (_, Err(_)) => {}
        }
    }
}
