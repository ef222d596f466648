import { render } from 'preact';
import { Docs } from './docs.tsx';

render(<Docs />, document.body);
