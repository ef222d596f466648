import { useEffect, useState } from 'preact/hooks';
import { DeleteDialog } from '../objects/delete-dialog.tsx';
import { DetailsDialog } from '../objects/details-dialog.tsx';
import { saveObject } from '../objects/save-object.ts';
import { ShareDialog } from '../objects/share-dialog.tsx';
import { may } from '../session/access.ts';
import { useSession } from '../session/session.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Fault, explain } from '../ui/fault.tsx';
import { DropZone } from '../uploads/drop-zone.tsx';
import { UploadButtons } from '../uploads/upload-buttons.tsx';
import { Breadcrumb } from './breadcrumb.tsx';
import { Empty } from './empty.tsx';
import type { Entry, ObjectEntry, Order } from './entries.ts';
import { ListingTable } from './listing-table.tsx';
import { Pager } from './pager.tsx';
import { folderOf, type Place } from './place.ts';
import { Search } from './search.tsx';
import { Selection } from './selection.tsx';
import { useListing } from './use-listing.ts';
import { useRefresh } from './use-refresh.ts';

type OpenDialog =
  | { readonly kind: 'details' | 'share'; readonly entry: ObjectEntry }
  | { readonly kind: 'delete'; readonly entries: readonly Entry[] };

const nothing: ReadonlySet<string> = new Set();

/** One folder: what is in it, and all that can be done with it. */
export function Browser({ place }: { readonly place: Place }) {
  const { bucket, prefix } = place;
  const folder = folderOf(prefix);
  const { me, client, uploads, signOut } = useSession();
  const announce = useAnnounce();
  const listing = useListing(place);
  const [order, setOrder] = useState<Order>({ column: 'name', isDescending: false });
  const [selected, setSelected] = useState(nothing);
  const [dialog, setDialog] = useState<OpenDialog>();

  useEffect(() => setSelected(nothing), [bucket, prefix, listing.pageNumber]);
  useEffect(() => {
    document.title = `${bucket}/${folder} – Stowage`;
  }, [bucket, folder]);
  useRefresh(place, listing.ask);

  const mayRead = may(me.grants, 'read', bucket, prefix);
  const mayDelete = may(me.grants, 'delete', bucket, prefix);
  const mayUpload = may(me.grants, 'write', bucket, folder);
  const entries = listing.value ?? [];
  const chosen = entries.filter(({ key }) => selected.has(key));

  const download = ({ key }: ObjectEntry) => {
    saveObject(client, { bucket, key }).catch((error: unknown) => announce(explain(error)));
  };
  const closeDialog = () => setDialog(undefined);

  return (
    <DropZone
      target={mayUpload ? `${bucket}/${folder}` : undefined}
      onFiles={(files) => uploads.add(bucket, folder, files)}
    >
      <h1 class="unseen">
        {bucket}/{folder}
      </h1>
      <div class="toolbar">
        <Breadcrumb bucket={bucket} prefix={prefix} />
        {chosen.length > 0 ? (
          <Selection
            count={chosen.length}
            onDelete={mayDelete ? () => setDialog({ kind: 'delete', entries: chosen }) : undefined}
            onClear={() => setSelected(nothing)}
          />
        ) : (
          <>
            <Search bucket={bucket} prefix={prefix} />
            {mayUpload && <UploadButtons onFiles={(files) => uploads.add(bucket, folder, files)} />}
          </>
        )}
      </div>

      {listing.error !== undefined && (
        <Fault error={listing.error} onRetry={listing.ask} onSignIn={() => signOut(listing.error)} />
      )}
      {listing.value === undefined && listing.isLoading && (
        <p class="loading" role="status">
          Loading…
        </p>
      )}
      {listing.value?.length === 0 && (
        <Empty place={place} isFirstPage={listing.pageNumber === 1} mayUpload={mayUpload} />
      )}
      {entries.length > 0 && (
        <ListingTable
          bucket={bucket}
          entries={entries}
          isLoading={listing.isLoading}
          order={order}
          onOrder={setOrder}
          selected={selected}
          onSelect={setSelected}
          actions={{
            open: (entry) => setDialog({ kind: 'details', entry }),
            download: mayRead ? download : undefined,
            share: mayRead ? (entry) => setDialog({ kind: 'share', entry }) : undefined,
            remove: mayDelete ? (entry) => setDialog({ kind: 'delete', entries: [entry] }) : undefined,
          }}
        />
      )}
      <Pager pageNumber={listing.pageNumber} previous={listing.previous} next={listing.next} />

      {dialog?.kind === 'details' && (
        <DetailsDialog
          bucket={bucket}
          entry={dialog.entry}
          onDownload={download}
          onShare={(entry) => setDialog({ kind: 'share', entry })}
          onDelete={mayDelete ? (entry) => setDialog({ kind: 'delete', entries: [entry] }) : undefined}
          onClose={closeDialog}
        />
      )}
      {dialog?.kind === 'share' && <ShareDialog bucket={bucket} entry={dialog.entry} onClose={closeDialog} />}
      {dialog?.kind === 'delete' && (
        <DeleteDialog
          bucket={bucket}
          entries={dialog.entries}
          onClose={closeDialog}
          onDeleted={() => {
            setSelected(nothing);
            listing.ask();
          }}
        />
      )}
    </DropZone>
  );
}
