import { Stack } from 'aws-cdk-lib';
import type { CfnDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import type { Config } from '../../lib/config/schema.ts';
import type { Service } from '../api/service.ts';
import type { StorageBucket } from '../data/storage-bucket.ts';
import type { StoredData } from '../data/stored-data.ts';
import type { Stage } from '../stages.ts';
import { objectBehavior } from './behaviors.ts';
import { homeValue } from './home-value.ts';
import { bucketOrigin, replicaDomainName } from './origins.ts';
import { objectPaths } from './request-functions.ts';
import { objectHeaders } from './response-headers.ts';

export interface ObjectRoutesProps {
  readonly stage: Stage;
  readonly config: Config;
  readonly data: StoredData;
  readonly service: Service;
  readonly accessControl: string;
}

/**
 * The buckets that `stowage.json` gives a `cdn`, as a distribution has them. Where a bucket has a copy in the recovery
 * region, what the bucket fails to give is fetched there.
 */
export class ObjectRoutes extends Construct {
  readonly origins: CfnDistribution.OriginProperty[] = [];
  readonly originGroups: CfnDistribution.OriginGroupProperty[] = [];
  readonly behaviors: CfnDistribution.CacheBehaviorProperty[] = [];

  constructor(
    scope: Construct,
    id: string,
    { stage, config, data, service, accessControl }: ObjectRoutesProps,
  ) {
    super(scope, id);
    const routed = Object.entries(config.buckets).flatMap(([name, { cdn }]) => {
      const bucket = data.buckets.get(name);
      return cdn && bucket ? [{ name, cdn, bucket }] : [];
    });
    const { cdnKeys } = service;
    if (!cdnKeys) return;
    const keyGroupId = homeValue(Stack.of(this), Stack.of(service), 'CdnKeyGroupId', cdnKeys.groupId);
    const responseHeadersPolicyId = objectHeaders(this, stage, config.access.corsOrigins);
    const pathFunctionArn = objectPaths(this, stage);

    for (const { name, cdn, bucket } of routed) {
      const id = `bucket-${name}`;
      this.origins.push(bucketOrigin(id, this.domainNameOf(name, bucket), accessControl));
      const { replica } = stage;
      if (replica && bucket.versioned) {
        const copy = replicaDomainName(stage, name, replica.region);
        this.origins.push(bucketOrigin(`${id}-replica`, copy, accessControl));
        this.originGroups.push(failover(id));
      }
      this.behaviors.push(
        objectBehavior(this, {
          stage,
          bucket: name,
          cdn,
          targetOriginId: replica && bucket.versioned ? `${id}-or-replica` : id,
          keyGroupId,
          responseHeadersPolicyId,
          pathFunctionArn,
        }),
      );
    }
  }

  /** Of a bucket, in its own region. */
  domainNameOf(name: string, bucket: StorageBucket): string {
    const home = Stack.of(bucket);
    return homeValue(Stack.of(this), home, `DomainName-${name}`, bucket.bucketRegionalDomainName);
  }
}

/** What the first does not answer, or answers with a fault of its own, the second is asked for. */
function failover(id: string): CfnDistribution.OriginGroupProperty {
  const statusCodes = [500, 502, 503, 504];
  const members = [{ originId: id }, { originId: `${id}-replica` }];
  return {
    id: `${id}-or-replica`,
    failoverCriteria: { statusCodes: { quantity: statusCodes.length, items: statusCodes } },
    members: { quantity: members.length, items: members },
  };
}
