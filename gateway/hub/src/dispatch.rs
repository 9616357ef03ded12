//! Which input goes to whom.

use ws::callback::Wanted;

use crate::{
    event::Event,
    hub::Hub,
    input::{Input, LegNews},
};

impl Hub {
    /// Hands an input to who decides on it.
    #[allow(clippy::too_many_lines, reason = "one arm a kind of input")]
    pub(crate) fn dispatch(&mut self, input: Input) {
        match input {
            Input::ConsoleOpened { agent, socket } => self.console_opened(&agent, socket),
            Input::ConsoleClosed { agent, socket } => self.console_closed(&agent, socket),
            Input::WidgetOpened { visitor, socket } => self.widget_opened(visitor, socket),
            Input::WidgetClosed {
                visitor,
                socket,
                went,
            } => self.widget_closed(visitor, socket, went),
            Input::PhoneRegistered {
                agent,
                binding,
                until,
            } => self.phone_registered(agent, binding, until),
            Input::PhoneGone { agent } => self.phone_gone(agent),
            Input::TrunkDown(down) => {
                self.tell(None, Event::TrunkDown(down));
            }
            Input::TrunkUp(up) => {
                self.tell(None, Event::TrunkUp(up));
                self.trunk_answers();
            }
            Input::CallArrived(arrival) => self.call_arrived(arrival),
            Input::Leg(news) => self.leg_news(news),
            Input::RecordingEnded { recording, outcome } => {
                self.recording_ended(recording, outcome);
            }
            Input::Recorder { recording, news } => self.recorder_news(recording, news),
            Input::LookedUp { interaction, found } => self.looked_up(interaction, *found),
            Input::Configure(setup) => self.configure(*setup),
            Input::Drain => self.drain(),
            // What an agent asks at the desk.
            Input::SetPresence {
                agent,
                presence,
                re,
            } => self.answer(re, |hub| hub.set_presence(agent, presence)),
            Input::SetHeadset {
                agent,
                socket,
                on,
                re,
            } => self.answer(re, |hub| hub.set_headset(agent, socket, on)),
            Input::SetPresenceOf {
                agent,
                presence,
                by,
                re,
            } => self.answer(re, |hub| hub.set_presence_of(agent, presence, &by)),
            Input::Accept {
                agent,
                interaction,
                re,
            } => self.answer(re, |hub| hub.accept(&agent, interaction)),
            Input::Decline {
                agent,
                interaction,
                re,
            } => self.answer(re, |hub| hub.decline(&agent, interaction)),
            Input::WrapUp {
                agent,
                interaction,
                disposition,
                note,
                solved,
                re,
            } => self.answer(re, |hub| {
                hub.wrap_up(&agent, interaction, disposition, note, solved)
            }),
            // What an agent asks about time, room and colleagues.
            Input::ExtendWrapUp {
                agent,
                interaction,
                by,
                re,
            } => self.answer(re, |hub| hub.extend_wrap_up(&agent, interaction, by)),
            Input::Park {
                agent,
                interaction,
                re,
            } => self.answer(re, |hub| hub.park(&agent, interaction)),
            Input::Unpark {
                agent,
                interaction,
                re,
            } => self.answer(re, |hub| hub.unpark(&agent, interaction)),
            Input::Note {
                agent,
                interaction,
                text,
                re,
            } => self.answer(re, |hub| hub.note_down(&agent, interaction, text)),
            Input::HandOver {
                agent,
                interaction,
                to,
                note,
                re,
            } => self.answer(re, |hub| hub.hand_over(&agent, interaction, to, note)),
            // What is written in a chat.
            Input::OpenChat {
                candidate,
                who,
                mid,
                text,
                re,
            } => self.answer(re, |hub| hub.open_chat(candidate, &who, mid, text)),
            Input::OpenCallback {
                candidate,
                who,
                mid,
                text,
                wanted,
                re,
            } => self.answer(re, |hub| {
                hub.open_callback(candidate, &who, (mid, text), *wanted)
            }),
            Input::Say {
                interaction: id,
                by,
                mid,
                text,
                re,
            } => self.answer(re, |hub| hub.say(id, &by, mid, text)),
            Input::Share {
                interaction: id,
                by,
                mid,
                file,
                most,
                re,
            } => self.answer(re, |hub| hub.share(id, &by, mid, file, most)),
            Input::Revise {
                interaction: id,
                by,
                mid,
                text,
                re,
            } => self.answer(re, |hub| hub.revise(id, &by, &mid, text)),
            // What anybody asks in an interaction.
            Input::Escalate {
                interaction: id,
                by,
                number,
                re,
            } => self.answer(re, |hub| hub.escalate(id, &by, number)),
            Input::HangUp {
                interaction: id,
                by,
                re,
            } => self.answer(re, |hub| hub.hang_up(id, &by)),
            Input::InCall {
                interaction: id,
                by,
                wish,
                re,
            } => self.answer(re, |hub| hub.wish(id, &by, wish)),
            Input::End {
                interaction: id,
                by,
                re,
            } => self.answer(re, |hub| hub.end(id, &by)),
            Input::Rate {
                interaction: id,
                by,
                score,
                comment,
                re,
            } => self.answer(re, |hub| hub.rate(id, &by, score, comment)),
            Input::CobrowseOfAgent {
                agent,
                interaction: id,
                act,
                re,
            } => self.answer(re, |hub| hub.cobrowse_of_agent(id, &agent, *act)),
            Input::CobrowseOfVisitor {
                visitor,
                interaction: id,
                act,
                zone,
                re,
            } => self.answer(re, |hub| {
                hub.cobrowse_of_visitor((visitor, re.socket), zone, id, *act)
            }),
            Input::Cross { pass, crossing, re } => {
                self.answer(re, |hub| hub.cross(pass, *crossing))
            }
            Input::Arrive { pass, page, re } => self.answer(re, |hub| hub.arrive(pass, &page)),
            // What is promised or forbidden for the time after a contact.
            Input::AskCallback {
                interaction: id,
                queue,
                by,
                number,
                at,
                wish,
                re,
            } => self.answer(re, |hub| {
                let wish = Some(Box::new(wish));
                hub.ask_callback(id, queue, &by, Wanted { number, at, wish })
            }),
            Input::ReviseCallback {
                callback,
                by,
                change,
                re,
            } => self.answer(re, |hub| hub.revise_callback(callback, &by, change)),
            Input::CancelCallback { callback, by, re } => {
                self.answer(re, |hub| hub.cancel_callback(callback, &by));
            }
            Input::SetConsent {
                said,
                interaction: id,
                by,
                re,
            } => self.answer(re, |hub| hub.set_consent(said, id, &by)),
            Input::MailTranscript {
                interaction: id,
                customer,
                to,
                re,
            } => self.answer(re, |hub| hub.mail_transcript(id, customer, to)),
            Input::TellConsent {
                interaction: id,
                by,
                channel,
                given,
                reason,
                re,
            } => self.answer(re, |hub| hub.tell_consent(id, &by, channel, given, reason)),
            Input::Memo { agent, act, re } => {
                self.answer(re, |hub| hub.act_on_memos(&agent, act));
            }
            Input::Customer {
                customer,
                order,
                by,
                re,
            } => self.answer(re, |hub| hub.order(customer, order, &by)),
            Input::Link {
                interaction,
                order,
                by,
                re,
            } => self.answer(re, |hub| hub.link_matters(interaction, order, &by)),
        }
    }

