import { Duration } from 'aws-cdk-lib';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Config } from '../../lib/config/schema.ts';
import type { StoredData } from '../data/stored-data.ts';
import {
  apiUse,
  bucketConnection,
  queueConnection,
  recordsConnection,
  secretConnection,
} from '../lambda/connections.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import type { Network } from '../network/network.ts';
import type { Stage } from '../stages.ts';
import { Canary } from './canary.ts';
import { CdnKeys } from './cdn-keys.ts';
import type { FrontDoor } from './front-door.ts';
import { HttpFrontDoor } from './http-front-door.ts';
import { MutualTlsDomain } from './mutual-tls-domain.ts';
import { RunTimeFlags } from './run-time-flags.ts';
import { RestFrontDoor } from './rest-front-door.ts';
import { WarmInstances } from './warm-instances.ts';

export interface ServiceProps {
  readonly stage: Stage;
  readonly config: Config;
  readonly data: StoredData;
  readonly network?: Network | undefined;
}

/** The service itself: one function behind its front door. It holds no data. */
export class Service extends Construct {
  readonly function: ServiceFunction;
  /** What the front door calls. */
  readonly alias: Alias;
  readonly frontDoor: FrontDoor;
  /** Where the API answers, without a path of its own. */
  readonly url: string;
  /** Where CloudFront serves a bucket. */
  readonly cdnKeys?: CdnKeys;

  constructor(scope: Construct, id: string, { stage, config, data, network }: ServiceProps) {
    super(scope, id);
    const { encryptionKey } = data;

    this.function = new ServiceFunction(this, 'Api', {
      entry: 'api',
      description: 'Decides, signs and answers; bytes never pass through it',
      stage,
      config,
      memoryMegabytes: 512,
      // API Gateway gives up after 30 s: until then the function must have said what went wrong.
      timeout: Duration.seconds(29),
      network,
      ...(stage.reservedConcurrency !== undefined && { reservedConcurrency: stage.reservedConcurrency }),
    });
    this.function.connect(bucketConnection(this, data.buckets, encryptionKey, apiUse));
    this.function.connect(recordsConnection(data.table, encryptionKey));
    this.function.connect(
      secretConnection('STOWAGE_SIGNING_SECRET_ARN', [data.signingSecret], encryptionKey),
    );
    this.function.connect(
      secretConnection('STOWAGE_ROOT_KEY_SECRET_ARN', [data.rootKeySecret], encryptionKey),
    );
    this.function.connect(queueConnection('STOWAGE_DELIVERY_QUEUE_URL', data.deliveries.queue));
    if (data.originSecrets.length > 0) {
      this.function.connect(
        secretConnection('STOWAGE_ORIGIN_SECRET_ARNS', data.originSecrets, encryptionKey),
      );
    }

    if (data.cdnKeySecrets.size > 0) this.cdnKeys = this.letSignForCdn({ stage, config, data });

    this.alias = this.function.addAlias('live');
    const FrontDoorKind = stage.frontDoor === 'rest' ? RestFrontDoor : HttpFrontDoor;
    this.frontDoor = new FrontDoorKind(this, 'FrontDoor', { handler: this.alias, stage });
    this.url = `https://${this.frontDoor.host}${this.frontDoor.basePath}`;

    if (stage.canary) {
      const canary = new Canary(this, 'Canary', {
        stage,
        function: this.function,
        alias: this.alias,
        frontDoor: this.frontDoor,
      });
      if (stage.runTimeFlags) {
        const { serverErrors } = canary;
        this.function.connect(
          new RunTimeFlags(this, 'Flags', { stage, config, alarm: serverErrors }).connection,
        );
      }
    }
    if (stage.warmInstances) {
      new WarmInstances(this, 'WarmInstances', {
        function: this.function,
        alias: this.alias,
        limits: stage.warmInstances,
      });
    }
    if (stage.mutualTls) {
      new MutualTlsDomain(this, 'MutualTls', { settings: stage.mutualTls, frontDoor: this.frontDoor });
    }
  }

  private letSignForCdn(props: ServiceProps): CdnKeys {
    const { stage, data } = props;
    const keys = new CdnKeys(this, 'CdnKeys', props);
    const signing = [...data.cdnKeySecrets.values()].slice(0, 1);
    this.function.connect({ name: 'STOWAGE_CDN_KEY_PAIR_ID', value: keys.currentKeyPairId, grants: [] });
    this.function.connect(secretConnection('STOWAGE_CDN_KEY_SECRET_ARN', signing, data.encryptionKey));
    const domain = stage.edge?.domain;
    if (domain) {
      this.function.connect({ name: 'STOWAGE_CDN_ORIGIN', value: `https://${domain.name}`, grants: [] });
    }
    return keys;
  }
}
