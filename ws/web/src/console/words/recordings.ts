// The words of recordings in records, English and German.

import { catalogue } from "../../text/language";

const en = {
  title: "Recordings",
  named: (n: number) => `Recording ${n}`,
  since: (n: number, time: string) => `Recording ${n}, ${time}`,
  loading: "Looking who may listen…",
  failed: "It is not known who may listen:",
  again: "Try again",
  notYours: "It can be heard by supervisors, and by agents who had this contact.",
  refused: (time: string) => `The customer did not want to be recorded (${time}). Nothing is kept.`,
  goesOn: "It goes on, or is not finished yet.",
  lost: (reason: string) => `It was lost: ${reason}.`,
  deleted: "It was deleted, as the rules for keeping recordings say.",
  deletedRefused: "It was deleted, because the customer did not want it.",
  cut: "A crash cut it: what was said afterwards is not in it.",
  missing: (length: string) => `${length} of it are missing, because the disk was too slow.`,
  paused: (from: string, to: string) => `It was paused from ${from} to ${to}: silence takes the place of what was said.`,
  left: (time: string) => `The caller left it as a message (${time}).`,
  pausedOn: (from: string) => `It is paused since ${from}: silence takes the place of what is said.`,
};

const de: typeof en = {
  title: "Aufzeichnungen",
  named: (n) => `Aufzeichnung ${n}`,
  since: (n, time) => `Aufzeichnung ${n}, ${time}`,
  loading: "Wer anhören darf, wird nachgesehen …",
  failed: "Wer anhören darf, ist nicht bekannt:",
  again: "Noch einmal",
  notYours: "Anhören können sie die Leitung und Agenten, die diesen Kontakt hatten.",
  refused: (time) => `Der Kunde wollte nicht aufgezeichnet werden (${time}). Nichts wird aufgehoben.`,
  goesOn: "Sie läuft noch oder ist noch nicht fertig.",
  lost: (reason) => `Sie ging verloren: ${reason}.`,
  deleted: "Sie wurde gelöscht, wie es die Regeln zum Aufheben sagen.",
  deletedRefused: "Sie wurde gelöscht, weil der Kunde sie nicht wollte.",
  cut: "Ein Absturz hat sie abgeschnitten: was danach gesagt wurde, ist nicht darin.",
  missing: (length) => `${length} davon fehlen, weil der Datenträger zu langsam war.`,
  paused: (from, to) => `Sie war von ${from} bis ${to} angehalten: Stille steht an der Stelle des Gesagten.`,
  left: (time) => `Der Anrufer hat sie als Nachricht hinterlassen (${time}).`,
  pausedOn: (from) => `Sie ist seit ${from} angehalten: Stille steht an der Stelle des Gesagten.`,
};

export const recordingWords = catalogue("console.recordings", en, de);
