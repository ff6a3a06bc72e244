/** Takes a portrait, scores it on the server, and refuses it with the reasons if it is not good enough. */

import express from 'express';
import multer from 'multer';
import { SerfiqError, createEngine } from 'serfiq/node';

/** The server decides, and ignores whatever the page said about the picture. */
const GUIDE = { score: { limit: 60, margin: 0 } };
const MAX_BYTES = 10_000_000;

const engine = await createEngine();
const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: MAX_BYTES, files: 1 } });
const app = express();

/** For a form, such as one with `<serfiq-capture name="portrait">`. */
app.post('/portraits', upload.single('portrait'), async (request, response) => {
  if (!request.file) return response.status(400).json({ error: "There is no file; expected one in the field 'portrait'." });
  const { accepted, issues, faces, threshold, model, model_sha256 } = await engine.score(request.file.buffer, { guide: GUIDE });
  // 422: the request is right, but its picture is not good enough. Keep the picture here, if it is.
  response.status(accepted ? 201 : 422).json({ accepted, issues, quality: faces[0]?.quality ?? null, threshold, model, model_sha256 });
});

/** Answers the sender’s errors; Express answers all others with 500. */
app.use((error, _request, response, next) => {
  if (error instanceof multer.MulterError) return response.status(error.code === 'LIMIT_FILE_SIZE' ? 413 : 400).json({ error: error.message });
  const isOfPicture = error instanceof SerfiqError && error.code === 'unreadable-image';
  if (!isOfPicture) return next(error);
  response.status(415).json({ accepted: false, error: error.message, reason: error.reason });
});

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}/portraits`));
