import { ShownOnce } from '../ui/shown-once.tsx';

/** A webhook's secret, shown this once. */
export function Secret({ secret }: { readonly secret: string }) {
  return (
    <ShownOnce title="Secret" text={secret}>
      The receiver verifies with this secret.
    </ShownOnce>
  );
}
