//! Calls that go out and are given up: our CANCEL, and what may cross it (RFC 3261 §9.1).

use crate::Instant;
use crate::dialog::Dialog;
use crate::message::{Builder, Header, Message, Method};
use crate::transaction::ClientId;
use crate::trunk::MarkSet;

use super::call::{Call, Leaving, Marks, Side, State};
use super::{Cause, Endpoint, Flow, Left, reply};

impl Endpoint {
    /// Gives up a call that is being dialled, and reports so at once; the protocol follows.
    pub(super) fn stop_dialing(
        &mut self,
        mut call: Box<Call>,
        code: u16,
        reason: &str,
        cause: Cause,
        now: Instant,
    ) {
        let State::Dialing(dialing) = &call.state else {
            return self.keep(call);
        };
        if dialing.redirected {
            return self.leave_redirected(call, (code, reason), cause);
        }
        self.settle_early(&mut call, now);
        self.fail(call.side.key, code, reason, Some(cause.clone()));
        self.take_back(call, cause, now);
    }

    // The protocol's part of it.
    fn take_back(&mut self, mut call: Box<Call>, cause: Cause, now: Instant) {
        let State::Dialing(dialing) = &call.state else {
            return self.keep(call);
        };
        let client = dialing.client;
        let sent = self.cancel(&call.side.marks, client, &cause, now);
        call.state = State::Leaving(Box::new(Leaving::Cancelling {
            client,
            cause,
            sent,
        }));
        self.keep(call);
    }

    /// Gives up a call that has rung long enough, and leaves a place that says nothing.
    pub(super) fn dialing_timeout(&mut self, mut call: Box<Call>, now: Instant) {
        self.early_timeout(&mut call, now);
        if let State::Dialing(dialing) = &mut call.state
            && dialing.deadline > now
        {
            let left = dialing.client;
            let silent = dialing.patience.take_if(|at| *at <= now).is_some();
            // Whatever it says later is taken back.
            if silent && self.dial_elsewhere(&mut call, Left::Silent, now) {
                self.clients.rest(left);
            } else if silent && self.is_lost(&call) {
                self.not_dialled(call.side.key, 503, "Trunk Does Not Answer");
                let cause = Cause::text("the trunk does not answer");
                return self.take_back(call, cause, now);
            }
            return self.keep(call);
        }
        let cause = Cause {
            q850: Some(19),
            sip: Some(408),
            text: "No answer".to_owned(),
        };
        self.stop_dialing(call, 408, "No Answer", cause, now);
    }

    /// Takes a response to an INVITE that is being cancelled.
    pub(super) fn cancelling_answered(
        &mut self,
        mut call: Box<Call>,
        response: &Message,
        flow: &Flow,
        now: Instant,
    ) {
        let State::Leaving(leaving) = &mut call.state else {
            return self.keep(call);
        };
        let Leaving::Cancelling {
            client,
            cause,
            sent,
        } = &mut **leaving
        else {
            return self.keep(call);
        };
        let (client, cause, was_sent) = (*client, cause.clone(), *sent);
        match response.status().map_or(0, |status| status.code()) {
            // RFC 3261 §9.1: a CANCEL has to wait for the first provisional response.
            100..200 if !was_sent => {
                let now_sent = self.cancel(&call.side.marks, client, &cause, now);
                call.state = State::Leaving(Box::new(Leaving::Cancelling {
                    client,
                    cause,
                    sent: now_sent,
                }));
                self.keep(call);
            }
            100..200 => self.keep(call),
            // The answer crossed our CANCEL.
            200..300 => {
                let dialog = Dialog::from_response(response, flow);
                self.acknowledge(&mut call.side, &dialog, client, response);
                self.say_bye(call, dialog, cause, now);
            }
            _ => self.release(call),
        }
    }

    /// Takes back an INVITE that was left for another place and is answered provisionally after all.
    pub(super) fn cancel_left(&mut self, side: &Side, client: ClientId, now: Instant) {
        // It may be at a trunk that is told less than the one of now.
        let marks = Marks {
            sends: MarkSet::SESSION,
            ..side.marks.clone()
        };
        self.cancel(
            &marks,
            client,
            &Cause::text("tried elsewhere meanwhile"),
            now,
        );
    }

    fn cancel(&mut self, marks: &Marks, client: ClientId, cause: &Cause, now: Instant) -> bool {
        let Some((hop, invite, branch)) = self.clients.cancel(client, &self.config.timing, now)
        else {
            return false;
        };
        let Some(uri) = invite.request_uri() else {
            return false;
        };
        let number = invite.cseq().number;
        let builder = Builder::request(&Method::Cancel, uri)
            .header(Header::Via, invite.top_via())
            .copy(&invite, Header::Route)
            .header(Header::MaxForwards, 70)
            .header(Header::From, invite.from())
            .header(Header::To, invite.to())
            .header(Header::CallId, invite.call_id())
            .header(Header::CSeq, format_args!("{number} CANCEL"));
        let builder = reply::write_cause(marks.write(builder), cause);
        let builder = builder.header(Header::UserAgent, &self.config.server);
        self.send(Method::Cancel, branch, hop, builder.build(), None, now);
        true
    }
}
