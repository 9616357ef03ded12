"""What a trunk speaks, and whether it is there: the codecs of its own list, and kamailio that goes and comes back."""
import json, socket, time

from lib import sipp
from lib.baresip import Phone
from lib.examples import receiver
from lib.kamailio import Carrier
from lib.people import Agent, Visitor
from lib.processes import expect, port, until
from lib.sip import Client

from .recordings import call
from .trunks import NUMBER, again, dials, people

ANNA, CUSTOMER = 440, 660


def only_g722(daemon):
    again(daemon, trunk_codecs='["g722"]', tandem_rtp__codecs='["pcma", "pcmu"]')


def formats(body):
    """Returns the formats of sound in an SDP, without those of keys."""
    media = next(line for line in body.splitlines() if line.startswith("m=audio")).split()[3:]
    keys = [line.split()[0].split(":")[1] for line in body.splitlines() if "telephone-event" in line]
    return [each for each in media if each not in keys]


def a_trunk_is_spoken_to_in_the_codecs_of_its_list(daemon):
    """G.722 with the trunk and A-law with the agent's phone; what the trunk offers beside it is not taken."""
    only_g722(daemon)
    _, customer, agent, interaction = call(daemon, own={"codecs": "PCMA"}, theirs={"codecs": "PCMA,PCMU,G722/16000", "modules": ("g722",)})
    customer.hears(ANNA)
    customer.command("hangup")
    agent.change("released", interaction=interaction)
    codecs = {leg["kind"]: (leg["quality"] or {}).get("codec") for leg in daemon.record(interaction)["legs"]}
    expect(codecs == {"customer_phone": "G722", "agent_phone": "PCMA"}, f"they spoke {codecs}")


def what_is_not_on_the_list_of_a_trunk_is_refused(daemon):
    only_g722(daemon)
    caller = Client(daemon.address)
    expect(caller.call("support").code == 488, "a codec was taken that the trunk does not have")
    answer = Client(daemon.address).call("support", body="")
    expect(answer.code == 200 and formats(answer.body) == ["9"], f"it was offered {answer.body!r}")


def a_trunk_that_is_called_is_offered_its_list(daemon):
    only_g722(daemon)
    anna = Phone(daemon.folder, "anna", daemon.address, ANNA)
    customer = Phone(daemon.folder, NUMBER, f"127.0.0.1:{daemon.far}", CUSTOMER, register=False, sip=daemon.far, codecs="PCMU,G722/16000",
                     modules=("g722",))
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    visitor.call("connected")
    anna.hears(CUSTOMER)
    customer.hears(ANNA)
    said = customer.process.text()
    offer = said[said.index("m=audio"):].split("m=audio")[1].split()[2:]
    expect("9" in offer and not {"0", "8"} & set(offer[:offer.index("9") + 2]), f"it was offered {offer[:6]}")
    agent.ask("hang_up", interaction=interaction)


def a_carrier_that_goes_is_passed_over_and_used_again_when_it_is_back(daemon):
    far, second = port(), port()
    carrier = Carrier(daemon.folder, daemon.address, f"127.0.0.1:{far}", port_=daemon.far)
    up = lambda trunk: daemon.metric("tandem_trunk_up", trunk=trunk)
    taken, hook = receiver(daemon.folder)
    again(daemon, **hook, trunk_transport="tcp", trunk_carrier="telco", trunk_qualify="1s", tandem_outbound__trunk="telco",
          tandem_trunk__second__target=f"127.0.0.1:{second}", tandem_trunk__second__carrier="telco", tandem_trunk__second__priority=2)
    agent, visitor = people(daemon)
    until(lambda: up("test") == 1, 10, "kamailio was not found")
    first = sipp.Sipp(daemon.folder, "callee-answers", local=far)
    ends(daemon, first, agent, visitor, "test")

    carrier.process.stop()
    until(lambda: up("test") == 0, 60, "that kamailio went was not seen")
    expect("the trunk does not answer; its calls go elsewhere" in daemon.process.text(), "the log does not say so")
    other = sipp.Sipp(daemon.folder, "callee-answers", local=second)
    record = ends(daemon, other, agent, Visitor(daemon), "second")
    left = [it["details"] for it in record["happenings"] if it["details"].get("step") == "rerouted"]
    over = {"trunk": "test", "lack": "down"}
    expect([(one["why"], one.get("passed_over")) for one in left] == [("passed", over)], f"the trunk that is down was tried: {left}")

    back = Carrier(daemon.folder / "back", daemon.address, f"127.0.0.1:{far}", port_=daemon.far)
    until(lambda: up("test") == 1, 60, "that kamailio is back was not seen")
    expect("the trunk answers again" in daemon.process.text(), "the log does not say so")
    told = lambda: [(kind, json.loads(data)) for kind, _, data in (line.split(" ", 2) for line in taken.text().splitlines()) if kind.startswith("trunk.")]
    until(lambda: [kind for kind, fact in told() if fact["trunk"] == "test"] == ["trunk.down", "trunk.up"], 20, lambda: f"posted was {told()}")
    up_again = told()[-1][1]
    expect(up_again["place"] == f"TCP 127.0.0.1:{daemon.far}" and 0 < up_again["since"] < time.time() * 1000, f"posted was {up_again}")
    third = sipp.Sipp(daemon.folder, "callee-answers", local=far)
    ends(daemon, third, agent, Visitor(daemon), "test")
    expect(back.process.running(), "kamailio ended")


