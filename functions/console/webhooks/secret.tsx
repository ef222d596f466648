import { useRef } from 'preact/hooks';
import { useAnnounce } from '../ui/announcer.tsx';

/** A secret, shown this once. */
export function Secret({ secret }: { readonly secret: string }) {
  const announce = useAnnounce();
  const input = useRef<HTMLInputElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      announce('Secret copied');
    } catch {
      // Over plain HTTP, or where the browser was told so, scripts may not copy.
      input.current?.select();
      announce('The secret is selected: copy it with Ctrl+C');
    }
  };
  return (
    <>
      <p role="status">
        The receiver verifies with this secret. It is shown this once: copy it now and keep it as safe as a
        password.
      </p>
      <div class="secret">
        <input ref={input} class="link" readOnly aria-label="Secret" value={secret} />
        <button type="button" onClick={() => void copy()}>
          Copy
        </button>
      </div>
    </>
  );
}
