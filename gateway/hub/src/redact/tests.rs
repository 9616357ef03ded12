use super::*;

/// Numbers the schemes publish for tests.
const CARDS: [&str; 12] = [
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "30569309025904",
    "6011111111111117",
    "3530111333300000",
    "6200000000000005",
    "6759649826438453",
    "4000000000000000006",
    "2200000000000004",
];

#[test]
fn a_card_number_of_every_scheme_is_reduced_to_its_last_four_digits() {
    for card in CARDS {
        let last = &card[card.len() - 4..];

        let clean = redact(card);

        assert_eq!(clean, format!("[card ending {last}]"), "{card}");
    }
}

#[test]
fn it_is_found_in_sentences_addresses_and_beside_other_numbers() {
    let cases = [
        (
            "it is 4111 1111 1111 1111, 12/28",
            "it is [card ending 1111], 12/28",
        ),
        (
            "it is 4111 1111 1111 1111 12 28 123",
            "it is [card ending 1111] 12 28 123",
        ),
        (
            "4111-1111-1111-1111 and 3782 822463 10005",
            "[card ending 1111] and [card ending 0005]",
        ),
        ("4111.1111.1111.1111", "[card ending 1111]"),
        ("4111 - 1111 - 1111 - 1111", "[card ending 1111]"),
        ("4111\n1111\n1111\n1111", "[card ending 1111]"),
        ("4111/1111/1111/1111", "[card ending 1111]"),
        ("4111 / 1111 / 1111 / 1111", "[card ending 1111]"),
        ("3782/822463/10005, 12/28", "[card ending 0005], 12/28"),
        ("4,111,111,111,111,111", "[card ending 1111]"),
        ("4111,1111,1111,1111", "[card ending 1111]"),
        ("7/4111/1111/1111/1111/12/28", "7/[card ending 1111]/12/28"),
        (
            "4111/1111/1111/1111 4111,1111,1111,1111 12",
            "[card ending 1111] [card ending 1111] 12",
        ),
        ("4111 1111/1111-1111", "[card ending 1111]"),
        ("3782/822463 10005", "[card ending 0005]"),
        (
            "https://x.example/?card=4111%2F1111%2F1111%2F1111",
            "https://x.example/?card=[card ending 1111]",
        ),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[card ending 1111]"),
        ("Karte4111111111111111x", "Karte[card ending 1111]x"),
        (
            "https://x.example/?card=4111+1111+1111+1111&a=1",
            "https://x.example/?card=[card ending 1111]&a=1",
        ),
        (
            "https://x.example/?card=4111%201111%201111%201111",
            "https://x.example/?card=[card ending 1111]",
        ),
        ("order 77 4111111111111111", "order 77 [card ending 1111]"),
        (
            "4111\u{200B}1111\u{2011}1111\u{A0}1111",
            "[card ending 1111]",
        ),
    ];

    for (text, clean) in cases {
        assert_eq!(redact(text), clean);
    }
}

#[test]
fn what_only_looks_like_one_stays() {
    let others = [
        "",
        "call +491234567890123",
        "call +4930 1234 5678 903",
        "4111111111111112",
        "IBAN DE89 3704 0044 0532 0130 00",
        "IBAN GB29NWBK60161331926819",
        "0af7651916cd43dd8448eb211c80319c",
        "1111111111111111",
        "0000000000000000",
        "order 900000000000000007 of 2026-11-26 17:27:02.123456",
        "41111111111111111111111111",
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13",
        "4111, 1111, 1111, 1111",
        "41/11/11/11/11/11/11/11",
        "30/11/2024 30/11/2026 and 30/11/2025, 30/11/2027",
        "41,11 11,11 11,11 11,11",
        "1,299.00 + 2,450.00 + 4,111.11 = 7,860.11",
        "030/1234567, 030/12345-68, 0411/1111-11",
        "M41,11 11,11 11,11 11,11Z",
        "https://x.example/2026/11/29/411111111111",
        "from 30.11.2026 - 25.12.2026",
        "orders 2415/1214 1315/0193 and 6037/21331 6257/15212",
    ];

    for text in others {
        assert!(
            matches!(redact(text), Cow::Borrowed(_)),
            "{text}: {}",
            redact(text)
        );
    }
}

#[test]
fn numbers_that_were_dialled_go_from_words_about_calls_and_the_words_stay() {
    for (words, left) in [
        ("the call went to +49 170 1234567", "the call went to …"),
        (
            "forwards to +4930123, which no rule allows",
            "forwards to …, which no rule allows",
        ),
        ("(030) 12 34-56: busy, 486", "(…: busy, 486"),
        ("missed 3 offers in a row", "missed 3 offers in a row"),
        ("503 Service Unavailable", "503 Service Unavailable"),
        ("", ""),
    ] {
        assert_eq!(forget_numbers(words), left);
    }
}

