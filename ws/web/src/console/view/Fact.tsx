// A term and what is known of it; nothing when nothing is known. An address goes on in the next line behind a sign that parts it.

const PARTS = /(?<=[/?&])(?=[^/?&])/;

export function Fact({ label, value, mono = false, address = false, testid }: { label: string; value: string | null | undefined; mono?: boolean; address?: boolean; testid?: string }) {
  if (!value) return null;
  return (
    <div>
      <dt>{label}</dt>
      <dd class={mono ? "mono" : address ? "address" : undefined} data-testid={testid}>
        {address ? value.split(PARTS).map((part, at) => [at > 0 && <wbr />, part]) : value}
      </dd>
    </div>
  );
}
