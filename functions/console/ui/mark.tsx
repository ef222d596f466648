/** The sign of Stowage: stacked crates. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="mark-ground" width="32" height="32" rx="7" />
      <rect x="7" y="17" width="8" height="8" rx="1.5" />
      <rect x="17" y="17" width="8" height="8" rx="1.5" opacity=".72" />
      <rect x="12" y="7" width="8" height="8" rx="1.5" />
    </svg>
  );
}
