#!/usr/bin/env python3
"""The front ends in Chromium against a running Tandem: starts it with phones for agents and customer, then runs ws/web/e2e.

  e2e.py [WORD]     only the checks whose name WORD, a regular expression, matches, in one house; `long`: only the desk of six long
                    chats, `short`: all others; `act NAME`: those of one act; `stand-in WORD`: those of the stand-in hub, without a Tandem

The checks are in acts, each with a daemon, phones and a browser of its own. When one failed, its act is made once more at the end: the clocks of
browsers and phones run on while a busy machine stands still. Screenshots are kept under artifacts/e2e/, by act, what the first time
left of one beside it; those of the long chats under artifacts/e2e-long/.
"""
import json, os, re, shutil, subprocess, sys
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from lib.baresip import Phone
from lib.daemon import PASSWORD, ROOT, Daemon
from lib.long import fill
from lib.mail import MailServer
from lib.numbers import Network
from lib.processes import Process, port

NUMBER = "+4930900200"
SECRET = "x" * 32
MINUTES = 20
ARTIFACTS = Path(os.environ.get("TANDEM_ARTIFACTS", ROOT / "artifacts"))
# Where browsers reach Tandem's port for voice, by a relay of the checks.
AIR = "127.0.0.2"
# The other system's page beside a contact; here one of our own, since no page may ask another host.
CRM = "/demo/workshop.html?crm={interaction}&queue={queue}&number={number}&name={name}"
REPLY = """{ en = "Hello {customer}, I am {agent}. How can I help?", de = "Guten Tag {customer}, hier ist {agent}." }"""

FORM = """[
    { field = "name", kind = "name", label = { en = "Your name", de = "Ihr Name" }, required = true },
    { field = "topic", kind = "choice", label = { en = "What is it about?", de = "Worum geht es?" }, required = true, options = [
        { value = "order", label = { en = "An order", de = "Eine Bestellung" } },
        { value = "repair", label = { en = "A repair", de = "Eine Reparatur" } } ] },
    { field = "phone", kind = "number", label = { en = "Telephone", de = "Telefon" } },
    { field = "order", kind = "text", label = { en = "Order number", de = "Bestellnummer" } },
    { field = "terms", kind = "consent", label = { en = "I agree to the privacy notice", de = "Ich stimme der Datenschutzerklärung zu" },
      required = true, link = "https://shop.example/privacy" },
]"""


