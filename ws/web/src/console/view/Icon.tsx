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
  save: "M12 4v10M8 10.500l4 4 4-4M5 19h14",
  pause: "M8 5v14M16 5v14",
  play: "M7 5l12 7-12 7z",
  note: "M5 4h14v10l-5 6H5zM14 20v-6h5",
  whisper: "M5 9v6h3.500l5 4V5l-5 4zM17 9.500a3.500 3.500 0 0 1 0 5",
  pass: "M4 12h13M13 7l5 5-5 5",
  search: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500L20 20",
  desk: "M3 18V6h18v12zM3 10h6v8",
  bell: "M6 16v-5a6 6 0 0 1 12 0v5l1.500 2h-15zM10 20.500h4",
  mute: "M6 16v-5a6 6 0 0 1 12 0v5l1.500 2h-15zM4 4l16 16",
  open: "M14 4h6v6M20 4l-9 9M10 5H5v14h14v-5",
  quick: "M13 3L5 14h6l-1 7 8-11h-6z",
  headset: "M5 14v-2a7 7 0 0 1 14 0v2M5 13.500h2.500v5H5zM16.500 13.500H19v5h-2.500zM19 18.500c0 1.500-2 2-4 2",
  clip: "M19 11l-7.500 7.500a4.500 4.500 0 0 1-6.400-6.400L13 4.200a3 3 0 0 1 4.300 4.300l-7.700 7.700a1.500 1.500 0 0 1-2.200-2.200L14.500 7",
  notices: "M3 5h18v12H3zM8.500 20.500h7M12 17v3.500M14.500 8.500h3.500",
  check: "M5 12.500l4.500 4.500L19 7.500",
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
