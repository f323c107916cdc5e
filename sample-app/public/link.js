/** Snapshots come four times a second. */
const SILENT_MS = 3_000;
const RETRY_MS = 1_000;

/**
 * Listens to the gateway for good. A stream that has ended, or that says nothing, is opened again.
 * @param hear gets each snapshot, and whether it is the first of a stream.
 * @param changed hears whether snapshots come.
 */
export function listen(url, hear, changed) {
  let events;
  let heardAt = Date.now();
  const open = () => {
    events?.close();
    heardAt = Date.now();
    let isFirst = true;
    events = new EventSource(url);
    events.addEventListener('error', () => changed(false));
    // A browser that connects again by itself gets everything from the beginning, too.
    events.addEventListener('open', () => (isFirst = true));
    events.addEventListener('snapshot', ({ data }) => {
      heardAt = Date.now();
      hear(JSON.parse(data), isFirst);
      isFirst = false;
      changed(true);
    });
  };
  open();
  setInterval(() => {
    const isSilent = Date.now() - heardAt > SILENT_MS;
    if (isSilent) changed(false);
    // After some answers, such as a proxy's error, a browser does not try again.
    if (isSilent || events.readyState === EventSource.CLOSED) open();
  }, RETRY_MS);
}
