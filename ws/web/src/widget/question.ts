// The question how well the visitor was served, as the timeline has it.

import type { Timeline } from "../link/timeline";

/** An answer that was given. */
export interface Rated {
  score: number;
  comment: string | null;
}

/** The question as the timeline has it: asked in the chat, and what was answered last. */
export function asked(timeline: Timeline | undefined): { rated: Rated | undefined } | undefined {
  const entries = timeline?.entries ?? [];
  const question = entries.findLast((entry) => entry.what === "rating_asked");
  if (question?.what !== "rating_asked" || question.channel !== "chat") return undefined;
  const answer = entries.findLast((entry) => entry.what === "rated" || entry.what === "rating_declined");
  if (answer?.what === "rating_declined") return undefined;
  return { rated: answer?.what === "rated" ? { score: answer.score, comment: answer.comment } : undefined };
}
