import { Icon } from '../ui/icon.tsx';
import { type Column, type Entry, type Order, sortEntries } from './entries.ts';
import { ListingRow } from './listing-row.tsx';
import type { RowActions } from './listing-row.tsx';

export interface ListingTableProps {
  readonly bucket: string;
  readonly entries: readonly Entry[];
  readonly isLoading: boolean;
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
  readonly actions: RowActions;
}

const columns: readonly { readonly column: Column; readonly title: string }[] = [
  { column: 'name', title: 'Name' },
  { column: 'sizeBytes', title: 'Size' },
  { column: 'lastModified', title: 'Modified' },
];

export function ListingTable(props: ListingTableProps) {
  const { bucket, entries, isLoading, order, onOrder, selected, onSelect, actions } = props;
  const areAllSelected = entries.every(({ key }) => selected.has(key));
  const toggle = (key: string) => {
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    onSelect(next);
  };
  return (
    <table class="listing" aria-busy={isLoading}>
      <caption class="unseen">Folders and objects</caption>
      <thead>
        <tr>
          <th scope="col" class="check">
            <input
              type="checkbox"
              aria-label="Select all on this page"
              checked={areAllSelected}
              indeterminate={!areAllSelected && selected.size > 0}
              onChange={() => onSelect(new Set(areAllSelected ? [] : entries.map(({ key }) => key)))}
            />
          </th>
          {columns.map(({ column, title }) => (
            <ColumnHead key={column} column={column} title={title} order={order} onOrder={onOrder} />
          ))}
          <th scope="col" class="row-actions">
            <span class="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sortEntries(entries, order).map((entry) => (
          <ListingRow
            key={entry.key}
            bucket={bucket}
            entry={entry}
            isSelected={selected.has(entry.key)}
            onToggle={() => toggle(entry.key)}
            actions={actions}
          />
        ))}
      </tbody>
    </table>
  );
}

interface ColumnHeadProps {
  readonly column: Column;
  readonly title: string;
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
}

function ColumnHead({ column, title, order, onOrder }: ColumnHeadProps) {
  const isCurrent = order.column === column;
  const direction = order.isDescending ? 'descending' : 'ascending';
  return (
    <th scope="col" class={column} aria-sort={isCurrent ? direction : 'none'}>
      <button
        type="button"
        onClick={() => onOrder({ column, isDescending: isCurrent && !order.isDescending })}
      >
        {title}
        {isCurrent && <Icon name={order.isDescending ? 'down' : 'up'} />}
      </button>
    </th>
  );
}