#[test]
fn it_is_found_in_every_script() {
    for zero in ZEROS {
        let card: String = CARDS[0]
            .bytes()
            .map(|digit| char::from_u32(zero + u32::from(digit - b'0')).unwrap())
            .collect();

        assert_eq!(
            redact(&format!("<{card}>")),
            "<[card ending 1111]>",
            "{zero:x}"
        );
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// A number that some scheme could give out.
    fn card() -> impl Strategy<Value = Vec<u8>> {
        let lead = prop_oneof![
            Just("4"),
            Just("51"),
            Just("2221"),
            Just("6011"),
            Just("3530"),
            Just("62")
        ];
        (lead, proptest::collection::vec(0_u8..10, 15)).prop_map(|(lead, tail)| {
            let mut number: Vec<u8> = lead.bytes().map(|digit| digit - b'0').collect();
            number.extend(tail);
            number.truncate(15);
            number.push((0..10).find(|check| proves(&number, *check)).unwrap());
            number
        })
    }

    // Written another way than what it proves: doubled places from the left, digits summed.
    fn proves(number: &[u8], check: u8) -> bool {
        let mut sum = u32::from(check);
        for (place, digit) in number.iter().enumerate() {
            let factor = if (number.len() - place) % 2 == 1 {
                2
            } else {
                1
            };
            let product = u32::from(*digit) * factor;
            sum += product / 10 + product % 10;
        }
        sum % 10 == 0
    }

    fn gap() -> impl Strategy<Value = String> {
        let one = prop_oneof![
            Just(" "),
            Just("-"),
            Just("."),
            Just("\u{A0}"),
            Just("\u{200B}"),
            Just("%20"),
            Just("+")
        ];
        proptest::collection::vec(one, 0..=GAP).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_card_number_stays(
            number in card(),
            gaps in proptest::collection::vec(gap(), 16),
            zeros in proptest::collection::vec(0..ZEROS.len(), 16),
            before in "[a-zäß ,:]{0,20}",
            after in "[a-zäß ,:]{0,20}",
        ) {
            prop_assume!(number.iter().any(|digit| *digit != number[0]));
            let mut spelled = String::new();
            for (place, digit) in number.iter().enumerate() {
                if place > 0 {
                    spelled.push_str(&gaps[place]);
                }
                spelled.push(char::from_u32(ZEROS[zeros[place]] + u32::from(*digit)).unwrap());
            }

            let clean = redact(&format!("{before}{spelled}{after}")).into_owned();

            let last: String = number[12..].iter().map(|digit| char::from(b'0' + digit)).collect();
            prop_assert_eq!(clean, format!("{before}[card ending {last}]{after}"));
        }

        #[test]
        fn no_card_number_in_groups_between_slashes_or_commas_stays(
            number in card(),
            lengths in prop_oneof![
                Just(vec![4, 4, 4, 4]), Just(vec![1, 3, 3, 3, 3, 3]), Just(vec![8, 8]), Just(vec![4, 6, 6]), Just(vec![6, 10]),
            ],
            between in prop_oneof![Just("/"), Just(","), Just(" / "), Just("%2F"), Just("%2c")],
            before in "[a-zäß :]{0,20}",
            after in "[a-zäß :]{0,20}",
        ) {
            prop_assume!(number.iter().any(|digit| *digit != number[0]));
            let digits: String = number.iter().map(|digit| char::from(b'0' + digit)).collect();
            let mut rest = digits.as_str();
            let groups: Vec<_> = lengths
                .into_iter()
                .map(|length| {
                    let (group, later) = rest.split_at(length);
                    rest = later;
                    group
                })
                .collect();

            let clean = redact(&format!("{before}{}{after}", groups.join(between))).into_owned();

            prop_assert_eq!(clean, format!("{before}[card ending {}]{after}", &digits[12..]));
        }

        #[test]
        fn what_is_redacted_once_stays_as_it_is(text in "([0-9]{1,6}[ .-]?|\\PC|[456]111 1111 ){0,60}") {
            let once = redact(&text).into_owned();

            prop_assert_eq!(redact(&once), once.as_str());
        }

        #[test]
        fn a_text_with_few_digits_stays_as_it_is(words in "([a-z é漢]|[0-9]{0,2}[a-z]){0,80}") {
            prop_assume!(words.chars().filter(char::is_ascii_digit).count() < 13);

            prop_assert_eq!(redact(&words), words.as_str());
        }
    }
}
