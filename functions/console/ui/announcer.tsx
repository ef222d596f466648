import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';

/** Says something that has happened, to eyes and to screen readers. */
export type Announce = (message: string) => void;

export const AnnounceContext = createContext<Announce>(() => undefined);

export function useAnnounce(): Announce {
  return useContext(AnnounceContext);
}

const shownMilliseconds = 5000;

/** The note at the foot of the page. It is always there: a live region must be, before it speaks. */
export function useAnnouncer() {
  const [note, setNote] = useState({ message: '', at: 0 });
  useEffect(() => {
    if (note.message === '') return undefined;
    const timer = setTimeout(() => setNote({ message: '', at: 0 }), shownMilliseconds);
    return () => clearTimeout(timer);
  }, [note]);
  const announce = useCallback<Announce>((message) => setNote({ message, at: Date.now() }), []);
  const region = (
    <div class="note" role="status">
      {note.message !== '' && <p key={note.at}>{note.message}</p>}
    </div>
  );
  return { announce, region };
}
