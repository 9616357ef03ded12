use super::*;

fn ms(text: &str) -> Timestamp {
    let at: jiff::Timestamp = text.parse().expect("a time with its offset");
    Timestamp(at.as_millisecond().unsigned_abs())
}

fn stretches(texts: &[&str]) -> Vec<Stretch> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Every day from nine to five.
fn daily(zone: &str, day: &[&str], otherwise: &[(&str, &[&str])]) -> Hours {
    let week = std::array::from_fn(|_| stretches(day));
    let otherwise = otherwise
        .iter()
        .map(|(days, own)| (days.parse().unwrap(), stretches(own)));
    Hours::new(zone, week, otherwise.collect()).unwrap()
}

fn open_until(text: &str) -> Opening {
    Opening::Open {
        until: Some(ms(text)),
    }
}

fn opens(text: &str) -> Opening {
    Opening::Closed {
        opens: Some(ms(text)),
    }
}

#[test]
fn a_day_opens_and_closes_on_the_minute_and_the_last_moment_is_closed() {
    let hours = daily("Europe/Berlin", &["09:00-12:00", "13:00-17:30"], &[]);

    let cases = [
        (
            "2026-11-26T08:59:59.999+01:00",
            opens("2026-11-26T09:00+01:00"),
        ),
        (
            "2026-11-26T09:00+01:00",
            open_until("2026-11-26T12:00+01:00"),
        ),
        ("2026-11-26T12:00+01:00", opens("2026-11-26T13:00+01:00")),
        (
            "2026-11-26T17:29:59.999+01:00",
            open_until("2026-11-26T17:30+01:00"),
        ),
        ("2026-11-26T17:30+01:00", opens("2026-11-27T09:00+01:00")),
    ];

    for (at, expected) in cases {
        assert_eq!(hours.at(ms(at)), expected, "{at}");
    }
}

#[test]
fn a_weekend_and_a_holiday_are_jumped_over() {
    let mut week: [Vec<Stretch>; 7] = std::array::from_fn(|_| stretches(&["09:00-17:00"]));
    week[5].clear();
    week[6].clear();
    let otherwise = vec![("2026-11-30".parse().unwrap(), Vec::new())];
    let hours = Hours::new("America/New_York", week, otherwise).unwrap();

    let friday_evening = hours.at(ms("2026-11-27T18:00-05:00"));

    assert_eq!(friday_evening, opens("2026-12-01T09:00-05:00"));
}

#[test]
fn the_most_particular_word_about_a_day_counts() {
    let hours = daily(
        "Europe/Berlin",
        &["09:00-17:00"],
        &[
            ("12-20..01-06", &[]),
            ("12-28", &["10:00-11:00"]),
            ("2026-12-27..2026-12-31", &["11:00-12:00"]),
            ("2026-12-30", &["15:00-16:00"]),
        ],
    );

    let cases = [
        ("2026-12-20T10:00+01:00", "2026-12-27T11:00+01:00"),
        // A range of dates goes before a day of every year.
        ("2026-12-28T09:30+01:00", "2026-12-28T11:00+01:00"),
        ("2026-12-30T11:30+01:00", "2026-12-30T15:00+01:00"),
        ("2027-01-06T10:00+01:00", "2027-01-07T09:00+01:00"),
        // The next year has only what is said of every year.
        ("2027-12-28T09:30+01:00", "2027-12-28T10:00+01:00"),
    ];

    for (at, expected) in cases {
        assert_eq!(hours.at(ms(at)), opens(expected), "{at}");
    }
}

#[test]
fn the_twenty_ninth_of_february_comes_in_leap_years_only() {
    let hours = daily("UTC", &["09:00-17:00"], &[("02-29", &[])]);

    assert_eq!(
        hours.at(ms("2028-02-29T10:00Z")),
        opens("2028-03-01T09:00Z")
    );
    assert_eq!(
        hours.at(ms("2027-03-01T10:00Z")),
        open_until("2027-03-01T17:00Z")
    );
}

#[test]
fn an_opening_may_go_over_midnight_and_belongs_to_the_day_it_begins_on() {
    let hours = daily("Europe/Berlin", &["22:00-06:00"], &[("2026-11-26", &[])]);

    assert_eq!(
        hours.at(ms("2026-11-26T05:00+01:00")),
        open_until("2026-11-26T06:00+01:00")
    );
    assert_eq!(
        hours.at(ms("2026-11-26T23:00+01:00")),
        opens("2026-11-27T22:00+01:00")
    );
}

