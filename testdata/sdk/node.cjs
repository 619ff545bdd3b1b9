// Drives the JavaScript SDK in Node for one user, by the same lines of JSON as browser.mjs.
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { createInterface } = require('node:readline');

const from = createRequire(process.env.OPENIM_SDK_DIR + '/');
const WebSocket = from('ws');

// The SDK reads frames as a browser hands them out.
globalThis.WebSocket = class extends WebSocket {
	constructor(...args) {
		super(...args);
		this.binaryType = 'arraybuffer';
	}
};
const plain = (key, value) => (typeof value === 'bigint' ? String(value) : value);
const say = (line) => process.stdout.write(JSON.stringify(line, plain) + '\n');
console.log = console.info = console.debug = () => {}; // standard output is for the lines

// A call in the SDK's background that fails rejects a promise that nobody holds.
process.on('unhandledRejection', (error) => console.error('unhandled:', error));

// drive uses the package's build of modules. Its others, compiled for old engines, spread an iterator by [].concat, so
// that pulling what was missed fails in them.
async function drive() {
	const file = join(dirname(from.resolve('@openim/client-sdk')), 'index.modern.mjs');
	const { getSDK, CbEvents } = await import(file);
	const sdk = getSDK();
	let user = '';
	for (const name of new Set(Object.values(CbEvents))) {
		sdk.on(name, ({ data, errCode }) => say({ user, event: name, data, errCode }));
	}
	const run = async ({ id, user: who, call, args }) => {
		user = who;
		try {
			say({ id, ok: call === 'open' ? null : await sdk[call](...args) });
		} catch (error) {
			say({ id, failed: error instanceof Error ? String(error.stack) : error });
		}
	};
	createInterface({ input: process.stdin }).on('line', (line) => void run(JSON.parse(line))).on('close', () => process.exit());
}

void drive();
