// Where the agent writes: to the customer, or a note for colleagues; `/` finds a reply.

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { act, compose, desk, draftIn, lineOf, live, notice, repliesOf, writeTo } from "../model";
import { asked, filled, fitting, type Reply } from "../replies";
import { lang, words } from "../words";
import { handingWords } from "../words/handing";
import { fileWords } from "../words/files";
import { revisingWords } from "../words/revising";
import { editLast, saveEdit } from "../revising";
import { filesIn, sendFiles } from "../files";
import { Sendings } from "./FileBubble";
import { Icon } from "./Icon";

const LONGEST = 4_000;

export function Composer({ interaction, queue, customer, name }: { interaction: string; queue: string; customer: string; name: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const drafts = lineOf(interaction)?.drafts;
  const draft = drafts?.text ?? "";
  const noting = drafts?.mode === "note";
  const edits = drafts?.mode === "edit";
  // What is in the field changes with where it goes, at once: nothing is typed on to the wrong one.
  const turn = (mode: "reply" | "note") => {
    compose(interaction, (all) => all.turn(mode));
    if (field.current) field.current.value = drafts?.text ?? "";
    field.current?.focus();
  };
  const at = useSignal(0);
  // What was in the field when the list was closed.
  const closed = useSignal<string | undefined>(undefined);
  useLayoutEffect(() => fit(field.current), [draft, drafts?.mode]);
  // Whoever turns to another contact and back goes on where they were.
  useLayoutEffect(() => {
    const at = field.current;
    if (at && drafts?.caret) at.setSelectionRange(...drafts.caret);
    return () => void (at && drafts && (drafts.caret = [at.selectionStart, at.selectionEnd]));
  }, []);
  const over = [...draft.trim()].length - LONGEST;
  const typed = noting || edits || draft === closed.value ? undefined : asked(draft);
  const found = typed === undefined ? [] : fitting(repliesOf(), queue, typed, lang).slice(0, 8);
  const chosen = found[Math.min(at.value, found.length - 1)];
  const insert = ({ text }: Reply) => {
    draftIn(interaction, filled(text, { customer, agent: desk.value?.name ?? "", queue }));
    at.value = 0;
    field.current?.focus();
  };
  const send = () => {
    const text = drafts?.text.trim() ?? "";
    if (!drafts || !text || [...text].length > LONGEST) return;
    const { mode, edited } = drafts;
    if (mode !== "reply" && !live.value) return;
    if (mode === "edit") return void (edited && saveEdit(interaction, edited, text));
    draftIn(interaction, "");
    turn("reply");
    if (mode === "reply") writeTo(interaction, text);
    else note(interaction, text);
  };
  const share = (files: File[]) => void sendFiles(interaction, files);
  const press = (event: KeyboardEvent) => {
    if (chosen && ["ArrowDown", "ArrowUp", "Tab", "Enter", "Escape"].includes(event.key) && !event.isComposing) {
      if (event.key === "ArrowDown") at.value = (at.value + 1) % found.length;
      else if (event.key === "ArrowUp") at.value = (at.value + found.length - 1) % found.length;
      else if (event.key === "Escape") closed.value = field.current?.value;
      else if (event.shiftKey) return;
      else insert(chosen);
      return event.preventDefault();
    }
    if (edits && event.key === "Escape") return turn("reply");
    if (event.key === "ArrowUp" && draft === "" && !noting && editLast(interaction)) return event.preventDefault();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  const label = noting ? handingWords.writeNote : words.messageTo(name);
  return (
    <form
      class={noting ? "composer noting" : "composer"}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {typed !== undefined && repliesOf().length > 0 && <Replies found={found} chosen={chosen} insert={insert} />}
      <div class="modes" role="group" aria-label={handingWords.mode}>
        <button type="button" aria-pressed={!noting} onClick={() => turn("reply")} data-testid="mode-reply">
          {handingWords.toCustomer}
        </button>
        <button type="button" aria-pressed={noting} onClick={() => turn("note")} data-testid="mode-note">
          <Icon name="note" />
          {handingWords.toColleagues}
        </button>
        <span class="gap" />
        <label class="attach" title={fileWords.attach}>
          <Icon name="clip" />
          <input
            type="file"
            multiple
            aria-label={fileWords.attach}
            onChange={(event) => {
              share([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = "";
            }}
            data-testid="attach"
          />
        </label>
      </div>
      <Sendings interaction={interaction} />
      {edits && (
        <p class="editing" role="status" data-testid="editing">
          {revisingWords.editing}{" "}
          <button type="button" class="link" onClick={() => turn("reply")}>
            {revisingWords.cancel}
          </button>
        </p>
      )}
      <textarea
        ref={field}
        id="composer"
        rows={1}
        value={draft}
        placeholder={label}
        aria-label={label}
        aria-describedby="composer-hint"
        aria-invalid={over > 0}
        {...(typed !== undefined && found.length > 0 && { "aria-haspopup": "listbox" as const, "aria-controls": "replies", "aria-activedescendant": chosen && idOf(chosen) })}
        onInput={(event) => {
          closed.value = undefined;
          draftIn(interaction, event.currentTarget.value);
        }}
        onKeyDown={press}
        onPaste={(event) => {
          // Office programs put a picture beside the text that was copied: the text is meant.
          const files = event.clipboardData?.types.includes("text/plain") ? [] : filesIn(event.clipboardData);
          if (files.length === 0) return;
          event.preventDefault();
          share(files);
        }}
        data-testid="composer"
      />
      <button class="primary send" aria-label={edits ? revisingWords.save : noting ? handingWords.keep : words.send} data-testid="send">
        <Icon name={noting || edits ? "check" : "send"} />
      </button>
      <p id="composer-hint" class={over > 0 ? "error" : "hint"}>
        {over > 0 ? words.tooLong(over) : noting ? handingWords.onlyYou : [words.sendHint, repliesOf().length > 0 && handingWords.repliesHint].filter(Boolean).join(" · ")}
      </p>
    </form>
  );
}

// Whoever has written it goes on at once; where it was not kept, it is there again.
function note(interaction: string, text: string): void {
  act({ op: "note", interaction, text }, (error) => {
    if (error === undefined) return;
    compose(interaction, (drafts) => drafts.giveBack(text));
    notice("note", error);
  });
}

const idOf = ({ name, language }: Reply) => `reply-${name}-${language}`;

function Replies({ found, chosen, insert }: { found: readonly Reply[]; chosen: Reply | undefined; insert: (reply: Reply) => void }) {
  if (found.length === 0) return <p class="no-replies">{handingWords.noReplies}</p>;
  return (
    <ul class="replies" id="replies" role="listbox" aria-label={handingWords.replies} data-testid="replies">
      {found.map((reply) => (
        <li key={idOf(reply)} id={idOf(reply)} role="option" aria-selected={reply === chosen} onPointerDown={(event) => (event.preventDefault(), insert(reply))}>
          <strong>/{reply.name}</strong>
          <span lang={reply.language}>{reply.text}</span>
          <span class="pill">{reply.language}</span>
        </li>
      ))}
    </ul>
  );
}

// Grows with what is written, up to the limit in the style sheet.
function fit(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}
