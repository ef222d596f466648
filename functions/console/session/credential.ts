/**
 * Where the console keeps the key: in this tab's session storage and nowhere else, so that it is gone with the tab.
 */

const storageName = 'stowage.credential';

const linkStart = '#key=';

export function savedCredential(): string | undefined {
  return sessionStorage.getItem(storageName) ?? undefined;
}

export function saveCredential(credential: string): void {
  sessionStorage.setItem(storageName, credential);
}

export function forgetCredential(): void {
  sessionStorage.removeItem(storageName);
}

/** Has somebody come with a key: in the address, or from before in this tab? */
export function hasCredential(): boolean {
  return location.hash.startsWith(linkStart) || savedCredential() !== undefined;
}

/** The key of a link such as `/#key=stow_…`, taken out of the address, so that no bookmark and no screenshot holds it. */
export function takeLinkedCredential(): string | undefined {
  if (!location.hash.startsWith(linkStart)) return undefined;
  const credential = decodeURIComponent(location.hash.slice(linkStart.length));
  history.replaceState(null, '', location.pathname);
  return credential;
}