def a_carrier_that_falls_silent_is_passed_over_within_seconds(daemon):
    far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    far.bind(("127.0.0.1", daemon.far))
    far.settimeout(30)
    again(daemon, trunk_qualify="1s", trunk_qualify_answer="2s")

    def answers():
        asked, source = far.recvfrom(65536)
        head = asked.decode().split("\r\n\r\n")[0].split("\r\n")
        expect(head[0].startswith("OPTIONS "), f"the carrier was sent {head[0]}")
        kept = [line for line in head if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
        far.sendto("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]).encode(), source)

    up = lambda: daemon.metric("tandem_trunk_up", trunk="test")
    boss = Agent(daemon, "sam", ready=False)
    boss.ask("watch", resume=None)
    for _ in range(3):
        answers()
    expect(up() == 1, "a carrier that answers is taken for down")
    before, mark = stands(daemon, "test"), boss.mark()
    expect(before["up"] and before["calls"] == 0, f"the board has {before}")
    # It is there and says nothing: no refusal tells that it went. A transaction would be waited for 32 s.
    until(lambda: up() == 0, 15, "that the carrier fell silent was not seen within seconds")
    told = boss.see("the trunk that went", lambda frame: went(frame, "test"), after=mark)
    down = stands(daemon, "test")
    expect(not down["up"] and before["since"] < down["since"] <= told["at"], f"the board has {down}, of {before}, told at {told['at']}")
    until(lambda: answers() or up() == 1, 40, "that the carrier speaks again was not seen")
    until(lambda: stands(daemon, "test")["up"], 5, "the board does not say that the carrier speaks again")
    expect(stands(daemon, "test")["since"] > down["since"], "the board says that it spoke all the time")
    far.close()


def stands(daemon, trunk):
    """Returns how a trunk stands by the board that programs are shown."""
    status, board = daemon.api("/api/v1/board", token=daemon.token("sam"))
    expect(status == 200, f"the board was answered {status} {board}")
    return next(one for one in board["trunks"] if one["trunk"] == trunk)


def went(frame, trunk):
    """Tells whether a board is told by this frame that a trunk is down."""
    changes = frame.get("changes", ()) if frame.get("push") == "board_change" else ()
    told = [one for change in changes if change["change"] == "trunks" for one in change["trunks"]]
    return any(one["trunk"] == trunk and not one["up"] for one in told)


def ends(daemon, far, agent, visitor, trunk):
    """An agent calls a visitor by that trunk, and hangs up; returns the record."""
    interaction, _ = dials(daemon, far, agent, visitor)
    visitor.call("connected")
    agent.ask("hang_up", interaction=interaction)
    visitor.call("ended")
    far.done()
    record = daemon.record(interaction)
    trunks = [leg["trunk"] for leg in record["legs"] if leg["party"] == NUMBER]
    expect(trunks == [trunk], f"the record has {record['legs']}")
    visitor.ask("end")
    agent.change("released", interaction=interaction)
    return record


CHECKS = [
    a_trunk_is_spoken_to_in_the_codecs_of_its_list,
    what_is_not_on_the_list_of_a_trunk_is_refused,
    a_trunk_that_is_called_is_offered_its_list,
    a_carrier_that_goes_is_passed_over_and_used_again_when_it_is_back,
    a_carrier_that_falls_silent_is_passed_over_within_seconds,
]