def opening():
    """Hours that begin on the day after tomorrow only, whenever this runs."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return "{ " + days[(datetime.now(timezone.utc).weekday() + 2) % 7] + ' = ["09:00-17:00"] }'


def node(script, *arguments, env):
    """Runs browser checks and shows what they say; returns how many passed and failed."""
    run = subprocess.run(["node", script, *arguments], cwd=ROOT / "ws" / "web", env=env, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=MINUTES * 60)
    print(run.stdout, end="", flush=True)
    passed, failed = (len(re.findall(rf"^{word}\s", run.stdout, re.M)) for word in ("ok", "FAILED"))
    return passed, failed or int(run.returncode != 0)


def foreign(folder):
    """A directory with French made from the template: a few texts are French, some are left out, the rest is marked as translated."""
    def marked(text):
        if isinstance(text, str):
            return f"«{text}»"
        return [marked(each) for each in text] if isinstance(text, list) else {key: marked(each) for key, each in text.items()}

    texts = marked(json.loads((ROOT / "ws/web/dist/texts/en.json").read_text()))
    texts["widget"] |= {"launcher": "Ouvrir le chat", "position": "Vous êtes numéro {0}"}
    texts["console"]["desk"]["signIn"], texts["board"]["signIn"] = "Connexion", "Se connecter"
    texts["staff"]["because"]["the name or the password is wrong"] = "Le nom ou le mot de passe est faux."
    del texts["widget"]["start"], texts["console"]["desk"]["password"]
    folder.mkdir(parents=True)
    (folder / "fr.json").write_text(json.dumps(texts, ensure_ascii=False))
    return folder


def post(folder):
    """A mail server that keeps every mail it takes as a file."""
    folder.mkdir(parents=True)
    server = MailServer().open()

    def keep():
        n, mail = len(server.mails), server.mails[-1]
        half = folder.parent / f"{folder.name}.{n}"
        half.write_text(json.dumps({"to": mail["To"], "subject": mail["Subject"], "text": mail.get_content()}))
        half.rename(folder / f"{n:04}.json")

    server.taken = keep
    return server


def acts():
    """The names of all acts, in order."""
    said = subprocess.run(["node", "-e", "import('./e2e/checks.mjs').then(({ ACTS }) => console.log(...Object.keys(ACTS)))"],
                          cwd=ROOT / "ws" / "web", stdout=subprocess.PIPE, text=True, check=True)
    return said.stdout.split()


def main():
    words = sys.argv[1:]
    if words == ["long"]:
        made = [twice(ARTIFACTS / "e2e-long", long)]
    elif words[:1] == ["act"]:
        made = [twice(ARTIFACTS / "e2e" / act, lambda *house: short(*house, act=act)) for act in words[1:]]
    elif words[:1] == ["stand-in"]:
        made = [stand_in(words[1:])]
    elif words not in ([], ["short"]):
        made = [once(ARTIFACTS / "e2e", lambda *house: short(*house, *words))]
    else:
        shutil.rmtree(ARTIFACTS / "e2e", ignore_errors=True)
        made = each_act()
        if not words:
            made.append(twice(ARTIFACTS / "e2e-long", long))
    passed, failed = (sum(each[n] for each in made) for n in (0, 1))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def short(folder, daemon, env, *words, act=""):
    """The checks of a day, all or chosen ones."""
    print(f"-- {act or 'all'}")
    passed, failed = node("e2e/run.mjs", *words, env={**env, "ACT": act})
    return passed, failed, [daemon]


def stand_in(words):
    """Checks that only the stand-in hub stands for, once more when one failed."""
    folder = ARTIFACTS / "e2e-stand-in"
    shutil.rmtree(folder, ignore_errors=True)
    for time in ("first", "again"):
        passed, failed = node("e2e/run.mjs", *words, env={**os.environ, "ARTIFACTS": str(folder / time)})
        if not failed:
            break
        print(f"{failed} failed the {time} time")
    return passed, failed


def long(folder, daemon, env):
    """The desk of six long chats, on a daemon that has nothing else."""
    other = Daemon(folder / "long")
    names = fill(other, "anna")
    passed, failed = node("e2e/long.mjs", "anna", "ben", *names, env={**env, "TANDEM_URL": other.url})
    return passed, failed, [daemon, other]


def each_act():
    """Makes one act after the other, and when all were made those once more in which something failed."""
    made, again = [], []
    for act in acts():
        folder, checks = ARTIFACTS / "e2e" / act, lambda *house, act=act: short(*house, act=act)
        passed, failed, panicked = once(folder, checks)
        if failed and not panicked:
            print(f"{failed} failed; once more when all others were made")
            again.append((folder, checks))
        else:
            made.append((passed, failed))
    return made + [once_more(folder, checks) for folder, checks in again]


def twice(folder, checks):
    """Makes checks, and all of them once more in a new house when one failed; returns how many passed and failed."""
    passed, failed, panicked = once(folder, checks)
    if failed and not panicked:
        print(f"{failed} failed; once more")
        return once_more(folder, checks)
    return passed, failed


def once_more(folder, checks):
    """Makes checks in a new house, beside what the first time left; returns how many passed and failed."""
    before = folder.with_name(f"{folder.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    folder.rename(before)
    passed, failed, _ = once(folder, checks)
    if not failed:
        print(f"{folder.name} went well only when made once more")
    return passed, failed


def once(folder, checks):
    """Makes checks in a house of their own; returns how many passed and failed, and whether Tandem panicked."""
    shutil.rmtree(folder, ignore_errors=True)
    passed = failed = 0
    panicked = False
    voice = f"127.0.0.1:{port()}"
    abroad = f"http://localhost:{port()}"
    numbers = folder / "numbers"
    numbers.mkdir(parents=True)
    Network(numbers)
    mails = post(folder / "mails")
    try:
        daemon = Daemon(folder / "daemon", tandem_mail__server="127.0.0.1", tandem_mail__port=mails.port, tandem_mail__tls="none",
                        tandem_mail__from="Shop <shop@shop.example>", tandem_web__url=lambda daemon: daemon.url, tandem_web_rtc__listen=voice, tandem_web_rtc__advertise=f'["{AIR}"]', tandem_web__visitors_per_minute=1000, tandem_web__logins_per_minute=1000,
                        tandem_web__texts=foreign(folder / "texts"),
                        tandem_queue__support__rate_chats="true", tandem_queue__support__recording="demand",
                        tandem_queue__support__screen_pop=lambda daemon: daemon.url + CRM,
                        tandem_recording__announcement="[]", tandem_recording__refusal="false",
                        tandem_web_rtc__absence="45s",
                        tandem_trunk__test__stir__verify="note", tandem_trunk__test__stir__trust=numbers / "roots.pem", tandem_trunk__test__stir__certificates=numbers,
                        tandem_toll__prefixes='{ "+49309009970" = "1", "+882" = "deny" }',
                        tandem_replies__hello__text=REPLY, tandem_zone__ask__queue="support", tandem_zone__ask__form=FORM,
                        tandem_zone__ask__cobrowse__pages='["/demo/"]',
                        tandem_zone__ask__invite="""[{ text = "Questions about your basket?", cart = 100 }]""",
                        tandem_hours__never__zone="UTC", tandem_hours__never__week=opening(),
                        tandem_queue__night__hours="never", tandem_queue__night__when_closed='["busy"]',
                        tandem_zone__night__queue="night",
                        tandem_menu__mailbox='{ queue = "support", then = "voicemail" }',
                        tandem_zone__default__queue="support", tandem_zone__default__title="Anywhere in the shop",
                        tandem_zone__laden__queue="support", tandem_zone__laden__language="de",
                        tandem_zone__atelier__queue="support", tandem_zone__atelier__language="fr", tandem_zone__atelier__segments='["french"]',
                        tandem_zone__workshop__queue="support", tandem_zone__workshop__title="About the workshop",
                        tandem_zone__workshop__pages='["/demo/workshop*"]',
                        tandem_zone__two__queue="support", tandem_zone__two__pages='["/two/*"]',
                        tandem_zone__two__origins=lambda daemon: (
                            f'["http://127.0.0.1:{daemon.web}", "http://localhost:{daemon.web}"]'
                        ),
                        tandem_web__origins=lambda daemon: f'["{daemon.url}"]',
                        tandem_zone__harbour__queue="support", tandem_zone__harbour__title="Bread and questions",
                        tandem_zone__harbour__origins=f'["{abroad}"]',
                        tandem_zone__mill__queue="support", tandem_zone__mill__title="The mill writes only",
                        tandem_zone__mill__call="false", tandem_zone__mill__browser_call="false", tandem_zone__mill__callback="false",
                        tandem_zone__mill__origins=f'["{abroad.replace("localhost", "127.0.0.1")}"]',
                        tandem_zone__harbour__invite="""[{ text = "Still reading?", after = "1s", scroll = 60, pages = ["/long*"] },
                            { text = "Shall we warm the oven?", after = "2s", pages = ["/oven*"] }]""",
                        tandem_zone__phone__queue="support", tandem_zone__phone__chat="false",
                        tandem_zone__phone__origins=f'["{abroad}"]',
                        tandem_queue__ledger__rate_chats="false", tandem_zone__ledger__queue="ledger",
                        tandem_zone__back__queue="support", tandem_zone__back__title="Good to see you again",
                        tandem_zone__back__segments='["returning"]',
                        tandem_zone__vip__queue="support", tandem_zone__vip__title="At your service",
                        tandem_cobrowse__reveal='["#revealed", "#veiled", "#within"]',
                        tandem_zone__vip__segments='["vip"]', tandem_zone__vip__signed="true", tandem_zone__vip__cobrowse__pages='["/demo/"]', tandem_zone__vip__identity_secret=SECRET)
        for agent, hertz in (("anna", 440), ("ben", 550)):
            Phone(folder, agent, daemon.address, hertz)
        Phone(folder, NUMBER, daemon.address, 660, register=False, sip=daemon.far)
        env = {**os.environ, "TANDEM_URL": daemon.url, "TANDEM_PASSWORD": PASSWORD, "ARTIFACTS": str(folder / "shots"),
               "TANDEM_CALL": "answered", "TANDEM_CALL_NUMBER": NUMBER, "TANDEM_PHONES": str(folder), "TANDEM_AIR": f"{voice}>{AIR}", "TANDEM_SIP": daemon.address, "TANDEM_FORM_ZONE": "ask", "TANDEM_CLOSED_ZONE": "night", "TANDEM_TWO_ZONE": "two",
               "TANDEM_ABROAD": abroad, "TANDEM_LEDGER_ZONE": "ledger",
               "TANDEM_FRENCH": "fr", "TANDEM_MAILS": str(folder / "mails"), "TANDEM_NUMBERS": str(numbers), "TANDEM_IDENTITY_SECRET": SECRET}
        passed, failed, daemons = checks(folder, daemon, env)
        panicked = any("panicked at" in one.process.text() for one in daemons)
        if panicked:
            print("FAILED  Tandem panicked; its log says where")
            failed += 1
    except subprocess.TimeoutExpired as late:
        print((late.stdout or b"").decode(errors="replace"))
        print(f"FAILED  the browser checks were not done within {MINUTES} minutes")
        failed += 1
    except AssertionError as failure:
        print(f"FAILED  {failure}")
        failed += 1
    finally:
        Process.stop_all()
        mails.close()
    return passed, failed, panicked


main()
