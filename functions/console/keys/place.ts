import { useEffect, useState } from 'preact/hooks';

/** The part of the console that is about API keys. */
export const linkToKeys = '#keys';

/** Is the address about them? Followed as it changes. */
export function useIsKeysPlace(): boolean {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return hash === linkToKeys;
}
