"use strict";
const tests = [...document.querySelectorAll("li.test")];
const search = document.querySelector("#search input");
function show() {
	const part = search.value.toLowerCase();
	let n = 0;
	for (const test of tests) {
		test.hidden = !test.querySelector(".name").textContent.toLowerCase().includes(part);
		if (getComputedStyle(test).display !== "none") n++;
	}
	for (const file of document.querySelectorAll("section.file")) {
		const any = [...file.querySelectorAll("li.test")].some((test) => getComputedStyle(test).display !== "none");
		file.hidden = !any;
	}
	document.querySelector("#shown").value = n === tests.length ? "" : n + " of " + tests.length + " shown";
}
document.querySelector("#search").hidden = false;
document.querySelector("form").addEventListener("input", show);
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
for (const button of document.querySelectorAll(".again button")) {
	if (!navigator.clipboard) break;
	button.hidden = false;
	button.addEventListener("click", async () => {
		await navigator.clipboard.writeText(button.previousElementSibling.textContent);
		button.textContent = "copied";
	});
}
