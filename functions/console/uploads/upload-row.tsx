import { useSession } from '../session/session.ts';
import { explain } from '../ui/fault.tsx';
import { formatBytes, formatDuration, formatPercent, formatRate } from '../ui/format.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import type { Upload } from './queue.ts';
import { isTaken } from './send-file.ts';

export function UploadRow({ upload }: { readonly upload: Upload }) {
  const { uploads: queue } = useSession();
  const { id, bucket, key, file, state, sentBytes, error } = upload;
  const mayReplace = state === 'failed' && isTaken(error);
  const button = (icon: IconName, label: string, onClick: () => void) => (
    <button type="button" class="icon-button" aria-label={`${label} ${key}`} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
  return (
    <li class={`upload ${state}`}>
      <p class="upload-name" title={`${bucket}/${key}`}>
        {key.slice(key.lastIndexOf('/') + 1)}
      </p>
      <div class="upload-buttons">
        {state === 'sending' && button('pause', 'Pause', () => queue.pause(id))}
        {state === 'paused' && button('play', 'Resume', () => queue.resume(id))}
        {state === 'failed' && !mayReplace && button('retry', 'Retry', () => queue.resume(id))}
        {state === 'done' ? <Icon name="done" /> : button('close', 'Cancel', () => queue.remove(id))}
      </div>
      {state !== 'done' && state !== 'failed' && (
        <progress
          max={file.size}
          value={sentBytes}
          aria-label={`Upload of ${key}`}
          aria-valuetext={formatPercent(file.size === 0 ? 1 : sentBytes / file.size)}
        />
      )}
      <p class={state === 'failed' ? 'upload-error' : 'quiet'}>{describe(upload)}</p>
      {mayReplace && (
        <button type="button" onClick={() => queue.resume(id, { replaces: true })}>
          Replace it
        </button>
      )}
    </li>
  );
}

function describe({ bucket, key, file, state, sentBytes, bytesPerSecond, error }: Upload): string {
  const amount = `${formatBytes(sentBytes)} of ${formatBytes(file.size)}`;
  switch (state) {
    case 'waiting':
      return `${formatBytes(file.size)}, waiting`;
    case 'paused':
      return `${amount}, paused`;
    case 'failed':
      return isTaken(error) ? 'An object of this name is there already.' : explain(error);
    case 'done':
      return `${formatBytes(file.size)} in ${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}`;
    case 'sending': {
      if (sentBytes === file.size) return 'Finishing…';
      if (bytesPerSecond === 0) return `${amount}, waiting for the network`;
      const secondsLeft = (file.size - sentBytes) / bytesPerSecond;
      return `${amount}, ${formatRate(bytesPerSecond)}, ${formatDuration(secondsLeft)} left`;
    }
  }
}
