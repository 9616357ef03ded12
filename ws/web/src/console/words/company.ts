// The words of chats with several agents, English and German.

import { catalogue } from "../../text/language";

const en = {
  invite: "Ask a colleague in",
  title: "Ask a colleague in",
  lead: "They see the whole chat and write to the customer under their own name. The chat stays with you.",
  whom: "Whom",
  note: "What they should know",
  yes: "Ask them in",
  nobody: "Please choose a colleague.",
  inChat: (name: string) => `${name} (in this chat or asked)`,
  company: "Who else is in this chat",
  with: (name: string) => `${name} is here`,
  asked: (name: string) => `${name} is asked in`,
  withdraw: "Take back",
  withdrawing: (name: string) => `Take back: ${name} is asked in`,
  notCome: (name: string, why: string) => `${name} did not come: ${why}`,
  of: (name: string) => `${name}’s chat: the customer reads what you write under your name`,
  helping: "helping",
  asks: (name: string) => `${name} asks you into their chat`,
  askedIn: (by: string, whom: string) => `${by} asked ${whom} in`,
  leave: "Leave",
  leaveTitle: "Leave this chat?",
  leaveText: (name: string) => `The chat goes on with ${name}.`,
  leaveYes: "Leave the chat",
  writes: (name: string) => `${name} is writing…`,
  over: (name: string) => `the chat with ${name} ended, or goes on without you.`,
};

const de: typeof en = {
  invite: "Kollegen dazuholen",
  title: "Kollegen dazuholen",
  lead: "Sie sehen den ganzen Chat und schreiben dem Kunden unter eigenem Namen. Der Chat bleibt bei Ihnen.",
  whom: "Wen",
  note: "Was sie wissen sollten",
  yes: "Dazuholen",
  nobody: "Bitte wählen Sie einen Kollegen.",
  inChat: (name) => `${name} (in diesem Chat oder gefragt)`,
  company: "Wer noch in diesem Chat ist",
  with: (name) => `${name} ist dabei`,
  asked: (name) => `${name} ist gefragt`,
  withdraw: "Zurücknehmen",
  withdrawing: (name) => `Zurücknehmen: ${name} ist gefragt`,
  notCome: (name, why) => `${name} kam nicht dazu: ${why}`,
  of: (name) => `Der Chat von ${name}: Was Sie schreiben, liest der Kunde unter Ihrem Namen`,
  helping: "hilft",
  asks: (name) => `${name} bittet Sie in den eigenen Chat`,
  askedIn: (by, whom) => `${by} bat ${whom} dazu`,
  leave: "Verlassen",
  leaveTitle: "Diesen Chat verlassen?",
  leaveText: (name) => `Der Chat geht mit ${name} weiter.`,
  leaveYes: "Chat verlassen",
  writes: (name) => `${name} schreibt …`,
  over: (name) => `der Chat mit ${name} ist zu Ende oder geht ohne Sie weiter.`,
};

export const companyWords = catalogue("console.company", en, de);
