"""Exported records as strangers read them: the signature by Python's cryptography and by openssl, CSV by Python's own reader."""
import base64, csv, io, json, subprocess

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from checks.routing import again, cli
from lib.daemon import TANDEM
from lib.people import Agent, Visitor
from lib.processes import expect


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def served(daemon):
    """A chat with a formula in it, to its end; returns the interaction and a credential."""
    agent = Agent(daemon, "anna")
    visitor = Visitor(daemon)
    interaction = visitor.open("=cmd|' /C calc'!A0")
    visitor.entry("joined")
    visitor.ask("end")
    visitor.stop()
    return interaction, daemon.token("sam")


def signed(daemon, interaction, token):
    status, vcon = daemon.api(f"/api/v1/interactions/{interaction}/vcon", token=token)
    expect(status == 200, f"the vCon was answered {status} {vcon}")
    return vcon


def a_vcon_is_proved_by_its_certificate_and_by_the_published_key(daemon):
    interaction, token = served(daemon)
    vcon = signed(daemon, interaction, token)
    one = vcon["signatures"][0]
    protected = json.loads(unpadded(one["protected"]))
    expect(protected["alg"] == "ES256", f"protected header: {protected}")
    certificate = x509.load_der_x509_certificate(base64.b64decode(one["header"]["x5c"][0]))
    raw, text = unpadded(one["signature"]), f"{one['protected']}.{vcon['payload']}".encode()
    mark = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = certificate.public_key()
    key.verify(mark, text, ec.ECDSA(hashes.SHA256()))
    try:
        key.verify(mark, text.replace(b".", b".A", 1), ec.ECDSA(hashes.SHA256()))
        expect(False, "a changed text is proved too")
    except InvalidSignature:
        pass

    status, keys = daemon.api("/.well-known/jwks.json")
    jwk = keys["keys"][0]
    expect(status == 200 and jwk["kid"] == protected["kid"], f"{status} {keys}")
    x, y = (int.from_bytes(unpadded(jwk[name]), "big") for name in "xy")
    published = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    published.verify(mark, text, ec.ECDSA(hashes.SHA256()))

    inner = json.loads(unpadded(vcon["payload"]))
    expect(inner["uuid"].replace("-", "") == interaction, inner["uuid"])
    expect(one["header"]["uuid"] == inner["uuid"], "the uuid beside the signature is another")
    bodies = [dialog.get("body") for dialog in inner["dialog"]]
    expect("=cmd|' /C calc'!A0" in bodies, f"{bodies}")
    for dialog in inner["dialog"]:
        of = dialog["parties"] if isinstance(dialog["parties"], list) else [dialog["parties"]]
        expect(all(at < len(inner["parties"]) for at in of), f"{dialog}")


def openssl_proves_what_the_command_line_exports(daemon):
    interaction, token = served(daemon)
    signed(daemon, interaction, token)
    vcon = json.loads(subprocess.run([TANDEM, "interaction", "export", interaction], env=daemon.env | {"PATH": ""},
                                     cwd=daemon.folder, capture_output=True, check=True, timeout=20).stdout)
    one = vcon["signatures"][0]
    raw = unpadded(one["signature"])
    mark = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    (daemon.folder / "text").write_bytes(f"{one['protected']}.{vcon['payload']}".encode())
    (daemon.folder / "mark").write_bytes(mark)
    chain = daemon.folder / "data" / "records.pem"
    key = subprocess.run(["openssl", "x509", "-in", chain, "-pubkey", "-noout"], capture_output=True, check=True, timeout=20)
    (daemon.folder / "key").write_bytes(key.stdout)
    proved = subprocess.run(["openssl", "dgst", "-sha256", "-verify", daemon.folder / "key", "-signature",
                             daemon.folder / "mark", daemon.folder / "text"], capture_output=True, text=True, timeout=20)
    expect("Verified OK" in proved.stdout, f"openssl: {proved.stdout}{proved.stderr}")


def no_cell_of_csv_begins_as_a_formula(daemon):
    interaction, token = served(daemon)
    signed(daemon, interaction, token)
    text = subprocess.run([TANDEM, "interaction", "export", interaction, "--format", "csv"], env=daemon.env | {"PATH": ""},
                          cwd=daemon.folder, capture_output=True, check=True, timeout=20).stdout.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    said = [row["text"] for row in rows if row["event"] == "said"]
    expect(said[:1] == ["'=cmd|' /C calc'!A0"], f"{said}")
    formulas = [cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "-", "@")]
    expect(not formulas, f"{formulas}")


def a_suggested_page_stands_in_the_record_and_the_vcon(daemon):
    again(daemon, TANDEM_COBROWSE__PAGES='["https://shop.example/"]')
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction, token = visitor.open("Where do I pay?"), daemon.token("sam")
    agent.contact()
    ours = lambda **act: agent.answer("cobrowse", interaction=interaction, act=act)
    theirs = lambda **act: visitor.answer("cobrowse", act=act)
    expect(ours(do="page", url="https://shop.example/early", title=None) != "ok", "a page was suggested that nobody had agreed to")
    expect(ours(do="ask", grants=["view", "push"]) == "ok", "the question was refused")
    visitor.entry("cobrowse")
    expect(theirs(do="answer", grants=["view", "push"]) == "ok", "the answer was refused")
    expect(ours(do="page", url="https://elsewhere.example/", title=None) == "forbidden", "a page beside the list was suggested")
    expect(ours(do="page", url="https://shop.example/help", title="Help") == "ok", "the page was refused")
    key = cli(daemon, "token", "api", "bot", "--scope", "act:agent", "--agent", "anna").split()[-1]
    about = lambda path="", body=None: daemon.api(f"/api/v1/agents/anna/contacts/{interaction}/page{path}", "POST", body, key)
    expect(about(body={"do": "suggest", "url": "https://shop.example/sizes"})[0] == 204, "the page that a program suggests was refused")
    expect(about(body={"do": "suggest", "url": "https://elsewhere.example/"})[0] == 403, "a program suggested a page beside the list")
    status, code = about("/code")
    expect(status == 201 and len(code["code"]) == 6, f"the code was answered {status} {code}")
    expect(theirs(do="suggest", url="https://shop.example/cart", title="My cart") == "ok", "the visitor's page was refused")
    visitor.ask("end")
    agent.change("released", interaction=interaction)

    def pushed(record):
        entries = [it for it in record["timeline"] if it["what"] == "cobrowse" and it["act"]["is"] == "pushed"]
        return [(it["by"]["party"], it["act"]["url"], it["act"]["title"]) for it in entries]
    wanted = [("agent", "https://shop.example/help", "Help"), ("agent", "https://shop.example/sizes", None), ("customer", "https://shop.example/cart", "My cart")]
    record = daemon.record(interaction)
    expect(pushed(record) == wanted, f"the record has {record['timeline']}")
    inner = json.loads(unpadded(signed(daemon, interaction, token)["payload"]))
    expect(pushed(inner["analysis"][0]["body"]) == wanted, "the vCon's report has other pages")
    pages = [(inner["parties"][it["party"]]["name"], it["body"], it.get("title")) for it in inner["attachments"] if it["purpose"] == "suggested page"]
    expect(pages == [("Anna", *wanted[0][1:]), ("Anna", *wanted[1][1:]), ("anonymous", *wanted[2][1:])], f"the vCon has the pages {pages}")


CHECKS = [a_vcon_is_proved_by_its_certificate_and_by_the_published_key, openssl_proves_what_the_command_line_exports,
          no_cell_of_csv_begins_as_a_formula, a_suggested_page_stands_in_the_record_and_the_vcon]
