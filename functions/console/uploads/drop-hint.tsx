import { Icon } from '../ui/icon.tsx';

/** Lies over the page while files are held over it. Says nothing to screen readers: who drags can see. */
export function DropHint({ target }: { readonly target: string }) {
  return (
    <div class="drop-hint" aria-hidden="true">
      <Icon name="upload" />
      <p>
        Drop to upload to <strong>{target}</strong>
      </p>
    </div>
  );
}
