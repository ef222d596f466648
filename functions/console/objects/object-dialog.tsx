import type { Entry, ObjectEntry } from '../browse/entries.ts';
import { DeleteDialog } from './delete-dialog.tsx';
import { DetailsDialog } from './details-dialog.tsx';
import { ShareDialog } from './share-dialog.tsx';

/** Which dialog is open, and about what. */
export type Subject =
  | { readonly kind: 'details' | 'share'; readonly entry: ObjectEntry }
  | { readonly kind: 'delete'; readonly entries: readonly Entry[] };

export interface ObjectDialogProps {
  readonly bucket: string;
  readonly subject: Subject;
  readonly mayDelete: boolean;
  /** Opens another dialog in the place of this one, or none. */
  readonly onChange: (subject: Subject | undefined) => void;
  readonly onDownload: (entry: ObjectEntry) => void;
  readonly onDeleted: () => void;
}

/** The one dialog that is open over a folder. */
export function ObjectDialog(props: ObjectDialogProps) {
  const { bucket, subject, mayDelete, onChange, onDownload, onDeleted } = props;
  const close = () => onChange(undefined);
  switch (subject.kind) {
    case 'details':
      return (
        <DetailsDialog
          bucket={bucket}
          entry={subject.entry}
          onDownload={onDownload}
          onShare={(entry) => onChange({ kind: 'share', entry })}
          onDelete={mayDelete ? (entry) => onChange({ kind: 'delete', entries: [entry] }) : undefined}
          onClose={close}
        />
      );
    case 'share':
      return <ShareDialog bucket={bucket} entry={subject.entry} onClose={close} />;
    case 'delete':
      return <DeleteDialog bucket={bucket} entries={subject.entries} onDeleted={onDeleted} onClose={close} />;
  }
}
