import * as v from 'valibot';
import type { SecretsManager } from './secrets-manager.ts';

/** In seconds since 1970. */
const description = v.object({ LastRotatedDate: v.optional(v.number()), CreatedDate: v.number() });

/** For how many days a secret has been as it is: since it was rotated, or made. @throws {@link SecretError} */
export async function daysSinceRotation(
  { call }: Pick<SecretsManager, 'call'>,
  secretArn: string,
  now: Date,
): Promise<number> {
  const { LastRotatedDate, CreatedDate } = await call('DescribeSecret', { SecretId: secretArn }, description);
  return (now.getTime() / 1000 - (LastRotatedDate ?? CreatedDate)) / 86_400;
}
