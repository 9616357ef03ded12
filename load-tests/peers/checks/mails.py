"""Mails to customers, handed to a mail server that is there, away, slow, full, or unwilling; and the links in them."""
import subprocess, time, urllib.error, urllib.parse, urllib.request

from checks.choices import SECRET, introduced
from checks.routing import held
from lib.daemon import TANDEM
from lib.mail import MailServer, link
from lib.people import Agent, Visitor
from lib.processes import expect, until

IDA = "ida@x.example"


def mailing(daemon, **settings):
    """Starts Tandem again so that it mails; returns the server, which is not open yet."""
    server = MailServer()
    daemon.stop()
    daemon.env |= {
        "TANDEM_CALLBACK__CALLING_HOURS": "", "TANDEM_CALLBACK__ZONE": "Europe/Berlin", "TANDEM_WEB__URL": daemon.url,
        "TANDEM_MAIL__SERVER": "127.0.0.1", "TANDEM_MAIL__PORT": str(server.port), "TANDEM_MAIL__TLS": "none",
        "TANDEM_MAIL__FROM": "Shop <shop@shop.example>", **settings}
    daemon.start()
    return server


def promise(daemon, number="+4930900400", mail=IDA, after=2):
    """Promises a call in an hour to a customer with a mail address, who is reminded so many seconds from now."""
    token = daemon.token("sam")
    body = {"queue": "support", "number": number, "at": int(time.time() * 1000) + 3_600_000, "remind": 3_600 - after}
    status, made = daemon.api("/api/v1/callbacks", "POST", body, token)
    expect(status in (200, 201), f"the promise was answered {status} {made}")
    record = daemon.record(made["interaction"])
    customer = record["customer"]["customer"]
    if mail:
        status, said = daemon.api(f"/api/v1/customers/{customer}", "PATCH", {"mail": mail}, token)
        expect(status < 300, f"the address was answered {status} {said}")
    return made["callback"], customer


def state(daemon, callback):
    return daemon.api(f"/api/v1/callbacks/{callback}", token=daemon.token())[1]


def standing(daemon, subject):
    return daemon.api(f"/api/v1/consents/{subject}", token=daemon.token("sam"))[1]


