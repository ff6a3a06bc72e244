/** The page's first module: loads the words, then the page. No module awaits at its top level, which Safari does not always wait for. */

import { loadWords } from './words.js';

loadWords().then(() => import('./app.js'));
