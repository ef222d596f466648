import type { Finding } from './finding.ts';

/** A finding that stands, and why. */
export interface Acknowledgement {
  readonly rule: RegExp;
  /** Where it may stand: of `Stowage-<stage>-Api/ApiRole…`, from the name of the stack on. */
  readonly at: RegExp;
  /** What it may say. Default: anything. */
  readonly message?: RegExp;
  readonly reason: string;
}

/**
 * All that the checks find and that stays as it is. What no check finds any more must go from here, too; how many
 * there are is told at every run.
 */
export const acknowledgements: readonly Acknowledgement[] = [
  // Permissions
  {
    rule: /^no role is allowed every resource$/,
    at: /-(?:Api\/(?:Api|CdnKeysMaker)|Edge\/ConsolePublisher|Events\/\w+)Role/,
    message: /^allows xray:Put(?:TelemetryRecords|TraceSegments) on/,
    reason: 'X-Ray knows no resources: IAM takes nothing but "*" for it.',
  },
  {
    rule: /^no role is allowed every resource$/,
    at: /-(?:Api\/Api|Events\/\w+)Role/,
    message: /^allows ec2:(?:Assign|Unassign|Create|Delete|Describe)\w+ on/,
    reason:
      'Lambda makes the interfaces to a network, which have no names beforehand. A second statement takes the same from the code.',
  },
  {
    rule: /^no role is allowed every resource$/,
    at: /-Api\/(?:Canary|Flags)Role/,
    message: /^allows cloudwatch:DescribeAlarms on/,
    reason: 'CodeDeploy and AppConfig describe alarms by their names, all or none.',
  },
  {
    rule: /^no role is allowed every resource$/,
    at: /-Data\/ReplicationRole/,
    message: /^allows kms:(?:Encrypt|GenerateDataKey) on/,
    reason: 'The id of a key in another region is not known; a condition asks for its alias, which is.',
  },
  {
    rule: /^no role is allowed every resource$/,
    at: /-Data\/BackupsRole/,
    message: /^allows (?:events:\w+|cloudwatch:GetMetricData) on/,
    reason: 'AWS Backup names its rules itself; to list them, and to read metrics, knows no resources.',
  },
  {
    rule: /^no role is allowed every resource$/,
    at: /-Events\/MalwareProtectionRole/,
    message: /^allows events:\w+ on/,
    reason: 'GuardDuty names its rules itself, all of them with one beginning.',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::/,
    at: /Role/,
    reason:
      'As above, and the objects of a bucket, which have to be written with a wildcard. Our own check looks at each action.',
  },
  {
    rule: /^what is allowed is called$/,
    at: /-Api\/CanaryRole/,
    message: /\blambda:/,
    reason: 'Of the function and its alias, AWS does not document which one CodeDeploy names in each call.',
  },
  {
    rule: /^what no role may do$/,
    at: /-Data\/BackupsRole/,
    message: /^kms:Decrypt on/,
    reason: 'AWS Backup decrypts in its own name what it writes to its vault, which has this key.',
  },
  {
    rule: /^kms_create_grant_aws_service_check$/,
    at: /-(?:Data|Replica|Edge|Ops)\/(?:EncryptionKey|TopicKey|$)/,
    reason: 'The key policies leave grants to IAM, and no role of ours is allowed to make one.',
  },
  {
    rule: /^lambda_function_public_access_prohibited_check$/,
    at: /-(?:Api\/FrontDoor|Events\/MayRotate)/,
    reason:
      'The rule wants SourceAccount and nothing beside it; SourceArn, which names who may call, is narrower.',
  },
  {
    rule: /^AwsSolutions-APIG4$|^api_gw_v2_authorization_type_configured_check$/,
    at: /-Api\/FrontDoor/,
    reason: 'The function authenticates every request itself: API keys and delegated tokens are no JWTs.',
  },

  // Secrets and keys
  {
    rule: /^AwsSolutions-SMG4$/,
    at: /-Data\/(?:SigningSecret|RootKey|OriginSecret|CdnKey)/,
    reason:
      'A function that rotates the signing secret is part of the events; the others change by generation.',
  },
  {
    rule: /^what holds data outlives its stack$/,
    at: /-(?:Edge|Ops)\/TopicKey/,
    reason: 'It encrypts alarms on their way, and nothing that stays.',
  },

  // Buckets
  {
    rule: /^s3_bucket_(?:default_encryption_kms|versioning_enabled|logging_enabled)_check$|^AwsSolutions-S1$/,
    at: /\/(?:AccessLogs|LogsBucket)/,
    reason:
      'Logs are delivered to no bucket with a KMS key; they are written once, by AWS alone, and a log of the log would never end.',
  },
  {
    rule: /^s3_bucket_(?:default_encryption_kms|logging_enabled)_check$|^AwsSolutions-S1$|^accesses to objects are logged$/,
    at: /-Edge\/ConsoleBucket/,
    reason: 'It holds the built console, which everybody may see; CloudFront logs who does.',
  },
  {
    rule: /^s3_event_notifications_enabled_check$/,
    at: /\/(?:AccessLogs|LogsBucket|ConsoleBucket)|-Replica\/Buckets/,
    reason: 'Nobody waits for events of logs, of the console and of copies.',
  },
  {
    rule: /^s3_bucket_versioning_enabled_check$/,
    at: /-Data\/Buckets/,
    reason: 'stowage.json says of each bucket whether it keeps versions.',
  },
  {
    rule: /^s3_bucket_object_lock_enabled_check$/,
    at: /\/(?:AccessLogs|LogsBucket|ConsoleBucket|Buckets)/,
    reason: 'Callers may delete their objects; the replica is what is locked.',
  },

  // Functions and their logs
  {
    rule: /^Serverless-LambdaDLQ$/,
    at: /-(?:Api\/(?:Api|CdnKeysMaker)|Edge\/ConsolePublisher|Events\/RotateSecret)/,
    reason: 'Its caller waits for the answer: there is no queue of events that could be lost.',
  },
  {
    rule: /^Serverless-(?:LambdaDLQ|EventBusDLQ)$/,
    at: /-Events\/Maintenance/,
    reason: 'The next run does what this one did not; an alarm rings when a task has not ended for a day.',
  },
  {
    rule: /^Serverless-LambdaDLQ$/,
    at: /-Events\/(?:CdnInvalidation|ObjectEvents|OwnFunction|WebhookDelivery)/,
    reason: 'It works on a queue: what it cannot do is set aside among the dead letters of that.',
  },
  {
    rule: /^Serverless-LambdaEventSourceMappingDestination$/,
    at: /-Events\/\w+Source/,
    reason: 'For a queue Lambda knows no such destination; the dead letters are that.',
  },
  {
    rule: /^Serverless-SQSRedrivePolicy$|^sqs_dlq_check$/,
    at: /-(?:Data|Events)\/\w+DeadLetters/,
    reason: 'These are the dead letters themselves; an alarm calls a person to them.',
  },
  {
    rule: /^lambda_inside_vpc_check$/,
    at: /-(?:Api\/(?:Api|CdnKeysMaker)|Edge\/ConsolePublisher|Events\/\w+)/,
    reason:
      'Everything that it reaches has a public endpoint and asks for a signature; prod has the API in a network.',
  },
  {
    rule: /^cloudwatch_log_group_retention_period_check$/,
    at: /Stowage-(?:dev|staging)-/,
    reason: 'The rule wants a year. prod keeps one; what the other stages log is of no use after a month.',
  },
  {
    rule: /^cloudwatch_log_group_encrypted_check$/,
    at: /Logs/,
    reason:
      'CloudWatch encrypts them with a key of its own. They hold no secrets, queries and bodies left out.',
  },
  {
    rule: /^W3005$/,
    at: /-(?:Api\/(?:Api|CdnKeysMaker)|Edge\/ConsolePublisher|Events\/\w+)/,
    reason: 'CDK says twice that a function waits for its role; it does no harm.',
  },

  // The edge and the alarms
  {
    rule: /^AwsSolutions-CFR1$/,
    at: /-Edge\/Distribution/,
    reason: 'The service is for callers in every country.',
  },
  {
    rule: /^AwsSolutions-CFR2$/,
    at: /Stowage-staging-Edge\/Distribution/,
    reason: 'A firewall costs by the month; prod has one.',
  },
  {
    rule: /^AwsSolutions-CFR3$|^cloudfront_access_logs_enabled_check$/,
    at: /-Edge\/Distribution/,
    reason:
      'The rule looks for the old logs. This distribution delivers the new ones, which leave queries out.',
  },
  {
    rule: /^AwsSolutions-CFR4$|^cloudfront_(?:custom_ssl_certificate|sni_enabled|security_policy)_check$/,
    at: /Stowage-staging-Edge\/Distribution/,
    reason:
      "Without a domain of its own it has CloudFront's certificate, and its settings. prod has a domain.",
  },
  {
    rule: /^cloudfront_origin_failover_enabled_check$/,
    at: /-Edge\/Distribution/,
    reason: 'Only the buckets that have a copy can fail over, and those that CloudFront serves do.',
  },
  {
    rule: /^cloudwatch_alarm_action_check$/,
    at: /-Api\/Canary/,
    reason:
      'CodeDeploy watches them and takes the new version back. That somebody hears each alarm, our own check holds.',
  },
  {
    rule: /^Serverless-SNSRedrivePolicy$/,
    at: /-(?:Edge|Ops)\/Topic/,
    reason: 'A mail that cannot be delivered is not brought back by a queue.',
  },
];

/** What is left when the acknowledged findings are taken away. */
export function unacknowledged(findings: readonly Finding[]): Finding[] {
  return findings.filter((finding) => !acknowledgements.some((one) => covers(one, finding)));
}

/** Acknowledgements of what nothing finds any more. */
export function superfluous(findings: readonly Finding[]): Acknowledgement[] {
  return acknowledgements.filter((one) => !findings.some((finding) => covers(one, finding)));
}

export function covers({ rule, at, message }: Acknowledgement, finding: Finding): boolean {
  return rule.test(finding.rule) && at.test(finding.at) && (message?.test(finding.message) ?? true);
}
