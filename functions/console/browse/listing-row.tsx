import { formatBytes, formatTime } from '../ui/format.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import type { Entry, ObjectEntry } from './entries.ts';
import { linkTo } from './place.ts';

/** What can be done with an object; absent what the caller's grants do not allow. */
export interface RowActions {
  readonly open: (entry: ObjectEntry) => void;
  readonly download: ((entry: ObjectEntry) => void) | undefined;
  readonly share: ((entry: ObjectEntry) => void) | undefined;
  readonly remove: ((entry: Entry) => void) | undefined;
}

export interface ListingRowProps {
  readonly bucket: string;
  readonly entry: Entry;
  readonly isSelected: boolean;
  readonly onToggle: () => void;
  readonly actions: RowActions;
}

export function ListingRow({ bucket, entry, isSelected, onToggle, actions }: ListingRowProps) {
  const { download, share, remove } = actions;
  return (
    <tr class={isSelected ? 'selected' : undefined}>
      <td class="check">
        <input type="checkbox" aria-label={`Select ${entry.name}`} checked={isSelected} onChange={onToggle} />
      </td>
      <th scope="row" class="name">
        {entry.kind === 'folder' ? (
          <a href={linkTo({ bucket, prefix: entry.key })}>
            <Icon name="folder" />
            <span>{entry.name}</span>
          </a>
        ) : (
          <button type="button" aria-haspopup="dialog" onClick={() => actions.open(entry)}>
            <Icon name="file" />
            <span>{entry.name}</span>
          </button>
        )}
      </th>
      <td class="sizeBytes">{entry.kind === 'object' && formatBytes(entry.sizeBytes)}</td>
      <td class="lastModified">
        {entry.kind === 'object' && (
          <time dateTime={entry.lastModified}>{formatTime(entry.lastModified)}</time>
        )}
      </td>
      <td class="row-actions">
        {entry.kind === 'object' && download && (
          <RowButton icon="download" label={`Download ${entry.name}`} onClick={() => download(entry)} />
        )}
        {entry.kind === 'object' && share && (
          <RowButton icon="link" label={`Share ${entry.name}`} onClick={() => share(entry)} />
        )}
        {remove && <RowButton icon="trash" label={`Delete ${entry.name}`} onClick={() => remove(entry)} />}
      </td>
    </tr>
  );
}

function RowButton(props: { readonly icon: IconName; readonly label: string; readonly onClick: () => void }) {
  const { icon, label, onClick } = props;
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
