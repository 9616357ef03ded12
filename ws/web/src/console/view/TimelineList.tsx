// A contact's timeline: only the rows in view are in the document, so thousands cost no more than a screenful.

import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Unsent } from "../../link/outbox";
import type { Entry } from "../../generated/protocol";
import { pieces } from "../../text/links";
import { dayTime } from "../../text/when";
import { SuggestedPage, suggestedPage } from "../cobrowse/Suggested";
import type { Line } from "../line";
import { discard, lineOf, look, now, retry } from "../model";
import { authorName, told } from "../told";
import { FileBubble } from "./FileBubble";
import type { Revision } from "../../link/timeline";
import { edit, isInTime, isOwn, remove, type Said } from "../revising";
import { lang, words } from "../words";
import { revisingWords } from "../words/revising";

export function TimelineList({ interaction }: { interaction: string }) {
  const line = lineOf(interaction);
  return line ? <Lines line={line} /> : null;
}

function Lines({ line }: { line: Line }) {
  // The line is always the same object: asking for it makes this follow its changes.
  lineOf(line.timeline.interaction);
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const { reading } = line;
  const { rows } = reading;
  // A list that is new in the document is at its top, wherever one read before.
  const placed = useRef(false);
  const [view, setView] = useState({ top: reading.top, height: 800 });
  const [away, setAway] = useState(!reading.atEnd);
  const { entries } = line.timeline;
  const unsent = line.outbox.items;
  rows.count = entries.length + unsent.length;
  // Who writes wants to see what they wrote.
  const newest = unsent.at(-1)?.mid;
  const wrote = useRef(newest);
  if (newest !== undefined && newest !== wrote.current) reading.atEnd = true;
  wrote.current = newest;
  const [from, to] = rows.window(reading.atEnd ? rows.total - view.height : view.top, view.height);

  const toEnd = () => {
    reading.atEnd = true;
    setAway(false);
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  };
  const scrolled = () => {
    // The event of a list that is gone comes late.
    const box = scroller.current;
    if (!box) return;
    reading.handleScroll(box.scrollTop, box.clientHeight, box.scrollHeight);
    setAway(!reading.atEnd);
    look();
    setView({ top: box.scrollTop, height: box.clientHeight });
  };

  // After each drawing, and when a picture came: the rows' true heights, and the place in view kept.
  const settle = () => {
    const heights = new Map<number, number>();
    for (const row of list.current!.querySelectorAll<HTMLElement>("[data-row]")) heights.set(Number(row.dataset["row"]), row.offsetHeight);
    const different = rows.measure(heights);
    const box = scroller.current!;
    if (reading.atEnd) box.scrollTop = box.scrollHeight;
    else if (different || !placed.current || reading.isPartial) box.scrollTop = reading.top;
    placed.current = true;
    if (different) setView({ top: box.scrollTop, height: box.clientHeight });
  };
  useLayoutEffect(settle);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => {
      const box = scroller.current!;
      reading.handleWidth(box.clientWidth);
      settle();
      setView({ top: box.scrollTop, height: box.clientHeight });
    });
    watch.observe(scroller.current!);
    watch.observe(list.current!);
    return () => watch.disconnect();
  }, []);

  const drawn = [];
  for (let row = from; row < to; row++) {
    const entry = entries[row];
    const item = unsent[row - entries.length];
    if (entry) drawn.push(<Row key={entry.seq} row={row} total={rows.count} entry={entry} before={entries[row - 1]} line={line} />);
    else if (item) drawn.push(<UnsentRow key={item.mid} row={row} total={rows.count} item={item} interaction={line.timeline.interaction} />);
  }
  return (
    <div class="timeline">
      <div class="scroller" ref={scroller} onScroll={scrolled} tabIndex={0} role="region" aria-label={words.log} data-testid="log">
        <ol ref={list} style={{ paddingTop: `${rows.top(from)}px`, paddingBottom: `${rows.total - rows.top(to)}px` }}>
          {drawn}
        </ol>
      </div>
      {away && (
        <button type="button" class="below" onClick={toEnd}>
          {words.newBelow}
        </button>
      )}
    </div>
  );
}

