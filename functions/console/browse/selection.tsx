import { formatCount } from '../ui/format.ts';

export interface SelectionProps {
  readonly count: number;
  /** Absent when the caller may not. */
  readonly onDelete: (() => void) | undefined;
  readonly onClear: () => void;
}

/** What can be done with all that is ticked. */
export function Selection({ count, onDelete, onClear }: SelectionProps) {
  return (
    <div class="selection">
      <p role="status">{formatCount(count)} selected</p>
      <button type="button" class="plain" onClick={onClear}>
        Clear
      </button>
      {onDelete && (
        <button type="button" class="danger" onClick={onDelete}>
          Delete…
        </button>
      )}
    </div>
  );
}
