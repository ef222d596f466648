import { useEffect } from 'preact/hooks';
import { useSession } from '../session/session.ts';
import type { Place } from './place.ts';

/** So many uploads may end within a second that asking after each would be of no use. */
const pauseMilliseconds = 500;

/** Looks again when uploads into the place have ended. */
export function useRefresh({ bucket, prefix }: Place, look: () => void): void {
  const { uploads } = useSession();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = uploads.onUploaded((upload) => {
      if (upload.bucket !== bucket || !upload.key.startsWith(prefix)) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        look();
      }, pauseMilliseconds);
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [uploads, bucket, prefix, look]);
}