function Row({ row, total, entry, before, line }: { row: number; total: number; entry: Entry; before: Entry | undefined; line: Line }) {
  const place = { "data-row": row, "aria-posinset": row + 1, "aria-setsize": total };
  const time = <time dateTime={new Date(entry.at).toISOString()}>{dayTime(entry.at, now.peek(), lang)}</time>;
  if (entry.what !== "message" && entry.what !== "file") {
    const page = entry.what === "cobrowse" ? suggestedPage(line.timeline.interaction, entry) : undefined;
    return (
      <li class={`event ${entry.what}`} data-testid="event" data-what={entry.what} {...place}>
        <span>{entry.what === "edited" ? revisingWords.editedBy(authorName(entry.by)) : told(entry, line.timeline.entries)}</span> {page && <SuggestedPage url={page} />} {time}
      </li>
    );
  }
  const mine = entry.from.party !== "customer";
  const revision = line.timeline.revised.get(entry.seq);
  const goesOn = (before?.what === "message" || before?.what === "file") && authorName(before.from) === authorName(entry.from);
  return (
    <li class={mine ? "message mine" : "message theirs"} data-testid="message" data-seq={entry.seq} {...place}>
      <span class={goesOn ? "author hush" : "author"}>{authorName(entry.from)}</span>
      <Content interaction={line.timeline.interaction} entry={entry} revision={revision} />
      <span class="meta">
        {isOwn(line.timeline.interaction, entry) && <Own interaction={line.timeline.interaction} entry={entry} text={revision?.text} />}
        {revision?.text !== undefined && <span data-testid="edited">{revisingWords.edited}</span>} {time} {mine && <span data-testid="state">{stateOf(entry.seq, line)}</span>}
      </span>
    </li>
  );
}

function Content({ interaction, entry, revision }: { interaction: string; entry: Said; revision: Revision | undefined }) {
  if (revision && revision.text === undefined) return <p class="bubble gone">{revisingWords.gone}</p>;
  return entry.what === "file" ? <FileBubble interaction={interaction} file={entry.file} /> : <Bubble text={revision?.text ?? entry.text} />;
}

// What its writer can do with a message: a second press takes it back.
function Own({ interaction, entry, text }: { interaction: string; entry: Said; text: string | undefined }) {
  const [sure, setSure] = useState(false);
  // Drawn anew once the time is over, and not each second.
  const inTime = useComputed(() => isInTime(entry));
  if (!inTime.value) return null;
  return (
    <span class="own">
      {entry.what === "message" && (
        <button type="button" class="link" onClick={() => edit(interaction, entry.mid, text ?? entry.text)} data-testid="edit">
          {revisingWords.edit}
        </button>
      )}
      <button type="button" class="link" onClick={() => (sure ? remove(interaction, entry.mid) : setSure(true))} onBlur={() => setSure(false)} data-testid="delete">
        {sure ? revisingWords.removeSure : revisingWords.remove}
      </button>
    </span>
  );
}

function UnsentRow({ row, total, item, interaction }: { row: number; total: number; item: Unsent; interaction: string }) {
  const refused = item.state.is === "refused" ? item.state : undefined;
  return (
    <li class={refused ? "message mine unsent refused" : "message mine unsent"} data-testid="message" data-row={row} aria-posinset={row + 1} aria-setsize={total}>
      <span class="author">{words.you}</span>
      <Bubble text={item.text} />
      <span class="meta">
        <span data-testid="state">{refused ? `${words.notSent} ${refused.text || words.chatOver}` : item.state.is === "written" ? words.sent : words.sending}</span>
        {refused && (
          <>
            <button type="button" class="link" onClick={() => retry(interaction, item.mid)}>
              {words.retry}
            </button>
            <button type="button" class="link" onClick={() => discard(interaction, item.mid)}>
              {words.discard}
            </button>
          </>
        )}
      </span>
    </li>
  );
}

function Bubble({ text }: { text: string }) {
  return (
    <p class="bubble">
      {pieces(text).map(({ text: piece, href }) =>
        href ? (
          <a href={href} target="_blank" rel="noopener noreferrer nofollow">
            {piece}
          </a>
        ) : (
          piece
        ),
      )}
    </p>
  );
}

function stateOf(seq: number, { receipt }: Line): string {
  if (seq <= receipt.read) return words.read;
  return seq <= receipt.delivered ? words.delivered : words.sent;
}
