// The mail server of a fresh machine: takes every mail, and writes its recipient into a line of a file.
import { appendFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

const [file = ''] = process.argv.slice(2);
appendFileSync(file, '');
new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  onData(stream, { envelope }, done) {
    stream.resume();
    stream.once('end', () => {
      appendFileSync(file, envelope.rcptTo.map(({ address }) => `${address}\n`).join(''));
      done();
    });
  },
}).listen(25, '127.0.0.1');
