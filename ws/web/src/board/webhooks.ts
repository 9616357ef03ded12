// Webhooks and mails that do not get through: asked for by HTTP now and then, as no fact of the board changes with them.

/** A webhook, as `GET /api/v1/webhooks` tells it. */
export interface Webhook {
  webhook: string;
  state: "new" | "well" | "resting" | "gone";
  /** Letters that were given up. */
  dead: number;
  /** Letters that wait because one failed. */
  waiting: number;
  error: string | null;
  /** Set on the mails to customers, as `GET /api/v1/mails` tells of them. */
  mails?: boolean;
}

/** How often is asked, in milliseconds. */
export const EVERY = 30_000;

/** Returns those that somebody should look after: letters were given up, or the receiver wants nothing any more. */
export function stuck(webhooks: Webhook[]): Webhook[] {
  return webhooks.filter((one) => one.dead > 0 || one.state === "gone");
}

/** Returns the command that shows what there is to do. */
export function command(one: Webhook): string {
  if (one.mails) return "tandem mail dead";
  return one.state === "gone" ? `tandem webhook resume ${one.webhook}` : `tandem webhook dead ${one.webhook}`;
}
