// A microphone that is a tone, and ears for pages.

/** Arguments of a browser that has a microphone, asks nobody whether it may be used, and reaches loopback by UDP. */
export const EARS = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection"];

/** Runs in every page: its microphone hears a tone, and an ear is kept on what comes from the other side of the newest
 *  connection. */
export function listen(hertz) {
  let ear, newest;
  const Connection = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(...given) {
      super(...given);
      newest = this;
      this.addEventListener("track", ({ track }) => {
        const context = new AudioContext();
        ear = context.createAnalyser();
        ear.fftSize = 8_192;
        ear.smoothingTimeConstant = 0;
        context.createMediaStreamSource(new MediaStream([track])).connect(ear);
      });
    }
  };
  // The browser's own fake microphone asks for permission as a real one does; what it hears is the tone.
  const media = navigator.mediaDevices;
  const ask = media?.getUserMedia.bind(media);
  const tone = async (wanted) => {
    for (const track of (await ask(wanted)).getTracks()) track.stop();
    const context = new AudioContext();
    const source = new OscillatorNode(context, { frequency: hertz });
    const out = context.createMediaStreamDestination();
    source.connect(new GainNode(context, { gain: 0.3 })).connect(out);
    source.start();
    return out.stream;
  };
  if (media) media.getUserMedia = tone;
  // What the newest connection speaks and hears, and by which of this page's ports.
  globalThis.tandemCall = async () => {
    const all = new Map((await newest?.getStats()) ?? []);
    const one = (type, fits = () => true) => [...all.values()].find((entry) => entry.type === type && fits(entry));
    const codec = (entry) => all.get(entry?.codecId)?.mimeType;
    const way = all.get(one("transport")?.selectedCandidatePairId);
    return { speaks: codec(one("outbound-rtp")), hears: codec(one("inbound-rtp")), port: all.get(way?.localCandidateId)?.port, packets: one("inbound-rtp")?.packetsReceived };
  };
  // How loud a tone is in what comes from the other side, in decibels.
  globalThis.tandemLevel = (hertz) => {
    if (!ear) return -200;
    const bins = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(bins);
    const at = Math.round((hertz * ear.fftSize) / ear.context.sampleRate);
    return Math.max(...bins.subarray(at - 2, at + 3));
  };
  globalThis.tandemHeard = () => {
    if (!ear) return { hertz: 0, decibels: -200 };
    const bins = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(bins);
    const at = bins.reduce((best, level, n) => (level > bins[best] ? n : best), 0);
    return { hertz: (at * ear.context.sampleRate) / ear.fftSize, decibels: bins[at] };
  };
}
