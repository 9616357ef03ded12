// A call in this page: microphone and loudspeaker, the connection, and what is heard on either side. Nothing of it is
// loaded before somebody calls. What is offered goes to the server by whoever made this.

import { json } from "../link/json";

/** How a call stands. */
export type TalkState =
  | { is: "asking" }
  | { is: "refused"; why: "denied" | "missing" | "failed" }
  | { is: "connecting" }
  | { is: "connected" }
  | { is: "lost" }
  | { is: "over" };

/** What the call needs of its page. */
export interface TalkHost {
  /** Takes our offer to the server; its answer comes back, or an error with what the server said. */
  offer(sdp: string): Promise<string>;
  /** Something of it changed. */
  changed(): void;
}

/** What is chosen for calls, kept for this browser. */
export interface Devices {
  microphone: string;
  speaker: string;
}

const CHOSEN = "tandem.devices";
/** How often is listened to either side. */
const LISTEN = 150;
/** Quieter than this nobody speaks, of 1. */
const SILENT = 0.004;
/** So long without a sound, and something is wrong. */
const SILENT_FOR = 8_000;
/** So long without a packet of the other side, and something is wrong. */
const DEAF_FOR = 4_000;
/** A connection that is disturbed may right itself within this time. */
const DISTURBED = 1_500;
const AGAIN = 3_000;

type Sinkable = HTMLAudioElement & { setSinkId?(id: string): Promise<void> };

/** One call. */
export class Talk {
  state: TalkState = { is: "asking" };
  /** How loud the microphone is, of 1. */
  level = 0;
  /** How loud the other side is, of 1. */
  heard = 0;
  /** Nothing is heard of this microphone although it is open. */
  silent = false;
  /** Nothing comes from the other side. */
  deaf = false;
  microphones: MediaDeviceInfo[] = [];
  speakers: MediaDeviceInfo[] = [];
  chosen = kept();
  readonly #audio: Sinkable = new Audio();
  #peer: RTCPeerConnection | undefined;
  #stream: MediaStream | undefined;
  #context: AudioContext | undefined;
  #ears: { own: AnalyserNode | undefined; far: AnalyserNode | undefined } = { own: undefined, far: undefined };
  #timer: ReturnType<typeof setInterval> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #offering = false;
  /** Counts the microphones that were wished for. */
  #wish = 0;
  #spokeAt = 0;
  #packets = 0;
  #packetsAt = 0;

