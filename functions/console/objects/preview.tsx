import type { StowageClient } from '../../../lib/client/client.ts';
import type { ObjectDetails } from '../../../lib/client/contract.ts';
import { useSession } from '../session/session.ts';
import { useAnswer } from '../ui/use-answer.ts';

/** Enough to recognise a text by. */
const previewBytes = 16_384;

const textTypes = /^(text\/|application\/(.+\+)?(json|xml|yaml|javascript|toml|sql)\b)/;

/** The object itself, where a browser can show its kind; nothing where it can't. */
export function Preview({ object, name }: { readonly object: ObjectDetails; readonly name: string }) {
  const { bucket, key, contentType, sizeBytes } = object;
  if (sizeBytes === 0) return null;
  if (textTypes.test(contentType)) return <TextPreview object={object} />;
  const [kind] = contentType.split('/', 1);
  if (kind === 'image' || kind === 'video' || kind === 'audio') {
    return <MediaPreview bucket={bucket} objectKey={key} kind={kind} name={name} />;
  }
  return null;
}

interface MediaPreviewProps {
  readonly bucket: string;
  readonly objectKey: string;
  readonly kind: 'image' | 'video' | 'audio';
  readonly name: string;
}

function MediaPreview({ bucket, objectKey, kind, name }: MediaPreviewProps) {
  const { client } = useSession();
  const { value } = useAnswer(
    (signal) => client.share({ bucket, key: objectKey, disposition: 'inline' }, { signal }),
    [bucket, objectKey],
  );
  const url = value?.url;
  return (
    <div class="preview">
      {kind === 'image' && <img src={url} alt={`Preview of ${name}`} />}
      {kind === 'video' && <video src={url} controls preload="metadata" aria-label={`Preview of ${name}`} />}
      {kind === 'audio' && <audio src={url} controls preload="metadata" aria-label={`Preview of ${name}`} />}
    </div>
  );
}

function TextPreview({ object }: { readonly object: ObjectDetails }) {
  const { client } = useSession();
  const { value } = useAnswer((signal) => readStart(client, object, signal), [object]);
  return (
    <pre class="preview" tabIndex={0} aria-label="Beginning of the text">
      {value}
    </pre>
  );
}

async function readStart(
  client: StowageClient,
  { bucket, key, etag, sizeBytes }: ObjectDetails,
  signal: AbortSignal,
): Promise<string> {
  const decoder = new TextDecoder();
  const range = { start: 0, end: Math.min(sizeBytes, previewBytes) };
  let text = '';
  for await (const bytes of client.download({ bucket, key, etag }).read(range, signal)) {
    text += decoder.decode(bytes, { stream: true });
  }
  return sizeBytes > previewBytes ? `${text}…` : text;
}
