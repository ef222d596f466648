import { useEffect, useState } from 'preact/hooks';
import { useSession } from '../session/session.ts';
import { formatCount, formatDuration, formatPercent, formatRate } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import type { Upload, UploadState } from './queue.ts';
import { summarize, type UploadSummary } from './summary.ts';
import { UploadRow } from './upload-row.tsx';

/** A page is slow with thousands of rows, and nobody reads them. */
const shownCount = 50;

const urgency: readonly UploadState[] = ['failed', 'sending', 'paused', 'waiting', 'done'];

/** All uploads, at the edge of the page; it is there whatever folder is looked at. */
export function Tray() {
  const { uploads: queue } = useSession();
  const uploads = useUploads();
  const [isFolded, setFolded] = useState(false);
  const summary = summarize(uploads);
  useWarningOnLeave(summary.openCount > 0);

  const shown = urgency.flatMap((state) => uploads.filter((upload) => upload.state === state));
  const hiddenCount = shown.length - shownCount;
  return (
    <section class="tray" aria-label="Uploads" hidden={uploads.length === 0}>
      <header>
        <p>
          <strong>{headline(summary)}</strong>
          <span class="quiet">{pace(summary)}</span>
        </p>
        {summary.openCount === 0 && (
          <button
            type="button"
            class="plain"
            onClick={() => {
              for (const { id } of uploads.filter(({ state }) => state === 'done')) queue.remove(id);
            }}
          >
            Clear
          </button>
        )}
        <button
          type="button"
          class="icon-button"
          aria-expanded={!isFolded}
          aria-label="Show each upload"
          onClick={() => setFolded(!isFolded)}
        >
          <Icon name={isFolded ? 'up' : 'down'} />
        </button>
      </header>
      <p class="unseen" role="status">
        {spoken(summary)}
      </p>
      <ul hidden={isFolded}>
        {shown.slice(0, shownCount).map((upload) => (
          <UploadRow key={upload.id} upload={upload} />
        ))}
        {hiddenCount > 0 && <li class="quiet">and {formatCount(hiddenCount)} more</li>}
      </ul>
    </section>
  );
}

function useUploads(): readonly Upload[] {
  const { uploads: queue } = useSession();
  const [uploads, setUploads] = useState(() => queue.uploads());
  useEffect(() => queue.subscribe(() => setUploads(queue.uploads())), [queue]);
  return uploads;
}

function useWarningOnLeave(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [isNeeded]);
}

function headline({ count, doneCount, failedCount, openCount, fraction }: UploadSummary): string {
  if (openCount > 0) return `Uploading ${formatCount(openCount)} · ${formatPercent(fraction)}`;
  if (failedCount > 0) return `${formatCount(failedCount)} failed, ${formatCount(doneCount)} uploaded`;
  return doneCount === count ? `${formatCount(doneCount)} uploaded` : 'Paused';
}

function pace({ bytesPerSecond, secondsLeft }: UploadSummary): string {
  if (secondsLeft === undefined) return '';
  return `${formatRate(bytesPerSecond)}, ${formatDuration(secondsLeft)} left`;
}

/** Said only at every quarter: a voice that counts each percent would be of no help. */
function spoken(summary: UploadSummary): string {
  if (summary.count === 0) return '';
  return headline({ ...summary, fraction: Math.floor(summary.fraction * 4) / 4 });
}
