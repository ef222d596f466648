import type { LifecycleRule } from '../lifecycle/rule.ts';
import type { Connection } from './connection.ts';
import { S3Error } from './errors.ts';
import type { ObjectAddress } from './signing.ts';
import { xmlDocument, xmlElement } from './xml.ts';

/** How soon an archive gives something back: the sooner, the dearer. */
export type RetrievalTier = 'Expedited' | 'Standard' | 'Bulk';

/**
 * S3's operations around lifecycles and archives. Each throws {@link S3Error} for what storage refuses. What knows the
 * rules is loaded when it is first needed: a cold start has no use for it.
 */
export interface LifecycleOperations {
  /** No rules where the bucket has no lifecycle. */
  getLifecycle: (bucket: string) => Promise<LifecycleRule[]>;
  putLifecycle: (bucket: string, rules: readonly LifecycleRule[]) => Promise<void>;
  /** Asks for a copy of an archived object, to be read for some days. Gives whether it is there already. */
  restore: (
    object: ObjectAddress,
    request: { readonly days: number; readonly tier: RetrievalTier },
  ) => Promise<'restoring' | 'restored'>;
}

export function createLifecycleOperations({ send }: Connection): LifecycleOperations {
  const query = [['lifecycle', '']] as const;
  return {
    async getLifecycle(bucket) {
      const answer = await send({ method: 'GET', bucket, query }).catch((error: unknown) => {
        if (error instanceof S3Error && error.code === 'NoSuchLifecycleConfiguration') return undefined;
        throw error;
      });
      if (!answer) return [];
      const { rulesOfStorage } = await import('../lifecycle/s3-document.ts');
      return rulesOfStorage(answer.body);
    },

    async putLifecycle(bucket, rules) {
      const { writeLifecycle } = await import('../lifecycle/write-lifecycle.ts');
      await send({ method: 'PUT', bucket, query, body: writeLifecycle(rules) });
    },

    async restore({ bucket, key }, { days, tier }) {
      const body = xmlDocument(
        xmlElement(
          'RestoreRequest',
          [xmlElement('Days', days), xmlElement('GlacierJobParameters', [xmlElement('Tier', tier)])],
          ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"',
        ),
      );
      const { status } = await send({ method: 'POST', bucket, key, query: [['restore', '']], body });
      return status === 200 ? 'restored' : 'restoring';
    },
  };
}
