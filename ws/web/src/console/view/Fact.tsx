// A term and what is known of it; nothing when nothing is known.

export function Fact({ label, value, mono = false, testid }: { label: string; value: string | null | undefined; mono?: boolean; testid?: string }) {
  if (!value) return null;
  return (
    <div>
      <dt>{label}</dt>
      <dd class={mono ? "mono" : undefined} data-testid={testid}>
        {value}
      </dd>
    </div>
  );
}
