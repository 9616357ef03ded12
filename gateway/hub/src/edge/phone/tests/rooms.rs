//! What the media plane is told when somebody joins, listens, is mute or leaves.

use super::*;

/// Dials leg 3, which answers (media leg 3).
fn third(phones: &mut Phones) -> LegId {
    phones.handle_command(dial(3), NOW);
    phones.handle_media(opened(3, 4004), NOW);
    phones.handle_sip(
        Event::Answered {
            call: CallKey::Out(3),
            fork: None,
            sdp: Some(offer("sendrecv")),
            session: None,
            source: "192.0.2.1:5060".parse().unwrap(),
        },
        NOW,
    );
    drain(phones);
    leg_id(3)
}

/// The rows that were told: who hears whom.
fn rows(phones: &mut Phones) -> Vec<(u64, Vec<u64>)> {
    let told = drain(phones).into_iter().filter_map(|output| match output {
        Output::Media(MediaCommand::Hear { leg, whom }) => {
            Some((leg.0, whom.iter().map(|leg| leg.0).collect()))
        }
        _ => None,
    });
    told.collect()
}

#[test]
fn in_a_conference_everybody_hears_the_others_and_two_go_on_when_one_leaves() {
    let mut phones = phones(4000..=4099);
    let (_, agent) = bridged(&mut phones);
    let guest = third(&mut phones);

    let join = Command::Join {
        leg: guest,
        to: agent,
    };
    phones.handle_command(join, NOW);
    let joined = rows(&mut phones);
    let cause = normal();
    phones.handle_command(Command::Release { leg: guest, cause }, NOW);
    let left = drain(&mut phones);

    assert_eq!(joined, [(1, vec![2, 3]), (2, vec![1, 3]), (3, vec![1, 2])]);
    // The media plane takes the one who goes out of every row.
    let unbridge = Output::Media(MediaCommand::Unbridge { leg: LegKey(3) });
    assert!(left.contains(&unbridge), "{left:?}");
    assert!(rows(&mut phones).is_empty());
}

#[test]
fn who_listens_is_told_alone_and_a_whisper_changes_the_agents_row() {
    let mut phones = phones(4000..=4099);
    let (_, agent) = bridged(&mut phones);
    let supervisor = third(&mut phones);
    let listen = |whisper| Command::Listen {
        leg: supervisor,
        to: agent,
        whisper,
    };

    phones.handle_command(listen(false), NOW);
    let listens = rows(&mut phones);
    phones.handle_command(listen(true), NOW);
    let whispers = rows(&mut phones);
    phones.handle_command(
        Command::Join {
            leg: supervisor,
            to: agent,
        },
        NOW,
    );
    let barges = rows(&mut phones);

    assert_eq!(listens, [(3, vec![1, 2])]);
    assert_eq!(whispers, [(2, vec![1, 3])]);
    assert_eq!(barges, [(1, vec![2, 3])]);
}

#[test]
fn nobody_hears_who_is_mute() {
    let mut phones = phones(4000..=4099);
    let (_, agent) = bridged(&mut phones);

    phones.handle_command(
        Command::Mute {
            leg: agent,
            on: true,
        },
        NOW,
    );
    let mute = rows(&mut phones);
    phones.handle_command(
        Command::Mute {
            leg: agent,
            on: false,
        },
        NOW,
    );
    let heard = rows(&mut phones);

    assert_eq!(mute, [(1, Vec::new())]);
    assert_eq!(heard, [(1, vec![2])]);
}

#[test]
fn a_whisper_is_heard_while_the_customer_is_on_hold_and_silence_after_it() {
    for before in [true, false] {
        let mut phones = phones(4000..=4099);
        let (customer, agent) = bridged(&mut phones);
        let supervisor = third(&mut phones);
        let whisper = Command::Listen {
            leg: supervisor,
            to: agent,
            whisper: true,
        };
        let held = [
            Command::Part { leg: customer },
            Command::Play {
                leg: agent,
                program: Program::Silence,
            },
        ];
        if before {
            phones.handle_command(whisper.clone(), NOW);
        }
        for command in held {
            phones.handle_command(command, NOW);
        }
        if !before {
            phones.handle_command(whisper, NOW);
        }
        let told = drain(&mut phones);

        let (mut row, mut silent) = (Vec::new(), false);
        for one in &told {
            match one {
                Output::Media(MediaCommand::Hear { leg, whom }) if *leg == LegKey(2) => {
                    row.clone_from(whom);
                }
                // Nobody hears who is taken out.
                Output::Media(MediaCommand::Unbridge { leg }) => row.retain(|heard| heard != leg),
                Output::Media(MediaCommand::Play { leg, .. }) if *leg == LegKey(2) => silent = true,
                Output::Media(MediaCommand::StopPlaying { leg }) if *leg == LegKey(2) => {
                    silent = false;
                }
                _ => {}
            }
        }
        assert_eq!(row, [LegKey(3)], "{told:?}");
        assert!(!silent, "{told:?}");

        let cause = normal();
        let leaves = Command::Release {
            leg: supervisor,
            cause,
        };
        phones.handle_command(leaves, NOW);
        let told = drain(&mut phones);
        let plays = told.iter().any(|one| {
            matches!(one, Output::Media(MediaCommand::Play { leg: LegKey(2), what, .. })
                if *what == sip::media::Program::Silence)
        });
        assert!(plays, "{told:?}");
    }
}
