import { useState } from 'preact/hooks';
import type { Entry } from '../browse/entries.ts';
import { useSession } from '../session/session.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { formatCount } from '../ui/format.ts';
import { deleteEntries, type Refused } from './delete-entries.ts';

export interface DeleteDialogProps {
  readonly bucket: string;
  readonly entries: readonly Entry[];
  readonly onDeleted: () => void;
  readonly onClose: () => void;
}

const shownNames = 5;

/** Asks before anything is deleted, and tells what could not be. */
export function DeleteDialog({ bucket, entries, onDeleted, onClose }: DeleteDialogProps) {
  const { client, buckets } = useSession();
  const announce = useAnnounce();
  const [isBusy, setBusy] = useState(false);
  const [deletedCount, setDeletedCount] = useState(0);
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  const [error, setError] = useState<unknown>();
  const keepsVersions = buckets.some(({ name, versioning }) => name === bucket && versioning);

  const remove = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const deletion = await deleteEntries(client, bucket, entries, setDeletedCount);
      announce(`${countOf(deletion.deletedCount)} deleted`);
      onDeleted();
      if (deletion.refused.length === 0) onClose();
      else setRefused(deletion.refused);
    } catch (cause) {
      setError(cause);
      onDeleted();
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={titleFor(entries)}
      onClose={onClose}
      actions={
        <>
          <button type="button" onClick={onClose}>
            {refused.length > 0 ? 'Close' : 'Cancel'}
          </button>
          {refused.length === 0 && (
            <button
              type="button"
              class="danger"
              aria-disabled={isBusy}
              onClick={isBusy ? undefined : () => void remove()}
            >
              {isBusy ? `Deleting… ${deletedCount > 0 ? formatCount(deletedCount) : ''}` : 'Delete'}
            </button>
          )}
        </>
      }
    >
      {refused.length > 0 ? (
        <Names
          title="These could not be deleted:"
          names={refused.map(({ key, error }) => `${key}: ${error.detail}`)}
        />
      ) : (
        <Names
          title={
            keepsVersions
              ? 'The bucket keeps versions, so they can be brought back.'
              : 'This cannot be undone.'
          }
          names={entries.map(({ kind, name }) =>
            kind === 'folder' ? `${name} and all that is in it` : name,
          )}
        />
      )}
      {error !== undefined && <Fault error={error} />}
    </Dialog>
  );
}

function Names({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  const hiddenCount = names.length - shownNames;
  return (
    <>
      <p>{title}</p>
      <ul class="names">
        {names.slice(0, shownNames).map((name) => (
          <li key={name}>{name}</li>
        ))}
        {hiddenCount > 0 && <li class="quiet">and {formatCount(hiddenCount)} more</li>}
      </ul>
    </>
  );
}

function titleFor(entries: readonly Entry[]): string {
  const [first] = entries;
  if (entries.length > 1) return `Delete ${formatCount(entries.length)} items?`;
  return first?.kind === 'folder' ? 'Delete this folder?' : 'Delete this object?';
}

function countOf(count: number): string {
  return count === 1 ? '1 object' : `${formatCount(count)} objects`;
}
