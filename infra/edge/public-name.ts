import { CfnCertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { Domain } from '../stages.ts';

/** The zone of every distribution there is. */
const cloudFrontZoneId = 'Z2FDTNDATAQYW2';

/** A name of ours for a distribution, with a certificate that renews itself. */
export class PublicName extends Construct {
  readonly certificateArn: string;
  private readonly domain: Domain;

  constructor(scope: Construct, id: string, domain: Domain) {
    super(scope, id);
    this.domain = domain;
    const certificate = new CfnCertificate(this, 'Certificate', {
      domainName: domain.name,
      validationMethod: 'DNS',
      domainValidationOptions: [{ domainName: domain.name, hostedZoneId: domain.hostedZoneId }],
    });
    this.certificateArn = certificate.ref;
  }

  leadTo(distributionDomainName: string): void {
    const { name, hostedZoneId } = this.domain;
    for (const type of ['A', 'AAAA']) {
      new CfnRecordSet(this, type, {
        hostedZoneId,
        name,
        type,
        aliasTarget: { dnsName: distributionDomainName, hostedZoneId: cloudFrontZoneId },
      });
    }
    new CfnRecordSet(this, 'HTTPS', {
      hostedZoneId,
      name,
      type: 'HTTPS',
      aliasTarget: { dnsName: distributionDomainName, hostedZoneId: cloudFrontZoneId },
    });
  }
}
