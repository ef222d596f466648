export interface PagerProps {
  readonly pageNumber: number;
  readonly previous: (() => void) | undefined;
  readonly next: (() => void) | undefined;
}

/** Nothing where all is on one page. */
export function Pager({ pageNumber, previous, next }: PagerProps) {
  if (!previous && !next) return null;
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" aria-disabled={!previous} onClick={previous}>
        Previous
      </button>
      <span aria-live="polite">Page {pageNumber}</span>
      <button type="button" aria-disabled={!next} onClick={next}>
        Next
      </button>
    </nav>
  );
}