#[test]
fn what_never_closes_has_no_end_and_what_never_opens_says_so() {
    let always = daily("Pacific/Auckland", &["00:00-24:00"], &[]);
    let never = daily("Pacific/Auckland", &[], &[]);
    let now = ms("2026-11-26T12:00Z");

    let once = daily("UTC", &[], &[("2026-11-26", &["09:00-24:00"])]);
    let until_a_holiday = daily("UTC", &["00:00-24:00"], &[("2026-12-01", &[])]);

    assert_eq!(always.at(now), Opening::Open { until: None });
    assert_eq!(once.at(now), open_until("2026-11-27T00:00Z"));
    assert_eq!(until_a_holiday.at(now), open_until("2026-12-01T00:00Z"));
    assert_eq!(never.at(now), Opening::Closed { opens: None });
}

#[test]
fn an_opening_that_begins_in_an_hour_that_does_not_come_begins_when_the_clocks_go_forward() {
    // North: 29 March 2026, 02:00 to 03:00. South: 4 October 2026, 02:00 to 03:00.
    let berlin = daily("Europe/Berlin", &["02:30-04:00"], &[]);
    let sydney = daily("Australia/Sydney", &["02:30-04:00"], &[]);

    assert_eq!(
        berlin.at(ms("2026-03-29T00:59Z")),
        opens("2026-03-29T01:00Z")
    );
    assert_eq!(
        berlin.at(ms("2026-03-29T01:00Z")),
        open_until("2026-03-29T02:00Z")
    );
    assert_eq!(
        sydney.at(ms("2026-10-03T15:59Z")),
        opens("2026-10-03T16:00Z")
    );
    assert_eq!(
        sydney.at(ms("2026-10-03T16:00Z")),
        open_until("2026-10-03T17:00Z")
    );
}

#[test]
fn an_opening_that_ends_in_an_hour_that_does_not_come_ends_when_the_clocks_go_forward() {
    let berlin = daily("Europe/Berlin", &["01:00-02:30"], &[]);

    assert_eq!(
        berlin.at(ms("2026-03-29T00:30Z")),
        open_until("2026-03-29T01:00Z")
    );
    let swallowed = daily("Europe/Berlin", &["02:15-02:45"], &[]);
    assert_eq!(
        swallowed.at(ms("2026-03-29T00:00Z")),
        opens("2026-03-30T00:15Z")
    );
}

#[test]
fn an_hour_that_comes_twice_is_open_twice() {
    // North: 25 October 2026, 03:00 back to 02:00. South: 5 April 2026, 03:00 back to 02:00.
    let berlin = daily("Europe/Berlin", &["02:00-03:00"], &[]);
    let sydney = daily("Australia/Sydney", &["02:15-02:45"], &[]);

    assert_eq!(
        berlin.at(ms("2026-10-25T00:00Z")),
        open_until("2026-10-25T02:00Z")
    );
    assert_eq!(
        sydney.at(ms("2026-04-04T15:15Z")),
        open_until("2026-04-04T16:45Z")
    );
    assert_eq!(
        sydney.at(ms("2026-04-04T16:45Z")),
        opens("2026-04-05T16:15Z")
    );
}

#[test]
fn a_day_that_a_country_left_out_is_not_open() {
    // Samoa went over the date line: there was no 30 December 2011.
    let apia = daily("Pacific/Apia", &["09:00-17:00"], &[]);

    assert_eq!(
        apia.at(ms("2011-12-29T17:00-10:00")),
        opens("2011-12-31T09:00+14:00")
    );
}

#[test]
fn what_is_told_of_the_next_change_is_true_to_the_millisecond_all_year_round() {
    for zone in ["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"] {
        let hours = daily(zone, &["08:00-12:00", "23:00-02:30"], &[("12-25", &[])]);
        let mut at = ms("2026-03-01T00:00Z");
        let end = ms("2027-05-01T00:00Z");
        while at < end {
            match hours.at(at) {
                Opening::Open { until } => {
                    let until = until.expect("every day");
                    assert!(until > at);
                    let before = Timestamp(until.0 - 1);
                    let told = Opening::Open { until: Some(until) };
                    assert_eq!(hours.at(before), told, "{zone} {at:?}");
                    assert!(matches!(hours.at(until), Opening::Closed { .. }));
                }
                Opening::Closed { opens } => {
                    let opens = opens.expect("every day but one");
                    assert!(opens > at);
                    let before = Timestamp(opens.0 - 1);
                    let told = Opening::Closed { opens: Some(opens) };
                    assert_eq!(hours.at(before), told, "{zone} {at:?}");
                    assert!(matches!(hours.at(opens), Opening::Open { .. }));
                }
            }
            at = Timestamp(at.0 + 37 * 60_000);
        }
    }
}

