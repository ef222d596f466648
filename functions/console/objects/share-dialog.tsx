import { useRef, useState } from 'preact/hooks';
import type { ObjectEntry } from '../browse/entries.ts';
import { useSession } from '../session/session.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { formatTime } from '../ui/format.ts';
import { useAnswer } from '../ui/use-answer.ts';

export interface ShareDialogProps {
  readonly bucket: string;
  readonly entry: ObjectEntry;
  readonly onClose: () => void;
}

const lifetimes = [
  { seconds: 900, title: '15 minutes' },
  { seconds: 3600, title: '1 hour' },
  { seconds: 86_400, title: '1 day' },
  { seconds: 604_800, title: '7 days' },
];

/** Clocks differ, and the answer took its time. */
const toleranceMilliseconds = 90_000;

/** Makes a link that works for whoever has it, and says until when it truly does. */
export function ShareDialog({ bucket, entry: { key, name }, onClose }: ShareDialogProps) {
  const { client, signOut } = useSession();
  const announce = useAnnounce();
  const input = useRef<HTMLInputElement>(null);
  const [lifetimeSeconds, setLifetimeSeconds] = useState(3600);
  const answer = useAnswer(
    async (signal) => {
      const wishedFor = Date.now() + lifetimeSeconds * 1000;
      const { url, expiresAt } = await client.share(
        { bucket, key },
        { expiresInSeconds: lifetimeSeconds, signal },
      );
      return { url, expiresAt, isShort: Date.parse(expiresAt) < wishedFor - toleranceMilliseconds };
    },
    [bucket, key, lifetimeSeconds],
  );
  const link = answer.value;

  const copy = async (url: string) => {
    try {
      await navigator.clipboard.writeText(url);
      announce('Link copied');
    } catch {
      // Over plain HTTP, or where the browser was told so, scripts may not copy.
      input.current?.select();
      announce('The link is selected: copy it with Ctrl+C');
    }
  };

  return (
    <Dialog
      title={`Share ${name}`}
      onClose={onClose}
      actions={
        link && (
          <button type="button" class="primary" onClick={() => void copy(link.url)}>
            Copy link
          </button>
        )
      }
    >
      <fieldset class="choices">
        <legend>The link works for</legend>
        {lifetimes.map(({ seconds, title }) => (
          <label key={seconds}>
            <input
              type="radio"
              name="lifetime"
              checked={seconds === lifetimeSeconds}
              onChange={() => setLifetimeSeconds(seconds)}
            />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      {answer.error !== undefined && (
        <Fault error={answer.error} onRetry={answer.ask} onSignIn={() => signOut(answer.error)} />
      )}
      {link && (
        <>
          <input ref={input} class="link" readOnly aria-label="Link" value={link.url} />
          <p role="status">
            Works until <time dateTime={link.expiresAt}>{formatTime(link.expiresAt)}</time>
            {link.isShort && ', sooner than asked for: the credentials that sign it end then'}. Whoever has
            the link can read the object.
          </p>
        </>
      )}
    </Dialog>
  );
}
