// Stroked icons on a 24 by 24 grid.

const PATHS = {
  chat: "M4 5h16v11.500H10L5.500 20v-3.500H4z",
  phone: "M6.500 4h3l1.500 4-2 1.500a11 11 0 0 0 5.500 5.500l1.500-2 4 1.500v3a2 2 0 0 1-2.200 2A16.500 16.500 0 0 1 4.500 6.200 2 2 0 0 1 6.500 4z",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.500l3 2",
  back: "M14.500 6l-6 6 6 6",
  card: "M4 6h16v12H4zM8 14c0-2 4-2 4 0M10 9.500v.500M14.500 10.500h3M14.500 13.500h3",
  end: "M6 6l12 12M18 6L6 18",
  keys: "M3 7h18v10H3zM7 14h10M7 10.500h.500M11 10.500h.500M15 10.500h.500",
  send: "M4 12l16-8-5 16-3.500-6.500z",
  check: "M5 12.500l4.500 4.500L19 7.500",
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