#[test]
fn what_is_written_wrong_is_told_with_what_would_be_right() {
    for text in [
        "9-17",
        "09:00",
        "09:00-25:00",
        "09:60-10:00",
        "10:00-10:00",
        "24:00-03:00",
    ] {
        let error = text.parse::<Stretch>().unwrap_err().to_string();
        assert!(error.contains("09:00-17:30"), "{text}: {error}");
    }
    for text in [
        "2026-13-01",
        "02-30",
        "24.12.",
        "2026-12-31..2026-12-01",
        "2026-12-01..12-02",
    ] {
        let error = text.parse::<Days>().unwrap_err().to_string();
        assert!(error.contains("2026-12-24"), "{text}: {error}");
    }
    let none = Hours::new("Europe/Atlantis", Default::default(), Vec::new());
    assert!(none.unwrap_err().to_string().contains("Europe/Berlin"));
    let mut week: [Vec<Stretch>; 7] = Default::default();
    week[0] = stretches(&["09:00-12:00", "11:00-13:00"]);
    let both = Hours::new("UTC", week, Vec::new()).unwrap_err().to_string();
    assert!(both.contains("overlap"), "{both}");
}

#[test]
fn what_is_written_right_survives_text() {
    for text in ["09:00-17:30", "22:00-06:00", "00:00-24:00"] {
        assert_eq!(text.parse::<Stretch>().unwrap().to_string(), text);
    }
    for text in [
        "2026-12-24",
        "2026-12-27..2026-12-31",
        "12-25",
        "12-24..01-02",
    ] {
        assert_eq!(text.parse::<Days>().unwrap().to_string(), text);
    }
}

#[test]
fn several_hours_are_open_while_all_of_them_are() {
    let berlin = daily("Europe/Berlin", &["09:00-17:00"], &[("2026-11-27", &[])]);
    let lisbon = daily(
        "Europe/Lisbon",
        &["10:00-18:00"],
        &[("2026-11-30", &["20:00-21:00"])],
    );
    let never = daily("UTC", &[], &[]);
    let always = daily("UTC", &["00:00-24:00"], &[]);

    let cases = [
        // It is an hour earlier in Lisbon.
        ("2026-11-26T09:00+01:00", opens("2026-11-26T11:00+01:00")),
        (
            "2026-11-26T11:00+01:00",
            open_until("2026-11-26T17:00+01:00"),
        ),
        ("2026-11-26T17:00+01:00", opens("2026-11-28T11:00+01:00")),
        // Lisbon is open in the evening alone, when nobody is in Berlin.
        ("2026-11-29T17:00+01:00", opens("2026-12-01T11:00+01:00")),
    ];

    for (at, expected) in cases {
        assert_eq!(Hours::all_at(&[&berlin, &lisbon], ms(at)), expected, "{at}");
        assert_eq!(Hours::all_at(&[&lisbon, &berlin], ms(at)), expected, "{at}");
        let with = [&always, &lisbon, &berlin];
        assert_eq!(Hours::all_at(&with, ms(at)), expected, "{at}");
        let none = Opening::Closed { opens: None };
        assert_eq!(Hours::all_at(&[&berlin, &never], ms(at)), none, "{at}");
        let alone = Hours::all_at(&[&berlin], ms(at));
        assert_eq!(alone, berlin.at(ms(at)), "{at}");
    }
    let evening = daily("UTC", &["18:00-20:00"], &[]);
    let morning = daily("UTC", &["06:00-09:00"], &[]);
    let now = ms("2026-11-26T07:00Z");
    let apart = Hours::all_at(&[&evening, &morning], now);
    assert_eq!(apart, Opening::Closed { opens: None });
    assert_eq!(Hours::all_at(&[], now), Opening::Open { until: None });
}
