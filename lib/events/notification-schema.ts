import * as v from 'valibot';

/** What storage sends; `parse.ts` knows its shapes. */
export const notificationCommand = v.looseObject({
  Records: v.optional(
    v.pipe(
      v.array(v.looseObject({})),
      v.description(
        'Changes in the shape of S3 notifications, as Ceph RGW and MinIO send them. An event of EventBridge has none.',
      ),
    ),
  ),
});

export type NotificationCommand = v.InferOutput<typeof notificationCommand>;
