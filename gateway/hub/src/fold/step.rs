//! What a jump of the time does: whoever waits, is silent, wraps up or is asked has done so for as long as before, and has as
//! long left. What is due at a time of day stays.

use crate::{
    interaction::{Answer, Interaction},
    step::Jump,
};

impl Interaction {
    pub(crate) fn step(&mut self, jump: Jump) {
        self.stepped = self.stepped.and(jump);
        jump.move_on(&mut self.spoke);
        self.step_wait(jump);
        self.step_asked(jump);
        if let Some(stay) = &mut self.assignment {
            let own = [&mut stay.since, &mut stay.resumed, &mut stay.taken_up];
            let rests = [&mut stay.parked, &mut stay.wrap_up, &mut stay.wrapped];
            let all = own.into_iter().chain(rests.into_iter().flatten());
            all.for_each(|at| jump.move_on(at));
        }
        if let Some(rating) = &mut self.rating {
            jump.move_on(&mut rating.until);
            if let Answer::Given { at, .. } = &mut rating.answer {
                jump.move_on(at);
            }
        }
    }

    // Whom it is put before, who is asked in, and what is asked of its visitor.
    fn step_asked(&mut self, jump: Jump) {
        let offer = self.offer.iter_mut();
        let offer = offer.flat_map(|one| [&mut one.made, &mut one.deadline]);
        let invited = self.room.invited.iter_mut();
        let invited = invited.flat_map(|one| [&mut one.made, &mut one.deadline]);
        offer.chain(invited).for_each(|at| jump.move_on(at));
        if let Some(shared) = &mut self.cobrowse {
            let asked = shared.asked.iter_mut().map(|asked| &mut asked.until);
            let seen = [&mut shared.since, &mut shared.unwatched];
            let all = asked.chain(seen.into_iter().flatten());
            all.for_each(|at| jump.move_on(at));
            jump.move_on(&mut shared.placed);
        }
    }

    fn step_wait(&mut self, jump: Jump) {
        if let Some(entry) = &mut self.entry {
            entry.key = entry.key.step(jump);
            jump.move_on(&mut entry.entered);
            entry.kept_until.iter_mut().for_each(|at| jump.move_on(at));
        }
        if let Some(wait) = &mut self.wait {
            jump.move_on(&mut wait.came);
            if let Some(promises) = &mut wait.promises {
                jump.move_on(&mut promises.first.at);
                jump.move_on(&mut promises.last.at);
            }
        }
        let own = self.own.iter_mut().map(|own| &mut own.until);
        let tried = self.tried.values_mut().map(|tried| &mut tried.at);
        let kept = self.callbacks.values_mut();
        let kept = kept.filter_map(|promise| promise.plan.place.as_mut());
        let marks = self.place.iter_mut().chain(&mut self.message);
        let all = marks.chain(self.been.values_mut());
        all.chain(own)
            .chain(tried)
            .chain(kept)
            .for_each(|at| jump.move_on(at));
    }
}
