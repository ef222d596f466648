import { folderOf, type Place } from './place.ts';

export interface EmptyProps {
  readonly place: Place;
  readonly isFirstPage: boolean;
  readonly mayUpload: boolean;
}

/** Why there is nothing to see, and what to do about it. */
export function Empty({ place, isFirstPage, mayUpload }: EmptyProps) {
  const search = place.prefix.slice(folderOf(place.prefix).length);
  if (search !== '') {
    return (
      <Notice title={`Nothing begins with “${search}”`}>
        Names are matched from their first letter, and large and small letters differ.
      </Notice>
    );
  }
  if (!isFirstPage) return <Notice title="Nothing is left on this page">Go back to the one before.</Notice>;
  return (
    <Notice title="Nothing here yet">
      {mayUpload
        ? 'Drop files or folders anywhere on this page, or use the upload button.'
        : 'Your key does not allow uploads here.'}
    </Notice>
  );
}

function Notice({ title, children }: { readonly title: string; readonly children: string }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p class="quiet">{children}</p>
    </div>
  );
}
