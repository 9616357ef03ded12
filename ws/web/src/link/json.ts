// JSON as it is meant, also on pages whose scripts taught arrays and objects `toJSON`, as older libraries do: what that returns is
// a text of its own, which no server understands.

/** Returns it as JSON; it holds no dates and nothing else that has a form of its own. */
export function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(json)}]`;
  // Of texts and numbers nothing else is asked.
  if (!(value instanceof Object)) return JSON.stringify(value);
  const held = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${held.map((pair) => pair.map(json).join(":"))}}`;
}
