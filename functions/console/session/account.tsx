import type { Grant } from '../../../lib/client/contract.ts';
import { formatTime } from '../ui/format.ts';
import { useSession } from './session.ts';

/** Who is signed in, what they may do, and the way out. */
export function Account() {
  const { me, signOut } = useSession();
  return (
    <>
      <button type="button" class="account" popovertarget="account-card">
        {me.principal.sub}
      </button>
      <div id="account-card" class="account-card" popover="auto">
        <dl>
          <dt>Signed in as</dt>
          <dd>{me.principal.sub}</dd>
          {me.tenant !== undefined && <dt>Tenant</dt>}
          {me.tenant !== undefined && <dd>{me.tenant}</dd>}
          <dt>Valid until</dt>
          <dd>{me.expiresAt === undefined ? 'it is revoked' : formatTime(me.expiresAt)}</dd>
          <dt>May</dt>
          {me.grants.map((grant) => (
            <dd>{describe(grant)}</dd>
          ))}
        </dl>
        <button type="button" onClick={() => signOut()}>
          Sign out
        </button>
      </div>
    </>
  );
}

function describe({ effect, bucket, prefix = '', actions }: Grant): string {
  const where = bucket === '*' ? 'in every bucket' : `in ${bucket}/${prefix}`;
  return `${effect === 'deny' ? 'not ' : ''}${actions.join(', ')} ${where}`;
}
