// Drives an SDK in headless Chromium: the page of $PAGE, once in a context of its own for each user.
// Commands come as lines of JSON on standard input, {id, user, call, args}; answers and events go out as lines on
// standard output, {id, ok}, {id, failed} and {user, event, data, errCode}. It ends when standard input does.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { chromium } = createRequire(process.env.OPENIM_SDK_DIR + '/')('playwright-core');
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM,
	args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
		'--disable-component-update', '--disable-sync'],
});
const pages = new Map();

// open gives a user a page, with an empty store.
async function open(user) {
	const page = await (await browser.newContext()).newPage();
	page.on('pageerror', (error) => console.error(`${user}: ${error}`));
	await page.exposeFunction('heard', (event, data, errCode) => say({ user, event, data, errCode }));
	await page.goto(process.env.PAGE);
	await page.waitForFunction(() => window.sdk);
	pages.set(user, page);
}

// invoke calls a method of the SDK. What it rejects with is an object, which would not come through as an error.
function invoke(page, name, args) {
	return page.evaluate(async ([name, args]) => {
		try {
			return { ok: await window.sdk[name](...args) };
		} catch (error) {
			return { failed: error instanceof Error ? String(error) : error };
		}
	}, [name, args]);
}

async function run({ id, user, call, args }) {
	try {
		if (call === 'open') {
			await open(user);
			say({ id, ok: null });
		} else {
			say({ id, ...await invoke(pages.get(user), call, args) });
		}
	} catch (error) {
		say({ id, failed: String(error) });
	}
}

for await (const line of createInterface({ input: process.stdin })) void run(JSON.parse(line));
await browser.close();
