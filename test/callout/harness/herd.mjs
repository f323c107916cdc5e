// Dials as many clients at once: node herd.mjs PORT CLIENTS. Tells its parent how many were admitted. They are processes of their own, so
// that they do not hold up the callout of the test.
import { connect } from 'node:net';

const [port, clients] = process.argv.slice(2).map(Number);
const admissions = await Promise.all(Array.from({ length: clients }, (_, i) => dial(`client-${i}`)));
process.send({ admitted: admissions.filter(Boolean).length });
process.disconnect();

function dial(user) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let said = '';
    const end = (admitted) => {
      socket.destroy();
      resolve(admitted);
    };
    socket.on('data', (chunk) => {
      if (said === '')
        socket.write(`CONNECT ${JSON.stringify({ verbose: false, user, pass: 'wonderland' })}\r\nPING\r\n`);
      said += chunk.toString('latin1');
      if (said.includes('PONG\r\n')) end(true);
      else if (said.includes('-ERR')) end(false);
    });
    socket.on('close', () => end(false));
    socket.on('error', () => end(false));
  });
}
