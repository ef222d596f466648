import { useCallback, useEffect, useState } from 'preact/hooks';
import { ObjectDialog, type Subject } from '../objects/object-dialog.tsx';
import { saveObject } from '../objects/save-object.ts';
import { may } from '../session/access.ts';
import { useSession } from '../session/session.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Fault, explain } from '../ui/fault.tsx';
import { DropHint } from '../uploads/drop-hint.tsx';
import type { PickedFile } from '../uploads/picked-file.ts';
import { UploadButtons } from '../uploads/upload-buttons.tsx';
import { useFileDrop } from '../uploads/use-file-drop.ts';
import { Breadcrumb } from './breadcrumb.tsx';
import { Empty } from './empty.tsx';
import type { ObjectEntry, Order } from './entries.ts';
import { ListingTable } from './listing-table.tsx';
import { Pager } from './pager.tsx';
import { folderOf, type Place } from './place.ts';
import { Search } from './search.tsx';
import { Selection } from './selection.tsx';
import { useListing } from './use-listing.ts';
import { useRefresh } from './use-refresh.ts';

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
  const [subject, setSubject] = useState<Subject>();

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
  const upload = useCallback(
    (files: readonly PickedFile[]) => uploads.add(bucket, folder, files),
    [uploads, bucket, folder],
  );
  const isDragged = useFileDrop(mayUpload, upload);

  return (
    <main class="browser">
      <h1 class="unseen">
        {bucket}/{folder}
      </h1>
      <div class="toolbar">
        <Breadcrumb bucket={bucket} prefix={prefix} />
        {chosen.length > 0 ? (
          <Selection
            count={chosen.length}
            onDelete={mayDelete ? () => setSubject({ kind: 'delete', entries: chosen }) : undefined}
            onClear={() => setSelected(nothing)}
          />
        ) : (
          <>
            <Search bucket={bucket} prefix={prefix} />
            {mayUpload && <UploadButtons onFiles={upload} />}
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
            open: (entry) => setSubject({ kind: 'details', entry }),
            download: mayRead ? download : undefined,
            share: mayRead ? (entry) => setSubject({ kind: 'share', entry }) : undefined,
            remove: mayDelete ? (entry) => setSubject({ kind: 'delete', entries: [entry] }) : undefined,
          }}
        />
      )}
      <Pager pageNumber={listing.pageNumber} previous={listing.previous} next={listing.next} />

      {subject && (
        <ObjectDialog
          bucket={bucket}
          subject={subject}
          mayDelete={mayDelete}
          onChange={setSubject}
          onDownload={download}
          onDeleted={() => {
            setSelected(nothing);
            listing.ask();
          }}
        />
      )}
      {isDragged && <DropHint target={`${bucket}/${folder}`} />}
    </main>
  );
}
