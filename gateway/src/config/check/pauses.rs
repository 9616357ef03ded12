//! Pauses at work: a wrap-up is never longer than its ceiling, and a chat is parked before it ends.

use crate::config::{
    fault::Fault,
    sections::{Config, Queue, Work},
    source::Lines,
    value::{Maybe, Span},
};

/// Checks `[work]`.
pub fn pauses(work: &Work, lines: &Lines) -> Result<(), Fault> {
    for (longest, key, usual, named) in [
        (
            work.longest_wrap_up_chat,
            "longest_wrap_up_chat",
            work.wrap_up_chat,
            "wrap_up_chat",
        ),
        (
            work.longest_wrap_up_call,
            "longest_wrap_up_call",
            work.wrap_up_call,
            "wrap_up_call",
        ),
    ] {
        if longest < usual {
            return Err(lines.fault(
                &["work", key],
                format!("must be at least work.{named}, {usual}"),
            ));
        }
    }
    if work.park > work.idle_chat {
        return Err(lines.fault(
            &["work", "park"],
            format!(
                "a chat ends after work.idle_chat, {}; park it before, or never with \"0s\"",
                work.idle_chat
            ),
        ));
    }
    Ok(())
}

/// Checks the wrap-ups of a queue, each its own or that of `[work]`.
pub fn wrap_ups(config: &Config, name: &str, queue: &Queue, lines: &Lines) -> Result<(), Fault> {
    let work = &config.work;
    let own = [
        (
            "wrap_up_chat",
            &queue.wrap_up_chat,
            work.wrap_up_chat,
            "longest_wrap_up_chat",
            &queue.longest_wrap_up_chat,
            work.longest_wrap_up_chat,
        ),
        (
            "wrap_up_call",
            &queue.wrap_up_call,
            work.wrap_up_call,
            "longest_wrap_up_call",
            &queue.longest_wrap_up_call,
            work.longest_wrap_up_call,
        ),
    ];
    for (usual_key, usual, work_usual, longest_key, longest, work_longest) in own {
        let (usual_name, usual) = in_force(name, usual_key, usual, work_usual);
        let (longest_name, most) = in_force(name, longest_key, longest, work_longest);
        if most < usual {
            let wrong = if longest.0.is_some() {
                longest_key
            } else {
                usual_key
            };
            let text = format!("{longest_name}, {most}, must be at least {usual_name}, {usual}");
            return Err(lines.fault(&["queue", name, wrong], text));
        }
    }
    Ok(())
}

fn in_force(queue: &str, key: &str, own: &Maybe<Span>, work: Span) -> (String, Span) {
    match own.0 {
        Some(own) => (format!("queue.{queue}.{key}"), own),
        None => (format!("work.{key}"), work),
    }
}