def page(url, form=None, language="en", method=None):
    """Gets or posts as a browser without script does; returns status, headers and text."""
    body = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(url, data=body, method=method, headers={"accept-language": language, "origin": "null"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def one_click(url, said="One-Click"):
    """Posts as a mail program does for its user; returns the status."""
    part = f'--tandem\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n{said}\r\n--tandem--\r\n'
    request = urllib.request.Request(url, data=part.encode(), headers={"content-type": "multipart/form-data; boundary=tandem"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def cli(daemon, *words):
    done = subprocess.run([str(TANDEM), "mail", *words], env={**daemon.env, "PATH": ""}, capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout + done.stderr


def a_reminder_is_mailed_and_its_link_moves_and_cancels_the_call(daemon):
    server = mailing(daemon).open()
    callback, customer = promise(daemon)
    mail = server.wait(1)
    expect(mail["To"] == IDA and mail["Reply-To"] is None and mail["Auto-Submitted"] == "auto-generated", f"{mail.items()}")
    expect("900400" not in mail.get_content() and "ends in 400" in mail.get_content(), mail.get_content())
    expect(link(mail) in mail.get_content(), "the text has not the link of the header")
    due = state(daemon, callback)["due"]

    for method in ("GET", "HEAD", "GET"):
        status, headers, text = page(link(mail), method=method)
        expect(status == 200 and "script" not in text, f"{method} was answered {status} {text}")
        expect(method == "HEAD" or "<h1>Your call</h1>" in text, f"the page is about something else: {text}")
        policy = headers["content-security-policy"]
        expect("default-src 'none'" in policy and "script" not in policy, f"the policy is {policy}")
    expect(state(daemon, callback)["state"] == "promised" and state(daemon, callback)["due"] == due, "reading the page changed something")
    expect("Anruf absagen" in page(link(mail), language="de-AT,en;q=0.5")[2], "the page does not speak German")

    status, _, text = page(link(mail), {"do": "move", "at": "2020-01-01T10:00"})
    expect(status == 422 and "choose another" in text, f"a time of long ago was answered {status} {text}")
    later = time.strftime("%Y-%m-%dT12:00", time.localtime(time.time() + 86_400 * 3))
    status, _, text = page(link(mail), {"do": "move", "at": later})
    expect(status == 200 and "is moved" in text and "12:00 (Europe/Berlin)" in text, f"moving was answered {status} {text}")
    expect(state(daemon, callback)["due"] > due, "the call was not moved")
    status, _, text = page(link(mail), {"do": "cancel"})
    expect(status == 200 and "is cancelled" in text, f"cancelling was answered {status} {text}")
    ended = state(daemon, callback)
    expect(ended["state"] == "ended" and ended["end"] == "cancelled", f"the callback is {ended}")
    status, _, text = page(link(mail), {"do": "cancel"})
    expect(status == 409 and "not possible any more" in text, f"cancelling again was answered {status} {text}")
    token = link(mail).rsplit("/", 1)[1]
    for forged in (token[:-2] + "AA", "x", token + "A"):
        expect(page(f"{daemon.url}/link/{forged}")[0] == 404, f"{forged} was taken for a link")


def a_link_goes_along_with_a_promise_into_the_matter_it_became_part_of(daemon):
    server = mailing(daemon).open()
    first, _ = promise(daemon)
    mail = server.wait(1)
    second, _ = promise(daemon, after=600)
    one, other = first.split(".")[0], second.split(".")[0]
    status, said = daemon.api(f"/api/v1/interactions/{other}/merge", "POST", {"interaction": one, "reason": "one matter"}, daemon.token("sam"))
    expect(status < 300, f"the merge was answered {status} {said}")
    until(lambda: state(daemon, first)["end"] == "moved", 10, lambda: f"the promise stays: {state(daemon, first)}")
    status, _, text = page(link(mail))
    expect(status == 200 and "Cancel the call" in text, f"the page says {text}")
    status, _, text = page(link(mail), {"do": "cancel"})
    expect(status == 200 and "is cancelled" in text, f"cancelling was answered {status} {text}")
    expect(state(daemon, second)["end"] == "cancelled", f"the promise is {state(daemon, second)}")


def one_click_and_a_button_forbid_mails_and_calls(daemon):
    server = mailing(daemon).open()
    first, customer = promise(daemon)
    mail = server.wait(1)
    expect(mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", "one click is not offered")
    subject = f"mail:{IDA}"
    for refused in (one_click(link(mail), "Two"), page(link(mail), {"List-Unsubscribe": "Two"})[0]):
        expect(refused == 400 and "withdrawn" not in str(standing(daemon, subject)), f"what is no click was answered {refused}")
    status = one_click(link(mail))
    expect(status == 200 and "withdrawn" in str(standing(daemon, subject)), f"one click in parts was answered {status}")
    status, _, _ = page(link(mail), {"List-Unsubscribe": "One-Click"})
    expect(status == 200, f"one click was answered {status}")
    for subject in (f"mail:{IDA}", f"customer:{customer}"):
        found = standing(daemon, subject)
        expect('"link"' in str(found).replace("'", '"') and "withdrawn" in str(found), f"{subject} stands so: {found}")
    # An address is one customer's; who turns out to be the same is not written to either.
    _, other = promise(daemon, "+4930900401", mail=None)
    token = daemon.token("sam")
    status, said = daemon.api(f"/api/v1/customers/{other}", "PATCH", {"mail": IDA.upper()}, token)
    expect(status == 409 and "merge the two" in said["detail"], f"the address of two was answered {status} {said}")
    status, said = daemon.api(f"/api/v1/customers/{customer}/merge", "POST", {"customer": other, "reason": "one person"}, token)
    expect(status < 300, f"the merge was answered {status} {said}")
    until(lambda: daemon.metric("tandem_contacts_refused_total", reason="withdrawn") == 1, 10, "the second mail was not refused")
    expect(len(server.mails) == 1, "a mail was sent to who forbade it")
    status, _, text = page(link(mail), {"do": "calls"})
    expect(status == 200 and "not call you" in text, f"forbidding calls was answered {status} {text}")
    until(lambda: state(daemon, first)["end"] == "suppressed", 10, lambda: f"the call is still promised: {state(daemon, first)}")


def a_mail_waits_for_a_server_that_is_away_or_full(daemon):
    server = mailing(daemon)
    promise(daemon)
    until(lambda: daemon.metric("tandem_mails_total", result="broken") >= 1, 20, "nobody tried to send")
    code, text = cli(daemon, "try")
    expect(code == 1 and "cannot be reached" in text, f"`mail try` said {code} {text}")
    server.answers = {"RCPT": "451 not now"}
    server.open()
    until(lambda: daemon.metric("tandem_mails_total", result="deferred") >= 1, 30, "it was not tried again")
    expect("waiting 1" in cli(daemon, "status")[1], f"`mail status` said {cli(daemon, 'status')}")
    server.answers = {}
    server.wait(1, 40)
    until(lambda: daemon.metric("tandem_mails_total", result="delivered") == 1, 5, "the mail is not counted")
    expect(cli(daemon, "try")[0] == 0, f"`mail try` said {cli(daemon, 'try')}")
    until(lambda: "waiting 0  dead 0" in cli(daemon, "status")[1], 5, lambda: f"`mail status` said {cli(daemon, 'status')}")


def a_mail_that_is_refused_is_put_aside_and_tried_again_when_told(daemon):
    server = mailing(daemon).open()
    server.answers = {"RCPT": f"550 there is no {IDA}"}
    promise(daemon)
    until(lambda: daemon.metric("tandem_mails_total", result="refused") == 1, 20, "the mail was not refused")
    until(lambda: "it answered 550" in cli(daemon, "dead")[1], 5, lambda: f"`mail dead` said {cli(daemon, 'dead')}")
    expect(IDA not in cli(daemon, "dead")[1], "what the server said of the customer is kept")
    until(lambda: daemon.metric("tandem_mail_dead_letters") == 1, 5, "the dead letter is not counted")
    server.answers = {}
    expect("1 to be tried again" in cli(daemon, "retry")[1], "it is not tried again")
    server.wait(1)


def visitor_token(daemon):
    status, made = daemon.api("/api/v1/visitors", "POST", {"zone": "shop"})
    expect(status == 201, f"a visitor was answered {status} {made}")
    return made["token"]


def a_visitor_has_a_chat_mailed_once_to_each_of_few_addresses(daemon):
    server = mailing(daemon).open()
    _, zone = daemon.api("/api/v1/zones/shop")
    expect(zone["mail"], f"the zone says {zone}")
    token, agent = visitor_token(daemon), Agent(daemon, "anna")
    visitor = Visitor(daemon, "--token", token)
    interaction = visitor.open("Does the teapot drip?")
    agent.contact()
    agent.ask("message", interaction=interaction, mid="a1", text="It does not.")
    visitor.entry("message", mid="a1")
    ask = lambda mail, who=token: daemon.api("/api/v1/visitors/transcripts", "POST", {"interaction": interaction, "mail": mail}, who)
    expect(ask(IDA)[0] == 409, f"a chat that goes on was answered {ask(IDA)}")
    visitor.ask("end")
    visitor.entry("ended")
    expect(ask(IDA, visitor_token(daemon))[0] == 403, "another visitor may have it mailed")
    expect(ask(IDA, daemon.token())[0] == 403, "an agent may have it mailed as a visitor")
    expect(ask(IDA, None)[0] == 401, "nobody may have it mailed")
    expect(ask("ida")[0] == 422, f"no address was answered {ask('ida')}")
    for _ in range(2):
        expect(ask(IDA)[0] == 202, f"it was answered {ask(IDA)}")
    mail = server.wait(1)
    text = mail.get_content()
    expect("You: Does the teapot drip?" in text and "Anna: It does not." in text, text)
    # Long after its record is closed it is still theirs.
    until(lambda: daemon.record(interaction).get("sealed_at"), 60, "the record was not sealed")
    for mail in ("bob@x.example", "eve@x.example"):
        expect(ask(mail)[0] == 202, f"{mail} was answered {ask(mail)}")
    server.wait(3)
    expect(ask("mallory@x.example")[0] == 409, "a fourth address was taken")
    # Behind its link nothing is said of a call; mails are forbidden, and then none is sent there.
    _, _, text = page(link(server.mails[1]))
    expect("<h1>Calls and mails from us</h1>" in text and "A chat with us was mailed to you." in text, f"the page says {text}")
    expect("promised" not in text, f"the page tells of a call: {text}")
    status, _, text = page(link(server.mails[1]), {"do": "mails"})
    expect(status == 200 and "not write" in text, f"the page said {status} {text}")
    expect(len(server.mails) == 3, f"{len(server.mails)} mails were sent")


def a_slow_server_gets_the_same_mail_again_under_the_same_name(daemon):
    server = mailing(daemon, TANDEM_MAIL__TIMEOUT="1s").open()
    server.slow = 3
    promise(daemon)
    server.wait(1)
    until(lambda: daemon.metric("tandem_mails_total", result="late") >= 1, 10, "it was waited for")
    server.slow = 0
    second = server.wait(2, 30)
    expect(second.as_bytes() == server.mails[0].as_bytes(), "the mail was another the second time")


def a_mail_that_was_taken_as_the_daemon_died_is_sent_again_and_once(daemon):
    server = mailing(daemon)
    server.taken = daemon.kill
    server.open()
    promise(daemon)
    server.wait(1)
    until(lambda: not daemon.process.running(), 10, "the daemon was not killed")
    server.taken = None
    daemon.start()
    second = server.wait(2)
    expect(second["Message-ID"] == server.mails[0]["Message-ID"], "the second has another name")
    until(lambda: daemon.metric("tandem_mails_total", result="delivered") == 1, 5, "it is not counted")
    # Past the moment at which what was delivered is put down.
    time.sleep(1.5)
    daemon.kill()
    daemon.start()
    promise(daemon, "+4930900401", "bob@x.example")
    third = server.wait(3)
    expect(third["To"] == "bob@x.example", f"what was delivered and put down was sent again to {third['To']}")


def who_forbids_mails_while_the_server_is_away_gets_none(daemon):
    server = mailing(daemon)
    promise(daemon)
    until(lambda: daemon.metric("tandem_mails_total", result="broken") >= 1, 20, "nobody tried to send")
    body = {"mail": "withdrawn"}
    status, said = daemon.api(f"/api/v1/consents/mail:{IDA}", "PUT", {"channel": "mail", "change": "withdrawn"}, daemon.token("sam"))
    expect(status < 300, f"{body} was answered {status} {said}")
    server.open()
    until(lambda: daemon.metric("tandem_mails_total", result="forbidden") == 1, 30, "it was not asked again whether it may be sent")
    expect(server.mails == [], "a mail was sent to who forbade it")


def what_is_withdrawn_of_a_record_holds_for_its_address_in_whatever_letters(daemon):
    server = mailing(daemon, TANDEM_ZONE__SHOP__IDENTITY_SECRET=SECRET).open()
    agent, sam, said = Agent(daemon, "anna"), daemon.token("sam"), []
    status, made = introduced(daemon, "ida-1", email="Ida@X.example")
    expect(status == 201, f"the identity was answered {status} {made}")
    # A chat of hers, and one of somebody who has theirs sent to her.
    for token in (made["token"], visitor_token(daemon)):
        visitor = Visitor(daemon, "--token", token)
        said.append(visitor.open("Does the teapot drip?"))
        agent.see("the chat on the desk", lambda frame: held(frame) == said[-1])
        visitor.ask("end")
        visitor.entry("ended")
    customer = daemon.record(said[0])["customer"]["customer"]
    found = daemon.api("/api/v1/customers?mail=IDA%40x.EXAMPLE", token=sam)[1]["customers"]
    expect([it["customer"] for it in found] == [customer], f"by her address in other letters there is {found}")
    body = {"channel": "mail", "change": "withdrawn", "reason": "wrote a letter"}
    status, told = daemon.api(f"/api/v1/consents/customer:{customer}", "PUT", body, sam)
    expect(status < 300, f"the withdrawal was answered {status} {told}")
    ask = lambda mail: daemon.api("/api/v1/visitors/transcripts", "POST", {"interaction": said[1], "mail": mail}, token)
    status, told = ask("IDA@x.Example")
    expect(status == 409 and told["type"] == "suppressed", f"in other letters it was answered {status} {told}")
    expect(ask("bob@x.example")[0] == 202, "it was not mailed to somebody else")
    expect(server.wait(1)["to"] == "bob@x.example", "somebody else has it")


CHECKS = [
    a_reminder_is_mailed_and_its_link_moves_and_cancels_the_call,
    a_link_goes_along_with_a_promise_into_the_matter_it_became_part_of,
    one_click_and_a_button_forbid_mails_and_calls,
    a_mail_waits_for_a_server_that_is_away_or_full,
    a_mail_that_is_refused_is_put_aside_and_tried_again_when_told,
    a_visitor_has_a_chat_mailed_once_to_each_of_few_addresses,
    a_slow_server_gets_the_same_mail_again_under_the_same_name,
    a_mail_that_was_taken_as_the_daemon_died_is_sent_again_and_once,
    who_forbids_mails_while_the_server_is_away_gets_none,
    what_is_withdrawn_of_a_record_holds_for_its_address_in_whatever_letters,
]
