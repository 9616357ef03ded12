//! Where countries are: their calling codes (ITU-T E.164) with their time zones, of a country of several those at its
//! edges in each season. Countries that share a code have their own prefixes below it. Codes that belong to no country, such
//! as those of satellites, are not here.

/// Calling codes and zones; the longest code that fits counts.
#[rustfmt::skip]
pub(super) const TABLE: &[(&str, &[&str])] = &[
    ("+1", &["America/St_Johns", "America/New_York", "America/Los_Angeles", "Pacific/Honolulu"]),
    ("+1242", &["America/Nassau"]), ("+1246", &["America/Barbados"]), ("+1264", &["America/Anguilla"]),
    ("+1268", &["America/Antigua"]), ("+1284", &["America/Tortola"]), ("+1340", &["America/St_Thomas"]),
    ("+1345", &["America/Cayman"]), ("+1441", &["Atlantic/Bermuda"]), ("+1473", &["America/Grenada"]),
    ("+1649", &["America/Grand_Turk"]), ("+1658", &["America/Jamaica"]), ("+1664", &["America/Montserrat"]),
    ("+1670", &["Pacific/Saipan"]), ("+1671", &["Pacific/Guam"]), ("+1684", &["Pacific/Pago_Pago"]),
    ("+1721", &["America/Lower_Princes"]), ("+1758", &["America/St_Lucia"]), ("+1767", &["America/Dominica"]),
    ("+1784", &["America/St_Vincent"]), ("+1787", &["America/Puerto_Rico"]), ("+1809", &["America/Santo_Domingo"]),
    ("+1829", &["America/Santo_Domingo"]), ("+1849", &["America/Santo_Domingo"]), ("+1868", &["America/Port_of_Spain"]),
    ("+1869", &["America/St_Kitts"]), ("+1876", &["America/Jamaica"]), ("+1939", &["America/Puerto_Rico"]),
    ("+7", &["Europe/Kaliningrad", "Asia/Kamchatka"]), ("+77", &["Asia/Almaty"]), ("+76", &["Asia/Almaty"]),
    ("+20", &["Africa/Cairo"]), ("+27", &["Africa/Johannesburg"]),
    ("+211", &["Africa/Juba"]), ("+212", &["Africa/Casablanca"]), ("+213", &["Africa/Algiers"]),
    ("+216", &["Africa/Tunis"]), ("+218", &["Africa/Tripoli"]), ("+220", &["Africa/Banjul"]),
    ("+221", &["Africa/Dakar"]), ("+222", &["Africa/Nouakchott"]), ("+223", &["Africa/Bamako"]),
    ("+224", &["Africa/Conakry"]), ("+225", &["Africa/Abidjan"]), ("+226", &["Africa/Ouagadougou"]),
    ("+227", &["Africa/Niamey"]), ("+228", &["Africa/Lome"]), ("+229", &["Africa/Porto-Novo"]),
    ("+230", &["Indian/Mauritius"]), ("+231", &["Africa/Monrovia"]), ("+232", &["Africa/Freetown"]),
    ("+233", &["Africa/Accra"]), ("+234", &["Africa/Lagos"]), ("+235", &["Africa/Ndjamena"]),
    ("+236", &["Africa/Bangui"]), ("+237", &["Africa/Douala"]), ("+238", &["Atlantic/Cape_Verde"]),
    ("+239", &["Africa/Sao_Tome"]), ("+240", &["Africa/Malabo"]), ("+241", &["Africa/Libreville"]),
    ("+242", &["Africa/Brazzaville"]), ("+243", &["Africa/Kinshasa", "Africa/Lubumbashi"]), ("+244", &["Africa/Luanda"]),
    ("+245", &["Africa/Bissau"]), ("+246", &["Indian/Chagos"]), ("+247", &["Atlantic/St_Helena"]), ("+248", &["Indian/Mahe"]),
    ("+249", &["Africa/Khartoum"]), ("+250", &["Africa/Kigali"]), ("+251", &["Africa/Addis_Ababa"]),
    ("+252", &["Africa/Mogadishu"]), ("+253", &["Africa/Djibouti"]), ("+254", &["Africa/Nairobi"]),
    ("+255", &["Africa/Dar_es_Salaam"]), ("+256", &["Africa/Kampala"]), ("+257", &["Africa/Bujumbura"]),
    ("+258", &["Africa/Maputo"]), ("+260", &["Africa/Lusaka"]), ("+261", &["Indian/Antananarivo"]),
    ("+262", &["Indian/Mayotte", "Indian/Reunion", "Indian/Kerguelen"]), ("+263", &["Africa/Harare"]), ("+264", &["Africa/Windhoek"]),
    ("+265", &["Africa/Blantyre"]), ("+266", &["Africa/Maseru"]), ("+267", &["Africa/Gaborone"]),
    ("+268", &["Africa/Mbabane"]), ("+269", &["Indian/Comoro"]), ("+290", &["Atlantic/St_Helena"]),
    ("+291", &["Africa/Asmara"]), ("+297", &["America/Aruba"]), ("+298", &["Atlantic/Faroe"]),
    ("+299", &["America/Danmarkshavn", "America/Nuuk", "America/Thule"]),
    ("+30", &["Europe/Athens"]), ("+31", &["Europe/Amsterdam"]), ("+32", &["Europe/Brussels"]),
    ("+33", &["Europe/Paris"]), ("+34", &["Europe/Madrid", "Atlantic/Canary"]), ("+36", &["Europe/Budapest"]),
    ("+39", &["Europe/Rome"]), ("+350", &["Europe/Gibraltar"]), ("+351", &["Europe/Lisbon", "Atlantic/Azores"]),
    ("+352", &["Europe/Luxembourg"]), ("+353", &["Europe/Dublin"]), ("+354", &["Atlantic/Reykjavik"]),
    ("+355", &["Europe/Tirane"]), ("+356", &["Europe/Malta"]), ("+357", &["Asia/Nicosia"]),
    ("+358", &["Europe/Helsinki"]), ("+359", &["Europe/Sofia"]), ("+370", &["Europe/Vilnius"]),
    ("+371", &["Europe/Riga"]), ("+372", &["Europe/Tallinn"]), ("+373", &["Europe/Chisinau"]),
    ("+374", &["Asia/Yerevan"]), ("+375", &["Europe/Minsk"]), ("+376", &["Europe/Andorra"]),
    ("+377", &["Europe/Monaco"]), ("+378", &["Europe/San_Marino"]), ("+379", &["Europe/Vatican"]), ("+380", &["Europe/Kyiv"]),
    ("+381", &["Europe/Belgrade"]), ("+382", &["Europe/Podgorica"]), ("+383", &["Europe/Belgrade"]),
    ("+385", &["Europe/Zagreb"]), ("+386", &["Europe/Ljubljana"]), ("+387", &["Europe/Sarajevo"]),
    ("+389", &["Europe/Skopje"]),
    ("+40", &["Europe/Bucharest"]), ("+41", &["Europe/Zurich"]), ("+43", &["Europe/Vienna"]),
    ("+44", &["Europe/London"]), ("+45", &["Europe/Copenhagen"]), ("+46", &["Europe/Stockholm"]),
    ("+47", &["Europe/Oslo"]), ("+48", &["Europe/Warsaw"]), ("+49", &["Europe/Berlin"]),
    ("+420", &["Europe/Prague"]), ("+421", &["Europe/Bratislava"]), ("+423", &["Europe/Vaduz"]),
    ("+500", &["Atlantic/Stanley", "Atlantic/South_Georgia"]), ("+501", &["America/Belize"]), ("+502", &["America/Guatemala"]),
    ("+503", &["America/El_Salvador"]), ("+504", &["America/Tegucigalpa"]), ("+505", &["America/Managua"]),
    ("+506", &["America/Costa_Rica"]), ("+507", &["America/Panama"]), ("+508", &["America/Miquelon"]),
    ("+509", &["America/Port-au-Prince"]), ("+51", &["America/Lima"]),
    ("+52", &["America/Mexico_City", "America/Tijuana", "America/Cancun"]), ("+53", &["America/Havana"]),
    ("+54", &["America/Argentina/Buenos_Aires"]), ("+55", &["America/Noronha", "America/Rio_Branco"]),
    ("+56", &["America/Santiago", "America/Punta_Arenas", "Pacific/Easter"]), ("+57", &["America/Bogota"]), ("+58", &["America/Caracas"]),
    ("+590", &["America/Guadeloupe"]), ("+591", &["America/La_Paz"]), ("+592", &["America/Guyana"]),
    ("+593", &["America/Guayaquil", "Pacific/Galapagos"]), ("+594", &["America/Cayenne"]), ("+595", &["America/Asuncion"]),
    ("+596", &["America/Martinique"]), ("+597", &["America/Paramaribo"]), ("+598", &["America/Montevideo"]),
    ("+599", &["America/Curacao"]),
    ("+60", &["Asia/Kuala_Lumpur"]), ("+61", &["Australia/Sydney", "Australia/Lord_Howe", "Australia/Perth"]),
    ("+614", &["Australia/Sydney", "Australia/Lord_Howe", "Australia/Perth", "Indian/Christmas", "Indian/Cocos"]),
    ("+6189162", &["Indian/Cocos"]), ("+6189164", &["Indian/Christmas"]),
    ("+62", &["Asia/Jakarta", "Asia/Jayapura"]), ("+63", &["Asia/Manila"]), ("+64", &["Pacific/Auckland", "Pacific/Chatham"]),
    ("+65", &["Asia/Singapore"]), ("+66", &["Asia/Bangkok"]), ("+670", &["Asia/Dili"]),
    ("+672", &["Antarctica/Mawson", "Antarctica/Davis", "Antarctica/Casey", "Antarctica/Macquarie"]), ("+6723", &["Pacific/Norfolk"]),
    ("+673", &["Asia/Brunei"]), ("+674", &["Pacific/Nauru"]), ("+675", &["Pacific/Port_Moresby", "Pacific/Bougainville"]),
    ("+676", &["Pacific/Tongatapu"]), ("+677", &["Pacific/Guadalcanal"]), ("+678", &["Pacific/Efate"]),
    ("+679", &["Pacific/Fiji"]), ("+680", &["Pacific/Palau"]), ("+681", &["Pacific/Wallis"]),
    ("+682", &["Pacific/Rarotonga"]), ("+683", &["Pacific/Niue"]), ("+685", &["Pacific/Apia"]),
    ("+686", &["Pacific/Tarawa", "Pacific/Kiritimati"]), ("+687", &["Pacific/Noumea"]), ("+688", &["Pacific/Funafuti"]),
    ("+689", &["Pacific/Tahiti", "Pacific/Gambier"]), ("+690", &["Pacific/Fakaofo"]),
    ("+691", &["Pacific/Pohnpei", "Pacific/Chuuk"]), ("+692", &["Pacific/Majuro"]),
    ("+81", &["Asia/Tokyo"]), ("+82", &["Asia/Seoul"]), ("+84", &["Asia/Ho_Chi_Minh"]), ("+850", &["Asia/Pyongyang"]),
    ("+852", &["Asia/Hong_Kong"]), ("+853", &["Asia/Macau"]), ("+855", &["Asia/Phnom_Penh"]), ("+856", &["Asia/Vientiane"]),
    ("+86", &["Asia/Shanghai"]), ("+880", &["Asia/Dhaka"]), ("+886", &["Asia/Taipei"]),
    ("+90", &["Europe/Istanbul"]), ("+90392", &["Asia/Famagusta"]),
    ("+905338", &["Europe/Istanbul", "Asia/Famagusta"]), ("+905428", &["Europe/Istanbul", "Asia/Famagusta"]),
    ("+91", &["Asia/Kolkata"]), ("+92", &["Asia/Karachi"]), ("+93", &["Asia/Kabul"]),
    ("+94", &["Asia/Colombo"]), ("+95", &["Asia/Yangon"]), ("+960", &["Indian/Maldives"]), ("+961", &["Asia/Beirut"]),
    ("+962", &["Asia/Amman"]), ("+963", &["Asia/Damascus"]), ("+964", &["Asia/Baghdad"]), ("+965", &["Asia/Kuwait"]),
    ("+966", &["Asia/Riyadh"]), ("+967", &["Asia/Aden"]), ("+968", &["Asia/Muscat"]), ("+970", &["Asia/Gaza"]),
    ("+971", &["Asia/Dubai"]), ("+972", &["Asia/Jerusalem"]), ("+973", &["Asia/Bahrain"]), ("+974", &["Asia/Qatar"]),
    ("+975", &["Asia/Thimphu"]), ("+976", &["Asia/Ulaanbaatar", "Asia/Hovd"]), ("+977", &["Asia/Kathmandu"]),
    ("+98", &["Asia/Tehran"]), ("+992", &["Asia/Dushanbe"]), ("+993", &["Asia/Ashgabat"]), ("+994", &["Asia/Baku"]),
    ("+995", &["Asia/Tbilisi"]), ("+996", &["Asia/Bishkek"]), ("+998", &["Asia/Tashkent"]),
];

