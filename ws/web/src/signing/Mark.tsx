// The sign of the house.

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 40 28" aria-hidden="true">
      <circle cx="13" cy="14" r="10" />
      <circle cx="27" cy="14" r="10" />
    </svg>
  );
}
