/** The page's first module: loads the words, then the page. No module has a top-level `await`: Safari does not always wait for it. */

import { loadWords } from './words.js';

loadWords().then(() => import('./app.js'));