/// Walks all zones of the table.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(|(_, zones)| zones.iter().copied())
}

/// Returns the zones of a number's country, if it begins with a known code.
pub(super) fn of(number: &str) -> Option<&'static [&'static str]> {
    let fits = TABLE.iter().filter(|(code, _)| number.starts_with(code));
    let longest = fits.max_by_key(|(code, _)| code.len())?;
    Some(longest.1)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use jiff::tz::TimeZoneDatabase;
    use ws::id::Timestamp;

    use super::*;
    use crate::calling::CallingHours;

    /// The codes that a country has, as ITU-T gives them out, from the first to the last of each row.
    #[rustfmt::skip]
    const COUNTRIES: &[(u16, u16)] = &[
        (1, 1), (7, 7), (20, 20), (27, 27), (30, 34), (36, 36), (39, 41), (43, 49), (51, 58), (60, 66), (81, 82), (84, 84),
        (86, 86), (90, 95), (98, 98), (211, 213), (216, 216), (218, 218), (220, 258), (260, 269), (290, 291), (297, 299),
        (350, 359), (370, 383), (385, 387), (389, 389), (420, 421), (423, 423), (500, 509), (590, 599), (670, 670),
        (672, 683), (685, 692), (850, 850), (852, 853), (855, 856), (880, 880), (886, 886), (960, 968), (970, 977),
        (992, 996), (998, 998),
    ];

    /// Numbers, and the time zones in which who has such a one may be.
    #[rustfmt::skip]
    const PEOPLE: &[(&str, &[&str])] = &[
        ("+15551234567", &[
            "America/St_Johns", "America/Halifax", "America/Glace_Bay", "America/Moncton", "America/Goose_Bay",
            "America/Blanc-Sablon", "America/Toronto", "America/New_York", "America/Chicago", "America/Regina", "America/Denver",
            "America/Phoenix", "America/Los_Angeles", "America/Vancouver", "America/Whitehorse", "America/Anchorage",
            "America/Adak", "Pacific/Honolulu",
        ]),
        ("+16715551234", &["Pacific/Guam"]), ("+16705551234", &["Pacific/Saipan"]), ("+16845551234", &["Pacific/Pago_Pago"]),
        ("+17875551234", &["America/Puerto_Rico"]), ("+19395551234", &["America/Puerto_Rico"]),
        ("+13405551234", &["America/St_Thomas"]), ("+12425551234", &["America/Nassau"]),
        ("+12465551234", &["America/Barbados"]), ("+18765551234", &["America/Jamaica"]),
        ("+16585551234", &["America/Jamaica"]), ("+18095551234", &["America/Santo_Domingo"]),
        ("+14415551234", &["Atlantic/Bermuda"]),
        ("+74951234567", &[
            "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Novosibirsk",
            "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Srednekolymsk", "Asia/Kamchatka",
            "Asia/Anadyr",
        ]),
        ("+77011234567", &["Asia/Almaty", "Asia/Aqtau", "Asia/Oral", "Asia/Qyzylorda"]),
        ("+243811234567", &["Africa/Kinshasa", "Africa/Lubumbashi"]),
        ("+262692123456", &["Indian/Reunion"]), ("+262639123456", &["Indian/Mayotte"]), ("+262262123456", &["Indian/Kerguelen"]),
        ("+299123456", &["America/Nuuk", "America/Danmarkshavn", "America/Scoresbysund", "America/Thule"]),
        ("+34912345678", &["Europe/Madrid", "Africa/Ceuta", "Atlantic/Canary"]),
        ("+351212345678", &["Europe/Lisbon", "Atlantic/Madeira", "Atlantic/Azores"]),
        ("+442079460000", &["Europe/London", "Europe/Jersey", "Europe/Guernsey", "Europe/Isle_of_Man"]),
        ("+4779123456", &["Europe/Oslo", "Arctic/Longyearbyen"]),
        ("+50022222", &["Atlantic/Stanley", "Atlantic/South_Georgia"]),
        ("+525512345678", &[
            "America/Mexico_City", "America/Cancun", "America/Merida", "America/Monterrey", "America/Matamoros",
            "America/Chihuahua", "America/Ciudad_Juarez", "America/Ojinaga", "America/Mazatlan", "America/Bahia_Banderas",
            "America/Hermosillo", "America/Tijuana",
        ]),
        ("+541112345678", &["America/Argentina/Buenos_Aires", "America/Argentina/Ushuaia", "America/Argentina/San_Luis"]),
        ("+5511912345678", &["America/Noronha", "America/Sao_Paulo", "America/Manaus", "America/Rio_Branco", "America/Eirunepe"]),
        ("+56212345678", &["America/Santiago", "America/Punta_Arenas", "Pacific/Easter"]),
        ("+593212345678", &["America/Guayaquil", "Pacific/Galapagos"]),
        ("+61212345678", &[
            "Australia/Sydney", "Australia/Hobart", "Australia/Brisbane", "Australia/Lord_Howe", "Australia/Adelaide",
            "Australia/Broken_Hill", "Australia/Darwin", "Australia/Eucla", "Australia/Perth",
        ]),
        ("+61412345678", &["Australia/Lord_Howe", "Australia/Perth", "Indian/Christmas", "Indian/Cocos"]),
        ("+61891621234", &["Indian/Cocos"]), ("+61891641234", &["Indian/Christmas"]),
        ("+622112345678", &["Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"]),
        ("+60312345678", &["Asia/Kuala_Lumpur", "Asia/Kuching"]),
        ("+6491234567", &["Pacific/Auckland", "Pacific/Chatham"]),
        ("+672112345", &["Antarctica/Mawson", "Antarctica/Davis", "Antarctica/Casey", "Antarctica/Macquarie"]),
        ("+672322222", &["Pacific/Norfolk"]),
        ("+6753123456", &["Pacific/Port_Moresby", "Pacific/Bougainville"]),
        ("+68630123", &["Pacific/Tarawa", "Pacific/Kanton", "Pacific/Kiritimati"]),
        ("+68940123456", &["Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Gambier"]),
        ("+6913201234", &["Pacific/Pohnpei", "Pacific/Kosrae", "Pacific/Chuuk"]),
        ("+6922471234", &["Pacific/Majuro", "Pacific/Kwajalein"]),
        ("+903921234567", &["Asia/Famagusta"]), ("+905338512345", &["Europe/Istanbul", "Asia/Famagusta"]),
        ("+97611123456", &["Asia/Ulaanbaatar", "Asia/Hovd"]),
        ("+998711234567", &["Asia/Tashkent", "Asia/Samarkand"]),
        ("+9779812345", &["Asia/Kathmandu"]), ("+911123456789", &["Asia/Kolkata"]), ("+982112345678", &["Asia/Tehran"]),
        ("+599912345", &["America/Curacao", "America/Kralendijk"]), ("+590590123456", &["America/Guadeloupe", "America/Marigot"]),
    ];

    #[test]
    fn every_code_of_a_country_is_known() {
        for code in COUNTRIES.iter().flat_map(|&(first, last)| first..=last) {
            assert!(of(&format!("+{code}55512345")).is_some(), "+{code}");
        }
    }

    #[test]
    fn nobody_is_called_in_their_night_wherever_their_number_may_be() {
        let hours = "08:00-21:00".parse().unwrap();
        let hours = CallingHours::new(hours, BTreeMap::new(), "Europe/Berlin").unwrap();
        let database = TimeZoneDatabase::bundled();
        let days = [
            "2026-01-15",
            "2026-03-20",
            "2026-04-15",
            "2026-07-15",
            "2026-10-28",
        ];

        for (number, zones) in PEOPLE {
            let number = number.parse().unwrap();
            let mut called = 0;
            for (day, n) in days.iter().flat_map(|day| (0..48).map(move |n| (day, n))) {
                let midnight: jiff::Timestamp = format!("{day}T00:00:00Z").parse().unwrap();
                let at = midnight + Duration::from_secs(n * 1_800);
                let now = Timestamp(at.as_millisecond().try_into().unwrap());
                if hours.next(&number, None, now) != Some(now) {
                    continue;
                }
                called += 1;
                for zone in *zones {
                    let there = database.get(zone).unwrap().to_datetime(at);
                    assert!(
                        (8..21).contains(&there.hour()),
                        "{number}: {there} in {zone}"
                    );
                }
            }
            assert!(called > 0, "{number} is never called");
        }
    }
}
