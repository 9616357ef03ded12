// Plays a recording: where it is, how fast, which voice; by mouse, finger and keys.

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../console/view/Icon";
import { lang } from "../text/language";
import { span } from "../text/when";
import { fetchSound } from "./fetch";
import { VOICES, Voices, type Voice } from "./voices";
import { words } from "./words";

/** What is played. */
export interface Sound {
  /** Where the API has it. */
  path: string;
  /** How long it is. */
  ms: number;
  /** What it is called to screen readers. */
  name: string;
  /** Only the customer's voice is in it. */
  mono?: boolean;
}

type State = { is: "idle" } | { is: "fetching"; share: number } | { is: "there"; source: string } | { is: "failed"; text: string };

const RATES = [0.75, 1, 1.25, 1.5, 2];
/** By how many seconds a key goes on. */
const STEPS: Record<string, number> = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -30, PageUp: 30 };

/** The player that plays: another one silences it. */
let playing: HTMLAudioElement | undefined;

/** With `eager` it is fetched and played at once, since somebody asked for just that. */
export function Player({ token, sound, eager }: { token: string; sound: Sound; eager?: boolean }) {
  const audio = useRef<HTMLAudioElement>(null);
  const voices = useRef<Voices | undefined>(undefined);
  const gone = useRef<AbortController | undefined>(undefined);
  const [state, setState] = useState<State>({ is: "idle" });
  const [plays, setPlays] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(sound.ms / 1000);
  const [rate, setRate] = useState(1);
  const [voice, setVoice] = useState<Voice>("both");

  useEffect(() => {
    if (eager) void fetch();
    return () => {
      gone.current?.abort();
      voices.current?.close();
    };
  }, []);
  useEffect(() => {
    if (state.is !== "there") return;
    void play();
    return () => URL.revokeObjectURL(state.source);
  }, [state.is === "there" ? state.source : ""]);

  const fetch = async () => {
    const mine = (gone.current = new AbortController());
    setState({ is: "fetching", share: 0 });
    const set = (next: State) => !mine.signal.aborted && setState(next);
    await fetchSound(token, sound.path, (share) => set({ is: "fetching", share }), mine.signal).then(
      (blob) => set({ is: "there", source: URL.createObjectURL(blob) }),
      (error: Error) => set({ is: "failed", text: error.message }),
    );
  };
  // A browser that wants a finger for every sound lets it lie; the next press plays it.
  const play = async () => {
    const element = audio.current;
    if (!element) return;
    if (playing !== element) playing?.pause();
    playing = element;
    element.playbackRate = rate;
    // What one voice says is for both ears.
    if (sound.mono) choose("customer");
    await element.play().catch(() => undefined);
  };
  const toggle = () => {
    if (state.is === "idle" || state.is === "failed") return void fetch();
    if (state.is === "there") return audio.current?.paused ? void play() : audio.current?.pause();
  };
  const seek = (to: number) => {
    const end = Math.max(0, Math.min(length, to));
    if (audio.current) audio.current.currentTime = end;
    setAt(end);
  };
  const press = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (event.key === " ") toggle();
    else if (step !== undefined) seek(at + step);
    else return;
    event.preventDefault();
  };
  const choose = (wanted: Voice) => {
    setVoice(wanted);
    if (!audio.current) return;
    voices.current ??= new Voices(audio.current);
    voices.current.hear(wanted);
  };
  const busy = state.is === "fetching";
  const told = words.of(span(at * 1000), span(length * 1000));

  return (
    <div class="player" role="group" aria-label={sound.name} data-testid="player" data-state={state.is === "there" && plays ? "playing" : state.is}>
      <audio
        ref={audio}
        src={state.is === "there" ? state.source : undefined}
        onPlay={() => setPlays(true)}
        onPause={() => setPlays(false)}
        onEnded={() => setPlays(false)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onDurationChange={(event) => Number.isFinite(event.currentTarget.duration) && setLength(event.currentTarget.duration)}
        onError={() => state.is === "there" && setState({ is: "failed", text: words.unplayable })}
      />
      <button type="button" class="primary small" aria-label={plays ? words.pause : words.play} disabled={busy} onClick={toggle} data-testid="player-play">
        <Icon name={plays ? "pause" : "play"} />
      </button>
      <input
        type="range"
        min="0"
        max={length}
        step="0.1"
        value={at}
        disabled={state.is !== "there"}
        aria-label={words.position}
        aria-valuetext={told}
        onInput={(event) => seek(Number(event.currentTarget.value))}
        onKeyDown={press}
        data-testid="player-position"
      />
      <span class="player-time" aria-hidden="true" data-testid="player-time">
        {span(at * 1000)} / {span(length * 1000)}
      </span>
      <select
        aria-label={words.speed}
        value={String(rate)}
        onChange={(event) => {
          const wanted = Number(event.currentTarget.value);
          setRate(wanted);
          if (audio.current) audio.current.playbackRate = wanted;
        }}
        data-testid="player-speed"
      >
        {RATES.map((each) => (
          <option key={each} value={String(each)} aria-label={words.times(each.toLocaleString(lang))}>
            {each.toLocaleString(lang)}×
          </option>
        ))}
      </select>
      {!sound.mono && (
        <select class="player-voice" aria-label={words.voices} value={voice} disabled={state.is !== "there"} onChange={(event) => choose(event.currentTarget.value as Voice)} data-testid="player-voice">
          {VOICES.map((each) => (
            <option key={each} value={each}>
              {words[each]}
            </option>
          ))}
        </select>
      )}
      {busy && (
        <p class="player-told" role="status" data-testid="player-fetching">
          {state.share > 0 ? words.fetched(Math.floor(state.share * 100)) : words.fetching}
        </p>
      )}
      {state.is === "failed" && (
        <p class="player-told error" role="alert" data-testid="player-failed">
          {words.failed} {state.text}{" "}
          <button type="button" class="link" onClick={() => void fetch()} data-testid="player-again">
            {words.again}
          </button>
        </p>
      )}
    </div>
  );
}
