/** What CloudFront puts its secret into on the way to the API. */
export const originHeader = 'x-stowage-origin';
