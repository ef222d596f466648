import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { useAnnounce } from './announcer.tsx';

export interface ShownOnceProps {
  /** What it is: `Secret`. */
  readonly title: string;
  readonly text: string;
  /** What it is for. */
  readonly children: ComponentChildren;
}

/** A secret that nobody can show again, and a button that copies it. */
export function ShownOnce({ title, text, children }: ShownOnceProps) {
  const announce = useAnnounce();
  const input = useRef<HTMLInputElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      announce(`${title} copied`);
    } catch {
      // Over plain HTTP, or where the browser was told so, scripts may not copy.
      input.current?.select();
      announce(`The ${title.toLowerCase()} is selected: copy it with Ctrl+C`);
    }
  };
  return (
    <>
      <p role="status">{children} It is shown this once: copy it now and keep it as safe as a password.</p>
      <div class="secret">
        <input ref={input} class="link" readOnly aria-label={title} value={text} />
        <button type="button" onClick={() => void copy()}>
          Copy
        </button>
      </div>
    </>
  );
}
