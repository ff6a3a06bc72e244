import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import 'serfiq/capture';
import type {} from 'serfiq/react';
import type { Picture } from 'serfiq';

/** A thin wrapper is enough: React 19 sets properties and listens to custom events itself. */
function Selfie({ onPicture }: { onPicture: (picture: Picture) => void }) {
  const [hint, setHint] = useState('');
  return (
    <section>
      <serfiq-capture
        autoCapture
        autostart
        backend="cpu"
        data-purpose="passport"
        threshold={20}
        guide={{ yaw: { limit: 25, margin: 3 } }}
        messages={{ start: 'Take my passport picture' }}
        onserfiq-hint={({ detail }) => setHint(detail.text)}
        onserfiq-capture={({ detail }) => onPicture(detail)}
        onserfiq-error={({ detail }) => setHint(`${detail.code}: ${detail.message}`)}
      />
      <p>{hint}</p>
    </section>
  );
}

function App() {
  const [picture, setPicture] = useState<Picture | null>(null);
  const quality = picture?.report.faces[0]?.quality;
  return (
    <>
      <Selfie onPicture={setPicture} />
      {picture && <output>{JSON.stringify({ bytes: picture.blob.size, quality })}</output>}
    </>
  );
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