    // What was seen of a leg.
    fn leg_news(&mut self, news: LegNews) {
        match news {
            LegNews::Ringing { leg } => self.leg_ringing(leg),
            LegNews::Redirected {
                leg,
                status,
                to,
                more,
                after,
            } => self.leg_redirected(leg, (status, after), (&to, more)),
            LegNews::Rerouted { leg, to } => self.leg_rerouted(leg, to),
            LegNews::Early { leg } => self.leg_is_early(leg),
            LegNews::Answered { leg } => self.leg_answered(leg),
            LegNews::Flowing { leg } => self.leg_flowing(leg),
            LegNews::Measured {
                leg,
                moment,
                measured,
            } => self.leg_measured(leg, moment, measured),
            LegNews::Ended { leg, cause } => self.leg_ended(leg, cause),
            LegNews::Spoke { leg } => self.leg_spoke(leg),
            LegNews::Quiet { leg } => self.leg_quiet(leg),
            LegNews::Heard { leg, turn } => self.leg_heard(leg, turn),
            LegNews::Missed { leg, turn } => self.recording_missed(leg, turn),
            LegNews::Referred { leg, referral } => self.leg_referred(leg, referral),
            LegNews::HandedOut { leg, status } => self.leg_handed_out(leg, status),
            LegNews::HoldRefused { leg, status } => self.leg_refused_hold(leg, status),
            LegNews::Hears { leg, on } => self.leg_hears(leg, on),
            LegNews::Wished { leg, wish } => self.leg_wished(leg, wish),
            LegNews::Digit { leg, digit } => self.leg_digit(leg, digit),
        }
    }
}
