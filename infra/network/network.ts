import { Fn } from 'aws-cdk-lib';
import {
  CfnSecurityGroup,
  CfnSubnet,
  CfnSubnetRouteTableAssociation,
  CfnRouteTable,
  CfnVPC,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { StoredData } from '../data/stored-data.ts';
import type { Stage } from '../stages.ts';
import { addEndpoints } from './endpoints.ts';
import { FlowLog } from './flow-log.ts';

export interface NetworkProps {
  readonly stage: Stage;
  /** What can be reached from inside. */
  readonly data: StoredData;
}

const cidr = '10.73.0.0/16';
const availabilityZones = 2;

/**
 * Two subnets with no way to the internet: no gateway, no NAT. What the functions need of AWS they reach through
 * endpoints, and there only what is theirs. Of the resources themselves, since CDK's `Vpc` looks the zones up.
 */
export class Network extends Construct {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** Of the functions. */
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, { stage, data }: NetworkProps) {
    super(scope, id);
    const vpc = new CfnVPC(this, 'Vpc', {
      cidrBlock: cidr,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: [{ key: 'Name', value: `stowage-${stage.name}` }],
    });
    new FlowLog(this, 'FlowLog', { stage, vpcId: vpc.ref });

    const routes = new CfnRouteTable(this, 'Routes', { vpcId: vpc.ref });
    this.subnetIds = Array.from({ length: availabilityZones }, (_, index) => {
      const subnet = new CfnSubnet(this, `Subnet${index}`, {
        vpcId: vpc.ref,
        availabilityZone: Fn.select(index, Fn.getAzs()),
        cidrBlock: Fn.select(index, Fn.cidr(cidr, availabilityZones, '12')),
      });
      new CfnSubnetRouteTableAssociation(this, `Subnet${index}Routes`, {
        subnetId: subnet.ref,
        routeTableId: routes.ref,
      });
      return subnet.ref;
    });

    const functions = new CfnSecurityGroup(this, 'Functions', {
      vpcId: vpc.ref,
      groupDescription: `Stowage ${stage.name}: the functions`,
      // S3 and DynamoDB have public addresses, reached through their endpoints; past these there is no route.
      securityGroupEgress: [
        { ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIp: '0.0.0.0/0', description: 'HTTPS to AWS' },
      ],
    });
    const endpoints = new CfnSecurityGroup(this, 'Endpoints', {
      vpcId: vpc.ref,
      groupDescription: `Stowage ${stage.name}: the endpoints of AWS services`,
      securityGroupIngress: [
        {
          ipProtocol: 'tcp',
          fromPort: 443,
          toPort: 443,
          sourceSecurityGroupId: functions.attrGroupId,
          description: 'HTTPS from the functions',
        },
      ],
      // None: without a rule EC2 would let everything out.
      securityGroupEgress: [
        {
          ipProtocol: 'icmp',
          fromPort: 252,
          toPort: 86,
          cidrIp: '255.255.255.255/32',
          description: 'Nothing',
        },
      ],
    });
    this.securityGroupId = functions.attrGroupId;

    addEndpoints(this, {
      vpcId: vpc.ref,
      routeTableId: routes.ref,
      subnetIds: this.subnetIds,
      securityGroupId: endpoints.attrGroupId,
      data,
      flags: stage.runTimeFlags,
    });
    this.vpcId = vpc.ref;
  }
}
