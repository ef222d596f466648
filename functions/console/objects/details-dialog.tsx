import type { ObjectDetails } from '../../../lib/client/contract.ts';
import type { ObjectEntry } from '../browse/entries.ts';
import { useSession } from '../session/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { formatBytes, formatTime } from '../ui/format.ts';
import { useAnswer } from '../ui/use-answer.ts';
import { Preview } from './preview.tsx';

export interface DetailsDialogProps {
  readonly bucket: string;
  readonly entry: ObjectEntry;
  readonly onDownload: (entry: ObjectEntry) => void;
  readonly onShare: (entry: ObjectEntry) => void;
  /** Absent when the caller may not. */
  readonly onDelete: ((entry: ObjectEntry) => void) | undefined;
  readonly onClose: () => void;
}

/** One object: how it looks, and all that is known of it. */
export function DetailsDialog({ bucket, entry, onDownload, onShare, onDelete, onClose }: DetailsDialogProps) {
  const { client, signOut } = useSession();
  const { value, error, ask } = useAnswer(
    (signal) => client.object(bucket, entry.key, { signal }),
    [bucket, entry.key],
  );
  return (
    <Dialog
      title={entry.name}
      onClose={onClose}
      actions={
        value && (
          <>
            {onDelete && (
              <button type="button" class="plain danger-text" onClick={() => onDelete(entry)}>
                Delete…
              </button>
            )}
            <button type="button" onClick={() => onShare(entry)}>
              Share…
            </button>
            <button type="button" class="primary" onClick={() => onDownload(entry)}>
              Download
            </button>
          </>
        )
      }
    >
      {error !== undefined && <Fault error={error} onRetry={ask} onSignIn={() => signOut(error)} />}
      {value && <Preview object={value} name={entry.name} />}
      {value && <Facts object={value} />}
    </Dialog>
  );
}

function Facts({ object }: { readonly object: ObjectDetails }) {
  const facts: readonly (readonly [term: string, value: string | undefined])[] = [
    ['Key', object.key],
    ['Size', formatBytes(object.sizeBytes)],
    ['Type', object.contentType],
    ['Modified', formatTime(object.lastModified)],
    ['ETag', object.etag],
    ['Version', object.versionId],
    ['Storage class', object.storageClass],
    ...Object.entries(object.checksums).map(([name, value]) => [name.toUpperCase(), value] as const),
    ...Object.entries(object.metadata),
  ];
  return (
    <dl class="facts">
      {facts.map(
        ([term, value]) =>
          value !== undefined && (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
