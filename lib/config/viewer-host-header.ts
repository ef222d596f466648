/** In which CloudFront tells the API by what name the caller reached it; the `Host` is the API's own by then. */
export const viewerHostHeader = 'x-stowage-viewer-host';
