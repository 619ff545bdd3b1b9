// Package load makes load with scripts: it decides when virtual users (VUs) iterate, measures what they do, judges
// thresholds and writes reports. Each VU is a Lua VM of its own; the package knows what a script declares with the library
// scenario, and nothing about any one area.
package load
