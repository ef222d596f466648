import { CfnApiMapping, CfnDomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnCertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { MutualTlsSettings } from '../stages.ts';
import type { FrontDoor } from './front-door.ts';

/**
 * A domain right before the API that takes nobody without a certificate of a trusted authority. Who comes by it needs no
 * word from CloudFront: the function sees the certificate.
 */
export class MutualTlsDomain extends Construct {
  constructor(
    scope: Construct,
    id: string,
    {
      settings: { domain, truststore },
      frontDoor,
    }: { readonly settings: MutualTlsSettings; readonly frontDoor: FrontDoor },
  ) {
    super(scope, id);
    const certificate = new CfnCertificate(this, 'Certificate', {
      domainName: domain.name,
      validationMethod: 'DNS',
      domainValidationOptions: [{ domainName: domain.name, hostedZoneId: domain.hostedZoneId }],
    });
    const name = new CfnDomainName(this, 'Name', {
      domainName: domain.name,
      domainNameConfigurations: [
        { certificateArn: certificate.ref, endpointType: 'REGIONAL', securityPolicy: 'TLS_1_2' },
      ],
      mutualTlsAuthentication: { truststoreUri: truststore },
    });
    new CfnApiMapping(this, 'Mapping', {
      apiId: frontDoor.apiId,
      stage: frontDoor.apiStage,
      domainName: name.ref,
    });
    for (const type of ['A', 'AAAA']) {
      new CfnRecordSet(this, type, {
        hostedZoneId: domain.hostedZoneId,
        name: domain.name,
        type,
        aliasTarget: {
          dnsName: name.attrRegionalDomainName,
          hostedZoneId: name.attrRegionalHostedZoneId,
        },
      });
    }
  }
}
