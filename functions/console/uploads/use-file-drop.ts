import { useEffect, useState } from 'preact/hooks';
import { useAnnounce } from '../ui/announcer.tsx';
import { explain } from '../ui/fault.tsx';
import { filesOfDrop, type PickedFile } from './picked-file.ts';

/**
 * A drag is told of several times a second while it is over the page. That it has left is told less reliably: at each
 * border between elements, and in some browsers not at all when it is broken off.
 */
const silenceMilliseconds = 1000;

/**
 * Takes files and folders that are dropped anywhere on the page.
 *
 * @param isWelcome - where files are not, a drop does nothing; without us, the browser would go away to show the file
 * @returns whether files are held over the page just now
 */
export function useFileDrop(isWelcome: boolean, onFiles: (files: readonly PickedFile[]) => void): boolean {
  const announce = useAnnounce();
  const [seenAt, setSeenAt] = useState(0);

  useEffect(() => {
    if (seenAt === 0) return undefined;
    const timer = setTimeout(() => setSeenAt(0), silenceMilliseconds);
    return () => clearTimeout(timer);
  }, [seenAt]);

  useEffect(() => {
    const hold = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = isWelcome ? 'copy' : 'none';
      setSeenAt(Date.now());
    };
    const take = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setSeenAt(0);
      if (!isWelcome) return;
      filesOfDrop(event.dataTransfer)
        .then(onFiles)
        .catch((error: unknown) => announce(explain(error)));
    };
    addEventListener('dragover', hold);
    addEventListener('drop', take);
    return () => {
      removeEventListener('dragover', hold);
      removeEventListener('drop', take);
    };
  }, [isWelcome, onFiles, announce]);

  return seenAt > 0 && isWelcome;
}
