"""What a trunk speaks: the codecs of its own list, by ear."""
from lib.baresip import Phone
from lib.people import Agent, Visitor
from lib.processes import expect
from lib.sip import Client

from .trunks import NUMBER, again

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
    anna = Phone(daemon.folder, "anna", daemon.address, ANNA, codecs="PCMA")
    customer = Phone(daemon.folder, "4930900100", daemon.address, CUSTOMER, register=False, codecs="PCMA,PCMU,G722/16000", modules=("g722",))
    agent = Agent(daemon, "anna")
    customer.command("dial", f"sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    anna.hears(CUSTOMER)
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


CHECKS = [
    a_trunk_is_spoken_to_in_the_codecs_of_its_list,
    what_is_not_on_the_list_of_a_trunk_is_refused,
    a_trunk_that_is_called_is_offered_its_list,
]
