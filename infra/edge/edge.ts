import { Stack } from 'aws-cdk-lib';
import { CfnDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import { signInOrigins } from '../../lib/config/access.ts';
import type { Config } from '../../lib/config/schema.ts';
import type { Service } from '../api/service.ts';
import type { StoredData } from '../data/stored-data.ts';
import type { EdgeSettings, Stage } from '../stages.ts';
import { apiBehaviors, consoleBehavior } from './behaviors.ts';
import { ConsoleBucket } from './console-bucket.ts';
import { EdgeLogs } from './edge-logs.ts';
import { Firewall } from './firewall.ts';
import { ObjectRoutes } from './object-routes.ts';
import { apiOrigin, bucketOrigin, originAccessControl } from './origins.ts';
import { consolePaths, viewerHost } from './request-functions.ts';
import { PublicName } from './public-name.ts';
import { apiHeaders, consoleHeaders } from './response-headers.ts';

export interface EdgeProps {
  readonly stage: Stage;
  readonly settings: EdgeSettings;
  readonly config: Config;
  readonly data: StoredData;
  readonly service: Service;
}

/**
 * One address for all: CloudFront before the API (`/v1/*`), before the buckets with a `cdn` (`/o/BUCKET/*`, by signed
 * addresses and cookies), and before the console.
 */
export class Edge extends Construct {
  readonly distributionId: string;
  readonly url: string;
  readonly firewall?: Firewall;

  constructor(scope: Construct, id: string, { stage, settings, config, data, service }: EdgeProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const { domain } = settings;
    const accessControl = originAccessControl(this, stage);
    const console = new ConsoleBucket(this, 'Console', { stage, config });
    const objects = new ObjectRoutes(this, 'Objects', { stage, config, data, service, accessControl });
    const storageOrigins = [...data.buckets].map(
      ([name, bucket]) => `https://${objects.domainNameOf(name, bucket)}`,
    );
    if (settings.firewall) {
      this.firewall = new Firewall(this, 'Firewall', { stage, ...settings.firewall });
    }
    const publicName = domain && new PublicName(this, 'Domain', domain);

    const distribution = new CfnDistribution(this, 'Distribution', {
      distributionConfig: {
        comment: `Stowage ${stage.name}`,
        enabled: true,
        httpVersion: 'http2and3',
        ipv6Enabled: true,
        defaultRootObject: 'index.html',
        origins: [
          apiOrigin(stack, Stack.of(service), service.frontDoor, data.originSecrets),
          bucketOrigin('console', console.domainName, accessControl),
          ...objects.origins,
        ],
        ...(objects.originGroups.length > 0 && {
          originGroups: { quantity: objects.originGroups.length, items: [...objects.originGroups] },
        }),
        cacheBehaviors: [
          ...apiBehaviors(apiHeaders(this, stage), viewerHost(this, stage)),
          ...objects.behaviors,
        ],
        defaultCacheBehavior: consoleBehavior(
          'console',
          consoleHeaders(this, stage, storageOrigins, signInOrigins(config.access.issuers)),
          consolePaths(this, stage),
        ),
        ...(publicName &&
          domain && {
            aliases: [domain.name],
            viewerCertificate: {
              acmCertificateArn: publicName.certificateArn,
              sslSupportMethod: 'sni-only',
              minimumProtocolVersion: 'TLSv1.2_2021',
            },
          }),
        ...(this.firewall && { webAclId: this.firewall.arn }),
      },
    });
    publicName?.leadTo(distribution.attrDomainName);
    new EdgeLogs(this, 'Logs', { stage, distributionId: distribution.ref });

    this.distributionId = distribution.ref;
    this.url = `https://${domain?.name ?? distribution.attrDomainName}`;
  }
}
