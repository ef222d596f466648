import { startingPrefix } from '../session/access.ts';
import { useSession } from '../session/session.ts';
import { Icon } from '../ui/icon.tsx';
import { linkTo } from './place.ts';

/** The buckets that the caller may see. */
export function Buckets({ current }: { readonly current: string | undefined }) {
  const { me, buckets } = useSession();
  return (
    <nav class="buckets" aria-labelledby="buckets-title">
      <h2 id="buckets-title">Buckets</h2>
      <ul>
        {buckets.map(({ name }) => (
          <li key={name}>
            <a
              href={linkTo({ bucket: name, prefix: startingPrefix(me.grants, name) })}
              aria-current={name === current ? 'page' : undefined}
            >
              <Icon name="bucket" />
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
