// A file in a conversation: a picture as one, and a button that saves it.

import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { isPicture, save } from "../../files/picture";
import type { SharedFile } from "../../generated/protocol";
import { fetchFile, forget, picture, sendAgain, sendings, sizeOf } from "../files";
import { fileWords as words } from "../words/files";
import { Icon } from "./Icon";

export function FileBubble({ interaction, file }: { interaction: string; file: SharedFile }) {
  const place = useRef<HTMLSpanElement>(null);
  const gone = useSignal(false);
  useEffect(() => {
    if (!isPicture(file.kind, file.bytes)) return;
    let left = false;
    picture(interaction, file)
      .then((canvas) => {
        if (left) return;
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", words.picture(file.name));
        canvas.dataset["testid"] = "picture";
        place.current?.replaceChildren(canvas);
      })
      .catch(() => !left && (gone.value = true));
    return () => void (left = true);
  }, [interaction, file.file]);
  const keep = () => fetchFile(interaction, file).then((blob) => save(blob, file.name), () => (gone.value = true));
  return (
    <div class="bubble shared">
      <span ref={place} class={isPicture(file.kind, file.bytes) ? "picture" : "picture none"} />
      <button type="button" class="file" title={words.save(file.name)} onClick={() => void keep()} data-testid="file">
        <Icon name="save" />
        <span class="name">{file.name}</span>
        <span class="size">{sizeOf(file)}</span>
      </button>
      {gone.value && (
        <p class="error" role="alert">
          {words.gone}
        </p>
      )}
    </div>
  );
}

/** Files that are on their way, and why some did not arrive. */
export function Sendings({ interaction }: { interaction: string }) {
  const own = sendings.value.filter((each) => each.interaction === interaction);
  if (own.length === 0) return null;
  return (
    <div class="sendings" role="status" data-testid="sendings">
      <ul>
        {own.map((sending) => (
          <li key={sending.mid} class={sending.trouble ? "refused" : undefined}>
            <Icon name="clip" />
            <span class="name">{sending.name}</span>
            <span class="why">{sending.trouble ? `${words.notSent} ${sending.trouble}` : `${sending.size} · ${words.sending}`}</span>
            {sending.trouble && (
              <>
                <button type="button" class="link" onClick={() => sendAgain(sending)} data-testid="send-again">
                  {words.again}
                </button>
                <button type="button" class="link" onClick={() => forget(sending.mid)}>
                  {words.dismiss}
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
