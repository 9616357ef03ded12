//! Configurations, right and wrong.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    path::Path,
};

use hub::toll::Allowance;
use sip::{endpoint::Transport, families::Families, trunk::Destination};
use toml::{Table, Value};
use ws::id::Number;

use super::{
    fault::{Fault, Place},
    sections::Config,
    source, *,
};

const RIGHT: &str = "[queue.support]\n";

/// Reads `text` as the file `t.toml`, with `environment` on top.
pub(super) fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, Fault> {
    let (base, lines) = source::parse(Path::new("t.toml"), text.to_owned())?;
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let (mut config, _) = source::override_by(base, environment)?;
    check::check(&mut config, false, &lines)?;
    Ok(config)
}

/// A text, where its mistake is said to be, and a word of what would be right.
#[rustfmt::skip]
const MISTAKES: &[(&str, &str, &str)] = &[
    ("[web]\nlisten = \"127.0.0.1\"\n", "t.toml:2", "127.0.0.1"),
    ("[web]\nlisten = 80\n", "t.toml:2", "string"),
    ("[wep]\n", "t.toml:1", "expected one of"),
    ("[web]\n\nlisten_tsl = \"\"\n", "t.toml:3", "listen_tls"),
    ("[web\n", "t.toml:1", "]"),
    ("[web]\nlisten = \"0.0.0.0:80\"\n", "t.toml:2: web.listen", "behind_proxy"),
    ("[web]\nlisten_tls = \"0.0.0.0:443\"\n", "t.toml:2: web.listen_tls", "web.certificate"),
    ("[web]\ncertificate = \"a.pem\"\n", "t.toml:2: web.certificate", "together"),
    ("[web]\nlisten = \"\"\n", "t.toml:1: web", "nothing listens"),
    ("[web]\norigins = [\"https://a.example/\"]\n", "t.toml:2", "origin"),
    ("[web]\nheader_time = \"10\"\n", "t.toml:2", "length of time"),
    ("[web]\nheader_time = 10\n", "t.toml:2", "\"20s\""),
    ("[web]\nframe = 16383\n", "t.toml:2: web.frame", "from 16384, as every client may send, to 16777216"),
    ("[web]\nframe = 16777217\n", "t.toml:2: web.frame", "from 16384, as every client may send, to 16777216"),
    ("[web]\nbody = 100\n", "t.toml:2: web.body", "4096"),
    ("[sip]\nlisten = \"0.0.0.0:5060\"\n", "t.toml: sip.advertise", "0.0.0.0:5060"),
    ("[sip]\nlisten = \"127.0.0.1\"\n", "t.toml:2", "127.0.0.1:5060"),
    ("[tls]\ncertificates = [{ certificate = \"a.pem\", key_file = \"a.key\" }]\n", "t.toml:2: tls.certificates", "web.certificate"),
    ("[tls]\ncertificates = [{ certificate = \"a.pem\" }]\n", "t.toml:2", "key_file"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nqualify_answer = \"0s\"\n", "t.toml:3: trunk.a.qualify_answer", "4s"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nqualify = \"10ms\"\n", "t.toml:3: trunk.a.qualify", "1s"),
    ("[web]\nlisten = \"127.0.0.1:9090\"\n[ops]\nlisten = \"127.0.0.1:9090\"\n", "t.toml:4: ops.listen", "web.listen"),
    ("[web]\nlisten = \"127.0.0.1:5060\"\n[sip]\nlisten = \"127.0.0.1:5060\"\n", "t.toml:4: sip.listen", "web.listen"),
    ("[sip]\nlisten = []\n", "t.toml:2", "write an address"),
    ("[sip]\nlisten = [\"192.0.2.1:5060\", \"192.0.2.2:5060\"]\n", "t.toml:2", "one of IPv6"),
    ("[sip]\nlisten = [\"192.0.2.1:5060\", \"[::]:5060\"]\n", "t.toml: sip.advertise", "[::]:5060"),
    ("[sip]\nlisten = [\"0.0.0.0:5060\", \"[::1]:5060\"]\nadvertise = \"2001:db8::1\"\n", "t.toml:3: sip.advertise", "0.0.0.0:5060"),
    ("[rtp]\naddress = \"here\"\n", "t.toml:2", "192.0.2.1"),
    ("[rtp]\ndscp = \"cs8\"\n", "t.toml:2", "cs7"),
    ("[rtp]\nsrtp = \"on\"\n", "t.toml:2", "require"),
    ("[rtp]\nsrtp_keys = []\nsrtp = \"offer\"\n", "rtp.srtp_keys", "dtls"),
    ("[rtp]\nsrtp_keys = [\"sdes\"]\n[trunk.a]\ntarget = \"192.0.2.1:5060\"\nsrtp = \"require\"\n", "t.toml:5: trunk.a.srtp", "tls"),
    ("[siprec]\nservers = [\"recorder\"]\n", "t.toml:2: siprec.servers", "[trunk.recorder]"),
    ("[siprec]\nqueues = [\"nowhere\"]\n", "t.toml:2: siprec.queues", "[queue.nowhere]"),
    ("[siprec]\nuser = \"a b\"\n", "t.toml:2: siprec.user", "letters"),
    ("[siprec]\nunreachable = \"wait\"\n", "t.toml:2", "hang_up"),
    ("[siprec]\nanswer = \"0s\"\n", "t.toml:2: siprec.answer", "5s"),
    ("[rtp]\ncodecs = []\n", "t.toml:2: rtp.codecs", "pcma"),
    ("[rtp]\ncodecs = [\"g729\"]\n", "t.toml:2", "g722"),
    ("[web_rtc]\ncodecs = []\n", "t.toml:2: web_rtc.codecs", "opus"),
    ("[web_rtc]\npage_gone = \"2s\"\n", "t.toml:2: web_rtc.page_gone", "5s"),
    ("[sip]\nrealm = \"a b\"\n", "t.toml:2: sip.realm", "letters"),
    ("[rtp]\nports = \"40001-40999\"\n", "t.toml:2", "even"),
    ("[log]\nformat = \"xml\"\n", "t.toml:2", "text"),
    ("[log]\nlevel = \"loud=maybe=\"\n", "t.toml:2: log.level", "info"),
    ("[agents]\nchat_slots = 7\n", "t.toml:2: agents.chat_slots", "one to six"),
    ("[agents.own]\nlimit = 0\n", "t.toml:2: agents.own.limit", "at least 1"),
    ("[agents.own.fallback]\nanna = \"nowhere\"\n", "t.toml:2: agents.own.fallback.anna", "[queue.nowhere]"),
    ("[agents]\nchats_during_call = \"hold\"\n", "t.toml:2", "pause"),
    ("[agents.prefers]\nanna = \"fax\"\n", "t.toml:2", "voice"),
    ("[queue.a]\nblend = { idle_agents = 0 }\n", "t.toml:2: queue.a.blend", "1 at least"),
    ("[queue.a]\nblend = { below_wait = \"0s\" }\n", "t.toml:2: queue.a.blend", "30s"),
    ("[web]\ntexts = \"/nowhere/texts\"\n", "t.toml:2: web.texts", "/nowhere/texts"),
    ("[work]\noffer = \"0s\"\n", "t.toml:2: work.offer", "1s"),
    ("[work]\nlongest_wrap_up_call = \"1m\"\n", "t.toml:2: work.longest_wrap_up_call", "wrap_up_call"),
    ("[queue.a]\nwrap_up_chat = \"9s\"\nlongest_wrap_up_chat = \"4s\"\n", "t.toml:3: queue.a.longest_wrap_up_chat", "queue.a.wrap_up_chat, 9s"),
    ("[queue.a]\nwrap_up_call = \"23h\"\n", "t.toml:2: queue.a.wrap_up_call", "work.longest_wrap_up_call"),
    ("[queue.a]\nlongest_wrap_up_call = \"1s\"\n", "t.toml:2: queue.a.longest_wrap_up_call", "work.wrap_up_call"),
    ("[work]\npark = \"1h\"\n", "t.toml:2: work.park", "idle_chat"),
    ("[agents.away]\n\"Lunch break\" = \"x\"\n", "t.toml:2: agents.away.Lunch break", "lunch = "),
    ("[agents.dispositions]\nSolved = \"x\"\n", "t.toml:2: agents.dispositions.Solved", "solved = "),
    ("[replies.Hello]\ntext = { en = \"Hi\" }\n", "t.toml:1: replies.Hello", "a-z"),
    ("[replies.hello]\n", "t.toml:1: replies.hello", "one language"),
    ("[replies.hello]\nqueues = [\"nowhere\"]\ntext = { en = \"Hi\" }\n", "t.toml:2: replies.hello.queues", "[queue.nowhere]"),
    ("[replies.hello]\ntext = { english = \"Hi\" }\n", "replies.hello.text.english", "two letters"),
    ("[replies.hello]\ntext = { en = \" \" }\n", "replies.hello.text.en", "characters"),
    ("[replies.hello]\ntext = { en = \"Hi {name}\" }\n", "replies.hello.text.en", "{customer}"),
    ("[work]\nlongest = \"10m\"\n", "t.toml:2: work.longest", "idle_chat"),
    ("[callback]\nzone = \"Mars\"\n", "t.toml:2: callback.zone", "Mars"),
    ("[callback]\ncalling_hours = \"late\"\n", "t.toml:2", "late"),
    ("[callback.zones]\n1212 = \"America/New_York\"\n", "callback.zones", "+1212"),
    ("[callback.retries]\nbuzy = []\n", "t.toml:2", "busy"),
    ("[queue.a]\ncall_order = \"x\"\n", "t.toml:2", "agent_first"),
    ("[consent]\nlists = [\"/nowhere/plain\"]\n", "t.toml:2: consent.lists", "/nowhere/plain"),
    ("[callback.retries]\nbusy = \"5m\"\n", "t.toml:2: callback.retries.busy: ", "write a list: [\"5m\"]"),
    ("[webhook.a]\nurl = \"https://a.example\"\nsecret = \"0123456789abcdef0123456789abcdef\"\nevents = \"*\"\n", "t.toml:4: webhook.a.events: ", "write a list: [\"*\"]"),
    ("[consent]\nlists = [1]\n", "t.toml:2", "a path, or { path"),
    ("[consent]\nlists = [{ path = \"/nowhere/list\" }]\n", "t.toml:2: consent.lists", "/nowhere/list"),
    ("[consent]\nlists = [{ path = \"/dev/null\", prefix = \"1\" }]\n", "t.toml:2: consent.lists", "\"+1\""),
    ("[consent]\nstart_words = [\"Stop\"]\n", "t.toml:2: consent.start_words", "both"),
    ("[consent]\nrequired = [\"fax\"]\n", "t.toml:2", "voice"),
    ("[dev]\npassword = \"x\"\n", "t.toml:2: dev.password", "agent passwd"),
    ("[outbound]\ntrunk = \"pbx\"\n", "t.toml:2: outbound.trunk", "[trunk.pbx]"),
    ("[numbers]\ncountry = \"+49\"\n", "t.toml:2: numbers.country", "digits"),
    ("[toll]\nothers = \"some\"\n", "t.toml:2", "how many calls"),
    ("[toll.prefixes]\n\"49-\" = \"deny\"\n", "toll.prefixes.49-", "+49900"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nnumbers = { country = \"+49\" }\n", "t.toml:3: trunk.a.numbers.country", "digits"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nnumbers = { form = \"national\" }\n", "t.toml:3: trunk.a.numbers.form", "country"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\ncaller = { headers = [\"X-Foo\"] }\n", "t.toml:3", "X-Leg-ID"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nstir = { verify = \"require\" }\n", "t.toml:3", "needs trust"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nstir = { verify = \"yes\" }\n", "t.toml:3", "note"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nstir = { key_file = \"a.key\" }\n", "t.toml:3", "certificate_url"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nstir = { key_file = \"a.key\", certificate_url = \"http://x.example/a.pem\" }\n", "t.toml:3", "https"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nstir = { ours = [\"030\"] }\n", "t.toml:3", "+4930123"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\ncarrier = \"a\"\n", "t.toml:1: trunk.a", "another name"),
    ("[sip]\nlisten = \"[::]:5060\"\nadvertise = \"198.51.100.1\"\n", "t.toml:3: sip.advertise", "\"0.0.0.0:5060\""),
    ("[sip]\nlisten = \"192.0.2.1:5060\"\nadvertise = \"2001:db8::1\"\n", "t.toml:3: sip.advertise", "\"[::]:5060\""),
    ("[sip]\nlisten = \"[::]:5060\"\nadvertise = \"2001:db8::1\"\n[trunk.a]\ntarget = \"192.0.2.1:5060\"\n", "t.toml:5: trunk.a.target", "(sip.advertise)"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nfurther = [\"[2001:db8::1]:5060\"]\n", "t.toml:3: trunk.a.further", "(sip.listen)"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nsources = [\"192.0.2.0/24\", \"2001:db8::/32\"]\n", "t.toml:3: trunk.a.sources", "2001:db8::/32 is IPv6"),
    ("[sip.guard]\nstrangers = \"ignore\"\n", "t.toml:2", "challenge"),
    ("[rtp]\naddress = \"2001:db8::1\"\n", "t.toml:2: rtp.address", "IPv4"),
    ("[outbound]\ncaller_number = \"call me\"\n", "t.toml:2", "digits"),
    ("[queue.\"two words\"]\n", "t.toml:1", "name"),
    ("[queue.a]\npriority = 10\n", "t.toml:2: queue.a.priority", "0 to 9"),
    ("[queue.a.skills]\nbilling = 11\n", "t.toml:1: queue.a.skills", "1 to 10"),
    ("[zone.a]\nqueue = \"support\"\nhours = \"office\"\n", "t.toml:3: zone.a.hours", "[hours.office]"),
    ("[zone.a]\nqueue = \"support\"\nlanguage = \"fr\"\n", "t.toml:3: zone.a.language", "web.texts"),
    ("[zone.a]\nqueue = \"support\"\nlanguage = \"German\"\n", "t.toml:3: zone.a.language", "two letters"),
    ("[zone.a]\nqueue = \"support\"\ntitle = 1\n", "t.toml:3", "one by language"),
    ("[zone.a]\nqueue = \"support\"\ntitle = {}\n", "t.toml:3: zone.a.title", "one language"),
    ("[zone.a]\nqueue = \"support\"\ngreeting = { english = \"Hi\" }\n", "t.toml:3: zone.a.greeting", "two letters"),
    ("[zone.a]\nqueue = \"support\"\nform = [{ field = \"Order No\", kind = \"text\", label = \"x\" }]\n", "t.toml:3: zone.a.form", "a-z"),
    ("[zone.a]\nqueue = \"support\"\nform = [{ field = \"a\", kind = \"text\", label = \"x\" }, { field = \"a\", kind = \"text\", label = \"y\" }]\n", "t.toml:3: zone.a.form", "two fields"),
    ("[zone.a]\nqueue = \"support\"\nform = [{ field = \"a\", kind = \"mail\", label = \"x\" }, { field = \"b\", kind = \"mail\", label = \"y\" }]\n", "t.toml:3: zone.a.form", "a customer has one"),
    ("[zone.a]\nqueue = \"support\"\nform = [{ field = \"number\", kind = \"text\", label = \"x\" }]\n", "t.toml:3: zone.a.form", "of the kind \"number\""),
    ("[zone.a]\nqueue = \"support\"\nform = [{ field = \"a\", kind = \"text\", label = \" \" }]\n", "t.toml:3: zone.a.form", "empty"),
    ("[zone.a]\nqueue = \"support\"\nform = [{ field = \"a\", kind = \"date\", label = \"x\" }]\n", "t.toml:3", "consent"),
    ("[zone.a]\nqueue = \"support\"\nform = [{ field = \"a\", kind = \"choice\", label = \"x\" }]\n", "t.toml:3: zone.a.form", "2 to 20 options"),
    ("[zone.a]\nqueue = \"support\"\nform = [{ field = \"a\", kind = \"choice\", label = \"x\", options = [{ value = \"b\", label = \"B\" }, { value = \"c\", label = \"C\", queue = \"nowhere\" }] }]\n", "t.toml:3: zone.a.form", "[queue.nowhere]"),
    ("[zone.a]\nqueue = \"support\"\nform = [{ field = \"a\", kind = \"choice\", label = \"x\", options = [{ value = \"b\", label = \"B\" }, { value = \"c\", label = \"C\", skills = { x = 11 } }] }]\n", "t.toml:3: zone.a.form", "1 to 10"),
    ("[zone.a]\nqueue = \"support\"\nform = [{ field = \"a\", kind = \"consent\", label = \"x\", link = \"javascript:alert(1)\" }]\n", "t.toml:3: zone.a.form", "https://"),
    ("[zone.a]\nqueue = \"support\"\nform = [{ field = \"a\", kind = \"text\", label = \"x\", link = \"https://a.example\" }]\n", "t.toml:3: zone.a.form", "only a field of the kind \"consent\""),
    ("[zone.a]\nqueue = \"support\"\ninvite = [{ text = \"Hi\" }]\n", "t.toml:3: zone.a.invite", "after, scroll or cart"),
    ("[zone.a]\nqueue = \"support\"\ninvite = [{ text = \"\", after = \"10s\" }]\n", "t.toml:3: zone.a.invite", "empty"),
    ("[zone.a]\nqueue = \"support\"\ninvite = [{ text = \"Hi\", after = \"2h\" }]\n", "t.toml:3: zone.a.invite", "at most 1h"),
    ("[zone.a]\nqueue = \"support\"\ninvite = [{ text = \"Hi\", scroll = 101 }]\n", "t.toml:3: zone.a.invite", "100 percent"),
    ("[zone.a]\nqueue = \"support\"\npages = [\"cart\"]\n", "t.toml:3: zone.a.pages", "/cart*"),
    ("[zone.a]\nqueue = \"support\"\nsegments = [\"Very Important\"]\n", "t.toml:3: zone.a.segments", "a-z"),
    ("[zone.a]\nqueue = \"support\"\nsegments = [\"vip\"]\nsigned = true\n", "t.toml:4: zone.a.signed", "identity_secret"),
    ("[zone.a]\nqueue = \"support\"\ninvite = [{ text = \"Hi\", cart = 50, pages = [\"cart\"] }]\n", "t.toml:3: zone.a.invite", "/cart*"),
    ("[zone.a]\nqueue = \"support\"\ninvite = [{ text = \"Hi\", cart = 50, segments = [\"VIP!\"] }]\n", "t.toml:3: zone.a.invite", "a-z"),
    ("[hours.office]\nzone = \"Mars/Olympus\"\n", "t.toml:1: hours.office", "Europe/Berlin"),
    ("[hours.office]\nzone = \"UTC\"\nweek = { mon = [\"9-17\"] }\n", "t.toml:3", "09:00-17:30"),
    ("[hours.office]\nzone = \"UTC\"\nholidays = [\"24.12.\"]\n", "t.toml:3", "2026-12-24"),
    ("[hours.office]\nzone = \"UTC\"\nweek = { mon = [\"09:00-12:00\", \"11:00-13:00\"] }\n", "t.toml:1: hours.office", "overlap"),
    ("[queue.a]\nhours = \"office\"\n", "t.toml:2: queue.a.hours", "[hours.office]"),
    ("[queue.a]\nwhen_full = [\"mailbox\"]\n", "t.toml:2", "voicemail"),
    ("[queue.a]\nwhen_full = [\"voicemail\", \"busy\"]\n", "t.toml:2: queue.a.when_full", "put it last"),
    ("[queue.a]\nvoicemail_greeting = [\"sorry\"]\n", "t.toml:2: queue.a.voicemail_greeting", "nobody would hear it"),
    ("[queue.a]\nwhen_closed = [\"voicemail\"]\nvoicemail_greeting = [\"x\"]\n", "t.toml:3: queue.a.voicemail_greeting", "beep"),
    ("[voicemail]\ngreeting = [\"x\"]\n", "t.toml:2: voicemail.greeting", "[prompt]"),
    ("[voicemail]\nlongest = \"0s\"\n", "t.toml:2: voicemail.longest", "30m"),
    ("[voicemail]\nsilence = \"2m\"\n", "t.toml:2: voicemail.silence", "1m"),
    ("[voicemail]\nlongest = \"10s\"\nsilence = \"10s\"\n", "t.toml:3: voicemail.silence", "voicemail.longest"),
    ("[voicemail]\nleast = \"3m\"\n", "t.toml:2: voicemail.least", "voicemail.longest"),
    ("[voicemail]\nwaits = \"5m\"\n", "t.toml:2: voicemail.waits", "365d"),
    ("[queue.a]\nwhen_full = [\"queue:a\"]\n", "t.toml:2: queue.a.when_full", "itself"),
    ("[queue.a]\nwhen_full = [\"queue:b\"]\n", "t.toml:2: queue.a.when_full", "[queue.b]"),
    ("[queue.a]\nwhen_full = [\"busy\", \"queue:support\"]\n", "t.toml:2: queue.a.when_full", "put it last"),
    ("[queue.a]\nwhen_full = []\n", "t.toml:2: queue.a.when_full", "wait"),
    ("[queue.a]\nwhen_full = [\"callback\"]\n", "t.toml:2: queue.a.when_full", "outbound.trunk"),
    ("[queue.a]\nwhen_late = [\"busy\"]\n", "t.toml:2: queue.a.when_late", "max_wait"),
    ("[queue.a]\nwhen_slow = [\"busy\"]\n", "t.toml:2: queue.a.when_slow", "max_expected_wait"),
    ("[queue.a]\nrelax = [{ after = \"30s\", skill = \"billing\", level = 1 }]\n", "t.toml:2: queue.a.relax", "neither"),
    ("[queue.a]\nskills = { billing = 3 }\nrelax = [{ after = \"30s\", skill = \"billing\", level = 3 }]\n", "t.toml:3: queue.a.relax", "no less than at first, 3"),
    ("[queue.a]\nskills = { b = 3 }\nrelax = [{ after = \"9s\", skill = \"b\", level = 1 }, { after = \"12s\", skill = \"b\", level = 2 }]\n", "t.toml:3: queue.a.relax", "must lower"),
    ("[queue.a]\nrelax = [{ after = 30, skill = \"b\", level = 1 }]\n", "t.toml:2", "\"20s\""),
    ("[priority]\nvalue = \"60\"\n", "t.toml:2", "length of time"),
    ("[agents]\ncall_weight = 256\n", "t.toml:2: agents.call_weight: ", "256 is too large; write a whole number from 0 to 255"),
    ("[zone.shop]\nqueue = \"support\"\npriority = 10\n", "t.toml:3: zone.shop.priority", "0 to 9"),
    ("[zone.shop]\nqueue = \"support\"\nskills = { b = 0 }\n", "t.toml:3: zone.shop.skills", "1 to 10"),
    ("[zone.shop]\nqueue = \"sales\"\n", "t.toml:2: zone.shop.queue", "support"),
    ("[zone.shop]\n", "t.toml:1", "queue"),
    ("[zone.shop]\nqueue = \"support\"\nidentity_secret = \"short\"\n", "t.toml:3: zone.shop.identity_secret", "at least 32"),
    ("[zone.shop]\nqueue = \"support\"\nidentity_issuer = \"a:b\"\n", "t.toml:3: zone.shop.identity_issuer", "letters, digits"),
    ("[webhook.crm]\n", "t.toml: webhook.crm.url", "https://"),
    ("[webhook.crm]\nurl = \"https://crm.example\"\n", "t.toml: webhook.crm.secret", "at least 24"),
    ("[webhook.crm]\nurl = \"http://crm.example\"\nsecret = \"0123456789abcdef01234567\"\n", "t.toml:2: webhook.crm.url", "https"),
    ("[webhook.crm]\nurl = \"https://crm.example\"\nsecret = \"0123456789abcdef01234567\"\nevents = [\"chats.*\"]\n", "t.toml:4", "callback.reminded"),
    ("[webhook.crm]\nurl = \"https://crm.example\"\nsecret = \"0123456789abcdef01234567\"\nevents = []\n", "t.toml:4: webhook.crm.events", "at least one"),
    ("[webhook.crm]\nurl = \"https://crm.example\"\nsecret = \"0123456789abcdef01234567\"\ntimeout = \"2m\"\n", "t.toml:4: webhook.crm.timeout", "60s"),
    ("[webhook.\"my crm\"]\nurl = \"https://crm.example\"\n", "t.toml:1: webhook.my crm", "a-z"),
    ("[mail]\nserver = \"mail.example\"\n", "t.toml: mail.from", "Shop <shop@example.org>"),
    ("[mail]\nfrom = \"shop\"\n", "t.toml:2", "shop"),
    ("[mail]\nserver = \"mail.example\"\nfrom = \"a@b.example\"\n", "t.toml: web.url", "https://hub.example"),
    ("[web]\nurl = \"http://hub.example\"\n[mail]\nserver = \"mail.example\"\nfrom = \"a@b.example\"\n", "t.toml:2: web.url", "https"),
    ("[web]\nurl = \"https://hub.example\"\n[mail]\nserver = \"mail.example\"\nfrom = \"a@b.example\"\ntls = \"none\"\n", "t.toml:6: mail.tls", "starttls"),
    ("[web]\nurl = \"https://hub.example\"\n[mail]\nserver = \"mail.example\"\nfrom = \"a@b.example\"\nuser = \"a\"\n", "t.toml: mail.password", "together"),
    ("[web]\nurl = \"https://hub.example\"\n[mail]\nserver = \"mail.example:25\"\nfrom = \"a@b.example\"\n", "t.toml:4: mail.server", "mail.port"),
    ("[web]\nurl = \"https://hub.example\"\n[mail]\nserver = \"mail.example\"\nfrom = \"a@b.example\"\ntimeout = \"0s\"\n", "t.toml:6: mail.timeout", "10m"),
    ("[web]\nurl = \"https://hub.example\"\n[mail]\nserver = \"mail.example\"\nfrom = \"a@b.example\"\nauthority = \"/nowhere.pem\"\n", "t.toml:6: mail.authority", "/nowhere.pem"),
    ("[mail]\nlanguage = \"fr\"\n", "t.toml:2", "de"),
    ("[mail]\nport = 587\n", "t.toml:2: mail.port: ", "write it in quotes: \"587\""),
    ("[mail]\nport = \"70000\"\n", "t.toml:2", "from 1 to 65535"),
    ("[mail]\nport = \"smtp\"\n", "t.toml:2", "from 1 to 65535"),
    ("[web]\nsockets = \"20\"\n", "t.toml:2: web.sockets: ", "\"20\" is a text; write a whole number, 1 or more, without quotes"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nweight = -1\n", "t.toml:3: trunk.a.weight: ", "-1 is too small; write a whole number from 0 to 65535"),
    ("[retention]\ncustomers = \"1y\"\n", "t.toml:2: retention.customers: ", "a whole number of days from 0"),
    ("[trunk.pbx]\ntarget = \"192.0.2.1:5060\"\nsources = [\"here\"]\n", "t.toml:3", "192.0.2.10"),
    ("[trunk.pbx]\ntarget = \"192.0.2.1:0\"\n", "t.toml:2", "host name"),
    ("[trunk.pbx]\ntarget = \"192.0.2.1:5060\"\ntransport = \"any\"\n", "t.toml:2: trunk.pbx.target", "host name"),
    ("[trunk.pbx]\ntarget = \"pbx.example\"\ntransport = \"tls\"\ntls_name = \"x.example\"\n", "t.toml:4: trunk.pbx.tls_name", "certificate"),
    ("[trunk.pbx]\ntarget = \"192.0.2.1:5060\"\nsources = [\"loopback\"]\n", "t.toml:3: trunk.pbx.sources", "development"),
    ("[trunk.pbx]\ntarget = \"192.0.2.1:5060\"\nuser = \"a\"\n", "t.toml: trunk.pbx.password", "together"),
    ("[trunk.pbx]\ntarget = \"192.0.2.1:5060\"\nlogin = { user = \"a\" }\n", "trunk.pbx.login.password", "together"),
    ("[trunk.a]\ntarget = \"192.0.2.1:5060\"\nlogin = { user = \"x\", password = \"y\" }\n[trunk.b]\ntarget = \"192.0.2.2:5060\"\nlogin = { user = \"x\", password = \"z\" }\n", "trunk.b.login.user", "another trunk"),
    ("[trunk.pbx]\ntarget = \"192.0.2.1:5060\"\nkeep_alive = \"25s\"\n", "t.toml:3: trunk.pbx.keep_alive", "register"),
    ("[trunk.pbx]\ntarget = \"192.0.2.1:5060\"\nuser = \"a\"\npassword = \"b\"\nregister = \"1h\"\nkeep_alive = \"1s\"\n", "t.toml:6: trunk.pbx.keep_alive", "5s"),
    ("[trunk.pbx]\ntarget = \"192.0.2.1:5060\"\n[trunk.pbx.routes]\n\"1\" = \"sales\"\n", "t.toml:4: trunk.pbx.routes.1", "support"),
    ("[menu.a]\nqueue = \"sales\"\nthen = \"hang_up\"\n", "t.toml:2: menu.a.queue", "[queue.sales]"),
    ("[menu.a]\nqueue = \"support\"\n", "t.toml: menu.a.then", "say where it goes on"),
    ("[menu.a]\nqueue = \"support\"\nkeys = { A = \"hang_up\" }\n", "t.toml:3: menu.a.keys", "0 to 9"),
    ("[menu.a]\nqueue = \"support\"\nkeys = { 1 = \"sales\" }\n", "t.toml:3", "queue:NAME"),
    ("[menu.a]\nqueue = \"support\"\nkeys = { 1 = \"menu:b\" }\n", "t.toml:3: menu.a.keys", "[menu.b]"),
    ("[menu.a]\nqueue = \"support\"\nkeys = { 1 = \"callback\" }\n", "t.toml:3: menu.a.keys", "outbound.trunk"),
    ("[menu.a]\nqueue = \"support\"\ndigits = \"8-4\"\nthen = \"hang_up\"\n", "t.toml:3", "4-8"),
    ("[menu.a]\nqueue = \"support\"\nkeep = \"id\"\nthen = \"hang_up\"\n", "t.toml: menu.a.digits", "how many"),
    ("[menu.a]\nqueue = \"support\"\ndigits = \"6\"\nkeep = \"id\"\nsecret = true\nthen = \"hang_up\"\n", "t.toml:4: menu.a.keep", "kept nowhere"),
    ("[menu.a]\nqueue = \"support\"\nthen = \"repeat\"\n", "t.toml:3: menu.a.then", "for ever"),
    ("[menu.a]\nqueue = \"support\"\nsay = [\"x\"]\nthen = \"hang_up\"\n", "t.toml:3: menu.a.say", "goodbye"),
    ("[menu.a]\nqueue = \"support\"\nclosed = \"hang_up\"\nthen = \"hang_up\"\n", "t.toml:3: menu.a.closed", "without hours"),
    ("[menu.a]\nqueue = \"support\"\nhours = \"x\"\nthen = \"hang_up\"\n", "t.toml:3: menu.a.hours", "[hours.x]"),
    ("[menu.support]\nqueue = \"support\"\nthen = \"hang_up\"\n", "t.toml:1: menu.support", "another name"),
    ("[cobrowse]\nmask = [\"#iban\", \"#card[\"]\n", "t.toml:2: cobrowse.mask", "\"#card[\" is no CSS selector"),
    ("[prompt]\nhello = \"/nowhere/hello.wav\"\n", "t.toml:2: prompt.hello", "cannot be read"),
    ("[prompt]\n\"two words\" = \"/nowhere/hello.wav\"\n", "t.toml:2: prompt.two words", "letters"),
    ("[trunk.pbx]\ntarget = \"192.0.2.1:5060\"\nuser = \"a\"\npassword_file = \"credential:../x\"\n", "trunk.pbx.password", "credential"),
];

#[test]
fn mistakes_are_told_with_their_line_and_what_would_be_right() {
    for (text, place, right) in MISTAKES {
        let told = load(&format!("{text}{RIGHT}"), &[])
            .unwrap_err()
            .to_string();

        assert!(
            told.contains(place) && told.contains(right),
            "{text}\n  gave: {told}"
        );
        assert!(!told.contains('\n'), "{told}");
    }
}

#[test]
fn a_configuration_without_queues_is_refused() {
    assert!(
        load("", &[])
            .unwrap_err()
            .to_string()
            .contains("[queue.support]")
    );
}

#[test]
fn every_key_can_be_overridden_from_the_environment() {
    let text = "[queue.support]\n[trunk.my-pbx]\ntarget = \"192.0.2.1:5060\"\n";
    let environment = [
        ("TANDEM_WEB__LISTEN", "127.0.0.1:1234"),
        ("TANDEM_WEB__SOCKETS", "17"),
        ("TANDEM_WEB__ORIGINS", "[\"https://a.example\"]"),
        ("TANDEM_RTP__PORTS", "41000-41099"),
        ("TANDEM_AGENTS__CHATS_DURING_CALL", "pause"),
        ("TANDEM_TRUNK_MY_PBX__TARGET", "192.0.2.9:5070"),
        ("TANDEM_TRUNK__MY_PBX__TRUSTED", "true"),
        ("TANDEM_AGENTS__OWN__WAIT", "3s"),
        ("TANDEM_AGENTS__OWN__NUMBERS", "{ 201 = \"anna\" }"),
        ("TANDEM_AGENTS__OWN__NUMBERS__202", "anna"),
        ("TANDEM_TRUNK__MY_PBX__NUMBERS__COUNTRY", "49"),
        ("TANDEM_TRUNK__OTHER__CARRIER", "telco"),
        ("TANDEM_TRUNK__OTHER__TARGET", "192.0.2.7:5060"),
        ("TANDEM_HOURS__OFFICE__WEEK", "{ mon = [\"09:00-17:00\"] }"),
        ("TANDEM_HOURS__OFFICE__ZONE", "Europe/Berlin"),
        ("TANDEM_CONFIG", "not ours to judge"),
        ("HOME", "/root"),
    ];

    let config = load(text, &environment).unwrap();

    assert_eq!(config.web.listen.0, Some("127.0.0.1:1234".parse().unwrap()));
    assert_eq!((config.web.sockets, config.web.origins.len()), (17, 1));
    assert_eq!(config.rtp.ports.to_string(), "41000-41099");
    let pause = hub::setup::ChatsDuringCall::Pause;
    assert_eq!(config.agents.chats_during_call, pause);
    let trunk = config.trunk.values().next().unwrap();
    assert_eq!(
        (trunk.target.to_string(), trunk.trusted, config.trunk.len()),
        ("192.0.2.9:5070".to_owned(), true, 2)
    );
    let own = &config.agents.own;
    assert_eq!((own.wait.0.as_secs(), own.numbers.len()), (3, 2));
    assert_eq!(trunk.numbers.country, "49");
}

#[test]
fn many_variables_are_taken_as_one_by_one() {
    let mut environment: Vec<_> = (0..40)
        .flat_map(|n: usize| {
            [
                (format!("TANDEM_QUEUE_Q{n}__LIMIT"), (n + 100).to_string()),
                (format!("TANDEM_ZONE_Z{n}__QUEUE"), format!("q{n}")),
            ]
        })
        .collect();
    for (name, text) in [
        ("TANDEM_TRUNK_A__TARGET", "192.0.2.7:5060"),
        ("TANDEM_TRUNK_A__CARRIER", "telco"),
        ("TANDEM_TRUNK_A__NUMBERS__COUNTRY", "49"),
    ] {
        environment.push((name.to_owned(), text.to_owned()));
    }
    let environment = |extra: Option<(&str, &str)>| {
        let more = extra.map(|(name, text)| (name.to_owned(), text.to_owned()));
        environment.iter().cloned().chain(more)
    };

    let (config, applied) = source::override_by(Config::default(), environment(None)).unwrap();

    assert_eq!(applied.len(), 83);
    for n in 0..40 {
        let queue = format!("q{n}").parse().unwrap();
        assert_eq!(config.queue[&queue].limit, n + 100);
    }
    let trunk = config.trunk.values().next().unwrap();
    assert_eq!(trunk.numbers.country, "49");
    let carrier = trunk.carrier.0.as_ref().unwrap();
    assert_eq!(carrier.to_string(), "telco");

    let twice = Some(("TANDEM_QUEUE__Q17__LIMIT", "many"));
    let fault = source::override_by(Config::default(), environment(twice)).unwrap_err();
    let named = Place::Variable("TANDEM_QUEUE__Q17__LIMIT".to_owned());
    assert_eq!(fault.place, named, "the other is right");

    let wrong = Some(("TANDEM_QUEUE_Q17__LIMIT_", "3"));
    let fault = source::override_by(Config::default(), environment(wrong)).unwrap_err();
    assert_eq!(
        fault.place,
        Place::Variable("TANDEM_QUEUE_Q17__LIMIT_".to_owned())
    );
}

#[test]
fn a_wrong_variable_is_named() {
    for (name, value, right) in [
        ("TANDEM_WEB__LISTEN", "here", "invalid socket address"),
        ("TANDEM_HOURS__OFFICE__WEEK", "{}", "missing field `zone`"),
        (
            "TANDEM_WEB__SOCKETS",
            "many",
            "web.sockets: \"many\" is no number; write a whole number, 1 or more",
        ),
        (
            "TANDEM_AGENTS__CHAT_SLOTS",
            "-1",
            "agents.chat_slots: -1 is too small; write a whole number from 1 to 6",
        ),
        ("TANDEM_WEP__LISTEN", "x", "WEB"),
        ("TANDEM_WEB__LISTN", "x", "listen"),
        ("TANDEM_AGENTS__OWM__WAIT", "3s", "owm"),
        ("TANDEM_WEB__LISTEN__PORT", "3", "web__listen__port"),
    ] {
        let fault = load(RIGHT, &[(name, value)]).unwrap_err();

        assert_eq!(fault.place, Place::Variable(name.to_owned()));
        assert!(
            fault.to_string().contains(right),
            "{name}={value} gave: {fault}"
        );
    }
}

#[test]
fn development_mode_is_right_and_stays_on_loopback() {
    let effective = Effective::load(None, []).unwrap();
    let outside = [("TANDEM_SIP__LISTEN".to_owned(), "192.0.2.1:5060".to_owned())];

    assert!(effective.is_development());
    assert!(effective.explain().contains("[trunk.test]"));
    let told = Effective::load(None, outside).unwrap_err().to_string();
    assert!(told.contains("loopback"), "{told}");
}

fn one(address: &str) -> Families<IpAddr> {
    address.parse::<IpAddr>().unwrap().into()
}

#[test]
fn both_families_are_listened_to_and_each_is_told_its_own() {
    let text = "[sip]
listen = [\"[::]:5062\", \"0.0.0.0:5060\"]
listen_tls = \"[::]:5061\"
certificate = \"sip.pem\"
key_file = \"sip.key\"
advertise = [\"198.51.100.1\", \"2001:db8::1\"]
[rtp]
address = \"192.0.2.9\"
[trunk.a]
target = \"192.0.2.1:5060\"
further = [\"[2001:db8::1]:5060\", \"sip.example.com\"]
[queue.support]
";

    let config = load(text, &[]).unwrap();

    let ports = SipPorts {
        plain: Families::Both { v4: 5060, v6: 5062 },
        tls: Some(Families::V6(5061)),
    };
    let endpoint = config.endpoint(&[], ports);
    let (v4, v6) = (
        "198.51.100.1:5060".parse().unwrap(),
        "[2001:db8::1]:5062".parse().unwrap(),
    );
    let both = Families::Both { v4, v6 };
    let secure: SocketAddr = "[2001:db8::1]:5061".parse().unwrap();
    assert_eq!(endpoint.listen[&Transport::Udp], both);
    assert_eq!(endpoint.listen[&Transport::Tls], secure.into());
    let (v4, v6) = ("192.0.2.9".parse().unwrap(), "::".parse().unwrap());
    assert_eq!(config.media_bind(), Families::Both { v4, v6 });
    let v6 = "2001:db8::1".parse().unwrap();
    assert_eq!(config.media_address(), Families::Both { v4, v6 });
    let Some(Destination::Named(question)) = endpoint.trunks[0].destinations().last() else {
        panic!("a name");
    };
    assert_eq!(question.families, Families::Both { v4: (), v6: () });
    let again = toml::to_string(&config.sip).unwrap();
    assert!(
        again.contains("listen = [\"0.0.0.0:5060\", \"[::]:5062\"]"),
        "{again}"
    );
}

#[test]
fn voice_is_bound_where_sip_listens_and_named_as_advertised() {
    let cases = [
        (
            "[sip]\nlisten = \"192.0.2.1:5060\"\n",
            "192.0.2.1",
            "192.0.2.1",
        ),
        (
            "[sip]\nlisten = \"192.0.2.1:5060\"\nadvertise = \"198.51.100.1\"\n",
            "192.0.2.1",
            "198.51.100.1",
        ),
        (
            "[sip]\nlisten = \"0.0.0.0:5060\"\nadvertise = \"198.51.100.1\"\n",
            "0.0.0.0",
            "198.51.100.1",
        ),
        (
            "[sip]\nlisten = \"[::]:5060\"\nadvertise = \"2001:db8::1\"\n",
            "::",
            "2001:db8::1",
        ),
        ("[rtp]\naddress = \"192.0.2.9\"\n", "192.0.2.9", "192.0.2.9"),
    ];

    for (text, bound, named) in cases {
        let config = load(&format!("{text}[queue.support]\n"), &[]).unwrap();

        assert_eq!(config.media_bind(), one(bound), "{text}");
        assert_eq!(config.media_address(), one(named), "{text}");
    }
}

#[test]
fn an_explanation_keeps_secrets() {
    let secret = "0123456789abcdef0123456789abcdef";
    let text = format!(
        "[lookup]\nsecret = \"{secret}\"\n[webhook.crm]\nurl = \"https://crm.example\"\nsecret = \"{secret}\"\n[zone.shop]\nqueue = \"support\"\nidentity_secret = \"{secret}\"\n{RIGHT}"
    );
    let config = load(&text, &[]).unwrap();

    let explained = Effective {
        config,
        file: None,
        overrides: Vec::new(),
    }
    .explain();

    assert!(
        !explained.contains(secret) && explained.contains("(set)"),
        "{explained}"
    );
}

const SHIPPED: &str = include_str!("../../../systemd/tandem.toml");

#[test]
fn the_shipped_file_holds_every_key_with_its_default() {
    let (config, _) = source::parse(Path::new("tandem.toml"), SHIPPED.to_owned()).unwrap();
    let mut defaults = Config::default();
    defaults.queue.insert(
        "support".parse().unwrap(),
        super::sections::Queue::default(),
    );

    assert_eq!(config, defaults);
    let written: Table = SHIPPED.parse().unwrap();
    let known = Table::try_from(&defaults).unwrap();
    assert_eq!(keys(&written, ""), keys(&known, ""));
}

#[test]
fn the_examples_in_the_shipped_file_hold_every_key_of_their_sections() {
    let uncommented: String = SHIPPED
        .lines()
        .skip_while(|line| !line.starts_with("# [hours.office]"))
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| {
            !["PBXs", "Parts", "Who", "Replies", "What"]
                .iter()
                .any(|it| line.starts_with(it))
        })
        .map(|line| format!("{line}\n"))
        .collect();

    let config = load(&format!("{uncommented}\n{RIGHT}"), &[]).unwrap();

    let written: Table = uncommented.parse().unwrap();
    let mut known = Table::try_from(&config).unwrap();
    known.retain(|section, _| {
        [
            "zone", "trunk", "hours", "webhook", "replies", "menu", "prompt",
        ]
        .contains(&section)
    });
    assert_eq!(keys(&written, ""), keys(&known, ""));
}

/// Returns the path of every key; an empty table counts as one.
fn keys(table: &Table, path: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (key, value) in table {
        let path = format!("{path}.{key}");
        match value {
            Value::Table(inner) if !inner.is_empty() => found.extend(keys(inner, &path)),
            Value::Table(inner)
                if matches!(
                    path.as_str(),
                    ".zone" | ".trunk" | ".hours" | ".webhook" | ".replies" | ".menu" | ".prompt"
                ) && inner.is_empty() => {}
            _ => {
                found.insert(path);
            }
        }
    }
    found
}

#[test]
fn a_list_of_numbers_is_read_with_the_configuration_and_its_mistakes_are_named() {
    let path = std::env::temp_dir().join(format!("tandem-list-{}", std::process::id()));
    std::fs::write(&path, "\u{feff}2125551234\n# national\n").unwrap();
    let text = format!(
        "[consent]\nlists = [{{ path = \"{}\", prefix = \"+1\" }}]\n{RIGHT}",
        path.display()
    );

    let config = load(&text, &[]).unwrap();
    std::fs::write(&path, "2125551234\ncall me\n").unwrap();
    let fault = load(&text, &[]).unwrap_err().to_string();
    std::fs::remove_file(&path).unwrap();

    let list = config.setup(&[]).consent.list;
    assert!(list.contains(&"+12125551234".parse().unwrap()));
    assert!(
        fault.contains("line 2") && fault.contains("call me"),
        "{fault}"
    );
}

#[test]
fn a_file_may_begin_with_the_byte_order_mark_of_an_editor() {
    let path = std::env::temp_dir().join(format!("tandem-mark-{}.toml", std::process::id()));
    std::fs::write(&path, format!("\u{feff}{RIGHT}")).unwrap();

    let read = source::read(&path);
    std::fs::remove_file(&path).unwrap();

    read.unwrap();
}

#[test]
fn one_plan_reads_the_numbers_of_lists_tolls_and_transfers() {
    let path = std::env::temp_dir().join(format!("tandem-numbers-{}", std::process::id()));
    std::fs::write(&path, "030 1234567\n").unwrap();
    let rules = format!(
        "[outbound]\ntrunk = \"pbx\"\nsuppressed = [\"0049 30 7654321\"]\n[toll.prefixes]\n\"00882\" = \"deny\"\n\"0900\" = \"deny\"\n\
         [transfer]\nnumbers = [\"0*\", \"030 111 2222\", \"2*\"]\n[consent]\nlists = [\"{}\"]\n[trunk.pbx]\ntarget = \"192.0.2.1:5060\"\n",
        path.display()
    );
    let own = load(&format!("{RIGHT}[numbers]\ncountry = \"49\"\n{rules}"), &[]).unwrap();
    let of_trunk = load(
        &format!("{RIGHT}{rules}numbers = {{ country = \"49\", form = \"national\" }}\n"),
        &[],
    )
    .unwrap();
    let none = load(&format!("{RIGHT}{rules}"), &[]).unwrap();
    std::fs::remove_file(&path).unwrap();
    let number = |text: &str| text.parse::<Number>().unwrap();

    for config in [own, of_trunk] {
        let setup = config.setup(&[]);
        assert_eq!(setup.suppressed, [number("+49307654321")]);
        assert!(setup.consent.list.contains(&number("+49301234567")));
        for denied in ["+882123456", "+49900123456"] {
            assert_eq!(
                setup.tolls.rule(&number(denied)).1,
                Allowance::Deny,
                "{denied}"
            );
        }
        for allowed in ["+4930123456", "+442071838750", "+49301112222", "201"] {
            assert!(setup.transfers.allow(&number(allowed)), "{allowed}");
        }
        assert!(!setup.transfers.allow(&number("301")));
        assert_eq!(config.doubts(), Vec::<String>::new());
    }
    let doubts = none.doubts();
    assert!(
        doubts.len() == 2
            && doubts[0].contains("[numbers] country")
            && doubts[1].contains("1 numbers"),
        "{doubts:?}"
    );
    assert_eq!(none.setup(&[]).suppressed, [number("0049307654321")]);
}

#[test]
fn a_trunk_that_may_answer_later_than_it_is_asked_is_doubted() {
    let text = |qualify: &str, answer: &str| {
        format!(
            "{RIGHT}[trunk.a]\ntarget = \"192.0.2.1:5060\"\nqualify = \"{qualify}\"\nqualify_answer = \"{answer}\"\n"
        )
    };
    for (qualify, answer, doubted) in [
        ("2s", "4s", true),
        ("4s", "4s", false),
        ("30s", "4s", false),
        // Nobody is asked.
        ("0s", "4s", false),
    ] {
        let doubts = load(&text(qualify, answer), &[]).unwrap().doubts();
        let told = doubts
            .iter()
            .any(|doubt| doubt.contains("trunk.a.qualify_answer, 4s") && doubt.contains("\"2s\""));
        assert_eq!(told, doubted, "{qualify}: {doubts:?}");
    }
}

#[test]
fn trunks_that_do_not_say_the_same_say_nothing_of_the_house() {
    let trunk = |name: &str, country: &str| {
        format!(
            "[trunk.{name}]\ntarget = \"192.0.2.1:5060\"\ncarrier = \"telco\"\nnumbers = {{ country = \"{country}\" }}\n"
        )
    };
    let text = format!("{RIGHT}[outbound]\ntrunk = \"telco\"\n{}", trunk("a", "49"));

    let alone = load(&text, &[]).unwrap();
    let two = load(&format!("{text}{}", trunk("b", "43")), &[]).unwrap();

    assert!(alone.numbering().has_country());
    assert!(!two.numbering().has_country());
}

#[test]
fn a_directory_of_texts_is_read_with_the_configuration_and_its_mistakes_are_named() {
    let folder = std::env::temp_dir().join(format!("tandem-languages-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!("{RIGHT}[web]\ntexts = \"{}\"\n", folder.display());
    let told = |name: &str, texts: &str| {
        let file = folder.join(name);
        std::fs::write(&file, texts).unwrap();
        let told = load(&text, &[]).map_err(|fault| fault.to_string());
        std::fs::remove_file(&file).unwrap();
        told.map(|config| config.web.texts.0)
    };

    let right = told("fr.json", r#"{"widget": {"start": "Commencer"}}"#);
    assert!(right.is_ok_and(|directory| directory.is_some()));
    assert!(told("README.md", "for translators").is_ok());
    for (name, texts, named) in [
        (
            "french.json",
            "{}",
            "name it by two letters of ISO 639, such as fr.json",
        ),
        ("de.json", "{}", "\"de\" is built in"),
        ("fr.json", r#"{"widget": 1}"#, "must be an object of texts"),
    ] {
        let fault = told(name, texts).unwrap_err();
        assert!(
            fault.contains("t.toml:3: web.texts") && fault.contains(name) && fault.contains(named),
            "{fault}"
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_zone_knows_whom_it_numbers() {
    let text = "[zone.shop]\nqueue = \"support\"\n[zone.bank]\nqueue = \"support\"\nidentity_issuer = \"bank\"\n";
    let house = load(&format!("{RIGHT}{text}"), &[]).unwrap();
    let zone = |name: &str| &house.zone[&name.parse().unwrap()];

    assert_eq!(zone("bank").subject("42"), "bank:42");
    assert_eq!(zone("bank").own_id("bank:42"), Some("42"));
    for other in ["42", "bank42", "banks:42"] {
        assert_eq!(zone("bank").own_id(other), None, "{other}");
    }
    assert_eq!(zone("shop").subject("42"), "42");
    assert_eq!(zone("shop").own_id("42"), Some("42"));
}