  constructor(
    private readonly host: TalkHost,
    /** Nothing is to be heard of the microphone. */
    public muted = false,
  ) {
    this.#audio.autoplay = true;
    addEventListener("online", this.#online);
  }

  /** Asks for the microphone and calls; an error of the server is thrown, with nothing left open. */
  async begin(): Promise<void> {
    this.#move({ is: "asking" });
    try {
      this.#stream = await this.#open(this.chosen.microphone);
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      const why = name === "NotAllowedError" || name === "SecurityError" ? "denied" : name === "NotFoundError" || name === "OverconstrainedError" ? "missing" : "failed";
      return this.#move({ is: "refused", why });
    }
    await this.#list();
    if (this.#isOver) return this.stop();
    this.#hush();
    this.#watch(this.#stream);
    navigator.mediaDevices.addEventListener("devicechange", this.#plugged);
    this.#move({ is: "connecting" });
    this.#connect(this.#stream);
    try {
      await this.#offer(false);
    } catch (error) {
      this.stop();
      throw error;
    }
    this.#timer = setInterval(() => this.#listen(), LISTEN);
  }

  /** Lets nothing be heard of the microphone, or ends that. */
  mute(on: boolean): void {
    this.muted = on;
    this.#hush();
    this.#spokeAt = Date.now();
    this.host.changed();
  }

  /** Takes another microphone. */
  async useMicrophone(id: string): Promise<void> {
    if (await this.#swap(id)) this.#keep({ microphone: id });
  }

  /** Takes another loudspeaker. */
  async useSpeaker(id: string): Promise<void> {
    await this.#audio.setSinkId?.(id).catch(() => {});
    this.#keep({ speaker: id });
  }

  /** Whether loudspeakers can be chosen here. */
  get hasSpeakers(): boolean {
    return this.#audio.setSinkId !== undefined && this.speakers.length > 1;
  }

  /** The way to the server changed or was lost: looks for another one. */
  restart(): void {
    if (this.state.is === "connected" || this.state.is === "lost") void this.#offer(true).catch(() => this.#later());
  }

  /** Presses a key of a telephone towards the other side, after those that wait; tells whether that can be done. */
  press(key: string): boolean {
    const dtmf = this.#peer?.getSenders()[0]?.dtmf;
    if (this.state.is !== "connected" || !dtmf?.canInsertDTMF) return false;
    // What is given takes the place of what waits.
    dtmf.insertDTMF(dtmf.toneBuffer + key);
    return true;
  }

  /** Ends it here; telling the server is its maker's to do. */
  stop(): void {
    removeEventListener("online", this.#online);
    navigator.mediaDevices?.removeEventListener("devicechange", this.#plugged);
    clearInterval(this.#timer);
    clearTimeout(this.#again);
    shut(this.#stream);
    this.#peer?.close();
    this.#audio.srcObject = null;
    void this.#context?.close().catch(() => {});
    this.#context = undefined;
    if (this.state.is !== "over") this.#move({ is: "over" });
  }

  readonly #online = () => this.restart();

  // What was plugged in can be chosen. In the place of what is gone comes whatever there is, until what was chosen is back.
  readonly #plugged = async () => {
    await this.#list();
    if (this.#isOver) return;
    const { microphone, speaker } = this.chosen;
    const track = this.#stream?.getAudioTracks()[0];
    const back = has(this.microphones, microphone) && track?.getSettings().deviceId !== microphone;
    if (track?.readyState === "ended" || back) await this.#swap(microphone);
    if (speaker) await this.#audio.setSinkId?.(has(this.speakers, speaker) ? speaker : "").catch(() => {});
    this.host.changed();
  };

  #watch(stream: MediaStream): void {
    for (const track of stream.getAudioTracks()) track.addEventListener("ended", this.#plugged);
  }

  // Until it is allowed another one may be chosen, and the call hung up.
  async #swap(id: string): Promise<boolean> {
    const wish = (this.#wish += 1);
    const stream = await this.#open(id).catch(() => undefined);
    const track = stream?.getAudioTracks()[0];
    if (!stream || !track || this.#isOver || wish !== this.#wish) {
      shut(stream);
      return false;
    }
    const before = this.#stream;
    this.#stream = stream;
    this.#hush();
    this.#watch(stream);
    try {
      await this.#peer?.getSenders()[0]?.replaceTrack(track);
    } catch (error) {
      // The connection was closed with the call, and the microphone with it.
      if (!this.#isOver) throw error;
    }
    shut(before);
    if (this.#isOver) return false;
    this.#ears.own = this.#ear(stream);
    this.#spokeAt = Date.now();
    return true;
  }

  get #isOver(): boolean {
    return this.state.is === "over";
  }

  async #open(id: string): Promise<MediaStream> {
    const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    if (!navigator.mediaDevices) throw new DOMException("this page may not use a microphone", "SecurityError");
    if (!id) return navigator.mediaDevices.getUserMedia({ audio: wanted });
    // One that was unplugged since is replaced by whatever there is.
    return navigator.mediaDevices.getUserMedia({ audio: { ...wanted, deviceId: { ideal: id } } });
  }

  #hush(): void {
    for (const track of this.#stream?.getAudioTracks() ?? []) track.enabled = !this.muted;
  }

  async #list(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.microphones = all.filter(({ kind, deviceId }) => kind === "audioinput" && deviceId !== "");
    this.speakers = all.filter(({ kind, deviceId }) => kind === "audiooutput" && deviceId !== "");
  }

  #connect(stream: MediaStream): void {
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" });
    this.#peer = peer;
    this.#context = new AudioContext();
    for (const track of stream.getAudioTracks()) peer.addTrack(track, stream);
    this.#ears.own = this.#ear(stream);
    peer.ontrack = ({ streams, track }) => {
      const far = streams[0] ?? new MediaStream([track]);
      this.#audio.srcObject = far;
      if (this.chosen.speaker) void this.#audio.setSinkId?.(this.chosen.speaker).catch(() => {});
      void this.#audio.play().catch(() => {});
      this.#ears.far = this.#ear(far);
    };
    peer.onconnectionstatechange = () => this.#follow(peer);
  }

  #follow(peer: RTCPeerConnection): void {
    if (this.state.is === "over" || peer !== this.#peer) return;
    switch (peer.connectionState) {
      case "connected":
        clearTimeout(this.#again);
        this.#spokeAt = this.#packetsAt = Date.now();
        return this.#move({ is: "connected" });
      case "disconnected":
      case "failed":
        this.#move({ is: "lost" });
        clearTimeout(this.#again);
        this.#again = setTimeout(() => this.restart(), DISTURBED);
        return;
      case "new":
      case "connecting":
      case "closed":
    }
  }

  #later(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.restart(), AGAIN);
  }

  async #offer(iceRestart: boolean): Promise<void> {
    const peer = this.#peer;
    if (!peer || this.#offering) return;
    this.#offering = true;
    try {
      // An offer whose answer was lost gives way to this one. To roll it back first would take the streams away in Chromium, for good.
      await peer.setLocalDescription(await peer.createOffer({ iceRestart }));
      const sdp = await this.host.offer(peer.localDescription?.sdp ?? "");
      await peer.setRemoteDescription({ type: "answer", sdp });
    } finally {
      this.#offering = false;
    }
  }

  #ear(stream: MediaStream): AnalyserNode | undefined {
    if (!this.#context) return undefined;
    const ear = this.#context.createAnalyser();
    ear.fftSize = 2_048;
    this.#context.createMediaStreamSource(stream).connect(ear);
    return ear;
  }

  #listen(): void {
    const now = Date.now();
    void this.#context?.resume().catch(() => {});
    this.level = loudness(this.#ears.own);
    this.heard = loudness(this.#ears.far);
    if (this.level > SILENT || this.muted) this.#spokeAt = now;
    this.silent = this.state.is === "connected" && now - this.#spokeAt > SILENT_FOR;
    this.deaf = this.state.is === "connected" && now - this.#packetsAt > DEAF_FOR;
    void this.#count(now);
    this.host.changed();
  }

  async #count(now: number): Promise<void> {
    const stats = await this.#peer?.getStats();
    stats?.forEach((entry: { type: string; packetsReceived?: number }) => {
      if (entry.type !== "inbound-rtp" || !entry.packetsReceived || entry.packetsReceived <= this.#packets) return;
      this.#packets = entry.packetsReceived;
      this.#packetsAt = now;
    });
  }

  #keep(change: Partial<Devices>): void {
    this.chosen = { ...this.chosen, ...change };
    try {
      localStorage.setItem(CHOSEN, json(this.chosen));
    } catch {
      // Then it is chosen again next time.
    }
    this.host.changed();
  }

  #move(state: TalkState): void {
    this.state = state;
    this.host.changed();
  }
}

function has(devices: MediaDeviceInfo[], id: string): boolean {
  return devices.some(({ deviceId }) => deviceId === id);
}

function shut(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

function loudness(ear: AnalyserNode | undefined): number {
  if (!ear) return 0;
  const wave = new Float32Array(ear.fftSize);
  ear.getFloatTimeDomainData(wave);
  let sum = 0;
  for (const sample of wave) sum += sample * sample;
  return Math.sqrt(sum / wave.length);
}

function kept(): Devices {
  const none = { microphone: "", speaker: "" };
  try {
    return { ...none, ...(JSON.parse(localStorage.getItem(CHOSEN) ?? "{}") as Partial<Devices>) };
  } catch {
    return none;
  }
}
