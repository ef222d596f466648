import { useEffect, useState } from 'preact/hooks';
import { encodeKey } from '../../../lib/client/api.ts';

/** What the console looks at, as the address tells: `#/media/photos/2026/`. */
export interface Place {
  readonly bucket: string;
  /** All up to the last slash is the folder; what follows it is searched for. */
  readonly prefix: string;
}

export function linkTo({ bucket, prefix }: Place): string {
  return `#/${encodeURIComponent(bucket)}/${encodeKey(prefix)}`;
}

/** `undefined` when the address names no bucket. */
export function placeOf(hash: string): Place | undefined {
  const match = /^#\/([^/]+)(?:\/(.*))?$/s.exec(hash);
  if (!match) return undefined;
  try {
    return { bucket: decodeURIComponent(match[1] ?? ''), prefix: decodeURIComponent(match[2] ?? '') };
  } catch {
    // Mangled by whatever passed the link on.
    return undefined;
  }
}

export function folderOf(prefix: string): string {
  return prefix.slice(0, prefix.lastIndexOf('/') + 1);
}

/** Puts another place into the address without a step in the history: for each letter that is searched for. */
export function replacePlace(place: Place): void {
  history.replaceState(null, '', linkTo(place));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** The place in the address, followed as it changes. */
export function usePlace(): Place | undefined {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const follow = () => setPlace(placeOf(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return place;
}
