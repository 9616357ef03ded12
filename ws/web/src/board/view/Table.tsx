// A table that scrolls in itself and says what it is.

import type { ComponentChildren } from "preact";

/** One column: its head, and what explains it. */
export interface Column {
  name: string;
  hint?: string;
  number?: boolean;
}

export function Table({ title, columns, empty, children, testid }: { title: string; columns: Column[]; empty: string; children: ComponentChildren[]; testid: string }) {
  return (
    <section class="card" data-keeps="next" aria-label={title} data-testid={testid}>
      <h2>{title}</h2>
      {children.length === 0 ? (
        <p class="empty">{empty}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-label={title}>
          <table>
            <thead>
              <tr>
                {columns.map(({ name, hint, number }) => (
                  <th key={name} scope="col" class={number ? "number" : ""} title={hint}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{children}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}
