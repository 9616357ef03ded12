"""A desk as it is after a long day: six chats of one agent, each with thousands of messages. Nobody may write that fast, so
the journal is continued while the daemon is down, with the facts it would have written."""
import json, sqlite3

from .people import Agent, Visitor

CHATS, LINES = 6, 5_000
STORY = "of a long story in which somebody tells what was delivered, what was not, and what it says on the invoice. "


def fill(daemon, agent):
    """Gives an agent six long chats; returns the names of their visitors. The daemon is started again for it."""
    console = Agent(daemon, agent, wrap_up=False)
    visitors, found = [], {}
    for number in range(CHATS):
        visitor, mark = Visitor(daemon), console.mark()
        name = f"Long {number + 1}"
        found[visitor.open("Line 1", name=name)] = name
        console.entry("message", text="Line 1", after=mark)
        visitors.append(visitor)
    for person in (*visitors, console):
        person.stop()
    daemon.stop()
    store = sqlite3.connect(daemon.folder / "data" / "journal.db")
    with store:
        for interaction in found:
            last = max(json.loads(fact).get("seq", 0) for fact, in store.execute(
                "SELECT fact FROM journal WHERE interaction = ?", (interaction,)))
            [(shard, at, fact)] = store.execute("SELECT shard, at, fact FROM journal WHERE interaction = ? AND fact LIKE ?",
                                                (interaction, '%"text":"Line 1"%')).fetchall()
            lines = ({**json.loads(fact), "seq": last + line - 1, "mid": f"long-{line}", "text": f"Line {line} {STORY}"}
                     for line in range(2, LINES + 1))
            store.executemany("INSERT INTO journal (shard, at, interaction, fact) VALUES (?, ?, ?, ?)",
                              ((shard, at, interaction, json.dumps(line)) for line in lines))
    store.close()
    daemon.start()
    return list(found.values())
